"""One look for all figures, whatever the settings of the machine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from na64ana.errors import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "Hover",
    "Plot",
    "canvas",
    "digits",
    "label_coupling",
    "name",
    "quantity",
    "styled",
    "words",
]

#: colours that differ for all kinds of colour vision and in grey (Okabe and Ito, 2008)
BLUE, ORANGE, GREEN, RED, SKY, GREY = (
    "#0072b2", "#e69f00", "#009e73", "#d55e00", "#56b4e9", "#8a8f98",
)  # fmt: skip
#: the bands of 1 and 2 sigma: two of one hue, so that the inner one is the darker in grey too
INNER, OUTER = "#7fb8da", "#cfe5f2"
INK, FAINT = "#1b1f24", "#5b6470"

_STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib
    "font.size": 12,
    "axes.labelsize": 13,
    "axes.titlesize": 13,
    "axes.linewidth": 1.1,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.axisbelow": False,
    "text.color": INK,
    "xtick.direction": "in",
    "ytick.direction": "in",
    "xtick.top": True,
    "ytick.right": True,
    "xtick.minor.visible": True,
    "ytick.minor.visible": True,
    "xtick.major.size": 7,
    "ytick.major.size": 7,
    "xtick.minor.size": 3.5,
    "ytick.minor.size": 3.5,
    "xtick.color": INK,
    "ytick.color": INK,
    "xaxis.labellocation": "right",
    "yaxis.labellocation": "top",
    "lines.linewidth": 1.8,
    "hatch.linewidth": 0.8,
    "hatch.color": GREY,
    "legend.frameon": True,
    "legend.framealpha": 0.85,
    "legend.edgecolor": "none",
    "legend.fancybox": False,
    "legend.fontsize": 11,
    "mathtext.fontset": "dejavusans",
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "svg.fonttype": "path",  # the same on a machine without the font
    "svg.hashsalt": "na64ana",
}


class Hover(NamedTuple):
    """What is shown of a rectangle of the axes, in their units."""

    low: float
    high: float
    bottom: float
    top: float
    words: str
    kind: str = "bin"


@dataclass(frozen=True)
class Plot:
    """A figure with what a reader may ask of it.

    Attributes
    ----------
    figure : matplotlib.figure.Figure
    axes : matplotlib.axes.Axes
    title : str
        What is drawn, in a few words.
    words : str
        What is to be seen, for those who cannot see it.
    hovers : tuple of Hover
        Values to be shown where the pointer is; an edge at infinity is that of the axes.
    """

    figure: Figure
    axes: Axes
    title: str
    words: str
    hovers: tuple[Hover, ...] = field(repr=False, default=())

    def _repr_html_(self) -> str:
        from na64ana.plot.svg import to_svg

        # else the drawing would be as wide as the page
        width = self.figure.get_figwidth()
        return f'<div style="max-width: {width:g}in">{to_svg(self)}</div>'


@contextmanager
def styled() -> Iterator[None]:
    """Draw in the house style, and leave the settings of the user as they were."""
    import matplotlib as mpl

    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        yield


def canvas(
    axes: Axes | None,
    width: float = 7.2,
    height: float = 4.8,
    left: float = 0.9,
    right: float = 0.2,
) -> tuple[Figure, Axes]:
    """Return the given axes with their figure, or those of a new one; all sizes in inches."""
    if axes is not None:
        figure = axes.get_figure(root=True)
        assert figure is not None
        return figure, axes
    from matplotlib.figure import Figure

    made = Figure(figsize=(width, height))
    # fixed margins: the time of a constrained layout is that of a second drawing
    made.subplots_adjust(
        left=left / width, right=1 - right / width, bottom=0.65 / height, top=1 - 0.2 / height
    )
    return made, made.add_subplot()


def name(text: str, limit: int = 60) -> str:
    """Return a name from a file, to be drawn as it is and not as a formula."""
    shown = printable(text, limit)
    return shown.replace("$", r"\$")


def words(text: str, limit: int = 60) -> str:
    """Return a text as it is, but for powers of ten: 9.37e+11 is shown as a formula."""
    return re.sub(r"(?<=\d)e\+?(-?)0*(\d+)\b", r"$\\times10^{\1\2}$", name(text, limit))


def quantity(label: str, limit: int = 60) -> str:
    r"""Return the label of an axis: ``E_ECAL [GeV]`` with its index, all else as it is."""
    match = re.fullmatch(r"([A-Za-z])_([A-Za-z0-9]{1,12})( \[[A-Za-z0-9/^*. -]{1,20}\])?", label)
    if not match:
        return name(label, limit)
    return rf"${match[1]}_{{\mathrm{{{match[2]}}}}}${match[3] or ''}"


def digits(value: float) -> str:
    """Write a number for a reader: six digits, whole numbers whole."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.6g}"


def label_coupling(ax: Axes, words: str, size: float) -> None:
    """Label the axis of a coupling: a symbol alone stands upright, since epsilon lying is omega."""
    label = ax.set_ylabel(words, fontsize=size)
    if not any(sign in words for sign in " =/"):
        label.set(rotation="horizontal", verticalalignment="top")
