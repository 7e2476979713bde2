"""Cutflows of several records side by side, per exposure, for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from na64ana.cutflow import Counts, Ratio, Record, Yield, ratio, side_by_side
from na64ana.cutflow.exposure import Comparison
from na64ana.errors import RecordError, printable
from na64ana.report import exposure
from na64ana.report.figures import grid_of
from na64ana.report.table import ALL_EVENTS, Cell, Figure, Missing, state, sum_of_weights
from na64ana.report.terminal import INDENT, as_console_can, note, pairs

__all__ = ["comparison"]


def comparison(
    records: Mapping[str, Record], per: float | None = None, channel: str | None = None
) -> RenderableType:
    """Return the cutflows of records for `rich`, for the same exposure.

    Parameters
    ----------
    records : dict of str to Record
        By the name that its column gets; the first is compared with each of the others.
    per : float, optional
        Particles on target; by default those processed in the first record.
    channel : str, optional
        This channel only; by default all that the records have in common.

    Raises
    ------
    RecordError
        The records cannot be compared.
    """
    made = list(records.values())
    shared = [name for name in made[0].channels if all(name in r.channels for r in made)]
    channels = shared if channel is None else [channel]
    if not channels:
        msg = "the records have no channel in common"
        raise RecordError(msg)
    parts: list[RenderableType] = []
    for name in channels:
        found = side_by_side(made, per, channel=name, names=list(records))
        if not parts:
            parts.append(Padding(_head(records, found), INDENT))
        parts += ["", Text(f" {printable(name)}", "bold"), _table(list(records), found)]
    parts += [note(words) for words in _notes(made)]
    return as_console_can(Group(*parts))


def _head(records: Mapping[str, Record], found: Comparison) -> RenderableType:
    first = next(iter(records.values()))
    grid = pairs()
    name = Text(printable(first.selection), "bold").append(f"  {first.sha256[:12]}", "not bold")
    grid.add_row("selection", name)
    grid.add_row("per", f"{_exposure(found.per)} {printable(found.unit)}")
    for label, record in records.items():
        marks = [state(record)[0], "" if record.ledger.complete else exposure.INCOMPLETE]
        words = [record.kind, *filter(None, marks),
                 exposure.headline(record.ledger, exposure.short)]  # fmt: skip
        grid.add_row(Text(printable(label)), Text(printable(", ".join(words), 1000)))
    return grid


def _exposure(per: float) -> str:
    if per == int(per):
        return exposure.short(exposure.amount(int(per)))
    return f"{per:.3g}".replace("e+", "e").replace("e0", "e")


def _table(names: Sequence[str], found: Comparison) -> RenderableType:
    first, *others = found.yields
    cuts = [row.cut or ALL_EVENTS for row in first]
    columns: list[tuple[tuple[str, ...], Sequence[Cell]]] = [
        ((printable(names[0]),), [_figure(row) for row in first])
    ]
    for name, rows in zip(names[1:], others, strict=True):
        columns.append(((printable(name),), [_figure(row) for row in rows]))
        ratios = [_ratio(ratio(a, b), a, b) for a, b in zip(first, rows, strict=True)]
        columns.append(((printable(names[0]), f"/ {printable(name)}"), ratios))
    return grid_of(cuts, columns)


def _figure(row: Yield) -> Figure | Missing:
    if row.value is None or row.error is None:
        return Missing.BLINDED
    return sum_of_weights(Counts(0, row.value, row.error * row.error))


def _ratio(value: Ratio | None, a: Yield, b: Yield) -> Figure | Missing:
    if value is None:
        return Missing.BLINDED if None in (a.value, b.value) else Missing.EMPTY
    return sum_of_weights(Counts(0, value.value, value.error * value.error))


def _notes(records: Sequence[Record]) -> list[str]:
    sums = (
        "sums of weights ± root of the sum of squares, scaled to the exposure; "
        "relative errors of a ratio add in quadrature"
    )
    boxes = (
        "a blind record was counted without the events of the blind box, an open one with them: "
        "their rows are not of the same kinds of events"
    )
    return [sums, boxes] if len({record.blind for record in records}) > 1 else [sums]
