"""Response of the detectors of the visible mode: the dump WCAL, its catcher, V2 and S4.

Showers in the dump are those of `na64ana.simulate.physics.showers` in tungsten; what goes on
behind a depth, mostly photons, is what catcher and V2 see of them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from na64ana.simulate.detectors.response import digitised, moyal, noisy, sampled
from na64ana.simulate.parameters.visible import ThinCounters, VisibleParameters
from na64ana.simulate.physics.medium import medium
from na64ana.simulate.physics.showers import draw_profiles, slices
from na64ana.simulate.truth.event import BoolArray, Crossing, FloatArray, IntArray, Truth, blank

__all__ = ["VisibleTruth", "dump_energies", "dump_interacts", "dump_shares", "in_dump", "single"]


@dataclass(slots=True)
class VisibleTruth(Truth):
    """What happens in an event of the visible mode.

    ``em_energy`` and the hadronic energies are what reaches ECAL and HCAL.
    """

    dump_energy: FloatArray
    """(n,) electromagnetic shower in WCAL, GeV."""
    dump_hadronic: FloatArray
    """(n,) hadronic energy left in WCAL, GeV."""
    dump_charged: IntArray
    """(n,) charged particles that leave WCAL: through catcher and V2."""
    decay_charged: IntArray
    """(n,) charged particles through S4."""


def in_dump(truth: Truth) -> VisibleTruth:
    """Put the electromagnetic shower of the ECAL into the dump; charged particles cross all."""
    given = {f.name: getattr(truth, f.name) for f in fields(truth)}
    charged = truth.charged + np.count_nonzero(truth.muon_energy > 0, axis=1)
    own = {
        "dump_energy": truth.em_energy,
        "em_energy": np.zeros(len(truth)),
        "pair_depth": np.zeros(len(truth)),
        "dump_hadronic": np.zeros(len(truth)),
        "dump_charged": charged,
        "decay_charged": charged.copy(),
    }
    return VisibleTruth(**{**given, **own})


def single(truth: VisibleTruth) -> Crossing:
    """Make events without pile-up."""
    none = in_dump(blank(0))
    return Crossing(truth, np.zeros(0, dtype=np.int64), none, np.zeros(0))


def dump_shares(energy: FloatArray, rng: np.random.Generator, p: VisibleParameters) -> FloatArray:
    """Draw how the energy of electron showers is shared along the dump.

    Parameters
    ----------
    energy : (n,) GeV.

    Returns
    -------
    (n, 4) shares: preshower, main part, catcher, and behind. Their sum is 1.
    """
    m = medium(p.wcal, p.shower)
    depth = m.depth / m.radiation_length
    ends = np.array([p.wcal.preshower_depth, depth - p.wcal.catcher_depth, depth])
    share, _ = slices(draw_profiles(energy, rng, m, p.shower), ends)
    return np.column_stack([share, 1 - share.sum(axis=1)])


def dump_interacts(n: int, rng: np.random.Generator, p: VisibleParameters) -> BoolArray:
    """Tell which hadrons of the beam (n,) interact in the dump."""
    m = medium(p.wcal, p.shower)
    return np.asarray(rng.random(n) > np.exp(-m.depth / m.interaction_length))


def dump_energies(
    truth: VisibleTruth, rng: np.random.Generator, p: VisibleParameters
) -> dict[str, FloatArray]:
    """Return energies (n, channels) of WCAL (three channels), V2 and S4, GeV."""
    wcal, counters = p.wcal, p.counters
    shares = dump_shares(truth.dump_energy, rng, p)
    mean = truth.dump_energy[:, None] * shares[:, :2]
    # all that a shower leaves is calibrated to its energy, as for an electron of the beam
    mean[:, 1] += truth.dump_energy * shares[:, 2] + truth.dump_hadronic
    parts = noisy(sampled(mean, wcal.stochastic, rng), wcal.noise, rng)
    behind = truth.dump_energy[:, None] * shares[:, 2:] * counters.leakage
    behind[:, 0] += behind[:, 1]
    ecal = truth.em_energy + truth.ecal_hadronic.sum(axis=1)
    catcher = _light(truth.dump_charged, behind[:, 0], counters.mip_catcher, rng, counters)
    v2 = _light(truth.dump_charged, behind[:, 1], counters.mip_v2, rng, counters)
    s4 = _light(truth.decay_charged, counters.albedo * ecal, counters.mip_s4, rng, counters)
    return {
        "WCAL": np.column_stack([digitised(parts, wcal.step), catcher]),
        "V2": v2[:, None],
        "S4": s4[:, None],
    }


def _light(
    particles: IntArray,
    soft: FloatArray,
    mip: float,
    rng: np.random.Generator,
    counters: ThinCounters,
) -> FloatArray:
    """Energies (n,) in a thin counter, from its photo-electrons.

    Parameters
    ----------
    particles : (n,) charged particles.
    soft : (n,) mean number of secondaries of a shower, each counted as one particle.
    mip : the most probable energy of one, GeV.
    """
    secondary = rng.poisson(soft)
    light = secondary.astype(np.float64)
    crossing = rng.binomial(particles, 1 - counters.inefficiency)
    for nth in range(int(crossing.max(initial=0))):
        rows = np.flatnonzero(crossing > nth)
        light[rows] += moyal((len(rows),), 1.0, counters.mip_width, rng)
    seen = rng.poisson(light * counters.photoelectrons) / counters.photoelectrons
    return digitised(seen * mip, counters.step)
