"""One event in one picture: cells of all detectors, tracks, times, and what the cuts say."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, NamedTuple

from na64ana.plot import style
from na64ana.plot.cells import draw_cells, draw_scale, energy_words, sum_words
from na64ana.plot.panels import Panel, panels
from na64ana.plot.style import Hover, Plot
from na64ana.run.detectors import NUMBERS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from na64ana.evaluate.verdict import CutVerdict
    from na64ana.run.detectors import Number
    from na64ana.run.event import Event
    from na64ana.selection import Selection

__all__ = ["display", "display_event"]

#: sizes in inches: the detectors, the column beside them, and around
_LEFT, _WIDE, _BESIDE, _MARGIN, _FOOT, _HEIGHT = 0.5, 9.7, 3.35, 0.45, 1.75, 8.3
_LINE = 0.215
#: room of words in the column beside
_NAME = 34
_LABELS = {
    "master_time": "master time", "track.momentum": "track momentum",
    "track.angle": "track angle", "track.p_value": "track p-value", "track.chi2": "track χ²",
    "shower_chi2": "shower χ²", "incoming.momentum": "incoming momentum",
    "incoming.angle": "incoming angle", "outgoing.tracks": "outgoing tracks",
    "outgoing.momentum": "outgoing momentum", "outgoing.angle": "outgoing angle",
}  # fmt: skip


class _Row(NamedTuple):
    """A line in the column beside: a mark, words, a number; the height of a line is 1."""

    mark: str = ""
    words: str = ""
    number: str = ""
    colour: str = style.INK
    bold: bool = False
    height: float = 1.0
    hover: str = ""


def display(
    path: str | Path,
    event: str,
    *,
    selection: Selection | str | Path | None = None,
    layout: str | Path | None = None,
    unblind: str | None = None,
) -> Plot:
    """Find one event of a file and draw it: `find_event` and `display_event` in one call.

    Parameters and errors are those of `na64ana.run.find_event`: of data, what is blind is
    refused.
    """
    from na64ana.run import find_event

    return display_event(
        find_event(path, event, selection=selection, layout=layout, unblind=unblind)
    )


def display_event(event: Event) -> Plot:
    """Draw one event.

    Energies are written in the cells, in GeV, and have one scale of colours from 1 MeV on, the
    same for all detectors. A cell out of time has a corner and an edge of another colour, one
    without a number a hatch.

    Parameters
    ----------
    event : Event
        From `na64ana.run.find_event`, which refuses blind ones.
    """
    from matplotlib.figure import Figure

    rows = list(_beside(event))
    height = max(_HEIGHT, 1.0 + _LINE * sum(row.height for row in rows))
    width = _LEFT + _WIDE + _MARGIN + _BESIDE
    with style.styled():
        figure = Figure(figsize=(width, height))
        axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(0, height))
        axes.set_axis_off()
        base = height - _HEIGHT  # a long list of cuts leaves the detectors at the top
        parts = panels(event.detectors, _LEFT, base + _FOOT, _WIDE)
        hovers = [*draw_cells(axes, parts), *_column(axes, rows, height)]
        draw_scale(axes, parts, _LEFT, base + 1.0)
        _foot(axes, event, base + 0.5)
    return Plot(figure, axes, _title(event), _words(event, parts), tuple(hovers))


def _title(event: Event) -> str:
    if min(event.ids) < 0:
        return f"entry {event.entry}"
    run, spill, number = event.ids
    return f"run {run}, spill {spill}, event {number}"


def _words(event: Event, parts: tuple[Panel, ...]) -> str:
    """Say what is to be seen, for those who cannot see it."""
    said = [f"{panel.title} {sum_words(panel)}" for panel in parts]
    if event.verdict is not None:
        for channel, cuts in event.verdict.channels.items():
            failed = [cut.name for cut in cuts if not cut.passed]
            said.append(f"{channel} fails {', '.join(failed) if failed else 'no cut'}")
    said += [f"unblinded: {event.unblinded}"] * (event.unblinded is not None)
    said += _origin(event)
    return "; ".join(said)


def _beside(event: Event) -> Iterator[_Row]:
    """Yield what stands beside the detectors, line by line."""
    yield _Row(words=_title(event), bold=True, height=1.6)
    ecal = event.detectors.get("ecal")
    if ecal is not None:
        inside = ecal.energy if ecal.in_time is None else ecal.energy[ecal.in_time]
        words = "ECAL with preshower" + ("" if ecal.in_time is None else ", in time")
        yield _Row(words=words, number=_known(float(inside.sum())))
    yield from _numbers(event.numbers)
    if event.verdict is None:
        return
    for channel, cuts in event.verdict.channels.items():
        passed = sum(cut.passed for cut in cuts)
        name = "cuts" if channel == "main" else f"channel {style.name(channel, _NAME)}"
        yield _Row(height=0.45)
        yield _Row(words=name, number=f"passes {passed} of {len(cuts)}", bold=True, height=1.2)
        yield from (_cut_row(cut) for cut in cuts)


def _known(value: float) -> str:
    return "unknown" if math.isnan(value) else f"{energy_words(value)} GeV"


def _numbers(numbers: tuple[Number, ...]) -> Iterator[_Row]:
    straws = {n.column: n for n in numbers if n.column.endswith((".nx", ".ny"))}
    for number in numbers:
        if number.column not in straws and not number.hits:
            values = ", ".join(_value(value) for value in number.values)
            words = _LABELS.get(number.column, number.column)
            yield _Row(words=words, number=f"{values} {number.unit}".rstrip())
    for name in dict.fromkeys(column.split(".")[0] for column in straws):
        both = [straws.get(f"{name}.{part}") for part in ("nx", "ny")]
        shown = ", ".join("unknown" if n is None else _value(n.values[0]) for n in both)
        yield _Row(words=f"{name} multiplicity in x, y", number=shown)
    for number in numbers:
        if number.hits:
            name, _, axis = number.column.partition(".")
            yield _Row(words=f"{name} hits in {axis}", number=_value(number.values[0]))


def _value(value: float) -> str:
    return "unknown" if math.isnan(value) else f"{value:.4g}"


def _cut_row(cut: CutVerdict) -> _Row:
    name = style.name(cut.name, _NAME)
    if not cut.applied:
        return _Row("–", name, "not for this run", style.FAINT, hover=cut.words)
    if cut.passed:
        return _Row("✓", name, "", style.BLUE, hover=f"passes: {cut.words}")
    why = "a number is missing" if cut.missing else "fails"
    return _Row("✗", name, why, style.RED, hover=f"{why}: {cut.words}")


def _column(axes: Axes, rows: list[_Row], height: float) -> Iterator[Hover]:
    left = _LEFT + _WIDE + _MARGIN
    right = left + _BESIDE - 0.2
    y = height - 0.3
    for row in rows:
        y -= row.height * _LINE
        weight = "bold" if row.bold else "normal"
        size = 13 if row.height > 1.5 else 9
        indent = 0.2 if row.mark else 0.0
        axes.text(left, y, row.mark, size=9.5, color=row.colour, weight="bold")
        axes.text(left + indent, y, row.words, size=size, weight=weight,
                  color=style.FAINT if row.colour == style.FAINT else style.INK)  # fmt: skip
        axes.text(right, y, row.number, size=9, ha="right", weight=weight, color=row.colour)
        if row.hover:
            yield Hover(left, right, y - 0.05, y + _LINE - 0.05, row.hover, "cut")


def _foot(axes: Axes, event: Event, top: float) -> None:
    lines = list(_origin(event))
    for i, line in enumerate(lines):
        axes.text(_LEFT, top - 0.155 * i, line, size=7.5, color=style.FAINT)
    if event.unblinded is not None:
        axes.text(_LEFT + _WIDE, axes.get_ylim()[1] - 0.22, ha="right", va="top", size=9,
                  weight="bold", color=style.RED,
                  s=f"UNBLINDED: {style.name(event.unblinded, 80)}")  # fmt: skip


def _origin(event: Event) -> Iterator[str]:
    """Say where the event is from, in lines."""
    from na64ana.provenance import software

    file = event.file
    name = PurePath(file.path.split("?")[0]).name
    yield (
        f"{style.name(name, 70)}, entry {event.entry}, layout {style.name(file.layout, 40)}, "
        f"{file.kind} ({style.name(file.kind_from, 60)}), na64ana {software()['na64ana']}"
    )
    said = [f"selection {style.name(event.selection)} ({event.sha256[:12]})"] * bool(
        event.selection
    )
    said += [event.blinding] * bool(event.blinding)
    if said:
        yield ", ".join(said)
    if event.left_out:
        yield f"not there: {style.name(_left_out(event), 190)}"


def _left_out(event: Event) -> str:
    """Say what the file does not have: detectors, times, numbers."""
    cells = [name for name in event.left_out if name.endswith(".energy")]
    times = dict.fromkeys(
        name.split(".")[0]
        for name in event.left_out
        if name.endswith((".time", ".expected_time", ".time_sigma"))
    )
    numbers = [name for name in event.left_out if name in NUMBERS]
    said = [*cells, *([f"times of {' '.join(times)}"] if times else []), *numbers]
    return ", ".join(said)
