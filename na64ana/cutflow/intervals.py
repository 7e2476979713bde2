"""Exact intervals: Clopper-Pearson for efficiencies, Garwood for counts."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["ONE_SIGMA", "Efficiency", "efficiency", "poisson_interval"]

#: coverage of one standard deviation of a normal distribution
ONE_SIGMA = 0.6826894921370859


class Efficiency(NamedTuple):
    """Passed over total with its interval; all three NaN where there is no event."""

    value: float
    low: float
    high: float


def efficiency(passed: int, total: int, coverage: float = ONE_SIGMA) -> Efficiency:
    """Return passed/total with the central Clopper-Pearson interval.

    Parameters
    ----------
    passed, total : int
        Counts, 0 <= passed <= total.
    coverage : float
        Of the interval, 68.27% by default.

    Notes
    -----
    C. J. Clopper, E. S. Pearson, Biometrika 26 (1934) 404: the ends are quantiles of beta
    distributions, taken from `scipy.special.betaincinv`.
    """
    from scipy.special import betaincinv

    if not total:
        nan = float("nan")
        return Efficiency(nan, nan, nan)
    tail = (1 - coverage) / 2
    low = float(betaincinv(passed, total - passed + 1, tail)) if passed else 0.0
    high = float(betaincinv(passed + 1, total - passed, 1 - tail)) if passed < total else 1.0
    return Efficiency(passed / total, low, high)


def poisson_interval(n: int, coverage: float = ONE_SIGMA) -> tuple[float, float]:
    """Return the central interval for the mean of a Poisson distribution that gave ``n``.

    Parameters
    ----------
    n : int
        Events observed, 0 or more.
    coverage : float
        Of the interval, 68.27% by default.

    Notes
    -----
    F. Garwood, Biometrika 28 (1936) 437: the ends are quantiles of gamma distributions, taken
    from `scipy.special.gammaincinv`. With no event the lower end is 0, the upper one that of the
    central interval (1.841 for one standard deviation).
    """
    from scipy.special import gammaincinv

    tail = (1 - coverage) / 2
    low = float(gammaincinv(n, tail)) if n else 0.0
    return low, float(gammaincinv(n + 1, 1 - tail))
