"""Searches with positrons, each from simulated events to the limit, on a sixth of the events."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import yaml
from scipy.special import erf

from na64ana.analysis import run_analysis, simulate_inputs
from na64ana.analysis.efficiency import EfficiencyCurve
from na64ana.analysis.searches import search_path
from na64ana.signal import SETUPS, annihilation_spectrum
from na64ana.signal.constants import M_ELECTRON

EVENTS = 1000
CUTS = ["physics trigger", "SRD", "momentum", "ECAL ratio", "VETO", "HCAL energy"]
#: changes with what is simulated, to be renewed then: events after CUTS, events in the budget
#: without bounds, median limit in events, and on epsilon at the second mass
EXPECTED: dict[str, tuple[list[int], float, float, float]] = {
    "na64e-positrons-2022": ([668, 480, 440, 294, 156, 142], 0.0098641, 2.31853, 3.57293e-4),
    "na64e-positrons-2023": ([652, 401, 374, 239, 143, 119], 0.00015148, 2.31853, 2.58450e-4),
    "poker-60": ([763, 570, 538, 335, 183, 155], 0.0026932, 2.31822, 1.14790e-4),
    "poker-40": ([769, 437, 403, 265, 164, 136], 0.0079811, 2.31853, 1.08718e-4),
}
#: below, inside and above the resonance, GeV
MASSES = {
    "na64e-positrons-2022": [0.1, 0.25, 0.35],
    "na64e-positrons-2023": [0.1, 0.215, 0.3],
    "poker-60": [0.1, 0.2, 0.27],
    "poker-40": [0.1, 0.17, 0.25],
}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Folders of results of all searches, by name, each made once."""
    made = {}

    def run(name):
        if name not in made:
            folder = tmp_path_factory.mktemp(name)
            content = yaml.safe_load(search_path(name).read_text(encoding="utf-8"))
            content["limit"] = {"masses": MASSES[name]}
            # each event stands for six times as many, so that the exposure is that of the search
            plan = content["simulation"]
            plan["exposure"] = float(plan["exposure"]) * plan["events"] / EVENTS
            plan["events"] = EVENTS
            plan["samples"]["signal"]["events"] = 3000
            for sample in plan["samples"].values():
                if "times" in sample:
                    sample["times"] /= 5
            path = folder / "analysis.yaml"
            path.write_text(yaml.safe_dump(content), encoding="utf-8")
            simulate_inputs(path)
            made[name] = run_analysis(path, folder / "results", progress=False), folder / "results"
        return made[name]

    return run


@pytest.mark.parametrize("name", MASSES)
def test_a_search_runs_from_events_to_the_limit(finished, name):
    outcome, folder = finished(name)
    limit = json.loads((folder / "limit.json").read_text())
    budget = json.loads((folder / "budget.json").read_text())
    assert outcome.complete, outcome.missing
    assert limit["blind"]
    rows = {row.label.name: row.sequential for row in outcome.record.cutflow.rows}
    median = limit["scan"]["edges"]["median"]["lower"]
    found = (
        [rows[cut].n for cut in CUTS],
        budget["total"]["without_bounds"]["value"],
        limit["expected"]["median"],
        median[1],
    )
    events, total, in_events, epsilon = EXPECTED[name]
    assert found[0] == events
    assert found[1:] == pytest.approx((total, in_events, epsilon), rel=1e-3)
    assert rows["ECAL box"] is None
    assert median[1] < median[0] / 2 < median[2]  # the resonance


@pytest.mark.parametrize("name", MASSES)
def test_the_exposure_and_the_energy_are_those_of_the_setup(name):
    content = yaml.safe_load(search_path(name).read_text(encoding="utf-8"))
    (one,) = content["signal"]["setups"]
    plan = content["simulation"]
    setup = SETUPS[one["setup"]]
    # 1.01e10 of arXiv:2308.15612 and 1.6e10 of arXiv:2502.04053; the setups have the talk's numbers
    exposure = plan["events"] * float(plan["exposure"])
    assert exposure == pytest.approx(setup.exposure, rel=0.07)
    assert plan["mode"] == f"positrons-{setup.beam_energy:g}"


def like_measured(share):
    """Efficiency by the share of the beam energy: edge of the box, and the preshower at the end."""
    return 0.2 * (1 + erf((share - 0.5) / 0.014)) * (1 - erf((share - 0.975) / 0.014))


@pytest.mark.parametrize("name", MASSES)
def test_bins_of_the_efficiency_follow_the_edges_of_the_box(finished, name):
    """Limits from the means of the bins and from the curve itself; bins of 3% are off by 5 to 20%."""
    content = json.loads((finished(name)[1] / "limit.json").read_text(encoding="utf-8"))
    (one,) = content["signal"]["setups"]
    beam, threshold = one["beam_energy_GeV"], one["threshold_GeV"]
    edges = np.array(one["efficiency"]["edges_GeV"])
    assert np.isclose(edges, beam).any()  # no bin holds mediators on both sides of it
    fine = (np.arange(100) + 0.5) / 100
    means = like_measured((edges[:-1, None] + np.diff(edges)[:, None] * fine) / beam).mean(axis=1)
    known = (1.0,) * len(means)
    binned = EfficiencyCurve("s", "h", tuple(edges), tuple(means), known, known, threshold)
    setup = replace(SETUPS[one["name"]], threshold=threshold)
    for share in (0.47, 0.5, 0.55, 0.9, 0.96, 0.98):
        made = annihilation_spectrum(float(np.sqrt(2 * M_ELECTRON * share * beam)), setup)
        exact = np.sum(made.numbers * like_measured(made.energies / beam))
        ratio = np.sum(made.numbers * binned(made.energies)) / exact
        assert np.sqrt(ratio) == pytest.approx(1, abs=0.015), share  # epsilon goes with the root
