"""Blind boxes on the axes of a histogram: which values of each axis a box covers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from na64ana.expressions import LINE, Interval, Node, compared
from na64ana.expressions.tree import Column

if TYPE_CHECKING:
    from na64ana.selection.bind import BoundCut

__all__ = ["BoxProjection", "box_projections", "cut_lines"]


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
    `runs` is looked at in the runs it holds for, and the cuts without in those it does not; there
    their edges count and not what is inside. A box that the cuts before the place leave no
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
            if projection is not None and len(inside) < len(box) and run is None:
                # runs that no cut with `runs` was written for: their edges, if there are such runs
                projection = replace(projection, whole=False)
            if projection is not None:
                found[projection] = None
    return tuple(found)


def cut_lines(
    axes: Sequence[Node], cuts: Iterable[BoundCut], observables: Mapping[str, Node]
) -> dict[str, tuple[Interval, ...]]:
    """Return what each cut asks of the axes of a histogram: where its lines stand in a plot.

    For each cut that compares the expression of an axis with numbers, the values of each axis
    that pass; the whole line for the other axis. Arguments as for `box_projections`.
    """
    drawn = [_resolved(axis, observables) for axis in axes]
    found = {}
    for cut in cuts:
        bounds = _bounds([cut], observables)
        if any(axis in bounds for axis in drawn):
            found[cut.name] = tuple(bounds.get(axis, LINE) for axis in drawn)
    return found


def _runs(box: Sequence[BoundCut]) -> list[int | None]:
    """Runs that stand for all in which cuts with `runs` hold, alone or together.

    None stands for the runs in which none of them does, if the box has other cuts.
    """
    ranges = [cut.runs for cut in box if cut.runs is not None]
    changes = {run for first, last in ranges for run in (first, last + 1)}
    held = [run for run in sorted(changes) if any(first <= run <= last for first, last in ranges)]
    return [*held, None] if len(ranges) < len(box) else [*held]


def _holds(cut: BoundCut, run: int | None) -> bool:
    return cut.runs is None or (run is not None and cut.runs[0] <= run <= cut.runs[1])


def _projection(
    axes: Sequence[Node],
    box: Sequence[BoundCut],
    before: Sequence[BoundCut],
    observables: Mapping[str, Node],
) -> BoxProjection | None:
    left, bounds = _bounds(before, observables), _bounds(box, observables)
    if any(interval.meet(left.get(node, LINE)).empty for node, interval in bounds.items()):
        return None
    passed = {cut.condition for cut in before}

    def settled(cut: BoundCut) -> bool:
        """By an axis, by standing before, or by a tighter cut before."""
        own = _bounds([cut], observables)
        return cut.condition in passed or any(
            node in axes or interval.meet(left.get(node, LINE)) == left.get(node)
            for node, interval in own.items()
        )

    whole = all(settled(cut) for cut in box)
    return BoxProjection(tuple(bounds.get(axis, LINE) for axis in axes), whole)


def _bounds(cuts: Iterable[BoundCut], observables: Mapping[str, Node]) -> dict[Node, Interval]:
    """Values that each compared expression may have where all the cuts pass."""
    bounds: dict[Node, Interval] = {}
    for cut in cuts:
        held = compared(cut.condition)
        if held is not None:
            node = _resolved(held[0], observables)
            bounds[node] = held[1].meet(bounds.get(node, LINE))
    return bounds


def _resolved(node: Node, observables: Mapping[str, Node]) -> Node:
    while isinstance(node, Column) and node.name in observables:
        node = observables[node.name]
    return node
