"""The cutflow as a table of words and digits, before any format: which columns, which digits."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from na64ana.cutflow import Counts, Cutflow, CutLabel, Efficiency, InputFile, Record, Region, Row
from na64ana.cutflow.cutflow import BLINDED

__all__ = [
    "ALL_EVENTS",
    "EVENT_COUNTS",
    "FILES_SHOWN",
    "HEADINGS",
    "SHARES",
    "SURVIVORS_SHOWN",
    "Cell",
    "Figure",
    "Line",
    "Missing",
    "Table",
    "entries_read",
    "event_name",
    "grouped",
    "origin",
    "region_figure",
    "shared_cuts",
    "state",
    "sum_of_weights",
    "superscript",
    "tabulate",
    "whole",
]

ALL_EVENTS = "all events"
SHARES = ("share", "relative")
FILES_SHOWN = 10
SURVIVORS_SHOWN = 8
#: of these the number of events is shown, weights or not: they are about the events themselves
EVENT_COUNTS = ("nan", "not_applied")
#: columns in their order, each with its heading in up to three lines
HEADINGS = {
    "sequential": ("left",),
    "share": ("% of all", "events"),
    "relative": ("% of the", "cut before"),
    "alone": ("alone",),
    "all_but_this": ("all but", "this"),
    "all_but_this_open": ("all but", "this and", "the box"),
    "nan": ("NaN",),
    "not_applied": ("not", "applied"),
}

_EXPONENT_BELOW, _EXPONENT_FROM = 1e-3, 1e8
_MOST_PLACES = 9
_SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


class Missing(Enum):
    """Why there is no number."""

    BLINDED = "blinded"
    NOT_COMPUTED = "not computed"
    EMPTY = "no events"


@dataclass(frozen=True)
class Figure:
    """A number in digits, with its errors in digits where it has some.

    Attributes
    ----------
    value, plus, minus : str
        Plain digits, such as ``-20013`` or ``92.78``; errors without sign, empty for none.
    exponent : int
        Power of ten by which value and errors are to be multiplied.
    """

    value: str
    plus: str = ""
    minus: str = ""
    exponent: int = 0

    @property
    def bare(self) -> Figure:
        """The same without errors."""
        return Figure(self.value, exponent=self.exponent)


Cell = Figure | Missing | None


@dataclass(frozen=True)
class Line:
    """One line of the table; ``number`` is 0 for that of all events, else the place of the cut."""

    number: int
    label: CutLabel
    cells: dict[str, Cell]


@dataclass(frozen=True)
class Table:
    """What all formats draw.

    Attributes
    ----------
    columns : tuple of str
        Keys of `HEADINGS` that carry something in this cutflow.
    lines : tuple of Line
        That of all events first.
    boxes : tuple of tuple of str
        Names of the cuts of each region that is blind on data.
    """

    channel: str
    blind: bool
    weighted: bool
    boxes: tuple[tuple[str, ...], ...]
    columns: tuple[str, ...]
    lines: tuple[Line, ...]

    @property
    def title(self) -> str:
        """Name of the channel, and whether the box is open."""
        if not self.boxes:
            return self.channel
        return f"{self.channel} ({'blind' if self.blind else 'box open'})"

    def notes(self, columns: Iterable[str], *, errors: bool = True) -> list[str]:
        """Return what a reader of these columns must know; names in it are not yet escaped."""
        shown = [c for c in self.columns if c in columns]
        cells = [line.cells.get(column) for line in self.lines for column in shown]
        box = " or ".join(" and ".join(names) for names in self.boxes)
        notes = []
        if self.blind and self.boxes:
            notes.append(f"blinded: events that pass {box} were taken out before the first count")
        elif "all_but_this_open" in shown:
            notes.append(f"the box: {box}")
        shares = [line.cells.get("share") for line in self.lines]
        if errors and any(
            isinstance(cell, Figure) and (cell.plus or cell.minus) for cell in shares
        ):
            notes.append("% of all events with 68% Clopper-Pearson intervals")
        if self.weighted:
            notes.append(
                "events are weighted: sum of weights ± root of the sum of squares; "
                "percentages are of unweighted events"
            )
        if Missing.NOT_COMPUTED in cells:
            notes.append("a dash stands for a number that was not computed")
        if "nan" in shown:
            notes.append("NaN: events that fail because a number that the cut compares is missing")
        if "not_applied" in shown:
            notes.append(
                "not applied: events that pass because the cut does not hold for their run"
            )
        return notes


def tabulate(flow: Cutflow) -> Table:
    """Lay out a cutflow."""
    rows = flow.rows
    weighted = is_weighted(flow)
    columns: dict[str, list[Cell]] = {
        kind: [
            whole(getattr(row, kind).n)
            if weighted and kind in EVENT_COUNTS and getattr(row, kind) is not None
            else _count(getattr(row, kind), row.hidden.get(kind), weighted)
            for row in rows
        ]
        for kind in HEADINGS
        if kind not in SHARES
    }
    for kind, relative in (("share", False), ("relative", True)):
        shares = [flow.efficiency(row.name, relative=relative) for row in rows]
        columns[kind] = _shares(shares, rows, with_errors=not relative)
    shown = tuple(kind for kind in HEADINGS if _carries(kind, columns[kind], rows, flow))
    first = Line(0, CutLabel(ALL_EVENTS), {"sequential": _count(flow.events, None, weighted)})
    lines = [
        Line(i + 1, row.label, {kind: columns[kind][i] for kind in shown})
        for i, row in enumerate(rows)
    ]
    boxes = tuple(tuple(flow.cuts[i].name for i in sorted(box)) for box in flow.boxes)
    return Table(flow.channel, flow.blind, weighted, boxes, shown, (first, *lines))


def _carries(kind: str, cells: Sequence[Cell], rows: Sequence[Row], flow: Cutflow) -> bool:
    """Whether a column has something to say in this cutflow."""
    if kind == "sequential":
        return True
    if kind == "all_but_this_open" and not flow.boxes:
        return False  # the same as all_but_this
    if kind in EVENT_COUNTS:
        return any(counts is not None and counts.n for counts in (getattr(r, kind) for r in rows))
    return any(cell is not Missing.NOT_COMPUTED for cell in cells)


def is_weighted(flow: Cutflow) -> bool:
    """Whether the events have weights."""
    return any(tally.sums is not None for run in flow.runs.values() for tally in run.values())


def shared_cuts(record: Record, channel: str) -> int:
    """Number of cuts that a channel shares with the main chain, if that is in the record."""
    main, its = record.channels.get("main"), record.channels[channel]
    if main is None or main is its:
        return 0
    pairs = enumerate(zip(main.cuts, its.cuts, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(main.cuts), len(its.cuts)))


def state(record: Record) -> tuple[str, str]:
    """Say in a word whether the blind box is closed, and in a sentence what that means."""
    boxes = dict.fromkeys(
        " and ".join(flow.cuts[i].name for i in sorted(box))
        for flow in record.channels.values()
        for box in flow.boxes
    )
    if record.blind:
        # the channels shown may hold no cut of the box
        which = " or ".join(boxes) or "the cuts of a blind region"
        return "BLIND", f"events that pass {which} were taken out before the first count"
    if record.unblinded:
        return "UNBLINDED", record.unblinded
    if record.kind == "simulation":
        return "", "simulation is never blinded"
    if not boxes:
        return "", "the selection has no blind region" if "main" in record.channels else "open"
    return "UNBLINDED", "no reason given"


def origin(record: Record) -> str:
    """Say how it is known that these are data or simulation."""
    return record.inputs[0].kind_from if record.inputs else ""


def entries_read(file: InputFile, separator: str) -> str:
    """Say how much of a file is in the record."""
    total = grouped(str(file.entries), separator)
    if file.read == ((0, file.entries),) or not file.entries:
        return f"{total} entries"
    ranges = ", ".join(
        f"{grouped(str(a), separator)} to {grouped(str(b), separator)}" for a, b in file.read
    )
    return f"{ranges or 'none'} of {total} entries"


def event_name(row: np.ndarray) -> str:
    """Write (run, spill, event) with colons; a question mark where a number is unknown."""
    return ":".join("?" if number < 0 else str(number) for number in row.tolist())


def region_figure(region: Region) -> Figure:
    """Return what is in a region: events, or the sum of weights."""
    counts = region.counts
    return whole(counts.n) if region.tally.sums is None else sum_of_weights(counts)


# --------------------------------------------------------------------- digits


def grouped(digits: str, separator: str) -> str:
    """Write plain digits with a separator between thousands, of the whole part only."""
    sign = "-" if digits.startswith("-") else ""
    units, point, fraction = digits.removeprefix("-").partition(".")
    return f"{sign}{int(units):,}".replace(",", separator) + point + fraction


def superscript(n: int) -> str:
    """Write a power in raised digits."""
    return str(n).translate(_SUPERSCRIPT)


def whole(n: int) -> Figure:
    """Return a number of events."""
    return Figure(str(n))


def sum_of_weights(counts: Counts) -> Figure:
    """Return a sum of weights with the root of the sum of squares, two digits of it."""
    error = math.sqrt(counts.sumw2)
    size = max(abs(counts.sumw), error)
    if not size:
        return Figure("0")
    if not math.isfinite(size):
        return Figure(repr(counts.sumw), repr(error), repr(error))
    plain = _EXPONENT_BELOW <= size < _EXPONENT_FROM
    exponent = 0 if plain else math.floor(math.log10(size))
    value, error = (_scaled(x, exponent) for x in (counts.sumw, error))
    places = _places(error, 2)
    shown = f"{error:.{places}f}"
    return Figure(_unsigned_zero(f"{value:.{places}f}"), shown, shown, exponent)


def _scaled(value: float, exponent: int) -> float:
    # in two steps: a power of ten below the smallest double is zero
    half = exponent // 2
    return value / 10.0**half / 10.0 ** (exponent - half)


def _count(counts: Counts | None, hidden: str | None, weighted: bool) -> Cell:
    if counts is None:
        return Missing.BLINDED if hidden == BLINDED else Missing.NOT_COMPUTED
    return sum_of_weights(counts) if weighted else whole(counts.n)


def _shares(
    shares: Sequence[Efficiency | None], rows: Sequence[Row], *, with_errors: bool
) -> list[Cell]:
    """Percentages: digits enough for the errors, more only where a row needs them."""
    errors = [_errors(share) for share in shares if share is not None]
    largest = max((e for pair in errors for e in pair), default=0.0)
    column = max(1, _places(largest, 2)) if with_errors else 1
    cells: list[Cell] = []
    for share, row in zip(shares, rows, strict=True):
        if share is None:
            cells.append(
                Missing.BLINDED if BLINDED in row.hidden.values() else Missing.NOT_COMPUTED
            )
            continue
        if math.isnan(share.value):
            cells.append(Missing.EMPTY)
            continue
        low, high = _errors(share)
        smallest = min((e for e in (low, high) if e > 0), default=0.0)
        places = max(column, _places(smallest, 1))
        plus, minus = (f"{e:.{places}f}" if e > 0 and with_errors else "" for e in (high, low))
        cells.append(Figure(f"{100 * share.value:.{places}f}", plus, minus))
    return cells


def _errors(share: Efficiency) -> tuple[float, float]:
    """Distances from the value to the ends of its interval, in per cent."""
    return 100 * (share.value - share.low), 100 * (share.high - share.value)


def _places(error: float, digits: int) -> int:
    """Decimal places at which an error shows that many digits."""
    if not error > 0:
        return 0
    return min(max(0, digits - 1 - math.floor(math.log10(error))), _MOST_PLACES)


def _unsigned_zero(digits: str) -> str:
    return digits.removeprefix("-") if not digits.strip("-0.") else digits
