"""Muon pairs of bremsstrahlung photons: how many, how energetic, at what angles.

An electron that stops in thick matter makes photons over a path per energy after Clement and
Kessler (R-M, Nuovo Cim. 37 (1965) 876): ``dl/du = 0.964 X0 / (-ln(1 - u^2) + 0.686 u^2 -
0.5 u^4)``, u = k/E. A photon converts after Bethe and Heitler, with nuclear form factor and
screening after Burkhardt, Kelner and Kokoulin (CERN-SL-2002-016, checked in public code: Geant4,
G4GammaConversionToMuons).
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from na64ana.simulate.arrays import FloatArray
from na64ana.simulate.parameters.common import Parameters
from na64ana.simulate.parameters.materials import Material
from na64ana.simulate.physics.constants import (
    ELECTRON_MASS,
    ELECTRON_RADIUS,
    FINE_STRUCTURE,
    MUON_MASS,
)
from na64ana.simulate.physics.depths import radiation_depth

__all__ = ["Pairs", "dimuon_rate", "draw_pairs", "pair_cross_section", "photon_path"]

_AVOGADRO = 6.02214e23
_LEAD_MASS = 207.2  # A of lead; other absorbers: A ~ Z A_Pb / Z_Pb, which only a logarithm sees
_ROOT_E = np.sqrt(np.e)


class Pairs(NamedTuple):
    """Muon pairs: energies (n, 2), GeV, slopes in x and in y (n, 2), rad; depth (n,), X0."""

    energy: FloatArray
    slope_x: FloatArray
    slope_y: FloatArray
    depth: FloatArray


def photon_path(u: FloatArray) -> FloatArray:
    """Path of photons dl/du in radiation lengths; about 0.572/u^2 for small u = k/E."""
    u = np.minimum(u, 1 - 1e-9)
    return 0.964 / (-np.log(1 - u * u) + 0.686 * u * u - 0.5 * u**4)


def _logarithm(photon: FloatArray, split: FloatArray, z: float) -> FloatArray:
    """Logarithm ln W of the cross section: form factor of the nucleus and screening."""
    a = z * _LEAD_MASS / 82
    nuclear, screening = 1.54 * a**0.27, 183 * z ** (-1 / 3)
    least = MUON_MASS**2 / (2 * photon * split * (1 - split))  # momentum transfer
    w = screening / nuclear * MUON_MASS / ELECTRON_MASS
    w = w * (1 + (nuclear * _ROOT_E - 2) * least / MUON_MASS)
    w = w / (1 + screening * _ROOT_E * least / ELECTRON_MASS)
    return np.asarray(np.log(np.maximum(w, 1.0)), dtype=np.float64)


def _split_density(photon: FloatArray, split: FloatArray, z: float) -> FloatArray:
    """Density of the share that one muon takes, up to 4 alpha Z^2 r^2."""
    return (1 - 4 / 3 * split * (1 - split)) * _logarithm(photon, split, z)


def pair_cross_section(photon: FloatArray, z: float) -> FloatArray:
    """Cross section of a photon, GeV, for mu+ mu- on an atom of charge `z`, cm^2."""
    radius = ELECTRON_RADIUS * ELECTRON_MASS / MUON_MASS
    least = 0.5 - np.sqrt(np.maximum(0.25 - MUON_MASS / photon, 0.0))
    step = (np.arange(200) + 0.5) / 200
    split = least[..., None] + (1 - 2 * least[..., None]) * step
    inner = _split_density(photon[..., None], split, z).mean(axis=-1) * (1 - 2 * least)
    return np.asarray(4 * FINE_STRUCTURE * z**2 * radius**2 * inner)


def _spectrum(absorber: Material, energy: float, least: float) -> tuple[FloatArray, FloatArray]:
    """Edges (k + 1,) of steps in u = k/E and the pairs per electron in each, above `least`."""
    edges = np.geomspace(least, 1.0, 401)
    u = np.sqrt(edges[1:] * edges[:-1])
    atoms = _AVOGADRO / (absorber.atomic_number * _LEAD_MASS / 82)  # per g
    path = photon_path(u) * absorber.radiation_length  # g/cm^2
    section = pair_cross_section(u * energy, absorber.atomic_number)
    return edges, atoms * path * section * np.diff(edges)


def dimuon_rate(p: Parameters, least: float) -> float:
    """Muon pairs above `least`, GeV, per electron that stops in the ECAL."""
    return float(_spectrum(p.ecal.absorber, p.beam.energy, least / p.beam.energy)[1].sum())


@lru_cache(maxsize=32)
def _energy_table(absorber: Material, energy: float, least: float) -> tuple[FloatArray, FloatArray]:
    """Energies over that of the electron, by the share of pairs below."""
    edges, pairs = _spectrum(absorber, energy, least)
    return np.append(0.0, np.cumsum(pairs)) / pairs.sum(), edges


def draw_pairs(electron: FloatArray, rng: np.random.Generator, p: Parameters) -> Pairs:
    """Draw muon pairs of electrons (n,), GeV, with the spectrum above `dimuon_least`.

    Angles are those of pair production, ``theta = m u / E`` with u from the density
    ``1 - 2 x (1 - x) + 4 x (1 - x) t (1 - t)`` of t = 1/(1 + u^2), without recoil of the nucleus.
    """
    n = len(electron)
    below, edges = _energy_table(p.ecal.absorber, p.beam.energy, p.processes.dimuon_least)
    u = np.interp(rng.random(n), below, edges)
    photon = electron * u
    split = _draw_split(photon, rng, p.ecal.absorber.atomic_number)
    t = _draw_t(split * (1 - split), rng)
    transverse = MUON_MASS * np.sqrt(1 / t - 1)
    phi = rng.uniform(0, 2 * np.pi, n)
    energy = photon[:, None] * np.stack([split, 1 - split], axis=1)
    slope = transverse[:, None] * np.array([1.0, -1.0]) / energy
    across = slope * np.cos(phi)[:, None], slope * np.sin(phi)[:, None]
    return Pairs(energy, *across, _draw_depth(u, rng, p))


def _draw_depth(u: FloatArray, rng: np.random.Generator, p: Parameters) -> FloatArray:
    """(n,) depths at which photons convert, X0 (R-M Tsai and Whitis, Phys. Rev. 149 (1966) 1248).

    Photons of the first generation have ``(1 - u)^(4t/3) - exp(-7t/9)`` at depth t, u = k/E: the
    way of an electron to where it radiates and that of the photon, two exponentials.
    """
    depth = -rng.exponential(1.0, len(u)) / (4 / 3 * np.log1p(-np.minimum(u, 1 - 1e-9)))
    depth += rng.exponential(9 / 7, len(u))
    return np.minimum(depth, radiation_depth(p))


def _draw_split(photon: FloatArray, rng: np.random.Generator, z: float) -> FloatArray:
    """(n,) shares of one muon, by rejection."""
    least = 0.5 - np.sqrt(0.25 - MUON_MASS / photon)
    highest = _logarithm(photon, np.full_like(photon, 0.5), z)
    split = np.empty(len(photon))
    todo = np.arange(len(photon))
    while len(todo):
        tried = least[todo] + (1 - 2 * least[todo]) * rng.random(len(todo))
        density = _split_density(photon[todo], tried, z)
        kept = rng.random(len(todo)) * highest[todo] < density
        split[todo[kept]] = tried[kept]
        todo = todo[~kept]
    return split


def _draw_t(product: FloatArray, rng: np.random.Generator) -> FloatArray:
    """(n,) variables t of the angles, by rejection."""
    t = np.empty(len(product))
    todo = np.arange(len(product))
    while len(todo):
        tried = rng.uniform(1e-6, 1.0, len(todo))
        x = product[todo]
        density = 1 - 2 * x + 4 * x * tried * (1 - tried)
        kept = rng.random(len(todo)) * (1 - x) < density
        t[todo[kept]] = tried[kept]
        todo = todo[~kept]
    return t
