"""Trigger emulation on the central cells of the ECAL."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from na64ana.simulate.arrays import BoolArray, FloatArray
from na64ana.simulate.parameters.detectors import Trigger

__all__ = ["physics_trigger", "trigger_sources", "window_sums"]


def window_sums(ecal: FloatArray, trigger: Trigger) -> FloatArray:
    """Sums (n, 2) over the central cells of each plane, from (n, 2, nx, ny) energies."""
    window = ecal[:, :, slice(*trigger.window_x), slice(*trigger.window_y)]
    return np.asarray(window.sum(axis=(2, 3)))


def physics_trigger(window: FloatArray, rng: np.random.Generator, trigger: Trigger) -> BoolArray:
    """Tell which events the physics trigger takes: (n,), from the sums (n, 2) of its window.

    They must lie above a threshold in the preshower and below one in the main part.
    """
    threshold = trigger.main_maximum + trigger.main_smearing * rng.standard_normal(len(window))
    return np.asarray((window[:, 0] > trigger.preshower_minimum) & (window[:, 1] < threshold))


def trigger_sources(
    physics: BoolArray, rng: np.random.Generator, trigger: Trigger
) -> npt.NDArray[np.int32]:
    """(n,) trigger bits; an event without the physics bit was kept by one of the others."""
    n = len(physics)
    shares = np.asarray(trigger.other_shares)
    which = np.searchsorted(np.cumsum(shares) / shares.sum(), rng.random(n), side="right")
    other = np.asarray(trigger.other_bits)[np.minimum(which, len(shares) - 1)]
    also = rng.random(n) < trigger.coincidence
    bits = np.where(physics, trigger.physics_bit + also * other, other)
    return bits.astype(np.int32)
