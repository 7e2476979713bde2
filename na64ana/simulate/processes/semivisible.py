"""Semi-visible signals: part of what the mediator takes away comes back as a pair of electrons."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from na64ana.simulate.arrays import FloatArray
from na64ana.simulate.parameters.common import Parameters
from na64ana.simulate.parameters.signals import Inelastic
from na64ana.simulate.processes.beam import beam_electrons
from na64ana.simulate.processes.signals import mediator_energies
from na64ana.simulate.truth.event import Crossing

__all__ = ["inelastic", "pair_energies"]


def inelastic(n: int, rng: np.random.Generator, p: Parameters) -> Crossing:
    """A' -> chi1 chi2 with chi2 -> chi1 e+ e- in the ECAL, whose pair joins the shower.

    The pair flies along the beam, within m_2/E_2 of it; its shower is that of the same energy from
    the face of the ECAL, as long as it is held, which is for the setup to say.
    """
    truth = beam_electrons(n, rng, p)
    truth.mediator_energy = mediator_energies(n, rng, p.signal, truth.em_energy)
    seen = pair_energies(truth.mediator_energy, rng, p.inelastic)
    truth.em_energy = truth.em_energy - truth.mediator_energy + seen
    return Crossing.single(truth)


def pair_energies(energy: FloatArray, rng: np.random.Generator, split: Inelastic) -> FloatArray:
    """Draw the energies of the pairs of mediators of some energies (n,), GeV.

    Both decays are isotropic at rest: of the mediator to two bodies, and of chi2 to chi1 and a pair
    whose mass follows the width (arXiv:2302.05414; `na64ana.signal.inelastic`).
    """
    n = len(energy)
    m1 = split.mass / split.mass_ratio
    m2 = m1 * (1 + split.splitting)
    excited = _boosted(energy, np.full(n, split.mass), m2, m1, rng)
    masses, below = _pair_table(split)
    pair = masses[np.minimum(np.searchsorted(below, rng.random(n)), len(masses) - 1)]
    return _boosted(excited, np.full(n, m2), pair, m1, rng)


def _boosted(
    energy: FloatArray,
    mass: FloatArray,
    first: FloatArray | float,
    second: float,
    rng: np.random.Generator,
) -> FloatArray:
    """Energies of the first of two bodies of what has an energy and a mass, isotropic at rest."""
    at_rest = (mass**2 + np.square(first) - second**2) / (2 * mass)
    momentum = np.sqrt(np.maximum(at_rest**2 - np.square(first), 0.0))
    boost = np.maximum(energy / mass, 1.0)
    cosine = rng.uniform(-1.0, 1.0, len(energy))
    return np.asarray(boost * at_rest + np.sqrt(boost**2 - 1) * momentum * cosine)


@lru_cache(maxsize=8)
def _pair_table(split: Inelastic) -> tuple[FloatArray, FloatArray]:
    """Masses of pairs, GeV, and the share of decays up to each."""
    from na64ana.signal import pair_masses

    masses, shares = pair_masses(split.mass / split.mass_ratio, split.splitting, split.mass)
    return masses, np.cumsum(shares)
