"""Windows of visible decays against numbers made apart and published ones, and laws they obey."""

from __future__ import annotations

import json

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from na64ana import signal
from na64ana.cli import main
from na64ana.errors import SignalError
from na64ana.signal import production
from na64ana.signal.annihilation import resonance_energy
from na64ana.signal.widths import partial_widths, total_width
from tests.signal.visible import EVENTS, reference

RUNS = signal.setups("na64e-visible")
VECTOR = signal.model("x17-vector")
LATE = signal.setup("na64e-visible-2018")


def window(model, masses, **changes):
    found = signal.reach(model, signal.setups("na64e-visible", **changes), masses, EVENTS)
    return found.edges()


@pytest.fixture(scope="module")
def edges():
    masses = reference("visible_window")["value"]["mass_MeV"]
    return window(VECTOR, [mass / 1000 for mass in masses])


def test_the_three_runs_are_those_of_the_talk():
    found = [(run.beam_energy, run.exposure, run.thickness, run.target) for run in RUNS]
    assert found == [(100, 2.4e10, 40, "W"), (100, 3.0e10, 30, "W"), (150, 3.0e10, 30, "W")]
    assert sum(run.exposure for run in RUNS) == 8.4e10


def test_the_window_of_the_reference(edges):
    entry = reference("visible_window")
    for found, side in zip(edges, ("lower", "upper"), strict=True):
        assert found == pytest.approx(entry["value"][side], rel=entry["tolerance"])


def test_the_published_window(edges):
    entry = reference("visible_window_published")
    for found, side in zip(edges, ("lower", "upper"), strict=True):
        assert found == pytest.approx(entry["value"][side], rel=entry["tolerance"][side])


def test_the_window_of_the_abstract(edges):
    entry = reference("visible_window_abstract", mediator="vector")
    at = reference("visible_window")["value"]["mass_MeV"].index(entry["inputs"]["mass_MeV"])
    for found, side in zip(edges, ("lower", "upper"), strict=True):
        assert found[at] == pytest.approx(entry["value"][side], rel=entry["tolerance"][side])


def test_the_window_ends_where_the_published_one_does():
    """At 24.8 MeV; with an efficiency of 0.3 it would end at 22.3 MeV already."""
    last = reference("visible_window_published")["value"]["last_mass_MeV"] / 1000
    low, high = window(VECTOR, [0.95 * last, 1.05 * last])
    assert high[0] / low[0] > 1.5
    assert (low[1], high[1]) == (None, None)
    assert window(VECTOR, [0.95 * last], efficiency=0.3) == ([None], [None])


def test_the_runs_of_2017_alone():
    """Lower edges, and where the window ends; the published upper edges are lower than these."""
    entry = reference("visible_window_2017_published")
    last = entry["value"]["last_mass_MeV"] / 1000
    masses = [mass / 1000 for mass in entry["value"]["mass_MeV"]]
    found = signal.reach(VECTOR, RUNS[:2], [*masses, 0.98 * last, 1.04 * last], EVENTS)
    low, high = found.edges()
    assert low[:4] == pytest.approx(entry["value"]["lower"], rel=entry["tolerance"]["lower"])
    assert low[4] is not None
    assert (low[5], high[5]) == (None, None)


def test_a_longer_dump_closes_the_window():
    found = [window(VECTOR, [0.0167], start=start, stop=start + 3.5) for start in (0.2, 0.5, 2.0)]
    (low, high), (low_behind, high_behind), last = found
    assert low[0] < low_behind[0] < high_behind[0] < high[0]
    assert last == ([None], [None])


def test_the_window_of_a_pseudoscalar():
    """Of the abstract; the efficiency of 0.5 is chosen, 0.4 gives the mass where it ends too."""
    entry = reference("visible_window_abstract", mediator="pseudoscalar")
    model, mass = signal.model("x17-pseudoscalar"), entry["inputs"]["mass_MeV"] / 1000
    for (found,), side in zip(window(model, [mass]), ("lower", "upper"), strict=True):
        assert found == pytest.approx(entry["value"][side], rel=entry["tolerance"][side])
    last = entry["value"]["last_mass_MeV"] / 1000
    low, high = window(model, [mass, 0.99 * last, 1.01 * last], efficiency=0.4)
    assert low[0] == pytest.approx(entry["value"]["lower"], rel=0.1)
    assert high[0] == pytest.approx(entry["value"]["upper"], rel=0.1)
    assert low[1] is not None
    assert (low[2], high[2]) == (None, None)


def test_the_efficiency_hardly_moves_the_upper_edge():
    masses = [0.005, 0.01]
    (low, high), (low_less, high_less) = (window(VECTOR, masses, efficiency=e) for e in (0.5, 0.25))
    for i in range(2):
        assert 0.9 < high_less[i] / high[i] < 1
        assert low_less[i] / low[i] > 1.19


def response(model=VECTOR, mass=0.0167, **changes):
    return model.response(mass, signal.setup("na64e-visible-2018", **changes))


@settings(max_examples=5, deadline=None)
@given(st.floats(1e-5, 1e-2), st.floats(0.3, 3))
def test_lengths_times_a_factor_are_couplings_by_its_root(epsilon, factor):
    """N(g; start, stop) g^-2 goes with g^2 times the lengths, and with nothing else."""
    near = response()(epsilon)
    far = response(start=factor**2 * LATE.start, stop=factor**2 * LATE.stop)(epsilon / factor)
    assert far == pytest.approx(near / factor**2, rel=1e-9, abs=1e-200)


