"""One event of a file, found by its numbers: what detectors saw, and what a selection says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from na64ana.cutflow import InputFile
from na64ana.cutflow.spills import sample_number
from na64ana.errors import InputError, printable
from na64ana.evaluate import UNKNOWN, Chunk
from na64ana.evaluate.verdict import Verdict, blind_box, judge
from na64ana.events import (
    Columns,
    EventFile,
    fitting_layout,
    missing_branch,
    open_file,
    plan_file,
)
from na64ana.layouts import IDENTITY, Layout, load_layout
from na64ana.run.detectors import Detector, Number, read_detectors, read_numbers
from na64ana.selection import BoundSelection, Selection

__all__ = ["Event", "EventName", "find_event", "parse_event"]

_NAME = re.compile(r"\s*(\d{1,18})\s*:\s*(\d{1,18})\s*:\s*(\d{1,18})\s*")
_ENTRY = re.compile(r"\s*entry\s*:\s*(\d{1,18})\s*")
_FORM = "an event is named run:spill:event, as 8747:12:345, or by its place in the file, entry:0"


class EventName(NamedTuple):
    """How an event is asked for: by its three numbers, or by its entry (then these are None)."""

    run: int | None = None
    spill: int | None = None
    event: int | None = None
    entry: int | None = None

    def __str__(self) -> str:
        if self.entry is not None:
            return f"entry {self.entry}"
        return f"run {self.run}, spill {self.spill}, event {self.event}"


@dataclass(frozen=True)
class Event:
    """One event, ready to be drawn.

    Attributes
    ----------
    file : InputFile
        Where it is from; of data or simulation.
    entry : int
    ids : tuple of int
        Run, spill and event; -1 where the file does not say.
    detectors : dict of str to Detector
        Those that the file has.
    numbers : tuple of Number
        Of the event as a whole: master time, tracks, multiplicities.
    left_out : dict of str to str
        What the file does not have, with the reason.
    selection : str
        Its name; empty without one. ``sha256`` is its hash.
    verdict : Verdict or None
        What the cuts say.
    blinding : str
        Why an event of data may be seen, in words; empty for simulation.
    unblinded : str or None
        The reason for an open box.
    """

    file: InputFile
    entry: int
    ids: tuple[int, int, int]
    detectors: Mapping[str, Detector]
    numbers: tuple[Number, ...]
    left_out: Mapping[str, str]
    selection: str = ""
    sha256: str = ""
    verdict: Verdict | None = None
    blinding: str = ""
    unblinded: str | None = field(default=None)

    def __repr__(self) -> str:
        numbers = ":".join(map(str, self.ids))
        return f"<Event {numbers}, entry {self.entry} of {self.file.path}>"

    def _repr_html_(self) -> str:
        from na64ana.report.notebook import event

        return event(self)


def parse_event(text: str) -> EventName:
    """Read ``run:spill:event`` or ``entry:N``.

    Raises
    ------
    InputError
        It is neither.
    """
    if found := _NAME.fullmatch(text):
        run, spill, event = (int(number) for number in found.groups())
        return EventName(run, spill, event)
    if found := _ENTRY.fullmatch(text):
        return EventName(entry=int(found[1]))
    msg = f"'{printable(text, 60)}' names no event: {_FORM}"
    raise InputError(msg)


def find_event(
    path: str | Path,
    event: str,
    *,
    selection: Selection | str | Path | None = None,
    layout: str | Path | None = None,
    unblind: str | None = None,
) -> Event:
    """Find one event in a file and read it; of the others only their numbers are read.

    Data are blind: an event inside a blind region of the selection is refused, and so is any
    event of data without a selection, since nobody has then said what is blind. ``unblind``
    opens it. Simulation is never blind.

    Parameters
    ----------
    path : str or Path
        A file or URL.
    event : str
        ``run:spill:event``, or ``entry:N`` for a place in the file, counted from 0.
    selection : Selection, str or Path, optional
        Whose cuts are asked, and whose blind regions stay closed.
    layout : str or Path, optional
        Default: that of the selection, or the one that fits the file.
    unblind : str, optional
        The reason for looking at an event that is blind.

    Raises
    ------
    InputError
        There is no such event, it is there twice, it is blind, or it cannot be read.
    SelectionError, LayoutError
        The selection or the layout cannot be used.
    """
    wanted = parse_event(event)
    if unblind is not None and not unblind.strip():
        msg = "unblinding needs a reason: it is written into every output"
        raise InputError(msg)
    chosen = Selection.load(selection) if isinstance(selection, str | Path) else selection
    with open_file(path) as file:
        found = _layout(file, chosen, layout)
        bound = None if chosen is None else chosen.bind(found)
        plan = plan_file(file, found, {} if bound is None else bound.columns)
        _refuse_without_selection(plan.file, chosen, unblind)
        entry = _entry(file, found, plan.file, wanted)
        columns = Columns(file, plan.file.tree, found, entry, entry + 1)
        chunk = Chunk(plan.columns, columns.take, np.arange(1))
        ids = _ids(chunk)
        blinding = _blinding(plan.file, chunk, bound, ids, unblind)
        detectors, without = read_detectors(file, plan.file.tree, found, columns)
        numbers, others = read_numbers(file, plan.file.tree, found, columns)
        seen = Event(
            file=plan.file,
            entry=entry,
            ids=ids,
            detectors=detectors,
            numbers=numbers,
            left_out={**without, **others},
            selection="" if bound is None else bound.name,
            sha256="" if bound is None else bound.sha256,
            verdict=None if bound is None else judge(chunk, bound),
            blinding=blinding,
            unblinded=unblind,
        )
        file.check_unchanged()
    return seen


def _layout(file: EventFile, selection: Selection | None, layout: str | Path | None) -> Layout:
    if selection is not None:
        return selection.layout(layout)
    if layout is not None:
        return load_layout(layout)
    return fitting_layout(file)


def _refuse_without_selection(
    file: InputFile, selection: Selection | None, unblind: str | None
) -> None:
    if selection is not None or unblind is not None or file.kind == "simulation":
        return
    msg = (
        f"{printable(file.path)}: these are data ({file.kind_from}), and without a selection "
        "nobody says which of their events are blind: give --selection NAME, whose blind regions "
        "stay closed, or --unblind REASON"
    )
    raise InputError(msg)


def _entry(file: EventFile, layout: Layout, source: InputFile, wanted: EventName) -> int:
    """Return where an event is, from the numbers of run, spill and event alone."""
    where = f"{printable(file.path)}: tree '{printable(source.tree)}'"
    if wanted.entry is not None:
        if wanted.entry >= source.entries:
            msg = f"{where} has {source.entries} entries, counted from 0: no {wanted}"
            raise InputError(msg)
        return wanted.entry
    for name in IDENTITY:
        column = layout.columns.get(name)
        if column is None or missing_branch(file, source.tree, column) is not None:
            branch = "" if column is None else f" (branch '{column.branches[0]}')"
            msg = (
                f"{where}: no column '{name}'{branch} in layout {layout.name}, so that no event "
                "can be found by its numbers; name one by its place, as entry:0"
            )
            raise InputError(msg)
    found = _matching(file, layout, source, wanted)
    if not len(found):
        msg = f"{where} has no {wanted}{_near(file, layout, source, wanted)}"
        raise InputError(msg)
    if len(found) > 1:
        places = ", ".join(str(entry) for entry in found[:5].tolist())
        msg = (
            f"{where}: {wanted} is there {len(found)} times (entries {places}"
            f"{', ...' if len(found) > 5 else ''}); name one by its place, as entry:{found[0]}"
        )
        raise InputError(msg)
    return int(found[0])


def _matching(file: EventFile, layout: Layout, source: InputFile, wanted: EventName) -> np.ndarray:
    """Return the entries with these three numbers."""
    found = []
    for start, stop in plan_file(file, layout, {}).ranges:
        columns = Columns(file, source.tree, layout, start, stop)
        rows = np.arange(stop - start)
        # the number that differs most comes first: the others are read where it fits
        for name in reversed(IDENTITY):
            if len(rows):
                rows = rows[columns.take(name, rows) == getattr(wanted, name)]
        found.append(rows + start)
    return np.concatenate(found)


def _near(file: EventFile, layout: Layout, source: InputFile, wanted: EventName) -> str:
    """Say which runs there are, or which spills of the run."""
    pairs = set()
    for start, stop in plan_file(file, layout, {}).ranges:
        columns = Columns(file, source.tree, layout, start, stop)
        rows = np.arange(stop - start)
        both = np.column_stack([columns.take("run", rows), columns.take("spill", rows)])
        pairs |= set(map(tuple, np.unique(both, axis=0).tolist()))
    runs = sorted({run for run, _ in pairs})
    if wanted.run not in runs:
        return f"; its runs: {_some(runs)}" if runs else "; it has no events"
    spills = sorted({spill for run, spill in pairs if run == wanted.run})
    if wanted.spill not in spills:
        return f"; its spills of run {wanted.run}: {_some(spills)}"
    return "; that spill has events, but not this one"


def _some(numbers: list[int]) -> str:
    shown = ", ".join(str(number) for number in numbers[:8])
    return f"{shown}, ... {numbers[-1]}" if len(numbers) > 8 else shown


def _ids(chunk: Chunk) -> tuple[int, int, int]:
    run, spill, event = (
        int(chunk.column(name)[0]) if name in chunk else UNKNOWN for name in IDENTITY
    )
    return run, spill, event


def _blinding(
    file: InputFile,
    chunk: Chunk,
    selection: BoundSelection | None,
    ids: tuple[int, int, int],
    unblind: str | None,
) -> str:
    """Refuse an event that is blind; say in words why another may be seen."""
    if file.kind == "simulation":
        return ""
    if unblind is not None:
        return "unblinded"
    assert selection is not None
    if not selection.channels[0].blind and not selection.closed:
        return "the selection has no blind region"
    box = blind_box(chunk, selection)
    if not box:
        return "outside the blind region"
    fraction = selection.prescale
    if fraction is not None and sample_number(np.array([ids]), fraction)[0] == 0:
        return f"in the blind region, of the open sample (one event in {fraction})"
    cuts = ", ".join(f"'{printable(cut, 40)}'" for cut in box)
    msg = (
        f"{printable(file.path)}: this event of data lies in the blind region of "
        f"'{printable(selection.name)}' (cuts {cuts}) and is not shown; --unblind REASON opens "
        "it, and the reason is written into the picture"
    )
    raise InputError(msg)
