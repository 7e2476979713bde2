"""Processes of a beam of muons: what takes part of their momentum in the ECAL."""

from __future__ import annotations

import numpy as np

from na64ana.simulate.arrays import FloatArray
from na64ana.simulate.parameters.muons import MuonParameters
from na64ana.simulate.physics.depths import hcal_front, radiation_depth
from na64ana.simulate.physics.ionisation import moyal
from na64ana.simulate.physics.muon_loss import pair_energy, photon_probability, photon_shares
from na64ana.simulate.physics.scattering import scattering_angle
from na64ana.simulate.processes.beam import Process, beam_particles
from na64ana.simulate.processes.draws import log_uniform
from na64ana.simulate.processes.hadrons import add_hadron
from na64ana.simulate.processes.signals import mediator_energies
from na64ana.simulate.truth.event import Crossing
from na64ana.simulate.truth.muons import MuonTruth, muon_blank

__all__ = ["MUON_BACKGROUNDS", "MUON_SIGNALS"]


def muon(n: int, rng: np.random.Generator, p: MuonParameters) -> Crossing:
    """Beam muons that lose little energy: ionisation, pairs, at most one photon, not a hard one."""
    truth = beam_particles(muon_blank(n), rng, p)
    _accidental(truth, rng, p)
    return _through(truth, truth.momentum, rng, p)


def bremsstrahlung(n: int, rng: np.random.Generator, p: MuonParameters) -> Crossing:
    """Beam muons with one hard photon, whose energy the ECAL sees: the diagonal of p and E_ECAL."""
    truth = beam_particles(muon_blank(n), rng, p)
    _accidental(truth, rng, p)
    share = photon_shares(n, rng, p.loss.hard, 1.0, p)
    return _through(truth, truth.momentum, rng, p, photon=share * truth.momentum)


def nuclear(n: int, rng: np.random.Generator, p: MuonParameters) -> Crossing:
    """Muons that break a nucleus in the ECAL: hadrons in ECAL and HCAL, some lost beside them."""
    q = p.muon_processes
    truth = beam_particles(muon_blank(n), rng, p)
    hadronic = truth.momentum * log_uniform(q.nuclear, n, rng)
    truth.lost = hadronic * rng.beta(*q.nuclear_lost, n)
    truth.charged = rng.poisson(q.nuclear_charged, n)
    start = rng.uniform(0.0, hcal_front(p), n) + rng.exponential(1.0, n)
    add_hadron(truth, hadronic - truth.lost, start, rng, p)
    _to_hcal(truth, rng, p)
    return _through(truth, truth.momentum - hadronic, rng, p)


def hadron(n: int, rng: np.random.Generator, p: MuonParameters) -> Crossing:
    """Beam hadrons: most shower in the ECAL, some pass it as a MIP and shower in the HCAL."""
    q = p.muon_processes
    truth = beam_particles(muon_blank(n), rng, p)
    _accidental(truth, rng, p)
    start = rng.exponential(1.0, n)
    passing = start > hcal_front(p)
    add_hadron(truth, truth.momentum, start, rng, p)
    truth.outgoing = np.where(passing, truth.momentum, rng.uniform(*q.hadron_momentum, n))
    truth.charged = np.where(passing, 1, 1 + rng.poisson(1.0, n))
    _ionise(truth, rng, p)
    truth.ionisation *= np.minimum(start / hcal_front(p), 1.0)[:, None]
    _scatter(truth, rng, p)
    _to_hcal(truth, rng, p)
    return Crossing.single(truth)


def decay(n: int, rng: np.random.Generator, p: MuonParameters) -> Crossing:
    """Pions and kaons that decay to mu nu behind the incoming tag.

    Two bodies, isotropic at rest: the energy of the muon is flat between (m_mu/m)^2 and 1 of that
    of the meson. Only a kaon, for which that is 0.046, makes muons of less than half.
    """
    q = p.muon_processes
    truth = beam_particles(muon_blank(n), rng, p)
    mass = np.where(rng.random(n) < q.kaons, q.kaon_mass, q.pion_mass)
    energy = truth.momentum * rng.uniform((q.muon_mass / mass) ** 2, 1.0, n)
    truth.lost = truth.momentum - energy
    return _through(truth, energy, rng, p)


def invisible(n: int, rng: np.random.Generator, p: MuonParameters) -> Crossing:
    """A mediator is radiated in the ECAL and not seen; the muon goes on with the rest.

    The transverse momentum q of the muon is that of the mediator. Its density is that of the
    Weizsaecker-Williams cross section, 1/(q^2 + M^2)^2 in q^2 with M^2 = m_X^2 (1 - x) + m_mu^2 x^2
    (from U of arXiv:1705.01633).
    """
    q = p.muon_processes
    truth = beam_particles(muon_blank(n), rng, p)
    # the muon keeps at least its mass
    least = truth.momentum - 2 * q.muon_mass
    truth.mediator_energy = mediator_energies(n, rng, p.signal, least)
    x = truth.mediator_energy / truth.momentum
    scale = q.mediator_mass**2 * (1 - x) + q.muon_mass**2 * x**2
    u = rng.random(n)
    transverse = np.sqrt(scale * u / (1 - u))
    return _through(truth, truth.momentum - truth.mediator_energy, rng, p, transverse=transverse)


