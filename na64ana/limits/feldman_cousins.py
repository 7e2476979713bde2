"""Confidence intervals of G. J. Feldman and R. D. Cousins, Phys. Rev. D 57 (1998) 3873.

For a signal s and an exactly known background b, counts n are taken into the belt in the order of

    R(n) = P(n | s + b) / P(n | max(b, n)),

until they hold the probability cl; n0 is in the belt when the counts of larger R hold less. R
rises with n up to mu = s + b and falls beyond, so for the upper edge these are n0 + 1 to m, and

    C_m(mu) = P(n0 < n <= m | mu) < cl.

Count m joins them where R(m) = R(n0), at a mu that stands below in closed form (`_joins`). Upper
edges then lie where C_m passes cl or where the next count joins. As b grows, the edge falls with
teeth. The rule of the paper's tables, that the edge at b is the supremum over b' >= b, needs only
the tips of the teeth: those b' at which the next count joins just where C_m passes cl.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from na64ana.errors import LimitError
from na64ana.limits.nuisance import Floats

__all__ = ["MOST_OBSERVED", "feldman_cousins_interval", "lower_edge", "raw_edge", "upper_edge"]

MOST_OBSERVED = 200
#: teeth looked at beyond b; in scans (n <= 10, b <= 30) the highest tip lay within 3 events of b
_TEETH = 100
_STEPS = 100  # of a bisection: to the last digit
_LOWER_GRID = 2000


def feldman_cousins_interval(
    observed: int, background: float, cl: float = 0.9, *, raw: bool = False
) -> tuple[float, float]:
    """Return the lower and upper edge for s.

    Parameters
    ----------
    raw : bool
        Take the upper edge of the belt as constructed, not the supremum over larger backgrounds.

    Raises
    ------
    LimitError
        If more than 200 events were observed, or for a cl below 0.75, where the belt has holes.
    """
    if observed > MOST_OBSERVED:
        msg = (
            f"Feldman-Cousins with {observed} events: at most {MOST_OBSERVED}; take 'cls' or "
            "'classical' there"
        )
        raise LimitError(msg)
    if cl < 0.75:
        msg = f"Feldman-Cousins at cl = {cl:g}: at least 0.75, below it the belt has holes"
        raise LimitError(msg)
    edge = raw_edge if raw else upper_edge
    return lower_edge(observed, background, cl), edge(observed, background, cl)


def raw_edge(observed: int, background: float, cl: float) -> float:
    """Largest s whose belt holds the observation."""
    first = max(observed, math.floor(background))
    m = np.arange(first, first + _TEETH)
    rising, falling = _passes(observed, first, cl)
    return _edge(observed, background, m, rising, falling)


def upper_edge(observed: int, background: float, cl: float) -> float:
    """Supremum of the raw upper edge over b' >= background."""
    first = max(observed, math.floor(background))
    m = np.arange(first, first + _TEETH)
    rising, falling = _passes(observed, first, cl)
    best = _edge(observed, background, m, rising, falling)
    for mu in (rising, falling):
        tips = _background_of_join(observed, m + 1, mu)
        here = np.isfinite(tips) & (tips > background) & (tips < m + 1)
        best = max(best, np.max(mu[here] - tips[here], initial=0.0))
    return float(best)


def _edge(
    observed: int, background: float, m: NDArray[np.int_], rising: Floats, falling: Floats
) -> float:
    """Upper edge from the zones of m, each between two counts that join; m[0] is known to be in."""
    ends = _joins(observed, m + 1, background)
    starts = np.concatenate([[background], ends[:-1]])
    outside = (ends >= rising) & (ends <= falling)  # the zone ends where C_m is above cl
    edges = np.where(outside, rising, ends)
    held = ~outside | (rising > starts)
    return float(np.max(edges[held] - background, initial=0.0))


