"""Response of the electromagnetic calorimeter, and the shower chi2."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from na64ana.simulate.parameters import Ecal, LateralProfile
from na64ana.simulate.profiles import cell_edges, cell_shares, preshower_share
from na64ana.simulate.response import digitised, noisy, sampled
from na64ana.simulate.truth import FloatArray, Truth

__all__ = ["CELLS", "CENTRAL_CELL", "ecal_energies", "shower_chi2"]

CELLS = (2, 5, 6)
"""Planes, x, y; flat index plane*30 + ix*6 + iy."""
CENTRAL_CELL = (2, 2)
"""The cell (ix, iy) that the beam hits [C1]."""


def ecal_energies(truth: Truth, rng: np.random.Generator, ecal: Ecal) -> FloatArray:
    """Measured energies of the ECAL cells.

    Sampling fluctuations are drawn per cell from a gamma distribution whose variance is
    ``stochastic^2`` times its mean. Such variates add up: the sum over cells has the resolution
    ``stochastic/sqrt(E)`` exactly, and no cell is negative.

    Returns
    -------
    (n, 2, 5, 6) energies, GeV, on the scale on which an electron at the centre of the beam
    cell gives its full energy.
    """
    n = len(truth)
    width = np.exp(ecal.width_spread * rng.standard_normal(n))
    early = truth.em_energy * preshower_share(truth.em_energy, rng, ecal)
    mean = np.stack(
        [
            early[:, None, None] * _shares(truth, ecal, ecal.preshower_profile, width),
            (truth.em_energy - early)[:, None, None]
            * _shares(truth, ecal, ecal.main_profile, width),
        ],
        axis=1,
    )
    _add_hadrons(mean, truth, ecal)
    _add_muons(mean, truth, ecal)
    energy = sampled(mean, ecal.stochastic, rng)
    return digitised(noisy(energy, ecal.noise, rng), ecal.step)


def shower_chi2(
    energy: FloatArray, truth: Truth, rng: np.random.Generator, ecal: Ecal
) -> FloatArray:
    """Compare the main-layer cells with the mean shower of the measured energy.

    The entry point comes from the track with its error: first the fitted track, then the two
    Micromegas in front of the ECAL.

    Returns
    -------
    (n, 2) chi2 per cell.
    """
    main = energy[:, 1]
    total = main.sum(axis=(1, 2), keepdims=True)
    chi2 = np.empty((len(truth), len(ecal.entry_errors)))
    for i, error in enumerate(ecal.entry_errors):
        x = truth.x + rng.normal(0.0, error, len(truth))
        y = truth.y + rng.normal(0.0, error, len(truth))
        expected = total * cell_shares(x, y, _edges(ecal), ecal.main_profile)
        variance = (
            ecal.stochastic**2 * expected
            + (ecal.chi2_model_error * expected) ** 2
            + ecal.chi2_noise**2
        )
        chi2[:, i] = np.mean((main - expected) ** 2 / variance, axis=(1, 2))
    return chi2


def _edges(ecal: Ecal) -> tuple[FloatArray, FloatArray]:
    """Cell edges in x and in y, mm, with 0 at the centre of the beam cell."""
    return (
        cell_edges(CELLS[1], CENTRAL_CELL[0], ecal.pitch),
        cell_edges(CELLS[2], CENTRAL_CELL[1], ecal.pitch),
    )


@lru_cache(maxsize=32)
def _containment(ecal: Ecal, profile: LateralProfile) -> float:
    """Share of a shower at the centre of the beam cell that the cells hold."""
    centre = np.zeros(1)
    return float(cell_shares(centre, centre, _edges(ecal), profile).sum())


def _shares(
    truth: Truth, ecal: Ecal, profile: LateralProfile, width: FloatArray | float = 1.0
) -> FloatArray:
    """(n, 5, 6) calibrated shares."""
    shares = cell_shares(truth.x, truth.y, _edges(ecal), profile, width)
    return shares / _containment(ecal, profile)


def _add_hadrons(mean: FloatArray, truth: Truth, ecal: Ecal) -> None:
    """Add what hadrons leave in both planes, spread more widely; in place."""
    rows = np.flatnonzero(truth.ecal_hadronic.any(axis=1))
    part = truth.take(rows)
    shares = _shares(part, ecal, ecal.hadron_profile)
    mean[rows] += part.ecal_hadronic[:, :, None, None] * shares[:, None]


def _add_muons(mean: FloatArray, truth: Truth, ecal: Ecal) -> None:
    """Add what muons leave along their way; in place."""
    muons = np.count_nonzero(truth.muon_energy > 0, axis=1)
    rows = np.flatnonzero(muons)
    deposit = muons[rows, None] * np.asarray(ecal.muon_energy)
    shares = _shares(truth.take(rows), ecal, ecal.preshower_profile)
    mean[rows] += deposit[:, :, None, None] * shares[:, None]
