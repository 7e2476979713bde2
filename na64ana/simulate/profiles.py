"""Shower profiles: how energy is shared sideways among cells, and along depth.

Lateral: the radial density is integrated over each cell analytically, through its cumulative
distribution in two dimensions (form: R-H, A. A. Lednev, NIM A 366 (1995) 292). Longitudinal,
electromagnetic: gamma distribution in depth (R-M, Longo and Sestili; PDG). Longitudinal,
hadronic: Erlang distribution of order two behind the first interaction (chosen: elementary).
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from na64ana.simulate.parameters import Ecal, LateralProfile
from na64ana.simulate.truth import FloatArray

__all__ = [
    "cell_edges",
    "cell_shares",
    "depth_share",
    "lower_gamma",
    "preshower_share",
    "radial_density",
]


def radial_density(r: FloatArray, profile: LateralProfile) -> FloatArray:
    """Energy per area, 1/mm^2, at distance `r` (mm) from the axis of a shower of energy 1."""
    density = np.zeros_like(r)
    for weight, radius in _components(profile):
        density += weight * radius / (2 * np.pi * (radius**2 + r**2) ** 1.5)
    return density


def cell_edges(cells: int, central: int, pitch: float) -> FloatArray:
    """Edges (cells + 1,) of a row of cells, mm, with 0 at the centre of cell `central`."""
    return np.asarray(np.arange(cells + 1) - central - 0.5, dtype=np.float64) * pitch


def cell_shares(
    x: FloatArray,
    y: FloatArray,
    edges: tuple[FloatArray, FloatArray],
    profile: LateralProfile,
    width: FloatArray | float = 1.0,
) -> FloatArray:
    """Share of a shower's energy in each cell of a grid.

    Parameters
    ----------
    x, y : (n,) axis of the shower, mm.
    edges : edges of the cells in x (nx + 1,) and in y (ny + 1,), mm.
    profile : the lateral profile.
    width : (n,) or one number; stretches the profile sideways.

    Returns
    -------
    (n, nx, ny) shares; their sum is below one by what falls outside the grid.
    """
    x_edges, y_edges = edges
    scale = np.broadcast_to(width, x.shape)[:, None]
    dx = ((x_edges - x[:, None]) / scale)[:, :, None]
    dy = ((y_edges - y[:, None]) / scale)[:, None, :]
    corner: FloatArray = np.zeros((len(x), len(x_edges), len(y_edges)))
    for weight, radius in _components(profile):
        corner += weight * _corner(dx / radius, dy / radius)
    return np.diff(np.diff(corner, axis=1), axis=2)


def _components(profile: LateralProfile) -> tuple[tuple[float, float], tuple[float, float]]:
    """(weight, radius) of the two components."""
    return (profile.core, profile.core_radius), (1 - profile.core, profile.halo_radius)


def _corner(u: FloatArray, v: FloatArray) -> FloatArray:
    """Share of one component below and left of a corner, up to terms in one variable.

    Terms in `u` alone or `v` alone cancel when corners are subtracted to give a cell, so only
    the mixed term of the cumulative distribution is needed. Lengths in units of the radius.
    """
    mixed = np.arctan(u * v / np.sqrt(1 + u * u + v * v))
    return np.asarray(mixed / (2 * np.pi), dtype=np.float64)


def lower_gamma(a: float, x: float) -> float:
    """Regularised lower incomplete gamma function P(a, x), by its series, for moderate x."""
    term = math.exp(a * math.log(x) - x - math.lgamma(a + 1))
    total = term
    n = 1
    while term > 1e-17 * total:
        term *= x / (a + n)
        total += term
        n += 1
    return total


@lru_cache(maxsize=8)
def _share_table(x: float) -> tuple[FloatArray, FloatArray]:
    """Tabulate P(a, x) in steps of a, since it is needed for every shower."""
    a = np.linspace(1.0, 20.0, 1901)
    return a, np.array([lower_gamma(float(value), x) for value in a])


def preshower_share(energy: FloatArray, rng: np.random.Generator, ecal: Ecal) -> FloatArray:
    """Draw the share of each electromagnetic shower that the preshower takes.

    The depth of the maximum fluctuates log-normally about ``ln(E/Ec) + offset`` radiation
    lengths; the share is the gamma profile integrated over the depth of the preshower.

    Parameters
    ----------
    energy : (n,) shower energies, GeV.
    """
    log_y = np.log(np.maximum(energy, 20 * ecal.critical_energy) / ecal.critical_energy)
    spread = 1 / (ecal.maximum_spread[0] + ecal.maximum_spread[1] * log_y)
    median = log_y + ecal.shower_maximum_offset
    maximum = median * np.exp(spread * rng.standard_normal(len(energy)))
    a, share = _share_table(ecal.shower_b * ecal.preshower_depth)
    return np.interp(1 + ecal.shower_b * maximum, a, share)


def depth_share(depth: FloatArray | float, start: FloatArray, length: FloatArray) -> FloatArray:
    """Share of hadronic showers deposited before `depth`; all in interaction lengths.

    Parameters
    ----------
    depth : where to stop, one number or broadcastable.
    start : (n,) depth of the first interaction.
    length : (n,) scale of the profile behind it.
    """
    u = np.maximum(depth - start, 0.0) / length
    return np.asarray(1 - (1 + u) * np.exp(-u), dtype=np.float64)
