"""Response of the electromagnetic calorimeter, and the shower chi2."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from na64ana.simulate.arrays import FloatArray
from na64ana.simulate.detectors.response import digitised, noisy, sampled, summed_noise
from na64ana.simulate.parameters.common import Parameters
from na64ana.simulate.parameters.detectors import Ecal, LateralProfile
from na64ana.simulate.parameters.showers import Shower
from na64ana.simulate.physics.medium import Medium, medium
from na64ana.simulate.physics.profiles import cell_edges, cell_shares, shower_shares, window_edges
from na64ana.simulate.physics.showers import Profiles, draw_profiles, mean_profiles, radii, slices
from na64ana.simulate.truth.event import Truth

__all__ = [
    "ecal_cells",
    "ecal_containment",
    "ecal_edges",
    "ecal_energies",
    "ecal_sums",
    "shower_chi2",
]

Edges = tuple[FloatArray, FloatArray]


def ecal_cells(ecal: Ecal) -> tuple[int, int, int]:
    """Planes, x, y; the flat index is (plane * nx + ix) * ny + iy."""
    return 2, *ecal.cells


def ecal_energies(truth: Truth, rng: np.random.Generator, p: Parameters) -> FloatArray:
    """Measured energies of the ECAL cells.

    Sampling fluctuations are drawn per cell from a gamma distribution whose variance is
    ``stochastic^2`` times its mean. Such variates add up: the sum over cells has the resolution
    ``stochastic/sqrt(E)`` exactly, and no cell is negative.

    Returns
    -------
    (n, 2, nx, ny) energies, GeV, on the scale on which an electron at the centre of the beam
    cell gives its full energy.
    """
    energy = _sampled_energies(truth, rng, p, ecal_edges(p.ecal))
    return digitised(noisy(energy, p.ecal.noise, rng), p.ecal.step)


def ecal_sums(
    truth: Truth, rng: np.random.Generator, p: Parameters
) -> tuple[FloatArray, FloatArray]:
    """Sums over the cells of each plane, without cells.

    Cells are as wide as the window of the trigger and what lies beside it; the noise is that of
    all cells.

    Returns
    -------
    the sums over all cells (n, 2) and over the window of the trigger (n, 2), GeV.
    """
    ecal = p.ecal
    windows = p.trigger.window_x, p.trigger.window_y
    x, y = (window_edges(e, w) for e, w in zip(ecal_edges(ecal), windows, strict=True))
    energy = _sampled_energies(truth, rng, p, (x, y))
    inside = energy[:, :, 1, 1]
    outside = energy.sum(axis=(2, 3)) - inside
    cells = (windows[0][1] - windows[0][0]) * (windows[1][1] - windows[1][0])
    others = ecal.cells[0] * ecal.cells[1] - cells
    inside = digitised(inside + summed_noise(inside.shape, cells, ecal.noise, rng), ecal.step)
    outside = digitised(outside + summed_noise(outside.shape, others, ecal.noise, rng), ecal.step)
    return inside + outside, inside


def shower_chi2(
    energy: FloatArray, truth: Truth, rng: np.random.Generator, p: Parameters
) -> FloatArray:
    """Compare the main-layer cells with the mean shower of the measured energy.

    The entry point comes from the track with its error: first the fitted track, then the two
    Micromegas in front of the ECAL.

    Returns
    -------
    (n, 2) chi2 per cell.
    """
    ecal, m = p.ecal, medium(p.ecal, p.shower)
    main = energy[:, 1]
    total = main.sum(axis=(1, 2))
    profiles = mean_profiles(total, m, p.shower)
    chi2 = np.empty((len(truth), len(ecal.entry_errors)))
    for i, error in enumerate(ecal.entry_errors):
        x = truth.x + rng.normal(0.0, error, len(truth))
        y = truth.y + rng.normal(0.0, error, len(truth))
        shares = _shower(profiles, total, x, y, ecal_edges(ecal), p, first=1)[:, 1]
        shares /= np.maximum(shares.sum(axis=(1, 2), keepdims=True), 1e-9)
        expected = total[:, None, None] * shares
        variance = (
            ecal.stochastic**2 * expected
            + (ecal.chi2_model_error * expected) ** 2
            + ecal.chi2_noise**2
        )
        chi2[:, i] = np.mean((main - expected) ** 2 / variance, axis=(1, 2))
    return chi2


def ecal_edges(ecal: Ecal) -> Edges:
    """Edges of the cells around the beam cell, mm."""
    x, y = (
        cell_edges(cells, central, ecal.pitch)
        for cells, central in zip(ecal.cells, ecal.central_cell, strict=True)
    )
    return x, y


def _sampled_energies(
    truth: Truth, rng: np.random.Generator, p: Parameters, edges: Edges
) -> FloatArray:
    """(n, 2, nx, ny) energies with sampling fluctuations, no noise yet."""
    profiles = draw_profiles(truth.em_energy, rng, medium(p.ecal, p.shower), p.shower)
    shares = _shower(profiles, truth.em_energy, truth.x, truth.y, edges, p)
    mean = truth.em_energy[:, None, None, None] * shares / _scale(p.ecal, p.shower)
    _add_muons(mean, truth, p, edges)
    energy = sampled(mean, p.ecal.stochastic, rng)
    _add_hadrons(energy, truth, rng, p.ecal, edges)
    return energy


def _shower(
    profiles: Profiles,
    energy: FloatArray,
    x: FloatArray,
    y: FloatArray,
    edges: Edges,
    p: Parameters,
    first: int = 0,
) -> FloatArray:
    """(n, 2, nx, ny) shares of showers, from plane `first` on.

    The main plane is seen in two slices.
    """
    m = medium(p.ecal, p.shower)
    ends = _slice_ends(p.ecal, m, p.shower)
    share, tau = slices(profiles, ends)
    cells = np.zeros((len(energy), 2, len(edges[0]) - 1, len(edges[1]) - 1))
    for i in range(first, len(ends)):
        width = radii(energy, tau[:, i], m, p.shower)
        lateral = shower_shares(x, y, edges, width, m.moliere_radius)
        cells[:, min(i, 1)] += share[:, i, None, None] * lateral
    return cells


def _slice_ends(ecal: Ecal, m: Medium, shower: Shower) -> FloatArray:
    """Ends of the preshower, of the front slice of the main part and of its rear one, X0."""
    depth = m.depth / m.radiation_length
    return np.array([ecal.preshower_depth, shower.slice_end, depth])


@lru_cache(maxsize=32)
def _scale(ecal: Ecal, shower: Shower) -> float:
    """Share of the energy of a mean shower at the centre of the beam cell that the cells hold."""
    energy, centre = np.array([ecal.calibration_energy]), np.zeros(1)
    p = Parameters(ecal=ecal, shower=shower)
    profiles = mean_profiles(energy, medium(ecal, shower), shower)
    return float(_shower(profiles, energy, centre, centre, ecal_edges(ecal), p).sum())


@lru_cache(maxsize=32)
def ecal_containment(ecal: Ecal, profile: LateralProfile) -> float:
    """Share of a profile at the centre of the beam cell that the cells hold."""
    centre = np.zeros(1)
    return float(cell_shares(centre, centre, ecal_edges(ecal), profile).sum())


def _add_hadrons(
    energy: FloatArray, truth: Truth, rng: np.random.Generator, ecal: Ecal, edges: Edges
) -> None:
    """Add what hadrons leave in both planes, spread more widely; in place."""
    rows = np.flatnonzero(truth.ecal_hadronic.any(axis=1))
    part = truth.take(rows)
    shares = cell_shares(part.x, part.y, edges, ecal.hadron_profile)
    mean = part.ecal_hadronic[:, :, None, None] * shares[:, None]
    mean /= ecal_containment(ecal, ecal.hadron_profile)
    energy[rows] += sampled(mean, ecal.hadron_stochastic, rng)


def _add_muons(mean: FloatArray, truth: Truth, p: Parameters, edges: Edges) -> None:
    """Add what muons leave along their way, from where they are made; in place."""
    ecal, m = p.ecal, medium(p.ecal, p.shower)
    muons = np.count_nonzero(truth.muon_energy > 0, axis=1)
    rows = np.flatnonzero(muons)
    part = truth.take(rows)
    early = ecal.preshower_depth * m.radiation_length
    starts, ends = np.array([0.0, early]), np.array([early, m.depth])
    crossed = np.clip((ends - part.pair_depth[:, None]) / (ends - starts), 0.0, 1.0)
    deposit = crossed * muons[rows, None] * np.asarray(ecal.muon_energy)
    shares = cell_shares(part.x, part.y, edges, ecal.muon_profile)
    shares /= ecal_containment(ecal, ecal.muon_profile)
    mean[rows] += deposit[:, :, None, None] * shares[:, None]
