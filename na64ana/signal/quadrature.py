"""Nodes and weights of Gauss-Legendre integrals, and interpolation between nodes."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["chebyshev_nodes", "gauss_legendre", "lagrange_matrix"]

Floats = NDArray[np.float64]


@lru_cache(maxsize=32)  # finding nodes takes longer than many an integral
def gauss_legendre(number: int) -> tuple[Floats, Floats]:
    """Nodes and weights on [-1, 1], not to be changed."""
    nodes, weights = np.polynomial.legendre.leggauss(number)
    nodes.flags.writeable = weights.flags.writeable = False
    return nodes, weights


def chebyshev_nodes(low: float, high: float, number: int) -> Floats:
    """Nodes between low and high, both ends included, closer together near the ends."""
    places = np.cos(np.pi * np.arange(number - 1, -1, -1) / (number - 1))
    nodes = (low + high) / 2 + (high - low) / 2 * places
    nodes[0], nodes[-1] = low, high
    return np.asarray(nodes)


def lagrange_matrix(nodes: Floats, points: Floats) -> Floats:
    """Return L with f(points) = L @ f(nodes) for every polynomial of degree < len(nodes).

    Barycentric form (J.-P. Berrut and L. N. Trefethen, SIAM Review 46 (2004) 501).

    Returns
    -------
    array
        Of the shape of points, with one more axis of nodes.
    """
    gaps = (nodes[:, np.newaxis] - nodes) / (np.ptp(nodes) / 4)  # no overflow of the products
    np.fill_diagonal(gaps, 1.0)
    distance = points[..., np.newaxis] - nodes
    met = distance == 0
    terms: Floats = 1 / (np.prod(gaps, axis=1) * np.where(met, 1.0, distance))
    matrix = terms / terms.sum(axis=-1, keepdims=True)
    return np.asarray(np.where(met.any(axis=-1, keepdims=True), met.astype(np.float64), matrix))
