"""Response of the hadron calorimeter: hadronic showers and muons in its modules."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from na64ana.simulate.arrays import FloatArray
from na64ana.simulate.detectors.response import digitised, noisy, sampled, summed_noise
from na64ana.simulate.parameters.detectors import Hcal
from na64ana.simulate.physics.depths import IN_LINE
from na64ana.simulate.physics.ionisation import moyal
from na64ana.simulate.physics.profiles import cell_edges, cell_shares
from na64ana.simulate.truth.event import Truth

__all__ = ["MODULES", "hcal_cells", "hcal_edges", "hcal_energies", "hcal_sums"]

MODULES = IN_LINE + 1
"""Module 3 stands on the undeflected axis."""

Edges = tuple[FloatArray, FloatArray]


def hcal_cells(hcal: Hcal) -> tuple[int, int, int]:
    """Modules, x, y; the flat index is (module * nx + ix) * ny + iy."""
    return MODULES, *hcal.cells


def hcal_energies(truth: Truth, rng: np.random.Generator, hcal: Hcal) -> FloatArray:
    """Measured energies of the HCAL cells.

    Returns
    -------
    (n, 4, nx, ny) energies, GeV, on the scale on which a hadron on the axis gives what it
    leaves in a module.
    """
    energy = _sampled_energies(truth, rng, hcal, hcal_edges(hcal))
    return digitised(noisy(energy, hcal.noise, rng), hcal.step)


def hcal_sums(truth: Truth, rng: np.random.Generator, hcal: Hcal) -> FloatArray:
    """Sums (n, 4) over the cells of each module, GeV, without cells."""
    x, y = hcal_edges(hcal)
    energy = _sampled_energies(truth, rng, hcal, (x[[0, -1]], y[[0, -1]]))[:, :, 0, 0]
    cells = hcal.cells[0] * hcal.cells[1]
    return digitised(energy + summed_noise(energy.shape, cells, hcal.noise, rng), hcal.step)


def hcal_edges(hcal: Hcal) -> Edges:
    """Edges of the cells, mm, with 0 in the middle of the module."""
    x, y = (
        cell_edges(cells, 0, pitch) - (cells - 1) / 2 * pitch
        for cells, pitch in zip(hcal.cells, hcal.pitch, strict=True)
    )
    return x, y


def _sampled_energies(
    truth: Truth, rng: np.random.Generator, hcal: Hcal, edges: Edges
) -> FloatArray:
    """(n, 4, nx, ny) energies with their fluctuations, no noise yet."""
    energy = np.zeros((len(truth), MODULES, len(edges[0]) - 1, len(edges[1]) - 1))
    rows = np.flatnonzero(truth.hcal_hadronic.any(axis=1))
    shares = cell_shares(truth.hcal_x[rows], truth.hcal_y[rows], edges, hcal.profile)
    mean = truth.hcal_hadronic[rows][:, :, None, None] * shares[:, None] / _containment(hcal)
    energy[rows] = sampled(mean, hcal.stochastic, rng)
    _add_muons(energy, truth, rng, hcal, edges)
    return energy


@lru_cache(maxsize=32)
def _containment(hcal: Hcal) -> float:
    """Share of a shower on the axis that the cells hold."""
    centre = np.zeros(1)
    return float(cell_shares(centre, centre, hcal_edges(hcal), hcal.profile).sum())


def _add_muons(
    energy: FloatArray, truth: Truth, rng: np.random.Generator, hcal: Hcal, edges: Edges
) -> None:
    """Add muons: one deposit per module until they stop, now and then a radiative one; in place."""
    rows, which = np.nonzero(truth.muon_energy > 0)
    left = truth.muon_energy[rows, which]
    ix = np.searchsorted(edges[0], truth.muon_x[rows, which]) - 1
    iy = np.searchsorted(edges[1], truth.muon_y[rows, which]) - 1
    nx, ny = energy.shape[2:]
    inside = (ix >= 0) & (ix < nx) & (iy >= 0) & (iy < ny)
    for module in range(IN_LINE):
        seen = moyal((len(rows),), hcal.muon_energy, hcal.muon_width, rng)
        lost = np.minimum(hcal.muon_loss, left)
        hard = np.minimum(_radiated(left, rng, hcal), left - lost)
        seen = seen * (lost / hcal.muon_loss) + hard
        left = left - lost - hard
        seen *= np.maximum(1 + hcal.muon_smearing * rng.standard_normal(len(rows)), 0.0)
        index = rows[inside], np.full(inside.sum(), module), ix[inside], iy[inside]
        np.add.at(energy, index, seen[inside])


def _radiated(energy: FloatArray, rng: np.random.Generator, hcal: Hcal) -> FloatArray:
    """Hard losses (n,) of muons in one module: as many per ln(loss), at most one."""
    span = np.log(np.maximum(energy / hcal.muon_radiative_least, 1.0))
    hard = rng.random(len(energy)) < hcal.muon_radiative * span
    loss: FloatArray = hcal.muon_radiative_least * np.exp(span * rng.random(len(energy)))
    return np.where(hard, loss, 0.0)
