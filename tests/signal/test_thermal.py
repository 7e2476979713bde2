"""The relic solver: reference lines, the non-relativistic limit, the plasma."""

from __future__ import annotations

import numpy as np
import pytest

from na64ana.errors import SignalError
from na64ana.signal import thermal
from na64ana.signal.constants import ALPHA
from na64ana.signal.plasma import plasma
from na64ana.signal.thermal import relic_density, relic_target
from tests.signal.processes import references


@pytest.mark.parametrize(
    "entry",
    references("relic_y_target"),
    ids=lambda e: f"{e['inputs']['model']}-{e['inputs']['alphaD']}",
)
def test_lines(entry):
    given = entry["inputs"]
    masses = np.array(given["mchi_MeV"]) / 1000
    found = relic_target(masses, dark_matter=given["model"].lower(), alpha_D=given["alphaD"])
    ratio = found / np.array(entry["value"]["ours"])
    # a factor 1.5 is asked for; the same physics by two codes agrees far better
    assert ratio == pytest.approx(np.ones(len(masses)), rel=0.1)
    published = found / np.array(entry["value"]["espp_reference"])
    assert published == pytest.approx(np.ones(len(masses)), rel=0.5)


@pytest.mark.parametrize(("kind", "power"), [("pseudo-dirac", 0), ("scalar", 1), ("majorana", 1)])
def test_slow_dark_matter(kind, power):
    # electrons far below: 16 pi alpha epsilon^2 alpha_D m^2/(M^2 - 4 m^2)^2 for s-waves, v^2/6 of
    # that for p-waves, v^2 = 6 T/m on average
    mass, ratio, x = 0.03, 3.0, np.array([2000.0, 3000.0])
    model = thermal._model(mass, kind, 0.1, ratio, "dark-photon")
    found = thermal._average(model, x) * ALPHA
    expected = 16 * np.pi * ALPHA * 0.1 / (mass**2 * (ratio**2 - 4) ** 2) / x**power
    assert found == pytest.approx(expected, rel=0.01)


def test_majorana_and_scalar():
    # w = 1 against 1/2, the same cross section
    ratio = relic_target(0.03, dark_matter="majorana") / relic_target(0.03)
    assert ratio == pytest.approx(0.5, rel=0.01)


def test_the_density_falls_with_the_coupling():
    y = relic_target(0.03)
    assert relic_density(0.03, y) == pytest.approx(0.12, rel=2e-4)
    assert relic_density(0.03, 2 * y) == pytest.approx(0.06, rel=0.1)


def test_the_muon_portal():
    # below the muon two neutrinos are left, S = 1, as the electron for a dark photon; there
    # y = (4 pi)^2 alpha_D kappa (m/M)^4 instead of alpha_D kappa/alpha (m/M)^4
    light = relic_target(0.03, portal="lmu-ltau") / relic_target(0.03)
    assert light == pytest.approx((4 * np.pi) ** 2 * ALPHA, rel=0.02)
    # muons, and nearly no taus, double the rate at 300 MeV; hadrons do not take part
    assert relic_target(0.3, portal="lmu-ltau") > relic_target(0.3) * (4 * np.pi) ** 2 * ALPHA


def test_dirac_is_pseudo_dirac():
    assert relic_target(0.03, dark_matter="dirac") == relic_target(0.03, dark_matter="pseudo-dirac")


def test_degrees_of_freedom():
    # 10.75 between electrons and muons; 3.91 and 3.36 today, neutrinos at (4/11)^(1/3)
    gas = plasma(np.array([6e-3, 5e-3, 1e-5, 9e-6]))
    assert gas.entropy[:2] == pytest.approx(10.75, rel=2e-3)
    assert gas.energy[:2] == pytest.approx(10.75, rel=2e-3)
    assert gas.entropy[-1] == pytest.approx(2 + 21 / 4 * 4 / 11, rel=1e-4)
    assert gas.energy[-1] == pytest.approx(2 + 21 / 4 * (4 / 11) ** (4 / 3), rel=1e-4)


def test_scalars_and_arrays():
    assert isinstance(relic_target(0.1), float)
    assert relic_target([[0.1], [0.2]]).shape == (2, 1)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: relic_target(5e-4), "computed from 0.001 to 1 GeV"),
        (lambda: relic_target(0.1, mass_ratio=2.0), "annihilates on the resonance"),
        (lambda: relic_target(0.1, dark_matter="majorama"), "did you mean 'majorana'"),
        (lambda: relic_target(0.1, portal="muon"), "unknown portal"),
        (lambda: relic_density(0.1, 0.0), "y is 0"),
        (lambda: plasma(np.array([0.2, 0.3])), "the confinement of quarks"),
    ],
)
def test_refused(call, said):
    with pytest.raises(SignalError, match=said):
        call()
