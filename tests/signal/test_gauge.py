"""B-L and L_mu - L_tau: what a Z' changes with respect to the dark photon, and a published curve."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from na64ana import signal
from na64ana.cli import main
from na64ana.errors import SignalError
from na64ana.signal.annihilation import annihilation_to_neutrinos, narrow_width_integral
from na64ana.signal.constants import ELEMENTARY_CHARGE, M_ELECTRON, M_MUON
from na64ana.signal.curves import curve
from na64ana.signal.moments import MOMENTS, moment_band
from na64ana.signal.production import bremsstrahlung_spectrum, line_spectrum
from na64ana.signal.showers import track_length_above
from na64ana.signal.targets import target
from na64ana.signal.widths import partial_widths, total_width

REFERENCES = yaml.safe_load((Path(__file__).parent / "references_gauge.yaml").read_text())
EVENTS = 2.302585
SETUP = signal.setup("na64e", exposure=2.84e11, efficiency=0.5)
#: so far that all visible decays are inside
LONG = signal.setup("na64e", exposure=2.84e11, efficiency=0.5, start=1e15)
MUONS = signal.setup("na64mu", start=1e15)


def reference(quantity, **inputs):
    (found,) = (
        entry for entry in REFERENCES["references"]
        if entry["quantity"] == quantity and inputs.items() <= entry["inputs"].items()
    )  # fmt: skip
    return found


def events(name, mass, setup, coupling=1e-4, **changes):
    return signal.expected_events(signal.model(name, **changes), mass, coupling, setup)


def seen(name, mass, setup, g, energies):
    """Return the share of the mediators that a setup sees."""
    fraction = signal.model(name).response(mass, setup).fraction
    assert fraction is not None
    return fraction(np.array(g), np.array(energies))


def bremsstrahlung(mass, setup):
    made = bremsstrahlung_spectrum("vector", mass, setup)
    return setup.exposure * float(np.sum(made.numbers * setup.seen(made.energies)))


@pytest.mark.parametrize("name", ["b-l", "b-l-broken"])
def test_couplings_follow_from_those_of_a_dark_photon(name):
    """G90 = e epsilon90/sqrt(BR_inv), away from the resonance."""
    entry = reference("expected_eps90")
    ratios = reference("B-L_BR_invisible", model=name)
    share = dict(zip(ratios["inputs"]["m_MeV"], ratios["value"], strict=True))
    masses, epsilons = entry["inputs"]["m_MeV"], np.array(entry["value"])
    invisible = np.array([1.0 if m == 1 else share[m] for m in masses])  # 1 MeV: below 2 m_e
    found = signal.reach(signal.model(name), LONG, [m / 1000 for m in masses], EVENTS)
    expected = 0.30282 * epsilons / np.sqrt(invisible)
    # at 100 MeV positrons would annihilate below the threshold of 50 GeV
    assert np.array(found.limit) == pytest.approx(expected, rel=5e-3)


@pytest.mark.parametrize("name", ["b-l", "b-l-broken"])
def test_above_two_muons_less_is_missing(name):
    entry = reference("B-L_BR_invisible", model=name)
    (share,) = (v for m, v in zip(entry["inputs"]["m_MeV"], entry["value"], strict=True)
                if m == 300)  # fmt: skip
    made = bremsstrahlung(0.3, LONG)
    line = line_spectrum(0.3, LONG, narrow_width_integral(0.3))
    made += LONG.exposure * float(np.sum(line.numbers * LONG.seen(line.energies)))
    expected = (1e-4 / 0.30282) ** 2 * made * share
    assert events(name, 0.3, LONG) == pytest.approx(expected, rel=entry["tolerance"])


def test_a_line_has_the_area_of_a_narrow_resonance():
    """The motion of the electrons takes the track length from around its energy."""
    entry = reference("annihilation_yield_narrow")
    found = line_spectrum(0.25, SETUP, narrow_width_integral(0.25)).numbers.sum()
    assert found == pytest.approx(entry["value"], rel=entry["tolerance"])


def test_a_line_is_that_of_neutrinos_from_electrons_in_motion():
    positrons, mass, g = signal.setup("na64e-positrons"), 0.3197, 1e-5
    edges = np.append(np.linspace(50, 99, 601), 100 - np.geomspace(1, 1e-7, 200)[1:])
    edges = np.append(edges, 100)
    above = track_length_above("e+", edges, beam="positron")
    middle, lengths = (edges[1:] + edges[:-1]) / 2, above[:-1] - above[1:]
    sigma = annihilation_to_neutrinos("b-l", mass, middle, g, binding="Pb")
    expected = (lengths * sigma).sum() * 1e-36 * target("Pb").electrons_per_x0
    widths = partial_widths("b-l", mass, 1.0)
    area = narrow_width_integral(mass, widths["neutrinos"] / total_width(widths))
    found = (g / ELEMENTARY_CHARGE) ** 2 * line_spectrum(mass, positrons, area).numbers.sum()
    assert found == pytest.approx(expected, rel=0.01)


def test_a_line_is_the_limit_of_a_resonance_of_dark_matter():
    """But for the motion of the electrons, which is left out of the second."""
    narrow = events("b-l", 0.25, LONG, 1e-9, dark_matter="scalar", alpha_D=1e-5)
    lines = events("b-l", 0.25, LONG, 1e-9)
    widths = partial_widths("b-l", 0.25, 1.0)
    share = widths["neutrinos"] / total_width(widths)
    assert lines / share == pytest.approx(narrow, rel=0.03)


def test_a_line_above_the_beam_energy_is_reached_by_moving_electrons():
    positrons = signal.setup("na64e-positrons")
    at_beam = np.sqrt(2 * M_ELECTRON * (100 + M_ELECTRON))
    found = [float(line_spectrum(at_beam * f, positrons, 1.0).numbers.sum())
             for f in (1 - 1e-9, 1.01, 1.1, 2.0)]  # fmt: skip
    assert np.all(np.diff(found) < 0)
    assert found[2] > 0
    assert found[3] == 0


@pytest.mark.parametrize(("index", "mass"), [(0, 0.1), (1, 0.2)])
def test_electrons_see_l_mu_l_tau_by_the_loop(index, mass):
    entry = reference("Lmu_Ltau_loop_mixing_over_g")
    mixing = entry["value"][index]
    assert entry["inputs"]["q2_GeV2"][index] == pytest.approx(mass**2)
    tree = events("b-l", mass, LONG, 1e-3) / 0.75  # of its decays are invisible
    expected = (0.30282 * mixing) ** 2 * tree
    assert events("lmu-ltau", mass, LONG, 1e-3) == pytest.approx(expected, rel=1e-3)


def test_annihilation_to_dark_matter_mixes_at_its_own_energy():
    """The mixing of s, not of the mass: between its values at the ends of the spectrum."""
    mass, dark = 0.25, {"dark_matter": "dirac", "alpha_D": 0.5}
    plain = signal.model("dark-photon", **dark).response(mass, LONG)(1.0)
    radiated = bremsstrahlung(mass, LONG) / LONG.exposure
    found = signal.model("lmu-ltau", **dark).response(mass, LONG)(1e-6) * 1e12
    at_mass = reference("Lmu_Ltau_loop_mixing_over_g")["value"][2]
    average = np.sqrt((found - at_mass**2 * radiated) / (plain - radiated))
    # s goes from 0.051 to 0.102 GeV^2, over the peak of the mixing at two muons
    assert average == pytest.approx(at_mass, rel=0.03)
    assert average != pytest.approx(at_mass, rel=1e-4)


def test_muons_see_l_mu_l_tau_at_tree_level():
    mass = 0.05
    tree = events("lmu-ltau", mass, MUONS, 1e-4)
    assert tree == pytest.approx((1e-4 / 0.30282) ** 2 * bremsstrahlung(mass, MUONS), rel=1e-4)
    # the loop is g/69.3 where the tree is g/e
    electrons = events("lmu-ltau", mass, LONG, 1e-4) / bremsstrahlung(mass, LONG)
    ratio = (tree / bremsstrahlung(mass, MUONS)) / electrons
    assert ratio == pytest.approx((69.3 / 0.30282) ** 2, rel=0.03)


def test_l_mu_l_tau_decays_to_muons_above_their_threshold():
    below, above = 2 * M_MUON * (1 - 1e-6), 0.3
    r = M_MUON / above
    muons = (1 + 2 * r**2) * np.sqrt(1 - 4 * r**2)  # against two flavours of neutrinos
    for mass, share in ((below, 1.0), (above, 1 / (1 + muons))):
        found = seen("lmu-ltau", mass, MUONS, [[1e-3]], [120.0])
        assert found == pytest.approx(share, rel=1e-3)


def test_what_lives_long_is_missing_whatever_it_decays_to():
    """At 10 MeV and g = 1e-5: Gamma = g^2 m/(3 pi), L = (p/m) hbar c/Gamma = 18.6 m."""
    length = 100 / 0.01 * 1.97327e-16 / (1e-10 * 0.01 / (3 * np.pi))
    found = seen("b-l", 0.01, SETUP, [[1e-5]], [100.0])
    assert found == pytest.approx(0.75 + 0.25 * np.exp(-SETUP.start / length), rel=1e-4)
    assert seen("b-l", 0.01, SETUP, [[0.0]], [100.0]) == pytest.approx(1)


def test_what_is_not_missing_and_not_behind_is_seen():
    """The parts of one number: missing, or a pair of electrons before the place."""
    inside = signal.setup("na64e", sees="visible", start=0.0, stop=SETUP.start)
    g, energies = [[3e-6], [1e-5], [1e-3]], [60.0, 99.0]
    missing = seen("b-l-broken", 0.02, SETUP, g, energies)
    pairs = seen("b-l-broken", 0.02, inside, g, energies)
    assert missing + pairs == pytest.approx(np.ones((3, 2)))
    assert pairs[2] == pytest.approx(np.full(2, 0.4), rel=1e-3)


def test_dark_matter_makes_it_a_dark_photon():
    changes = {"dark_matter": "majorana", "alpha_D": 0.1}
    found = events("b-l", 0.25, SETUP, 1e-4, **changes)
    expected = events("dark-photon", 0.25, SETUP, 1e-4 / ELEMENTARY_CHARGE, **changes)
    assert found == pytest.approx(expected, rel=1e-4)


def test_the_published_curve_of_2022_asks_for_a_plausible_efficiency():
    """arXiv:2207.09979, 3.22e11 electrons. It does not show the annihilation: up to 150 MeV."""
    published = curve("na64-2022-bl")
    masses = np.array([0.01, 0.03, 0.1, 0.15])
    setup = signal.setup("na64e", exposure=3.22e11, efficiency=1.0)
    model = signal.model("b-l")
    efficiency = [EVENTS / signal.expected_events(model, m, published.limit_at(m), setup)
                  for m in masses]  # fmt: skip
    assert efficiency == pytest.approx([0.61] * 4, rel=0.08)


@pytest.mark.parametrize(
    ("exposure", "band", "sigmas", "expected"),
    [
        # "the preferred band in the range 1 keV to 2 MeV" (arXiv:2404.06982v5, abstract)
        (9.37e11, "muon-2023", 1.0, (1.7e-3, 2.7e-3)),
        (9.37e11, "muon-2023", 2.0, (1.7e-3, 2.7e-3)),
        # "touch the preferred band for masses of order of 1 MeV" (arXiv:2206.03101, abstract)
        (2.84e11, "muon-2021", 2.0, (0.4e-3, 2.0e-3)),
    ],
)
def test_electrons_reach_the_band_of_the_muon_where_na64_says(exposure, band, sigmas, expected):
    masses = np.geomspace(expected[0] / 1.2, expected[1] * 1.2, 5)
    setup = signal.setup("na64e", exposure=exposure)
    limit = signal.reach(signal.model("lmu-ltau"), setup, masses, EVENTS).limit
    _, high = moment_band(MOMENTS[band], "vector", masses, sigmas=sigmas)
    ratio = np.array(limit, dtype=float) / (high * ELEMENTARY_CHARGE)
    assert ratio[0] < 1 < ratio[-1]
    crossing = np.exp(np.interp(0, np.log(ratio), np.log(masses)))
    assert expected[0] < crossing < expected[1]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: signal.model("b-l", alpha_D=-0.1), "alpha_D is -0.1"),
        (lambda: signal.model("lmu-ltau", mass_ratio=1.5), "mass_ratio is 1.5"),
        (lambda: signal.model("b-l", dark_matter="fermion"), "unknown dark matter 'fermion'"),
        (lambda: signal.model("b-l").response(9.5, SETUP), "where bottom opens"),
        (lambda: signal.gauge.GaugeModel("b-minus-l"), "unknown gauge boson 'b-minus-l'"),
    ],
)
def test_what_makes_no_sense_is_refused(call, words):
    with pytest.raises(SignalError, match=words):
        call()


def test_the_command():
    result = CliRunner().invoke(
        main, ["reach", "lmu-ltau", "--setup", "na64mu", "--masses", "0.05"]
    )
    assert result.exit_code == 0, result.output
    assert "g_mutau" in result.output
    assert "to electrons by the loop alone" in result.output


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(["b-l", "b-l-broken", "lmu-ltau"]),
    st.floats(1e-6, 3.0),
    st.floats(1e-9, 1.0),
    st.sampled_from([0.0, 1e-8, 0.1]),
)
def test_shares_are_shares(name, mass, g, alpha_D):
    """Missing and seen are between 0 and 1, and together not more than 1."""
    model = signal.gauge.GaugeModel(name, alpha_D=alpha_D)
    inside = signal.setup("na64e", sees="visible", start=0.0, stop=SETUP.start)
    energies = np.array([50.0, 99.9])
    missing, pairs = (model.fraction(mass, setup)(np.array([[g]]), energies)
                      for setup in (SETUP, inside))  # fmt: skip
    for share in (missing, pairs, missing + pairs):
        assert np.all((share >= 0) & (share <= 1 + 1e-12))
