"""How many events of each spill were counted, and a digest of which: to find events given twice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

__all__ = [
    "SpillCount",
    "SpillId",
    "added",
    "may_share_events",
    "mixed",
    "overlapping",
    "sample_number",
    "spill_counts",
]

#: (run, spill)
SpillId = tuple[int, int]
_WRAP = 2**64


class SpillCount(NamedTuple):
    """The events of one spill.

    Attributes
    ----------
    run, spill : int
        -1 where unknown.
    first, last : int
        Smallest and largest event number.
    n : int
        Number of events.
    digest : int
        Sum modulo 2^64 of `mixed` of each event: the same for the same events in any order.
    """

    run: int
    spill: int
    first: int
    last: int
    n: int
    digest: int

    @property
    def key(self) -> SpillId:
        """(run, spill)."""
        return self.run, self.spill


def spill_counts(ids: np.ndarray) -> tuple[list[SpillCount], set[SpillId]]:
    """Count events by spill.

    Parameters
    ----------
    ids : array of int64, shape (event, 3)
        (run, spill, event).

    Returns
    -------
    counts : list of SpillCount
        Sorted by run and spill.
    repeated : set of (run, spill)
        Spills in which an event number stands more than once; unknown ones are not compared.
    """
    if not len(ids):
        return [], set()
    if not _sorted(ids):
        ids = ids[np.lexsort(ids.T[::-1])]
    new = (ids[1:, 0] != ids[:-1, 0]) | (ids[1:, 1] != ids[:-1, 1])
    starts = np.concatenate([[0], np.flatnonzero(new) + 1])
    stops = np.append(starts[1:], len(ids))
    digests = np.add.reduceat(mixed(ids), starts)
    counts = [
        SpillCount(run, spill, first, int(ids[stop - 1, 2]), stop - start, digest)
        for (run, spill, first), start, stop, digest in zip(
            ids[starts].tolist(), starts.tolist(), stops.tolist(), digests.tolist(), strict=True
        )
    ]
    again = np.flatnonzero(~new & (ids[1:, 2] == ids[:-1, 2]) & (ids[1:, 2] >= 0))
    return counts, {(int(run), int(spill)) for run, spill in ids[again, :2]}


def _sorted(ids: np.ndarray) -> bool:
    later = np.ones(len(ids) - 1, dtype=bool)
    for column in ids.T[::-1]:  # of equal numbers the next column decides
        step = np.diff(column)
        later = (step > 0) | ((step == 0) & later)
    return bool(later.all())


def mixed(ids: np.ndarray) -> np.ndarray:
    """Return a well-mixed 64-bit number for each (run, spill, event).

    The finaliser of splitmix64 (Steele, Lea, Flood, OOPSLA 2014, doi:10.1145/2660193.2660195),
    applied to the run, then to the spill added to that, then to the event added to that; each
    time after adding 0x9E3779B97F4A7C15. All sums are modulo 2^64.
    """
    state = np.zeros(len(ids), dtype=np.uint64)
    for column in ids.T:
        state = state + column.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
        state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        state = state ^ (state >> np.uint64(31))
    return state


def added(*parts: Iterable[SpillCount]) -> tuple[SpillCount, ...]:
    """Add the counts of disjoint parts; sorted by run and spill."""
    sums: dict[SpillId, SpillCount] = {}
    for part in parts:
        for count in part:
            have = sums.get(count.key)
            sums[count.key] = count if have is None else _both(have, count)
    return tuple(sums[key] for key in sorted(sums))


def _both(a: SpillCount, b: SpillCount) -> SpillCount:
    first, last = min(a.first, b.first), max(a.last, b.last)
    return SpillCount(a.run, a.spill, first, last, a.n + b.n, (a.digest + b.digest) % _WRAP)


def may_share_events(a: SpillCount, b: SpillCount) -> bool:
    """Whether two parts of a spill may hold the same event, by their event numbers."""
    known = a.run >= 0 and a.first >= 0 and b.first >= 0
    return known and a.first <= b.last and b.first <= a.last


def overlapping(counts: Iterable[SpillCount]) -> set[SpillId]:
    """Return the spills of which two parts may hold the same event."""
    found: set[SpillId] = set()
    widest: dict[SpillId, SpillCount] = {}
    for count in sorted(counts):  # of one spill, by its first event
        have = widest.get(count.key)
        if have is not None and may_share_events(have, count):
            found.add(count.key)
        if have is None or count.last > have.last:
            widest[count.key] = count
    return found


def sample_number(ids: np.ndarray, fraction: int) -> np.ndarray:
    """Return for each event a number from 0 to ``fraction - 1``, fixed by its identity.

    The sample that is opened early (``blind: {prescale: N}``) is that of number 0:
    ``mixed(run, spill, event) // 2**32 modulo N``.
    """
    return (mixed(ids) >> np.uint64(32)) % np.uint64(fraction)
