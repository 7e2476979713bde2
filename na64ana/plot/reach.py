"""A reach in its plane: what is excluded and expected, on published curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from na64ana.errors import SignalError
from na64ana.plot import style
from na64ana.plot.curves import Overlay, plot_curves
from na64ana.plot.style import Plot

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from na64ana.signal import Reach
    from na64ana.signal.curves import Curve
    from na64ana.signal.overlays import MomentBand, ThermalLine
    from na64ana.signal.reach import Piece

__all__ = ["plot_reach", "plot_reaches"]

Array = NDArray[np.float64]

#: couplings of models, as curves name them
_COUPLINGS = {"g_BL": "g_bl", "g [1/GeV]": "g_agamma"}
#: masses of planes that are not those of the models' own names
_MASSES = {
    "dark-photon": "m_A'", "dark-photon-visible": "m_A'", "light-dark-matter": "m_chi",
    "muon-portal": "m_chi", "b-l": "m_Z'", "l_mu-l_tau": "m_Z'", "alp": "m_a", "spin2": "m_G",
}  # fmt: skip
#: characters in a line of the heading
_WIDTH = 100
_SYMBOLS = {
    "alpha_D": r"\alpha_D", "m_chi": r"m_\chi", "m_1": "m_1", "m_2": "m_2", "m_A'": "m_{A'}",
    "m_Z'": "m_{Z'}", "g_chi": r"g_\chi", "L_mu": r"L_\mu", "L_tau": r"L_\tau",
}  # fmt: skip
_CURRENTS = {"scalar": "scalar", "majorana": "Majorana", "pseudo-dirac": "(pseudo-)Dirac"}
_MOMENT_COLOURS = (style.GREEN, style.ORANGE, style.SKY)
_PURPLE = "#8f4a87"
#: of several reaches: inks and dashes, both different, so that colour is not needed
_LINES: tuple[tuple[str, Any], ...] = (
    (style.INK, "-"), (style.BLUE, (0, (5, 2))), (style.RED, (0, (5, 1.5, 1.2, 1.5))),
    (style.GREEN, (0, (1.5, 1.2))), (_PURPLE, (0, (9, 2))),
)  # fmt: skip


def plot_reach(
    found: Reach,
    published: Sequence[Curve] = (),
    *,
    thermal: Sequence[ThermalLine] = (),
    moments: Sequence[MomentBand] = (),
    cl: float = 0.9,
    axes: Axes | None = None,
) -> Plot:
    """Draw a reach: the observed limit, the expected one with its bands, and what is published.

    A region that is excluded on both sides is a closed outline. It ends at the last mass at which
    something is excluded, unless that is the last mass of all.

    Parameters
    ----------
    found : Reach
    published : sequence of Curve
        In the same plane; grey.
    thermal : sequence of ThermalLine
        Relic densities that were computed, not published.
    moments : sequence of MomentBand
        Where a boson explains the magnetic moment of a lepton.
    cl : float
        Confidence level, for the legend.
    axes : matplotlib.axes.Axes, optional
    """
    own = [*_moments(moments), *_bands(found), *_limits(found, cl), *_thermal(thermal)]
    masses = [point.mass for point in found.scan.points]
    few = len(masses) < 2
    return plot_curves(
        published, highlight="", overlays=own, plane=_plane(found), heading=_heading(found),
        axes=axes,
        xlim=(masses[0] / 2, masses[0] * 2) if few else (masses[0], masses[-1]),
        ylim=_range(published, own, (masses[0], masses[-1])),
    )  # fmt: skip


def plot_reaches(
    found: Mapping[str, Reach],
    published: Sequence[Curve] = (),
    *,
    thermal: Sequence[ThermalLine] = (),
    moments: Sequence[MomentBand] = (),
    heading: str = "",
    ylim: tuple[float, float] | None = None,
    axes: Axes | None = None,
) -> Plot:
    """Draw several reaches of one plane, each as a line of its own, on what is published.

    Of each, the limit that counts first is drawn, without bands.

    Parameters
    ----------
    found : dict of str to Reach
        By their names in the legend; five at most.
    published, thermal, moments, axes
        As in `plot_reach`.
    heading : str
        Above the legend; by default the model, if it is one.
    ylim : (float, float), optional
        Ends of the axis of couplings; by default all that is drawn.

    Raises
    ------
    SignalError
        There is none, there are more than five, or they are of several couplings.
    """
    if not 1 <= len(found) <= len(_LINES):
        msg = f"there are {len(found)} reaches to draw: give from 1 to {len(_LINES)}"
        raise SignalError(msg)
    couplings, masses = zip(*(_plane(one) for one in found.values()), strict=True)
    if len(set(couplings)) > 1:
        names = ", ".join(sorted(set(couplings)))
        msg = f"reaches of several couplings are not drawn together: {names}"
        raise SignalError(msg)
    ends = (
        min(one.scan.points[0].mass for one in found.values()),
        max(one.scan.points[-1].mass for one in found.values()),
    )
    lines = [
        Overlay(label, _outlines(one.pieces(one.names[0]), ends), ink=ink, dashes=dashes)
        for (label, one), (ink, dashes) in zip(found.items(), _LINES, strict=False)
    ]
    models = {one.model.describe() for one in found.values()}
    own = [*_moments(moments), *lines, *_thermal(thermal)]
    return plot_curves(
        published, highlight="", overlays=own, axes=axes,
        plane=(couplings[0], masses[0] if len(set(masses)) == 1 else "m_X"),
        heading=_lines_of(heading or (models.pop() if len(models) == 1 else "")),
        xlim=ends, ylim=ylim or _range(published, own, ends),
    )  # fmt: skip


def _plane(found: Reach) -> tuple[str, str]:
    name = found.model.curves
    if name == "muon-portal":
        return "y of muons", _MASSES[name]
    coupling = found.model.coupling
    mass = "m_chi" if coupling == "y" else _MASSES.get(name, "m_X")
    return _COUPLINGS.get(coupling, coupling), mass


def _heading(found: Reach) -> str:
    setups = [
        f"{run.name}: {run.exposure:.3g} {run.beam}s of {run.beam_energy:g} GeV"
        for run in found.setups
    ]
    if len(setups) > 2:
        setups = [f"{', '.join(run.name for run in found.setups)}"]
    return "\n".join(_lines_of(text) for text in (found.model.describe(), *setups))


def _lines_of(text: str) -> str:
    """Return text in lines of about one length, its symbols as formulas."""
    number = max(1, len(wrap(text, _WIDTH)))
    lines = wrap(text, min(_WIDTH, len(text) // number + 12))
    return "\n".join(_typeset(line) for line in lines)


def _typeset(line: str) -> str:
    """Return a line with its symbols as formulas."""
    for word, symbol in _SYMBOLS.items():
        line = line.replace(word, f"\0{symbol}\0")
    parts = line.split("\0")
    return "".join(f"${part}$" if i % 2 else style.words(part, 114) for i, part in enumerate(parts))


def _range(
    published: Sequence[Curve], own: Sequence[Overlay], masses: tuple[float, float]
) -> tuple[float, float] | None:
    """Return couplings from below all that is drawn to above what is one's own, and limits."""
    low, high = masses
    mine = [line[:, 1] for overlay in own for line in overlay.lines]
    theirs = [
        values[(at >= low) & (at <= high)] for curve in published for at, values in curve.pieces
    ]
    every = np.concatenate([*mine, *theirs]) if mine or theirs else np.empty(0)
    every = every[np.isfinite(every) & (every > 0)]
    if not len(every):
        return None
    return float(every.min()) / 2, float(every.max()) * 2


