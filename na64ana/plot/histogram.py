"""Histograms of a record: N-1 plots with cut lines, and planes with the signal box."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import reduce
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from na64ana.cutflow import Record
from na64ana.errors import RecordError, nearest, printable
from na64ana.expressions import LINE, Interval
from na64ana.histograms import Binning, Histogram
from na64ana.plot import style
from na64ana.plot.style import Hover, Plot
from na64ana.selection.form import ALL_BUT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["edges_of", "n_minus_one", "n_minus_one_cuts", "place_words", "plane", "signal_boxes"]

_BLIND = "blind"


def n_minus_one_cuts(record: Record) -> list[tuple[str, str]]:
    """Return (cut, histogram) of each N-1 plot that a record holds, in the order of the cuts."""
    found = [
        (place.removeprefix(ALL_BUT), name)
        for name, histogram in record.booked.items()
        for place in histogram.places
        if place.startswith(ALL_BUT) and len(histogram.axes) == 1
    ]
    order = [cut.name for flow in record.channels.values() for cut in flow.cuts]
    return sorted(found, key=lambda pair: order.index(pair[0]) if pair[0] in order else 0)


def n_minus_one(
    record: Record, cut: str, histogram: str | None = None, *, axes: Axes | None = None
) -> Plot:
    """Draw an observable of the events that pass all other cuts, with the lines of the cut.

    Parameters
    ----------
    record : Record
    cut : str
    histogram : str, optional
        Name of one that is booked at ``all but`` this cut; by default the first such.
    axes : matplotlib.axes.Axes, optional
        Where to draw; by default in a new figure.

    Raises
    ------
    RecordError
        The record holds no such histogram.
    """
    names = [name for known, name in n_minus_one_cuts(record) if known == cut]
    if not names or (histogram is not None and histogram not in names):
        raise RecordError(_no_plot(record, cut, histogram))
    booked = record.booked[histogram or names[0]]
    with style.styled():
        return _one_axis(booked, ALL_BUT + cut, cut, axes)


def _no_plot(record: Record, cut: str, histogram: str | None) -> str:
    shown = printable(cut)
    cuts = [label.name for flow in record.channels.values() for label in flow.cuts]
    if cut not in cuts:
        return f"the record has no cut '{shown}'{nearest(cut, cuts)}"
    what = "histogram" if histogram is None else f"histogram '{printable(histogram)}'"
    return (
        f"the record has no {what} of one axis at '{ALL_BUT}{shown}'; book it in the selection:\n"
        f"    histograms:\n      NAME: {{x: {{observable: ..., bins: 50, range: [..., ...]}}, "
        f"at: {ALL_BUT}{shown}}}"
    )


def _one_axis(booked: Histogram, place: str, cut: str, axes: Axes | None) -> Plot:
    figure, ax = style.canvas(axes)
    row = booked.places.index(place)
    axis, shown = booked.axes[0], slice(1, -1)
    values, masked = booked.values[row][shown], booked.masked[row][shown]
    variances = values if booked.variances is None else booked.variances[row][shown]
    edges = edges_of(axis)
    ax.stairs(np.where(masked, 0, values), edges, fill=True, color=style.SKY, alpha=0.45)
    ax.stairs(np.where(masked, 0, values), edges, color=style.BLUE, linewidth=1.6)
    if booked.variances is not None:
        centres, errors = (edges[1:] + edges[:-1]) / 2, np.sqrt(variances)
        ax.errorbar(centres, values, errors, fmt="none", ecolor=style.BLUE, elinewidth=1)
    ax.set_xlim(edges[0], edges[-1])
    _counts_axis(ax, values[~masked], booked)
    if masked.any():
        _hatch_ranges(ax, edges, masked)
    lines = booked.lines.get(cut)
    _cut_lines(ax, cut, None if lines is None else lines[0], (edges[0], edges[-1]))
    ax.set_xlabel(style.quantity(axis.label))
    ax.legend(loc="upper right")
    hovers = _hovers(edges, axis, values, variances, masked, weighted=booked.variances is not None)
    words = _words(booked, row, lines[0] if lines else None)
    return Plot(figure, ax, f"N-1: all cuts but {printable(cut)}", words, tuple(hovers))


def edges_of(axis: Binning) -> np.ndarray:
    """Return all edges of an axis, shape (bins + 1,)."""
    if axis.bins is not None:
        return np.linspace(axis.edges[0], axis.edges[-1], axis.bins + 1)
    return np.array(axis.edges)


def _counts_axis(ax: Axes, values: np.ndarray, booked: Histogram) -> None:
    ax.set_ylabel("events per bin" if booked.variances is None else "sum of weights per bin")
    positive = values[values > 0]
    if not len(positive):
        ax.set_ylim(0, 1)
        ax.text(0.5, 0.5, "no events", transform=ax.transAxes, ha="center", color=style.FAINT)
        return
    # where the tail is under a hundredth of the peak only a log scale shows it
    if positive.max() > 100 * positive.min():
        ax.set_yscale("log")
        ax.set_ylim(positive.min() / 2, positive.max() * 30)
    else:
        ax.set_ylim(min(0.0, float(values.min())), positive.max() * 1.35)


def _hatch_ranges(ax: Axes, edges: np.ndarray, masked: np.ndarray) -> None:
    """Hatch each run of masked bins; the first has the entry in the legend."""
    steps = np.flatnonzero(np.diff(np.concatenate([[False], masked, [False]]).astype(int)))
    for i, (start, stop) in enumerate(steps.reshape(-1, 2).tolist()):
        ax.axvspan(
            edges[start], edges[stop], facecolor="#f3f4f6", edgecolor=style.GREY, hatch="///",
            linewidth=0, label=_BLIND if i == 0 else None,
        )  # fmt: skip


def _cut_lines(ax: Axes, cut: str, interval: Interval | None, ends: tuple[float, float]) -> None:
    """Draw the ends of what passes, each with a short arrow to the side that passes."""
    if interval is None:
        ax.plot([], [], " ", label=f"{style.name(cut, 30)}: no line on this axis")
        return
    label: str | None = f"cut: {style.name(cut, 30)}"
    reach = 0.035 * (ends[1] - ends[0])
    for line, side in ((interval.low, 1), (interval.high, -1)):
        if ends[0] <= line <= ends[1]:
            ax.axvline(line, color=style.RED, linewidth=2, linestyle="--", label=label)
            ax.annotate(
                "", (line + side * reach, 0.78), (line, 0.78),
                xycoords=ax.get_xaxis_transform(),
                arrowprops={"arrowstyle": "-|>", "color": style.RED, "linewidth": 1.8},
            )  # fmt: skip
            label = None
    if label:
        ax.plot([], [], " ", label=f"{label} (outside the axis)")


def _hovers(
    edges: np.ndarray,
    axis: Binning,
    values: np.ndarray,
    variances: np.ndarray,
    masked: np.ndarray,
    *,
    weighted: bool,
) -> list[Hover]:
    found = []
    for i, (low, high) in enumerate(pairwise(edges.tolist())):
        where = _range(axis, low, high)
        number = _number(values[i], variances[i], weighted=weighted)
        words = f"{where}: {_BLIND if masked[i] else number}"
        found.append(Hover(low, high, -math.inf, math.inf, words, _BLIND if masked[i] else "bin"))
    return found


def _range(axis: Binning, low: float, high: float) -> str:
    what, _, unit = axis.label.partition(" [")
    return f"{what} {style.digits(low)} to {style.digits(high)} {unit.rstrip(']')}".rstrip()


def _number(value: float, variance: float, *, weighted: bool) -> str:
    if weighted:
        return f"{value:.6g} ± {math.sqrt(variance):.2g}"
    return f"{style.digits(value)} event{'' if value == 1 else 's'}"


def _words(booked: Histogram, row: int, interval: Interval | None) -> str:
    values, masked = booked.values[row], booked.masked[row]
    inside = values[(slice(1, -1),) * len(booked.axes)].sum()
    parts = [f"{style.digits(float(inside))} in the bins of {booked.axes[0].label}"]
    if outside := float(values.sum() - inside):
        parts.append(f"{style.digits(outside)} outside the axis")
    if booked.missing[row]:
        parts.append(f"{booked.missing[row]} without a value")
    if masked.any():
        parts.append("bins inside the blind box and on its edges are masked")
    if interval is not None:
        unit = booked.axes[0].label.partition(" [")[2].rstrip("]")
        parts.append(f"passes: {_interval_words(interval)} {unit}".rstrip())
    return ", ".join(parts)


def _interval_words(interval: Interval) -> str:
    low, high = (None if math.isinf(end) else style.digits(end) for end in interval[:2])
    if low is None:
        return f"{'up to' if interval.with_high else 'below'} {high}"
    if high is None:
        return f"{'from' if interval.with_low else 'above'} {low}"
    return f"{low} to {high}"


# ---------------------------------------------------------------------- planes


def plane(
    record: Record, histogram: str, place: str | None = None, *, axes: Axes | None = None
) -> Plot:
    """Draw a histogram of two axes with the signal box and, in a blind record, what is masked.

    Parameters
    ----------
    record : Record
    histogram : str
    place : str, optional
        Where in the chain; by default the last that is not hidden.
    axes : matplotlib.axes.Axes, optional

    Raises
    ------
    RecordError
        There is no such histogram, it has not two axes, or it has no such place.
    """
    booked = record.booked.get(histogram)
    if booked is None:
        msg = f"the record has no histogram '{printable(histogram)}'"
        raise RecordError(f"{msg}{nearest(histogram, record.booked)}")
    if len(booked.axes) != 2:
        msg = f"histogram '{printable(histogram)}' has one axis; a plane has two"
        raise RecordError(msg)
    place = place or (booked.places[-1] if booked.places else "")
    if place not in booked.places:
        hidden = " (blinded)" if not booked.places or place in booked.blinded else ""
        msg = f"histogram '{printable(histogram)}' has no place '{printable(place)}'{hidden}"
        raise RecordError(msg)
    with style.styled():
        return _two_axes(record, booked, place, axes)


def _two_axes(record: Record, booked: Histogram, place: str, axes: Axes | None) -> Plot:
    from matplotlib.colors import LogNorm

    figure, ax = style.canvas(axes, 7.2, 5.4, right=0.75)
    row, inner = booked.places.index(place), (slice(1, -1), slice(1, -1))
    values, masked = booked.values[row][inner], booked.masked[row][inner]
    x, y = (edges_of(axis) for axis in booked.axes)
    shown = np.ma.masked_where(masked | ~(values > 0), values)
    largest, least = (float(f()) if shown.count() else 1.0 for f in (shown.max, shown.min))
    mesh = ax.pcolormesh(
        x, y, shown.T, norm=LogNorm(min(least, 1.0), max(largest, 10.0)), cmap="viridis",
        rasterized=True,
    )  # fmt: skip
    bar = figure.colorbar(mesh, ax=ax, pad=0.02, fraction=0.05)
    bar.set_label("events per bin" if booked.variances is None else "sum of weights per bin")
    _hatch_bins(ax, x, y, masked)
    boxes = signal_boxes(record, booked)
    for i, box in enumerate(boxes):
        _draw_box(ax, box, (x[0], x[-1]), (y[0], y[-1]), "signal box" if i == 0 else None)
    filled = masked | (values > 0)
    ax.set_xlim(x[0], _end(x, filled.any(axis=1), [box[0] for box in boxes]))
    ax.set_ylim(y[0], _end(y, filled.any(axis=0), [box[1] for box in boxes]))
    ax.set_xlabel(style.quantity(booked.axes[0].label))
    ax.set_ylabel(style.quantity(booked.axes[1].label))
    if boxes or masked.any():
        ax.legend(loc="upper right")
    title = f"{printable(booked.name)}, {place_words(place)}"
    return Plot(figure, ax, title, _words(booked, row, None), tuple(_cells(booked, row, x, y)))


def _end(edges: np.ndarray, filled: np.ndarray, boxes: Sequence[Interval]) -> float:
    """Return the end of an axis: that of its bins, or less where half of it would be empty."""
    ends = [edges[i + 1] for i in np.flatnonzero(filled)[-1:]]
    ends += [box.high for box in boxes if box.high <= edges[-1]]
    used = max(ends, default=edges[-1]) - edges[0]
    if used > 0.5 * (edges[-1] - edges[0]):
        return float(edges[-1])
    return float(edges[np.argmax(edges >= edges[0] + 1.5 * used)])


def place_words(place: str) -> str:
    """Return where in the chain a histogram was filled, in words."""
    if place == "start":
        return "before any cut"
    return place if place.startswith(ALL_BUT) else f"after the cut {printable(place)}"


def signal_boxes(record: Record, booked: Histogram) -> list[tuple[Interval, ...]]:
    """Return what the cuts of each blind region leave of the axes of a histogram."""
    found = []
    flow = record.channels.get(booked.channel, record.cutflow)
    for box in flow.boxes:
        lines = [booked.lines[flow.cuts[i].name] for i in box if flow.cuts[i].name in booked.lines]
        if lines:
            sides = zip(*lines, strict=True)
            found.append(tuple(reduce(Interval.meet, side, LINE) for side in sides))
    return found


def _draw_box(
    ax: Any,
    box: tuple[Interval, ...],
    x: tuple[float, float],
    y: tuple[float, float],
    label: str | None,
) -> None:
    from matplotlib.patches import Rectangle

    (left, right), (bottom, top) = (
        (max(side.low, ends[0]), min(side.high, ends[1]))
        for side, ends in zip(box, (x, y), strict=True)
    )
    ax.add_patch(
        Rectangle(
            (left, bottom), right - left, top - bottom, fill=False, edgecolor=style.RED,
            linewidth=1.8, label=label, zorder=4, clip_on=False,
        )
    )  # fmt: skip


def _hatch_bins(ax: Any, x: np.ndarray, y: np.ndarray, masked: np.ndarray) -> None:
    from matplotlib.collections import PolyCollection

    if not masked.any():
        return
    cells = [
        [(x[i], y[j]), (x[i + 1], y[j]), (x[i + 1], y[j + 1]), (x[i], y[j + 1])]
        for i, j in np.argwhere(masked).tolist()
    ]
    look: Any = {"facecolor": "#e5e7eb", "edgecolor": style.GREY, "hatch": "////", "linewidth": 0}
    ax.add_collection(PolyCollection(cells, **look), autolim=False)
    ax.fill([], [], **look, label=_BLIND)  # for the legend


def _cells(booked: Histogram, row: int, x: np.ndarray, y: np.ndarray) -> list[Hover]:
    """Bins with something in them, and those that are masked."""
    values, masked = booked.values[row][1:-1, 1:-1], booked.masked[row][1:-1, 1:-1]
    weighted = booked.variances is not None
    variances = booked.variances[row][1:-1, 1:-1] if booked.variances is not None else values
    found = []
    for i, j in np.argwhere((values != 0) | masked).tolist():
        where = [
            _range(axis, edges[k], edges[k + 1])
            for axis, edges, k in zip(booked.axes, (x, y), (i, j), strict=True)
        ]
        number = _number(values[i, j], variances[i, j], weighted=weighted)
        kind = _BLIND if masked[i, j] else "bin"
        words = f"{', '.join(where)}: {_BLIND if masked[i, j] else number}"
        found.append(Hover(x[i], x[i + 1], y[j], y[j + 1], words, kind))
    return found
