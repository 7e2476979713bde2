"""Triggers: on the central cells of the ECAL, on the dump, on displaced muons."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from na64ana.simulate.arrays import BoolArray, FloatArray
from na64ana.simulate.parameters.detectors import Trigger
from na64ana.simulate.parameters.muons import DisplacedTrigger, Spectrometers
from na64ana.simulate.parameters.visible import VisibleParameters
from na64ana.simulate.truth.muons import MuonTruth

__all__ = ["displaced_trigger", "dump_trigger", "physics_trigger", "trigger_sources", "window_sums"]


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


def dump_trigger(dump: FloatArray, rng: np.random.Generator, p: VisibleParameters) -> BoolArray:
    """Tell which events (n,) the physics trigger of the visible mode takes, from WCAL (n, 3), GeV.

    There must be something in the preshower, and too little energy in the dump.
    """
    trigger = p.visible_trigger
    smeared = 1 + trigger.smearing * rng.standard_normal(len(dump))
    below = dump[:, :2].sum(axis=1) < trigger.share * p.beam.energy * smeared
    return np.asarray(below & (dump[:, 0] > trigger.preshower_minimum))


def displaced_trigger(
    truth: MuonTruth, trigger: DisplacedTrigger, spectrometers: Spectrometers
) -> npt.NDArray[np.int32]:
    """(n,) trigger bits: the physics trigger takes muons that the displaced counters see."""
    momentum = np.maximum(truth.outgoing, 0.1)
    way = trigger.ecal_distance * 1e-3
    x = trigger.lever * trigger.kick / momentum + truth.x + way * truth.angle_x
    y = truth.y + way * truth.angle_y
    angle = np.hypot(truth.angle_x, truth.angle_y)
    low, high = trigger.window
    hit = (truth.outgoing > 0) & (x > low) & (x < high) & (np.abs(y) < trigger.half_height)
    physics = (hit & (angle < spectrometers.aperture)) | (truth.accidental > 0)
    bits = np.where(physics, trigger.physics_bit, trigger.other_bit)
    return bits.astype(np.int32)
