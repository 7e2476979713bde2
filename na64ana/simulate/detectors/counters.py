"""Response of the counters around the calorimeters: SRD, VETO and VHCAL."""

from __future__ import annotations

import numpy as np

from na64ana.simulate.arrays import FloatArray
from na64ana.simulate.detectors.response import digitised, sampled
from na64ana.simulate.parameters.common import Parameters
from na64ana.simulate.parameters.detectors import Veto, Vhcal
from na64ana.simulate.physics.ionisation import moyal
from na64ana.simulate.physics.synchrotron import critical_energy, draw_photons, field, photon_number
from na64ana.simulate.truth.event import Truth

__all__ = ["srd_energies", "veto_energies", "vhcal_energies"]

_MAXIMUM_PARTICLES = 10
"""More charged particles than this count as this many; the VETO has long fired by then."""


def srd_energies(truth: Truth, rng: np.random.Generator, p: Parameters) -> FloatArray:
    """Energies in the synchrotron radiation detector.

    Each module takes a share of the photons that a particle radiates in the magnets, which are
    set for the beam; soft photons do not reach it. Whatever the particle, there are noise and
    now and then a delta ray.

    Returns
    -------
    (n, modules) energies, GeV.
    """
    srd = p.srd
    shape = (len(truth), srd.modules)
    energy = sampled(_photons(truth, rng, p), srd.stochastic, rng)
    energy += rng.exponential(srd.noise, shape)
    knocked = rng.random(shape) < srd.knock_on
    energy[knocked] += rng.exponential(srd.knock_on_energy, np.count_nonzero(knocked))
    return digitised(energy, srd.step)


def _photons(truth: Truth, rng: np.random.Generator, p: Parameters) -> FloatArray:
    """(n, modules) true energies of the photons in each module."""
    srd = p.srd
    strength, bending = field(p.beam.energy, srd)
    mean = srd.acceptance * photon_number(truth.radiating_mass, bending)
    mean = np.where(truth.radiating_energy > 0, mean, 0.0)
    counts = rng.poisson(mean[:, None], (len(truth), srd.modules))
    critical = critical_energy(truth.radiating_energy, truth.radiating_mass, strength)
    flat = counts.ravel()
    module = np.repeat(np.arange(len(flat)), flat)
    photon = draw_photons(len(module), rng) * np.repeat(critical, counts.sum(axis=1))
    photon *= srd.containment * (photon > srd.least_photon)
    total = np.bincount(module, photon, len(flat)).reshape(counts.shape)
    return np.asarray(total, dtype=np.float64)


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
