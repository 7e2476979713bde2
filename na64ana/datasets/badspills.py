"""The bad spills of a manifest: which they are, and the exposure that goes with them."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise

from na64ana.datasets.model import BadSpill, Dataset, SpillId
from na64ana.datasets.numbers import Room, whole
from na64ana.datasets.ranges import LARGEST, format_ranges
from na64ana.datasets.spec import BadSpillSpec, ManifestSpec
from na64ana.datasets.spills import read_bad_spills
from na64ana.errors import DatasetError
from na64ana.yamltext import Document

__all__ = ["bad_spills"]

Placed = tuple[str, BadSpill]


def bad_spills(
    spec: ManifestSpec, dataset: Dataset, document: Document, room: Room
) -> tuple[BadSpill, ...]:
    """Return the bad spills of a manifest, sorted.

    Raises
    ------
    DatasetError
        One is in no file and no table, is bad twice, or is a range of events without its
        exposure: the number of entries says nothing of it.
    """
    placed = [*_written(spec.bad_spills, document, room)]
    if spec.bad_spill_table is not None:
        folder = os.path.dirname(dataset.path)  # noqa: PTH120
        placed += read_bad_spills(os.path.join(folder, spec.bad_spill_table))  # noqa: PTH118
    known = dataset.files_of.keys() | dataset.exposure.keys()
    by_spill: dict[SpillId, list[Placed]] = defaultdict(list)
    for where, bad in placed:
        if (bad.run, bad.spill) not in known:
            msg = f"{where}: {_words(bad)} is in no file and no exposure of the manifest"
            raise DatasetError(f"{msg}{_held(bad.run, known)}")
        _check(bad, where, dataset)
        by_spill[bad.run, bad.spill].append((where, bad))
    for group in by_spill.values():
        _check_together(group, dataset)
    return tuple(sorted((bad for _, bad in placed), key=lambda b: (b.run, b.spill, b.events or ())))


def _written(specs: Iterable[BadSpillSpec], document: Document, room: Room) -> Iterator[Placed]:
    for i, item in enumerate(specs):
        where = document.where("bad_spills", i)
        run = whole(item.run, "run", where)
        spills = sorted(room.numbers(item.spill, run, where))
        events = None
        if item.events is not None:
            if len(item.events) != 2:
                msg = f"{where}: events are [first, last], both included"
                raise DatasetError(msg)
            first, last = (whole(event, "an event number", where) for event in item.events)
            events = first, last
        if len(spills) > 1 and (events is not None or item.exposure is not None):
            msg = f"{where}: a range of events or an exposure is of one spill, not of {len(spills)}"
            raise DatasetError(msg)
        amount = item.exposure
        exposure = None if amount is None else whole(amount, "exposure", where)
        yield from ((where, BadSpill(run, n, item.reason, events, exposure)) for n in spills)


def _check(bad: BadSpill, where: str, dataset: Dataset) -> None:
    if bad.events is None and bad.exposure is not None:
        msg = f"{where}: {_words(bad)} is bad as a whole, with its own exposure; give none here"
        raise DatasetError(msg)
    if bad.events is None:
        return
    if bad.events[1] < bad.events[0] or bad.events[1] > LARGEST:
        msg = f"{where}: events {bad.events[0]} to {bad.events[1]} is no range"
        raise DatasetError(msg)
    if dataset.exposure and bad.exposure is None:
        msg = (
            f"{where}: 'exposure' is missing: how many {dataset.unit} belong to events "
            f"{bad.events[0]} to {bad.events[1]} of {_words(bad)}? The number of events does not "
            "say it; take it from the scalers, or declare the whole spill bad"
        )
        raise DatasetError(msg)
    if not dataset.exposure and bad.exposure is not None:
        msg = f"{where}: the manifest gives no exposure, so none can be taken from {_words(bad)}"
        raise DatasetError(msg)


def _check_together(group: list[Placed], dataset: Dataset) -> None:
    """Bad ranges of one spill do not overlap, and have no more exposure than the spill."""
    group = sorted(group, key=lambda placed: placed[1].events or (-1, LARGEST))
    for (_, one), (where, other) in pairwise(group):
        if one.events is None or other.events is None:
            msg = f"{where}: {_words(other)} is in the list already, as a whole"
            raise DatasetError(msg)
        if other.events[0] <= one.events[1]:
            msg = (
                f"{where}: {_words(other)}: events {other.events[0]} to {other.events[1]} overlap "
                f"the bad events {one.events[0]} to {one.events[1]}"
            )
            raise DatasetError(msg)
    where, bad = group[-1]
    taken = sum(item.exposure or 0 for _, item in group)
    has = dataset.exposure.get((bad.run, bad.spill), 0)
    if taken > has:
        msg = f"{where}: {taken} {dataset.unit} of {_words(bad)} are bad, but it has only {has}"
        raise DatasetError(msg)


def _held(run: int, known: Iterable[SpillId]) -> str:
    ranges = format_ranges(spill for other, spill in known if other == run)
    if not ranges:
        runs = format_ranges({other for other, _ in known})
        return f" (its runs: {', '.join(runs[:5])}{', ...' if len(runs) > 5 else ''})"
    shown = ", ".join(ranges[:5]) + (", ..." if len(ranges) > 5 else "")
    return f" (run {run} has spills {shown})"


def _words(bad: BadSpill) -> str:
    return f"spill {bad.spill} of run {bad.run}"
