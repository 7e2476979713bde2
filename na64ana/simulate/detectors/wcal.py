"""Response of the detectors of the visible mode: the dump WCAL, its catcher, V2 and S4.

Showers in the dump are those of `na64ana.simulate.physics.showers` in tungsten; what goes on
behind a depth, mostly photons, is what catcher and V2 see of them.
"""

from __future__ import annotations

import numpy as np

from na64ana.simulate.arrays import FloatArray, IntArray
from na64ana.simulate.detectors.response import digitised, noisy, sampled
from na64ana.simulate.parameters.visible import ThinCounters, VisibleParameters
from na64ana.simulate.physics.ionisation import moyal
from na64ana.simulate.physics.medium import medium
from na64ana.simulate.physics.showers import draw_profiles, slices
from na64ana.simulate.truth.visible import VisibleTruth

__all__ = ["dump_energies", "dump_shares"]


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
