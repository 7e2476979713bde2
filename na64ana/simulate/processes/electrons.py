"""One function per process: n events and a random stream in, true energies out.

Muon pairs have the spectrum and the angles of QED; the other spectra are simple shapes, no
cross sections, whose numbers stand in :class:`na64ana.simulate.parameters.processes.Processes`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from na64ana.simulate.parameters.common import Parameters
from na64ana.simulate.physics.dimuons import draw_pairs, scattering_angle
from na64ana.simulate.physics.hadrons import (
    IN_LINE,
    ZERO_DEGREE,
    hadron_deposits,
    hcal_front,
    radiation_depth,
    section_ends,
)
from na64ana.simulate.physics.medium import medium
from na64ana.simulate.truth.event import (
    ELECTRON_MASS,
    BoolArray,
    Crossing,
    FloatArray,
    IntArray,
    Truth,
    blank,
    join,
)

__all__ = [
    "BACKGROUNDS",
    "Process",
    "add_hadron",
    "beam_electrons",
    "beam_hadrons",
    "beam_particles",
]

Process = Callable[[int, np.random.Generator, Parameters], Crossing]


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
    low, high = q.electronuclear_energy
    hadronic = truth.em_energy * np.exp(rng.uniform(np.log(low), np.log(high), n))
    truth.em_energy -= hadronic
    neutral = rng.random(n) < q.electronuclear_neutral
    truth.charged = np.where(neutral, 0, 1 + rng.poisson(q.electronuclear_charged, n))
    truth.hcal_x = truth.x + rng.normal(0.0, q.hadron_spread, n)
    truth.hcal_y = truth.y + rng.normal(0.0, q.hadron_spread, n)
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


BACKGROUNDS: dict[str, Process] = {
    "electron": electron,
    "radiative": radiative,
    "electronuclear": electronuclear,
    "hadron": hadron,
    "dimuon": dimuon,
    "upstream": upstream,
    "pileup": pileup,
}
"""Processes of an electron beam by the names that the command line takes."""


def beam_particles(n: int, rng: np.random.Generator, p: Parameters) -> Truth:
    """Beam particles at the spectrometer, with nothing in any calorimeter yet."""
    truth = blank(n)
    truth.momentum = p.beam.energy * (1 + p.beam.momentum_spread * rng.standard_normal(n))
    truth.angle = np.hypot(*rng.normal(0.0, p.beam.angle_sigma, (2, n)))
    truth.x, truth.y = rng.normal(0.0, p.beam.spot_sigma, (2, n))
    return truth


def beam_electrons(n: int, rng: np.random.Generator, p: Parameters) -> Truth:
    """Beam electrons that will leave all their energy in the ECAL."""
    truth = beam_particles(n, rng, p)
    truth.radiating_energy = truth.momentum.copy()
    truth.em_energy = truth.momentum.copy()
    return truth


def beam_hadrons(n: int, rng: np.random.Generator, p: Parameters) -> Truth:
    """Beam hadrons; many start in the preshower, the others deeper in ECAL or HCAL.

    A few decay to an electron before the magnets, which radiates; the rest of the energy is
    shared by a neutrino and a pion.
    """
    truth = beam_particles(n, rng, p)
    q = p.processes
    truth.radiating_energy = truth.momentum.copy()
    truth.radiating_mass[:] = p.beam.hadron_mass
    early = rng.random(n) < q.hadron_preshower
    within = section_ends(p)[0][0]
    shallow = -np.log1p(-rng.random(n) * (1 - np.exp(-within)))
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


def add_hadron(
    truth: Truth, energy: FloatArray, start: FloatArray, rng: np.random.Generator, p: Parameters
) -> None:
    """Add what hadrons (n,) leave that interact at a depth behind the ECAL's face; in place."""
    left = hadron_deposits(energy, start, rng, p)
    truth.ecal_hadronic += left[:, :2]
    truth.hcal_hadronic[:, :IN_LINE] += left[:, 2:]


def _at_least_one(n: int, mean: float, rng: np.random.Generator) -> IntArray:
    """(n,) Poisson numbers of those events that have at least one.

    The time of the first in units of the rate is drawn; the others follow in what remains.
    """
    first = -np.log1p(-rng.random(n) * -np.expm1(-mean))
    count: IntArray = 1 + rng.poisson(mean - first)
    return count


def _choose(first: BoolArray, yes: Truth, no: Truth) -> Truth:
    """Take each event from `yes` where `first` is true, else from `no`."""
    n = len(first)
    index: IntArray = np.where(first, np.arange(n), n + np.arange(n))
    return join([yes, no]).take(index)
