"""Synchrotron radiation of a charged particle in the bending magnets.

Numbers and energies of photons from the standard formulas (R-H, J. D. Jackson; PDG):

* critical energy ``E_c = 0.665 keV (E/GeV)^2 (B/T)`` for an electron, times ``(m_e/m)^3``;
* photons ``5/(2 sqrt 3) alpha gamma theta`` on a bend by the angle theta;
* their mean energy ``8/(15 sqrt 3) E_c``;
* their spectrum ``integral of K_5/3 from x = E/E_c to infinity``, per photon number.

At a fixed field the energy radiated rises as E^2; with magnets that follow the energy of the
beam, as they do here, as E^4.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from na64ana.simulate.arrays import FloatArray
from na64ana.simulate.parameters.detectors import Srd
from na64ana.simulate.physics.constants import ELECTRON_MASS, FINE_STRUCTURE

__all__ = [
    "critical_energy",
    "draw_photons",
    "field",
    "mean_photon",
    "photon_number",
    "photons_above",
]

_CRITICAL = 0.665e-6  # GeV per GeV^2 and T
_CURVATURE = 0.299792458  # GeV per T and m
_MEAN = 8 / (15 * np.sqrt(3))


def critical_energy(energy: FloatArray, mass: FloatArray, field: float) -> FloatArray:
    """Critical energy, GeV, of particles of an energy and mass, GeV, in a field, T."""
    critical: FloatArray = _CRITICAL * energy**2 * field * (ELECTRON_MASS / mass) ** 3
    return critical


def photon_number(mass: FloatArray, bending: float) -> FloatArray:
    """Mean number of photons of particles of a mass, GeV, in a field integral, T m.

    The angle is ``0.2998 (B L) / E`` and gamma ``E / m``: the energy cancels.
    """
    per_radian = 5 / (2 * np.sqrt(3)) * FINE_STRUCTURE
    number: FloatArray = per_radian * _CURVATURE * bending / mass
    return number


def mean_photon(critical: FloatArray) -> FloatArray:
    """Mean energy of a photon."""
    return np.asarray(_MEAN * critical)


def photons_above(x: FloatArray) -> FloatArray:
    """Share of the photons above `x` critical energies.

    With ``K_5/3(z) = integral of exp(-z cosh t) cosh(5t/3)``, which leaves one integral in t.
    """
    t = np.linspace(0.0, 60.0, 3001)
    weight = np.cosh(5 * t / 3) / np.cosh(t) ** 2 * (t[1] - t[0])
    weight[0] /= 2
    # beyond this the exponent is below the smallest number anyway
    exponent = np.minimum(np.multiply.outer(np.asarray(x), np.cosh(t)), 700.0)
    return np.asarray(np.exp(-exponent) @ weight / (5 * np.pi / 3))


@lru_cache(maxsize=1)
def _table() -> tuple[FloatArray, FloatArray]:
    """Energies in critical energies by the share of photons below them, both rising."""
    x = np.append(0.0, np.geomspace(1e-9, 25.0, 800))
    return 1 - photons_above(x), x


def draw_photons(n: int, rng: np.random.Generator) -> FloatArray:
    """Draw the energies (n,) of photons, in critical energies."""
    below, x = _table()
    drawn: FloatArray = np.interp(rng.random(n) * below[-1], below, x)
    return drawn


def field(beam_energy: float, srd: Srd) -> tuple[float, float]:
    """Field, T, and field integral, T m, of magnets set for a beam, GeV."""
    bending = srd.bending * beam_energy / srd.reference_energy
    return bending / srd.length, bending
