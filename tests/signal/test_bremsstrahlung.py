"""Cross sections of bremsstrahlung against reference numbers, limits and independent integrals."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import dblquad

from na64ana.errors import SignalError
from na64ana.signal import bremsstrahlung, exact, weizsaecker_williams
from na64ana.signal.amplitudes import Invariants, exact_amplitude
from na64ana.signal.bremsstrahlung import (
    differential_cross_section,
    double_differential,
    total_cross_section,
)
from na64ana.signal.constants import ALPHA, GEV2_TO_PB, M_ELECTRON, M_MUON
from na64ana.signal.form_factors import elastic
from na64ana.signal.process import LEPTONS, process_of
from na64ana.signal.targets import Target, target
from na64ana.signal.weizsaecker_williams import leading_logarithm
from tests.signal.bremsstrahlung_references import EPSILON2, MEDIATORS, label, references, used

KINDS = list(MEDIATORS.values())


def total_at(entry, method, lepton, **options):
    """Total in pb at epsilon = 1e-4, as the references."""
    inputs = entry["inputs"]
    mediator, mass = MEDIATORS[inputs["kind"]], inputs["m_MeV"] * 1e-3
    options = {"x_min": inputs.get("x_min")} | options
    energy = inputs["E0_GeV"]
    sigma = total_cross_section(mediator, mass, energy, method=method, lepton=lepton, **options)
    return sigma * EPSILON2


# -- reference numbers -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "entry", references("etl_total_ours") + references("etl_total_dmg4"), ids=label
)
def test_exact_totals_of_electrons(entry):
    assert total_at(entry, "etl", "electron") == pytest.approx(
        entry["value"], rel=entry["tolerance"]
    )


@pytest.mark.parametrize("entry", references("ww_total_ours"), ids=label)
def test_ww_totals_of_electrons(entry):
    assert total_at(entry, "ww", "electron") == pytest.approx(
        entry["value"], rel=entry["tolerance"]
    )


@pytest.mark.parametrize(
    ("method", "entry"),
    [
        (method, entry)
        for method in ("etl", "ww")
        for whose in ("ours", "talk")
        for entry in references(f"muon_brem_total_{method.upper()}_{whose}")
    ]
    + [("iww", entry) for entry in references("muon_brem_total_IWW")],
    ids=lambda value: value if isinstance(value, str) else label(value),
)
def test_muon_table(method, entry):
    assert total_at(entry, method, "muon") / GEV2_TO_PB == pytest.approx(
        entry["value"], rel=entry["tolerance"]
    )


@pytest.mark.parametrize("entry", references("muon_brem_total_ours"), ids=label)
def test_spinless_from_muons(entry, monkeypatch):
    # these references were made with tmax = mX^2 + m^2, 0.5% lower at 10 MeV than with E^2
    monkeypatch.setattr(
        weizsaecker_williams,
        "greatest_t",
        lambda process: process.mass**2 + process.lepton**2,
    )
    for method, value in entry["value"].items():
        found = total_at(entry, method.lower(), "muon") / GEV2_TO_PB
        assert found == pytest.approx(value, rel=entry["tolerance"])


@pytest.mark.parametrize("entry", references("muon_brem_above_half"), ids=label)
def test_muons_that_lose_more_than_half(entry):
    found = total_at(entry, "etl", "muon") / GEV2_TO_PB / EPSILON2
    assert found == pytest.approx(entry["value"], rel=entry["tolerance"])


@pytest.mark.parametrize("entry", references("fraction_above_half"), ids=label)
def test_fraction_above_half(entry):
    for method, value in entry["value"].items():
        part = total_at(entry, method, "electron", x_min=0.5) / total_at(entry, method, "electron")
        assert part == pytest.approx(value, abs=entry["tolerance"][method])


@pytest.mark.parametrize("entry", references("k_factor"), ids=label)
def test_k_factors(entry):
    inputs = entry["inputs"]
    lead = Target("Pb", 82, inputs["A"], 6.37, 11.35)
    mass, energy = inputs["m_MeV"] * 1e-3, inputs["E0_GeV"]
    process = process_of("vector", mass, energy, "electron", lead, "elastic", "iww")
    sigma = leading_logarithm(process) * GEV2_TO_PB * EPSILON2 / inputs["k"]
    assert sigma == pytest.approx(entry["value"], rel=entry["tolerance"])


def test_photon_limit_and_radiation_length():
    (entry,) = references("photon_limit")
    lead, (low, high) = target("Pb"), (0.5, 1.0)
    # (1/x)(4/3 - 4x/3 + x^2) for each radiation length, complete screening (PDG review)
    shape = 4 / 3 * np.log(high / low) - 4 / 3 * (high - low) + (high**2 - low**2) / 2
    from_x0 = shape / lead.nuclei_per_x0 * 1e36 / GEV2_TO_PB
    expected = entry["value"]["radiation_length"]
    assert from_x0 == pytest.approx(expected, rel=entry["tolerance"])
    born = total_cross_section("vector", 1e-6, 100, x_min=low) / GEV2_TO_PB
    assert born == pytest.approx(entry["value"]["born"], rel=entry["tolerance"])
    # X0 holds the Coulomb correction, the Born approximation does not: 9% on lead
    assert 1.05 < born / from_x0 < 1.10


def test_photon_limit_on_carbon():
    # where the Coulomb correction is below 1%, X0 and cross section agree but for the electrons
    # of the atom: X0 counts them as 1/Z of the nucleus times a ratio of logarithms
    carbon = target("C")
    shape = 4 / 3 * np.log(2) - 2 / 3 + 3 / 8
    from_x0 = shape / carbon.nuclei_per_x0 * 1e36
    born = total_cross_section("vector", 1e-6, 100, x_min=0.5, target="C")
    electrons = np.log(1194 * 6 ** (-2 / 3)) / np.log(184.15 * 6 ** (-1 / 3)) / 6
    assert born * (1 + electrons) == pytest.approx(from_x0, rel=0.03)


@pytest.mark.parametrize(("mass", "change"), [(0.01, 0.004), (0.1, 0.012), (1.0, 0.050)])
def test_the_form_factor_of_helm(mass, change):
    """What it changes, by the production notes of the physics brief: to the digits given there."""
    ratio = total_cross_section("vector", mass, 100.0, form_factor="helm") / total_cross_section(
        "vector", mass, 100.0
    )
    assert ratio - 1 == pytest.approx(change, abs=6e-4)


def test_every_reference_is_a_test():
    text = Path(__file__).read_text(encoding="utf-8")
    here = {"chi_elastic_over_Z2", "chi_el_plus_inel_over_chi_el"}  # in test_form_factors
    for method in ("ETL", "WW"):
        here |= {f"muon_brem_total_{method}_{whose}" for whose in ("ours", "talk")}
    missing = [name for name in sorted(used() - here) if f'references("{name}")' not in text]
    assert missing == []


# -- independent integrals and limits ---------------------------------------------------------


def slow_density(process, x, theta):
    """d sigma/dx dcos(theta), (1.10) of the production notes as it stands: t and azimuth summed.

    Four-vectors in plain kinematics, the amplitude before any average, a fine grid.
    """
    nucleus, energy, lepton = process.element.nuclear_mass, process.energy, process.lepton
    p, boson = process.momentum, x * energy
    k = np.sqrt(boson**2 - process.mass**2)
    rest = energy - boson
    v = np.sqrt(p**2 + k**2 - 2 * p * k * np.cos(theta))
    ut = process.mass**2 - 2 * (energy * boson - p * k * np.cos(theta))
    s = rest + nucleus
    q_high = (v * (ut + 2 * nucleus * s)
              + s * np.sqrt(ut**2 + 4 * nucleus * ut * s + 4 * (nucleus * v) ** 2)) / (
        2 * (s**2 - v**2)
    )  # fmt: skip
    q_low = -ut * (ut + 4 * nucleus * s) / (4 * (s**2 - v**2)) / q_high
    ends = [2 * nucleus * q**2 / (np.sqrt(nucleus**2 + q**2) + nucleus) for q in (q_low, q_high)]
    log_t = np.linspace(np.log(ends[0]), np.log(ends[1]), 3001)[:, np.newaxis]
    t, phi = np.exp(log_t), (np.arange(180) + 0.5) * np.pi / 180
    q, lost = np.sqrt(t + (t / (2 * nucleus)) ** 2), t / (2 * nucleus)
    cosine = (-ut + rest**2 - (rest - lost) ** 2 + q**2) / (2 * v * q)
    # q' = -q has this cosine to V, and p:
    cos_p = (p - k * np.cos(theta)) / v
    sines = np.sqrt(np.clip((1 - cosine**2) * (1 - cos_p**2), 0, None))
    p_q = energy * lost - p * q * (cosine * cos_p + sines * np.cos(phi))
    st = -t - 2 * p_q
    p_total = 2 * nucleus * energy - (st + t) / 2
    k_total = 2 * nucleus * boson - (st + ut) / 2
    point = Invariants(st, ut, t, p_total, k_total, 4 * nucleus**2 + t)
    mean = exact_amplitude(process.mediator, point, process.mass, lepton).mean(axis=1)
    height = elastic(t[:, 0], process.element) / t[:, 0] * mean / (8 * nucleus**2)
    return ALPHA**3 * k * energy / (p * v) * np.trapezoid(height, log_t[:, 0])


@pytest.mark.parametrize("mediator", KINDS)
@pytest.mark.parametrize(
    ("mass", "energy", "lepton"), [(0.1, 3.0, "muon"), (0.3, 20.0, "muon"), (0.5, 5.0, "electron")]
)
def test_density_is_that_of_plain_kinematics(mediator, mass, energy, lepton):
    process = process_of(mediator, mass, energy, lepton, "Pb", "elastic", "etl")
    for x, theta in [(0.4, 0.02), (0.7, 0.1), (0.8, 0.3)]:
        found = double_differential(x, theta, mediator, mass, energy, lepton=lepton)
        expected = slow_density(process, x, theta) * np.sin(theta) * GEV2_TO_PB
        assert found == pytest.approx(expected, rel=2e-4)


@pytest.mark.parametrize("method", ["etl", "ww"])
def test_total_is_the_integral_over_x_and_angle(method):
    mass, energy = 0.1, 160.0
    options = {"lepton": "muon", "method": method}

    def integrand(log_theta, z):
        x, theta = 1 / (1 + np.exp(-z)), np.exp(log_theta)
        value = double_differential(x, theta, "vector", mass, energy, **options)
        return value * theta * x * (1 - x)

    ends = [0.3, 0.9]
    low, high = (np.log(x / (1 - x)) for x in ends)
    area, _ = dblquad(integrand, low, high, np.log(1e-6), np.log(0.29999), epsrel=1e-4)
    above = [total_cross_section("vector", mass, energy, x_min=x, **options) for x in ends]
    assert above[0] - above[1] == pytest.approx(area, rel=1e-3)


@pytest.mark.parametrize("method", ["etl", "ww", "iww"])
def test_total_is_the_integral_over_x(method):
    low, high = np.log(0.2 / 0.8), np.log(0.95 / 0.05)
    z = np.linspace(low, high, 401)
    x = 1 / (1 + np.exp(-z))
    height = differential_cross_section(x, "scalar", 0.02, 100, method=method) * x * (1 - x)
    above = [total_cross_section("scalar", 0.02, 100, method=method, x_min=x) for x in (0.2, 0.95)]
    assert above[0] - above[1] == pytest.approx(np.trapezoid(height, z), rel=2e-4)


@pytest.mark.parametrize("mediator", KINDS)
def test_nodes_are_enough(mediator, monkeypatch):
    cases = [(1e-6, 100, "electron"), (3e-4, 30, "electron"), (2e-3, 150, "positron"),
             (3.0, 20, "electron"), (0.3, 160, "muon")]  # fmt: skip
    coarse = [total_cross_section(mediator, m, e, lepton=name) for m, e, name in cases]
    for module, name, value in [
        (bremsstrahlung, "X_NODES", 110), (bremsstrahlung, "ANGLE_NODES", 60),
        (bremsstrahlung, "GREATEST_RATIO", 1e8), (exact, "T_NODES", 200),
        (exact, "LOWEST_T", 1e-6), (exact, "HIGHEST_T", 1e5),
    ]:  # fmt: skip
        monkeypatch.setattr(module, name, value)
    fine = [total_cross_section(mediator, m, e, lepton=name) for m, e, name in cases]
    assert coarse == pytest.approx(fine, rel=3e-4)


def test_ww_and_exact_agree_for_muons_and_not_for_electrons():
    # ratios of the production notes, section 1.5 and 4
    for lepton, energy, low, high in (("muon", 160, 1.0, 1.01), ("electron", 100, 1.3, 1.5)):
        ww, etl = (
            total_cross_section("vector", [0.01, 0.1, 1.0], energy, lepton=lepton, method=method)
            for method in ("ww", "etl")
        )
        assert ((ww / etl > low) & (ww / etl < high)).all()


def test_scalar_and_pseudoscalar_agree_far_above_the_lepton():
    scalar, pseudoscalar = (total_cross_section(kind, 0.1, 100) for kind in KINDS[2:])
    assert scalar == pytest.approx(pseudoscalar, rel=1e-3)


def test_axial_grows_below_the_lepton_mass():
    # the state of helicity 0 couples like a pseudoscalar with 2 m/mX (Goldstone equivalence)
    masses = np.array([1e-6, 2e-6])
    axial = total_cross_section("axial", masses, 100)
    pseudoscalar = total_cross_section("pseudoscalar", masses, 100) * (2 * M_ELECTRON / masses) ** 2
    vector = total_cross_section("vector", masses, 100)
    assert axial == pytest.approx(pseudoscalar + vector, rel=0.01)


def test_inelastic_part_of_the_exact_total():
    # +1.3 to 1.4% up to 100 MeV and 2.8% at 1 GeV (production notes, section 1.5)
    masses = [0.01, 0.1, 1.0]
    both = total_cross_section("vector", masses, 100, form_factor="elastic+inelastic")
    ratio = both / total_cross_section("vector", masses, 100)
    assert ratio == pytest.approx([1.013, 1.014, 1.029], abs=0.003)


def test_electron_and_positron_radiate_alike():
    assert total_cross_section("vector", 0.05, 70, lepton="positron") == total_cross_section(
        "vector", 0.05, 70
    )


def test_shapes():
    energies = np.array([60.0, 80.0, 100.0])
    sigma = total_cross_section("vector", np.array([[0.01], [0.1]]), energies, x_min=50 / energies)
    assert sigma.shape == (2, 3)
    assert sigma[1, 2] == total_cross_section("vector", 0.1, 100.0, x_min=0.5)
    assert isinstance(total_cross_section("vector", 0.1, 100), float)
    assert isinstance(differential_cross_section(0.5, "vector", 0.1, 100), float)
    assert isinstance(double_differential(0.5, 0.01, "vector", 0.1, 100), float)
    grid = double_differential([[0.2], [0.5]], [0.0, 0.01, 0.1], "vector", 0.1, 100)
    assert grid.shape == (2, 3)


# -- properties -------------------------------------------------------------------------------

masses = st.floats(-6, 1).map(lambda power: 10**power)
energies = st.floats(15, 300)
kinds = st.sampled_from(KINDS)
leptons = st.sampled_from(list(LEPTONS))


@settings(deadline=None, max_examples=60)
@given(kinds, masses, energies, leptons, st.sampled_from(["etl", "ww", "iww"]))
def test_positive_and_falling_with_x_min(mediator, mass, energy, lepton, method):
    least = np.array([0.0, 0.3, 0.6, 0.9, 1.0])
    sigma = total_cross_section(mediator, mass, energy, lepton=lepton, method=method, x_min=least)
    assert np.isfinite(sigma).all()
    assert (sigma[:-1] > 0).all()
    assert sigma[-1] == 0
    assert (sigma[1:] <= sigma[:-1] * (1 + 2e-3)).all()


@settings(deadline=None, max_examples=30)
@given(kinds, masses, energies, leptons)
def test_falling_with_mass_and_rising_with_energy(mediator, mass, energy, lepton):
    here = total_cross_section(mediator, mass, energy, lepton=lepton)
    assert total_cross_section(mediator, mass * 1.3, energy, lepton=lepton) < here * (1 + 1e-3)
    assert total_cross_section(mediator, mass, energy * 1.3, lepton=lepton) > here * (1 - 1e-3)


@settings(deadline=None, max_examples=40)
@given(kinds, masses, energies, leptons, st.floats(0, 1), st.floats(0, np.pi))
def test_densities_are_never_negative(mediator, mass, energy, lepton, place, theta):
    low, high = mass / energy, 1 - LEPTONS[lepton] / energy
    x = min(max(low + place * (high - low), low), high)
    value = double_differential(x, theta, mediator, mass, energy, lepton=lepton)
    assert np.isfinite(value)
    assert value >= 0


# -- outside validity -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (("vectr", 0.1, 100), {}, "unknown mediator 'vectr'; did you mean 'vector'"),
        (("vector", 0.1, 100), {"lepton": "tau"}, "unknown lepton 'tau'.*muon"),
        (("vector", 0.1, 100), {"method": "exact"}, "unknown method 'exact'.*etl, ww, iww"),
        (("vector", 0.1, 100), {"target": "Au"}, "unknown target 'Au'"),
        (("vector", 0.1, 100), {"form_factor": "moliere"}, "unknown form factor 'moliere'"),
        (("vector", 100.0, 100), {}, "cannot radiate a mass of 100 GeV: the threshold is"),
        (("vector", 200.0, 100), {}, "cannot radiate"),
        (("vector", 3.0, 3.02), {}, "the threshold is 3.02"),  # the recoil of lead
        (("vector", 0.1, 0.15), {"lepton": "muon"}, "cannot radiate"),
        (("vector", 0.0, 100), {}, "mass is 0 GeV: it must be a positive number"),
        (("vector", -1.0, 100), {}, "mass is -1 GeV"),
        (("vector", 0.1, 0.0), {}, "energy is 0 GeV"),
        (("vector", np.nan, 100), {}, "mass holds a value that is not a finite number"),
        (("vector", 0.1, np.inf), {}, "energy holds a value that is not a finite number"),
        (("vector", "heavy", 100), {}, "mass must be a number"),
        (("vector", [0.1, 200.0], 100), {}, "cannot radiate a mass of 200 GeV"),
        (("vector", 0.1, 100), {"x_min": 1.5}, "x_min is 1.5"),
        (("vector", 0.1, 100), {"x_min": -0.1}, "x_min is -0.1"),
        (("spin2", 0.1, 100), {}, "spin2 has no amplitude for method 'etl'"),
    ],
)
def test_totals_outside_validity(arguments, options, message):
    with pytest.raises(SignalError, match=message):
        total_cross_section(*arguments, **options)


@pytest.mark.parametrize("x", [0.0, 0.0009, 0.9999999, 1.0, 1.1, -0.1])
def test_x_outside_its_range(x):
    with pytest.raises(SignalError, match=r"takes from 0.001 \(mX/E\) to .* of the 100 GeV"):
        differential_cross_section([0.5, x], "vector", 0.1, 100)


@pytest.mark.parametrize(
    ("theta", "method", "message"),
    [
        (-0.1, "etl", "theta is -0.1 rad"),
        (3.2, "etl", "theta is 3.2 rad"),
        (0.4, "ww", "from 0 to 0.3"),
        (0.1, "iww", "iww has no angle"),
    ],
)
def test_angles_outside_their_range(theta, method, message):
    with pytest.raises(SignalError, match=message):
        double_differential(0.5, theta, "vector", 0.1, 100, method=method)


def test_spin_2_is_there_in_ww():
    sigma = total_cross_section("spin2", [0.01, 0.1, 1.0], 100, method="ww")
    assert (sigma > 0).all()
    assert (np.diff(sigma) < 0).all()


def test_no_room_for_the_lepton_at_rest():
    # between the edge of exact kinematics and 1 - m/E there is no cross section
    low, high = 1 - M_MUON / 1.0 - 1e-4, 1 - M_MUON / 1.0
    assert differential_cross_section([low, high], "vector", 0.5, 1.0, lepton="muon")[1] == 0
