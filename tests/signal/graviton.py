"""l(p) gamma(q) -> l(p') G(k) from Feynman rules written out: L = -G_mn T^mn, charge 1, no masses.

Four diagrams: G from the lepton before and after, from the photon, and from the vertex of both.
"""

from __future__ import annotations

import numpy as np

from tests.signal.dirac import GAMMA, METRIC, barred, direction, dot, slash


def tensors(k, mass, rng):
    """Return the five polarisations of G: symmetric, traceless, transverse to k."""
    along = k[1:] / np.linalg.norm(k[1:])
    first = np.cross(along, direction(rng))
    first /= np.linalg.norm(first)
    x, y = np.array([0, *first]), np.array([0, *np.cross(along, first)])
    z = np.array([np.linalg.norm(k[1:]), *(k[0] * along)]) / mass
    pairs = [(x, y), (x, z), (y, z)]
    mixed = [(np.outer(a, b) + np.outer(b, a)) / np.sqrt(2) for a, b in pairs]
    squares = [np.outer(a, a) for a in (x, y, z)]
    return [
        *mixed,
        (squares[0] - squares[1]) / np.sqrt(2),
        (squares[0] + squares[1] - 2 * squares[2]) / np.sqrt(6),
    ]


def amplitude(p, q, p2, k, photon, tensor):
    """Return the matrix between u(p') and u(p), for a photon and a tensor polarisation."""

    def emitted(vector):
        return slash(tensor @ METRIC @ vector)

    def on_lepton(a, b):
        return -emitted(a + b) / 2

    after = on_lepton(p + q, p2) @ slash(p + q) @ slash(photon) / dot(p + q, p + q)
    before = slash(photon) @ slash(p - k) @ on_lepton(p, p - k) / dot(p - k, p - k)
    r = p - p2  # the photon exchanged
    field = np.outer(METRIC @ q, METRIC @ photon) - np.outer(METRIC @ photon, METRIC @ q)
    bound = tensor @ field  # [upper, lower]
    exchanged = sum(
        (METRIC @ r @ bound[:, a]) * GAMMA[a] - slash(bound[:, a]) * r[a] for a in range(4)
    )
    return -after - before - emitted(photon) - 2 * exchanged / dot(r, r)


def squared_graviton_amplitude(p, q, p2, k, mass, rng, photons):
    """Sum over the spins of leptons and G, and over the photon polarisations given."""
    value = 0.0
    for photon in photons:
        for tensor in tensors(k, mass, rng):
            matrix = amplitude(p, q, p2, k, photon, tensor)
            value += np.trace(slash(p2) @ matrix @ slash(p) @ barred(matrix)).real
    return value
