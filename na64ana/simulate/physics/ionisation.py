"""What single charged particles lose in a layer of matter."""

from __future__ import annotations

import numpy as np

from na64ana.simulate.arrays import FloatArray

__all__ = ["moyal"]


def moyal(
    shape: tuple[int, ...], peak: float, width: float, rng: np.random.Generator
) -> FloatArray:
    """Draw energy losses from a Moyal distribution, an approximation to Landau's.

    If z is normal, ``-ln(z^2)`` follows the standard Moyal distribution. The mean lies
    1.27 widths above the peak; the tail is thinner than a true Landau tail.
    """
    z = rng.standard_normal(shape)
    return np.maximum(peak - width * np.log(z * z + 1e-300), 0.0)
