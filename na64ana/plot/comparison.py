"""Data on simulation: one histogram of both, and their ratio below."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from na64ana.cutflow import Record, poisson_interval
from na64ana.errors import RecordError, nearest, printable
from na64ana.plot import style
from na64ana.plot.histogram import edges_of, place_words
from na64ana.plot.style import Hover, Plot

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from na64ana.histograms import Histogram

__all__ = ["data_and_simulation"]

#: inches: width, height, share of the ratio, margins
_WIDTH, _HEIGHT, _RATIO = 7.2, 5.8, 0.3


def data_and_simulation(
    data: Record,
    simulation: Record,
    histogram: str,
    place: str | None = None,
    *,
    scale: float | None = None,
    ratio: tuple[float, float] | None = None,
) -> Plot:
    """Draw a histogram of data on that of simulation, and the ratio of both below.

    Points have exact Poisson intervals (`na64ana.cutflow.poisson_interval`), the band is the
    statistical error of the simulation. Bins that are masked in data are left out.

    Parameters
    ----------
    data, simulation : Record
        Of one selection.
    histogram : str
        Of one axis.
    place : str, optional
        Where in the chain; by default the last.
    scale : float, optional
        Multiplies the simulation; by default the ratio of the exposures.
    ratio : (value, error), optional
        Of data to simulation as it was measured, drawn as a band in the lower part.

    Raises
    ------
    RecordError
        There is no such histogram or place, it has two axes, the selections differ, or an
        exposure is not known and no scale was given.
    """
    factor = _exposures(data, simulation) if scale is None else scale
    mine, theirs = _booked(data, histogram), _booked(simulation, histogram)
    if data.sha256 != simulation.sha256:
        msg = (
            f"data are of selection '{printable(data.selection)}' ({data.sha256[:12]}), "
            f"simulation of '{printable(simulation.selection)}' ({simulation.sha256[:12]}): "
            "their histograms are not of the same events"
        )
        raise RecordError(msg)
    where = place or (mine.places[-1] if mine.places else "")
    counts, masked, _ = _bins(mine, where)
    expected, _, variances = _bins(theirs, where)
    with style.styled():
        return _drawn(mine, where, counts, masked, expected * factor, variances * factor**2, ratio)


def _exposures(data: Record, simulation: Record) -> float:
    for what, record in (("data", data), ("simulation", simulation)):
        if not record.ledger.known or not record.ledger.totals.processed:
            msg = f"the exposure of the {what} is not known: give a scale, or use a manifest"
            raise RecordError(msg)
    return data.ledger.totals.processed / simulation.ledger.totals.processed


def _booked(record: Record, name: str) -> Histogram:
    found = record.booked.get(name)
    if found is None:
        msg = f"the record has no histogram '{printable(name)}'{nearest(name, record.booked)}"
        raise RecordError(msg)
    if len(found.axes) != 1:
        msg = f"histogram '{printable(name)}' has two axes; give one of one axis"
        raise RecordError(msg)
    return found


def _bins(booked: Histogram, place: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return values, masks and variances of the bins inside the axis."""
    if place not in booked.places:
        places = ", ".join(booked.places)
        msg = (
            f"histogram '{printable(booked.name)}' has no place '{printable(place)}'"
            f"{nearest(place, booked.places)} (places: {printable(places, 500)})"
        )
        raise RecordError(msg)
    row = booked.places.index(place)
    values = booked.values[row][1:-1]
    variances = values if booked.variances is None else booked.variances[row][1:-1]
    return values.astype(float), booked.masked[row][1:-1], variances.astype(float)


