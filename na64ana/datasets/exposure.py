"""Recorded exposure by spill: from a table, as written, or a run's total shared out."""

from __future__ import annotations

import os
from collections.abc import Iterator

from na64ana.datasets.model import DatasetFile, SpillId
from na64ana.datasets.numbers import Room, number, whole
from na64ana.datasets.ranges import format_ranges, spills_by_run
from na64ana.datasets.spec import ExposureSpec
from na64ana.datasets.spills import SpillTable, apportion, read_spill_table
from na64ana.errors import DatasetError, printable
from na64ana.yamltext import Document

__all__ = ["recorded"]


def recorded(
    spec: ExposureSpec | None,
    files: tuple[DatasetFile, ...],
    document: Document,
    manifest: str,
    room: Room,
) -> tuple[dict[SpillId, int], frozenset[SpillId]]:
    """Return the exposure of every spill, and the spills for which it is a share of a total.

    Both are empty where the manifest gives no exposure at all.

    Raises
    ------
    DatasetError
        A spill of a file has no exposure, or one has it twice.
    """
    if spec is None:
        return {}, frozenset()
    table = SpillTable()
    if spec.table is not None:
        path = os.path.join(os.path.dirname(manifest), spec.table)  # noqa: PTH118, PTH120
        table = read_spill_table(path, spec.tree)
    elif spec.tree is not None:
        msg = f"{document.where('exposure', 'tree')}: 'tree' is of a table; give table: FILE.root"
        raise DatasetError(msg)
    elif not spec.runs and not spec.spills:
        msg = f"{document.where('exposure')}: exposure needs 'table', 'runs' or 'spills'"
        raise DatasetError(msg)
    exposure = dict(table.exposure)
    for where, spill, amount in _written(spec, document):
        if spill in exposure:
            msg = f"{where}: spill {spill[1]} of run {spill[0]} has its exposure already"
            raise DatasetError(msg)
        exposure[spill] = amount
    marked = room.spills(spec.apportioned, document, "exposure", "apportioned")
    for run, spills in spills_by_run(marked - exposure.keys()).items():
        where = document.where("exposure", "apportioned", str(run))
        msg = f"{where}: {_words(run, spills)} has no exposure that could be apportioned"
        raise DatasetError(msg)
    shares = _shares(spec, table, exposure, files, document)
    exposure |= shares
    _need_all(exposure, table, files, document)
    return exposure, marked | shares.keys()


def _written(spec: ExposureSpec, document: Document) -> Iterator[tuple[str, SpillId, int]]:
    for run_key, spills in spec.spills.items():
        run = number(run_key, "run", document.where("exposure", "spills", run_key))
        for key, value in spills.items():
            where = document.where("exposure", "spills", run_key, key)
            spill = number(key, "spill", where)
            yield where, (run, spill), whole(value, f"exposure of run {run}, spill {spill}", where)


def _shares(
    spec: ExposureSpec,
    table: SpillTable,
    exposure: dict[SpillId, int],
    files: tuple[DatasetFile, ...],
    document: Document,
) -> dict[SpillId, int]:
    """Share the totals of runs over their spills: those of the table, else those of the files."""
    held = spills_by_run({spill for file in files for spill in file.spills})
    listed = spills_by_run(table.weights)
    measured = spills_by_run(exposure)
    found: dict[SpillId, int] = {}
    for key, value in spec.runs.items():
        where = document.where("exposure", "runs", key)
        run = number(key, "run", where)
        total = whole(value, f"exposure of run {run}", where)
        if run in measured:
            msg = f"{where}: run {run} has a total and {_words(run, measured[run])} with its own"
            raise DatasetError(msg)
        spills = listed.get(run) or held.get(run)
        if not spills:
            msg = (
                f"{where}: no file has spills of run {run}, so its total cannot be shared; add "
                "its files, list its spills in a table, or take the total out"
            )
            raise DatasetError(msg)
        weights = {spill: table.weights[run, spill] for spill in listed.get(run, [])}
        try:
            parts = apportion(total, spills, weights or None)
        except DatasetError as error:
            msg = f"{where}: run {run}: {error}"
            raise DatasetError(msg) from None
        found |= {(run, spill): amount for spill, amount in parts.items()}
        measured[run] = spills
    return found


def _need_all(
    exposure: dict[SpillId, int],
    table: SpillTable,
    files: tuple[DatasetFile, ...],
    document: Document,
) -> None:
    """Every spill with events, and every spill that is listed, has an exposure."""
    for run, spills in spills_by_run(table.weights.keys() - exposure.keys()).items():
        msg = (
            f"{document.where('exposure')}: the table lists {_words(run, spills)} without an "
            "exposure, and 'runs' has no total of this run"
        )
        raise DatasetError(msg)
    for i, file in enumerate(files):
        # one by one: the difference of the sets would walk through all exposures for each file
        missing = spills_by_run(spill for spill in file.spills if spill not in exposure)
        if missing:
            run, spills = next(iter(missing.items()))
            more = sum(map(len, missing.values())) - len(spills)
            rest = f" (and {more} of other runs)" if more else ""
            msg = (
                f"{document.where('files', i)}: file '{printable(file.name)}' has "
                f"{_words(run, spills)}{rest} without an exposure; give it in the table, under "
                "'spills', or as a total under 'runs'"
            )
            raise DatasetError(msg)


def _words(run: int, spills: list[int]) -> str:
    ranges = format_ranges(spills)
    shown = ", ".join(ranges[:5]) + (", ..." if len(ranges) > 5 else "")
    return f"{'spill' if len(spills) == 1 else 'spills'} {shown} of run {run}"
