"""Processes of an electron beam on the ECAL: true energies of n events from a random stream.

Muon pairs have the spectrum and the angles of QED; the other spectra are simple shapes, no
cross sections, whose numbers stand in :class:`na64ana.simulate.parameters.processes.Processes`.
"""

from __future__ import annotations

import numpy as np

from na64ana.simulate.arrays import BoolArray, IntArray
from na64ana.simulate.parameters.common import Parameters
from na64ana.simulate.physics.depths import ZERO_DEGREE, hcal_front, radiation_depth
from na64ana.simulate.physics.dimuons import draw_pairs
from na64ana.simulate.physics.medium import medium
from na64ana.simulate.physics.scattering import scattering_angle
from na64ana.simulate.processes.beam import Process, beam_electrons, beam_hadrons
from na64ana.simulate.processes.draws import log_uniform, truncated_exponential
from na64ana.simulate.processes.hadrons import add_hadron, spread_at_hcal
from na64ana.simulate.truth.event import Crossing, Truth, join

__all__ = ["ELECTRON_BACKGROUNDS"]


def electron(n: int, rng: np.random.Generator, p: Parameters) -> Crossing:
    """Beam electrons that leave all their energy in the ECAL."""
    return Crossing.single(beam_electrons(n, rng, p))


def radiative(n: int, rng: np.random.Generator, p: Parameters) -> Crossing:
    """Electrons that reach the ECAL with less energy, the rest being lost on the way.

    They make the E_ECAL tail below the trigger threshold at small E_HCAL, from which the
    background in the signal box is extrapolated.
    """
    truth = beam_electrons(n, rng, p)
    least, mean = p.processes.radiative_loss
    truth.em_energy = np.maximum(truth.em_energy - least - rng.exponential(mean, n), 0.0)
    return Crossing.single(truth)


def electronuclear(n: int, rng: np.random.Generator, p: Parameters) -> Crossing:
    """Electro- and photonuclear interactions in the ECAL: hadrons carry energy to the HCAL.

    A leading hadron and the rest shower one after the other, each from its own first
    interaction. E_ECAL + E_HCAL stays near the beam energy, the diagonal of the plane.
    """
    truth = beam_electrons(n, rng, p)
    q = p.processes
    hadronic = truth.em_energy * log_uniform(q.electronuclear_energy, n, rng)
    truth.em_energy -= hadronic
    neutral = rng.random(n) < q.electronuclear_neutral
    truth.charged = np.where(neutral, 0, 1 + rng.poisson(q.electronuclear_charged, n))
    spread_at_hcal(truth, q.hadron_spread, rng)
    made = rng.exponential(q.electronuclear_depth, n) * hcal_front(p) / radiation_depth(p)
    late = rng.random(n) < q.late_shower
    leading = rng.uniform(*q.electronuclear_leading, n) * hadronic
    # what passes a crack is all that there is
    leading = np.where(late, hadronic, leading)
    wait = np.where(late, hcal_front(p) + rng.exponential(q.late_start, n), rng.exponential(1.0, n))
    add_hadron(truth, leading, made + wait, rng, p)
    add_hadron(truth, hadronic - leading, made + rng.exponential(1.0, n), rng, p)
    return Crossing.single(truth)


def hadron(n: int, rng: np.random.Generator, p: Parameters) -> Crossing:
    """Beam hadrons: no synchrotron radiation, energy shared by ECAL and HCAL."""
    return Crossing.single(beam_hadrons(n, rng, p))


def dimuon(n: int, rng: np.random.Generator, p: Parameters) -> Crossing:
    """Pairs e- Z -> e- Z gamma, gamma -> mu+ mu- in the ECAL: two MIPs downstream."""
    truth = beam_electrons(n, rng, p)
    pairs = draw_pairs(truth.em_energy, rng, p)
    truth.em_energy -= pairs.energy.sum(axis=1)
    truth.muon_energy = pairs.energy
    truth.pair_depth = pairs.depth * medium(p.ecal, p.shower).radiation_length
    scattering = scattering_angle(pairs.energy, p, pairs.depth[:, None])
    for place, slope, at in (
        (truth.muon_x, pairs.slope_x, truth.x),
        (truth.muon_y, pairs.slope_y, truth.y),
    ):
        angle = slope + scattering * rng.standard_normal((n, 2))
        place[:] = at[:, None] + angle * p.hcal.ecal_distance
    return Crossing.single(truth)


