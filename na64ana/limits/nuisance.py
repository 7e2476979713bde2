"""Uncertain means: the distribution of a nuisance, as nodes and weights of a fixed quadrature.

All sums over a nuisance in this package are sums over these nodes. They are the trapezoidal rule in
a variable in which the distribution is smooth on the whole line, which converges exponentially
(L. N. Trefethen, J. A. C. Weideman, SIAM Review 56 (2014) 385), or Gauss-Legendre in panels where
the distribution is cut off at 0.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from na64ana.errors import LimitError

__all__ = ["MOST_RELATIVE", "NUISANCES", "Nodes", "log_shift", "log_sigma", "nodes"]

Floats = NDArray[np.float64]

#: names of the distributions, the default first
NUISANCES = ("log-normal", "kappa", "mean-one", "gamma", "truncated-normal")
#: a larger relative error says that the number is not known; the nodes would become too many
MOST_RELATIVE = 10.0

_REACH = 9.0  # in standard deviations: 2e-19 lie outside
_STEP = 0.25  # in standard deviations: the trapezoidal rule is exact to exp(-2 pi^2 / step^2)
_PANEL_NODES = 32


class Nodes(NamedTuple):
    """Values that an uncertain mean may take, and their probabilities (1 in sum)."""

    values: Floats
    weights: Floats


def log_sigma(name: str, relative: float) -> float:
    """Standard deviation of the logarithm for a relative error, of the three log-normals."""
    return math.log1p(relative) if name == "kappa" else relative


def log_shift(name: str, sigma: float) -> float:
    """Mean of the logarithm of the factor: not 0 only where the mean of the factor is 1."""
    return -sigma * sigma / 2 if name == "mean-one" else 0.0


def nodes(name: str, centre: float, error: float, counts: float = 1.0, fineness: int = 1) -> Nodes:
    """Return nodes and weights of a mean ``centre`` with the standard error ``error``.

    Parameters
    ----------
    name : str
        One of `NUISANCES`: log-normal of median ``centre`` whose logarithm has the standard
        deviation error/centre; ``kappa``, the same with the standard deviation
        log(1 + error/centre); ``mean-one``, the log-normal of mean ``centre``; gamma of mean
        ``centre`` and standard deviation ``error``; normal, cut off at 0 and normalised.
    centre, error : float
        In the same unit, not negative.
    counts : float
        How many events the Poisson terms expect that are to be averaged: the more, the narrower
        they are beside the nuisance, and the more nodes it takes.
    fineness : int
        Factor on the number of nodes, to measure what the quadrature neglects.

    Raises
    ------
    LimitError
        If the relative error is above `MOST_RELATIVE` (a truncated normal may have any).
    """
    if error == 0:
        return Nodes(np.array([centre]), np.array([1.0]))
    dense = fineness * max(1.0, error / max(centre, error) * math.sqrt(counts))
    if name == "truncated-normal":
        return _truncated_normal(centre, error, math.ceil(dense))
    if error > MOST_RELATIVE * centre:
        msg = (
            f"{centre:g} with the error {error:g}: a {name} needs a relative error of at most "
            f"{MOST_RELATIVE:g}; state a larger value, or take the nuisance 'truncated-normal'"
        )
        raise LimitError(msg)
    relative = error / centre
    factor = _gamma(relative, dense) if name == "gamma" else _log_normal(name, relative, dense)
    return Nodes(centre * factor.values, factor.weights)


def _log_normal(name: str, relative: float, dense: float) -> Nodes:
    sigma = log_sigma(name, relative)
    half = math.ceil(_REACH / _STEP * dense * max(1.0, sigma))
    z = np.linspace(-_REACH, _REACH, 2 * half + 1)
    return Nodes(np.exp(sigma * z + log_shift(name, sigma)), _normalised(-z * z / 2))


def _gamma(relative: float, dense: float) -> Nodes:
    """Gamma of mean 1 in t = log x, where its density is exp(k t - k exp(t)) up to a factor."""
    shape = relative**-2
    width = _REACH * math.sqrt(1 / shape)
    low, high = -(width + _REACH**2 / 2 / shape + 1 / shape), width
    step = _STEP * min(1.0, relative) / dense
    t = np.linspace(low, high, math.ceil((high - low) / step) + 1)
    return Nodes(np.exp(t), _normalised(shape * (t - np.expm1(t))))


def _truncated_normal(centre: float, error: float, dense: int) -> Nodes:
    low, high = max(0.0, centre - _REACH * error), centre + _REACH * error
    edges = np.linspace(low, high, 10 * dense + 1)
    points, weights = _legendre()
    half = (edges[1] - edges[0]) / 2
    values = ((edges[:-1] + half)[:, None] + half * points).ravel()
    scaled = (values - centre) / error
    weights = np.tile(weights, edges.size - 1) * np.exp(-scaled * scaled / 2)
    return Nodes(values, weights / weights.sum())


@lru_cache(maxsize=1)
def _legendre() -> tuple[Floats, Floats]:
    return np.polynomial.legendre.leggauss(_PANEL_NODES)


def _normalised(logarithm: Floats) -> Floats:
    weights: Floats = np.exp(logarithm)
    weights /= weights.sum()
    return weights
