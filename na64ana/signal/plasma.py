"""Degrees of freedom of the early universe, from the confinement of quarks to nucleosynthesis.

Photons, electrons, muons, pions and kaons as ideal gases of their masses, and neutrinos with the
temperature that entropy leaves them when electrons annihilate. Good to 1% up to about 80 MeV, to
10% at 120 MeV, where heavier hadrons begin to count.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from particle import Particle

from na64ana.signal.checks import Floats, check_below
from na64ana.signal.constants import M_ELECTRON, M_MUON, MEV_PER_GEV

__all__ = ["HIGHEST_TEMPERATURE", "Plasma", "plasma"]

#: GeV; above, quarks and gluons
HIGHEST_TEMPERATURE = 0.15

#: names in the PDG, and states: the particle and its antiparticle
_HADRONS = (("pi+", 2), ("pi0", 1), ("K+", 2), ("K0", 2))
_MOMENTA, _WEIGHTS = np.polynomial.legendre.leggauss(120)
_MOMENTA, _WEIGHTS = 30 * (_MOMENTA + 1), 30 * _WEIGHTS  # p/T from 0 to 60


class Plasma(NamedTuple):
    """Degrees of freedom by temperature (GeV): of the energy, of the entropy, and T dlog g_s/dT."""

    temperature: Floats
    energy: Floats
    entropy: Floats
    slope: Floats


def plasma(temperature: Floats) -> Plasma:
    """Return the degrees of freedom at rising or falling temperatures.

    Parameters
    ----------
    temperature : array
        GeV, monotonic, at least two.

    Raises
    ------
    SignalError
        Above `HIGHEST_TEMPERATURE`.
    """
    check_below(temperature, HIGHEST_TEMPERATURE, "temperature", "the confinement of quarks in GeV")
    electrons = _gas(M_ELECTRON, 4, 1, temperature)
    # without them 2; with all of them 2 + 7/2 = 11/2, as long as neutrinos keep up
    cooling = ((2 + electrons[1]) / 5.5) ** (1 / 3)
    neutrinos = 6 * 7 / 8 * cooling**4, 6 * 7 / 8 * cooling**3
    gases = [electrons, neutrinos, _gas(M_MUON, 4, 1, temperature)]
    gases += [_gas(_mass(name), states, -1, temperature) for name, states in _HADRONS]
    energy = 2 + np.sum([gas[0] for gas in gases], axis=0)
    entropy = 2 + np.sum([gas[1] for gas in gases], axis=0)
    slope = np.gradient(np.log(entropy), np.log(temperature))
    return Plasma(temperature, energy, entropy, slope)


@cache
def _mass(name: str) -> float:
    mass = Particle.from_name(name).mass
    assert mass is not None
    return mass / MEV_PER_GEV


def _gas(mass: float, states: int, sign: int, temperature: Floats) -> tuple[Floats, Floats]:
    """Effective degrees of freedom of one kind of particle, of energy and of entropy."""
    p = _MOMENTA
    energy = np.sqrt(p**2 + (mass / temperature[:, None]) ** 2)
    occupied = _WEIGHTS * p**2 / (np.exp(np.minimum(energy, 700.0)) + sign)
    density = (occupied * energy).sum(-1)
    pressure = (occupied * p**2 / (3 * energy)).sum(-1)
    scale = states * 15 / np.pi**4
    return scale * density, scale * 0.75 * (density + pressure)
