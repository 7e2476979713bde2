"""What can be checked of a selection without any layout: forms, names, references."""

from __future__ import annotations

import keyword
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import NoReturn

from na64ana.errors import Na64Error, SelectionError, nearest, printable
from na64ana.expressions import parse
from na64ana.expressions.parse import RESERVED
from na64ana.selection.model import AxisSpec, CutSpec, HistogramSpec, RegionSpec, SelectionSpec
from na64ana.units import Quantity, parse_quantity

__all__ = [
    "ALL_BUT",
    "EVERY_CUT",
    "START",
    "Where",
    "check_form",
    "cut_words",
    "cuts_at",
    "histogram_places",
]

EVERY_CUT = "every cut"
START = "start"
#: before the name of a cut: what an N-1 plot shows
ALL_BUT = "all but "

#: gives ``file, line N`` of an item
Where = Callable[..., str]


def check_form(spec: SelectionSpec, where: Where) -> None:
    """Check a whole selection's form.

    Raises
    ------
    SelectionError
        With file, line, item and culprit.
    """
    if not spec.cuts:
        msg = f"{where()}: missing key 'cuts': a selection has at least one cut"
        raise SelectionError(msg)
    for name, value in spec.observables.items():
        _observable_name(name, where("observables", name))
        if isinstance(value, str):
            _parsed(value, where("observables", name), f"observable '{printable(name)}'")
    if spec.weight is not None:
        _parsed(spec.weight, where("weight"), "weight")
    for cut in spec.cuts:
        _cut(cut, where("cuts", cut.name))
    _channels(spec, where)
    for name, region in spec.regions.items():
        _region(spec, name, region, where("regions", name))
    for name, histogram in spec.histograms.items():
        _histogram(spec, name, histogram, where("histograms", name))


def cut_words(cut: CutSpec) -> str:
    """Return the condition of a cut in words, such as ``86.5 ns <= master_time <= 113.5 ns``."""
    if cut.require is not None:
        return " ".join(cut.require.split())
    strict = cut.within is None
    low, high = (cut.above, cut.below) if strict else cut.within or (None, None)
    sign = "<" if strict else "<="
    left = "" if low is None else f"{parse_quantity(low)} {sign} "
    right = "" if high is None else f" {sign} {parse_quantity(high)}"
    observable = " ".join((cut.observable or "").split())
    if left and not right:
        return f"{observable} {sign.replace('<', '>')} {parse_quantity(low or 0)}"
    return f"{left}{observable}{right}"


def histogram_places(item: HistogramSpec, cuts: Iterable[str]) -> list[str]:
    """Return the places of a histogram in the chain, as `cuts_at` reads them.

    ``start`` is before the first cut, a name after that cut, ``all but NAME`` after the others.
    """
    at = [item.at] if isinstance(item.at, str) else item.at
    if EVERY_CUT not in at:
        return list(at)
    return [START, *cuts, *(place for place in at if place.startswith(ALL_BUT))]


def cuts_at(
    place: str, cuts: Sequence[str], boxes: Iterable[frozenset[int]] = ()
) -> frozenset[int]:
    """Return the positions of the cuts that events have passed at a place of the chain.

    Parameters
    ----------
    place : str
        One of `histogram_places`.
    cuts : sequence of str
        Names of the whole chain.
    boxes : iterable of frozenset of int
        The cuts of each blind region. With all of a box left in, an N-1 plot of a missing-energy
        search holds an event or two: boxes are left out of it, but for one that the cut is of.
    """
    if place == START:
        return frozenset()
    if not place.startswith(ALL_BUT):
        return frozenset(range(cuts.index(place) + 1))
    this = cuts.index(place.removeprefix(ALL_BUT))
    boxes = list(boxes)
    own = frozenset({this}).union(*(box for box in boxes if this in box))
    others = frozenset().union(*(box for box in boxes if this not in box))
    return frozenset(range(len(cuts))) - (others - own) - {this}


def _refuse(where: str, message: str) -> NoReturn:
    raise SelectionError(f"{where}: {message}")


def _parsed(text: str, where: str, what: str) -> None:
    try:
        parse(text)
    except Na64Error as error:
        _refuse(where, f"{what}: {error}")


def _quantity(value: str | float, where: str, what: str) -> Quantity:
    try:
        return parse_quantity(value)
    except Na64Error as error:
        _refuse(where, f"{what}: {error}")


def _observable_name(name: str, where: str) -> None:
    shown = printable(name)
    if name in RESERVED:
        _refuse(where, f"observable '{shown}': this is the name of a unit or function")
    # Python reads names in their NFKC form: another spelling could never be found
    plain = unicodedata.normalize("NFKC", name) == name and not name.startswith("__")
    if not name.isidentifier() or keyword.iskeyword(name) or not plain:
        _refuse(where, f"observable '{shown}': a name is one word of letters, digits and _")


