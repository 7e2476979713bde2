"""Times of channels, expected and measured, and the master time."""

from __future__ import annotations

import math

import numpy as np

from na64ana.simulate.arrays import FloatArray
from na64ana.simulate.detectors.ecal import ecal_cells
from na64ana.simulate.detectors.hcal import hcal_cells
from na64ana.simulate.detectors.response import digitised
from na64ana.simulate.parameters.common import Parameters
from na64ana.simulate.parameters.detectors import Timing

__all__ = ["Clock", "cell_times", "clocks", "master_times"]


class Clock:
    """Expected time and sigma of the channels of one detector."""

    __slots__ = ("expected", "sigma")

    def __init__(self, expected: float, sigma: FloatArray) -> None:
        self.expected = expected
        """Expected time of every channel, ns."""
        self.sigma = sigma
        """(channels,) sigma per channel, ns."""


def clocks(p: Parameters) -> dict[str, Clock]:
    """Clocks of ECAL, HCAL, VHCAL, SRD and VETO."""
    timing = p.timing
    low, high = timing.ecal_sigma
    golden = (np.sqrt(5.0) - 1) / 2
    channels = math.prod(ecal_cells(p.ecal))
    ecal = low + (high - low) * np.mod(golden * np.arange(1, channels + 1), 1.0)
    hcal = np.full(math.prod(hcal_cells(p.hcal)), timing.hcal_sigma)
    return {
        "ECAL": Clock(timing.ecal, digitised(ecal, timing.step)),
        "HCAL": Clock(timing.hcal, hcal),
        "VHCAL": Clock(timing.vhcal, np.full(16, timing.vhcal_sigma)),
        "SRD": Clock(timing.srd, np.full(p.srd.modules, timing.srd_sigma)),
        "VETO": Clock(timing.veto, np.full(6, timing.veto_sigma)),
    }


def cell_times(
    n: int, clock: Clock, timing: Timing, rng: np.random.Generator, delay: FloatArray
) -> FloatArray:
    """Measured times of the channels of one detector.

    Parameters
    ----------
    delay : (n, channels) what a later (or earlier) particle adds where it dominates, ns.

    Returns
    -------
    (n, channels) times, ns.
    """
    channels = len(clock.sigma)
    jitter = timing.spread * clock.sigma * rng.standard_normal((n, channels))
    return digitised(clock.expected + jitter + delay, timing.step)


def master_times(n: int, timing: Timing, rng: np.random.Generator) -> FloatArray:
    """(n,) times of the trigger, ns: a peak, and a flat tail of accidental ones."""
    time = timing.master + timing.master_sigma * rng.standard_normal(n)
    stray = rng.random(n) < timing.master_tail
    return np.where(stray, rng.uniform(*timing.master_range, n), time)