def upstream(n: int, rng: np.random.Generator, p: Parameters) -> Crossing:
    """Electrons that interact in the beam line: hits, wide angles, lost and stray energy."""
    q = p.processes
    truth = beam_electrons(n, rng, p)
    lowered = rng.random(n) < q.upstream_momentum[0]
    truth.momentum *= np.where(lowered, rng.uniform(q.upstream_momentum[1], 1.0, n), 1.0)
    truth.angle = np.hypot(*rng.normal(0.0, q.upstream_angle, (2, n)))
    truth.extra_hits = rng.exponential(q.upstream_secondaries, n)
    truth.x, truth.y = rng.normal(0.0, q.upstream_spot, (2, n))
    energy = truth.em_energy
    truth.em_energy = energy * rng.beta(*q.upstream_ecal, n)
    stray = (energy - truth.em_energy) * (rng.random(n) > q.upstream_lost)
    to_zero = (rng.random(n) < q.upstream_zero_degree) * rng.random(n)
    to_vhcal = rng.random(n) ** q.upstream_vhcal
    truth.vhcal_energy = stray * (1 - to_zero) * to_vhcal
    in_line = stray * (1 - to_zero) * (1 - to_vhcal)
    add_hadron(truth, in_line, hcal_front(p) + rng.exponential(1.0, n), rng, p)
    truth.hcal_hadronic[:, ZERO_DEGREE] = stray * to_zero
    truth.hcal_x, truth.hcal_y = rng.normal(0.0, 2 * q.hadron_spread, (2, n))
    truth.charged = rng.poisson(q.upstream_charged, n)
    return Crossing.single(truth)


def pileup(n: int, rng: np.random.Generator, p: Parameters) -> Crossing:
    """Add other beam particles, at least one, anywhere in the readout window.

    Their number follows Poisson's law with the beam's rate, their times are uniform.
    """
    prompt = _choose(
        rng.random(n) < p.processes.pileup_radiative,
        radiative(n, rng, p).prompt,
        electronuclear(n, rng, p).prompt,
    )
    early, late = p.timing.pileup_range
    count = _at_least_one(n, p.beam.rate * (late - early) * 1e-9, rng)
    prompt.extra_hits += p.processes.pileup_hits * count
    rows = np.repeat(np.arange(n), count)
    is_hadron = rng.random(len(rows)) < p.processes.pileup_hadron
    second = _choose(is_hadron, beam_hadrons(len(rows), rng, p), beam_electrons(len(rows), rng, p))
    return Crossing(prompt, rows, second, rng.uniform(early, late, len(rows)))


ELECTRON_BACKGROUNDS: dict[str, Process] = {
    "electron": electron,
    "radiative": radiative,
    "electronuclear": electronuclear,
    "hadron": hadron,
    "dimuon": dimuon,
    "upstream": upstream,
    "pileup": pileup,
}
"""Processes of an electron beam by the names that the command line takes."""


def _at_least_one(n: int, mean: float, rng: np.random.Generator) -> IntArray:
    """(n,) Poisson numbers of those events that have at least one.

    The time of the first in units of the rate is drawn; the others follow in what remains.
    """
    first = truncated_exponential(mean, n, rng)
    count: IntArray = 1 + rng.poisson(mean - first)
    return count


def _choose(first: BoolArray, yes: Truth, no: Truth) -> Truth:
    """Take each event from `yes` where `first` is true, else from `no`."""
    n = len(first)
    index: IntArray = np.where(first, np.arange(n), n + np.arange(n))
    return join([yes, no]).take(index)