def _accidental(truth: MuonTruth, rng: np.random.Generator, p: MuonParameters) -> None:
    """Let another muon make the trigger in many of the recorded events; in place."""
    truth.accidental = (rng.random(len(truth)) < p.displaced.accidental).astype(np.float64)


def _through(
    truth: MuonTruth,
    energy: FloatArray,
    rng: np.random.Generator,
    p: MuonParameters,
    *,
    photon: FloatArray | None = None,
    transverse: FloatArray | float = 0.0,
) -> Crossing:
    """Lead a muon of (n,) energies through the ECAL to the outgoing spectrometer.

    Energy is conserved: what it loses is in `ionisation`, `pairs` and `photon`.
    """
    n = len(truth)
    loss = p.loss
    if photon is None:
        chance = photon_probability(loss.softest, loss.hard, p)
        share = photon_shares(n, rng, loss.softest, loss.hard, p)
        photon = np.where(rng.random(n) < chance, share * energy, 0.0)
    _ionise(truth, rng, p)
    # a slow one stops
    truth.ionisation *= np.minimum(energy / truth.ionisation.sum(axis=1), 1.0)[:, None]
    left = np.maximum(energy - truth.ionisation.sum(axis=1), 0.0)
    truth.photon = np.minimum(photon, left)
    truth.photon_depth = rng.uniform(0.0, radiation_depth(p), n)
    truth.pairs = np.minimum(pair_energy(energy, rng, p), left - truth.photon)
    truth.em_energy = truth.photon + truth.pairs
    truth.outgoing = left - truth.em_energy
    truth.muon_energy[:, 0] = truth.outgoing
    _scatter(truth, rng, p, transverse)
    truth.muon_x[:, 0], truth.muon_y[:, 0] = _at_hcal(truth, p)
    return Crossing.single(truth)


def _ionise(truth: MuonTruth, rng: np.random.Generator, p: MuonParameters) -> None:
    """Let the beam particle ionise along the ECAL; in place."""
    peak = np.asarray(p.loss.ionisation)
    truth.ionisation = peak * moyal((len(truth), 2), 1.0, p.loss.ionisation_width, rng)


def _scatter(
    truth: MuonTruth,
    rng: np.random.Generator,
    p: MuonParameters,
    transverse: FloatArray | float = 0.0,
) -> None:
    """Give the outgoing track its angle, from scattering and a transverse momentum; in place."""
    n = len(truth)
    momentum = np.maximum(truth.outgoing, 0.1)
    sigma = 1e3 * scattering_angle(momentum, p)
    azimuth = rng.uniform(0.0, 2 * np.pi, n)
    recoil = 1e3 * transverse / momentum
    truth.angle_x = recoil * np.cos(azimuth) + sigma * rng.standard_normal(n)
    truth.angle_y = recoil * np.sin(azimuth) + sigma * rng.standard_normal(n)


def _at_hcal(truth: MuonTruth, p: MuonParameters) -> tuple[FloatArray, FloatArray]:
    """Positions x and y (n,) of the outgoing track at the HCAL, from its centre, mm."""
    place = p.muon_hcal
    bent = place.deflection * p.displaced.kick / np.maximum(truth.outgoing, 0.1)
    way = place.distance / 1e3
    x = truth.x + way * truth.angle_x + bent - place.offset
    return x, truth.y + way * truth.angle_y


def _to_hcal(truth: MuonTruth, rng: np.random.Generator, p: MuonParameters) -> None:
    """Give the hadrons from the ECAL, taken as neutral, their place at the HCAL; in place."""
    place = p.muon_hcal
    behind = np.maximum(truth.hcal_hadronic.sum(axis=1), 1.0)
    spread = place.distance * place.hadron_momentum / behind
    truth.hcal_x = truth.x - place.offset + spread * rng.standard_normal(len(truth))
    truth.hcal_y = truth.y + spread * rng.standard_normal(len(truth))


MUON_BACKGROUNDS: dict[str, Process] = {
    "muon": muon,
    "bremsstrahlung": bremsstrahlung,
    "nuclear": nuclear,
    "hadron": hadron,
    "decay": decay,
}
"""Backgrounds by the names that the command line takes."""
MUON_SIGNALS: dict[str, Process] = {"invisible": invisible}
"""Signals by the names that the command line takes."""
