"""Particles of the beam: electrons, and the hadrons among them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from na64ana.simulate.parameters.common import Parameters
from na64ana.simulate.physics.constants import ELECTRON_MASS
from na64ana.simulate.physics.depths import hcal_front, section_ends
from na64ana.simulate.processes.draws import truncated_exponential
from na64ana.simulate.processes.hadrons import add_hadron
from na64ana.simulate.truth.event import Crossing, Truth, blank

__all__ = ["Process", "beam_electrons", "beam_hadrons", "beam_particles"]

Process = Callable[[int, np.random.Generator, Any], Crossing]
"""Makes events of a number, a random stream and the parameters of the mode."""
_Truth = TypeVar("_Truth", bound=Truth)


def beam_particles(truth: _Truth, rng: np.random.Generator, p: Parameters) -> _Truth:
    """Turn events in which nothing happens into beam particles at the spectrometer; in place."""
    n = len(truth)
    truth.momentum = p.beam.energy * (1 + p.beam.momentum_spread * rng.standard_normal(n))
    truth.angle = np.hypot(*rng.normal(0.0, p.beam.angle_sigma, (2, n)))
    truth.x, truth.y = rng.normal(0.0, p.beam.spot_sigma, (2, n))
    return truth


def beam_electrons(n: int, rng: np.random.Generator, p: Parameters) -> Truth:
    """Beam electrons that will leave all their energy in the ECAL."""
    truth = beam_particles(blank(n), rng, p)
    truth.radiating_energy = truth.momentum.copy()
    truth.em_energy = truth.momentum.copy()
    return truth


def beam_hadrons(n: int, rng: np.random.Generator, p: Parameters) -> Truth:
    """Beam hadrons; many start in the preshower, the others deeper in ECAL or HCAL.

    A few decay to an electron before the magnets, which radiates; the rest of the energy is
    shared by a neutrino and a pion.
    """
    truth = beam_particles(blank(n), rng, p)
    q = p.processes
    truth.radiating_energy = truth.momentum.copy()
    truth.radiating_mass[:] = p.beam.hadron_mass
    early = rng.random(n) < q.hadron_preshower
    within = section_ends(p)[0][0]
    shallow = truncated_exponential(float(within), n, rng)
    start = np.where(early, shallow, within + rng.exponential(1.0, n))
    truth.hcal_x, truth.hcal_y = truth.x.copy(), truth.y.copy()
    truth.charged = 1 + rng.poisson(q.hadron_charged, n) * (start < hcal_front(p))
    energy = truth.momentum.copy()
    decayed = rng.random(n) < q.hadron_decay
    electron, pion = (rng.random(n) * energy * decayed for _ in range(2))
    truth.em_energy = electron
    truth.radiating_energy[decayed] = electron[decayed]
    truth.radiating_mass[decayed] = ELECTRON_MASS
    energy = np.where(decayed, np.minimum(pion, energy - electron), energy)
    add_hadron(truth, energy, start, rng, p)
    return truth