def _cut(cut: CutSpec, where: str) -> None:
    what = f"cut '{printable(cut.name)}'"
    taken = cut.name in (START, EVERY_CUT) or cut.name.startswith(ALL_BUT)
    if taken or cut.name != cut.name.strip():
        _refuse(where, f"{what}: this name is taken, or has blanks around it")
    bounds = [cut.within is not None, cut.above is not None or cut.below is not None]
    if (cut.require is not None) == (cut.observable is not None or any(bounds)):
        _refuse(where, f"{what}: give either observable with its bounds, or require")
    if cut.require is None and (cut.observable is None or sum(bounds) != 1):
        _refuse(where, f"{what}: give observable, and either within or above and below")
    if cut.runs is not None and (len(cut.runs) != 2 or cut.runs[0] > cut.runs[1]):
        _refuse(where, f"{what}: runs is [first, last], not {cut.runs}")
    if cut.require is not None:
        _parsed(cut.require, where, what)
        return
    _parsed(cut.observable or "", where, what)
    if cut.within is not None:
        _interval(cut.within, where, f"{what}: within", open_ends=True)
    else:
        _interval([cut.above, cut.below], where, f"{what}: above, below", open_ends=True)


def _interval(
    values: list[str | float | None] | list[str | float],
    where: str,
    what: str,
    *,
    open_ends: bool = False,
) -> None:
    if len(values) != 2:
        _refuse(where, f"{what} is [lower, upper], not {len(values)} values")
    ends = [None if v is None else _quantity(v, where, what) for v in values]
    if ends[0] is None or ends[1] is None:
        if not open_ends or ends[0] is ends[1]:
            _refuse(where, f"{what} needs {'at least one bound' if open_ends else 'both bounds'}")
        return
    _rising([ends[0], ends[1]], where, what, equal=open_ends)


def _rising(ends: list[Quantity], where: str, what: str, *, equal: bool) -> None:
    for low, high in pairwise(ends):
        try:
            upper = high.value * high.unit.ratio(low.unit)
        except Na64Error as error:
            _refuse(where, f"{what}: {error}")
        if upper < low.value or (not equal and upper == low.value):
            _refuse(where, f"{what}: {high} is not above {low}")


def _channels(spec: SelectionSpec, where: Where) -> None:
    trunk = [cut.name for cut in spec.cuts]
    for name, channel in spec.channels.items():
        here, what = where("channels", name), f"channel '{printable(name)}'"
        if name == "main":
            _refuse(here, "channel 'main': this is the name of the chain under 'cuts'")
        if channel.after not in trunk:
            near = nearest(channel.after, trunk)
            _refuse(here, f"{what}: after: no cut '{printable(channel.after)}'{near}")
        shared = trunk[: trunk.index(channel.after) + 1]
        for cut in channel.cuts:
            place = where("channels", name, cut.name)
            if cut.name in shared:
                _refuse(place, f"{what}: cut '{printable(cut.name)}' stands in the shared chain")
            if cut.before is not None or cut.after is not None:
                _refuse(place, f"{what}: cut '{printable(cut.name)}': its place is in the list")
            _cut(cut, place)


def _region(spec: SelectionSpec, name: str, region: RegionSpec, where: str) -> None:
    what, trunk = f"region '{printable(name)}'", [cut.name for cut in spec.cuts]
    if (region.cuts is None) == (region.where is None):
        _refuse(where, f"{what}: give either cuts or where")
    for cut in region.cuts or []:
        if cut not in trunk:
            near = nearest(cut, trunk)
            _refuse(where, f"{what}: no cut '{printable(cut)}' in the main chain{near}")
    boxes = {other: set(box.cuts or []) for other, box in spec.regions.items() if box.blind}
    for other, box in boxes.items():
        if not region.blind and box <= set(region.cuts or []):
            _refuse(where, f"{what}: lies inside the blind region '{printable(other)}'")
    settings = {str(other.blind): name for name, other in spec.regions.items() if other.blind}
    if region.blind and len(settings) > 1:
        _refuse(where, f"{what}: all blind regions have the same prescale, or none has one")
    if region.blind and region.cuts is None:
        _refuse(where, f"{what}: a blind region is declared by the names of its cuts")
    if region.blind and region.keep:
        _refuse(where, f"{what}: a blind region keeps no values")
    for text in [*region.keep, *([region.where] if region.where is not None else [])]:
        _parsed(text, where, what)


def _histogram(spec: SelectionSpec, name: str, item: HistogramSpec, where: str) -> None:
    what = f"histogram '{printable(name)}'"
    if item.channel == "main":
        cuts = [cut.name for cut in spec.cuts]
    elif item.channel in spec.channels:
        channel = spec.channels[item.channel]
        trunk = [cut.name for cut in spec.cuts]
        cuts = trunk[: trunk.index(channel.after) + 1] + [cut.name for cut in channel.cuts]
    else:
        near = nearest(item.channel, ["main", *spec.channels])
        _refuse(where, f"{what}: no channel '{printable(item.channel)}'{near}")
    for place in histogram_places(item, cuts):
        name = place.removeprefix(ALL_BUT)
        if name not in (START, *cuts) or (name == START and place != START):
            near = nearest(name, [START, EVERY_CUT, *cuts])
            _refuse(where, f"{what}: at: no cut '{printable(name)}'{near}")
    for axis in (item.x, item.y):
        if axis is not None:
            _axis(axis, where, what)


def _axis(axis: AxisSpec, where: str, what: str) -> None:
    _parsed(axis.observable, where, what)
    if (axis.edges is None) == (axis.bins is None or axis.range is None) or (
        axis.edges is not None and (axis.bins is not None or axis.range is not None)
    ):
        _refuse(where, f"{what}: an axis needs either bins and range, or edges")
    if axis.range is not None:
        _interval(axis.range, where, f"{what}: range")
    if axis.edges is not None:
        edges = [_quantity(value, where, f"{what}: edges") for value in axis.edges]
        _rising(edges, where, f"{what}: edges", equal=False)
