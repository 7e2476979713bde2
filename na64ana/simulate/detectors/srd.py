"""Response of the synchrotron radiation detector, SRD."""

from __future__ import annotations

import numpy as np

from na64ana.simulate.arrays import FloatArray
from na64ana.simulate.detectors.response import digitised, sampled
from na64ana.simulate.parameters.common import Parameters
from na64ana.simulate.physics.synchrotron import critical_energy, draw_photons, field, photon_number
from na64ana.simulate.truth.event import Truth

__all__ = ["srd_energies"]


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
