"""The numbers of one run: events and weights, by kind of count and cut."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from na64ana.exact import Weights

__all__ = ["COUNTS", "Counts", "Tally"]

#: kinds of counts, each an array over the cuts; ``events`` (before the first cut) has one entry
COUNTS = ("sequential", "alone", "all_but_this", "all_but_this_open", "nan", "not_applied")


class Counts(NamedTuple):
    """Number of events, sum of weights and of their squares."""

    n: int
    sumw: float
    sumw2: float


@dataclass(frozen=True, eq=False)
class Tally:
    """Exact, addable sums over groups of events.

    Attributes
    ----------
    n : array of int64
        Number of events.
    sums : Weights or None
        Sums of weights and of their squares, shape as ``n``; None where events have no weights.
    """

    n: np.ndarray
    sums: Weights | None = None

    @classmethod
    def zeros(cls, size: int, *, weighted: bool) -> Tally:
        """Return an empty tally of that many groups."""
        return cls(np.zeros(size, dtype=np.int64), Weights.zeros(size) if weighted else None)

    @classmethod
    def fill(cls, groups: np.ndarray, size: int, weights: Weights | None) -> Tally:
        """Count events by group; events of group ``size`` and above are left out."""
        n = np.bincount(groups, minlength=size + 1)[:size].astype(np.int64)
        return cls(n, None if weights is None else weights.by_group(groups, size))

    @classmethod
    def passing(cls, passes: np.ndarray, weights: Weights | None) -> Tally:
        """Count the events that pass each of several cuts; shape (cut, event)."""
        n = np.count_nonzero(passes, axis=1).astype(np.int64)
        return cls(n, None if weights is None else weights.passing(passes))

    def __add__(self, other: Tally) -> Tally:
        n = self.n + other.n
        if self.sums is None and other.sums is None:
            return Tally(n)
        # an event without a weight counts one
        mine, theirs = (Weights.counts(t.n) if t.sums is None else t.sums for t in (self, other))
        return Tally(n, mine + theirs)

    def from_last(self) -> Tally:
        """Return sums from each group to the last one."""
        return self.each(lambda array: np.cumsum(array[::-1])[::-1])

    def __getitem__(self, item: Any) -> Tally:
        return self.each(lambda array: array[item])

    def each(self, step: Callable[[np.ndarray], np.ndarray]) -> Tally:
        """Return the tally with a step applied that picks out, rearranges or adds groups."""
        return Tally(step(self.n), None if self.sums is None else self.sums.each(step))

    def counts(self, i: int) -> Counts:
        """Return the numbers of one group, rounded once."""
        n = int(self.n[i])
        if self.sums is None:
            return Counts(n, float(n), float(n))
        one = self.sums[i]
        return Counts(n, float(one.w.rounded()), float(one.w2.rounded()))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Tally):
            return NotImplemented
        return np.array_equal(self.n, other.n) and self.sums == other.sums

    __hash__ = None  # type: ignore[assignment]
