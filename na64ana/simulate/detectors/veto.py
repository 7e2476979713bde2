"""Response of the VETO: planes of scintillator between ECAL and HCAL."""

from __future__ import annotations

import numpy as np

from na64ana.simulate.arrays import FloatArray
from na64ana.simulate.detectors.response import digitised
from na64ana.simulate.parameters.detectors import Veto
from na64ana.simulate.physics.ionisation import moyal
from na64ana.simulate.truth.event import Truth

__all__ = ["veto_energies"]

_MAXIMUM_PARTICLES = 10
"""More charged particles than this count as this many; the VETO has long fired by then."""


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
