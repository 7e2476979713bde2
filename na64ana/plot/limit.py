"""A limit on a coupling against the mass."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from na64ana.errors import RecordError, printable
from na64ana.plot import style
from na64ana.plot.style import Hover, Plot

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["limit"]

#: what is drawn of couplings that have a letter
_LETTERS = {"epsilon": r"$\varepsilon$", "epsilon2": r"$\varepsilon^2$"}
_MASS = r"$m_{A'}$"

Curve = tuple[str, Sequence[float], Sequence[float]]


def limit(
    limit: Mapping[str, Any], published: Sequence[Curve] = (), *, axes: Axes | None = None
) -> Plot:
    """Draw the observed limit, the expected one with its bands, and published ones.

    Parameters
    ----------
    limit : dict
        Content of ``limit.json``, with a ``scan``; a coupling that is null has no limit there.
    published : sequence of (label, masses, couplings)
        In the units of the scan.
    axes : matplotlib.axes.Axes, optional

    Raises
    ------
    RecordError
        There is no scan over the mass.
    """
    scan = limit.get("scan")
    if not scan:
        msg = "the limit has no scan over the mass: there is no curve to draw"
        raise RecordError(msg)
    numbers = {key: _numbers(scan.get(key)) for key in _KEYS}
    with style.styled():
        figure, ax = style.canvas(axes, 7.2, 5.4)
        _draw(ax, numbers, blind=limit["blind"])
        for i, (label, masses, couplings) in enumerate(published):
            line = ("-.", ":", (0, (5, 1, 1, 1)))[i % 3]
            colour = (style.GREEN, style.RED, style.FAINT)[i // 3 % 3]
            ax.plot(masses, couplings, color=colour, linestyle=line, label=style.name(label, 30))
        ax.set_xscale("log")
        ax.set_yscale("log")
        if len(numbers["mass"]) > 1:
            ax.set_xlim(numbers["mass"].min(), numbers["mass"].max())
        coupling = str(scan.get("coupling", "coupling"))
        # epsilon is the coupling of a dark photon; of another quantity the mass has no letter here
        mass = _MASS if coupling in _LETTERS else "mass"
        ax.set_xlabel(f"{mass} [{style.name(str(scan.get('unit', '')), 10)}]")
        style.label_coupling(ax, _LETTERS.get(coupling) or style.name(coupling, 30), 17)
        ax.legend(loc="upper left", title=f"{100 * limit['cl']:.4g}% CL upper limit",
                  alignment="left")  # fmt: skip
        _headroom(ax)
    why = "blind" if limit["blind"] else "missing"
    observed = "drawn" if len(numbers["observed"]) else f"not drawn ({why})"
    words = f"expected limit with its bands; observed limit {observed}"
    hovers = tuple(_hovers(scan, numbers))
    return Plot(figure, ax, f"limit on {printable(coupling, 40)} against mass", words, hovers)


_KEYS = ("mass", "observed", "median", "minus1", "plus1", "minus2", "plus2")


def _numbers(values: Sequence[float | None] | None) -> np.ndarray:
    return np.array([math.nan if v is None else v for v in values or ()], dtype=float)


def _draw(ax: Axes, of: Mapping[str, np.ndarray], *, blind: bool) -> None:
    mass = of["mass"]
    for low, high, colour, label in (
        ("minus2", "plus2", style.OUTER, "expected ± 2 σ"),
        ("minus1", "plus1", style.INNER, "expected ± 1 σ"),
    ):
        if len(of[low]) and len(of[high]):
            ax.fill_between(mass, of[low], of[high], color=colour, linewidth=0, label=label)
    if len(of["median"]):
        ax.plot(mass, of["median"], "--", color=style.BLUE, label="expected, median")
    if len(of["observed"]):
        ax.plot(mass, of["observed"], color=style.INK, linewidth=2.2, label="observed")
    else:
        ax.plot([], [], " ", label="observed: blind" if blind else "observed: missing")


def _headroom(ax: Axes) -> None:
    """Leave room for the legend above the curves."""
    low, high = ax.get_ylim()
    ax.set_ylim(low, high * (high / low) ** 0.45)


def _hovers(scan: Mapping[str, Any], of: Mapping[str, np.ndarray]) -> list[Hover]:
    """One column for each mass, from the middle before it to the middle behind it (in log)."""
    mass = of["mass"]
    if not len(mass):
        return []
    logs = np.log(mass)
    middles = np.exp((logs[1:] + logs[:-1]) / 2)
    edges = np.concatenate([[0.0], middles, [math.inf]])
    found = []
    for i, m in enumerate(mass):
        parts = [f"mass {m:.4g} {scan.get('unit', '')}".rstrip()]
        for key, name in (("observed", "observed"), ("median", "expected")):
            if len(of[key]):
                value = of[key][i]
                parts.append(f"{name} {'no limit' if math.isnan(value) else f'{value:.3g}'}")
        for low, high, name in (("minus1", "plus1", "1 σ"), ("minus2", "plus2", "2 σ")):
            if len(of[low]) and len(of[high]):
                parts.append(f"{name} {of[low][i]:.3g} to {of[high][i]:.3g}")
        words = ", ".join(parts)
        found.append(Hover(edges[i], edges[i + 1], -math.inf, math.inf, words))
    return found
