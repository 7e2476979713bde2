"""Limits, projections and targets in a plane of mass and coupling."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from na64ana.errors import SignalError, printable
from na64ana.plot import style
from na64ana.plot.labels import Line, place_labels
from na64ana.plot.style import Plot
from na64ana.signal.curves import Curve
from na64ana.units import parse_unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Overlay", "plot_curves"]

Array = NDArray[np.float64]
Range = tuple[float, float]

_MASSES = {
    "m_A'": r"$m_{A'}$", "m_Z'": r"$m_{Z'}$", "m_a": r"$m_a$", "m_chi": r"$m_\chi$",
    "m_X": r"$m_X$", "m_G": r"$m_G$",
}  # fmt: skip
_COUPLINGS = {
    "epsilon": r"$\varepsilon$",
    "epsilon2": r"$\varepsilon^2$",
    "y": r"$y = \varepsilon^2 \alpha_D\, (m_\chi / m_{A'})^4$",
    "y of muons": r"$y = (g_\chi g_\mu)^2\, (m_\chi / m_{Z'})^4$",
    "g": r"$g$",
    "g_bl": r"$g_{B-L}$",
    "g_mutau": r"$g_{\mu-\tau}$",
    "c/Lambda [1/GeV]": r"$c/\Lambda$ [GeV$^{-1}$]",
    "g_agamma": r"$g_{a\gamma}$ [GeV$^{-1}$]",
}
#: of limits of others: one grey, so that what is excluded by any of them is one area
_FILL, _EDGE = "#e3e6ea", "#7b838c"
#: points of a curve from which on its line is thin
_DENSE = 2000
#: of projections; each with its own dashes, so that colour is not needed to tell them apart
_PROJECTIONS = (style.ORANGE, style.GREEN, style.RED, "#cc79a7", style.SKY, "#8a6d00")
_DASHES = ((0, (6, 2)), (0, (3, 1.5)), (0, (6, 2, 1.5, 2)), (0, (1.5, 1.5)))
_DARK = r"$\alpha_D = {:g}$, $m_{{A'}} = {:g}\, m_\chi$"
#: far above every axis, in a logarithmic plot
_ABOVE = 1e6
_FONT = 9.5
#: an axis from a number to so many times that has labels between powers of ten, and room for those
#: of the couplings, in inches
_SHORT, _WIDE_LABELS = 50, 1.25
#: columns of the legend, and height of its rows in points
_COLUMNS, _ROW = 3, 16.0
#: width of a letter, in sizes of the font, and of what stands before a label, in points
_LETTER, _HANDLE = 0.56, 50.0


class Overlay(NamedTuple):
    """Something of one's own in the plane; masses in the unit of the axis.

    Attributes
    ----------
    label : str
        Beside the first line, or in the legend.
    lines : sequence of ndarray, shape (n, 2)
        Masses and couplings.
    fills : sequence of (masses, low, high)
        Areas; an edge of 0 or infinity goes on beyond the axis, NaN leaves a gap.
    ink, fill : str
        Colours of lines and areas.
    dashes : matplotlib line style
    width : float
    height : float
        Above what it is drawn: published areas are at 1.2 to 1.5, their lines at 3.6 to 4.5.
    beside : bool
        Whether the label stands beside the line, and not in the legend.
    opacity : float
        Of the areas.
    """

    label: str
    lines: Sequence[Array] = ()
    fills: Sequence[tuple[Any, Any, Any]] = ()
    ink: str = style.INK
    fill: str = style.INNER
    dashes: Any = "-"
    width: float = 2.2
    height: float = 6.0
    beside: bool = False
    opacity: float = 1.0


class _Look(NamedTuple):
    """How a curve is drawn; ``height`` orders fills, all lines lie above them."""

    ink: str
    edge: str
    fill: str | None
    dashes: object
    width: float
    height: float


def plot_curves(
    found: Sequence[Curve],
    *,
    highlight: str = "NA64",
    mass_unit: str = "GeV",
    xlim: Range | None = None,
    ylim: Range | None = None,
    own: Sequence[tuple[str, Sequence[float], Sequence[float | None]]] = (),
    overlays: Sequence[Overlay] = (),
    plane: tuple[str, str] | None = None,
    heading: str = "",
    axes: Axes | None = None,
) -> Plot:
    """Draw curves of one plane, each with its name beside it, under a legend.

    Limits and recasts are filled, those of ``highlight`` in blue and the others in grey;
    projections are dashed; contours are closed; targets are dotted lines. What a file has only to
    close a shape is not drawn.

    Parameters
    ----------
    found : sequence of Curve
        All of one coupling against one mass; `convert_curve` moves others there.
    highlight : str
        Experiments whose names begin so stand out; none if it is empty.
    mass_unit : str
        Unit of the axis.
    xlim, ylim : (float, float), optional
        Ends of the axes, in ``mass_unit`` and powers of GeV.
    own : sequence of (label, masses, couplings), optional
        Further lines, in ``mass_unit`` and powers of GeV; a coupling that is None leaves a gap.
    overlays : sequence of Overlay, optional
        Further lines and areas, for more choice.
    plane : (str, str), optional
        Coupling and mass of the axes where no curve says them.
    heading : str
        Above the legend.
    axes : matplotlib.axes.Axes, optional

    Raises
    ------
    SignalError
        There is nothing to draw, or curves are of several planes; or a range is not positive.
    UnitError
        The unit is unknown.
    """
    added = [*map(_line, own), *overlays]
    if not found and (plane is None or not added):
        msg = "there are no curves to draw"
        raise SignalError(msg)
    of, mass_of = plane or _plane(found)
    scale = float(parse_unit("GeV").ratio(parse_unit(mass_unit)))
    with style.styled():
        figure, ax = style.canvas(axes, 8.4, 6.9, right=0.35)
        ax.set_xscale("log")
        ax.set_yscale("log")
        ax.set_xlim(*_ends(xlim, _all_masses(found, added, scale), 1.0))
        ax.set_ylim(*_ends(ylim, _all_couplings(found, added), 2.0))
        looks = _looks(found, highlight)
        lines = [_draw(ax, *pair, scale) for pair in zip(found, looks, strict=True)]
        colours = [look.ink for look in looks]
        for overlay in added:
            drawn = _overlay(ax, overlay)
            if overlay.beside:
                lines.append((overlay.label, drawn, []))
                colours.append(overlay.ink)
        _label_axes(ax, of, f"{_mass_name(mass_of)} [{style.name(mass_unit, 10)}]")
        if axes is None and np.divide(*ax.get_ylim()[::-1]) <= _SHORT:
            figure.subplots_adjust(left=_WIDE_LABELS / figure.get_figwidth())
        _legend(ax, found, added, heading)
        kept = [line for overlay in added if not overlay.beside for line in overlay.lines]
        if added and (target := _only_target(found)) is not None:  # its name is in the legend
            kept.append(lines.pop(target)[1])
            colours.pop(target)
        _names(ax, lines, colours, kept)
    return Plot(figure, ax, *_in_words(found, added, of, mass_of))


def _all_masses(found: Sequence[Curve], added: Sequence[Overlay], scale: float) -> list[float]:
    own = [m for overlay in added for line in overlay.lines for m in _finite(line[:, 0])]
    return [m * scale for curve in found for m in curve.mass_range] + own


def _all_couplings(found: Sequence[Curve], added: Sequence[Overlay]) -> list[float]:
    own = [v for overlay in added for line in overlay.lines for v in _finite(line[:, 1])]
    return [v for curve in found for _, p in curve.pieces for v in (p.min(), p.max())] + own


def _label_axes(ax: Axes, coupling: str, mass: str) -> None:
    ax.set_xlabel(mass)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_minor_formatter(_minor(*axis.get_view_interval()))
    style.label_coupling(ax, _COUPLINGS.get(coupling) or style.name(coupling, 30), 15)


def _mass_name(mass: str) -> str:
    return _MASSES.get(mass) or style.name(mass, 20)


def _in_words(
    found: Sequence[Curve], added: Sequence[Overlay], coupling: str, mass: str
) -> tuple[str, str]:
    """Title and contents of a plot, for those who do not see it."""
    number = f"{len(found)} curve{'' if len(found) == 1 else 's'}"
    mine = ", ".join(printable(overlay.label, 60) for overlay in added)
    names = ", ".join(printable(curve.label, 40) for curve in found[:30])
    words = "; ".join(filter(None, (mine, names)))
    return f"{number} of {coupling} against {printable(mass, 20)}", words


def _line(own: tuple[str, Sequence[float], Sequence[float | None]]) -> Overlay:
    """Return a black line with its name beside it."""
    label, masses, couplings = own
    values = np.array([np.nan if c is None else c for c in couplings], float)
    points = np.column_stack([np.asarray(masses, float), values])
    return Overlay(label, [points], width=2.4, beside=True)


def _minor(low: float, high: float) -> Any:
    """Return what labels 2 and 5 between powers of ten, on an axis with few of these."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    if high > low * _SHORT:
        return NullFormatter()

    def label(value: float, _: int) -> str:
        power = math.floor(math.log10(value) + 1e-9)
        digit = round(value / 10**power)
        return rf"${digit} \times 10^{{{power}}}$" if digit in (2, 5) else ""

    return FuncFormatter(label)


