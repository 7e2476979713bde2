"""The numbers of one run: events and weights, by kind of count and cut."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from na64ana.cutflow.exact import SQUARE_BITS, WEIGHT_BITS, exact_sums, rounded

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
    sumw, sumw2 : arrays of Python int, or None
        Exact sums (see `na64ana.cutflow.exact`); None where events have no weights.
    """

    n: np.ndarray
    sumw: np.ndarray | None = None
    sumw2: np.ndarray | None = None

    @classmethod
    def zeros(cls, size: int, *, weighted: bool) -> Tally:
        """Return an empty tally of that many groups."""
        n = np.zeros(size, dtype=np.int64)
        if not weighted:
            return cls(n)
        return cls(n, np.zeros(size, dtype=object), np.zeros(size, dtype=object))

    @classmethod
    def fill(cls, groups: np.ndarray, size: int, weights: np.ndarray | None) -> Tally:
        """Count events by group; events of group ``size`` and above are left out."""
        n = np.bincount(groups, minlength=size + 1)[:size].astype(np.int64)
        if weights is None:
            return cls(n)
        inside = groups < size
        return cls(n, *exact_sums(weights[inside], groups[inside], size))

    @classmethod
    def passing(cls, passes: np.ndarray, weights: np.ndarray | None) -> Tally:
        """Count the events that pass each of several cuts; shape (cut, event)."""
        n = np.count_nonzero(passes, axis=1).astype(np.int64)
        if weights is None:
            return cls(n)
        sums = [exact_sums(weights[row], np.zeros(np.count_nonzero(row), int), 1) for row in passes]
        return cls(n, *(np.array([s[i][0] for s in sums], dtype=object) for i in (0, 1)))

    def __add__(self, other: Tally) -> Tally:
        n = self.n + other.n
        if self.sumw is None and other.sumw is None:
            return Tally(n)
        (a, a2), (b, b2) = self._sums(), other._sums()
        return Tally(n, a + b, a2 + b2)

    def _sums(self) -> tuple[np.ndarray, np.ndarray]:
        """Exact sums of weights and of their squares; an event without a weight counts one."""
        if self.sumw is None or self.sumw2 is None:
            n = self.n.astype(object)
            return n << WEIGHT_BITS, n << SQUARE_BITS
        return self.sumw, self.sumw2

    def from_last(self) -> Tally:
        """Return sums from each group to the last one."""
        return self.each(lambda array: np.cumsum(array[::-1])[::-1])

    def __getitem__(self, item: Any) -> Tally:
        return self.each(lambda array: array[item])

    def each(self, step: Callable[[np.ndarray], np.ndarray]) -> Tally:
        """Return the tally with a step applied to each of its arrays."""
        if self.sumw is None or self.sumw2 is None:
            return Tally(step(self.n))
        return Tally(step(self.n), step(self.sumw), step(self.sumw2))

    def counts(self, i: int) -> Counts:
        """Return the numbers of one group, rounded once."""
        n = int(self.n[i])
        if self.sumw is None or self.sumw2 is None:
            return Counts(n, float(n), float(n))
        sumw = rounded(self.sumw[i], WEIGHT_BITS)
        return Counts(n, sumw, rounded(self.sumw2[i], SQUARE_BITS))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Tally):
            return NotImplemented
        pairs = ((self.n, other.n), (self.sumw, other.sumw), (self.sumw2, other.sumw2))
        return all(
            a is b or (a is not None and b is not None and np.array_equal(a, b)) for a, b in pairs
        )

    __hash__ = None  # type: ignore[assignment]
