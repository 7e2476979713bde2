"""Distributions that several processes draw from."""

from __future__ import annotations

import numpy as np

from na64ana.simulate.arrays import FloatArray

__all__ = ["log_uniform", "truncated_exponential"]


def log_uniform(bounds: tuple[float, float], n: int, rng: np.random.Generator) -> FloatArray:
    """Draw (n,) numbers between two bounds, flat in their logarithm."""
    low, high = np.log(bounds)
    return np.asarray(np.exp(rng.uniform(float(low), float(high), n)))


def truncated_exponential(end: float, n: int, rng: np.random.Generator) -> FloatArray:
    """Draw (n,) numbers below `end` from an exponential distribution of mean 1."""
    return np.asarray(-np.log1p(-rng.random(n) * -np.expm1(-end)))
