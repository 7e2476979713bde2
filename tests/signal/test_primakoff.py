"""Primakoff production: reference, closed form, the flux, and the yield of a published limit."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from na64ana.errors import SignalError
from na64ana.signal.constants import ALPHA, CM2_TO_PB, GEV2_TO_PB
from na64ana.signal.form_factors import form_factor_squared, nuclear_scale, photon_flux
from na64ana.signal.primakoff import primakoff_cross_section
from na64ana.signal.showers import track_length
from na64ana.signal.targets import target
from tests.signal.processes import references


@pytest.mark.parametrize("method", ["exact", "closed"])
def test_reference(method):
    (entry,) = references("ALP_low_mass_sigma_over_g2")
    found = primakoff_cross_section(
        entry["inputs"]["m_MeV"] / 1000, entry["inputs"]["k_GeV"], method=method
    )
    assert found / GEV2_TO_PB == pytest.approx(entry["value"], rel=entry["tolerance"])


def test_the_closed_form_is_the_limit():
    masses = np.array([1e-6, 1e-3, 0.01, 0.1])
    exact = primakoff_cross_section(masses, 100.0)
    closed = primakoff_cross_section(masses, 100.0, method="closed")
    assert closed[:3] == pytest.approx(exact[:3], rel=1e-5)
    assert closed[3] == pytest.approx(exact[3], rel=0.01)


def test_the_flux_of_photons():
    # far below tmax the integral is that of the flux
    for mass in (0.01, 0.3, 1.0, 2.0):
        tmin = (mass**2 / (100 + np.sqrt(1e4 - mass**2))) ** 2
        expected = ALPHA / 8 * float(photon_flux(tmin, 100.0)) * GEV2_TO_PB
        assert primakoff_cross_section(mass, 100.0) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(
    ("mass", "energy"), [(0.5, 0.6), (0.05, 20.0), (0.5, 0.500001), (3.0, 50.0)]
)
def test_the_integral_over_the_angle(mass, energy):
    # d sigma/d Omega = (alpha g^2/8 pi) G2 |k x p|^2/t^2 (Raffelt)
    p = np.sqrt(energy**2 - mass**2)
    low = (mass**2 / (energy + p)) ** 2

    def at(log):
        # 1 - cos(theta), which keeps its digits
        backward = np.exp(log)
        t = low + 2 * energy * p * backward
        sine2 = backward * (2 - backward)
        rate = float(form_factor_squared(t, "Pb")) * (energy * p) ** 2 * sine2 / t**2
        return 2 * np.pi * rate / (8 * np.pi) * backward

    found, _ = quad(at, -45, np.log(2), epsrel=1e-10, limit=400, points=[-20, -15, -10, -5])
    result = primakoff_cross_section(mass, energy)
    assert result == pytest.approx(ALPHA * found * GEV2_TO_PB, rel=1e-6)


def test_the_plateau_of_na64():
    (entry,) = references("ALP_g90_low_mass")
    given = entry["inputs"]
    per_x0 = target("Pb").nuclei_per_x0 / CM2_TO_PB
    found, _ = quad(
        lambda k: track_length("gamma", k) * primakoff_cross_section(given["m_MeV"] / 1000, k),
        given["kmin_GeV"], 99.9999, epsrel=1e-6,
    )  # fmt: skip
    g = np.sqrt(np.log(10) / (given["N_EOT"] * given["eff"] * per_x0 * found))
    assert g == pytest.approx(entry["value"], rel=entry["tolerance"])
    # arXiv:2005.02710, as digitised in AxionLimits
    assert g == pytest.approx(2.564e-4, rel=0.12)


def test_sign_and_shapes():
    masses, energies = np.geomspace(1e-6, 40, 30)[:, None], np.array([50.0, 100.0])
    found = primakoff_cross_section(masses, energies)
    assert found.shape == (30, 2)
    assert (found > 0).all()
    assert (found[1:] < found[:-1] * (1 + 1e-12)).all()
    assert isinstance(primakoff_cross_section(0.1, 50.0), float)
    more = primakoff_cross_section(masses, energies, form_factor="elastic+inelastic")
    assert (more > found).all()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"mass": 100.0}, "energy is 100: it must be above 100, the mass"),
        ({"method": "fast"}, "unknown method 'fast'"),
        ({"target": "Pv"}, "did you mean 'Pb'"),
        ({"form_factor": "point"}, "unknown form factor"),
        ({"mass": 3.0, "method": "closed"}, "take the method 'exact'"),
        ({"method": "closed", "form_factor": "elastic+inelastic"}, "elastic form factors"),
    ],
)
def test_refused(arguments, said):
    given = {"mass": 0.1, "energy": 100.0, **arguments}
    with pytest.raises(SignalError, match=said):
        primakoff_cross_section(given.pop("mass"), given.pop("energy"), **given)


def test_the_limit_of_the_closed_form_is_where_it_says():
    size = nuclear_scale(target("Pb"))
    mass = (0.0029 * size * 4 * 50.0**2) ** 0.25
    closed = primakoff_cross_section(mass, 50.0, method="closed")
    assert closed == pytest.approx(primakoff_cross_section(mass, 50.0), rel=0.03)
