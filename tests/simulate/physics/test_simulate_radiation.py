"""Synchrotron radiation and muon pairs, against the standard formulas."""

import numpy as np
import pytest
from scipy import special

from na64ana.simulate.parameters.common import Parameters
from na64ana.simulate.physics.constants import ELECTRON_MASS, MUON_MASS
from na64ana.simulate.physics.dimuons import (
    dimuon_rate,
    draw_pairs,
    pair_cross_section,
    photon_path,
)
from na64ana.simulate.physics.scattering import scattering_angle
from na64ana.simulate.physics.synchrotron import (
    critical_energy,
    draw_photons,
    field,
    mean_photon,
    photon_number,
    photons_above,
)

P = Parameters()


def test_the_energy_radiated_is_number_times_mean_energy():
    """Number, mean energy and the radiated power are three formulas of one spectrum.

    ``Delta E = (2/3) r_e m c^2 gamma^4 L / rho^2``, r_e m c^2 = alpha hbar c.
    """
    strength, bending = field(100.0, P.srd)
    electron = np.array(ELECTRON_MASS)
    assert (strength, bending) == (1.75, 7.0)
    number = photon_number(electron, bending)
    critical = critical_energy(np.array(100.0), electron, strength)
    rho = 100.0 / (0.299792458 * strength)  # m
    gamma = 100.0 / ELECTRON_MASS
    radiated = 2 / 3 * 1.97327e-16 / 137.036 * gamma**4 * (bending / strength) / rho**2
    assert number * mean_photon(critical) == pytest.approx(radiated, rel=2e-3)
    assert critical == pytest.approx(11.6e-3, rel=0.01)
    assert number == pytest.approx(43.3, rel=0.01)


def test_a_heavier_particle_radiates_by_the_fourth_power_of_its_mass_less():
    mass = np.array([ELECTRON_MASS, 0.13957])
    radiated = photon_number(mass, 7.0) * critical_energy(np.array(100.0), mass, 1.75)
    assert radiated[1] / radiated[0] == pytest.approx((ELECTRON_MASS / 0.13957) ** 4)


@pytest.mark.parametrize("x", [0.01, 0.3, 1.0, 4.0])
def test_the_spectrum_is_the_integral_of_the_bessel_function(x):
    z = x * np.exp(np.linspace(0, np.log(60 / x + 1), 4001))
    inner = special.kv(5 / 3, z) * (z - x)  # the two integrals in one, by parts
    expected = np.trapezoid(inner, z) / (5 * np.pi / 3)
    assert photons_above(np.array(x)) == pytest.approx(expected, rel=1e-3)


def test_photons_have_the_moments_of_the_spectrum():
    x = draw_photons(400_000, np.random.default_rng(1))
    error = x.std() / np.sqrt(len(x))
    assert x.mean() == pytest.approx(8 / (15 * np.sqrt(3)), abs=4 * error)
    assert np.mean(x**2) == pytest.approx(11 / 27, rel=0.03)
    for at in (0.001, 0.1, 2.0):
        assert np.mean(x > at) == pytest.approx(float(photons_above(np.array(at))), abs=3e-3)


def test_photons_of_a_shower_have_rossis_path_at_low_energy():
    u = np.array([1e-3, 1e-2])
    assert photon_path(u) == pytest.approx(0.572 / u**2, rel=1e-3)
    assert np.all(np.diff(photon_path(np.linspace(0.1, 0.999, 50))) < 0)


def test_muon_pairs_are_rarer_than_electron_pairs_by_the_square_of_the_masses():
    """sigma(ee) = 7/9 A/(N X0) for lead; the form factor and screening make some units of it."""
    electrons = 7 / 9 * 207.2 / 6.022e23 / 6.37
    ratio = pair_cross_section(np.array([50.0]), 82.0)[0] / electrons
    masses = (ELECTRON_MASS / MUON_MASS) ** 2
    assert 0.2 < ratio / masses < 1.0
    rising = pair_cross_section(np.array([1.0, 10.0, 50.0, 1e4, 1e6]), 82.0)
    assert np.all(np.diff(rising) > 0)
    assert rising[-1] / rising[-2] < 1.2  # full screening


