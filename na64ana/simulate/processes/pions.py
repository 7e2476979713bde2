"""Processes of a beam of pions: what charge exchange makes of them, and all else."""

from __future__ import annotations

import numpy as np

from na64ana.simulate.arrays import FloatArray
from na64ana.simulate.parameters.pions import PionParameters
from na64ana.simulate.physics.constants import ELECTRON_MASS
from na64ana.simulate.physics.depths import ZERO_DEGREE, hcal_front
from na64ana.simulate.processes.beam import Process, beam_particles
from na64ana.simulate.processes.draws import truncated_exponential
from na64ana.simulate.processes.hadrons import add_hadron, spread_at_hcal
from na64ana.simulate.truth.event import Crossing
from na64ana.simulate.truth.pions import PionTruth, pion_blank

__all__ = ["PION_BACKGROUNDS", "PION_SIGNALS"]

_MUON_MASS = 0.1056583755  # GeV, PDG


def pion(n: int, rng: np.random.Generator, p: PionParameters) -> Crossing:
    """Pions that interact in the ECAL, or pass it as a MIP and interact in the HCAL."""
    q = p.pions
    truth = _beam(n, rng, p)
    start = rng.exponential(q.pion_length, n)
    _ionise(truth, start, p)
    passing = start > hcal_front(p)
    truth.charged = np.where(passing, 1, 1 + rng.poisson(q.charged, n))
    add_hadron(truth, truth.momentum * (1 - rng.beta(*q.lost, n)), start, rng, p)
    spread_at_hcal(truth, q.spread, rng)
    return Crossing.single(truth)


def leading_neutral(n: int, rng: np.random.Generator, p: PionParameters) -> Crossing:
    """Pions whose energy a neutron or K0 carries through the ECAL; what it leaves is lost.

    The HCAL sees all of the neutral's energy; the tail to small ones reaches into the box.
    """
    q = p.pions
    truth = _beam(n, rng, p)
    start = _inside(n, rng, p)
    _ionise(truth, start, p)
    left = rng.exponential(q.neutral_width, n)
    truth.ecal_hadronic[:, 1] = left
    energy = (truth.momentum - left) * (1 - rng.beta(*q.neutral_lost, n))
    add_hadron(truth, energy, hcal_front(p) + rng.exponential(1.0, n), rng, p)
    spread_at_hcal(truth, q.spread, rng)
    return Crossing.single(truth)


def charge_exchange(n: int, rng: np.random.Generator, p: PionParameters) -> Crossing:
    """Mesons pi0, eta and eta' that decay visibly: the energy of the pion in photons and pions."""
    q = p.pions
    truth = _beam(n, rng, p)
    start = _inside(n, rng, p)
    _ionise(truth, start, p)
    which = rng.choice(3, size=n, p=np.asarray(q.mesons) / sum(q.mesons))
    photons_alone = rng.random(n) < np.asarray(q.neutral_decays)[which]
    energy = truth.momentum - _recoil(truth, rng, p)
    share = np.where(photons_alone, 1.0, rng.uniform(*q.charged_photons, n))
    truth.em_energy = share * energy
    truth.charged = np.where(photons_alone, 0, 2)
    add_hadron(truth, energy - truth.em_energy, start + rng.exponential(q.pion_length, n), rng, p)
    spread_at_hcal(truth, q.spread, rng)
    return Crossing.single(truth)


def muon(n: int, rng: np.random.Generator, p: PionParameters) -> Crossing:
    """Muons of the beam, and of pions that decay behind the spectrometer: MIPs everywhere.

    Two bodies, isotropic at rest: the energy of the muon is flat between (m_mu/m_pi)^2 and 1 of
    that of the pion.
    """
    q = p.pions
    truth = _beam(n, rng, p)
    truth.radiating_mass[:] = _MUON_MASS
    share = np.where(rng.random(n) < q.decayed, rng.uniform(q.muon_mass_ratio, 1.0, n), 1.0)
    truth.muon_energy[:, 0] = truth.momentum * share
    truth.muon_x[:, 0], truth.muon_y[:, 0] = truth.x, truth.y
    return Crossing.single(truth)


