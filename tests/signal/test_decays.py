"""Widths, lifetimes, decay lengths and probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from na64ana.errors import SignalError
from na64ana.signal.constants import ALPHA, HBARC, M_ELECTRON
from na64ana.signal.decays import (
    MEDIATORS,
    alp_width,
    dark_width,
    decay_length,
    decay_probability,
    lepton_width,
    lifetime,
    neutrino_width,
    spin2_fermion_width,
    spin2_photon_width,
)
from tests.signal.processes import references


def test_width_over_mass():
    (entry,) = references("width_over_mass")
    alpha_D = entry["inputs"]["alphaD"]
    for kind, expected in entry["value"].items():
        found = dark_width(1.0, 1 / 3, dark_matter=kind, alpha_D=alpha_D)
        # given to six digits
        assert found == pytest.approx(expected, rel=entry["tolerance"])


def test_lifetime_of_x17():
    (entry,) = references("ctau_X_to_ee")
    mass = entry["inputs"]["m_MeV"] / 1000
    width = lepton_width("vector", mass, epsilon=entry["inputs"]["eps"])
    assert HBARC / width == pytest.approx(entry["value"], rel=entry["tolerance"])
    # Gamma = 4.0622e-11 GeV, 29.1 mm at 100 GeV
    assert width == pytest.approx(4.0622e-11, rel=1e-3)
    assert decay_length(mass, 100.0, width) == pytest.approx(0.0291, rel=2e-3)
    assert lifetime(width) == pytest.approx(entry["value"] / 299792458, rel=1e-3)


def test_decay_length_of_an_alp():
    (entry,) = references("decay_length_ALP")
    given = entry["inputs"]
    mass = given["m_MeV"] / 1000
    found = decay_length(mass, given["E_GeV"], alp_width(mass, given["g"]))
    assert found == pytest.approx(entry["value"], rel=entry["tolerance"])


def test_spin2_width():
    (entry,) = references("spin2_width_ll")
    mass = entry["inputs"]["m_GeV"]
    found = spin2_fermion_width(mass, 0.0, entry["inputs"]["c_over_Lambda"])
    assert found == pytest.approx(entry["value"], rel=entry["tolerance"])
    # a photon pair counts as two massless Dirac pairs: Han, Lykken and Zhang
    assert spin2_photon_width(mass, 1.0) == pytest.approx(2 * found)


def _spin2_trace(mass, fermion):
    """Averaged squared amplitude of G -> f fbar for c/Lambda = 1 by explicit sums."""
    sigma = [np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1, -1])]
    zero, one = np.zeros((2, 2)), np.eye(2)
    gamma = [np.block([[one, zero], [zero, -one]])]
    gamma += [np.block([[zero, s], [-s, zero]]) for s in sigma]
    metric = np.diag([1.0, -1, -1, -1])
    momentum = np.sqrt(mass**2 / 4 - fermion**2)
    p1 = np.array([mass / 2, 0.3 * momentum, 0.4 * momentum, np.sqrt(0.75) * momentum])
    p2 = np.array([mass / 2, *(-p1[1:])])
    slash = [sum(metric[i, i] * p[i] * gamma[i] for i in range(4)) for p in (p1, p2)]
    identity = np.eye(4)
    # vertex of T_munu between ubar(p1) and v(p2), without its trace, which the mass shell drops
    vertex = {
        (m, n): (gamma[m] * (p1 - p2)[n] + gamma[n] * (p1 - p2)[m]) / 4
        for m in range(4) for n in range(4)
    }  # fmt: skip
    rest = np.array([mass, 0, 0, 0.0])
    p = -metric + np.outer(rest, rest) / mass**2
    total = 0
    for (m, n), left in vertex.items():
        for (a, b), right in vertex.items():
            low = metric[m, m] * metric[n, n] * metric[a, a] * metric[b, b]
            spin = (p[m, a] * p[n, b] + p[m, b] * p[n, a]) / 2 - p[m, n] * p[a, b] / 3
            if spin:
                barred = gamma[0] @ right.conj().T @ gamma[0]
                trace = np.trace(
                    (slash[0] + fermion * identity) @ left
                    @ (slash[1] - fermion * identity) @ barred
                )  # fmt: skip
                total += low * spin * trace.real
    return total / 5


@pytest.mark.parametrize("fermion", [0.0, 0.2, 0.45])
def test_spin2_width_from_explicit_traces(fermion):
    momentum = np.sqrt(0.25 - fermion**2)
    expected = momentum / (8 * np.pi) * _spin2_trace(1.0, fermion)
    assert spin2_fermion_width(1.0, fermion, 1.0) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("mediator", MEDIATORS)
def test_a_dirac_pair_is_a_pair_of_leptons(mediator):
    found = dark_width(0.1, M_ELECTRON, alpha_D=ALPHA, mediator=mediator)
    assert found == pytest.approx(lepton_width(mediator, 0.1))


@given(st.floats(2.01, 50))
def test_a_pseudo_dirac_pair_without_splitting_is_a_dirac_pair(ratio):
    dirac = dark_width(1.0, 1 / ratio)
    assert dark_width(1.0, 1 / ratio, dark_matter="pseudo-dirac") == pytest.approx(dirac)


def test_a_split_pair_from_traces():
    # |M|^2 = 4 pi alpha_D Tr[...](-g + P P/M^2)/3, written with four-products
    m1, m2, mass = 0.2, 0.35, 1.0
    product = (mass**2 - m1**2 - m2**2) / 2
    at1, at2 = (mass**2 + m1**2 - m2**2) / 2, (mass**2 + m2**2 - m1**2) / 2
    amplitude = (8 * product + 16 * m1 * m2) / 3
    amplitude += 4 * (2 * at1 * at2 / mass**2 - product - m1 * m2) / 3
    momentum = np.sqrt((1 - (m1 + m2) ** 2) * (1 - (m1 - m2) ** 2)) / 2
    expected = momentum / (8 * np.pi) * 4 * np.pi * 0.1 * amplitude
    found = dark_width(mass, m1, dark_matter="pseudo-dirac", splitting=0.75)
    assert found == pytest.approx(expected, rel=1e-12)


def test_thresholds():
    assert lepton_width("vector", 0.001) == 0
    assert dark_width(0.1, 0.05) == 0
    assert dark_width(0.1, 0.04, dark_matter="pseudo-dirac", splitting=0.6) == 0
    assert (lepton_width("axial", np.array([0.2, 0.3]), "muon") > 0).tolist() == [False, True]
    assert neutrino_width(0.1, 0.01, right_handed=True) == 2 * neutrino_width(0.1, 0.01)


@given(st.floats(1e-3, 1e3), st.lists(st.floats(0, 1e4), min_size=2, max_size=8))
def test_probabilities_sum_to_one(length, places):
    edges = np.array([0.0, *sorted(places), np.inf])
    found = decay_probability(edges[:-1], edges[1:], length)
    assert (found >= 0).all()
    assert found.sum() == pytest.approx(1, rel=1e-12)


def test_short_regions_keep_their_digits():
    assert decay_probability(1.0, 1.0 + 1e-6, 1e9) == pytest.approx(1e-15, rel=1e-6)


def test_the_stable_do_not_decay():
    length = decay_length(0.1, 100.0, 0.0)
    assert np.isinf(length)
    assert decay_probability(0.0, 100.0, length) == 0


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: lepton_width("vektor", 0.1), "did you mean 'vector'"),
        (lambda: lepton_width("vector", 0.1, "positron"), "unknown lepton"),
        (lambda: lepton_width("vector", 0.0), "mass is 0: it must be above 0"),
        (lambda: lepton_width("vector", 0.1, epsilon=-1.0), "epsilon is -1"),
        (lambda: dark_width(0.1, 0.01, dark_matter="axion"), "unknown dark matter"),
        (lambda: dark_width(0.1, 0.01, splitting=0.1), "has no splitting"),
        (lambda: dark_width(0.1, 0.01, mediator="axial", dark_matter="scalar"), "dirac, majorana"),
        (lambda: decay_length(0.1, 0.1, 1e-9), "energy is 0.1: it must be above 0.1, the mass"),
        (lambda: decay_probability(2.0, 1.0, 1.0), "stop before it starts"),
        (lambda: decay_probability(0.0, float("nan"), 1.0), "stop is nan"),
        (lambda: decay_probability(0.0, 1.0, 0.0), "length is 0"),
        (lambda: decay_probability(-1.0, 1.0, 1.0), "start is -1"),
        (lambda: lifetime(0.0), "width is 0"),
    ],
)
def test_refused(call, said):
    with pytest.raises(SignalError, match=said):
        call()
