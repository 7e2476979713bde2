"""Limits from finished analyses: on another model, and from several together."""

from __future__ import annotations

import copy
import json
import math

import pytest
from click.testing import CliRunner

from na64ana import signal
from na64ana.analysis import combine, recast
from na64ana.analysis.combine import bins_at
from na64ana.cli import main
from na64ana.errors import AnalysisError, SignalError
from na64ana.limits import combined_limit, expected_limits

#: by energy, as an analysis writes it
CURVE = {
    "sample": "signal", "histogram": "energy", "edges_GeV": [30.0, 60.0, 100.0],
    "value": [0.4, 0.6], "error": [0.005, 0.005], "generated": [1e4, 1e4], "error_relative": 0.0,
}  # fmt: skip


def call(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def results(folder, name, *, setup="na64e", exposure=1e11, observed=None, background=(0.0, 0.0),
            efficiency=CURVE, model="dark-photon", **changes):  # fmt: skip
    """Write ``limit.json`` of an analysis, as far as it is read again; return its folder."""
    run = signal.setup(setup, exposure=exposure, **changes)
    content = {
        "schema": "na64ana/limit/2",
        "analysis": {"name": name, "sha256": "ab" * 32},
        "selection": {"name": "made up", "sha256": "cd" * 32},
        "datasets": [{"name": name, "sha256": name.ljust(64, "0"), "unit": "EOT"}],
        "budget": {"sha256": "ef" * 32},
        "blind": observed is None, "unblinded": None, "cl": 0.9, "method": "cls",
        "bins": [{
            "name": name, "observed": observed, "exposure": exposure,
            "background": {"value": background[0], "error": background[1]},
            "efficiency": {"value": 0.5, "error": 0.0},
        }],
        "expected": {}, "observed": None, "below_zero": False,
        "signal": {
            "model": {"name": model}, "words": model,
            "setups": [{
                "name": setup, "beam": run.beam, "beam_energy_GeV": run.beam_energy,
                "exposure": exposure, "threshold_GeV": run.threshold, "target": run.target,
                "thickness_X0": run.thickness, "sees": run.sees, "start_m": run.start,
                "stop_m": None if math.isinf(run.stop) else run.stop, "source": run.source,
                "efficiency": efficiency,
            }],
        },
        "scan": {"mass": [0.005, 0.05]},
    }  # fmt: skip
    made = folder / name
    made.mkdir()
    (made / "limit.json").write_text(json.dumps(content), encoding="utf-8")
    return made


def by_energy(energies):
    return 0.4 + 0.2 * (energies >= 60)


def test_a_recast_is_the_reach_of_the_other_model(tmp_path):
    folder = results(tmp_path, "a", background=(0.5, 0.13))
    found = recast(folder, "scalar", progress=False)
    setup = signal.setup("na64e", exposure=1e11, efficiency=by_energy)
    events = found.limit["scan"]["events"]["plus1"][1]
    # the statistical error of half a percent is all that there is
    assert events == pytest.approx(expected_limits(0.5, background_error=0.13).plus_1, rel=1e-3)
    expected = signal.reach(signal.model("scalar"), setup, [0.05], events).limit[0]
    assert found.limit["scan"]["plus1"][1] == pytest.approx(expected, rel=1e-9)
    assert found.reach.edges("plus1")[0] == found.limit["scan"]["plus1"]
    assert found.limit["signal"]["model"]["name"] == "scalar"
    assert found.limit["recast_of"] == "dark-photon"


def test_the_command_gives_the_same_as_json_and_as_a_table(tmp_path):
    folder = results(tmp_path, "a", observed=1, background=(0.5, 0.13))
    arguments = ["recast", folder, "dark-photon", "--set", "alpha_D=0.5", "--masses", "0.01,0.1"]
    shown = call(*arguments)
    assert shown.exit_code == 0, shown.output
    assert "90% CL limits on epsilon: dark-photon, dirac dark matter, alpha_D = 0.5" in shown.output
    limit = json.loads(call(*arguments, "--json", "-").stdout)
    assert limit["scan"]["mass"] == [0.01, 0.1]
    assert limit["observed"] > limit["expected"]["median"]
    assert f"{limit['scan']['observed'][0]:.4g}" in shown.output
    again = recast(folder, {"name": "dark-photon", "alpha_D": 0.5}, masses=[0.01, 0.1])
    assert again.limit == limit
    assert repr(again) == "<Recast to dark-photon: 2 masses>"
    html = again._repr_html_()
    assert f"{limit['scan']['observed'][1]:.4g}" in html
    assert "alpha_D = 0.5" in html


def test_the_folder_above_the_results_is_told_where_they_are(tmp_path):
    (tmp_path / "results").mkdir()
    (tmp_path / "results/limit.json").touch()
    with pytest.raises(AnalysisError, match=f"did you mean '{tmp_path}/results'"):
        recast(tmp_path, "scalar")


def test_what_cannot_be_recast_is_refused(tmp_path):
    with pytest.raises(AnalysisError, match=r"there is no such file.* writes one$"):
        recast(tmp_path, "scalar")
    table = results(tmp_path, "mass", efficiency={"error_relative": 0.0, "table": [[0.1, 0.5]]})
    with pytest.raises(AnalysisError, match="efficiency by mass, which holds for one model alone"):
        recast(table, "scalar")
    short = copy.deepcopy(CURVE) | {"edges_GeV": [55.0, 60.0, 100.0]}
    folder = results(tmp_path, "short", efficiency=short)
    with pytest.raises(SignalError, match="it goes from 55 to 100 GeV, and the model makes"):
        recast(folder, "scalar")
    folder = results(tmp_path, "good")
    path = folder / "limit.json"
    content = json.loads(path.read_text())
    path.write_text(json.dumps({**content, "signal": None}))
    with pytest.raises(AnalysisError, match="came from a table of yields"):
        recast(folder, "scalar")
    path.write_text(json.dumps({**content, "schema": "other/1"}))
    result = call("recast", folder, "scalar")
    assert result.exit_code == 2
    assert "not a limit (schema other/1" in result.output
    path.write_text(json.dumps({"schema": None, "missing": ["the limit: no background"]}))
    with pytest.raises(AnalysisError, match="has no limit \\(the limit: no background\\)"):
        recast(folder, "scalar")


# ------------------------------------------------------------------ combinations


def test_two_halves_without_background_are_the_whole(tmp_path):
    halves = [results(tmp_path, name, exposure=5e10, observed=0) for name in ("a", "b")]
    whole = recast(results(tmp_path, "whole", observed=0), "dark-photon", progress=False)
    both = combine(halves, progress=False)
    for name in ("observed", "median"):
        expected = whole.limit["scan"][name]
        # limits that are expected are read off 40 strengths, to 1%
        rel = 1e-3 if name == "observed" else 5e-3
        assert both.limit["scan"][name] == pytest.approx(expected, rel=rel)
    assert both.limit["blind"] is False


def test_several_bins_are_those_of_the_combined_model(tmp_path):
    """Two periods with one event in the worse of them, against the limit on the strength."""
    good = results(tmp_path, "good", observed=0, background=(0.2, 0.05))
    worse = results(tmp_path, "worse", exposure=3e10, observed=1, background=(1.0, 0.2))
    both = combine([good, worse], progress=False)
    (coupling, _) = both.limit["scan"]["observed"]
    limit = combined_limit(bins_at([good, worse], "dark-photon", 0.005, coupling))
    assert limit.strength == pytest.approx(1.0, rel=0.01)  # shares of bins are told apart by 1%
    alone = recast(good, "dark-photon", progress=False).limit["scan"]["observed"][0]
    assert 0.9 * alone < coupling < 1.1 * alone


def test_the_better_beam_energy_decides_at_each_mass(tmp_path):
    """Positrons of 100 and 70 GeV: resonances at sqrt(2 m E), 320 and 267 MeV."""
    flat = {"error_relative": 0.1, "value": 0.5}
    folders = [
        results(tmp_path, name, setup=name, exposure=1e10, efficiency=flat)
        for name in ("na64e-positrons", "na64e-positrons-70")
    ]
    masses = [0.25, 0.31]
    both = combine(folders, masses=masses, progress=False).limit["scan"]["median"]
    alone = [recast(f, "dark-photon", masses=masses).limit["scan"]["median"] for f in folders]
    for i in range(2):
        assert both[i] < 1.001 * min(found[i] for found in alone)
    assert alone[0][1] < alone[1][1]  # 310 MeV: 70 GeV are below the resonance


def test_the_command_combines_and_blind_stays_blind(tmp_path):
    open_ = results(tmp_path, "open", observed=0)
    closed = results(tmp_path, "closed")
    result = call("combine", open_, closed, "--masses", "0.01", "--json", tmp_path / "both.json")
    assert result.exit_code == 0, result.output
    assert "open, closed together, blind" in result.output
    limit = json.loads((tmp_path / "both.json").read_text())
    assert limit["scan"]["observed"] is None
    assert "observed" not in limit["scan"]["edges"]
    assert [one["name"] for one in limit["bins"]] == ["open", "closed"]
    again = tmp_path / "again"
    again.mkdir()
    (again / "limit.json").write_text(json.dumps(limit))
    with pytest.raises(AnalysisError, match="this is a limit of several analyses together"):
        recast(again, "scalar")


def test_events_are_not_counted_twice(tmp_path):
    one, other = results(tmp_path, "one"), results(tmp_path, "other")
    with pytest.raises(AnalysisError, match="each given once"):
        combine([one])
    with pytest.raises(AnalysisError, match="each given once"):
        combine([one, one])
    path = other / "limit.json"
    content = json.loads(path.read_text())
    content["datasets"][0]["sha256"] = "one".ljust(64, "0")
    path.write_text(json.dumps(content))
    with pytest.raises(AnalysisError, match="of the same dataset 'other': its events would count"):
        combine([one, other])


def test_analyses_that_do_not_fit_together_are_refused(tmp_path):
    one, other = results(tmp_path, "one"), results(tmp_path, "other", model="scalar")
    with pytest.raises(AnalysisError, match="of several models \\(dark-photon and scalar\\)"):
        combine([one, other])
    path = other / "limit.json"
    path.write_text(path.read_text().replace('"cl": 0.9', '"cl": 0.95'))
    with pytest.raises(AnalysisError, match="combined by CLs at one level"):
        combine([one, other], "dark-photon")
    result = call("combine", one, other, "--set", "alpha_D=0.5")
    assert result.exit_code == 2
    assert "name it with --model" in result.output
