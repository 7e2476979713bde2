"""(g-2): reference numbers, limits, and data with dates."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from na64ana.errors import SignalError
from na64ana.signal.constants import M_ELECTRON
from na64ana.signal.moments import (
    MOMENTS,
    epsilon_for_moment,
    loop_factor,
    moment_band,
    moment_bands,
    moment_shift,
)
from tests.signal.processes import references

KINDS = {"S": "scalar", "P": "pseudoscalar", "V": "vector", "A": "axial"}
LEPTONS = {"e": "electron", "mu": "muon"}


@pytest.mark.parametrize("entry", references("gm2_loop_I"), ids=lambda e: str(e["inputs"]))
def test_loop_factor(entry):
    given = entry["inputs"]
    found = loop_factor(KINDS[given["kind"]], given["m_MeV"] / 1000, LEPTONS[given["lepton"]])
    assert found == pytest.approx(entry["value"], rel=entry["tolerance"])


INTEGRANDS = {
    "scalar": lambda z, r: (1 - z) ** 2 * (1 + z) / ((1 - z) ** 2 + z * r),
    "pseudoscalar": lambda z, r: -((1 - z) ** 3) / ((1 - z) ** 2 + z * r),
    "vector": lambda z, r: 2 * z * (1 - z) ** 2 / ((1 - z) ** 2 + z * r),
    "axial": lambda x, r: (
        (2 * x * (1 - x) * (x - 4) - 4 * x**3 / r) / ((1 - x) + x**2 / r) / r
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", INTEGRANDS)
@pytest.mark.parametrize("r", [1e-4, 0.3, 4.0, 50.0, 1e3])
def test_the_integrals_themselves(kind, r):
    points = [np.sqrt(r), 1 - np.sqrt(r)] if r < 0.2 else [1 / r, 1 - 1 / r] if r > 10 else None
    found, _ = quad(INTEGRANDS[kind], 0, 1, args=(r,), epsrel=1e-11, points=points, limit=400)
    assert loop_factor(kind, np.sqrt(r) * M_ELECTRON) == pytest.approx(found, rel=1e-8)


def test_light_bosons():
    light = 1e-6 * M_ELECTRON
    for kind, limit in {"scalar": 1.5, "pseudoscalar": -0.5, "vector": 1.0}.items():
        assert loop_factor(kind, light) == pytest.approx(limit, rel=1e-4)


def test_a_light_axial_vector_is_its_goldstone_boson():
    # pseudoscalar of coupling 2 m_l g / M
    mass = 1e-4 * M_ELECTRON
    goldstone = loop_factor("pseudoscalar", mass) * 4 * M_ELECTRON**2 / mass**2
    assert loop_factor("axial", mass) == pytest.approx(goldstone, rel=1e-4)


def test_heavy_bosons():
    mass = 3e4 * M_ELECTRON
    r = 9e8
    expected = {
        "scalar": (np.log(r) - 7 / 6) / r,
        "pseudoscalar": -(np.log(r) - 11 / 6) / r,
        "vector": 2 / (3 * r),
        "axial": -10 / (3 * r),
    }
    for kind, limit in expected.items():
        assert loop_factor(kind, mass) == pytest.approx(limit, rel=1e-5)


def test_epsilon_for_the_muon():
    (entry,) = references("gm2_eps_for_da_mu")
    masses = np.array(entry["inputs"]["m_MeV"]) / 1000
    found = epsilon_for_moment("vector", masses, entry["inputs"]["da_mu"], lepton="muon")
    assert found == pytest.approx(np.array(entry["value"]), rel=entry["tolerance"])
    back = moment_shift("vector", masses, epsilon=found, lepton="muon")
    assert back == pytest.approx(np.full(5, 2.51e-9))


def test_data_are_those_of_the_references():
    known = {(m.value, m.error) for m in MOMENTS.values()}
    for quantity in ("delta_a_e", "delta_a_mu"):
        for entry in references(quantity):
            assert (entry["value"]["value"], entry["value"]["error"]) in known


def test_significances_of_the_talk():
    # "LKB +1.6 sigma, Berkeley -2.4 sigma"
    for entry in references("delta_a_e"):
        name = "electron-rb-2020" if "Rb" in entry["inputs"]["alpha"] else "electron-cs-2018"
        found = MOMENTS[name]
        assert found.value / found.error == pytest.approx(entry["value"]["sigma"], abs=0.05)


def test_the_band_of_the_talk_is_superseded_and_not_hidden():
    assert MOMENTS["muon-2021"].superseded_by == "muon-wp2025"
    for moment in MOMENTS.values():
        assert moment.superseded_by == "" or moment.superseded_by in MOMENTS
        assert moment.source
    current = MOMENTS["muon-wp2025"]
    assert not current.superseded_by
    assert abs(current.value) < current.error


def test_the_shift_of_2023_follows_from_the_moment_of_2023():
    # a_e (2008) was 0.00115965218073(28): -1.4e-13 with the new one; the new error 1.3e-13 takes
    # the place of 2.8e-13
    (new,) = references("a_e_exp")
    for old, shifted in (("rb-2020", "rb-2023"), ("cs-2018", "cs-2023")):
        before, after = MOMENTS[f"electron-{old}"], MOMENTS[f"electron-{shifted}"]
        assert after.value == pytest.approx(
            before.value + new["value"]["value"] - 0.00115965218073, abs=0.5e-14
        )
        error = np.sqrt(before.error**2 - 2.8e-13**2 + new["value"]["error"] ** 2)
        assert after.error == pytest.approx(error, abs=1.5e-14)


def test_the_edges_of_a_band_shift_the_moment_by_its_ends():
    value, masses = MOMENTS["muon-2021"], np.array([0.001, 0.05, 0.2])
    low, high = moment_band(value, "vector", masses, sigmas=2)
    for edge, expected in ((low, 2.51e-9 - 2 * 0.59e-9), (high, 2.51e-9 + 2 * 0.59e-9)):
        shift = moment_shift("vector", masses, epsilon=edge, lepton="muon")
        assert shift == pytest.approx(np.full(3, expected))
    middle = epsilon_for_moment("vector", masses, 2.51e-9, lepton="muon")
    assert np.all((low < middle) & (middle < high))


def test_a_band_with_zero_in_it_begins_at_zero():
    low, high = moment_band(MOMENTS["muon-wp2025"], "scalar", [0.01, 0.1])
    assert low == pytest.approx(np.zeros(2))
    shift = moment_shift("scalar", [0.01, 0.1], epsilon=high, lepton="muon")
    assert shift == pytest.approx(np.full(2, 0.38e-9 + 0.63e-9))
    # and a boson that shifts the other way has the other end
    _, high = moment_band(MOMENTS["muon-wp2025"], "axial", [0.1])
    assert moment_shift("axial", 0.1, epsilon=high[0], lepton="muon") == pytest.approx(-0.25e-9)


def test_bosons_that_shift_the_wrong_way_have_no_band():
    """A vector raises the moment: no band for caesium, one for rubidium; axial the other way."""
    masses = np.geomspace(1e-6, 3, 7)
    for mediator, none, some in (("vector", "cs", "rb"), ("axial", "rb", "cs")):
        bands = moment_bands(mediator, masses, "electron")
        assert set(bands) == {f"electron-{alpha}" for alpha in
                              ("cs-2018", "rb-2020", "cs-2023", "rb-2023")}  # fmt: skip
        assert all(np.isnan(edge).all() for edge in bands[f"electron-{none}-2023"])
        low, high = bands[f"electron-{some}-2023"]
        assert np.all((low > 0) & (low < high))


def test_shapes_and_refusals():
    assert isinstance(loop_factor("vector", 0.01), float)
    assert loop_factor("vector", np.full((2, 3), 0.01)).shape == (2, 3)
    with pytest.raises(SignalError, match="other sign"):
        epsilon_for_moment("axial", 0.01, 2.51e-9, lepton="muon")
    with pytest.raises(SignalError, match="computed from 1e-8 to 1e5"):
        loop_factor("vector", 1e6)
    with pytest.raises(SignalError, match="did you mean 'muon'"):
        loop_factor("vector", 0.1, "moun")
    with pytest.raises(SignalError, match=r"unknown lepton with .* 'tau'"):
        moment_bands("vector", [0.1], "tau")
    with pytest.raises(SignalError, match="sigmas is 0"):
        moment_band(MOMENTS["muon-2021"], "vector", [0.1], sigmas=0)
    with pytest.raises(SignalError, match="unknown mediator 'tensor'"):
        loop_factor("tensor", 0.1)
