"""One event in one picture: cells of all detectors, tracks, times, and what the cuts say."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from na64ana.plot import style
from na64ana.plot.panels import Panel, panels
from na64ana.plot.style import Hover, Plot
from na64ana.run.detectors import NUMBERS, WINDOW_NS, WINDOW_SIGMA

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap, LogNorm

    from na64ana.evaluate.verdict import CutVerdict
    from na64ana.run.detectors import Number
    from na64ana.run.event import Event

__all__ = ["display_event"]

#: colours from here to at least there, in GeV, for all events alike; less is drawn empty
LEAST, MOST = 0.001, 100.0
#: sizes in inches: the detectors, the column beside them, and around
_LEFT, _WIDE, _BESIDE, _MARGIN, _FOOT, _HEIGHT = 0.5, 9.7, 3.35, 0.45, 1.75, 8.3
_LINE = 0.215
#: room of words in the column beside
_NAME = 34
_EMPTY = "#f4f6f8"
_LABELS = {
    "master_time": "master time", "track.momentum": "track momentum",
    "track.angle": "track angle", "track.p_value": "track p-value", "track.chi2": "track χ²",
    "shower_chi2": "shower χ²",
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
        hovers = [*_cells(axes, parts), *_column(axes, rows, height)]
        _scale_bar(axes, parts, base + 1.0)
        _foot(axes, event, base + 0.5)
    return Plot(figure, axes, _title(event), _words(event, parts), tuple(hovers))


def _title(event: Event) -> str:
    if min(event.ids) < 0:
        return f"entry {event.entry}"
    run, spill, number = event.ids
    return f"run {run}, spill {spill}, event {number}"


def _words(event: Event, parts: tuple[Panel, ...]) -> str:
    """Say what is to be seen, for those who cannot see it."""
    said = [f"{panel.title} {_sum(panel)}" for panel in parts]
    if event.verdict is not None:
        for channel, cuts in event.verdict.channels.items():
            failed = [cut.name for cut in cuts if not cut.passed]
            said.append(f"{channel} fails {', '.join(failed) if failed else 'no cut'}")
    said += [f"unblinded: {event.unblinded}"] * (event.unblinded is not None)
    said += _origin(event)
    return "; ".join(said)


# ------------------------------------------------------------------------ cells


def _colours(parts: tuple[Panel, ...]) -> tuple[Colormap, LogNorm, float]:
    """Return colours from light to dark, told apart in grey too, and the energy of the last."""
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap, LogNorm

    largest = max((float(np.nanmax(p.detector.energy, initial=0)) for p in parts), default=0)
    top = 10.0 ** math.ceil(math.log10(largest)) if MOST < largest < math.inf else MOST
    shades = colormaps["YlGnBu"](np.linspace(0.08, 0.97, 256))
    return ListedColormap(shades), LogNorm(LEAST, top, clip=True), top


def _cells(axes: Axes, parts: tuple[Panel, ...]) -> Iterator[Hover]:
    colours, norm, _ = _colours(parts)
    for panel in parts:
        _heading(axes, panel)
        for column, row in np.ndindex(*panel.shape):
            yield _cell(axes, panel, column, row, colours, norm)


def _cell(
    axes: Axes, panel: Panel, column: int, row: int, colours: Colormap, norm: LogNorm
) -> Hover:
    from matplotlib.patches import Rectangle

    x, y, side = panel.left + column * panel.cell, panel.bottom + row * panel.cell, panel.cell
    energy = float(panel.grid(panel.detector.energy)[column, row])
    late = _out_of_time(panel, column, row)
    lit = energy >= LEAST
    face: Any = colours(norm(energy)) if lit else _EMPTY
    axes.add_patch(Rectangle((x, y), side, side, facecolor=face, hatch=_hatch(energy),
                             edgecolor="#b9c0c8", linewidth=0.6))  # fmt: skip
    if lit and late:
        _mark(axes, x, y, side)
    size = min(8.0, 17.5 * side)
    if lit and size > 3:
        # relative luminance: below this, white has the greater contrast (WCAG 2.1: 0.18)
        dark = float(np.dot((0.2126, 0.7152, 0.0722), np.power(face[:3], 2.2))) < 0.22
        axes.text(x + side / 2, y + side / 2, _energy(energy), size=size, ha="center",
                  va="center_baseline", color="white" if dark else style.INK)  # fmt: skip
    return Hover(x, x + side, y, y + side, _cell_words(panel, column, row, energy, late), "cell")


def _hatch(energy: float) -> str | None:
    return "////" if math.isnan(energy) else None


def _mark(axes: Axes, x: float, y: float, side: float) -> None:
    """Mark a cell that is out of time: an edge, and a corner that is seen without colours."""
    from matplotlib.patches import Polygon, Rectangle

    inset, corner = 0.02, 0.3 * side
    right, top = x + side - inset, y + side - inset
    axes.add_patch(Rectangle((x + inset, y + inset), side - 2 * inset, side - 2 * inset, fill=False,
                             edgecolor=style.RED, linewidth=1.4, linestyle=(0, (3, 1.5)),
                             zorder=3))  # fmt: skip
    axes.add_patch(Polygon([(right, top), (right - corner, top), (right, top - corner)],
                           facecolor=style.RED, edgecolor="white", linewidth=0.5,
                           zorder=4))  # fmt: skip


def _out_of_time(panel: Panel, column: int, row: int) -> bool:
    known = panel.detector.in_time
    return known is not None and not panel.grid(known)[column, row]


def _cell_words(panel: Panel, column: int, row: int, energy: float, late: bool) -> str:
    place = [f"{axis} {i}" for axis, i in zip(panel.axes, (column, row), strict=True) if axis]
    seen = "no number" if math.isnan(energy) else f"{style.digits(energy)} GeV"
    words = f"{panel.title}, {', '.join(place)}: {seen}" if place else f"{panel.title}: {seen}"
    if panel.detector.delay is None:
        return words
    delay = float(panel.grid(panel.detector.delay)[column, row])
    return f"{words}, {delay:+.1f} ns{', out of time' if late else ''}"


def _energy(value: float) -> str:
    """Write an energy in GeV in two to four digits, to 0.1 MeV."""
    size = abs(value)
    if size < 0.00005:
        return "0"
    if size < 0.1:
        return f"{value:.4f}" if size < 0.01 else f"{value:.3f}"
    return f"{value:.2f}" if size < 10 else f"{value:.1f}" if size < 100 else f"{value:.0f}"


def _sum(panel: Panel) -> str:
    """Say how much energy a panel holds, and how much of it is out of time."""
    energy = panel.grid(panel.detector.energy)
    if np.isnan(energy).any():
        return "cells without a number"
    if panel.detector.in_time is None:
        return f"{_energy(float(energy.sum()))} GeV"
    inside = panel.grid(panel.detector.in_time)
    late = float(energy[~inside].sum())
    more = f" (+{_energy(late)})" if late >= LEAST else ""
    return f"{_energy(float(energy[inside].sum()))} GeV{more}"


def _heading(axes: Axes, panel: Panel) -> None:
    top = panel.bottom + panel.height
    axes.text(panel.left, top + 0.27, style.name(panel.title), size=11.5, weight="bold")
    axes.text(panel.left, top + 0.09, _sum(panel), size=8.5, color=style.FAINT)
    look: dict[str, Any] = {"size": 6.5, "color": style.FAINT, "va": "center", "ha": "center"}
    across, up = panel.axes
    step = max(1, round(0.2 / panel.cell))
    if across and panel.shape[0] > 1:
        for i in range(0, panel.shape[0], step):
            axes.text(panel.left + (i + 0.5) * panel.cell, panel.bottom - 0.09, str(i), **look)
        axes.text(panel.left + panel.width / 2, panel.bottom - 0.23, style.name(across, 20), **look)
    if up and panel.shape[1] > 1:
        for i in range(0, panel.shape[1], step):
            axes.text(panel.left - 0.08, panel.bottom + (i + 0.5) * panel.cell, str(i), **look)
        axes.text(panel.left - 0.21, panel.bottom + panel.height / 2, style.name(up, 20),
                  rotation=90, **look)  # fmt: skip


# -------------------------------------------------------------- beside and below


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
    return "unknown" if math.isnan(value) else f"{_energy(value)} GeV"


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


def _scale_bar(axes: Axes, parts: tuple[Panel, ...], bottom: float) -> None:
    """Draw the scale of colours, and what marks mean."""
    colours, _, top = _colours(parts)
    left, width = _LEFT, 3.3
    (x0, x1), (y0, y1) = axes.get_xlim(), axes.get_ylim()
    axes.imshow(np.linspace(0, 1, 256)[None], cmap=colours, aspect="auto", vmin=0, vmax=1,
                extent=(left, left + width, bottom, bottom + 0.16))  # fmt: skip
    axes.set(xlim=(x0, x1), ylim=(y0, y1))  # imshow changes them
    least, most = round(math.log10(LEAST)), round(math.log10(top))
    for power in range(least, most + 1):
        x = left + width * (power - least) / (most - least)
        axes.plot([x, x], [bottom - 0.04, bottom], color=style.INK, linewidth=0.8)
        axes.text(x, bottom - 0.09, f"{10.0**power:g}", size=8, ha="center", va="top")
    axes.text(left + width + 0.14, bottom + 0.02, "GeV", size=9)
    timed = any(panel.detector.in_time is not None for panel in parts)
    _legend(axes, left + width + 0.85, bottom - 0.03, timed=timed)


def _legend(axes: Axes, left: float, bottom: float, *, timed: bool) -> None:
    from matplotlib.patches import Rectangle

    window = f"out of time ({WINDOW_SIGMA:g}\N{GREEK SMALL LETTER SIGMA}; "
    window += "; ".join(f"{name.upper()} {time:g} ns" for name, time in WINDOW_NS.items())
    known = (
        ("below 1 MeV", 1.3, math.inf), (f"{window}), in ( ) in sums", 3.2, -math.inf),
        ("no number", 0.0, math.nan),
    )  # fmt: skip
    for words, wide, energy in known:
        if energy < 0 and not timed:
            continue
        face = "white" if energy < 0 else _EMPTY
        axes.add_patch(Rectangle((left, bottom), 0.22, 0.22, facecolor=face, hatch=_hatch(energy),
                                 edgecolor="#b9c0c8", linewidth=0.6))  # fmt: skip
        if energy < 0:
            _mark(axes, left, bottom, 0.22)
        axes.text(left + 0.3, bottom + 0.05, words, size=8.5)
        left += wide


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
