"""Response of PKR-CAL: crystals of lead tungstate, across the beam in front and along it behind."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from na64ana.simulate.arrays import FloatArray
from na64ana.simulate.detectors.response import digitised, noisy, sampled
from na64ana.simulate.parameters.poker import PkrCal, PokerParameters
from na64ana.simulate.physics.medium import Medium, medium
from na64ana.simulate.physics.profiles import cell_edges, cell_shares, shower_shares
from na64ana.simulate.physics.showers import Profiles, draw_profiles, mean_profiles, radii, slices
from na64ana.simulate.truth.event import Truth

__all__ = ["pkrcal_energies"]

Edges = tuple[FloatArray, FloatArray]


def pkrcal_energies(
    truth: Truth, rng: np.random.Generator, p: PokerParameters
) -> tuple[FloatArray, FloatArray]:
    """Measured energies of the crystals.

    Fluctuations add up to ``stochastic/sqrt(E)`` exactly, as in the ECAL; the constant term is a
    factor that all crystals of an event have in common.

    Returns
    -------
    the layers across the beam (n, layers, crystals), whose crystals follow x in layers 0, 2, ...
    and y in the others, and the matrix (n, nx, ny), GeV; on the scale on which an electron in the
    centre gives its full energy.
    """
    c = p.pkrcal
    profiles = draw_profiles(truth.em_energy, rng, medium(p.ecal, p.shower), p.shower)
    shower = _shower(profiles, truth.em_energy, truth.x, truth.y, p)
    common = 1 + c.constant * rng.standard_normal(len(truth))
    energy = truth.em_energy * np.maximum(common, 0.0) / _scale(p, p.ecal.calibration_energy)
    front, matrix = (
        _measured(energy[:, None, None] * share + muons, hadrons, rng, c)
        for share, muons, hadrons in zip(shower, _muons(truth, c), _hadrons(truth, c), strict=True)
    )
    return front, matrix


def _measured(
    mean: FloatArray, hadrons: FloatArray, rng: np.random.Generator, c: PkrCal
) -> FloatArray:
    """Energies with their fluctuations, from mean ones."""
    energy = sampled(mean, c.stochastic, rng) + sampled(hadrons, c.hadron_stochastic, rng)
    return digitised(noisy(energy, c.noise, rng), c.step)


def _edges(c: PkrCal) -> tuple[Edges, tuple[Edges, ...]]:
    """Edges of the crystals in x and y, mm: of the matrix, and of each layer."""
    x, y = (cell_edges(cells, cells // 2, c.crystal[0]) for cells in c.cells)
    along = np.array([-0.5, 0.5]) * c.crystal[1]
    layers = tuple((x, along) if layer % 2 == 0 else (along, y) for layer in range(c.layers))
    return (x, y), layers


def _slice_ends(c: PkrCal, m: Medium) -> FloatArray:
    """Ends of the layers and of two slices of the matrix, X0."""
    layers = c.crystal[0] / m.radiation_length * np.arange(1, c.layers + 1)
    return np.append(layers, [c.slice_end, m.depth / m.radiation_length])


def _shower(
    profiles: Profiles, energy: FloatArray, x: FloatArray, y: FloatArray, p: PokerParameters
) -> tuple[FloatArray, FloatArray]:
    """Shares (n, layers, crystals) and (n, nx, ny) of electromagnetic showers."""
    m, c = medium(p.ecal, p.shower), p.pkrcal
    share, tau = slices(profiles, _slice_ends(c, m))
    matrix_edges, layer_edges = _edges(c)

    def spread(i: int, edges: Edges) -> FloatArray:
        width = radii(energy, tau[:, i], m, p.shower)
        lateral = shower_shares(x, y, edges, width, m.moliere_radius)
        return share[:, i, None, None] * lateral

    front = [spread(i, edges).reshape(len(x), c.cells[0]) for i, edges in enumerate(layer_edges)]
    matrix = spread(c.layers, matrix_edges) + spread(c.layers + 1, matrix_edges)
    return np.stack(front, axis=1), matrix


@lru_cache(maxsize=8)
def _scale(p: PokerParameters, energy: float) -> float:
    """Share of the energy of a mean shower in the centre that the crystals hold."""
    energies, centre = np.array([energy]), np.zeros(1)
    profiles = mean_profiles(energies, medium(p.ecal, p.shower), p.shower)
    front, matrix = _shower(profiles, energies, centre, centre, p)
    return float(front.sum() + matrix.sum())


def _hadrons(truth: Truth, c: PkrCal) -> tuple[FloatArray, FloatArray]:
    """Energies that hadrons leave, alike in all layers."""
    matrix_edges, layer_edges = _edges(c)

    def spread(edges: Edges) -> FloatArray:
        return cell_shares(truth.x, truth.y, edges, c.hadron_profile)

    n = len(truth)
    front = np.stack([spread(edges).reshape(n, c.cells[0]) for edges in layer_edges], axis=1)
    early, late = truth.ecal_hadronic.T[:, :, None, None]
    return early / c.layers * front, late * spread(matrix_edges)


def _muons(truth: Truth, c: PkrCal) -> tuple[FloatArray, FloatArray]:
    """Energies that muons leave along their way, in the crystals that they hit."""
    n = len(truth)
    loss = c.muon_loss * np.count_nonzero(truth.muon_energy > 0, axis=1)
    front, matrix = np.zeros((n, c.layers, c.cells[0])), np.zeros((n, *c.cells))
    ix, iy = (
        np.clip(np.floor(at / c.crystal[0] + cells / 2), 0, cells - 1).astype(np.int64)
        for at, cells in zip((truth.x, truth.y), c.cells, strict=True)
    )
    rows = np.arange(n)
    for layer in range(c.layers):
        front[rows, layer, ix if layer % 2 == 0 else iy] = loss * c.crystal[0]
    matrix[rows, ix, iy] = loss * c.crystal[1]
    return front, matrix