def _finite(values: Array) -> list[float]:
    return [float(v) for v in values[np.isfinite(values) & (values > 0)]]


def _overlay(ax: Axes, overlay: Overlay) -> Array:
    """Draw what is one's own; return the points of its lines with NaN between them."""
    for masses, low, high in overlay.fills:
        bottom = np.where(np.asarray(low, float) == 0, 1 / _ABOVE**3, low)
        ax.fill_between(
            masses, bottom, np.minimum(high, _ABOVE), color=overlay.fill,
            linewidth=0.5 if overlay.opacity == 1 else 0,  # no seams between areas that touch
            alpha=overlay.opacity, zorder=overlay.height,
        )  # fmt: skip
    points = []
    for line in overlay.lines:
        ax.plot(*line.T, color=overlay.ink, linestyle=overlay.dashes, linewidth=overlay.width,
                solid_capstyle="butt", zorder=overlay.height)  # fmt: skip
        points += [line, np.full((1, 2), np.nan)]
    return np.concatenate(points) if points else np.empty((0, 2))


def _plane(found: Sequence[Curve]) -> tuple[str, str]:
    planes = {_axes_of(curve): curve.name for curve in found}
    if len(planes) > 1:
        (one, name), (other, its) = list(planes.items())[:2]
        msg = (
            f"'{printable(name)}' is of {one[2]}, '{printable(its)}' of {other[2]}: "
            "na64ana.signal.couplings.convert_curve moves a curve into another plane"
        )
        raise SignalError(msg)
    return next(iter(planes))[:2]


