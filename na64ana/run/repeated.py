"""Events that stand twice, in one file or in two: found by their identity, exactly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from na64ana.cutflow.spills import SpillId
from na64ana.errors import printable
from na64ana.layouts import IDENTITY, Layout
from na64ana.run.count import in_spills, kept, read_ids
from na64ana.run.intake import Intake

__all__ = ["Repeated", "find_repeated", "in_words"]


class Repeated(NamedTuple):
    """An event that stands in an earlier place too; ``event`` is (run, spill, event)."""

    path: str
    entry: int
    event: tuple[int, int, int]
    first_path: str
    first_entry: int


def find_repeated(
    layout: Layout, intakes: Mapping[str, Intake], suspects: Mapping[str, set[SpillId]]
) -> list[Repeated]:
    """Compare the events of suspect spills, which are read again for it.

    Of an event that stands several times, the first in the order of paths and entries is not
    returned. Files that share no suspect spill are compared apart, so that memory holds the
    events of few at a time.
    """
    found: list[Repeated] = []
    named = {path: spills for path, spills in suspects.items() if _named(layout, intakes[path])}
    for paths in _connected(named):
        rows = [
            np.column_stack([ids, np.full(len(ids), i), entries])
            for i, path in enumerate(paths)
            for ids, entries in _events(layout, intakes[path], suspects[path])
        ]
        found += _compared(np.concatenate(rows), paths)
    return found


def _named(layout: Layout, intake: Intake) -> bool:
    """Whether the file has all the numbers by which the layout names an event."""
    return all(name in intake.plan.columns for name in IDENTITY if name in layout.columns)


def _connected(suspects: Mapping[str, set[SpillId]]) -> list[list[str]]:
    """Groups of paths that share suspect spills, each sorted."""
    group: dict[str, set[str]] = {}
    holder: dict[SpillId, str] = {}
    for path in sorted(suspects):
        group[path] = {path}
        for spill in suspects[path]:
            other = holder.setdefault(spill, path)
            if group[other] is not group[path]:
                joined = group[other] | group[path]
                for member in joined:
                    group[member] = joined
    return [sorted(members) for members in {id(g): g for g in group.values()}.values()]


def _events(
    layout: Layout, intake: Intake, spills: set[SpillId]
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Identities and entries of the events of some spills that are counted."""
    for start, stop in intake.plan.ranges:
        ids = read_ids(layout, intake, start, stop)
        wanted = in_spills(ids, spills) & kept(intake, ids, start)[0]
        yield ids[wanted], start + np.flatnonzero(wanted)


def _compared(rows: np.ndarray, paths: list[str]) -> Iterator[Repeated]:
    """Rows of (run, spill, event, file, entry) whose event is in an earlier row as well."""
    rows = rows[np.lexsort(rows.T[::-1])]
    same = np.concatenate([[False], np.all(rows[1:, :3] == rows[:-1, :3], axis=1)])
    first = np.maximum.accumulate(np.where(same, 0, np.arange(len(rows))))
    for i in np.flatnonzero(same).tolist():
        run, spill, event, file, entry = rows[i].tolist()
        _, _, _, first_file, first_entry = rows[first[i]].tolist()
        yield Repeated(paths[file], entry, (run, spill, event), paths[first_file], first_entry)


def in_words(found: list[Repeated]) -> str:
    """Say what was found, with the first of it."""
    one = found[0]
    run, spill, event = one.event
    places = (
        f"{printable(one.path)} (entries {one.first_entry} and {one.entry})"
        if one.path == one.first_path
        else f"{printable(one.first_path)} (entry {one.first_entry}) and in "
        f"{printable(one.path)} (entry {one.entry})"
    )
    number = "1 event stands" if len(found) == 1 else f"{len(found)} events stand"
    return (
        f"{number} twice, the first of them run {run}, spill {spill}, event {event} in {places}; "
        "they would be counted twice (--duplicates once counts each once)"
    )
