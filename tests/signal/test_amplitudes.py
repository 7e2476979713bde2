"""Amplitudes in closed form against traces of Dirac matrices, at random points of phase space."""

import numpy as np
import pytest

from na64ana.signal import exact, weizsaecker_williams
from na64ana.signal.amplitudes import (
    MEDIATORS,
    Azimuth,
    Invariants,
    azimuthal_average,
    exact_amplitude,
    photon_amplitude,
)
from na64ana.signal.constants import ALPHA
from na64ana.signal.process import process_of
from tests.signal.dirac import (
    GAMMA,
    METRIC,
    UNIT,
    direction,
    dot,
    random_point,
    squared_amplitude,
)
from tests.signal.graviton import squared_graviton_amplitude

POINTS = 40


def test_the_matrices_are_those_of_dirac():
    for mu in range(4):
        for nu in range(4):
            anti = GAMMA[mu] @ GAMMA[nu] + GAMMA[nu] @ GAMMA[mu]
            assert np.allclose(anti, 2 * METRIC[mu, nu] * UNIT, atol=1e-15)


@pytest.mark.parametrize("mediator", MEDIATORS)
def test_exact_amplitude_is_half_the_trace(mediator):
    rng = np.random.default_rng(20)
    for _ in range(POINTS):
        nucleus, energy = rng.uniform(0.5, 3), rng.uniform(3, 8)
        lepton, mass = rng.uniform(0.05, 0.5), rng.uniform(0.05, 1)
        p, p2, k, initial, final = random_point(rng, mass, lepton, nucleus, energy)
        q, total = initial - final, initial + final
        assert np.allclose(p + q, p2 + k, atol=1e-12)
        point = Invariants(
            st=dot(p2 + k, p2 + k) - lepton**2,
            ut=dot(p - k, p - k) - lepton**2,
            t=-dot(q, q),
            p_p=dot(total, p),
            p_k=dot(total, k),
            p2=dot(total, total),
        )
        trace = squared_amplitude(mediator, p, p2, k, total, mass, lepton)
        assert 2 * exact_amplitude(mediator, point, mass, lepton) == pytest.approx(trace, rel=1e-9)


@pytest.mark.parametrize("mediator", MEDIATORS)
def test_azimuth_in_closed_form(mediator):
    # the mean over many angles, of invariants that need no kinematics: st = mean + swing cos(phi)
    rng = np.random.default_rng(21)
    phi = (np.arange(4000) + 0.5) * np.pi / 4000
    for _ in range(POINTS):
        lepton, mass, ut, t, p2 = rng.uniform(0.1, 1, 5) * [1, 1, -1, 0.1, 40]
        mean = np.asarray(rng.uniform(1, 2))
        swing = mean * rng.uniform(0, 0.9)
        p_p, p_q = rng.uniform(5, 10, 2)
        p_k = p_p - p_q  # P.k + st/2 = P.p + st/2 - P.p'
        st = mean + swing * np.cos(phi)
        points = Invariants(st, ut, t, p_p - st / 2, p_k - st / 2, p2)
        azimuth = Azimuth(
            ut=ut, t=t, p2=p2, mean=mean, swing2=np.asarray(swing**2), excess=mean + ut,
            p_p=p_p, p_q=p_q, p_k=p_k, balance=p_p * ut + (p_q - ut / 2) * mean,
        )  # fmt: skip
        expected = exact_amplitude(mediator, points, mass, lepton).mean()
        found = azimuthal_average(mediator, azimuth, mass, lepton)
        assert found == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("mediator", MEDIATORS)
def test_equivalent_photons_are_the_limit_of_small_t(mediator):
    # at high energy most of the exchanged photons are nearly real
    energy, mass = 1e4, 0.5
    x = np.array([0.3, 0.6, 0.9])
    fine = process_of(mediator, mass, energy, "muon", "Pb", "elastic", "etl")
    rough = process_of(mediator, mass, energy, "muon", "Pb", "elastic", "ww")
    depth = np.full(3, 0.1)
    ratio = exact.density(fine, x, depth) / weizsaecker_williams.density(rough, x, depth)
    assert ratio == pytest.approx(1, abs=0.01)


def test_spin_2_is_that_of_the_feynman_rules():
    rng = np.random.default_rng(22)
    for _ in range(POINTS):
        energy, mass = rng.uniform(1, 3), rng.uniform(0.3, 1)
        p, q = np.array([energy, 0, 0, energy]), np.array([energy, 0, 0, -energy])
        s = dot(p + q, p + q)
        momentum = (s - mass**2) / (2 * np.sqrt(s))
        k = np.array([np.sqrt(momentum**2 + mass**2), *(momentum * direction(rng))])
        across = [np.array([0, 1.0, 0, 0]), np.array([0, 0, 1.0, 0])]
        points = (p, q, p + q - k, k, mass, rng)
        mean = squared_graviton_amplitude(*points, across) / 4  # of both spins that come in
        # a photon polarised along its momentum does nothing: the rules fit together
        assert squared_graviton_amplitude(*points, [q]) == pytest.approx(0, abs=1e-9 * mean)
        # u = -U and s = U/(1-x) of a massless lepton give x and U
        virtuality = -dot(p - k, p - k)
        x = np.asarray(1 - virtuality / s)
        found = photon_amplitude("spin2", x, np.asarray(virtuality), mass, 0.0)
        # amplitudes are over e^2 for the charge and, as those of g = e, e^2 for the coupling
        assert found * (4 * np.pi * ALPHA) == pytest.approx(mean, rel=1e-9)


def test_spin_2_is_positive():
    x = np.linspace(0.05, 0.99, 50)
    forward = 0.1**2 * (1 - x) / x + 0.0005**2 * x
    assert (photon_amplitude("spin2", x, 3 * forward, 0.1, 0.0005) > 0).all()