@pytest.mark.parametrize("photon", [1.0, 5.0, 22.0, 100.0, 1000.0])
def test_the_total_cross_section_is_the_published_fit_to_it(photon):
    """CERN-SL-2002-016 has a formula of its own for the total, checked in public code (Geant4)."""
    nuclear, screening = 1.54 * 207.2**0.27, 183 * 82 ** (-1 / 3)
    radius = 2.8179403e-13 * ELECTRON_MASS / MUON_MASS
    middle = 1 / (4 * nuclear * np.sqrt(np.e) * MUON_MASS)
    saturated = screening / nuclear * MUON_MASS / ELECTRON_MASS / middle
    energy = (1 - 4 * MUON_MASS / photon) ** (1.479 + 0.00799 * nuclear)
    energy *= (saturated**-0.88 + photon**-0.88) ** (1 / -0.88)
    energy *= 1 + 0.04 * np.log(1 + (-18 + 4347 / screening) / photon)
    total = 28 / 9 / 137.036 * 82**2 * radius**2 * np.log(1 + middle * energy)
    assert pair_cross_section(np.array([photon]), 82.0)[0] == pytest.approx(total, rel=0.01)


def test_the_rate_of_dimuons_is_that_of_the_papers():
    """About 1e-5 per EOT with E_ECAL < 60 GeV (R-H 1906.00176), to a factor of two."""
    assert 0.5e-5 < dimuon_rate(P, 40.0) < 2e-5


def test_pairs_share_the_photon_as_qed_says():
    rng = np.random.default_rng(4)
    pairs = draw_pairs(np.full(20_000, 100.0), rng, P)
    photon = pairs.energy.sum(axis=1)
    assert photon.min() >= 100.0 * P.processes.dimuon_least
    assert photon.max() <= 100.0
    # the spectrum falls more steeply than 1/k
    halves = [np.mean((photon > a) & (photon < 2 * a)) for a in (22.0, 44.0)]
    assert halves[0] > 1.5 * halves[1]
    share = pairs.energy[:, 0] / photon
    assert share.mean() == pytest.approx(0.5, abs=0.01)
    middle = np.abs(share - 0.5) < 0.2
    x = np.linspace(0.0, 1.0, 2002)[1:-1]
    density = _published(np.median(photon), x)
    expected = density[np.abs(x - 0.5) < 0.2].sum() / density.sum()
    assert middle.mean() == pytest.approx(expected, abs=4 * 0.5 / np.sqrt(len(share)) + 0.01)


def _published(photon, x):
    """Density of one muon's share in lead, CERN-SL-2002-016; zero outside the thresholds."""
    least = MUON_MASS**2 / (2 * photon * x * (1 - x))
    nuclear, screening, root_e = 1.54 * 207.2**0.27, 183 * 82 ** (-1 / 3), np.sqrt(np.e)
    w = screening * MUON_MASS / (nuclear * ELECTRON_MASS)
    w = w * (1 + (nuclear * root_e - 2) * least / MUON_MASS)
    w = w / (1 + screening * root_e * least / ELECTRON_MASS)
    return (1 - 4 / 3 * x * (1 - x)) * np.log(np.maximum(w, 1.0))


def test_angles_of_muons_are_of_the_order_of_mass_over_energy():
    rng = np.random.default_rng(6)
    pairs = draw_pairs(np.full(20_000, 100.0), rng, P)
    transverse = pairs.energy * np.hypot(pairs.slope_x, pairs.slope_y)
    assert np.allclose(transverse[:, 0], transverse[:, 1])
    assert 0.5 * MUON_MASS < np.median(transverse) < 1.5 * MUON_MASS
    back = pairs.slope_x[:, 0] * pairs.slope_x[:, 1]
    assert np.all(back <= 0)  # on opposite sides of the photon
    assert scattering_angle(np.array([10.0]), P)[0] == pytest.approx(9.9e-3, rel=0.02)


def test_pairs_are_made_where_photons_of_the_first_generation_are():
    """Mean depth 1/a + 9/7 radiation lengths, a = -4/3 ln(1 - u), and nothing behind the ECAL."""
    rng = np.random.default_rng(8)
    pairs = draw_pairs(np.full(20_000, 100.0), rng, P)
    u = pairs.energy.sum(axis=1) / 100.0
    middle = (u > 0.22) & (u < 0.26)
    expected = np.mean(-3 / (4 * np.log(1 - u[middle]))) + 9 / 7
    error = pairs.depth[middle].std() / np.sqrt(middle.sum())
    assert pairs.depth[middle].mean() == pytest.approx(expected, abs=4 * error)
    assert pairs.depth.min() > 0
    assert pairs.depth.max() < 40.7
    near, far = scattering_angle(np.full(2, 10.0), P, np.array([0.0, 20.0]))
    assert far < near
