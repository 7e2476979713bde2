"""The reach of inelastic dark matter: stable, long-lived and short-lived chi2."""

from __future__ import annotations

import numpy as np
import pytest

from na64ana import signal
from na64ana.errors import SignalError
from na64ana.signal import inelastic_model
from na64ana.signal.constants import ALPHA, M_MUON
from na64ana.signal.inelastic_model import InelasticModel

SETUP = signal.setup("na64e")
EVENTS = 2.302585


def missing(model, mass, epsilon, energies, setup=SETUP):
    fraction = model.response(mass, setup).fraction
    assert fraction is not None
    return fraction(np.array([[epsilon]]), np.asarray(energies, dtype=float))[0]


@pytest.mark.parametrize("mass", [0.005, 0.25])
def test_without_a_splitting_it_is_a_dark_photon(mass):
    stable = signal.model("inelastic", splitting=1e-6)
    dirac = signal.model("dark-photon", dark_matter="pseudo-dirac")
    found, expected = (signal.reach(m, SETUP, [mass], EVENTS) for m in (stable, dirac))
    assert found.limit == pytest.approx(expected.limit, rel=1e-5)
    assert not found.two_sided


def test_what_decays_early_is_lost():
    """One minus the fraction for small epsilon: start Gamma(chi2) m2/hbar c <1/p2>.

    Gamma = 0.8711 4 eps^2 alpha alpha_D (m2 - m1)^5/(15 pi M^4), for massless electrons (reference
    of the phase space at a splitting of 0.1, independent calculation); 1/E2 evenly spread in E2.
    """
    mass, energy, epsilon = 0.6, 80.0, 1e-2
    m1, m2 = 0.2, 0.22
    width = 0.8711 * 4 * epsilon**2 * ALPHA * 0.1 * 0.02**5 / (15 * np.pi * mass**4)
    at_rest = (mass**2 + m2**2 - m1**2) / (2 * mass)
    spread = np.sqrt(at_rest**2 - m2**2)
    low, high = energy / mass * (at_rest - spread), energy / mass * (at_rest + spread)
    mean = np.log(high / low) / (high - low)
    lost = SETUP.start * width / 1.97327e-16 * m2 * mean
    found = 1 - missing(signal.model("inelastic"), mass, epsilon, [energy])
    assert 0.01 < lost < 0.1
    # second order in lost, and m_e, which is 5% of m2 - m1
    assert found == pytest.approx(lost, rel=0.06)


def test_the_energy_of_the_excited_state_is_that_of_a_two_body_decay():
    """Against pairs thrown evenly in all directions in the rest frame."""
    model, mass, energy, epsilon = InelasticModel(splitting=0.4), 0.6, 70.0, 4e-3
    m1, m2 = 0.2, 0.28
    rng = np.random.default_rng(1)
    cosine = rng.uniform(-1, 1, 200_000)
    at_rest = (mass**2 + m2**2 - m1**2) / (2 * mass)
    spread = np.sqrt(at_rest**2 - m2**2)
    boost = energy / mass
    thrown = boost * at_rest + np.sqrt(boost**2 - 1) * spread * cosine
    momentum = np.sqrt(thrown**2 - m2**2)
    lengths = SETUP.start * model.decay_rate(mass) * epsilon**2 / 1.97327e-16 * m2 / momentum
    expected, error = np.exp(-lengths).mean(), np.exp(-lengths).std() / np.sqrt(200_000)
    found = missing(model, mass, epsilon, [energy])[0]
    assert 0.01 < found < 0.9
    assert found == pytest.approx(expected, abs=5 * error)


def test_strong_couplings_are_not_excluded():
    model, mass = signal.model("inelastic", splitting=0.4), 0.3
    found = signal.reach(model, SETUP, [mass], EVENTS)
    (low,), (high,) = found.edges()
    assert found.two_sided
    assert low is not None
    assert high is not None
    for edge in (low, high):
        events = signal.expected_events(model, mass, edge, SETUP)
        assert events == pytest.approx(EVENTS, rel=1e-5)
    assert signal.expected_events(model, mass, 2 * high, SETUP) < 0.1
    # behind a shorter detector more of them decay: the edge goes with 1/sqrt(start) or less
    short = signal.setup("na64e", start=SETUP.start / 4)
    (_,), (further,) = signal.reach(model, short, [mass], EVENTS).edges()
    assert further is not None
    assert 1.9 * high < further < 2.3 * high


def test_a_large_splitting_at_a_large_mass_leaves_nothing():
    found = signal.reach(signal.model("inelastic", splitting=0.7), SETUP, [1.0], EVENTS)
    assert found.limit == (None,)


def test_more_nodes_give_the_same(monkeypatch):
    model = signal.model("inelastic", splitting=0.4)
    found = signal.reach(model, SETUP, [0.3], EVENTS).edges()
    monkeypatch.setattr(inelastic_model, "_NODES", 48)
    (low,), (high,) = signal.reach(model, SETUP, [0.3], EVENTS).edges()
    assert [low, high] == pytest.approx([found[0][0], found[1][0]], rel=1e-6)


def test_electrons_and_muons_open_one_after_the_other():
    model = InelasticModel(splitting=0.4)
    assert model.decay_rate(0.0076) == 0  # m2 - m1 = 1.01 MeV
    assert model.decay_rate(0.0078) > 0
    at = 2 * M_MUON * 3 / 0.4
    # the electrons' share alone goes with the mass
    assert model.decay_rate(at * 1.2) > 1.2 * 1.01 * model.decay_rate(at * 0.999)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: signal.model("inelastic", splitting=0.0), "splitting is 0"),
        (lambda: signal.model("inelastic", mass_ratio=2.05), r"mass_ratio is 2.05; .* above 2.1"),
        (lambda: signal.model("inelastic", alpha_D=-1.0), "alpha_D is -1"),
        (lambda: signal.model("inelastic", splitting=0.9).response(1.0, SETUP), "to hadrons"),
    ],
)
def test_what_makes_no_sense_is_refused(call, words):
    with pytest.raises(SignalError, match=words):
        call()


def test_decays_in_the_target_behind_the_detector_and_between_are_all():
    model, mass = signal.model("inelastic", splitting=0.4), 0.3
    seen = {
        "inside": signal.setup("na64e-semivisible", stop=0.28),
        "between": signal.setup("na64e-semivisible", start=0.28, stop=SETUP.start),
        "behind": signal.setup("na64e", start=SETUP.start),
    }
    for epsilon in (1e-4, 1e-3, 1e-2):
        events = {
            name: signal.expected_events(model, mass, epsilon, setup)
            for name, setup in seen.items()
        }
        everywhere = signal.setup("na64e-semivisible", start=0.0, stop=np.inf)
        whole = signal.expected_events(model, mass, epsilon, everywhere)
        assert sum(events.values()) == pytest.approx(whole, rel=1e-12)


def test_decays_in_the_target_exclude_strong_couplings():
    model = signal.model("inelastic", splitting=0.4)
    assert signal.reach(model, SETUP, [0.6], EVENTS).limit == (None,)
    both = signal.reach(model, signal.setups("na64e-inelastic"), [0.6], EVENTS)
    (low,), (high,) = both.edges()
    assert low is not None
    assert high is None


def test_a_stable_excited_state_leaves_no_pair_in_the_target():
    stable = signal.model("inelastic", splitting=1e-6)
    assert signal.expected_events(stable, 0.1, 1e-3, signal.setup("na64e-semivisible")) == 0
