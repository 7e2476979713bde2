"""Two-sided problems: intervals for the signal, and bands of couplings that are excluded.

In a visible search the yield rises with the coupling and falls again, since a particle that lives
shorter decays inside the dump. A limit on the number of events then excludes a band of couplings.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from na64ana.errors import LimitError
from na64ana.limits.arguments import check_cl, counts_of, known_name, numbers_of
from na64ana.limits.feldman_cousins import feldman_cousins_interval

__all__ = ["INTERVALS", "Band", "Interval", "bands_of", "excluded_bands", "signal_interval"]

INTERVALS = ("feldman-cousins", "central")
_TOLERANCE = 1e-10


class Interval(NamedTuple):
    """Interval for the number of signal events; ``empty`` where it would lie below 0."""

    low: float
    high: float
    empty: bool


class Band(NamedTuple):
    """Excluded couplings from ``low`` to ``high``; an open end is the end of the scan."""

    low: float
    high: float
    low_open: bool
    high_open: bool


def signal_interval(
    observed: int, background: float, *, cl: float = 0.90, method: str = "feldman-cousins"
) -> Interval:
    """Return the interval for s at an exactly known background.

    Parameters
    ----------
    method : str
        ``feldman-cousins``, or ``central``: equal tails (F. Garwood, Biometrika 28 (1936) 437)
        with the background taken off, cut off at 0.
    """
    known_name(method, INTERVALS, "interval")
    level = check_cl(cl)
    count, mean = counts_of(observed), numbers_of(background, "background")
    if count.ndim or mean.ndim:
        msg = "an interval takes one count and one background: call it once for each"
        raise LimitError(msg)
    if method == "feldman-cousins":
        return Interval(*feldman_cousins_interval(int(count), float(mean), level), False)
    from scipy.special import gammainccinv, gammaincinv

    tail = (1 - level) / 2
    low = float(gammaincinv(float(count), tail)) if count else 0.0
    high = float(gammainccinv(float(count) + 1, tail)) - float(mean)
    return Interval(max(low - float(mean), 0.0), max(high, 0.0), high < 0)


def excluded_bands(
    yield_of: Callable[[float], float],
    couplings: ArrayLike,
    limit: float | Callable[[float], float],
) -> tuple[Band, ...]:
    """Find where the yield reaches the limit.

    Parameters
    ----------
    yield_of : callable
        Expected signal events at a coupling.
    couplings : array
        Where to look, positive and rising, say `numpy.geomspace(1e-6, 1e-2, 50)`. Between two of
        them the yield may cross the limit once, or reach one maximum above it.
    limit : float or callable
        In events; a callable where it depends on the coupling.

    Returns
    -------
    tuple of Band
        By rising coupling; none, where nothing is excluded. Edges are exact to 1e-8 relative.

    Raises
    ------
    LimitError
        If the couplings are not positive and rising, or a yield is negative or not finite.
    """
    grid = numbers_of(couplings, "couplings")
    if grid.ndim != 1 or grid.size < 2 or grid[0] <= 0 or (np.diff(grid) <= 0).any():
        msg = "couplings must be a list of at least two positive numbers that rise"
        raise LimitError(msg)

    def above(logarithm: float) -> float:
        coupling = math.exp(logarithm)
        wanted = limit(coupling) if callable(limit) else limit
        if not wanted > 0:
            msg = f"the limit at coupling {coupling:g} is {wanted:g}: it must be above 0"
            raise LimitError(msg)
        events = float(numbers_of(yield_of(coupling), f"the yield at coupling {coupling:g}"))
        return events / wanted - 1

    points = [float(x) for x in np.log(grid)]
    return bands_of(above, points, [above(x) for x in points])


def bands_of(
    above: Callable[[float], float], points: list[float], values: list[float]
) -> tuple[Band, ...]:
    """Find the bands of couplings in which ``above`` is not negative.

    Parameters
    ----------
    above : callable
        Of the logarithm of the coupling.
    points, values : list of float
        Rising logarithms, and what ``above`` gives there.
    """
    return _bands(above, *_with_maxima(above, points, values))


def _with_maxima(
    above: Callable[[float], float], points: list[float], values: list[float]
) -> tuple[list[float], list[float]]:
    """Add the maxima that lie between points, lest a narrow band be missed."""
    from scipy.optimize import minimize_scalar

    found = dict(zip(points, values, strict=True))
    for i, x in enumerate(points):
        left, right = max(i - 1, 0), min(i + 1, len(points) - 1)
        beside = values[left], values[right]
        if values[i] >= 0 or values[i] < max(beside):
            continue
        if values[i] == min(beside):  # flat, as where no event is left: a search finds nothing
            continue
        best = minimize_scalar(
            lambda y: -above(y),
            bounds=(points[left], points[right]),
            method="bounded",
            options={"xatol": 1e-9 * (1 + abs(x))},
        )
        found[float(best.x)] = -float(best.fun)
    xs = sorted(found)
    return xs, [found[x] for x in xs]


def _bands(
    above: Callable[[float], float], points: list[float], values: list[float]
) -> tuple[Band, ...]:
    from scipy.optimize import brentq

    def edge(i: int) -> float:
        return math.exp(brentq(above, points[i], points[i + 1], xtol=_TOLERANCE))

    bands, start, is_open = [], math.nan, False
    for i, value in enumerate(values):
        if value >= 0 and math.isnan(start):
            is_open = i == 0
            start = math.exp(points[0]) if is_open else edge(i - 1)
        elif value < 0 and not math.isnan(start):
            bands.append(Band(start, edge(i - 1), is_open, False))
            start = math.nan
    if not math.isnan(start):
        bands.append(Band(start, math.exp(points[-1]), is_open, True))
    return tuple(bands)
