"""Cells of detectors, coloured by their energy, and the scale of the colours."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from na64ana.plot import style
from na64ana.plot.panels import Panel
from na64ana.plot.style import Hover
from na64ana.run.detectors import WINDOW_NS, WINDOW_SIGMA

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap, LogNorm

__all__ = ["draw_cells", "draw_scale", "energy_words", "sum_words"]

#: colours from here to at least there, in GeV, for all events alike; less is drawn empty
LEAST, MOST = 0.001, 100.0
_EMPTY = "#f4f6f8"


def _colours(parts: tuple[Panel, ...]) -> tuple[Colormap, LogNorm, float]:
    """Return colours from light to dark, told apart in grey too, and the energy of the last."""
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap, LogNorm

    largest = max((float(np.nanmax(p.detector.energy, initial=0)) for p in parts), default=0)
    top = 10.0 ** math.ceil(math.log10(largest)) if MOST < largest < math.inf else MOST
    shades = colormaps["YlGnBu"](np.linspace(0.08, 0.97, 256))
    return ListedColormap(shades), LogNorm(LEAST, top, clip=True), top


def draw_cells(axes: Axes, parts: tuple[Panel, ...]) -> Iterator[Hover]:
    """Draw all cells with their headings; yield what each says under the pointer."""
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
        axes.text(x + side / 2, y + side / 2, energy_words(energy), size=size, ha="center",
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


def energy_words(value: float) -> str:
    """Write an energy in GeV in two to four digits, to 0.1 MeV."""
    size = abs(value)
    if size < 0.00005:
        return "0"
    if size < 0.1:
        return f"{value:.4f}" if size < 0.01 else f"{value:.3f}"
    return f"{value:.2f}" if size < 10 else f"{value:.1f}" if size < 100 else f"{value:.0f}"


def sum_words(panel: Panel) -> str:
    """Say how much energy a panel holds, and how much of it is out of time."""
    energy = panel.grid(panel.detector.energy)
    if np.isnan(energy).any():
        return "cells without a number"
    if panel.detector.in_time is None:
        return f"{energy_words(float(energy.sum()))} GeV"
    inside = panel.grid(panel.detector.in_time)
    late = float(energy[~inside].sum())
    more = f" (+{energy_words(late)})" if late >= LEAST else ""
    return f"{energy_words(float(energy[inside].sum()))} GeV{more}"


def _heading(axes: Axes, panel: Panel) -> None:
    top = panel.bottom + panel.height
    axes.text(panel.left, top + 0.27, style.name(panel.title), size=11.5, weight="bold")
    axes.text(panel.left, top + 0.09, sum_words(panel), size=8.5, color=style.FAINT)
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


def draw_scale(axes: Axes, parts: tuple[Panel, ...], left: float, bottom: float) -> None:
    """Draw the scale of colours, and what marks mean."""
    colours, _, top = _colours(parts)
    width = 3.3
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
