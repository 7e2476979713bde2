"""Response of the veto hadron calorimeter in front of the ECAL, VHCAL."""

from __future__ import annotations

import numpy as np

from na64ana.simulate.arrays import FloatArray
from na64ana.simulate.detectors.response import digitised
from na64ana.simulate.parameters.detectors import Vhcal
from na64ana.simulate.truth.event import Truth

__all__ = ["vhcal_energies"]


def vhcal_energies(truth: Truth, rng: np.random.Generator, vhcal: Vhcal) -> FloatArray:
    """Energies in the veto hadron calorimeter, shared at random among its cells.

    Returns
    -------
    (n, 4, 4) energies, GeV; flat index ix*4 + iy.
    """
    n = len(truth)
    energy = rng.exponential(vhcal.noise, (n, 16))
    rows = np.flatnonzero(truth.vhcal_energy > 0)
    weight = rng.standard_gamma(vhcal.cell_spread, (len(rows), 16))
    total = np.maximum(weight.sum(axis=1, keepdims=True), 1e-12)
    energy[rows] += truth.vhcal_energy[rows, None] * weight / total
    return digitised(energy, vhcal.step).reshape(n, 4, 4)
