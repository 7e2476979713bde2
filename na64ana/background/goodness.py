"""Goodness of fit from toys, each fitted again: tails are too empty for a chi-square law."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from na64ana.background.fit import Minimum, fit_tail
from na64ana.background.likelihood import Sample, simulated
from na64ana.background.shapes import Shape
from na64ana.errors import BackgroundError, printable

__all__ = ["Goodness", "discrepancy", "goodness"]

_LEAST = 1e-300
_FAILURES = 0.1  # the largest part of the toys that may fail to fit


class Goodness(NamedTuple):
    """How well a shape describes its events.

    Attributes
    ----------
    statistic : float
        Anderson-Darling A^2 of single events, or the likelihood-ratio chi-square of bins.
    probability : float
        That a toy of the fitted shape lies as far off or further.
    toys, failed : int
        Toys that were used, and those whose fit failed.
    """

    statistic: float
    probability: float
    toys: int
    failed: int


def discrepancy(shape: Shape, p: np.ndarray, sample: Sample) -> float:
    """Return the distance of the events from a fitted shape.

    Notes
    -----
    Of single events, the statistic of T. W. Anderson, D. A. Darling, J. Am. Stat. Assoc. 49 (1954)
    765, which looks into the tail. Of bins, -2 log of the likelihood ratio to the saturated model,
    S. Baker, R. D. Cousins, Nucl. Instrum. Meth. 221 (1984) 437, eq. 10.
    """
    n = sample.events
    if sample.values is not None:
        edges = np.concatenate([[sample.start], sample.values, [sample.stop]])
        parts = np.maximum(shape.integral(edges[:-1], edges[1:], p, sample.frame), 0.0)
        below = np.cumsum(parts)
        above = np.cumsum(parts[::-1])[::-1]
        # from both ends, so that neither logarithm loses its digits
        low = np.log(np.maximum(below[:-1] / below[-1], _LEAST))
        high = np.log(np.maximum(above[1:] / above[0], _LEAST))
        odd = 2 * np.arange(1, n + 1) - 1
        return float(-n - odd @ (low + high[::-1]) / n)
    assert sample.edges is not None
    assert sample.counts is not None
    parts = np.maximum(shape.integral(sample.edges[:-1], sample.edges[1:], p, sample.frame), _LEAST)
    expected = n * parts / parts.sum()
    filled = sample.counts > 0
    seen = sample.counts[filled]
    return float(2 * (expected.sum() - n + seen @ np.log(seen / expected[filled])))


def goodness(
    shape: Shape,
    best: Minimum,
    sample: Sample,
    rng: np.random.Generator,
    *,
    toys: int = 200,
    enough: int = 10,
) -> Goodness:
    """Return the probability of a fit, from toys that are fitted as the data were.

    Parameters
    ----------
    toys : int
        The largest number of toys.
    enough : int
        Stop once so many toys lie as far off as the data: a good fit needs few. The probability
        is exact either way (J. Besag, P. Clifford, Biometrika 78 (1991) 301).

    Raises
    ------
    BackgroundError
        More than a tenth of the toys could not be fitted.
    """
    seen = discrepancy(shape, best.values, sample)
    beyond = used = failed = 0
    while used < toys and beyond < enough:
        toy = simulated(shape, best.values, sample, rng)
        try:
            refit = fit_tail(shape, toy, best.values, errors=False)
        except BackgroundError:
            failed += 1
            if failed > max(2, _FAILURES * toys):
                msg = (
                    f"goodness of shape '{printable(shape.name)}': {failed} of {used + failed} "
                    "toys could not be fitted; take a shape with fewer parameters"
                )
                raise BackgroundError(msg) from None
            continue
        used += 1
        beyond += discrepancy(shape, refit.values, toy) >= seen
    probability = beyond / used if beyond >= enough else (beyond + 1) / (used + 1)
    return Goodness(seen, probability, used, failed)
