"""Energy that muons of high energy lose in lead: photons, pairs, ionisation.

Bremsstrahlung: cross section of the Geant4 Physics Reference Manual, chapter "Bremsstrahlung" of
muons (Kelner, Kokoulin and Petrukhin), on nuclei and on electrons of the atoms,

    d sigma/d eps = (16/3) alpha N_A (m_e r_e/m_mu)^2 Z (Z Phi_n + Phi_e) (1 - v + 3/4 v^2)/(eps A)

with v = eps/E. Of pairs e+e- the mean is that of a source; the spectrum is a power (chosen).
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from na64ana.simulate.arrays import FloatArray
from na64ana.simulate.parameters.detectors import Ecal
from na64ana.simulate.parameters.muons import MuonParameters
from na64ana.simulate.physics.constants import ELECTRON_RADIUS

__all__ = ["bremsstrahlung", "pair_energy", "photon_probability", "photon_shares", "thickness"]

_ALPHA = 1 / 137.035999
_AVOGADRO = 6.02214076e23
_ELECTRON, _MUON = 0.51099895e-3, 0.1056583755  # GeV
_POINTS = 400

Table = tuple[FloatArray, FloatArray]


def thickness(ecal: Ecal) -> float:
    """Return the absorber that a muon passes in the ECAL, g/cm^2."""
    return ecal.layers * ecal.thickness[0] / 10 * ecal.absorber.density


def bremsstrahlung(v: FloatArray, energy: float, charge: float, molar_mass: float) -> FloatArray:
    """Return d sigma/dv of bremsstrahlung, cm^2/g, at shares v of the muon's energy.

    Parameters
    ----------
    v : (...) energy of the photon over that of the muon, between 0 and 1.
    energy : of the muon, GeV.
    charge, molar_mass : of the material, the latter in g/mol.
    """
    z, a = charge, molar_mass
    delta = _MUON**2 * v / (2 * energy * (1 - v))
    root = math.sqrt(math.e)
    nucleus = (1.54 * a**0.27) ** (1 - 1 / z)
    b, b_electrons = 183 * z ** (-1 / 3), 1429 * z ** (-2 / 3)
    phi = np.log(
        b * (_MUON + delta * (nucleus * root - 2)) / (nucleus * (_ELECTRON + delta * root * b))
    )
    phi_electrons = np.log(
        b_electrons
        * _MUON
        / (1 + delta * _MUON / (_ELECTRON**2 * root))
        / (_ELECTRON + delta * root * b_electrons)
    )
    below = v < 1 / (1 + _MUON**2 / (2 * _ELECTRON * energy))
    atom = z * np.maximum(phi, 0.0) + np.where(below, np.maximum(phi_electrons, 0.0), 0.0)
    scale = 16 / 3 * _ALPHA * _AVOGADRO * (_ELECTRON / _MUON * ELECTRON_RADIUS) ** 2 * z / a
    return np.asarray(scale * atom * (1 - v + 0.75 * v**2) / v, dtype=np.float64)


@lru_cache(maxsize=8)
def _table(low: float, high: float, energy: float, p: MuonParameters) -> Table:
    """Shares of the energy, and the mean number of photons in the ECAL between `low` and them."""
    log_v = np.linspace(math.log(low), math.log(min(high, 1 - 2 * _MUON / energy)), _POINTS)
    v = np.exp(log_v)
    density = v * bremsstrahlung(v, energy, p.ecal.absorber.atomic_number, p.loss.molar_mass)
    steps = (density[1:] + density[:-1]) / 2 * np.diff(log_v)
    return v, thickness(p.ecal) * np.concatenate([[0.0], np.cumsum(steps)])


def photon_probability(low: float, high: float, p: MuonParameters) -> float:
    """Return the mean number of photons in the ECAL, shares of the energy between two bounds."""
    return float(_table(low, high, p.beam.energy, p)[1][-1])


def photon_shares(
    n: int, rng: np.random.Generator, low: float, high: float, p: MuonParameters
) -> FloatArray:
    """Draw (n,) photons: their shares of the muon's energy, between two bounds."""
    v, number = _table(low, high, p.beam.energy, p)
    return np.asarray(np.interp(rng.random(n) * number[-1], number, v))


def pair_energy(energy: FloatArray, rng: np.random.Generator, p: MuonParameters) -> FloatArray:
    """Draw (n,) energies that muons of (n,) energies lose to pairs, GeV.

    Their number follows Poisson's law, their shares of the energy v a density as v^-3 above the
    softest one; the mean is that of the source.
    """
    softest = p.loss.softest_pair
    # the mean of v is 2 softest/(1 + softest) below the bound v = 1
    mean = 2 * softest / (1 + softest)
    number = rng.poisson(p.loss.pairs * thickness(p.ecal) / mean, len(energy))
    u = rng.random(int(number.sum()))
    shares = softest / np.sqrt(1 - u * (1 - softest**2))
    owner = np.repeat(np.arange(len(energy)), number)
    lost = np.bincount(owner, weights=shares, minlength=len(energy))
    return np.asarray(np.minimum(lost, 1.0) * energy)
