"""Trigger emulation on the central cells of the ECAL."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from na64ana.simulate.parameters import Trigger
from na64ana.simulate.truth import BoolArray, FloatArray

__all__ = ["physics_trigger", "trigger_sources"]


def physics_trigger(ecal: FloatArray, rng: np.random.Generator, trigger: Trigger) -> BoolArray:
    """Tell which events the physics trigger takes: (n,), from (n, 2, 5, 6) energies.

    The sums over the central 3 x 4 cells must lie above a threshold in the preshower and below
    one in the main part.
    """
    window = ecal[:, :, slice(*trigger.window_x), slice(*trigger.window_y)].sum(axis=(2, 3))
    threshold = trigger.main_maximum + trigger.main_smearing * rng.standard_normal(len(ecal))
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
