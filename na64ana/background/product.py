"""Products of independent measured factors, with intervals that are right at low counts.

Most estimates that are no fit have this form: a count in a control region times a ratio of
counts, particles on target times a probability times an acceptance. A factor is a Poisson count,
a share (passed of total) or a number with an error; `expected` multiplies them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from na64ana.cutflow.intervals import ONE_SIGMA
from na64ana.errors import BackgroundError, printable

__all__ = [
    "Count",
    "Expected",
    "Factor",
    "Measured",
    "Share",
    "expected",
    "quantile",
    "upper_limit",
]

#: spacing and reach of the integral, in standard deviations of the logarithm
_STEP, _MOST_POINTS = 0.05, 60_000
_NEGLIGIBLE = 1e-13


class Count(NamedTuple):
    """The mean of a Poisson process, of which ``n`` events were counted; to some power."""

    n: int
    power: int = 1


class Share(NamedTuple):
    """A probability, measured by ``passed`` of ``total`` trials; to some power."""

    passed: int
    total: int
    power: int = 1


class Measured(NamedTuple):
    """A number with its standard error; an error of zero means exactly known.

    In a product it is log-normal, with this median and with the relative error as the standard
    deviation of the logarithm.
    """

    value: float
    error: float = 0.0


Factor = Count | Share | Measured


class Expected(NamedTuple):
    """A product of factors.

    Attributes
    ----------
    value : float
        Product of the best values.
    low, high : float
        Ends of the central 68.27% interval of the counts and shares, all else held fixed.
    systematic : float
        Error from the numbers with errors.
    """

    value: float
    low: float
    high: float
    systematic: float

    @property
    def statistical(self) -> float:
        """The larger of the distances to the ends of the interval."""
        return max(self.high - self.value, self.value - self.low)


def expected(factors: Sequence[Factor]) -> Expected:
    """Multiply independent factors.

    Parameters
    ----------
    factors : sequence of Count, Share or Measured

    Returns
    -------
    Expected
        Its interval is exact for one count or share and for a ratio of two counts; see `quantile`.

    Raises
    ------
    BackgroundError
        A factor is no possible measurement, or one to be divided by counts nothing.
    """
    _check(factors)
    value = math.prod(map(_value, factors))
    counted = [factor for factor in factors if not isinstance(factor, Measured)]
    others = [factor for factor in factors if isinstance(factor, Measured)]
    scale = math.prod(factor.value for factor in others)
    tail = (1 - ONE_SIGMA) / 2
    low = high = value
    if counted:
        low = scale * quantile(counted, tail, upper=False)
        high = scale * quantile(counted, 1 - tail, upper=True)
    return Expected(value, low, high, value * math.hypot(*map(_relative, others)))


def upper_limit(factors: Sequence[Factor], cl: float = 0.90) -> float:
    """Return the one-sided upper limit of a product, errors of all factors included.

    Raises
    ------
    BackgroundError
        As `expected`, or the confidence level is not between 0 and 1.
    """
    _check(factors)
    if not 0 < cl < 1:
        msg = f"a confidence level is between 0 and 1, such as 0.90, not {cl}"
        raise BackgroundError(msg)
    return quantile(factors, cl, upper=True)


def quantile(factors: Sequence[Factor], probability: float, *, upper: bool) -> float:
    """Return a quantile of the confidence distribution of a product.

    A count of n has the distribution gamma(n + 1) as an upper end and gamma(n) as a lower one, a
    share the beta distributions of Clopper and Pearson; what divides takes the other of the two.
    So a single count gives the exact interval (F. Garwood, Biometrika 28 (1936) 437), and so does
    a ratio of two; for more factors it is the melded interval of M. P. Fay, M. A. Proschan and
    E. Brittain, Biometrics 71 (2015) 146.

    Parameters
    ----------
    factors : sequence of Count, Share or Measured
    probability : float
        Below or at the quantile.
    upper : bool
        Whether this is the upper end of an interval or the lower one.
    """
    if any(_value(f) == 0 and (not upper or isinstance(f, Measured)) for f in factors):
        return 0.0
    logs = [log for factor in factors if (log := _logarithm(factor, upper=upper)) is not None]
    shift = sum(math.log(f.value) for f in factors if isinstance(f, Measured))
    if not logs:
        return math.exp(shift)
    if len(logs) == 1:
        return math.exp(shift + logs[0].quantile(probability))
    return math.exp(shift + _quantile_of_sum(logs, probability))


class _Log(NamedTuple):
    """The logarithm of a random factor."""

    mean: float
    variance: float
    characteristic: Callable[[np.ndarray], np.ndarray]  # its logarithm
    quantile: Callable[[float], float]


def _logarithm(factor: Factor, *, upper: bool) -> _Log | None:
    """Logarithm of a factor without its exact part; None where nothing of it is random."""
    if isinstance(factor, Measured):
        return _normal(_relative(factor)) if factor.error else None
    if not factor.power:
        return None
    more = 1 if upper == (factor.power > 0) else 0
    if isinstance(factor, Count):
        return _gamma(factor.n + more, factor.power)
    passed, failed = factor.passed + more, factor.total - factor.passed + 1 - more
    return _beta(passed, failed, factor.power) if failed else None  # all passed: one at most


def _normal(sigma: float) -> _Log:
    from scipy.special import ndtri

    return _Log(0.0, sigma**2, lambda t: -0.5 * (sigma * t) ** 2 + 0j, lambda p: sigma * ndtri(p))


def _gamma(a: float, power: int) -> _Log:
    from scipy.special import digamma, gammaincinv, loggamma, polygamma

    def quantile(p: float) -> float:
        return power * math.log(gammaincinv(a, p if power > 0 else 1 - p))

    return _Log(
        power * float(digamma(a)),
        power**2 * float(polygamma(1, a)),
        lambda t: np.asarray(loggamma(a + 1j * power * t) - loggamma(a)),
        quantile,
    )


def _beta(a: float, b: float, power: int) -> _Log:
    from scipy.special import betaincinv, digamma, loggamma, polygamma

    def characteristic(t: np.ndarray) -> np.ndarray:
        made = loggamma(a + 1j * power * t) - loggamma(a + b + 1j * power * t)
        return np.asarray(made - loggamma(a) + loggamma(a + b))

    def quantile(p: float) -> float:
        return power * math.log(betaincinv(a, b, p if power > 0 else 1 - p))

    return _Log(
        power * float(digamma(a) - digamma(a + b)),
        power**2 * float(polygamma(1, a) - polygamma(1, a + b)),
        characteristic,
        quantile,
    )


def _quantile_of_sum(logs: Sequence[_Log], probability: float) -> float:
    """Invert the characteristic function of a sum: J. Gil-Pelaez, Biometrika 38 (1951) 481."""
    from scipy.optimize import brentq

    mean = sum(log.mean for log in logs)
    sigma = math.sqrt(sum(log.variance for log in logs))
    u, weight = _transform(logs, mean, sigma)

    def excess(x: float) -> float:
        integral = _STEP * float(np.sum((np.exp(-1j * u * x) * weight).imag / u))
        return 0.5 - integral / math.pi - probability

    low, high = -1.0, 1.0
    while excess(low) > 0:
        low *= 2
    while excess(high) < 0:
        high *= 2
    return mean + sigma * float(brentq(excess, low, high, xtol=1e-10))


def _transform(logs: Iterable[_Log], mean: float, sigma: float) -> tuple[np.ndarray, np.ndarray]:
    """Characteristic function of the standardised sum, as far as there is anything of it."""
    points = 1000
    while True:
        u = _STEP * (np.arange(points) + 0.5)
        exponent = -1j * u * (mean / sigma)
        for log in logs:
            exponent = exponent + log.characteristic(u / sigma)
        weight = np.exp(exponent)
        if abs(weight[-1]) < _NEGLIGIBLE or points >= _MOST_POINTS:
            return u, weight
        points *= 4


# --------------------------------------------------------------------- checks


def _value(factor: Factor) -> float:
    if isinstance(factor, Measured):
        return factor.value
    if isinstance(factor, Count):
        return float(factor.n) ** factor.power
    return (factor.passed / factor.total) ** factor.power


def _relative(factor: Measured) -> float:
    return factor.error / factor.value if factor.value else 0.0


def _check(factors: Iterable[Factor]) -> None:
    for factor in factors:
        if wrong := _fault(factor):
            msg = f"{printable(str(factor))}: {wrong}"
            raise BackgroundError(msg)


def _fault(factor: Factor) -> str:
    if isinstance(factor, Measured):
        if not all(map(math.isfinite, factor)):
            return "a number and its error must be finite"
        if min(factor) < 0:
            return "neither a factor nor its error may be negative"
        return "a factor of zero has no relative error" if not factor[0] and factor[1] else ""
    counts = factor[:-1]
    if any(n != int(n) or n < 0 for n in counts):
        return "counts are whole numbers, not negative"
    if isinstance(factor, Share) and not factor.passed <= factor.total:
        return "more passed than there were"
    if isinstance(factor, Share) and not factor.total:
        return "nothing was tried, so there is no probability"
    if factor.power < 0 and not counts[0]:
        return "nothing was counted where the estimate divides by it"
    return ""
