"""Shower profiles against direct integration and against scipy."""

import numpy as np
import pytest
from scipy import integrate, special, stats

from na64ana.errors import InputError
from na64ana.simulate.parameters import Ecal, Hcal, LateralProfile
from na64ana.simulate.profiles import (
    cell_edges,
    cell_shares,
    depth_share,
    lower_gamma,
    preshower_share,
    radial_density,
)

PROFILES = {
    "main": Ecal().main_profile,
    "preshower": Ecal().preshower_profile,
    "hadron": Ecal().hadron_profile,
    "hcal": Hcal().profile,
}


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
    edges, profile, x = cell_edges(5, 2, 38.2), PROFILES["main"], np.array([5.0])
    wide = cell_shares(2 * x, x, (2 * edges, 2 * edges), profile, np.array([2.0]))
    plain = cell_shares(x, x / 2, (edges, edges), profile)
    assert wide == pytest.approx(plain, abs=1e-14)


def test_central_cell_holds_most_and_three_by_three_nearly_all():
    edges, zero = cell_edges(5, 2, 38.2), np.zeros(1)
    shares = cell_shares(zero, zero, (edges, edges), PROFILES["main"])[0]
    assert 0.75 < shares[2, 2] < 0.85
    assert 0.95 < shares[1:4, 1:4].sum() < 1
    assert shares == pytest.approx(shares.T)
    assert shares == pytest.approx(shares[::-1])


@pytest.mark.parametrize("values", [(1.2, 5.0, 45.0), (0.9, 5.0, 45.0), (1.1, 50.0, 45.0)])
def test_a_profile_with_negative_density_is_refused(values):
    with pytest.raises(InputError, match="lateral profile"):
        LateralProfile(*values)


@pytest.mark.parametrize("a", [1.0, 2.5, 5.4, 19.0])
@pytest.mark.parametrize("x", [0.1, 2.0, 8.0])
def test_incomplete_gamma_agrees_with_scipy(a, x):
    assert lower_gamma(a, x) == pytest.approx(special.gammainc(a, x), rel=1e-12)


def test_preshower_share_is_the_gamma_profile_without_fluctuation():
    ecal = Ecal(maximum_spread=(1e9, 0.0))
    energy = np.array([20.0, 50.0, 100.0])
    maximum = np.log(energy / ecal.critical_energy) - 0.858
    expected = stats.gamma.cdf(4.0, 1 + 0.5 * maximum, scale=1 / 0.5)
    share = preshower_share(energy, np.random.default_rng(1), ecal)
    assert share == pytest.approx(expected, rel=1e-4)


def test_preshower_share_falls_with_energy_and_fluctuates():
    rng = np.random.default_rng(1)
    share = {e: preshower_share(np.full(4000, e), rng, Ecal()) for e in (0.0, 5.0, 20.0, 100.0)}
    assert share[5.0].mean() > share[20.0].mean() > share[100.0].mean()
    assert 0.02 < share[100.0].mean() < 0.06
    assert 0.2 < share[100.0].std() / share[100.0].mean() < 0.7
    assert all(np.all((s > 0) & (s < 1)) for s in share.values())


def test_depth_share_is_an_erlang_distribution():
    start, length = np.array([0.0, 1.5, 9.0]), np.array([1.0, 1.3, 2.0])
    expected = stats.erlang.cdf(7.0, 2, loc=start, scale=length)
    assert depth_share(7.0, start, length) == pytest.approx(expected, abs=1e-12)
