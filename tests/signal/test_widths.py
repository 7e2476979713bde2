"""Partial widths of the models, hadrons, and the three-body decay of inelastic dark matter."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from na64ana.errors import SignalError
from na64ana.signal.constants import ALPHA, ELEMENTARY_CHARGE, M_ELECTRON, M_MUON
from na64ana.signal.hadrons import hadron_ratio
from na64ana.signal.inelastic import excited_state_width, three_body_integral
from na64ana.signal.loops import loop_mixing
from na64ana.signal.widths import (
    INVISIBLE,
    MODELS,
    branching_ratios,
    partial_widths,
    total_width,
)
from tests.signal.processes import references


@pytest.mark.parametrize("entry", references("B-L_BR_invisible"), ids=lambda e: str(e["inputs"]))
def test_invisible_b_minus_l(entry):
    model = "b-l" if "unbroken" in entry["inputs"] else "b-l-broken"
    masses = np.array(entry["inputs"]["m_MeV"]) / 1000
    found = branching_ratios(partial_widths(model, masses, 1e-4))["neutrinos"]
    assert found == pytest.approx(np.array(entry["value"]), rel=entry["tolerance"])


@pytest.mark.parametrize("model", MODELS)
def test_ratios_sum_to_one_and_widths_go_with_the_coupling_squared(model):
    masses = np.array([0.002, 0.0167, 0.1, 0.25])
    widths = partial_widths(model, masses, 1e-3)
    assert sum(branching_ratios(widths).values()) == pytest.approx(np.ones(4))
    twice = partial_widths(model, masses, 2e-3)
    assert total_width(twice) == pytest.approx(4 * total_width(widths))
    assert all((np.asarray(width) >= 0).all() for width in widths.values())


def test_l_mu_l_tau_is_invisible_below_two_muons():
    light, heavy = 0.1, 1.0
    found = branching_ratios(partial_widths("lmu-ltau", [light, heavy], 1e-3))
    assert found["neutrinos"][0] == pytest.approx(1, abs=3e-5)
    # electrons see it by the loop only
    width = partial_widths("lmu-ltau", light, 1e-3)["electron"]
    epsilon = 1e-3 * loop_mixing(light**2)
    r = M_ELECTRON / light
    direct = epsilon**2 * ALPHA * light / 3 * (1 + 2 * r**2) * np.sqrt(1 - 4 * r**2)
    assert width == pytest.approx(direct)
    # two flavours of neutrinos weigh as much as the muons of a heavy boson
    assert found["muon"][1] == pytest.approx(found["neutrinos"][1], rel=0.01)


def test_dark_matter_takes_over():
    widths = partial_widths("dark-photon", 0.1, 1e-4, alpha_D=0.1)
    found = branching_ratios(widths)
    assert sum(found.get(name, 0.0) for name in INVISIBLE) == pytest.approx(1, abs=1e-6)
    assert widths["dark matter"] == pytest.approx(0.00303664, rel=1e-5)


def test_b_minus_l_to_electrons_is_that_of_a_dark_photon():
    one = partial_widths("b-l", 0.05, 1e-4)["electron"]
    assert one == pytest.approx(
        partial_widths("dark-photon", 0.05, 1e-4 / ELEMENTARY_CHARGE)["electron"]
    )


def test_hadrons():
    # (beta^3/4) |F|^2 with |F|^2 from 35 to 45 next to the peak of the rho, as measured (PDG)
    assert 6 < hadron_ratio(0.76**2) < 11
    assert hadron_ratio(0.27**2) == 0
    # plateaus of the quark model with 10% of gluons: 2 and 10/3
    assert hadron_ratio(3.0**2) == pytest.approx(2.2, rel=0.02)
    assert hadron_ratio(5.0**2) == pytest.approx(1.1 * 10 / 3, rel=0.02)
    # without the rho, twice the omega
    assert hadron_ratio(0.6**2, current="baryon") < 0.3 * hadron_ratio(0.6**2)
    assert hadron_ratio(0.4**2, current="baryon") == 0


def test_hadrons_in_the_moment_of_the_muon():
    # lowest order, (alpha^2/3 pi^2) Int ds K(s) R(s)/s = 693.1(4.0)e-10 from data (white paper of
    # 2020, arXiv:2006.04822)
    grid = np.geomspace(0.27, 10.5, 400)
    z = 1 / (1 + np.exp(-np.linspace(-40, 40, 801)))
    ratio = (grid[:, None] / M_MUON) ** 2
    kernel = (0.1 * z * (1 - z) * z**2 * (1 - z) / (z**2 + (1 - z) * ratio)).sum(-1)
    energy = np.concatenate([np.linspace(0.28, 1.2, 20000), np.linspace(1.2001, 10.5, 2000)])
    inside = 2 / energy * np.interp(energy, grid, kernel) * hadron_ratio(energy**2)
    moment = ALPHA**2 / (3 * np.pi**2) * np.trapezoid(inside, energy)
    assert moment == pytest.approx(693.1e-10, rel=0.05)


def test_the_peak_of_the_omega_and_the_phi():
    # narrow peaks hold the integral of sigma that their width to electrons gives:
    # Int R ds = 9 pi m Gamma_ee / alpha^2 for all hadrons
    for mass, electrons in ((1.01946, 4.249e-3 * 2.979e-4), (0.78266, 8.68e-3 * 7.38e-5)):
        low, high = mass - 0.06, mass + 0.06
        strength = {0.78266: 4.0}.get(mass, 1.0)
        found, _ = quad(
            lambda q: 2 * q * hadron_ratio(q * q, current="baryon"), low, high,
            points=[mass], epsrel=1e-8,
        )  # fmt: skip
        assert found / strength == pytest.approx(9 * np.pi * mass * electrons / ALPHA**2, rel=0.1)


def test_phase_space_of_inelastic_dark_matter():
    (entry,) = references("iDM_K_phase_space")
    for delta, expected in zip(entry["inputs"]["Delta"], entry["value"], strict=True):
        m1, gap, mediator = np.array(0.01), np.array(0.01 * delta), np.array(0.03)
        found = float(three_body_integral(m1, gap, mediator, 0.0))
        simple = 4 * ALPHA * float(gap) ** 5 / (15 * np.pi * float(mediator) ** 4)
        assert found / simple == pytest.approx(expected, rel=entry["tolerance"])


def test_small_splittings():
    # massless leptons and a small splitting leave the simple formula
    found = float(three_body_integral(np.array(1.0), np.array(1e-4), np.array(30.0), 0.0))
    assert found == pytest.approx(4 * ALPHA * 1e-20 / (15 * np.pi * 30.0**4), rel=1e-3)


def test_the_three_body_decay_by_dalitz_integration():
    # the same width from |M|^2 over the two invariant masses, without splitting it in two steps
    m1, m2, mediator, lepton = 0.05, 0.07, 0.15, M_ELECTRON

    def amplitude(q2, s1l):
        # spin sums of chi1 and chi2 with the tensor of the leptons; P = m2, k- and k+ leptons
        p1p2 = (m1**2 + m2**2 - q2) / 2
        p1k = (s1l - m1**2 - lepton**2) / 2
        kk = (q2 - 2 * lepton**2) / 2
        p1kp = (m2**2 - m1**2 - q2) / 2 - p1k
        p2k = p1k + lepton**2 + kk
        p2kp = p1kp + lepton**2 + kk
        trace = 32 * (p2k * p1kp + p2kp * p1k + lepton**2 * p1p2 - m1 * m2 * kk)
        trace -= 64 * m1 * m2 * lepton**2
        return trace / 2 / (q2 - mediator**2) ** 2

    def inner(q2):
        energy1 = (m2**2 - m1**2 - q2) / (2 * np.sqrt(q2))
        p1 = np.sqrt(energy1**2 - m1**2)
        k = np.sqrt(q2 / 4 - lepton**2)
        centre = m1**2 + lepton**2 + energy1 * np.sqrt(q2)
        found, _ = quad(lambda s: amplitude(q2, s), centre - 2 * p1 * k, centre + 2 * p1 * k)
        return found

    dalitz, _ = quad(inner, 4 * lepton**2, (m2 - m1) ** 2, epsrel=1e-9)
    couplings = (4 * np.pi) ** 2 * ALPHA * 0.1
    expected = couplings * dalitz / (256 * np.pi**3 * m2**3)
    found = excited_state_width(m1, m2 / m1 - 1, mediator, alpha_D=0.1)
    assert found == pytest.approx(expected, rel=1e-7)


def test_shapes():
    assert isinstance(excited_state_width(0.1, 0.4, 0.3), float)
    assert excited_state_width(0.1, np.array([[0.1], [0.4]]), np.array([0.3, 0.4])).shape == (2, 2)
    assert isinstance(total_width(partial_widths("b-l", 0.1, 1e-4)), float)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: partial_widths("darkphoton", 0.1, 1e-3), "did you mean 'dark-photon'"),
        (lambda: partial_widths("spin-2", 0.5, 1e-3), "hadrons are not computed"),
        (lambda: partial_widths("dark-photon", 12.0, 1e-3), "where bottom opens"),
        (lambda: partial_widths("alp", 0.1, 1e-3, alpha_D=0.1), "no dark matter"),
        (lambda: branching_ratios(partial_widths("vector", 0.0005, 1e-3)), "no channel is open"),
        (lambda: excited_state_width(0.01, 0.05, 0.03), "must be above 0.001022 GeV"),
        (lambda: excited_state_width(0.1, 0.4, 0.03), "a real mediator"),
        (lambda: hadron_ratio(1.0, current="weak"), "unknown current"),
        (lambda: hadron_ratio(112.0), "s is 112: it must be below"),
        (lambda: partial_widths("vector", 0.1, 1e-3, alpha_D=[0.1]), "alpha_D must be one number"),  # type: ignore[arg-type]
    ],
)
def test_refused(call, said):
    with pytest.raises(SignalError, match=said):
        call()
