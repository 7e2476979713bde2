"""Signals from a model: efficiencies by energy, couplings, and what is refused without data."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
from click.testing import CliRunner

from na64ana import signal
from na64ana.analysis import load_analysis, run_analysis
from na64ana.analysis.coupling import Counted, SignalSetup, model_limit
from na64ana.analysis.limit_file import reach_of
from na64ana.analysis.signal import refines
from na64ana.cli import main
from na64ana.errors import AnalysisError
from na64ana.limits import expected_limits

from . import model_toys as toys


def call(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def limit_of(path, results, **options):
    outcome = run_analysis(path, results, progress=False, **options)
    assert outcome.limit is not None, outcome.missing
    return outcome.limit


@pytest.fixture(scope="module")
def folder(tmp_path_factory, write_events):
    made = tmp_path_factory.mktemp("model")
    toys.write_inputs(made, write_events)
    return made


@pytest.fixture(scope="module")
def curve(folder):
    """The limit of the analysis with an efficiency by energy, and its folder."""
    results = folder / "by energy"
    result = call("run", toys.written(folder), "--out", results)
    assert result.exit_code == 0, result.output
    return json.loads((results / "limit.json").read_text()), results, result.output


def test_the_efficiency_by_energy_is_what_is_left_of_what_was_generated(curve):
    limit, _, _ = curve
    efficiency = limit["signal"]["setups"][0]["efficiency"]
    assert efficiency["edges_GeV"] == pytest.approx(np.linspace(30, 100, 8))
    assert efficiency["generated"] == [100.0] * 7
    assert efficiency["value"] == pytest.approx([0.5] * 7)
    # k = 50 of n = 100 (arXiv:physics/0701199): 51^2 / (102^2 103)
    assert efficiency["error"] == pytest.approx([math.sqrt(51**2 / 103) / 102] * 7)


def test_a_flat_curve_is_a_value(folder, curve):
    limit, _, _ = curve
    plain = toys.setup(efficiency={"value": 0.5, "error": 0.1})
    value = limit_of(toys.written(folder, "value.yaml", setups=[plain]), folder / "by value")
    for name in ("median", "plus1", "minus2"):
        for i in range(2):
            # the statistical error of the sample makes the limits in events a little weaker
            events = [found["scan"]["events"][name][i] for found in (limit, value)]
            couplings = [found["scan"][name][i] for found in (limit, value)]
            assert events[0] > events[1]
            assert events[0] / couplings[0] ** 2 == pytest.approx(events[1] / couplings[1] ** 2)
            assert couplings[0] == pytest.approx(couplings[1], rel=1e-3)


def test_the_error_of_a_mass_is_that_of_its_mediators(curve):
    """Bins are independent: of flat efficiencies, less than that of a bin, more than of all."""
    scan = curve[0]["scan"]
    for value, error in zip(scan["efficiency"], scan["efficiency_error"], strict=True):
        assert value == pytest.approx(0.5)
        statistical = math.sqrt(error**2 - (0.1 * value) ** 2)
        assert 0.049 / math.sqrt(7) < statistical < 0.049


def test_the_limit_is_that_of_the_reach(curve):
    limit, _, _ = curve
    scan = limit["scan"]
    setup = signal.setup("na64e", exposure=toys.EXPOSURE, threshold=35, efficiency=0.5)
    error = round(scan["efficiency_error"][1] / scan["efficiency"][1], 3)
    events = expected_limits(0.5, background_error=0.13, signal_error=error).plus_1
    assert scan["events"]["plus1"][1] == pytest.approx(events, rel=1e-4)
    found = signal.reach(signal.model("dark-photon"), setup, [0.0167], events)
    assert scan["plus1"][1] == pytest.approx(found.limit[0], rel=1e-4)
    assert scan["edges"]["plus1"]["flags"] == ["limit", "limit"]
    assert scan["edges"]["plus1"]["upper"] == [None, None]


def test_the_yields_are_those_published(folder):
    """The limit of 2.84e11 EOT, no event and no background: 2.97e-3 at 16.7 MeV, 1906.00176."""
    path = toys.written(
        folder, "published.yaml",
        setups=[toys.setup(threshold=50, efficiency={"value": 0.5})], masses=[0.0167],
    )  # fmt: skip
    text = path.read_text().replace(
        "value: 0.5\n    statistical: 0.13", "value: 0\n    exact: true"
    )
    path.write_text(text)
    (coupling,) = limit_of(path, folder / "published")["scan"]["median"]
    # yield x efficiency of `na64ana/analysis/searches/demo.yaml`, from 1906.00176; on a yield 15%
    # (R-M), on the efficiency 0.53 +- 0.09 (R-H): 11% on a coupling
    assert coupling == pytest.approx(math.sqrt(2.3026 / (toys.EXPOSURE * 2.97e-3)), rel=0.11)


def test_the_numbers_of_the_run(curve):
    limit, results, output = curve
    assert limit["schema"] == "na64ana/limit/2"
    assert (limit["blind"], limit["observed"]) == (True, None)
    assert limit["bins"][0]["efficiency"]["mass"] == 0.005
    assert limit["expected"]["median"] == limit["scan"]["events"]["median"][0]
    assert limit["scan"]["median"] == pytest.approx([1.836e-5, 4.739e-5], rel=2e-3)
    assert "90% CL limits on epsilon: dark-photon, dirac dark matter" in output
    page = (results / "report.html").read_text()
    for words in ("signal efficiency against energy", "sample signal, histogram energy"):
        assert words in page
    assert "://" not in page.replace("http://www.w3.org/", "")
    found = reach_of(limit)
    assert found is not None
    assert list(found.edges("plus1")[0]) == limit["scan"]["plus1"]


def test_a_window_of_couplings_has_two_edges_in_the_file_and_in_the_table(folder):
    """What is coupled too strongly decays before the detector ends, and is no missing energy."""
    setups = [
        toys.setup(setup="na64e-alp-missing", threshold=50),
        toys.setup(setup="na64e-alp-visible", threshold=31),
    ]
    path = toys.written(
        folder, "alp.yaml", model={"name": "alp"}, setups=setups, masses=[0.02, 0.3]
    )
    result = call("run", path, "--out", folder / "alp")
    assert result.exit_code == 0, result.output
    limit = json.loads((folder / "alp" / "limit.json").read_text())
    edges = limit["scan"]["edges"]["median"]
    assert edges["flags"] == ["band", "none"]
    runs = [
        signal.setup(one["setup"], exposure=toys.EXPOSURE, threshold=one["threshold"],
                     efficiency=0.5) for one in setups
    ]  # fmt: skip
    events = limit["scan"]["events"]["median"][0]
    low, high = signal.reach(signal.model("alp"), runs, [0.02], events).edges()
    assert edges["lower"] == [pytest.approx(low[0], rel=1e-6), None]
    assert edges["upper"] == [pytest.approx(high[0], rel=1e-6), None]
    assert "median from" in result.output
    assert result.output.count("no limit") == 1
    page = (folder / "alp" / "report.html").read_text()
    assert page.count("no limit") == 5  # one mass, five curves


def test_a_quantity_at_one_mass_is_limited_itself(folder):
    """BR(eta -> invisible): events = exposure x efficiency x etas per pion x BR."""
    signal_ = {
        "model": None, "setups": None, "efficiency": {"value": 0.5},
        "yields": {"table": [[0.548, 1e-7]], "power": 1, "coupling": "BR(eta -> invisible)"},
    }  # fmt: skip
    path = toys.written(folder, "eta.yaml", **signal_)
    path.write_text(path.read_text().split("limit:")[0])
    limit = limit_of(path, folder / "eta")
    expected = limit["expected"]["median"] / (toys.EXPOSURE * 0.5 * 1e-7)
    assert limit["scan"]["median"] == [pytest.approx(expected, rel=1e-12)]
    assert limit["scan"]["edges"]["median"]["upper"] == [None]


def test_an_open_box_gives_an_observed_limit(folder, curve):
    _, results, _ = curve
    limit = limit_of(folder / "analysis.yaml", results, unblind="reviewed")
    assert limit["bins"][0]["observed"] == 0
    assert limit["scan"]["observed"] == limit["scan"]["median"]  # no event is the median


# ------------------------------------------------------------------ what is refused


def changed(**keys):
    return {"setups": [toys.setup(**keys)]}


def by(**keys):
    return changed(efficiency={"sample": "signal", "histogram": "energy", **keys})


BAD = {
    "model": ({"model": {"name": "dark-foton"}}, "no model 'dark-foton'; did you mean 'dark-phot"),
    "no name": ({"model": {"alpha_D": 0.1}}, "the model has no name"),
    "parameter": (
        {"model": {"name": "dark-photon", "alpha_d": 0.5}},
        "no parameter 'alpha_d'; did you mean 'alpha_D'",
    ),
    "kind of value": (
        {"model": {"name": "dark-photon", "alpha_D": "half"}}, "alpha_D is 'half': it must be a nu",
    ),
    "value": ({"model": {"name": "dark-photon", "alpha_D": -1}}, "alpha_D"),
    "plane": ({"model": {"name": "alp", "plane": "y"}}, "there is no plane of y for alp"),
    "no setup": ({"setups": []}, "a model needs setups"),
    "setup": (changed(setup="na64"), "no setup 'na64'"),
    "attribute": (changed(thershold=30), "unknown key 'thershold'; did you mean 'threshold'"),
    "exposure": (changed(exposure=1e9), "unknown key 'exposure'"),
    "dimension": (changed(threshold="30 ns"), "does not fit"),
    "threshold": (changed(threshold=130), "threshold is 130; it must be between 0 and 100"),
    "twice": ({"setups": [toys.setup(), toys.setup()]}, "setup 'na64e' stands twice"),
    "both forms": ({"efficiency": {"value": 0.5}}, "with a model, no efficiency stands here"),
    "no signal": ({"model": None, "setups": None}, "the signal is missing: say efficiency"),
    "setups alone": (
        {"model": None, "efficiency": {"value": 0.5}}, "setups go with a model",
    ),
    "histogram": (by(histogram="enrgy"), "no histogram 'enrgy'"),
    "near": (by(histogram="enrgy"), "did you mean 'energy'"),
    "no truth": (by(histogram="time"), "is over master_time; it must be over truth.energy alone"),
    "one place": (by(histogram="unfilled"), "is not filled at 'start'"),
    "channel": (by(histogram="apart"), "is of channel 'other'; it must be of main"),
    "range": (by(histogram="short"), "goes from 40 to 90 GeV; setup 'na64e' has mediators from 35"),
    "sample": (by(sample="signals"), "no sample 'signals'"),
    "no sample": (by(sample=None, value=0.5), "a histogram is that of a sample"),
    "two ways": (by(value=0.5), "give value, table or sample, one of them"),
    "masses": ({"masses": "1:2"}, "give numbers in GeV"),
    "mass": ({"masses": [0.1, 0.1]}, "masses are different numbers above 0"),
    "one row": (
        {"model": None, "setups": None, "efficiency": {"value": 1},
         "yields": {"table": [[0.1, 1e-9]]}},
        "one row is enough for a quantity at one mass",
    ),
    "power": (
        {"model": None, "setups": None, "efficiency": {"value": 1},
         "yields": {"table": [[0.1, 1e-9]], "power": 3}}, "power",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "words"), BAD.values(), ids=BAD)
def test_a_signal_that_cannot_be_used_is_refused_without_data(folder, changes, words):
    path = toys.written(folder, "bad.yaml", **changes)
    with pytest.raises(AnalysisError) as caught:
        load_analysis(path)
    assert "bad.yaml, line" in str(caught.value)
    assert words in str(caught.value)


def missing(folder, name, **signal_):
    outcome = run_analysis(toys.written(folder, f"{name}.yaml", **signal_), folder / name,
                           progress=False)  # fmt: skip
    assert outcome.limit is None
    (why,) = outcome.missing
    return why


def test_a_sample_that_counts_as_data_gives_no_efficiency(folder):
    why = missing(folder, "as-data", **by(sample="data again"))
    assert "sample 'data again' counts as pseudo-data" in why


def test_bins_without_generated_events_are_not_guessed(folder, write_events):
    few = [toys.event(i, passes=True) for i in range(4)]
    other = folder / "few"
    other.mkdir()
    toys.write_inputs(other, write_events)
    # 35 GeV to the beam energy is asked for, and 60 GeV is all that there is
    write_events(other / "signal.root", few, kind="simulation", more={"truth_energy": [60.0] * 4})
    manifest = other / "signal.yaml"
    manifest.write_text(
        "name: signal\nkind: simulation\nunit: EOT\nfiles:\n  - {path: signal.root, generated: 4}\n"
    )
    why = missing(other, "few", **by())
    assert "histogram 'energy': no event was generated from" in why


def test_check_says_the_model_and_its_setups(folder):
    result = call("check", toys.written(folder, "checked.yaml"))
    assert result.exit_code == 0, result.output
    shown = " ".join(result.output.split())
    assert "signal: dark-photon, dirac dark matter" in shown
    assert (
        "more than 35 GeV missing; efficiency by energy, sample signal, histogram energy" in shown
    )


@dataclass(frozen=True)
class _Step:
    """N = 1e-6 (g/mass)^2 a particle, a hundred times as many from 50 MeV on."""

    name: str = "step"

    curves: ClassVar[str] = "spin2"
    coupling: ClassVar[str] = "g"
    couplings: ClassVar[tuple[float, float]] = (1e-8, 1.0)

    def response(self, mass, setup):
        number = (1e-4 if mass > 0.05 else 1e-6) / mass**2
        made = signal.Spectrum(np.array([90.0]), np.array([number * setup.efficiency]))
        return signal.Response(made, lambda g, _: np.ones_like(g))

    def describe(self):
        return self.name

    def as_dict(self):
        return {"name": self.name}


def test_masses_are_added_where_the_limit_bends():
    efficiency = ((0.01, 0.2), (1.0, 0.4))
    setting = (_Step(), [SignalSetup(signal.setup("na64e", exposure=1e11), 0.1, efficiency)])
    counted, masses = Counted(None, 0.5, 0.1), signal.masses_of("0.01:1:7")
    plain = model_limit(*setting, masses, counted)
    fine = model_limit(*setting, masses, counted, refine=True)
    assert plain.reach.masses == pytest.approx(masses)
    assert set(masses) < set(fine.reach.masses)
    edges = [edge or 0.0 for edge in fine.reach.edges("median")[0]]
    i = int(np.argmin(np.diff(np.log(edges))))
    assert fine.reach.masses[i] <= 0.05 < fine.reach.masses[i + 1]
    assert fine.reach.masses[i + 1] / fine.reach.masses[i] == pytest.approx(100 ** (1 / 6 / 32))
    # what was added is what is found when it is asked for, with the efficiency at that mass
    alone = model_limit(*setting, [fine.reach.masses[i]], counted)
    assert alone.reach.edges("median")[0] == [edges[i]]
    assert fine.efficiency[i] == alone.efficiency[0]
    assert fine.events["median"][i] == alone.events["median"][0]


@pytest.mark.parametrize(
    ("masses", "added"), [([], True), ("0.1:0.4:4", True), ("0.1,0.2", False), ([0.1], False)]
)
def test_masses_are_added_to_a_range_and_not_to_a_list(folder, masses, added):
    spec = load_analysis(toys.written(folder, "range.yaml", masses=masses)).spec
    assert refines(spec) is added