def _axes_of(curve: Curve) -> tuple[str, str, str]:
    """Return coupling and mass, and both in words with what was assumed."""
    spec, mass = curve.spec.coupling, curve.spec.mass.of
    words = f"{spec.of} against {printable(mass, 20)}"
    if spec.of == "y":
        words += f" at alpha_D = {spec.alpha_D:g}, m_A' = {spec.mass_ratio:g} m_chi"
    return spec.of, mass, words


def _ends(asked: Range | None, values: Sequence[float], room: float) -> Range:
    low, high = asked or (min(values) / room, max(values) * room)
    if not 0 < low < high < np.inf:
        msg = f"a range of an axis goes from a positive number up; this is {low:g} to {high:g}"
        raise SignalError(msg)
    return float(low), float(high)


def _looks(found: Sequence[Curve], highlight: str) -> list[_Look]:
    looks, dashed = [], 0
    for curve in found:
        ours = bool(highlight) and curve.spec.experiment.startswith(highlight)
        dense = len(curve.masses) > _DENSE
        if curve.kind == "target":
            looks.append(_Look(style.INK, style.INK, None, (0, (1, 1.2)), 1.8, 4.5))
        elif curve.kind == "projection":
            colour = style.BLUE if ours else _PROJECTIONS[dashed % len(_PROJECTIONS)]
            dashes = _DASHES[dashed % len(_DASHES)]
            looks.append(_Look(colour, colour, None, dashes, 1.6, 4.5))
            dashed += 1
        elif ours:
            looks.append(_Look(style.BLUE, style.BLUE, style.OUTER, "-", 1.9, 1.5))
        else:
            looks.append(_Look(style.FAINT, _EDGE, _FILL, "-", 0.5 if dense else 1.1, 1.2))
    return looks


def _draw(
    ax: Axes, curve: Curve, look: _Look, scale: float
) -> tuple[str, Array, list[Array]]:  # fmt: skip
    """Draw a curve; return its name, its points with NaN between pieces, and its regions."""
    added = {"frame": 2, "chord": 1}.get(curve.spec.closure or "", 0)
    shown, regions = [], []
    for mass, coupling in curve.pieces:
        outline = np.column_stack([mass * scale, coupling])
        drawn = outline[: len(outline) - added]  # not what closes it beside the file
        if curve.shape == "upper-limit":
            ends = [[outline[-1, 0], _ABOVE], [outline[0, 0], _ABOVE]]
            outline = np.concatenate([outline, ends])
        if look.fill is not None:
            ax.fill(*outline.T, color=look.fill, linewidth=0, zorder=look.height)
            regions.append(outline)
        ax.plot(*drawn.T, color=look.edge, linestyle=look.dashes, linewidth=look.width,
                solid_capstyle="butt", zorder=max(3.0 + look.height / 2, look.height))  # fmt: skip
        shown += [drawn, np.full((1, 2), np.nan)]
    return curve.label, np.concatenate(shown), regions


