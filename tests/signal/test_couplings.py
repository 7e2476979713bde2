"""Conversions of couplings: there and back, against numbers by hand, and what they assume."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from na64ana.errors import SignalError
from na64ana.signal.couplings import ELEMENTARY_CHARGE, convert_coupling, convert_curve
from na64ana.signal.curves import curve, curves

TURNED = ["epsilon", "epsilon2", "y", "g", "g_bl", "g_mutau"]
Y = {"alpha_D": 0.5, "mass_ratio": 3.0}


@given(
    value=st.floats(1e-12, 10.0),
    source=st.sampled_from(TURNED),
    target=st.sampled_from(TURNED),
    alpha_D=st.floats(1e-3, 1.0),
    mass_ratio=st.floats(2.01, 100.0),
)
def test_there_and_back(value, source, target, alpha_D, mass_ratio):
    dark = {"alpha_D": alpha_D, "mass_ratio": mass_ratio}
    there = convert_coupling(value, source, target, **dark)
    back = convert_coupling(there.value, target, source, **dark)
    assert back.value == pytest.approx(value, rel=1e-12)
    assert there.coupling == target
    assert isinstance(there.value, float)


@given(st.sampled_from(TURNED), st.sampled_from(TURNED), st.sampled_from(TURNED))
def test_the_way_does_not_matter(a, b, c):
    through = convert_coupling(convert_coupling(1e-4, a, b, **Y).value, b, c, **Y)
    assert through.value == pytest.approx(convert_coupling(1e-4, a, c, **Y).value, rel=1e-12)


def test_numbers_by_hand():
    """Charge e = 0.30282 (sqrt(4 pi / 137.036)); y = 1e-8 0.5 / 81; g of epsilon 1e-4."""
    assert pytest.approx(0.30282, rel=1e-4) == ELEMENTARY_CHARGE
    assert convert_coupling(1e-4, "epsilon", "y", **Y).value == pytest.approx(0.5e-8 / 81)
    assert convert_coupling(1e-4, "epsilon", "g").value == pytest.approx(3.0282e-5, rel=1e-4)
    assert convert_coupling(1e-4, "epsilon", "g_bl").value == pytest.approx(3.0282e-5, rel=1e-4)
    assert convert_coupling(1e-4, "epsilon", "epsilon2").value == pytest.approx(1e-8)
    assert convert_coupling(9e-8, "epsilon2", "g").value == pytest.approx(9.0846e-5, rel=1e-4)


def test_arrays_stay_arrays():
    found = convert_coupling(np.array([1e-4, 2e-4]), "epsilon", "y", **Y).value
    assert found == pytest.approx(np.array([1, 4]) * 0.5e-8 / 81)


def test_the_assumptions_are_in_the_result():
    found = convert_coupling(1e-4, "epsilon", "y", **Y)
    assert (found.alpha_D, found.mass_ratio) == (0.5, 3.0)
    assert found.assumptions == ("alpha_D = 0.5, m_A' = 3 m_chi",)
    assert "same efficiency" in convert_coupling(1e-4, "epsilon", "g_bl").assumptions[0]
    assert len(convert_coupling(1e-4, "g_bl", "y", **Y).assumptions) == 2
    assert convert_coupling(1e-4, "epsilon", "epsilon2").assumptions == ()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((1e-4, "epsilon", "y"), "needs alpha_D and mass_ratio"),
        ((1e-4, "epsilon", "g_agamma"), "another interaction"),
        ((1e-4, "g_agamma", "g"), "another interaction"),
        ((0.0, "epsilon", "g"), "a coupling is a positive number"),
        ((math.nan, "epsilon", "g"), "a coupling is a positive number"),
        ((-1e-4, "epsilon", "epsilon"), "a coupling is a positive number"),
        ((1e-4, "epsilonn", "g"), "unknown coupling 'epsilonn'; did you mean 'epsilon'"),
        ((1e-4, "epsilon", "\x1b[31m"), r"unknown coupling '\\x1b\[31m'"),
    ],
)
def test_what_cannot_be_converted_is_refused(arguments, words):
    with pytest.raises(SignalError, match=words):
        convert_coupling(*arguments)


@pytest.mark.parametrize("mass_ratio", [2.0, 1.0, -3.0, math.inf, math.nan])
def test_y_needs_a_mediator_that_can_decay(mass_ratio):
    with pytest.raises(SignalError, match="mass_ratio, m_A' / m_chi, is above 2"):
        convert_coupling(1e-4, "epsilon", "y", alpha_D=0.5, mass_ratio=mass_ratio)
    with pytest.raises(SignalError, match="alpha_D is positive"):
        convert_coupling(1e-4, "epsilon", "y", alpha_D=0.0, mass_ratio=3.0)


def test_the_photon_coupling_stays():
    assert convert_coupling(2e-4, "g_agamma", "g_agamma").value == 2e-4


# --------------------------------------------------------------------- curves


def test_one_result_in_two_planes_agrees():
    """NA64 of 2019 was digitised in epsilon and in y: 0.6%, m_A' from 4 to 200 MeV."""
    in_epsilon, in_y = curve("na64-2019-invisible"), curve("na64-2019-y")
    moved, assumptions = convert_curve(in_y, "dark-photon")
    assert assumptions == ("alpha_D = 0.5, m_A' = 3 m_chi",)
    assert moved.mass_range == pytest.approx([3 * m for m in in_y.mass_range])
    for mass in np.geomspace(0.004, 0.2, 30).tolist():
        assert moved.limit_at(mass) == pytest.approx(in_epsilon.limit_at(mass), rel=0.006)


def test_a_curve_goes_there_and_back():
    found = curve("babar-2017-invisible")
    there, _ = convert_curve(found, "light-dark-matter", alpha_D=0.1, mass_ratio=3)
    assert there.spec.mass.of == "m_chi"
    assert there.spec.coupling.alpha_D == 0.1
    assert there.masses == pytest.approx(found.masses / 3)
    back, _ = convert_curve(there, "dark-photon")
    assert back.couplings == pytest.approx(found.couplings)
    assert back.masses == pytest.approx(found.masses)
    assert back.spec.mass.of == "m_A'"
    for (mass, value), (mass_back, value_back) in zip(found.pieces, back.pieces, strict=True):
        assert mass_back == pytest.approx(mass)
        assert value_back == pytest.approx(value)


def test_a_curve_in_y_keeps_what_it_was_drawn_for():
    with pytest.raises(SignalError, match=r"was drawn for alpha_D = 0\.5, not 0\.1"):
        convert_curve(curve("na64-2019-y"), "dark-photon", alpha_D=0.1)


def test_planes_that_do_not_fit_are_refused():
    with pytest.raises(SignalError, match="another interaction"):
        convert_curve(curve("lep-alp"), "dark-photon")
    with pytest.raises(SignalError, match="of b-l no 'y' is drawn, but g_bl"):
        convert_curve(curve("e137-bl"), "b-l", coupling="y")
    with pytest.raises(SignalError, match="unknown model 'b-ll'; did you mean 'b-l'"):
        convert_curve(curve("e137-bl"), "b-ll")


@pytest.mark.parametrize("found", curves("b-l"), ids=lambda c: c.name)
def test_what_is_excluded_moves_with_the_curve(found):
    moved, _ = convert_curve(found, "dark-photon")
    mass = found.mass_range[0] * 1.7
    before, after = found.excluded_at(mass), moved.excluded_at(mass)
    flat = [edge / ELEMENTARY_CHARGE for interval in before for edge in interval]
    assert [edge for interval in after for edge in interval] == pytest.approx(flat)
