"""Response of the hadron calorimeter: hadronic showers and muons in four modules."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from na64ana.simulate.parameters import Hcal
from na64ana.simulate.profiles import cell_edges, cell_shares, depth_share
from na64ana.simulate.response import digitised, moyal, noisy, sampled
from na64ana.simulate.truth import FloatArray, Truth

__all__ = ["CELLS", "hcal_energies"]

CELLS = (4, 3, 3)
"""Modules, x, y; flat index module*9 + ix*3 + iy. Module 3 is on the undeflected axis."""
_IN_LINE = 3
"""Modules one behind the other on the axis of the bent beam."""


def hcal_energies(truth: Truth, rng: np.random.Generator, hcal: Hcal) -> FloatArray:
    """Measured energies of the HCAL cells.

    Returns
    -------
    (n, 4, 3, 3) energies, GeV, on the scale on which a hadron at the centre that starts at the
    front of module 0 gives its full energy.
    """
    energy = np.zeros((len(truth), *CELLS))
    _add_showers(energy, truth, rng, hcal)
    _add_muons(energy, truth, rng, hcal)
    return digitised(noisy(energy, hcal.noise, rng), hcal.step)


def module_energies(truth: Truth, rng: np.random.Generator, hcal: Hcal) -> FloatArray:
    """(n, 4) true hadronic energy in each module; what passes module 2 is leakage."""
    length = hcal.shower_length * np.exp(hcal.length_spread * rng.standard_normal(len(truth)))
    depths = hcal.module_depth * np.arange(_IN_LINE + 1, dtype=np.float64)
    inside = depth_share(depths, truth.hcal_start[:, None], length[:, None])
    modules = truth.hcal_energy[:, None] * np.diff(inside, axis=1)
    return np.concatenate([modules, truth.zero_degree[:, None]], axis=1)


def _edges(hcal: Hcal) -> tuple[FloatArray, FloatArray]:
    return cell_edges(3, 1, hcal.pitch[0]), cell_edges(3, 1, hcal.pitch[1])


@lru_cache(maxsize=8)
def _containment(hcal: Hcal) -> float:
    """Share of a shower on the axis that the 3 x 3 cells hold."""
    centre = np.zeros(1)
    return float(cell_shares(centre, centre, _edges(hcal), hcal.profile).sum())


def _add_showers(energy: FloatArray, truth: Truth, rng: np.random.Generator, hcal: Hcal) -> None:
    """Add hadronic showers with their fluctuations; in place."""
    rows = np.flatnonzero((truth.hcal_energy > 0) | (truth.zero_degree > 0))
    part = truth.take(rows)
    shares = cell_shares(part.hcal_x, part.hcal_y, _edges(hcal), hcal.profile)
    modules = module_energies(part, rng, hcal)
    mean = modules[:, :, None, None] * shares[:, None] / _containment(hcal)
    energy[rows] += sampled(mean, hcal.stochastic, rng)


def _add_muons(energy: FloatArray, truth: Truth, rng: np.random.Generator, hcal: Hcal) -> None:
    """Add muons: one minimum-ionising deposit per module until they stop; in place."""
    rows, which = np.nonzero(truth.muon_energy > 0)
    left = truth.muon_energy[rows, which]
    spread = hcal.ecal_distance * hcal.muon_transverse_momentum / left
    x = truth.x[rows] + spread * rng.standard_normal(len(rows))
    y = truth.y[rows] + spread * rng.standard_normal(len(rows))
    x_edges, y_edges = _edges(hcal)
    ix = np.searchsorted(x_edges, x) - 1
    iy = np.searchsorted(y_edges, y) - 1
    inside = (ix >= 0) & (ix < CELLS[1]) & (iy >= 0) & (iy < CELLS[2])
    for module in range(_IN_LINE):
        loss = np.minimum(moyal((len(rows),), hcal.muon_energy, hcal.muon_width, rng), left)
        left = left - loss
        seen = loss * np.maximum(1 + hcal.muon_smearing * rng.standard_normal(len(rows)), 0.0)
        index = rows[inside], np.full(inside.sum(), module), ix[inside], iy[inside]
        np.add.at(energy, index, seen[inside])
