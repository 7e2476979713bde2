"""Lateral profiles: how energy is shared sideways among cells.

The radial density is integrated over each cell analytically, through its cumulative
distribution in two dimensions. Electromagnetic showers have the core and the tail of Grindhammer
and Peters (hep-ex/0001020); hadronic showers and muons two components of another form (R-H,
A. A. Lednev, NIM A 366 (1995) 292).
"""

from __future__ import annotations

import numpy as np

from na64ana.simulate.arrays import FloatArray
from na64ana.simulate.parameters.detectors import LateralProfile
from na64ana.simulate.physics.showers import Radii

__all__ = [
    "cell_edges",
    "cell_shares",
    "radial_density",
    "shower_shares",
    "window_edges",
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


def window_edges(edges: FloatArray, window: tuple[int, int]) -> FloatArray:
    """Edges (4,) of three wide cells: those of a window of cells, and what lies beside it."""
    first, last = window
    return edges[[0, first, last, -1]]


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


def shower_shares(
    x: FloatArray, y: FloatArray, edges: tuple[FloatArray, FloatArray], radii: Radii, unit: float
) -> FloatArray:
    """Share of an electromagnetic shower's energy in each cell of a grid.

    Parameters
    ----------
    x, y : (n,) axis of the shower, mm.
    edges : edges of the cells in x (nx + 1,) and in y (ny + 1,), mm.
    radii : (n,) core, tail and share of the core.
    unit : of the radii, mm: the Moliere radius.

    Returns
    -------
    (n, nx, ny) shares; their sum is below one by what falls outside the grid.
    """
    dx, dy = ((e - axis[:, None]) / unit for e, axis in zip(edges, (x, y), strict=True))
    corner = radii.share[:, None, None] * _disc_corner(dx, dy, radii.core[:, None])
    corner += (1 - radii.share)[:, None, None] * _disc_corner(dx, dy, radii.tail[:, None])
    return np.diff(np.diff(corner, axis=1), axis=2)


def _disc_corner(dx: FloatArray, dy: FloatArray, radius: FloatArray) -> FloatArray:
    """Share of the density ``R^2/(pi (r^2 + R^2)^2)`` below and left of a corner.

    Like `_corner`, up to terms in one variable: the integral of the density over the rectangle
    from the axis to the corner.
    """
    x_root = np.sqrt(dx * dx + radius * radius)
    y_root = np.sqrt(dy * dy + radius * radius)
    mixed = (dx / x_root)[:, :, None] * np.arctan(dy[:, None, :] / x_root[:, :, None])
    mixed += (dy / y_root)[:, None, :] * np.arctan(dx[:, :, None] / y_root[:, None, :])
    return np.asarray(mixed / (2 * np.pi), dtype=np.float64)
