"""A figure as SVG for a page: what a browser needs, values under the pointer, no outside names."""

from __future__ import annotations

import io
import math
import re
import warnings
from xml.etree import ElementTree

from na64ana.errors import printable
from na64ana.plot.style import Hover, Plot, styled

__all__ = ["to_svg"]

_SVG = "http://www.w3.org/2000/svg"
_LINK = "{http://www.w3.org/1999/xlink}href"
_LONGEST = 300
_DPI = 72.0  # of matplotlib's SVG: its unit is the point


def to_svg(plot: Plot, prefix: str = "") -> str:
    """Return a plot as an SVG element to stand in HTML.

    The same plot gives the same text. Nothing in it refers to anything outside.

    Parameters
    ----------
    plot : Plot
    prefix : str
        Goes before each id, so that several plots can stand in one page.
    """
    with styled(), warnings.catch_warnings():
        # a sign that the font lacks is drawn as a box; the words beside the figure have it
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        text = io.BytesIO()
        plot.figure.savefig(text, format="svg", dpi=_DPI * 3, metadata={"Date": None})
    root = ElementTree.fromstring(text.getvalue())  # noqa: S314 - matplotlib wrote it
    _strip(root)
    _rename(root, prefix)
    _plain_names(root)
    _describe(root, plot)
    root.append(_overlay(plot))
    return ElementTree.tostring(root, encoding="unicode")


def _strip(root: ElementTree.Element) -> None:
    """Take out the metadata, and the style, which in HTML would hold for the whole page."""
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in (f"{{{_SVG}}}metadata", f"{{{_SVG}}}style"):
                parent.remove(child)
    root.set("style", "stroke-linejoin: round; stroke-linecap: butt")
    for size in ("width", "height"):
        root.attrib.pop(size, None)


def _rename(root: ElementTree.Element, prefix: str) -> None:
    """Keep only ids that are used, and make them those of this plot."""
    used: set[str] = set()
    for element in root.iter():
        link = element.attrib.pop(_LINK, None)
        if link is not None:
            element.set("href", link if link.startswith("data:") else f"#{prefix}{link[1:]}")
            used.add(link[1:])
        for key, value in element.attrib.items():
            if "url(#" in value:
                used.update(re.findall(r"url\(#([^)]*)\)", value))
                element.set(key, value.replace("url(#", f"url(#{prefix}"))
    for element in root.iter():
        name = element.attrib.pop("id", None)
        if name in used:
            element.set("id", f"{prefix}{name}")


def _plain_names(root: ElementTree.Element) -> None:
    """Take the namespace out of the tags: inside HTML it goes without saying."""
    for element in root.iter():
        element.tag = element.tag.removeprefix(f"{{{_SVG}}}")
    root.set("xmlns", _SVG)


def _describe(root: ElementTree.Element, plot: Plot) -> None:
    root.set("role", "img")
    root.set("aria-label", printable(f"{plot.title}: {plot.words}", 1000))
    root.attrib.pop("version", None)


def _overlay(plot: Plot) -> ElementTree.Element:
    """Rectangles that cannot be seen and tell their values to a pointer."""
    group = ElementTree.Element("g", {"class": "hovers", "fill": "transparent"})
    height = plot.figure.get_figheight() * _DPI
    for hover in plot.hovers:
        left, bottom, right, top = _corners(plot, hover)
        if right <= left or top <= bottom:
            continue
        sizes = {"x": left, "y": height - top, "width": right - left, "height": top - bottom}
        place = {key: f"{value:.2f}" for key, value in sizes.items()}
        element = ElementTree.SubElement(group, "rect", {"class": hover.kind, **place})
        ElementTree.SubElement(element, "title").text = printable(hover.words, _LONGEST)
    return group


def _corners(plot: Plot, hover: Hover) -> tuple[float, float, float, float]:
    """Left, bottom, right and top in points, held inside the axes."""
    axes = plot.axes
    (left, right), (bottom, top) = sorted(axes.get_xlim()), sorted(axes.get_ylim())

    def held(value: float, low: float, high: float) -> float:
        return low if math.isnan(value) else min(max(value, low), high)

    ends = [
        (held(hover.low, left, right), held(hover.bottom, bottom, top)),
        (held(hover.high, left, right), held(hover.top, bottom, top)),
    ]
    scale = _DPI / plot.figure.dpi
    (x0, y0), (x1, y1) = axes.transData.transform(ends) * scale
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)  # an axis may run backwards
