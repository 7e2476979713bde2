"""A sideband with the fit that goes from it into the box."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from na64ana.cutflow import poisson_interval
from na64ana.errors import printable
from na64ana.plot import style
from na64ana.plot.style import Hover, Plot

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["sideband_fit"]


def sideband_fit(fit: Mapping[str, Any], *, axes: Axes | None = None) -> Plot:
    """Draw a sideband, its fit with the band, the range of the fit and the box.

    Parameters
    ----------
    fit : dict
        ``source``, ``observable``, ``unit``: words. ``edges``: N + 1 rising numbers, ``counts``:
        N, null where a bin is blind. ``curve``: ``x`` with ``central``, ``low`` and ``high`` in
        events per bin. ``range`` and ``box``: two numbers each. ``estimate``: ``value``,
        ``statistical`` and ``systematic`` in events, each null where there is none.
    axes : matplotlib.axes.Axes, optional
    """
    with style.styled():
        figure, ax = style.canvas(axes)
        edges = np.array(fit["edges"], dtype=float)
        _draw_ranges(ax, fit)
        _draw_curve(ax, fit["curve"])
        _draw_points(ax, edges, fit["counts"])
        _limits(ax, fit, edges)
        unit = f" [{fit['unit']}]" if fit.get("unit") else ""
        ax.set_xlabel(style.quantity(f"{fit['observable']}{unit}"))
        ax.set_ylabel("events per bin")
        title = f"in the box: {_estimate(fit.get('estimate'))}"
        ax.legend(loc="upper left", ncols=3, title=title, alignment="left", fontsize=10)
    words = f"estimate in the box: {_estimate(fit.get('estimate'))}{_bootstrap(fit)}"
    hovers = tuple(_hovers(fit, edges))
    return Plot(figure, ax, f"sideband fit of {printable(fit['source'])}", words, hovers)


def _draw_ranges(ax: Axes, fit: Mapping[str, Any]) -> None:
    low, high = fit["box"]
    ax.axvspan(low, high, color=style.RED, alpha=0.10, linewidth=0, label="signal box")
    low, high = fit["range"]
    ax.axvspan(low, high, color=style.GREY, alpha=0.14, linewidth=0, label="fit range")


def _draw_curve(ax: Axes, curve: Mapping[str, Sequence[float]]) -> None:
    x = np.array(curve["x"], dtype=float)
    ax.fill_between(x, curve["low"], curve["high"], color=style.ORANGE, alpha=0.35, linewidth=0,
                    label="accepted fits")  # fmt: skip
    ax.plot(x, curve["central"], color="#a86a00", label="central fit")


def _draw_points(ax: Axes, edges: np.ndarray, counts: Sequence[float | None]) -> None:
    centres, widths = (edges[1:] + edges[:-1]) / 2, np.diff(edges) / 2
    known = np.array([n is not None and n > 0 for n in counts])
    values = np.array([n if n is not None else 0 for n in counts], dtype=float)
    ends = np.array([poisson_interval(int(n)) for n in values[known]]).reshape(-1, 2)
    errors = np.abs(ends.T - values[known])
    ax.errorbar(
        centres[known], values[known], errors, widths[known], fmt="o", color=style.INK,
        markersize=4.5, elinewidth=1.2, label="data",
    )  # fmt: skip


def _limits(ax: Axes, fit: Mapping[str, Any], edges: np.ndarray) -> None:
    """A log scale that holds all points and the fit where it has a thousandth of an event."""
    ends = [*edges[[0, -1]], *fit["box"], *fit["range"]]
    finite = [float(end) for end in ends if math.isfinite(end)]
    ax.set_xlim(min(finite), max(finite))
    heights = [n for n in fit["counts"] if n]
    heights += [y for y in fit["curve"]["central"] if math.isfinite(y) and y > 0]
    top = max(heights, default=1.0)
    ax.set_yscale("log")
    ax.set_ylim(max(min([*heights, 0.5]) / 2, 1e-3), max(top, 1.0) * 300)


def _estimate(estimate: Mapping[str, Any] | None) -> str:
    if not estimate or estimate.get("value") is None:
        return "missing"
    from iminuit.pdg_format import pdg_format

    errors = {
        short: estimate[key]
        for key, short in (("statistical", "stat"), ("systematic", "syst"))
        if estimate.get(key) is not None
    }
    if not errors:
        return f"{estimate['value']:.4g} events"
    # rounded together, as in the budget beside it
    found = pdg_format(estimate["value"], *errors.values(), labels=tuple(errors))
    return f"{found} events"


def _bootstrap(fit: Mapping[str, Any]) -> str:
    """The statistical error by the other of two ways."""
    error = (fit.get("estimate") or {}).get("bootstrap")
    return "" if error is None else f"; statistical error by bootstrap {error:.2g}"


def _hovers(fit: Mapping[str, Any], edges: np.ndarray) -> list[Hover]:
    curve = fit["curve"]
    x = np.array(curve["x"], dtype=float)
    unit = f" {fit['unit']}" if fit.get("unit") else ""
    found = []
    for low, high, n in zip(edges[:-1], edges[1:], fit["counts"], strict=True):
        number = "blind" if n is None else f"{style.digits(n)} events"
        words = f"{fit['observable']} {style.digits(low)} to {style.digits(high)}{unit}: {number}"
        near = int(np.argmin(np.abs(x - (low + high) / 2))) if len(x) else -1
        # only where the curve was given, not beyond it
        if near >= 0 and x.min() <= (low + high) / 2 <= x.max():
            central, band = curve["central"][near], (curve["low"][near], curve["high"][near])
            words += f"; fit at {x[near]:.4g}{unit}: {central:.3g} ({band[0]:.3g} to {band[1]:.3g})"
        found.append(Hover(low, high, -math.inf, math.inf, words))
    return found