def _drawn(
    booked: Histogram,
    place: str,
    counts: np.ndarray,
    masked: np.ndarray,
    expected: np.ndarray,
    variances: np.ndarray,
    ratio: tuple[float, float] | None,
) -> Plot:
    from matplotlib.figure import Figure

    edges, errors = edges_of(booked.axes[0]), np.sqrt(variances)
    figure = Figure(figsize=(_WIDTH, _HEIGHT))
    upper, lower = figure.subplots(
        2, 1, sharex=True, height_ratios=(1 - _RATIO, _RATIO),
        gridspec_kw={"left": 0.9 / _WIDTH, "right": 1 - 0.2 / _WIDTH, "bottom": 0.65 / _HEIGHT,
                     "top": 1 - 0.2 / _HEIGHT, "hspace": 0.06},
    )  # fmt: skip
    low, high = _intervals(counts)
    upper.stairs(expected, edges, fill=True, color=style.SKY, alpha=0.45)
    upper.stairs(expected, edges, color=style.BLUE, linewidth=1.6, label="simulation")
    _band(upper, edges, expected, errors, "its statistical error")
    known = ~masked & ((counts > 0) | (expected > 0))
    _points(upper, edges, counts, low, high, known, "data")
    tops = np.concatenate([high[known], expected, [1.0]])
    upper.set_ylim(0, 1.4 * float(tops.max()))
    upper.set_ylabel("events per bin")
    upper.legend(loc="upper right")
    _ratio(lower, edges, (counts, low, high), expected, errors, known, ratio)
    lower.set_xlabel(style.quantity(booked.axes[0].label))
    lower.set_xlim(edges[0], edges[-1])
    figure.align_ylabels([upper, lower])
    title = f"data and simulation: {printable(booked.name)}, {place_words(place)}"
    total, simulated = counts[~masked].sum(), expected[~masked].sum()
    words = f"{style.digits(float(total))} events of data, {simulated:.4g} simulated"
    hovers = tuple(
        Hover(a, b, -math.inf, math.inf, f"{style.digits(a)} to {style.digits(b)}: "
              f"{style.digits(n)} in data, {e:.4g} ± {s:.2g} simulated")
        for a, b, n, e, s, shown in zip(edges[:-1].tolist(), edges[1:].tolist(), counts.tolist(),
                                        expected.tolist(), errors.tolist(), ~masked, strict=True)
        if shown
    )  # fmt: skip
    return Plot(figure, upper, title, words, hovers)


def _intervals(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    ends = np.array([poisson_interval(round(n)) for n in counts.tolist()]).reshape(-1, 2)
    return ends[:, 0], ends[:, 1]


def _band(
    axes: Axes, edges: np.ndarray, middle: np.ndarray, errors: np.ndarray, label: str | None
) -> None:
    axes.stairs(
        middle + errors, edges, baseline=middle - errors, fill=True, color=style.BLUE, alpha=0.3,
        linewidth=0, label=label,
    )  # fmt: skip


def _points(
    axes: Axes, edges: np.ndarray, values: np.ndarray, low: np.ndarray, high: np.ndarray,
    known: np.ndarray, label: str | None,
) -> None:  # fmt: skip
    centres = (edges[1:] + edges[:-1]) / 2
    errors = np.array([values - low, high - values])[:, known]
    axes.errorbar(
        centres[known], values[known], errors, fmt="o", color=style.INK, markersize=4.5,
        elinewidth=1.2, label=label,
    )  # fmt: skip


def _ratio(
    axes: Axes,
    edges: np.ndarray,
    data: tuple[np.ndarray, np.ndarray, np.ndarray],
    expected: np.ndarray,
    errors: np.ndarray,
    known: np.ndarray,
    ratio: tuple[float, float] | None,
) -> None:
    """Draw points with the errors of data, a band with that of simulation."""
    there = known & (expected > 0)
    divided = [np.divide(part, expected, where=there, out=np.zeros_like(part)) for part in data]
    relative = np.divide(errors, expected, where=there, out=np.zeros_like(errors))
    _band(axes, edges, np.where(there, 1.0, np.nan), relative, None)
    axes.axhline(1, color=style.BLUE, linewidth=1)
    if ratio is not None:
        value, error = ratio
        axes.axhspan(value - error, value + error, color=style.ORANGE, alpha=0.35, linewidth=0,
                     label=f"measured: {value:.3f} ± {error:.3f}")  # fmt: skip
        axes.legend(loc="upper right", fontsize=10)
    values, low, high = divided
    _points(axes, edges, values, low, high, there, None)
    axes.set_ylim(0, 2)
    axes.set_ylabel("data / simulation", fontsize=11)
