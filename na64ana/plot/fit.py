"""A sideband with the fit that goes from it into the box."""

from __future__ import annotations

import math
from collections.abc import Mapping
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

    Points in the range of the central fit are full, others open.

    Parameters
    ----------
    fit : dict
        ``source``, ``observable``, ``unit``: words; ``label``: that of the axis with its unit, if
        it is not the observable. ``edges``: N + 1 rising numbers, ``counts``: N, null where a bin
        is blind. ``curve``: ``x`` with ``central``, ``low`` and ``high`` in events per bin.
        ``range`` and ``box``: two numbers each. ``estimate``: ``value``, ``statistical`` and
        ``systematic`` in events, each null where there is none; ``spread``, the part of the
        systematic error that is the spread of the fits, ``low`` and ``high``, the least and the
        greatest of them in the box. ``validation``: ``words`` on what the fit expects
        beside the box and what is seen there, or null.
    axes : matplotlib.axes.Axes, optional
    """
    with style.styled():
        figure, ax = style.canvas(axes)
        edges = np.array(fit["edges"], dtype=float)
        _draw_ranges(ax, fit)
        _draw_curve(ax, fit)
        _draw_points(ax, edges, fit)
        _limits(ax, fit, edges)
        unit = f" [{fit['unit']}]" if fit.get("unit") else ""
        ax.set_xlabel(style.quantity(fit.get("label") or f"{fit['observable']}{unit}"))
        ax.set_ylabel("events per bin")
        title = f"in the box: {_estimate(fit.get('estimate'))}"
        ax.legend(loc="upper left", ncols=2, title=title, alignment="left", fontsize=10)
    words = f"estimate in the box: {_estimate(fit.get('estimate'))}{_errors(fit)}{_beside(fit)}"
    hovers = tuple(_hovers(fit, edges))
    return Plot(figure, ax, f"sideband fit of {printable(fit['source'])}", words, hovers)


def _draw_ranges(ax: Axes, fit: Mapping[str, Any]) -> None:
    low, high = fit["box"]
    ax.axvspan(low, high, color=style.RED, alpha=0.10, linewidth=0, label="signal box")
    low, high = fit["range"]
    ax.axvspan(low, high, color=style.GREY, alpha=0.14, linewidth=0, label="fit range")


def _draw_curve(ax: Axes, fit: Mapping[str, Any]) -> None:
    curve, estimate = fit["curve"], fit.get("estimate") or {}
    x = np.array(curve["x"], dtype=float)
    label = "accepted fits"
    if estimate.get("low") is not None:  # the errors of the estimate hold more than this band
        label += f", {estimate['low']:.2g} to {estimate['high']:.2g} in the box"
    ax.fill_between(x, curve["low"], curve["high"], color=style.ORANGE, alpha=0.35, linewidth=0,
                    label=label)  # fmt: skip
    ax.plot(x, curve["central"], color="#a86a00", label="central fit")


def _draw_points(ax: Axes, edges: np.ndarray, fit: Mapping[str, Any]) -> None:
    centres, widths = (edges[1:] + edges[:-1]) / 2, np.diff(edges) / 2
    known = np.array([n is not None and n > 0 for n in fit["counts"]])
    values = np.array([n if n is not None else 0 for n in fit["counts"]], dtype=float)
    low, high = fit["range"]
    fitted = (centres > low) & (centres < high)
    for chosen, face, label in (
        (known & fitted, style.INK, "data, fitted"),
        (known & ~fitted, "white", "data, not fitted"),
    ):
        if not chosen.any():
            continue
        ends = np.array([poisson_interval(int(n)) for n in values[chosen]]).reshape(-1, 2)
        errors = np.abs(ends.T - values[chosen])
        ax.errorbar(
            centres[chosen], values[chosen], errors, widths[chosen], fmt="o", color=style.INK,
            markerfacecolor=face, markersize=4.5, elinewidth=1.2, label=label,
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


def _errors(fit: Mapping[str, Any]) -> str:
    """What the errors are made of, as far as it is known."""
    estimate = fit.get("estimate") or {}
    spread, error = estimate.get("spread"), estimate.get("bootstrap")
    words = "" if error is None else f"; statistical error by bootstrap {error:.2g}"
    if spread is not None and not math.isclose(spread, estimate["systematic"]):
        words += (
            f"; of the systematic error, {spread:.2g} is the spread of the accepted fits, the rest "
            "their statistical errors"
        )
    return words


def _beside(fit: Mapping[str, Any]) -> str:
    """What the central fit expects between its range and the box, and what is seen there."""
    found = fit.get("validation")
    if not found:
        return ""
    return f"; {found['words']}"


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