def _limits(found: Reach, cl: float) -> list[Overlay]:
    """Return lines: observed, or the only limit, and the median of what is expected."""
    looks: dict[str, dict[str, Any]] = {
        "limit": {"label": f"{100 * cl:.4g}% CL limit", "fill": style.SKY},
        "observed": {"label": f"observed, {100 * cl:.4g}% CL", "fill": style.SKY},
        "median": {"label": "expected, median", "ink": style.BLUE, "dashes": (0, (5, 2)),
                   "width": 1.8},
    }  # fmt: skip
    ends = found.scan.points[0].mass, found.scan.points[-1].mass
    made = []
    for name, look in looks.items():
        if name not in found.names:
            continue
        pieces = found.pieces(name)
        lines = _outlines(pieces, ends)
        fills = [] if "dashes" in look or "plus1" in found.names else [
            (piece.masses, piece.low, piece.high)
            for piece in pieces if np.isfinite(piece.high).any()
        ]  # fmt: skip
        made.append(Overlay(lines=lines, fills=fills, opacity=0.25, **look))
    return made


def _outlines(pieces: Sequence[Piece], ends: tuple[float, float]) -> list[Array]:
    return [line for piece in pieces for line in _outline(piece, ends)]


def _outline(piece: Piece, ends: tuple[float, float]) -> list[Array]:
    """Return lines around a region: closed where it ends, open where masses or couplings end."""
    at, low, high = (np.array(side, float) for side in piece)
    low[low == 0] = np.nan
    closed = np.isfinite(high)
    if not closed.any():
        return [np.column_stack([at, low])]
    high[~closed] = np.nan
    lower, upper = np.column_stack([at, low]), np.column_stack([at, high])[::-1]
    points = [lower]
    if not (closed[-1] and at[-1] < ends[1]):
        points.append(np.full((1, 2), np.nan))
    points.append(upper)
    if closed[0] and at[0] > ends[0]:
        points.append(lower[:1])
    return [np.concatenate(points)]


