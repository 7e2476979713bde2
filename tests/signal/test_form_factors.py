"""Form factors and the flux of photons."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from na64ana.errors import SignalError
from na64ana.signal.constants import HBARC
from na64ana.signal.form_factors import elastic, form_factor_squared, helm, inelastic, photon_flux
from na64ana.signal.targets import Target
from tests.signal.bremsstrahlung_references import label, references

LEAD_207 = Target("Pb", 82, 207, 6.37, 11.35)  # the references of the flux are at A = 207


def flux_at(entry, form_factor="elastic"):
    mass, energy = entry["inputs"]["m_MeV"] * 1e-3, entry["inputs"]["E0_GeV"]
    return float(photon_flux(mass**4 / (4 * energy**2), mass**2, LEAD_207, form_factor))


@pytest.mark.parametrize("entry", references("chi_elastic_over_Z2"), ids=label)
def test_flux(entry):
    assert flux_at(entry) / 82**2 == pytest.approx(entry["value"], rel=entry["tolerance"])


@pytest.mark.parametrize("entry", references("chi_el_plus_inel_over_chi_el"), ids=label)
def test_inelastic_part(entry):
    ratio = flux_at(entry, "elastic+inelastic") / flux_at(entry)
    assert ratio == pytest.approx(entry["value"], rel=entry["tolerance"])


low = st.floats(-18, 0).map(lambda power: 10**power)
ratio = st.floats(0.001, 8).map(lambda power: 10**power)


@given(low, ratio, st.sampled_from(["Pb", "W", "Fe", "C"]))
def test_closed_form_is_the_integral(t_min, times, element):
    closed = photon_flux(t_min, t_min * times, element)
    assert closed == pytest.approx(
        photon_flux(t_min, t_min * times, element, method="quadrature"), rel=1e-10
    )
    assert closed > 0


@pytest.mark.parametrize("form_factor", ["elastic", "elastic+inelastic", "helm"])
@pytest.mark.parametrize(("t_min", "t_max"), [(1e-12, 1e-4), (1e-7, 1.0), (0.05, 3.0)])
def test_the_integral_is_that_of_an_adaptive_rule(t_min, t_max, form_factor):
    def integrand(log_t):
        t = np.exp(log_t)
        return (1 - t_min / t) * form_factor_squared(t, "Pb", form_factor)

    expected, _ = quad(integrand, np.log(t_min), np.log(t_max), epsabs=0, epsrel=1e-11, limit=500)
    found = photon_flux(t_min, t_max, "Pb", form_factor, method="quadrature")
    assert found == pytest.approx(expected, rel=1e-9)


def test_flux_keeps_shapes_and_is_zero_where_there_is_no_range():
    flux = photon_flux(np.full((2, 3), 1e-8), [1e-4, 1e-8, 1e-9])
    assert flux.shape == (2, 3)
    assert (flux[:, 0] > 0).all()
    assert (flux[:, 1:] == 0).all()


def test_limits_of_the_form_factors():
    # 1/a^2 << t << d: a bare nucleus of charge Z; far below 1/a^2 a neutral atom
    assert elastic(1e-5, "Pb") == pytest.approx(82**2, rel=0.01)
    assert elastic(1e-14, "Pb") < 82**2 * 1e-8
    assert inelastic(1e-3, "Pb") == pytest.approx(82, rel=0.02)


def test_helm_is_a_nucleus_with_a_size():
    # F^2 = 1 - t <r^2>/3; lead has a charge radius of 5.50 fm (I. Angeli and K. P. Marinova, At.
    # Data Nucl. Data Tables 99 (2013) 69)
    point, t = Target("Pb", 82, 1e-9, 6.37, 11.35), 1e-6
    squared = float(helm(t, "Pb") / elastic(t, point))
    assert np.sqrt(3 * (1 - squared) / t) * HBARC * 1e15 == pytest.approx(5.50, rel=0.01)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0.0, 1.0), "t_min > 0"),
        ((-1.0, 1.0), "t_min > 0"),
        ((np.nan, 1.0), "finite"),
        ((1e-3, np.inf), "finite"),
        ((1e-3, 1.0, "Pb", "elastc"), "unknown form factor 'elastc'; did you mean 'elastic'"),
        ((1e-3, 1.0, "Au"), "unknown target 'Au'"),
    ],
)
def test_outside_validity(arguments, message):
    with pytest.raises(SignalError, match=message):
        photon_flux(*arguments)


def test_unknown_method():
    with pytest.raises(SignalError, match="known: closed, quadrature"):
        photon_flux(1e-3, 1.0, method="guess")