def electron(n: int, rng: np.random.Generator, p: PionParameters) -> Crossing:
    """Electrons of the beam: all their energy in the ECAL."""
    truth = _beam(n, rng, p)
    truth.radiating_mass[:] = ELECTRON_MASS
    truth.em_energy = truth.momentum.copy()
    return Crossing.single(truth)


def upstream(n: int, rng: np.random.Generator, p: PionParameters) -> Crossing:
    """Pions that interact in the beam line: hits, wide angles, stray and lost energy."""
    q = p.pions
    truth = _beam(n, rng, p)
    beam = truth.momentum
    truth.momentum = beam * rng.uniform(q.upstream_momentum, 1.0, n)
    truth.angle = np.hypot(*rng.normal(0.0, q.upstream_angle, (2, n)))
    truth.extra_hits = rng.exponential(q.upstream_hits, n)
    forward = beam * rng.beta(*q.upstream_energy, n)
    rest = beam - forward
    truth.vhcal_energy = np.minimum(rng.exponential(q.upstream_vhcal, n), 1.0) * rest
    truth.hcal_hadronic[:, ZERO_DEGREE] = (rest - truth.vhcal_energy) * rng.random(n)
    truth.charged = rng.poisson(1.0, n)
    start = np.where(truth.charged > 0, rng.exponential(1.0, n), hcal_front(p))
    add_hadron(truth, forward, start + rng.exponential(1.0, n), rng, p)
    spread_at_hcal(truth, q.spread, rng)
    return Crossing.single(truth)


def invisible(n: int, rng: np.random.Generator, p: PionParameters) -> Crossing:
    """Mesons that decay invisibly: behind the charge exchange there is only the neutron."""
    truth = _beam(n, rng, p)
    _ionise(truth, _inside(n, rng, p), p)
    truth.mediator_energy = truth.momentum - _recoil(truth, rng, p)
    return Crossing.single(truth)


def _beam(n: int, rng: np.random.Generator, p: PionParameters) -> PionTruth:
    """Beam pions at the spectrometer, with nothing in any calorimeter yet."""
    truth = beam_particles(pion_blank(n), rng, p)
    truth.radiating_energy = truth.momentum.copy()
    truth.radiating_mass[:] = p.beam.hadron_mass
    return truth


def _inside(n: int, rng: np.random.Generator, p: PionParameters) -> FloatArray:
    """Depths (n,) of interactions in the ECAL, interaction lengths of nucleons."""
    length = p.pions.pion_length
    return length * truncated_exponential(hcal_front(p) / length, n, rng)


def _ionise(truth: PionTruth, start: FloatArray, p: PionParameters) -> None:
    """Let pions ionise up to where they interact; in place.

    The mean of a muon's, as far as the pion comes: the preshower is the first part of the way.
    """
    share = np.minimum(start / hcal_front(p), 1.0)
    early, main = p.ecal.muon_energy
    end = early / (early + main)
    truth.ionisation[:, 0] = early * np.minimum(share / end, 1.0)
    truth.ionisation[:, 1] = main * np.maximum(share - end, 0.0) / (1 - end)


def _recoil(truth: PionTruth, rng: np.random.Generator, p: PionParameters) -> FloatArray:
    """Energies (n,) of the neutron of a charge exchange, part of it seen in the ECAL; in place."""
    kinetic = rng.exponential(p.pions.recoil, len(truth))
    truth.ecal_hadronic[:, 1] += p.pions.recoil_seen * kinetic
    return kinetic


PION_BACKGROUNDS: dict[str, Process] = {
    "pion": pion,
    "leading_neutral": leading_neutral,
    "charge_exchange": charge_exchange,
    "muon": muon,
    "electron": electron,
    "upstream": upstream,
}
"""Backgrounds by the names that the command line takes."""
PION_SIGNALS: dict[str, Process] = {"invisible": invisible}
"""Signals by the names that the command line takes."""
