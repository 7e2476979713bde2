"""What all calorimeters and counters share: fluctuations, noise, digitisation."""

from __future__ import annotations

import numpy as np

from na64ana.simulate.arrays import FloatArray

__all__ = ["digitised", "noisy", "sampled", "summed_noise"]


def sampled(mean: FloatArray, stochastic: float, rng: np.random.Generator) -> FloatArray:
    """Draw energies whose variance is ``stochastic**2 * mean`` (GeV), never negative.

    Gamma variates of one scale add up to a gamma variate of that scale, so that cells may be
    drawn one by one and their sum has sigma(E)/E = stochastic/sqrt(E) exactly.
    """
    scale = stochastic**2
    if scale == 0:
        return mean.copy()
    return rng.standard_gamma(np.maximum(mean, 0.0) / scale) * scale


def noisy(energy: FloatArray, sigma: float, rng: np.random.Generator) -> FloatArray:
    """Add Gaussian noise to each cell and suppress what falls below zero."""
    return np.maximum(energy + sigma * rng.standard_normal(energy.shape), 0.0)


def summed_noise(
    shape: tuple[int, ...], cells: int, sigma: float, rng: np.random.Generator
) -> FloatArray:
    """Draw the sums of the noise of `cells` cells, each suppressed below zero.

    Cells that hold energy are taken as the others: their noise has the mean 0, not 0.4 sigma.
    """
    noise = np.maximum(sigma * rng.standard_normal((*shape, cells)), 0.0)
    return np.asarray(noise.sum(axis=-1), dtype=np.float64)


def digitised(value: FloatArray, step: float) -> FloatArray:
    """Round to whole steps, as an ADC or TDC does.

    With a power of two as step, sums over cells are exact in double precision: no threshold
    depends on the order in which cells are added.
    """
    return np.rint(value / step) * step