def _bands(found: Reach) -> list[Overlay]:
    """Return the areas between edges that are stronger and weaker by 1 and 2 standard deviations.

    The weaker one excludes less: where it excludes nothing, the area is all of the stronger one.
    """
    made = []
    for name, colour, height in (("2", style.OUTER, 2.0), ("1", style.INNER, 2.1)):
        if f"plus{name}" not in found.names:
            continue
        fills: list[tuple[Any, Any, Any]] = []
        low_strong, high_strong = _edges(found, f"minus{name}")
        low_weak, high_weak = _edges(found, f"plus{name}")
        at = [point.mass for point in found.scan.points]
        nothing = np.isnan(low_weak)
        fills.append((at, low_strong, np.where(nothing, high_strong, low_weak)))
        if np.isfinite(high_weak).any():
            fills.append((at, high_weak, high_strong))
        label = f"expected \u00b1 {name} \u03c3"
        made.append(Overlay(label, fills=fills, fill=colour, height=height))
    return made


def _edges(found: Reach, name: str) -> tuple[Array, Array]:
    """Return edges of the first region at each mass: NaN without one, infinite above."""
    bands = [point.bands[name] for point in found.scan.points]
    low = [b[0].low if b else np.nan for b in bands]
    high = [(np.inf if b[0].high_open else b[0].high) if b else np.nan for b in bands]
    return np.array(low), np.array(high)


def _thermal(lines: Sequence[ThermalLine]) -> list[Overlay]:
    made = [
        Overlay(
            _CURRENTS[line.dark_matter], [np.column_stack([line.masses, line.y])], ink=_PURPLE,
            dashes=(0, (4, 1.5, 1, 1.5)), width=1.4, height=4.6, beside=True,
        )
        for line in lines
    ]  # fmt: skip
    if made:
        nowhere = np.full((1, 2), np.nan)
        made.append(made[0]._replace(label="relic density, computed (to 50%)", lines=[nowhere],
                                     beside=False))  # fmt: skip
    return made


def _moments(bands: Sequence[MomentBand]) -> list[Overlay]:
    return [
        Overlay(
            band.label if np.isfinite(band.high).any() else f"{band.label}: nowhere",
            fills=[(band.masses, band.low, band.high)],
            fill=_MOMENT_COLOURS[i % len(_MOMENT_COLOURS)], height=1.9, opacity=0.4,
        )
        for i, band in enumerate(bands)
    ]  # fmt: skip
