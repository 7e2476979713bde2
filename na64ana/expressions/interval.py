"""Intervals of numbers, and the comparisons that ask for one."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import NamedTuple

from na64ana.expressions.tree import Comparison, Literal, Node

__all__ = ["LINE", "Interval", "compared"]


class Interval(NamedTuple):
    """Numbers from ``low`` to ``high``, and whether each end belongs to it."""

    low: float = -math.inf
    high: float = math.inf
    with_low: bool = True
    with_high: bool = True

    def meet(self, other: Interval) -> Interval:
        """Return what both have in common."""
        low, without_low = max((i.low, not i.with_low) for i in (self, other))
        high, with_high = min((i.high, i.with_high) for i in (self, other))
        return Interval(low, high, not without_low, with_high)

    @property
    def empty(self) -> bool:
        """Whether no number is in it."""
        return self.low > self.high or (
            self.low == self.high and not (self.with_low and self.with_high)
        )


LINE = Interval()


def compared(condition: Node) -> tuple[Node, Interval] | None:
    """Read ``low <= node < high`` and the like: the node, and the interval that it is held to.

    None for every other form, comparisons joined by ``and`` included.
    """
    if not isinstance(condition, Comparison):
        return None
    nodes = {node for node in condition.operands if not isinstance(node, Literal)}
    if len(nodes) != 1:
        return None
    interval = LINE
    for sign, (left, right) in zip(condition.operators, pairwise(condition.operands), strict=True):
        less, more = (left, right) if sign[0] == "<" else (right, left)
        equal = len(sign) == 2
        if sign[0] not in "<>":
            return None
        if isinstance(less, Literal) and not isinstance(more, Literal):
            interval = interval.meet(Interval(low=float(less.value), with_low=equal))
        elif isinstance(more, Literal) and not isinstance(less, Literal):
            interval = interval.meet(Interval(high=float(more.value), with_high=equal))
        else:
            return None
    return nodes.pop(), interval
