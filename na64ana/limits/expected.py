"""Expected limits: every count that the background can give, with its probability."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from na64ana.errors import LimitError
from na64ana.limits.arguments import MOST_OBSERVED, check_cl, known_name, numbers_of
from na64ana.limits.counting import poisson
from na64ana.limits.nuisance import NUISANCES, Floats, nodes
from na64ana.limits.single import limit_result

__all__ = ["ExpectedLimits", "expected_limits", "summary"]

#: probability of counts that are left out
_NEGLECTED = 1e-9
#: P(z < k) of the normal distribution at k = -2, -1, 0, 1, 2
_LEVELS = (0.022750131948179, 0.158655253931457, 0.5, 0.841344746068543, 0.977249868051821)


class ExpectedLimits(NamedTuple):
    """Distribution of the limit when there is background only.

    Attributes
    ----------
    median, mean : float
    minus_2, minus_1, plus_1, plus_2 : float
        Edges of the bands: the smallest limit not exceeded with the probability that a normal
        variable is below -2, -1, 1, 2.
    limits, probabilities : array
        Of each outcome; for one counting experiment, of 0, 1, ... events.
    neglected : float
        Probability of all outcomes left out.
    """

    median: float
    mean: float
    minus_2: float
    minus_1: float
    plus_1: float
    plus_2: float
    limits: Floats
    probabilities: Floats
    neglected: float

    def __repr__(self) -> str:
        return (
            f"<ExpectedLimits: median {self.median:.4g}, mean {self.mean:.4g}, 68% "
            f"{self.minus_1:.4g} to {self.plus_1:.4g}, 95% {self.minus_2:.4g} to {self.plus_2:.4g}>"
        )

    def _repr_html_(self) -> str:
        from na64ana.report.notebook_limits import expected

        return expected(self)


def expected_limits(
    background: float,
    *,
    cl: float = 0.90,
    background_error: float = 0,
    signal_error: float = 0,
    method: str = "cls",
    nuisance: str = "log-normal",
    background_nuisance: str | None = None,
) -> ExpectedLimits:
    """Enumerate the counts n = 0, 1, ... that the background gives, and the limit of each.

    Where the background is uncertain, n follows the Poisson distribution averaged over the
    nuisance, as in toys that draw the background anew each time. Arguments as in `upper_limit`,
    but numbers only.

    Raises
    ------
    LimitError
        As `upper_limit`; also where counts above 1000 would matter.
    """
    check_cl(cl)
    mean = _one(background, "background")
    error = _one(background_error, "background_error")
    name = known_name(background_nuisance or nuisance, NUISANCES, "nuisance")
    probabilities = _counts(mean, error, name)
    result = limit_result(
        np.arange(probabilities.size),
        mean,
        cl=cl,
        background_error=error,
        signal_error=_one(signal_error, "signal_error"),
        method=method,
        nuisance=nuisance,
        background_nuisance=background_nuisance,
    )
    return summary(result.limit, probabilities)


def summary(limits: Floats, probabilities: Floats) -> ExpectedLimits:
    """Median, mean and bands of limits that occur with given probabilities."""
    order = np.argsort(limits, kind="stable")
    below = np.cumsum(probabilities[order])
    at = np.minimum(np.searchsorted(below, np.array(_LEVELS) - 1e-12), limits.size - 1)
    minus_2, minus_1, median, plus_1, plus_2 = (float(x) for x in limits[order][at])
    covered = float(probabilities.sum())
    mean = float(limits @ probabilities) / covered
    return ExpectedLimits(
        median, mean, minus_2, minus_1, plus_1, plus_2, limits, probabilities, 1 - covered
    )


def _one(value: float, what: str) -> float:
    array = numbers_of(value, what)
    if array.ndim:
        msg = f"{what} must be one number for expected limits: call it once for each"
        raise LimitError(msg)
    return float(array)


def _counts(background: float, error: float, nuisance: str) -> NDArray[np.float64]:
    """Probabilities of 0, 1, ... events, until all but 1e-9 is covered."""
    means = nodes(nuisance, background, error, background + 1)
    size = 16
    while size <= 2 * MOST_OBSERVED:
        counts = np.arange(min(size, MOST_OBSERVED + 1.0))
        found = np.asarray(poisson(counts[:, None], means.values) @ means.weights)
        enough = np.nonzero(np.cumsum(found) > 1 - _NEGLECTED)[0]
        if enough.size:
            return found[: enough[0] + 1]
        size *= 2
    msg = (
        f"background {background:g} +- {error:g}: more than {MOST_OBSERVED} events are likely; "
        "expected limits by enumeration are for low counts"
    )
    raise LimitError(msg)
