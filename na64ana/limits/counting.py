"""Upper limits of one counting experiment by exact sums: classical, and CLs.

The number of events is N = S + B, both Poisson with means that may be uncertain. All probabilities
are sums over the counts and over the nodes of the nuisances; nothing is asymptotic.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np

from na64ana.errors import LimitError
from na64ana.limits.nuisance import Floats, Nodes, nodes

__all__ = [
    "Experiment",
    "Start",
    "background_probabilities",
    "classical_limit",
    "cls_limit",
    "cls_value",
    "experiment",
    "first",
    "poisson",
    "probability_up_to",
    "solve_limit",
]

_TINY = 1e-290
_HIGHEST = 1e12
#: of the root finder; what the quadrature neglects is measured and added
_TOLERANCE = 1e-11


class Start(NamedTuple):
    """Where to look for a limit first, and how far from there next."""

    near: float
    step: float


class Experiment(NamedTuple):
    """One counting experiment, made ready.

    Attributes
    ----------
    observed : int
    background : array (observed + 1)
        Probabilities of 0 to ``observed`` background events, averaged over the nuisance.
    signal : Nodes
        Values and weights of the factor on the signal.
    """

    observed: int
    background: Floats
    signal: Nodes


def poisson(counts: Floats, mean: Floats) -> Floats:
    """Poisson probabilities; a mean of 0 is allowed. The arrays broadcast."""
    from scipy.special import gammaln

    # a logarithm for each mean, not for each pair of mean and count
    logarithm = np.log(np.maximum(mean, np.finfo(np.float64).tiny))
    result: Floats = np.exp(counts * logarithm - mean - gammaln(counts + 1))
    return result


def background_probabilities(
    most: int, background: float, error: float = 0, nuisance: str = "log-normal", fineness: int = 1
) -> Floats:
    """Probabilities of 0 to ``most`` background events, averaged over the nuisance."""
    means = nodes(nuisance, background, error, most + background + 1, fineness)
    return np.asarray(poisson(np.arange(most + 1.0)[:, None], means.values) @ means.weights)


def experiment(
    observed: int,
    background: Floats,
    mean: float,
    signal_error: float = 0,
    nuisance: str = "log-normal",
    fineness: int = 1,
) -> Experiment:
    """Lay out the nodes of the signal's nuisance beside the background.

    Parameters
    ----------
    background : array (observed + 1, or more)
        From `background_probabilities`: those of a larger count serve as well.
    mean : float
        Of the background, for the message where it cannot be.
    signal_error : float
        Relative.
    nuisance : str
        Of the signal.
    """
    marginal = background[: observed + 1]
    if marginal.sum() < _TINY:
        msg = (
            f"{observed} events were observed where {mean:g} are expected from background: "
            "a probability too small for a number. This background does not describe the data"
        )
        raise LimitError(msg)
    return Experiment(
        observed, marginal, nodes(nuisance, 1.0, signal_error, observed + 3.0, fineness)
    )


def probability_up_to(this: Experiment, signal: float) -> float:
    """P(N <= observed) for a signal mean, nuisances averaged out."""
    counts = np.arange(this.observed + 1.0)
    marginal = poisson(counts[:, None], signal * this.signal.values) @ this.signal.weights
    return float(this.background @ np.cumsum(marginal)[::-1])


def cls_value(this: Experiment, signal: float) -> float:
    """CLs = P(N <= observed | s + b) / P(N <= observed | b)."""
    return probability_up_to(this, signal) / float(this.background.sum())


def classical_limit(this: Experiment, cl: float, start: Start | None = None) -> float:
    """Largest s with P(N <= observed | s + b) >= 1 - cl; below 0 where there is none.

    Returns
    -------
    float
        The limit, or -1 where even s = 0 is excluded (the caller shows 0 and flags it).
    """
    if probability_up_to(this, 0.0) <= 1 - cl:
        return -1.0
    return solve_limit(lambda s: probability_up_to(this, s) / (1 - cl), start or first(this))


def cls_limit(this: Experiment, cl: float, start: Start | None = None) -> float:
    """Signal at which CLs is 1 - cl.

    A. L. Read, J. Phys. G 28 (2002) 2693. With nothing observed it is -log(1 - cl) whatever the
    background, if the signal is exactly known.
    """
    return solve_limit(lambda s: cls_value(this, s) / (1 - cl), start or first(this))


def first(this: Experiment) -> Start:
    """Where to look for the limit of a count if nothing is known of it."""
    return Start(this.observed + 4.0, this.observed + 4.0)


def solve_limit(ratio: Callable[[float], float], start: Start) -> float:
    """Find the s > 0 at which a falling ratio passes 1.

    Raises
    ------
    LimitError
        If it is still above 1 at 1e12 events.
    """
    from scipy.optimize import brentq

    @cache
    def log_ratio(s: float) -> float:
        return math.log(max(ratio(s), _TINY))

    low = high = start.near
    step = start.step
    while log_ratio(high) > 0:
        low, high, step = high, high + step, 2 * step
        if high > _HIGHEST:
            msg = "no limit below 1e12 events: the signal is too uncertain to exclude any"
            raise LimitError(msg)
    while low > 0 and log_ratio(low) <= 0:
        low, high, step = max(low - step, 0.0), low, 2 * step
    return float(brentq(log_ratio, low, high, xtol=_TOLERANCE, rtol=_TOLERANCE))
