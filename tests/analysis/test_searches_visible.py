"""Visible decays and axion-like particles, each from simulated events to couplings."""

import json

import pytest
import yaml

from na64ana.analysis import run_analysis, simulate_inputs
from na64ana.analysis.searches import search_path

MASSES = {"na64e-alp": [0.001, 0.05]}
GROUPS = {
    "na64e-alp": ["physics trigger", "angle", "VETO", "HCAL energy"],
}
VISIBLE_GROUPS = ["physics trigger", "angle", "WCAL energy", "V2", "ECAL energy"]
# renewed when the simulation changes: events left after groups of cuts, the total of the budget
# without bounds, and the median of what is excluded, at two masses
EXPECTED: dict[str, tuple[list[int], float, list[float], list[float]]] = {
    "na64e-visible-2017": (
        [788, 594, 142, 110, 3],
        0.003,
        [0.00010685, 0.0001688],
        [0.0025677, 0.0003368],
    ),
    "na64e-visible-2017-30x0": (
        [813, 610, 144, 95, 7],
        0.001,
        [0.00010237, 0.00013705],
        [0.003072, 0.00048921],
    ),
    "na64e-visible-2018": (
        [767, 579, 123, 86, 3],
        0.002,
        [0.00011502, 0.0001372],
        [0.0039091, 0.00068374],
    ),
    "na64e-alp": ([343, 242, 143, 140], 0.024995, [0.00019091, 0.00013549], [5.3650, 0.00071523]),
}


def small(name, folder):
    """Write a search with a tenth of the events, of which each stands for ten times as many."""
    content = yaml.safe_load(search_path(name).read_text(encoding="utf-8"))
    plan = content["simulation"]
    for process, sample in plan["samples"].items():
        if "events" in sample:
            sample["events"] //= 5
        elif process not in ("kaon", "punchthrough"):
            sample["times"] /= 10
    plan["events"] //= 10
    plan["exposure"] = float(plan["exposure"]) * 10
    content["limit"] = {"masses": MASSES.get(name, [0.005, 0.0167])}
    path = folder / "analysis.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


def left(record, cut):
    """How many events a cut leaves, none where that is blinded."""
    counts = record.cutflow[cut].sequential
    return counts and counts.n


@pytest.mark.parametrize(
    "name", ["na64e-visible-2017", "na64e-visible-2017-30x0", "na64e-visible-2018", "na64e-alp"]
)
def test_a_search_runs_from_simulated_events_to_couplings(name, tmp_path):
    path = small(name, tmp_path)
    simulate_inputs(path)
    outcome = run_analysis(path, tmp_path / "results")
    limit = json.loads((tmp_path / "results/limit.json").read_text())
    budget = json.loads((tmp_path / "results/budget.json").read_text())
    edges = limit["scan"]["edges"]["median"]
    found = (
        [left(outcome.record, cut) for cut in GROUPS.get(name, VISIBLE_GROUPS)],
        budget["total"]["without_bounds"]["value"],
        edges["lower"],
        edges["upper"],
    )
    events, total, lower, upper = EXPECTED[name]
    assert found[0] == events
    assert found[1] == pytest.approx(total, rel=1e-3)
    assert found[2] == pytest.approx(lower, rel=1e-3)
    assert found[3] == pytest.approx(upper, rel=1e-3)
    assert limit["blind"]