def _only_target(found: Sequence[Curve]) -> int | None:
    """Return where the one target is; None if there are none or several."""
    targets = [i for i, curve in enumerate(found) if curve.kind == "target"]
    return targets[0] if len(targets) == 1 else None


def _legend(ax: Axes, found: Sequence[Curve], own: Sequence[Overlay], heading: str) -> None:
    """Say above the axes what is drawn how."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    kinds = {curve.kind for curve in found}
    levels = {curve.spec.cl or 0.0 for curve in found if curve.kind != "target"}
    level = f" ({100 * min(levels):g}% CL)" if len(levels) == 1 and min(levels) else ""
    keys: list[Any] = [_key(overlay) for overlay in own if not overlay.beside]
    if kinds & {"limit", "recast"}:
        words = "published" if own else "excluded"
        keys.append(Patch(facecolor=_FILL, edgecolor=_EDGE, label=f"{words}{level}"))
    if "projection" in kinds:
        keys.append(Line2D([], [], color=style.INK, linestyle=_DASHES[0], label="projected"))
    if "target" in kinds:
        only = _only_target(found)
        words = "relic density" if only is None else found[only].label
        words = f"{style.name(words, 40)}, published" if own else "relic density"
        keys.append(Line2D([], [], color=style.INK, linestyle=(0, (1, 1.2)), label=words))
    if not heading and found and found[0].spec.coupling.of == "y":
        spec = found[0].spec.coupling
        heading = _DARK.format(spec.alpha_D, spec.mass_ratio)
    columns = _columns([key.get_label() for key in keys], _page(ax)[0])
    rows = -(-len(keys) // columns) + heading.count("\n") + bool(heading)
    figure = ax.get_figure(root=True)
    assert figure is not None
    if len(figure.axes) == 1:
        height = figure.get_figheight()
        figure.subplots_adjust(top=1 - (0.12 + rows * _ROW / 72) / height)
    legend = ax.legend(
        handles=keys, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=columns,
        fontsize=_FONT, title=heading or None, title_fontsize=_FONT, alignment="left",
        borderaxespad=0.3, borderpad=0.0, columnspacing=1.6, frameon=False,
    )  # fmt: skip
    legend.set_zorder(9)


def _columns(labels: Sequence[str], width: float) -> int:
    """Return how many columns of a legend fit into a width in points; they are filled downwards."""
    lengths = [len(re.sub(r"\$[^$]*\$", 5 * "x", label)) for label in labels]
    for columns in range(min(len(labels), _COLUMNS), 1, -1):
        letters = sum(int(column.max()) for column in np.array_split(lengths, columns))
        if letters * _LETTER * _FONT + columns * _HANDLE < width:
            return columns
    return 1


def _key(overlay: Overlay) -> Any:
    """Return the line or the patch that stands for what is one's own."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    label = style.words(overlay.label, 60)
    if overlay.lines:
        return Line2D([], [], color=overlay.ink, linestyle=overlay.dashes, label=label,
                      linewidth=overlay.width)  # fmt: skip
    return Patch(facecolor=overlay.fill, alpha=overlay.opacity, label=label)


def _page(ax: Axes) -> Array:
    """Return width and height of the axes in points."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    box = ax.get_position()
    return np.array([figure.get_figwidth() * box.width, figure.get_figheight() * box.height]) * 72


def _names(
    ax: Axes, lines: Sequence[tuple[str, Array, list[Array]]], colours: Sequence[str],
    others: Sequence[Array],
) -> None:  # fmt: skip
    """Write the names beside the curves, in their colours, and clear of other lines."""
    from matplotlib.patheffects import withStroke

    page = _page(ax)
    ends = np.log(np.array([ax.get_xlim(), ax.get_ylim()]))

    def on_page(points: Array) -> Array:
        return np.asarray((np.log(points) - ends[:, 0]) / (ends[:, 1] - ends[:, 0]) * page)

    placed = [
        Line(words, on_page(points), tuple(map(on_page, regions)))
        for words, points, regions in lines
    ]
    clear = [on_page(line) for line in others]
    places = place_labels(placed, _FONT, *page.tolist(), clear=clear)
    for (words, _, _), place, colour in zip(lines, places, colours, strict=True):
        if place is not None:
            ax.text(
                place.x / page[0], place.y / page[1], style.name(words, 40), color=colour,
                fontsize=_FONT, rotation=place.angle, rotation_mode="anchor", ha="center",
                va="center", transform=ax.transAxes, zorder=8,
                path_effects=[withStroke(linewidth=2.2, foreground="white", alpha=0.85)],
            )  # fmt: skip
