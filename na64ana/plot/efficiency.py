"""Signal efficiencies against the energy of the mediator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from na64ana.plot import style
from na64ana.plot.style import Hover, Plot

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["efficiency"]

_LOOKS = ((style.BLUE, "-"), (style.RED, (0, (5, 2))), (style.GREEN, (0, (5, 1.5, 1.2, 1.5))),
          (style.INK, (0, (1.5, 1.2))))  # fmt: skip
#: share of the axis above the highest point
_ROOM = 1.15


def efficiency(setups: Sequence[Mapping[str, Any]], *, axes: Axes | None = None) -> Plot:
    """Draw the efficiency of each setup in bins of energy, with statistical errors.

    Parameters
    ----------
    setups : sequence of dict
        As they stand in ``limit.json``; those without an efficiency by energy are left out.
    axes : matplotlib.axes.Axes, optional
    """
    known = [setup for setup in setups if "edges_GeV" in setup["efficiency"]]
    with style.styled():
        figure, ax = style.canvas(axes, 6.4, 3.8)
        for i, setup in enumerate(known):
            _draw(ax, setup, *_LOOKS[i % len(_LOOKS)])
        ends = np.array([_range(setup) for setup in known])
        ax.set_xlim(ends[:, 0].min(), ends[:, 1].max())
        ax.set_ylim(0, max(_top(setup) for setup in known) * _ROOM)
        ax.set_xlabel("energy of the mediator [GeV]")
        ax.set_ylabel("signal efficiency")
        figure.subplots_adjust(top=1 - (0.15 + 0.24 * -(-len(known) // 2)) / 3.8)
        ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, frameon=False,
                  borderaxespad=0.3, borderpad=0.0)  # fmt: skip
    words = "statistical errors; a dotted line is the threshold of a setup"
    return Plot(figure, ax, "signal efficiency against energy", words, tuple(_hovers(known)))


def _arrays(setup: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Edges, values and errors; NaN where no event was generated."""
    given = setup["efficiency"]
    values, errors = (
        np.array([np.nan if v is None else v for v in given[key]], dtype=float)
        for key in ("value", "error")
    )
    return np.asarray(given["edges_GeV"], dtype=float), values, errors


def _range(setup: Mapping[str, Any]) -> tuple[float, float]:
    """From below the threshold to the beam energy."""
    edges, low, high = _arrays(setup)[0], setup["threshold_GeV"], setup["beam_energy_GeV"]
    return max(float(edges[0]), low - 0.1 * (high - low)), min(float(edges[-1]), high)


def _top(setup: Mapping[str, Any]) -> float:
    _, values, errors = _arrays(setup)
    return float(np.nanmax(values + errors, initial=0.05))


def _draw(ax: Axes, setup: Mapping[str, Any], colour: str, dashes: Any) -> None:
    edges, values, errors = _arrays(setup)
    ax.stairs(values, edges, color=colour, linestyle=dashes, linewidth=1.8, baseline=None,
              label=style.name(str(setup["name"]), 40))  # fmt: skip
    centres = (edges[1:] + edges[:-1]) / 2
    ax.errorbar(centres, values, errors, fmt="none", ecolor=colour, elinewidth=1.1, capsize=0)
    if edges[0] < setup["threshold_GeV"]:
        ax.axvline(setup["threshold_GeV"], color=colour, linestyle=(0, (1, 1.6)), linewidth=1.2)


def _hovers(known: Sequence[Mapping[str, Any]]) -> list[Hover]:
    """Each bin of the only curve; of several they would lie upon each other."""
    if len(known) != 1:
        return []
    edges, values, errors = _arrays(known[0])
    generated = known[0]["efficiency"]["generated"]
    return [
        Hover(
            low, high, -np.inf, np.inf,
            f"{low:.4g} to {high:.4g} GeV: "
            + ("no event generated" if np.isnan(value) else
               f"{value:.3g} \u00b1 {error:.1g}, {n:.4g} generated"),
        )
        for low, high, value, error, n in zip(
            edges[:-1], edges[1:], values, errors, generated, strict=True
        )
    ]  # fmt: skip
