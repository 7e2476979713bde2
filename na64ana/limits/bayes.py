"""Bayesian upper limits with a flat prior in s >= 0."""

from __future__ import annotations

import numpy as np

from na64ana.errors import LimitError
from na64ana.limits.counting import Experiment, Start, first, solve_limit

__all__ = ["bayes_limit", "check_proper"]


def check_proper(nuisance: str, signal_error: float) -> None:
    """Refuse a nuisance of the signal for which the posterior has no finite integral.

    The posterior falls off as the mean of 1/k over the factor k allows. That mean is infinite for
    a normal cut off at 0 and for a gamma with a relative error of 1 or more.
    """
    endless = nuisance == "truncated-normal" or (nuisance == "gamma" and signal_error >= 1)
    if signal_error and endless:
        msg = (
            f"a flat prior has no Bayesian limit with a {nuisance} signal error of "
            f"{signal_error:g}: the factor 0 is too likely. Take the nuisance 'log-normal'"
        )
        raise LimitError(msg)


def bayes_limit(this: Experiment, cl: float, start: Start | None = None) -> float:
    """Signal below which the posterior holds the probability cl.

    For a factor k on the signal and m = observed - j, the integral of the Poisson probability
    of m events over s from 0 to S is P(m + 1, S k) / k, P the regularised incomplete gamma
    function; it is summed over j background events and over the nodes of k. Without errors the
    limit is that of CLs.
    """
    from scipy.special import gammaincc

    orders = np.arange(this.observed, -1.0, -1.0)[:, None] + 1
    inverse = this.signal.weights / this.signal.values
    total = this.background.sum() * inverse.sum() * (1 - cl)

    def ratio(s: float) -> float:
        outside = gammaincc(orders, s * this.signal.values) @ inverse
        return float(this.background @ outside / total)

    return solve_limit(ratio, start or first(this))
