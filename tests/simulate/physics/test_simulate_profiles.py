"""Lateral profiles against direct integration."""

import numpy as np
import pytest
from scipy import integrate

from na64ana.errors import InputError
from na64ana.simulate.parameters.detectors import Ecal, Hcal, LateralProfile
from na64ana.simulate.physics.profiles import (
    cell_edges,
    cell_shares,
    radial_density,
    shower_shares,
    window_edges,
)
from na64ana.simulate.physics.showers import Radii

PROFILES = {
    "muon": Ecal().muon_profile,
    "hadron": Ecal().hadron_profile,
    "hcal": Hcal().profile,
}
RADII = Radii(*(np.array([v]) for v in (0.13, 0.6, 0.8)))
UNIT = 27.4


@pytest.fixture(params=PROFILES)
def profile(request):
    return PROFILES[request.param]


def test_the_density_is_positive_and_its_integral_one(profile):
    r = np.geomspace(1e-3, 1e6, 2000)
    assert np.all(radial_density(r, profile) > 0)

    def ring(t):  # r = exp(t): the density has a tail like a power
        r = np.exp(t)
        return float(2 * np.pi * r * r * radial_density(np.array([r]), profile)[0])

    total, _ = integrate.quad(ring, np.log(1e-6), np.log(1e9), limit=400)
    assert total == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(("x", "y"), [(0.0, 0.0), (12.3, -7.1), (19.1, 40.0)])
def test_shares_of_cells_are_the_integral_of_the_density(profile, x, y):
    edges_x, edges_y = cell_edges(3, 1, 38.2), cell_edges(2, 0, 38.2)
    shares = cell_shares(np.array([x]), np.array([y]), (edges_x, edges_y), profile)[0]

    def density(v, u):
        return float(radial_density(np.array([np.hypot(u - x, v - y)]), profile)[0])

    for i in range(3):
        for j in range(2):
            bounds = (edges_x[i], edges_x[i + 1], edges_y[j], edges_y[j + 1])
            direct, _ = integrate.dblquad(density, *bounds, epsabs=1e-7)
            assert shares[i, j] == pytest.approx(direct, abs=2e-6)


def test_shares_sum_to_one_over_a_plane_without_end(profile):
    wide = np.array([-1e8, -20.0, 3.0, 50.0, 1e8])
    x = np.array([0.0, 17.0, -300.0])
    shares = cell_shares(x, x[::-1].copy(), (wide, wide), profile)
    assert shares.sum(axis=(1, 2)) == pytest.approx(1, abs=1e-5)
    assert np.all(shares > 0)


def test_width_stretches_the_plane():
    edges, profile, x = cell_edges(5, 2, 38.2), PROFILES["muon"], np.array([5.0])
    wide = cell_shares(2 * x, x, (2 * edges, 2 * edges), profile, np.array([2.0]))
    plain = cell_shares(x, x / 2, (edges, edges), profile)
    assert wide == pytest.approx(plain, abs=1e-14)


@pytest.mark.parametrize(("x", "y"), [(0.0, 0.0), (12.3, -7.1)])
def test_shares_of_a_shower_are_the_integral_of_core_and_tail(x, y):
    edges = cell_edges(3, 1, 38.2), cell_edges(2, 0, 38.2)
    shares = shower_shares(np.array([x]), np.array([y]), edges, RADII, UNIT)[0]

    def density(v, u):
        r2 = ((u - x) ** 2 + (v - y) ** 2) / UNIT**2
        parts = ((0.8, 0.13), (0.2, 0.6))
        return sum(w * a * a / np.pi / (r2 + a * a) ** 2 for w, a in parts) / UNIT**2

    for i in range(3):
        for j in range(2):
            bounds = (edges[0][i], edges[0][i + 1], edges[1][j], edges[1][j + 1])
            direct, _ = integrate.dblquad(density, *bounds, epsabs=1e-8)
            assert shares[i, j] == pytest.approx(direct, abs=2e-6)


def test_shares_of_a_shower_sum_to_one_over_a_plane_without_end():
    wide = np.array([-1e7, -20.0, 3.0, 50.0, 1e7])
    x = np.array([0.0, 17.0, -300.0])
    shares = shower_shares(x, x[::-1].copy(), (wide, wide), RADII, UNIT)
    assert shares.sum(axis=(1, 2)) == pytest.approx(1, abs=1e-6)
    assert np.all(shares > 0)


def test_wide_cells_hold_what_the_cells_in_them_hold():
    edges = cell_edges(5, 2, 38.2), cell_edges(6, 2, 38.2)
    wide = window_edges(edges[0], (1, 4)), window_edges(edges[1], (1, 5))
    x, y = np.array([3.0, -14.0]), np.array([8.0, 1.0])
    fine = shower_shares(x, y, edges, RADII, UNIT)
    coarse = shower_shares(x, y, wide, RADII, UNIT)
    assert coarse[:, 1, 1] == pytest.approx(fine[:, 1:4, 1:5].sum(axis=(1, 2)), abs=1e-14)
    assert coarse.sum(axis=(1, 2)) == pytest.approx(fine.sum(axis=(1, 2)), abs=1e-14)


@pytest.mark.parametrize("values", [(1.2, 5.0, 45.0), (0.9, 5.0, 45.0), (1.1, 50.0, 45.0)])
def test_a_profile_with_negative_density_is_refused(values):
    with pytest.raises(InputError, match="lateral profile"):
        LateralProfile(*values)
