"""Processes of the visible mode: what leaves the dump, and what decays behind it."""

from __future__ import annotations

import numpy as np

from na64ana.simulate.arrays import BoolArray, FloatArray
from na64ana.simulate.parameters.visible import VisibleParameters
from na64ana.simulate.physics.constants import ELECTRON_MASS
from na64ana.simulate.physics.depths import hcal_front
from na64ana.simulate.physics.medium import medium
from na64ana.simulate.processes.beam import Process, beam_electrons, beam_hadrons
from na64ana.simulate.processes.draws import log_uniform
from na64ana.simulate.processes.electrons import ELECTRON_BACKGROUNDS
from na64ana.simulate.processes.hadrons import add_hadron, spread_at_hcal
from na64ana.simulate.processes.signals import mediator_energies
from na64ana.simulate.truth.event import Crossing
from na64ana.simulate.truth.visible import VisibleTruth, in_dump

__all__ = ["VISIBLE_BACKGROUNDS", "VISIBLE_SIGNALS", "dump_interacts"]


def visible(n: int, rng: np.random.Generator, p: VisibleParameters) -> Crossing:
    """A mediator leaves the dump and decays to e+e- in front of S4, wherever in that space.

    Both electrons reach the ECAL as one shower: they open by some m/E, a millimetre for an X17 of
    50 GeV after 3 m. So the efficiency is one of the energy alone.
    """
    truth = in_dump(beam_electrons(n, rng, p))
    truth.mediator_energy = mediator_energies(n, rng, p.signal, truth.dump_energy)
    truth.dump_energy = truth.dump_energy - truth.mediator_energy
    truth.em_energy = truth.mediator_energy.copy()
    truth.decay_charged[:] = 2
    return Crossing.single(truth)


def kaon(n: int, rng: np.random.Generator, p: VisibleParameters) -> Crossing:
    """K0S made in the dump that leave it and decay in front of S4, to two pions.

    Of four photons from pi0 pi0 one may convert, and looks like the signal; their energy lies
    partly beside the axis. pi+ pi- are two particles in S4 and a hadronic shower.
    """
    truth, energy = _from_dump(n, rng, p)
    q = p.visible
    charged = rng.random(n) < q.kaon_charged
    share = rng.uniform(*q.pion_share, n)
    for part in (share, 1 - share):
        add_hadron(truth, charged * part * energy, rng.exponential(1.0, n), rng, p)
    core = rng.beta(*q.photon_core, n)
    truth.em_energy = np.where(charged, 0.0, energy * core)
    wide = np.where(charged, 0.0, energy * (1 - core))
    truth.ecal_hadronic += wide[:, None] * np.array([q.wide_preshower, 1 - q.wide_preshower])
    pairs = rng.binomial(4, q.conversion, n) + rng.binomial(2, q.dalitz, n)
    truth.charged = np.where(charged, 2, 0) + truth.dump_charged
    truth.decay_charged = np.where(charged, 2, 2 * pairs) + truth.dump_charged
    return Crossing.single(truth)


def neutral(n: int, rng: np.random.Generator, p: VisibleParameters) -> Crossing:
    """Neutrons and K0L from the dump: nothing in V2, a hadronic shower in ECAL and HCAL."""
    truth, energy = _from_dump(n, rng, p)
    start = rng.exponential(1.0, n)
    add_hadron(truth, energy, start, rng, p)
    secondaries = (start < hcal_front(p)) * (1 + rng.poisson(p.visible.neutral_charged, n))
    pairs = rng.random(n) < p.visible.neutral_conversion
    truth.charged = secondaries + truth.dump_charged
    truth.decay_charged = 2 * pairs + truth.dump_charged
    return Crossing.single(truth)


def _from_dump(
    n: int, rng: np.random.Generator, p: VisibleParameters
) -> tuple[VisibleTruth, FloatArray]:
    """Electrons that make a neutral hadron in the dump, which leaves it; the rest stays there.

    Returns
    -------
    the events, and the energies of the hadrons (n,), GeV.
    """
    q = p.visible
    truth = in_dump(beam_electrons(n, rng, p))
    beam = truth.momentum
    energy = beam * log_uniform(q.neutral_share, n, rng)
    rest = np.minimum(rng.exponential(q.neutral_rest, n) * beam, beam - energy)
    truth.dump_energy = beam - energy - rest
    alone = rng.random(n) < q.neutral_alone
    truth.dump_charged = np.where(alone, 0, 1 + rng.poisson(q.neutral_beside, n))
    spread_at_hcal(truth, p.processes.hadron_spread, rng)
    return truth, energy


def _behind_dump(process: Process) -> Process:
    """A process of the invisible mode whose shower is in the dump instead of the ECAL."""

    def made(n: int, rng: np.random.Generator, p: VisibleParameters) -> Crossing:
        found = process(n, rng, p)
        prompt, second = in_dump(found.prompt), in_dump(found.second)
        return Crossing(prompt, found.rows, second, found.delay)

    made.__doc__ = process.__doc__
    return made


def hadron(n: int, rng: np.random.Generator, p: VisibleParameters) -> Crossing:
    """Beam hadrons: no synchrotron radiation; many interact in the dump."""
    truth = in_dump(beam_hadrons(n, rng, p))
    _stop_hadrons(truth, rng, p)
    return Crossing.single(truth)


def pileup(n: int, rng: np.random.Generator, p: VisibleParameters) -> Crossing:
    """Other beam particles beside the first, anywhere in the readout window."""
    found = _behind_dump(ELECTRON_BACKGROUNDS["pileup"])(n, rng, p)
    second = found.second
    assert isinstance(second, VisibleTruth)
    _stop_hadrons(second, rng, p)
    return found


def dump_interacts(n: int, rng: np.random.Generator, p: VisibleParameters) -> BoolArray:
    """Tell which hadrons of the beam (n,) interact in the dump."""
    m = medium(p.wcal, p.shower)
    return np.asarray(rng.random(n) > np.exp(-m.depth / m.interaction_length))


def _stop_hadrons(truth: VisibleTruth, rng: np.random.Generator, p: VisibleParameters) -> None:
    """Let hadrons of the beam interact in the dump; in place."""
    is_hadron = truth.radiating_mass > ELECTRON_MASS
    stops = is_hadron & dump_interacts(len(truth), rng, p)
    share = stops * rng.beta(*p.visible.hadron_dump, len(truth))
    truth.dump_hadronic = share * truth.momentum
    truth.ecal_hadronic = truth.ecal_hadronic * (1 - share)[:, None]
    truth.hcal_hadronic = truth.hcal_hadronic * (1 - share)[:, None]


_AS_IN_ECAL = ("electron", "radiative", "electronuclear", "dimuon", "upstream")
VISIBLE_BACKGROUNDS: dict[str, Process] = {
    **{name: _behind_dump(ELECTRON_BACKGROUNDS[name]) for name in _AS_IN_ECAL},
    "hadron": hadron,
    "pileup": pileup,
    "kaon": kaon,
    "neutral": neutral,
}
"""Backgrounds by the names that the command line takes."""
VISIBLE_SIGNALS: dict[str, Process] = {"visible": visible}
"""Signals by the names that the command line takes."""
