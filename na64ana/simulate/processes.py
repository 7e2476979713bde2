"""One function per process: n events and a random stream in, true energies out.

None of them is a cross section: spectra are simple shapes whose numbers stand in
:class:`na64ana.simulate.parameters.Processes`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from na64ana.simulate.parameters import Parameters
from na64ana.simulate.truth import BoolArray, Crossing, FloatArray, IntArray, Truth, blank, join

__all__ = ["BACKGROUNDS", "Process", "beam_electrons"]

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

    E_ECAL + E_HCAL stays at the beam energy, the diagonal of the plane.
    """
    truth = beam_electrons(n, rng, p)
    q = p.processes
    hadronic = np.minimum(_log_uniform(n, rng, q.electronuclear_energy), truth.em_energy)
    truth.em_energy -= hadronic
    kept = hadronic * np.minimum(rng.exponential(q.electronuclear_ecal, n), 0.9)
    truth.ecal_hadronic[:, 1] = kept
    truth.hcal_energy = hadronic - kept
    neutral = rng.random(n) < q.electronuclear_neutral
    truth.charged = np.where(neutral, 0, 1 + rng.poisson(q.electronuclear_charged, n))
    late = rng.random(n) < q.late_shower
    truth.hcal_start = rng.exponential(np.where(late, q.late_start, 1.0))
    truth.hcal_x = truth.x + rng.normal(0.0, q.hadron_spread, n)
    truth.hcal_y = truth.y + rng.normal(0.0, q.hadron_spread, n)
    return Crossing.single(truth)


def hadron(n: int, rng: np.random.Generator, p: Parameters) -> Crossing:
    """Beam hadrons: no synchrotron radiation, energy shared by ECAL and HCAL."""
    return Crossing.single(_beam_hadrons(n, rng, p))


def dimuon(n: int, rng: np.random.Generator, p: Parameters) -> Crossing:
    """Pairs e- Z -> e- Z gamma, gamma -> mu+ mu- in the ECAL: two MIPs downstream."""
    truth = beam_electrons(n, rng, p)
    pair = np.minimum(_log_uniform(n, rng, p.processes.dimuon_energy), truth.em_energy)
    share = rng.uniform(*p.processes.dimuon_split, n)
    truth.em_energy -= pair
    truth.muon_energy = np.stack([pair * share, pair * (1 - share)], axis=1)
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
    to_vhcal = rng.random(n) ** 2
    truth.zero_degree = stray * to_zero
    truth.vhcal_energy = stray * (1 - to_zero) * to_vhcal
    truth.hcal_energy = stray * (1 - to_zero) * (1 - to_vhcal)
    truth.hcal_start = rng.exponential(1.0, n)
    truth.hcal_x, truth.hcal_y = rng.normal(0.0, 2 * q.hadron_spread, (2, n))
    truth.charged = rng.poisson(0.5, n)
    return Crossing.single(truth)


def pileup(n: int, rng: np.random.Generator, p: Parameters) -> Crossing:
    """Add a second beam particle to the first, out of time or partly in time."""
    prompt = _choose(
        rng.random(n) < 0.5,
        radiative(n, rng, p).prompt,
        electronuclear(n, rng, p).prompt,
    )
    prompt.extra_hits += p.processes.pileup_hits
    is_hadron = rng.random(n) < p.processes.pileup_hadron
    second = _choose(is_hadron, _beam_hadrons(n, rng, p), beam_electrons(n, rng, p))
    delay = rng.uniform(*p.timing.pileup_range, n)
    return Crossing(prompt, np.arange(n), second, delay)


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


def _beam_particles(n: int, rng: np.random.Generator, p: Parameters) -> Truth:
    """Beam particles at the spectrometer, with nothing in any calorimeter yet."""
    truth = blank(n)
    truth.momentum = p.beam.energy * (1 + p.beam.momentum_spread * rng.standard_normal(n))
    truth.angle = np.hypot(*rng.normal(0.0, p.beam.angle_sigma, (2, n)))
    truth.x, truth.y = rng.normal(0.0, p.beam.spot_sigma, (2, n))
    return truth


def beam_electrons(n: int, rng: np.random.Generator, p: Parameters) -> Truth:
    """Beam electrons that will leave all their energy in the ECAL."""
    truth = _beam_particles(n, rng, p)
    truth.radiating_energy = truth.momentum.copy()
    truth.em_energy = truth.momentum.copy()
    return truth


def _beam_hadrons(n: int, rng: np.random.Generator, p: Parameters) -> Truth:
    """Beam hadrons; a part starts in the preshower, the others deeper in ECAL or HCAL."""
    truth = _beam_particles(n, rng, p)
    q = p.processes
    early = rng.random(n) < q.hadron_preshower
    ecal_share = rng.beta(2 * q.hadron_ecal, 2 * (1 - q.hadron_ecal), n)
    in_ecal = truth.momentum * ecal_share
    in_preshower = np.where(early, rng.uniform(0.01, 0.08, n), 0.001)
    truth.ecal_hadronic = in_ecal[:, None] * np.stack([in_preshower, 1 - in_preshower], axis=1)
    truth.hcal_energy = truth.momentum - in_ecal
    truth.hcal_start = rng.exponential(1.0, n)
    truth.hcal_x, truth.hcal_y = truth.x, truth.y
    truth.charged = 1 + rng.poisson(2.0, n) * early
    return truth


def _log_uniform(n: int, rng: np.random.Generator, bounds: tuple[float, float]) -> FloatArray:
    """(n,) energies with a density falling as 1/E between two bounds, GeV."""
    return np.exp(rng.uniform(np.log(bounds[0]), np.log(bounds[1]), n))


def _choose(first: BoolArray, yes: Truth, no: Truth) -> Truth:
    """Take each event from `yes` where `first` is true, else from `no`."""
    n = len(first)
    index: IntArray = np.where(first, np.arange(n), n + np.arange(n))
    return join([yes, no]).take(index)
