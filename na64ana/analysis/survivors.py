"""Events of an analysis to be looked at: survivors, or what is left beside a closed box."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from na64ana.cutflow import Record
from na64ana.errors import InputError
from na64ana.run.event import Event, find_event

if TYPE_CHECKING:
    from na64ana.analysis.run import Outcome

__all__ = ["MOST_SHOWN", "Shown", "survivors_to_show"]

#: chosen: what fits on a page and is still looked at
MOST_SHOWN = 4

Ids = tuple[int, int, int]


@dataclass(frozen=True)
class Shown:
    """Events, and what they are.

    Attributes
    ----------
    words : str
        Of which cuts they are left, and how many there are in all.
    events : tuple of Event
    notes : tuple of str
        Events that cannot be shown, and why.
    """

    words: str
    events: tuple[Event, ...] = ()
    notes: tuple[str, ...] = ()


def survivors_to_show(outcome: Outcome, most: int = MOST_SHOWN) -> Shown:
    """Find up to so many survivors of the chain of cuts in their files.

    Of a blind record, events of a region beside the box are taken: they pass all cuts but those
    of the box. An event inside the box is refused by `find_event` too.
    """
    record, analysis = outcome.record, outcome.analysis
    words, ids = _chosen(record)
    events, notes = [], []
    for one in ids[:most]:
        name = ":".join(map(str, one))
        path = _file_of(record, one)
        if path is None:
            notes.append(f"event {name} is not shown: the file that it is in is not known")
            continue
        try:
            events.append(
                find_event(path, name, selection=analysis.selection,
                           layout=analysis.spec.layout, unblind=record.unblinded)
            )  # fmt: skip
        except InputError as error:
            notes.append(f"event {name} is not shown: {error}")
    return Shown(words, tuple(events), tuple(notes))


def _chosen(record: Record) -> tuple[str, list[Ids]]:
    """Say which events are looked at, and give their numbers."""
    survivors = record.cutflow.survivors
    if survivors is not None:
        return f"{_number(len(survivors), 'survivor')} of all cuts", _ids(survivors)
    for name, region in record.regions.items():
        if len(region.ids):
            words = f"{_number(len(region.ids), 'event')} of the region '{name}'"
            return f"The box is closed: {words}, beside it", _ids(region.in_order().ids)
    return "The box is closed, and no region beside it holds an event", []


def _ids(rows: Iterable[Iterable[int]]) -> list[Ids]:
    return [(run, spill, event) for run, spill, event in (map(int, row) for row in rows)]


def _number(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"


def _file_of(record: Record, ids: Ids) -> str | None:
    """Return the file whose counted events are around this one."""
    run, spill, event = ids
    for file in record.inputs:
        for count in file.spills:
            if count.key == (run, spill) and count.first <= event <= count.last:
                return file.path
    return None
