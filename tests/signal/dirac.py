"""Squared amplitudes from Dirac matrices written out: what closed forms are compared with.

l(p) + q -> l(p') + X(k) with the photon contracted with P, all spins summed. Nothing of the
package is used, so that nothing of it can be wrong in the same way.
"""

from __future__ import annotations

import numpy as np

METRIC = np.diag([1.0, -1.0, -1.0, -1.0])
_PAULI = [np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.array([[1, 0], [0, -1]])]
_ZERO, _ONE = np.zeros((2, 2)), np.eye(2)
UNIT = np.eye(4)
GAMMA = [np.block([[_ONE, _ZERO], [_ZERO, -_ONE]])] + [
    np.block([[_ZERO, sigma], [-sigma, _ZERO]]) for sigma in _PAULI
]
GAMMA5 = 1j * GAMMA[0] @ GAMMA[1] @ GAMMA[2] @ GAMMA[3]


def dot(a, b):
    """Product of two four-vectors."""
    return a @ METRIC @ b


def slash(a):
    """a_mu gamma^mu."""
    return sum((METRIC @ a)[mu] * GAMMA[mu] for mu in range(4))


def barred(matrix):
    """gamma^0 M^dagger gamma^0."""
    return GAMMA[0] @ matrix.conj().T @ GAMMA[0]


def vertices(mediator, k, mass):
    """Pairs (weight, vertex): the sum over spins of X is that over weight V ... barred(V)."""
    if mediator == "scalar":
        return [(1.0, UNIT)]
    if mediator == "pseudoscalar":
        return [(1.0, 1j * GAMMA5)]
    last = UNIT if mediator == "vector" else GAMMA5
    pairs = [(-METRIC[mu, mu], GAMMA[mu] @ last) for mu in range(4)]
    return [*pairs, (1 / mass**2, slash(k) @ last)]


def squared_amplitude(mediator, p, p2, k, total, mass, lepton):
    """Sum over spins of |u(p') [V S P + P S V] u(p)|^2 by traces; P is `total` = Pi + Pf."""
    st, ut = dot(p2 + k, p2 + k) - lepton**2, dot(p - k, p - k) - lepton**2
    after, before = slash(p2) + lepton * UNIT, slash(p) + lepton * UNIT
    value = 0.0
    for weight, vertex in vertices(mediator, k, mass):
        emitted = (slash(p2 + k) + lepton * UNIT) @ slash(total) / st
        taken = slash(total) @ (slash(p - k) + lepton * UNIT) / ut
        matrix = vertex @ emitted + taken @ vertex
        value += weight * np.trace(after @ matrix @ before @ barred(matrix)).real
    return value


def random_point(rng, mass, lepton, nucleus, energy):
    """Random four-vectors of l(p) Z(Pi) -> l(p') Z(Pf) X(k), on shell and conserving momentum."""
    while True:
        p = np.array([energy, 0, 0, np.sqrt(energy**2 - lepton**2)])
        initial = np.array([nucleus, 0, 0, 0])
        boson = rng.uniform(mass, energy - lepton)
        k = np.array([boson, *(np.sqrt(boson**2 - mass**2) * direction(rng))])
        rest = p + initial - k
        s = dot(rest, rest)
        if s > (lepton + nucleus) ** 2:
            break
    # the rest decays to p' and Pf: isotropic in its own frame, then boosted
    q2 = (s - (lepton + nucleus) ** 2) * (s - (lepton - nucleus) ** 2) / (4 * s)
    momentum = np.sqrt(q2) * direction(rng)
    own = np.array([np.sqrt(q2 + lepton**2), *momentum])
    p2 = boosted(own, rest / np.sqrt(s))
    return p, p2, k, initial, rest - p2


def boosted(vector, velocity):
    """Boost from the rest frame to the frame where it moves with the four-velocity given."""
    along = vector[1:] @ velocity[1:]
    time = vector[0] * velocity[0] + along
    return np.array([time, *(vector[1:] + velocity[1:] * (vector[0] + along / (1 + velocity[0])))])


def direction(rng):
    """Unit vector, isotropic."""
    vector = rng.normal(size=3)
    return vector / np.linalg.norm(vector)