def _joins(observed: int, m: NDArray[np.int_], background: float) -> Floats:
    """Return mu at which R(m) = R(observed), for m above both observed and background."""
    from scipy.special import xlogy

    best = max(observed, background)
    return np.asarray(
        np.exp((best - xlogy(observed, best) - m + xlogy(m, m)) / (m - observed)), dtype=np.float64
    )


@lru_cache(maxsize=256)
def _passes(observed: int, first: int, cl: float) -> tuple[Floats, Floats]:
    """Return mu where C_m rises and falls through cl; both infinite where it stays below."""
    from scipy.special import gammaln

    m = np.arange(first, first + _TEETH)
    width = np.maximum(m - observed, 1)
    peak = np.exp((gammaln(m + 1) - gammaln(observed + 1)) / width)
    never = _between(observed, m, peak) < cl
    high = peak + 20 * np.sqrt(peak) + 40
    rising = _bisect(observed, m, cl, np.zeros_like(peak), peak)
    falling = _bisect(observed, m, cl, high, peak)
    return np.where(never, np.inf, rising), np.where(never, np.inf, falling)


def _bisect(observed: int, m: NDArray[np.int_], cl: float, below: Floats, above: Floats) -> Floats:
    """Find mu between one where C_m is below cl and one where it is not."""
    for _ in range(_STEPS):
        middle = (below + above) / 2
        inside = _between(observed, m, middle) < cl
        below, above = np.where(inside, middle, below), np.where(inside, above, middle)
    return below


def _between(observed: int, m: NDArray[np.int_], mu: Floats) -> Floats:
    """C_m: the probability of observed + 1 to m."""
    from scipy.special import pdtr

    return np.asarray(pdtr(m, mu) - pdtr(observed, mu), dtype=np.float64)


def _background_of_join(observed: int, m: NDArray[np.int_], mu: Floats) -> Floats:
    """Return b > observed with R(m) = R(observed) at mu; NaN where there is none.

    From `_joins`: b - observed log b = (m - observed) log mu + m - m log m. The left side rises
    from its value at b = observed; solved by bisection.
    """
    from scipy.special import xlogy

    target = np.full(m.shape, np.nan)
    finite = np.isfinite(mu) & (mu > 0)
    target[finite] = (m - observed)[finite] * np.log(mu[finite]) + (m - xlogy(m, m))[finite]
    low = np.full(m.shape, float(observed))
    high = m.astype(float)
    some = (low - xlogy(observed, low) <= target) & (high - xlogy(observed, high) >= target)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        less = middle - xlogy(observed, middle) < target
        low, high = np.where(less, middle, low), np.where(less, high, middle)
    return np.where(some, low, np.nan)


def lower_edge(observed: int, background: float, cl: float) -> float:
    """Smallest s whose belt holds the observation; 0 where that of s = 0 does."""
    if observed <= background or _in_belt(observed, background, np.zeros(1), cl)[0]:
        return 0.0
    # at s = observed - background the observation is the most likely count and in the belt
    grid = np.linspace(0, observed - background, _LOWER_GRID)
    inside = int(np.argmax(_in_belt(observed, background, grid, cl)))
    low, high = grid[inside - 1], grid[inside]
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if _in_belt(observed, background, np.array([middle]), cl)[0]:
            high = middle
        else:
            low = middle
    return float(high)


def _in_belt(observed: int, background: float, signal: Floats, cl: float) -> NDArray[np.bool_]:
    """Say for each s whether the counts below the observed one with larger R hold less than cl."""
    from scipy.special import pdtr, xlogy

    mu = signal + background
    counts = np.arange(observed)[:, None]
    best = np.maximum(background, np.arange(observed + 1))[:, None]
    order = np.vstack([counts, [[observed]]])
    with np.errstate(divide="ignore"):
        log_r = xlogy(order, mu) - mu + best - xlogy(order, best)
    better = log_r[:-1] > log_r[-1]
    first = np.where(better.any(axis=0), np.argmax(better, axis=0), observed)
    held = pdtr(observed - 1, mu) - np.where(first > 0, pdtr(np.maximum(first - 1, 0), mu), 0)
    return np.asarray(held < cl)
