"""Blind boxes on the axes of a histogram: which values of each axis a box covers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from na64ana.expressions import Node
from na64ana.expressions.tree import Column, Comparison, Literal

if TYPE_CHECKING:
    from na64ana.selection.bind import BoundCut

__all__ = ["BoxProjection", "Interval", "box_projections"]

#: both ends belong to it; an end that is open in the cut is the next double inside
Interval = tuple[float, float]

_LINE: Interval = (-math.inf, math.inf)


@dataclass(frozen=True)
class BoxProjection:
    """A blind box as the axes of a histogram see it, at one place of the chain.

    Attributes
    ----------
    intervals : tuple of Interval
        For each axis the values inside the box, in the unit of the axis; the whole line where no
        cut of the box is on that axis.
    whole : bool
        Whether each event at that place with such values is in the box: the other cuts of the
        box stand before the place. If not, some of the events are outside the box.
    """

    intervals: tuple[Interval, ...]
    whole: bool


def box_projections(
    axes: Sequence[Node],
    boxes: Iterable[Sequence[BoundCut]],
    before: Sequence[BoundCut],
    observables: Mapping[str, Node],
) -> tuple[BoxProjection, ...]:
    """Project blind boxes on the axes of a histogram that is filled after some cuts.

    Only a cut that compares the expression of an axis with numbers bounds that axis (`within`,
    `above`, `below`, and a comparison under `require`); other cuts bound nothing. A cut with
    `runs` is looked at in the runs it holds for. A box that the cuts before the place leave no
    event of is left out.

    Parameters
    ----------
    axes : sequence of Node
        What is drawn on each axis.
    boxes : iterable of sequence of BoundCut
        The cuts of each box: it holds the events that pass all of them.
    before : sequence of BoundCut
        The cuts of the chain up to the place.
    observables : dict of str to Node
        An axis or a cut that is the name of an observable stands for the tree of it.
    """
    drawn = [_resolved(axis, observables) for axis in axes]
    found: dict[BoxProjection, None] = {}
    for box in boxes:
        for run in _runs(box):
            inside = [cut for cut in box if _holds(cut, run)]
            ranges = {None, *(cut.runs for cut in inside)}
            passed = [cut for cut in before if cut.runs in ranges]
            projection = _projection(drawn, inside, passed, observables)
            if projection is not None:
                found[projection] = None
    return tuple(found)


def _runs(box: Sequence[BoundCut]) -> list[int | None]:
    """Runs that stand for all in which cuts with `runs` hold, alone or together."""
    first = sorted({cut.runs[0] for cut in box if cut.runs is not None})
    return [*first] or [None]


def _holds(cut: BoundCut, run: int | None) -> bool:
    return cut.runs is None or (run is not None and cut.runs[0] <= run <= cut.runs[1])


def _projection(
    axes: Sequence[Node],
    box: Sequence[BoundCut],
    before: Sequence[BoundCut],
    observables: Mapping[str, Node],
) -> BoxProjection | None:
    left, bounds = _bounds(before, observables), _bounds(box, observables)
    for node, interval in bounds.items():
        low, high = _meet(interval, left.get(node, _LINE))
        if low > high:
            return None
    passed = {cut.condition for cut in before}

    def settled(cut: BoundCut) -> bool:
        """By an axis, by standing before, or by a tighter cut before."""
        own = _bounds([cut], observables)
        return cut.condition in passed or any(
            node in axes or _meet(interval, left.get(node, _LINE)) == left.get(node)
            for node, interval in own.items()
        )

    whole = all(settled(cut) for cut in box)
    return BoxProjection(tuple(bounds.get(axis, _LINE) for axis in axes), whole)


def _bounds(cuts: Iterable[BoundCut], observables: Mapping[str, Node]) -> dict[Node, Interval]:
    """Values that each compared expression may have where all the cuts pass."""
    bounds: dict[Node, Interval] = {}
    for cut in cuts:
        compared = _compared(cut.condition)
        if compared is not None:
            node = _resolved(compared[0], observables)
            bounds[node] = _meet(compared[1], bounds.get(node, _LINE))
    return bounds


def _compared(condition: Node) -> tuple[Node, Interval] | None:
    """Read ``low <= node < high`` and the like; nothing from any other form."""
    if not isinstance(condition, Comparison):
        return None
    compared = {node for node in condition.operands if not isinstance(node, Literal)}
    if len(compared) != 1:
        return None
    low, high = _LINE
    for sign, (left, right) in zip(condition.operators, pairwise(condition.operands), strict=True):
        less, more = (left, right) if sign[0] == "<" else (right, left)
        if sign[0] not in "<>" or isinstance(less, Literal) == isinstance(more, Literal):
            return None
        strict = len(sign) == 1
        if isinstance(less, Literal):
            low = max(low, _end(less.value, math.inf, strict))
        elif isinstance(more, Literal):
            high = min(high, _end(more.value, -math.inf, strict))
    return compared.pop(), (low, high)


def _end(value: float, inwards: float, strict: bool) -> float:
    return math.nextafter(value, inwards) if strict else float(value)


def _meet(a: Interval, b: Interval) -> Interval:
    return max(a[0], b[0]), min(a[1], b[1])


def _resolved(node: Node, observables: Mapping[str, Node]) -> Node:
    while isinstance(node, Column) and node.name in observables:
        node = observables[node.name]
    return node
