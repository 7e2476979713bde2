"""Response of the counters around the calorimeters: SRD, VETO and VHCAL."""

from __future__ import annotations

import numpy as np

from na64ana.simulate.parameters import Srd, Veto, Vhcal
from na64ana.simulate.response import digitised, moyal
from na64ana.simulate.truth import FloatArray, Truth

__all__ = ["srd_energies", "veto_energies", "vhcal_energies"]

_MAXIMUM_PARTICLES = 10
"""More charged particles than this count as this many; the VETO has long fired by then."""


def srd_energies(truth: Truth, rng: np.random.Generator, srd: Srd) -> FloatArray:
    """Energies in the synchrotron radiation detector.

    Electrons give a gamma-distributed energy per module that scales with a power of the
    momentum; hadrons give noise and now and then a delta ray.

    Returns
    -------
    (n, 3) energies, GeV.
    """
    shape = (len(truth), 3)
    scale = (truth.radiating_energy / srd.reference_energy) ** srd.power
    light = rng.standard_gamma(srd.shape, shape) * (srd.mean / srd.shape) * scale[:, None]
    knocked = rng.random(shape) < srd.knock_on
    energy = light + rng.exponential(srd.noise, shape)
    energy += knocked * rng.exponential(srd.knock_on_energy, shape)
    return digitised(energy, srd.step)


def veto_energies(truth: Truth, rng: np.random.Generator, veto: Veto) -> FloatArray:
    """Energies in the photomultipliers of the veto planes.

    Each charged particle loses energy in each plane; the two photomultipliers share the light
    with their photo-electron statistics.

    Returns
    -------
    (n, 6) energies, GeV; photomultipliers 2k and 2k+1 read plane k, their sum is its energy.
    """
    n = len(truth)
    particles = truth.charged + np.count_nonzero(truth.muon_energy > 0, axis=1)
    plane = np.zeros((n, 3))
    for nth in range(min(int(particles.max(initial=0)), _MAXIMUM_PARTICLES)):
        rows = np.flatnonzero(particles > nth)
        shape = (len(rows), 3)
        loss = moyal(shape, veto.mip_energy, veto.mip_width, rng)
        plane[rows] += loss * (rng.random(shape) >= veto.inefficiency)
    ecal = truth.em_energy + truth.ecal_hadronic.sum(axis=1)
    plane += rng.exponential(veto.albedo, (n, 3)) * ecal[:, None]
    half = np.repeat(plane / 2, 2, axis=1)
    spread = np.sqrt(half * (veto.mip_energy / 2) / veto.photoelectrons)
    seen = np.maximum(half + spread * rng.standard_normal((n, 6)), 0.0)
    return digitised(seen + rng.exponential(veto.noise, (n, 6)), veto.step)


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
