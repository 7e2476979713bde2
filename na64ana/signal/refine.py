"""More masses for a plot, where the edges of a reach bend or end between two of those given."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from na64ana.limits import ScanPoint
from na64ana.signal.reach import Reach, reach

__all__ = ["ROUNDS", "refined"]

#: how far the logarithm of an edge may lie from the line between its neighbours
_BEND = 0.03
#: masses added at most, and how often each distance is halved
_MOST, ROUNDS = 80, 5


def refined(
    found: Reach,
    *,
    again: Callable[[Sequence[float]], Reach] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Reach:
    """Return a reach with masses added where a curve bends, begins or ends.

    Parameters
    ----------
    found : Reach
    again : callable, optional
        Returns the same curves at other masses; by default with the limits in events, and the
        efficiencies, of the first mass.
    progress : callable, optional
        Called with the number of rounds done, after each of `ROUNDS`.

    Returns
    -------
    Reach
        Its masses rise. At most 80 are added, between those there were.
    """
    look = _same(found) if again is None else again
    result = found
    for done in range(1, ROUNDS + 1):
        masses = [point.mass for point in result.scan.points]
        added = [math.sqrt(masses[i] * masses[i + 1]) for i in sorted(_coarse(result, masses))][
            : _MOST - (len(masses) - len(found.masses))
        ]
        if not added:
            break
        more = look(added)
        points = sorted((*result.scan.points, *more.scan.points), key=lambda point: point.mass)
        result = replace(
            found,
            masses=tuple(point.mass for point in points),
            scan=replace(found.scan, points=tuple(points)),
        )
        if progress is not None:
            progress(done)
    return result


def _same(found: Reach) -> Callable[[Sequence[float]], Reach]:
    limits = dict(found.scan.points[0].limits)
    return lambda masses: reach(found.model, found.setups, masses, limits, progress=False)


def _edges(point: ScanPoint, name: str) -> tuple[float, ...]:
    """Logarithms of the edges at a mass; an open end is where the couplings looked at end."""
    return tuple(math.log(x) for band in point.bands[name] for x in (band.low, band.high))


def _coarse(found: Reach, masses: list[float]) -> set[int]:
    """Return intervals of masses between which more are wanted."""
    wanted = set()
    for name in found.names:
        wanted |= _bent([_edges(point, name) for point in found.scan.points], masses)
    return wanted


def _bent(edges: list[tuple[float, ...]], masses: list[float]) -> set[int]:
    """Return intervals where a curve begins or ends, and those beside a bend."""
    found = {i for i in range(len(edges) - 1) if len(edges[i]) != len(edges[i + 1])}
    for i in range(1, len(edges) - 1):
        before, here, after = edges[i - 1 : i + 2]
        if not len(before) == len(here) == len(after):
            continue
        share = math.log(masses[i] / masses[i - 1]) / math.log(masses[i + 1] / masses[i - 1])
        for a, b, c in zip(before, here, after, strict=True):
            if abs(b - (1 - share) * a - share * c) > _BEND:
                found |= {i - 1, i}
    return found
