"""Resonant annihilation: areas, peaks, yields, motion of the electrons."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from na64ana.errors import SignalError
from na64ana.signal.annihilation import (
    FINAL_STATES,
    annihilation_cross_section,
    annihilation_to_neutrinos,
    line_shape,
    narrow_width_integral,
    resonance_cross_section,
    resonance_energy,
    threshold_energy,
)
from na64ana.signal.atoms import SHELLS, shells
from na64ana.signal.constants import ALPHA, CM2_TO_PB, ELEMENTARY_CHARGE, GEV2_TO_PB, M_ELECTRON
from na64ana.signal.decays import dark_width, spin2_fermion_width
from na64ana.signal.loops import loop_mixing
from na64ana.signal.showers import track_length
from na64ana.signal.targets import target
from na64ana.signal.widths import partial_widths, total_width
from tests.signal.processes import references


def test_resonance_energies():
    # (M^2 - 2 m_e^2)/(2 m_e), to the digits of the reference set
    found = resonance_energy([0.2, 0.25, 0.3, 0.319])
    assert found == pytest.approx([39.14, 61.15, 88.06, 99.57], abs=0.006)
    assert 2 * M_ELECTRON * (resonance_energy(0.2) + M_ELECTRON) == pytest.approx(0.04)


def test_narrow_width():
    (entry,) = references("annihilation_integral_sigma_dE")
    found = narrow_width_integral(0.25) / GEV2_TO_PB
    assert found == pytest.approx(entry["value"], rel=entry["tolerance"])


def test_the_area_of_a_narrow_line():
    # a tenth of the width, so that the tails beyond do not count
    mass, centre = 0.25, resonance_energy(0.25)
    alpha_D = 1e-3
    area, _ = quad(
        lambda e: annihilation_cross_section(mass, e, dark_matter="scalar", alpha_D=alpha_D),
        centre * 0.7, centre * 1.3, points=[centre], epsrel=1e-8, limit=300,
    )  # fmt: skip
    assert area == pytest.approx(narrow_width_integral(mass), rel=2e-3)


def test_the_peak_is_that_of_unitarity():
    mass = 0.25
    for mediator, spin in (("vector", 1), ("scalar", 0), ("pseudoscalar", 0), ("axial", 1)):
        epsilon = 1e-3
        model = "dark-photon" if mediator == "vector" else mediator
        widths = partial_widths(model, mass, epsilon, alpha_D=0.1)
        share = widths["electron"] * widths["dark matter"] / total_width(widths) ** 2
        found = annihilation_cross_section(
            mass, resonance_energy(mass), mediator=mediator, epsilon=epsilon
        )
        expected = 4 * np.pi * (2 * spin + 1) * share / mass**2 * GEV2_TO_PB
        assert found * epsilon**2 == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("kind", ["dirac", "scalar", "majorana"])
def test_tree_level(kind):
    # (4 pi alpha alpha_D/3) s f(s)/[(s - M^2)^2 + M^2 Gamma^2]
    mass, energy = 0.25, np.array([50.0, 61.0, 75.0, 100.0])
    s = 2 * M_ELECTRON * (energy + M_ELECTRON)
    dark = mass / 3
    beta = np.sqrt(1 - 4 * dark**2 / s)
    shape = {"dirac": beta * (1 + 2 * dark**2 / s), "scalar": beta**3 / 4, "majorana": beta**3 / 2}
    width = dark_width(mass, dark, dark_matter=kind)
    expected = 4 * np.pi * ALPHA * 0.1 / 3 * s * shape[kind]
    expected = expected / ((s - mass**2) ** 2 + mass**2 * width**2) * GEV2_TO_PB
    found = annihilation_cross_section(mass, energy, dark_matter=kind)
    # the electron's mass changes it by 4 m_e^2/s
    assert found == pytest.approx(expected, rel=5e-5)


def test_a_split_pair():
    mass, energy, m1, m2 = 0.25, 70.0, 0.08, 0.1
    s = 2 * M_ELECTRON * (energy + M_ELECTRON)
    root = np.sqrt(s)
    q = np.sqrt((s - (m1 + m2) ** 2) * (s - (m1 - m2) ** 2)) / (2 * root)
    e1, e2 = np.sqrt(m1**2 + q**2), np.sqrt(m2**2 + q**2)
    width = dark_width(mass, m1, dark_matter="pseudo-dirac", splitting=0.25)
    shape = 6 * q / root * (m1 * m2 + e1 * e2 + q**2 / 3)
    expected = 4 * np.pi * ALPHA * 0.1 / 3 * shape
    expected = expected / ((s - mass**2) ** 2 + mass**2 * width**2) * GEV2_TO_PB
    found = annihilation_cross_section(
        mass, energy, dark_matter="pseudo-dirac", splitting=0.25, mass_ratio=mass / m1
    )
    assert found == pytest.approx(expected, rel=5e-5)


def test_yield():
    (entry,) = references("annihilation_yield_per_EOT_eps2")
    given = entry["inputs"]
    electrons = target("Pb").electrons_per_x0 / CM2_TO_PB
    for kind, expected in entry["value"].items():
        found, _ = quad(
            lambda e, k=kind: track_length("e+", e)
            * annihilation_cross_section(given["m_MeV"] / 1000, e, dark_matter=k),
            given["Emiss_min"], 99.999, points=[61.15], epsrel=1e-6, limit=200,
        )  # fmt: skip
        assert found * electrons == pytest.approx(expected, rel=entry["tolerance"])


def test_the_shape_of_a_line_is_that_of_a_narrow_resonance():
    mass, energies = 0.25, np.array([50.0, 58.3, 61.0, 75.0])
    shape = line_shape(mass, energies, "Pb")
    narrow = annihilation_cross_section(mass, energies, dark_matter="scalar", alpha_D=1e-8,
                                        binding="Pb")  # fmt: skip
    assert narrow_width_integral(mass) * shape == pytest.approx(narrow, rel=1e-3)
    assert isinstance(line_shape(mass, 61.0, "Pb"), float)


def test_the_area_of_a_line():
    """1, up to the energy that the atom keeps: m_e/(m_e - B) of each shell."""
    energies = np.linspace(10, 400, 400_001)
    for element in SHELLS:
        share, bound = shells(element)
        area = np.sum(line_shape(0.25, energies, element)) * (energies[1] - energies[0])
        assert area == pytest.approx(np.sum(share * M_ELECTRON / (M_ELECTRON - bound)), rel=1e-3)
        assert 1 <= area * 1.001 < 1.02


def test_spin2_normalisation():
    # sigma = s^3/(1280 pi Lambda^4)/[...], massless: by the unitarity of a resonance of J = 2
    (entry,) = references("spin2_annihilation_norm")
    assert "1280 pi" in entry["value"]
    s, mass, total = 0.05, 0.2, 0.01
    width = spin2_fermion_width(np.sqrt(s), 0.0, 1.0)
    found = resonance_cross_section(s, mass, 2, width, width, total)
    expected = s**3 / (1280 * np.pi) / ((s - mass**2) ** 2 + mass**2 * total**2)
    velocity = 1 - 4 * M_ELECTRON**2 / s
    assert found * velocity == pytest.approx(expected * GEV2_TO_PB, rel=entry["tolerance"])


def test_epsilon_enters_by_the_width_only():
    scaling = annihilation_cross_section(0.25, 61.15)
    assert annihilation_cross_section(0.25, 61.15, epsilon=1e-4) == pytest.approx(scaling, rel=1e-8)
    # at epsilon = 1 the visible width takes a part
    assert annihilation_cross_section(0.25, 61.15, epsilon=1.0) < 0.9 * scaling


def test_visible_line():
    # a narrow line holds the same area as any other, for its branching ratio of 1
    mass, epsilon = 0.0167, 0.1
    centre = resonance_energy(mass)
    width = epsilon**2 * ALPHA / 3 * mass**2 / M_ELECTRON
    area, _ = quad(
        lambda e: annihilation_cross_section(mass, e, dark_matter="visible", epsilon=epsilon),
        centre - 300 * width, centre + 300 * width, points=[centre], epsrel=1e-7, limit=300,
    )  # fmt: skip
    assert area == pytest.approx(narrow_width_integral(mass), rel=4e-3)


def test_neutrinos_of_b_minus_l():
    epsilon, mass, energy = 1e-3, 0.2, resonance_energy(0.2)
    found = annihilation_cross_section(mass, energy, dark_matter="neutrinos", epsilon=epsilon)
    direct = annihilation_to_neutrinos("b-l-broken", mass, energy, epsilon * ELEMENTARY_CHARGE)
    assert found * epsilon**2 == pytest.approx(direct)
    # at the peak 12 pi B_ee B_nu/M^2; three left-handed neutrinos weigh 3/2 of the electrons
    widths = partial_widths("b-l-broken", mass, epsilon * ELEMENTARY_CHARGE)
    share = widths["electron"] * widths["neutrinos"] / total_width(widths) ** 2
    assert direct == pytest.approx(12 * np.pi * share / mass**2 * GEV2_TO_PB, rel=1e-2)


def test_neutrinos_of_l_mu_minus_l_tau():
    g, mass = 1e-2, 0.2
    found = annihilation_to_neutrinos("lmu-ltau", mass, resonance_energy(mass), g)
    # B_nu is 1; B_ee = 2 (loop e)^2/(2 g^2) by the widths alpha eps^2 M/3 and g^2 M/(12 pi)
    share = (loop_mixing(mass**2) * ELEMENTARY_CHARGE) ** 2
    assert found == pytest.approx(12 * np.pi * share / mass**2 * GEV2_TO_PB, rel=1e-2)


def test_all_electrons_have_a_shell():
    for element in SHELLS:
        share, bound = shells(element)
        assert sum(n for n, _ in SHELLS[element]) == target(element).Z
        assert share.sum() == pytest.approx(1)
        assert (np.diff(bound) < 1e-7).all()


def test_shells_of_a_compound_are_those_of_its_atoms():
    share, bound = shells("PbWO4")
    atoms = {"Pb": 1, "W": 1, "O": 4}
    electrons = sum(number * target(element).Z for element, number in atoms.items())
    for element, number in atoms.items():
        own, energies = shells(element)
        here = np.isin(bound, energies)
        expected = number * target(element).Z / electrons
        assert share[here].sum() == pytest.approx(expected)
        assert float(share[here] @ bound[here]) == pytest.approx(expected * float(own @ energies))


@pytest.mark.parametrize(("kind", "epsilon"), [("dirac", 0.0), ("scalar", 0.0), ("visible", 1e-4)])
def test_motion_of_the_electrons_by_direct_integration(kind, epsilon):
    mass, bound = 0.25, 15.861e-6
    positron = 62.0
    momentum = np.sqrt(bound * (bound + 2 * M_ELECTRON))
    energy = M_ELECTRON - bound
    if kind == "visible":
        # a line: the density of s at the mass, times the area in s
        squares = M_ELECTRON**2 + energy**2 - momentum**2
        flux = (mass**2 - squares) / (2 * positron * energy)
        area = narrow_width_integral(mass) * 2 * M_ELECTRON
        expected = area * flux / (4 * positron * momentum)
    else:

        def at(c):
            product = positron * energy - np.sqrt(positron**2 - M_ELECTRON**2) * momentum * c
            s = M_ELECTRON**2 + energy**2 - momentum**2 + 2 * product
            alike = s / (2 * M_ELECTRON) - M_ELECTRON
            sigma = annihilation_cross_section(mass, alike, dark_matter=kind)
            return sigma * product / (positron * energy) / 2

        expected, _ = quad(at, -1, 1, epsrel=1e-10, limit=200)
    found = annihilation_cross_section(
        mass, positron, dark_matter=kind, epsilon=epsilon, binding=bound
    )
    assert found == pytest.approx(expected, rel=1e-6 if kind == "visible" else 2e-4)


def test_motion_keeps_the_area():
    # per shell the area is that of an electron of energy m_e - B
    mass = 0.25
    # the innermost electrons spread the line from 42 to 282 GeV
    energies = np.geomspace(30.0, 300.0, 4001)
    sigma = annihilation_cross_section(
        mass, energies, dark_matter="visible", epsilon=1e-4, binding="Pb"
    )
    area = float(np.trapezoid(sigma, energies))
    share, bound = shells("Pb")
    expected = narrow_width_integral(mass) * float((share / (1 - bound / M_ELECTRON)).sum())
    assert area == pytest.approx(expected, rel=2e-3)


def test_slow_electrons_are_at_rest():
    still = annihilation_cross_section(0.25, 61.15)
    assert annihilation_cross_section(0.25, 61.15, binding=1e-15) == pytest.approx(still, rel=1e-6)
    moving = annihilation_cross_section(0.25, 61.15, dark_matter="scalar", binding="Pb")
    assert moving < 0.95 * annihilation_cross_section(0.25, 61.15, dark_matter="scalar")


@pytest.mark.parametrize("binding", [None, 1e-5, "W"])
@pytest.mark.parametrize("final", FINAL_STATES)
def test_shapes_and_sign(final, binding):
    masses = np.array([[0.15], [0.25]])
    found = annihilation_cross_section(
        masses, np.array([50.0, 61.15, 99.0]), dark_matter=final, epsilon=1e-4, binding=binding
    )
    assert found.shape == (2, 3)
    assert (found > 0).all()
    one = annihilation_cross_section(0.25, 61.15, dark_matter=final, epsilon=1e-4, binding=binding)
    assert isinstance(one, float)
    assert one == pytest.approx(found[1, 1], rel=1e-10)


@settings(deadline=None)
@given(
    mass=st.floats(0.0011, 3.0),
    energy=st.floats(0.01, 1e3),
    final=st.sampled_from(FINAL_STATES),
    epsilon=st.floats(1e-7, 1.0),
    binding=st.sampled_from([None, 1e-9, 1e-5, "Pb"]),
)
def test_a_positive_number_or_a_reason(mass, energy, final, epsilon, binding):
    try:
        found = annihilation_cross_section(
            mass, energy, dark_matter=final, epsilon=epsilon, binding=binding
        )
    except SignalError as error:
        assert "threshold_energy" in str(error)
    else:
        assert np.isfinite(found)
        assert found >= 0


def test_threshold():
    mass = 0.5
    lowest = threshold_energy(mass)
    assert annihilation_cross_section(mass, lowest * 1.001) > 0
    with pytest.raises(SignalError, match="threshold_energy says"):
        annihilation_cross_section(mass, lowest * 0.999)
    # electrons that come towards the positron open it earlier
    assert annihilation_cross_section(mass, lowest * 0.99, binding=1e-5) > 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"dark_matter": "dirak"}, "did you mean 'dirac'"),
        ({"dark_matter": "visible"}, "give the epsilon"),
        ({"mass_ratio": 1.8}, "has no width"),
        ({"mediator": "scalar", "dark_matter": "majorana"}, "known: dirac"),
        ({"mediator": "scalar", "dark_matter": "neutrinos", "epsilon": 1e-3}, "no neutrinos"),
        ({"binding": "Au"}, "unknown atom 'Au'"),
        ({"binding": 1.0}, "binding must be an energy"),
        ({"splitting": 0.1}, "has no splitting"),
        ({"mass": 0.001}, "must be above 0.001022"),
        ({"energy": 0.0001}, "the positron's mass"),
    ],
)
def test_refused(arguments, said):
    given = {"mass": 0.25, "energy": 61.15, **arguments}
    with pytest.raises(SignalError, match=said):
        annihilation_cross_section(given.pop("mass"), given.pop("energy"), **given)
