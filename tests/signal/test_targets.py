"""Targets and mixtures of them."""

import math

import pytest

from na64ana.errors import SignalError
from na64ana.signal.targets import (
    MATERIALS,
    Target,
    compound,
    ecal_sandwich,
    lead_tungstate,
    material,
    mixture,
    polystyrene,
    target,
)


def test_lead():
    lead = target("Pb")
    assert (lead.Z, lead.A, lead.X0, lead.density) == (82, 207.2, 6.37, 11.35)
    # 1.851e22 nuclei and 1.518e24 electrons per cm^2 in an X0 (production notes, section 0)
    assert lead.nuclei_per_x0 == pytest.approx(1.851e22, rel=3e-4)
    assert lead.electrons_per_x0 == pytest.approx(1.518e24, rel=3e-4)
    assert lead.nuclear_mass == pytest.approx(193.0, abs=0.1)


@pytest.mark.parametrize("name", ["Pb", "W", "Fe", "O", "C", "H"])
def test_radiation_length_follows_from_charge_and_mass(name):
    # 716.4 g/cm^2 A/(Z (Z+1) ln(287/sqrt Z)): good to 2.5% but for helium (PDG review, "Passage
    # of particles through matter"); hydrogen is worse by its molecules
    element = target(name)
    fit = 716.4 * element.A / (element.Z * (element.Z + 1) * math.log(287 / math.sqrt(element.Z)))
    assert pytest.approx(fit, rel=0.025) == element.X0


def test_a_target_may_be_given_itself():
    silver = Target("Ag", 47, 107.8682, 8.97, 10.50)
    assert target(silver) is silver


@pytest.mark.parametrize("name", ["pb", "Lead", "", "\x1b[31m", 82])
def test_unknown_target(name):
    with pytest.raises(
        SignalError, match=r"unknown target '.*known: H, C, O, Fe, W, Pb, PbWO4, ECAL"
    ) as caught:
        target(name)
    assert "\x1b" not in str(caught.value)


def test_a_near_name_is_offered():
    with pytest.raises(SignalError, match="did you mean 'Pb'"):
        target("pb")


def test_polystyrene_by_bragg():
    # 43.79 g/cm^2 and <Z/A> 0.53768 (PDG, "Polystyrene")
    plastic = polystyrene()
    assert pytest.approx(43.79, rel=1e-3) == plastic.X0
    share = sum(fraction * element.Z / element.A for element, fraction in plastic.components)
    assert share == pytest.approx(0.53768, rel=1e-3)


def test_lead_tungstate():
    # PDG, "Lead tungstate": 7.39 g/cm^2, 0.8903 cm and <Z/A> 0.41315; its fractions by mass as in
    # materials.lua of github niess/pumas-luajit, which has them from there
    crystal = lead_tungstate()
    assert pytest.approx(7.39, rel=1e-3) == crystal.X0
    assert crystal.X0 / crystal.density == pytest.approx(0.8903, rel=1e-3)
    found = {element.name: fraction for element, fraction in crystal.components}
    assert found == pytest.approx({"Pb": 0.455347, "W": 0.404011, "O": 0.140462}, abs=2e-4)
    share = sum(fraction * element.Z / element.A for element, fraction in crystal.components)
    assert share == pytest.approx(0.41315, rel=1e-4)


def test_electrons_of_a_compound_are_those_of_its_nuclei():
    crystal = lead_tungstate()
    nuclei = {element.name: number for element, number in crystal.nuclei}
    assert nuclei["W"] == pytest.approx(nuclei["Pb"])
    assert nuclei["O"] == pytest.approx(4 * nuclei["Pb"])
    # 6.02214e23/mol times 7.39 g/cm^2 times 0.41315 mol/g
    assert crystal.electrons_per_x0 == pytest.approx(1.8387e24, rel=1e-3)


def test_an_element_alone_is_a_compound_of_itself():
    alone, lead = compound("lead", {"Pb": 1}, 11.35), target("Pb")
    assert alone.components == lead.components
    assert alone.electrons_per_x0 == pytest.approx(lead.electrons_per_x0)
    assert alone.nuclei[0][1] == pytest.approx(lead.nuclei[0][1])


def test_materials_by_name():
    assert material("Pb") is target("Pb")
    assert material("PbWO4") == lead_tungstate()
    assert material("ECAL") == ecal_sandwich()
    for name in MATERIALS:
        assert material(name).name == name
        with pytest.raises(SignalError, match=f"'{name}' is a mixture"):
            target(name)


@pytest.mark.parametrize(
    ("atoms", "density", "message"),
    [
        ({"Pb": 1, "W": 0}, 8.3, r"'\\x1b': atoms of W is 0"),
        ({"Pb": math.nan}, 8.3, "atoms of Pb is nan"),
        ({"Pb": 1}, -8.3, "density is -8.3"),
        ({"PbW": 1}, 8.3, "unknown target 'PbW'"),
    ],
)
def test_compounds_that_are_none(atoms, density, message):
    with pytest.raises(SignalError, match=message):
        compound("\x1b", atoms, density)


def test_sandwich_of_the_ecal():
    sandwich = ecal_sandwich()
    lead = target("Pb")
    thickness = 0.15 * lead.density / lead.X0 + 0.15 * 1.060 / polystyrene().X0  # in X0
    assert pytest.approx((0.15 * lead.density + 0.15 * 1.060) / thickness) == sandwich.X0
    assert sandwich.density == pytest.approx((lead.density + 1.060) / 2)
    # the scintillator adds about 12% electrons per X0 (production notes, section 2)
    assert sandwich.electrons_per_x0 / lead.electrons_per_x0 == pytest.approx(1.12, abs=0.01)
    (_, nuclei), *_ = sandwich.nuclei
    assert nuclei == pytest.approx(lead.nuclei_per_x0 * 0.15 * lead.density / lead.X0 / thickness)
    assert sum(fraction for _, fraction in sandwich.components) == pytest.approx(1)


def test_mass_and_thickness_are_told_apart():
    by_mass = mixture("a", {"Pb": 0.5, "C": 0.5})
    by_thickness = mixture("b", {"Pb": 0.5, "C": 0.5}, by="thickness")
    assert pytest.approx(0.5 / target("Pb").X0 + 0.5 / target("C").X0) == 1 / by_mass.X0
    assert by_thickness.X0 < by_mass.X0
    assert 1 / by_mass.density == pytest.approx(0.5 / 11.35 + 0.5 / 2.21)


@pytest.mark.parametrize(
    ("fractions", "by", "message"),
    [
        ({"Pb": 0.5, "C": 0.4}, "mass", "sum to 0.9"),
        ({"Pb": 1.5, "C": -0.5}, "mass", "fraction of C is -0.5"),
        ({"Pb": math.nan}, "mass", "fraction of Pb is nan"),
        ({"Xx": 1.0}, "mass", "unknown target 'Xx'"),
        ({"Pb": 1.0}, "volume", "known: mass, thickness"),
    ],
)
def test_mixtures_that_are_none(fractions, by, message):
    with pytest.raises(SignalError, match=message):
        mixture("m", fractions, by=by)


def test_a_mixture_has_no_nucleus():
    with pytest.raises(SignalError, match=r"'ECAL' is a mixture.*each of Pb, C, H"):
        target(ecal_sandwich())