def test_weak_couplings_give_the_fourth_power():
    """What lives long decays in proportion to the length of the space behind the dump."""
    found = response()
    assert found(1e-8) / found(1e-9) == pytest.approx(1e4, rel=1e-3)
    longer = response(stop=LATE.start + 2 * (LATE.stop - LATE.start))
    assert longer(1e-9) / found(1e-9) == pytest.approx(2, rel=1e-4)


def test_all_that_is_made_is_seen_where_all_decays_are():
    made = production.bremsstrahlung_spectrum("vector", 0.0167, LATE).numbers.sum()
    assert response(start=0.0, stop=np.inf, efficiency=1.0)(1e-3) == pytest.approx(1e-6 * made)
    # behind the dump, or in it: all that is made
    parts = [response(start=0.0, stop=0.22, efficiency=1.0),
             response(sees="missing", start=0.22, efficiency=1.0)]  # fmt: skip
    assert sum(part(3e-4) for part in parts) == pytest.approx(9e-8 * made, rel=1e-12)


def test_runs_add_up():
    each = [signal.expected_events(VECTOR, 0.0167, 3e-4, run) for run in RUNS]
    together = signal.expected_events(VECTOR, 0.0167, 3e-4, RUNS)
    assert together == pytest.approx(sum(each), rel=1e-12)


def test_below_two_electrons_nothing_is_seen_and_all_is_missing():
    assert response(mass=0.001)(0.1) == 0
    missing = signal.setup("na64e", efficiency=1.0)
    made = production.bremsstrahlung_spectrum("vector", 0.001, missing).numbers.sum()
    assert VECTOR.response(0.001, missing)(10.0) == pytest.approx(100 * made)


def test_a_dark_photon_decays_to_muons_and_hadrons_too():
    """Weak couplings live long, and decay with the total width."""
    photon = signal.model("dark-photon-visible")
    assert response(photon, 0.0167)(1e-3) == response()(1e-3)
    widths = partial_widths("dark-photon", 0.4, 1.0)
    assert widths["muon"] > 0
    assert widths["hadrons"] > 0
    ratio = response(photon, 0.4)(1e-10) / response(VECTOR, 0.4)(1e-10)
    assert ratio == pytest.approx(total_width(widths) / widths["electron"], rel=1e-4)


@pytest.mark.parametrize("name", ["x17-axial", "x17-scalar"])
def test_chirality_matters_little_at_17_mev(name):
    """Axial as vector, scalar as pseudoscalar, up to the mass of the electron squared."""
    twin = {"x17-axial": "x17-vector", "x17-scalar": "x17-pseudoscalar"}[name]
    one, other = (response(signal.model(model))(2.5e-4) for model in (name, twin))
    assert one == pytest.approx(other, rel=0.02)
    assert one != other


def test_resonant_positrons_are_below_the_threshold():
    """They are left out: their energies reach the threshold at masses without a window."""
    assert resonance_energy(0.026) < 1
    assert resonance_energy(0.175) < LATE.threshold
    assert window(VECTOR, [0.026, 0.175]) == ([None, None], [None, None])


@pytest.mark.parametrize(("nodes", "number"), [("ENERGIES", 28), ("FRACTIONS", 64)])
def test_more_nodes_give_the_same(monkeypatch, nodes, number):
    """The upper edge asks for the fastest only."""
    masses = [0.002, 0.0225]
    found = np.array(window(VECTOR, masses))
    monkeypatch.setattr(production, nodes, number)
    production._shower.cache_clear()
    try:
        assert np.array(window(VECTOR, masses)) == pytest.approx(found, rel=1e-3)
    finally:
        monkeypatch.undo()
        production._shower.cache_clear()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: signal.VisibleModel("mine", "vektor"), "did you mean 'vector'"),
        (lambda: signal.VisibleModel("mine", "vector", "charge"), "did you mean 'charged'"),
        (lambda: signal.VisibleModel("mine", "scalar", "charged"), "known: vector"),
        (lambda: signal.model("x17-vector", alpha_D=0.1), "no parameter 'alpha_D'"),
        (lambda: response(mass=-1.0), "mass is -1"),
        (lambda: VECTOR.response(0.1, signal.setup("na64mu")), "'na64mu': x17-vector couples to"),
        (lambda: response(signal.model("dark-photon-visible"), 10.0), "must be below 9"),
    ],
)
def test_what_makes_no_sense_is_refused(call, words):
    with pytest.raises(SignalError, match=words):
        call()


def test_a_mass_above_the_beam_has_no_window():
    assert window(VECTOR, [200.0]) == ([None], [None])


def test_the_command(tmp_path):
    path = tmp_path / "window.json"
    command = ["reach", "x17-vector", "--setup", "na64e-visible", "--masses", "0.0167,0.03",
               "--json", str(path)]  # fmt: skip
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    content = json.loads(path.read_text())
    assert content["lower"] == [pytest.approx(8.99e-5, rel=0.02), None]
    assert content["upper"] == [pytest.approx(6.84e-4, rel=0.02), None]
    assert [run["sees"] for run in content["setups"]] == ["visible"] * 3
    assert "x17-vector, decays to e+e- only" in result.output
    assert signal.VisibleModel("mine", "axial").describe() == "mine, axial, decays to e+e- only"
