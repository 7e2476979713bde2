"""Charge exchange of pions: cross sections, and mesons made in the ECAL."""

from __future__ import annotations

import math

import numpy as np
import pytest

from na64ana.errors import SignalError
from na64ana.limits import upper_limit
from na64ana.signal.charge_exchange import (
    EXCHANGES,
    exchange_cross_section,
    mean_recoil,
    mesons_per_pion,
)
from na64ana.signal.mesons import MESON_LIMITS, mesons_seen
from na64ana.signal.targets import mixture, target


def test_at_50_gev():
    """x = 9.47; eta by hand: 78.8 x^-1.53 (1 + 4.6 - 0.5 ln x)/(6 + 1.6 ln x) microbarn."""
    log_x = math.log(9.4725)
    eta = 78.8 * math.exp(-1.53 * log_x) * (5.6 - 0.5 * log_x) / (6 + 1.6 * log_x)
    assert exchange_cross_section("eta", 50.0) == pytest.approx(eta, rel=1e-3)
    found = {meson: exchange_cross_section(meson, 50.0) for meson in EXCHANGES}
    assert found == pytest.approx({"pi0": 1.435, "eta": 1.178, "eta'": 1.258}, rel=1e-3)


def test_a_nucleus_has_more_protons_and_absorbs():
    lead = target("Pb")
    ratio = exchange_cross_section("eta", 50.0, lead) / exchange_cross_section("eta", 50.0)
    assert ratio == pytest.approx(82 ** (2 / 3) * 207.2 ** (-3 * 0.0036 * math.log(207.2)))
    hydrogen = exchange_cross_section("eta", 50.0, target("H"))
    assert hydrogen == pytest.approx(exchange_cross_section("eta", 50.0), rel=1e-5)


def test_it_falls_with_the_energy():
    for meson in EXCHANGES:
        sigma = [exchange_cross_section(meson, energy) for energy in (20, 50, 100)]
        assert sigma == sorted(sigma, reverse=True)


@pytest.mark.parametrize("meson", EXCHANGES)
def test_the_mean_recoil_is_that_of_the_density(meson):
    numbers, log_x = EXCHANGES[meson], math.log(9.4725)
    c, g = numbers.c0 + numbers.c1 * log_x, numbers.g0 + numbers.g1 * log_x
    t = np.linspace(0, 5, 20_001)
    density = (1 + g * c * t) * np.exp(-c * t)
    mean = np.trapezoid(t * density, t) / np.trapezoid(density, t)
    assert mean_recoil(meson, 50.0) == pytest.approx(mean / (2 * 0.93827), rel=1e-3)


def test_mesons_in_the_ecal():
    """About 1e-5 per pion; the published limits stand for 0.75 and 0.37 of that."""
    events = upper_limit(0, 0.0)
    implied = {
        meson: mesons_seen(MESON_LIMITS[meson], events) / mesons_per_pion(meson, 50.0)
        for meson in MESON_LIMITS
    }
    assert implied == pytest.approx({"eta": 0.750, "eta'": 0.368}, rel=0.01)


def test_a_thin_target_makes_as_many_as_it_is_thick():
    thin = mixture("lead", {"Pb": 1.0})
    made = mesons_per_pion("eta", 50.0, thin, depth=0.1)
    nuclei = 6.02214e23 / 207.2 * 11.35 * 0.01
    sigma = exchange_cross_section("eta", 50.0, target("Pb")) * 1e-30
    assert made == pytest.approx(nuclei * sigma, rel=1e-3)
    assert mesons_per_pion("eta", 50.0, thin, depth=0.2) == pytest.approx(2 * made, rel=1e-3)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: exchange_cross_section("etta", 50.0), "no meson 'etta'; did you mean 'eta'"),
        (lambda: exchange_cross_section("eta", -1.0), "energy is -1"),
        (
            lambda: mesons_per_pion(
                "eta", 50.0, mixture("x", {type(target("Pb"))("Xx", 10, 20.0, 10.0, 1.0): 1.0})
            ),
            "no pion interaction length of Xx",
        ),
    ],
)
def test_what_is_not_known_is_refused(call, words):
    with pytest.raises(SignalError, match=words):
        call()
