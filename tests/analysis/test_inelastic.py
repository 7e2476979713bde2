"""The search for inelastic dark matter from simulated events to the limit."""

import pytest
import yaml

from na64ana.analysis import recast, run_analysis, simulate_inputs
from na64ana.analysis.searches import search_path

MASSES = [0.1, 0.5]  # GeV
#: median; behind the detector alone, 0.5 GeV is not excluded at any coupling
EPSILON = (2.99e-4, 5.34e-3)


def test_decays_behind_the_detector_and_inside_the_target_add_up(tmp_path):
    content = yaml.safe_load(search_path("na64e-inelastic-2016-2018").read_text(encoding="utf-8"))
    content["limit"] = {"masses": MASSES}
    samples = content["simulation"]["samples"]
    for name in ("behind", "inside"):
        samples[name]["events"] = 4000
    samples["dimuon"]["times"], samples["upstream"]["times"] = 30, 300
    content["simulation"]["exposure"] = 94_600_000  # 3000 events: 2.84e11
    path = tmp_path / "analysis.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    simulate_inputs(path, events=3000)
    found = run_analysis(path, tmp_path / "results", progress=False)
    assert found.complete
    assert found.limit is not None
    assert [setup["sees"] for setup in found.limit["signal"]["setups"]] == ["missing", "visible"]
    assert found.limit["scan"]["median"] == pytest.approx(EPSILON, rel=0.02)
    behind = recast(tmp_path / "results", "dark-photon", masses=MASSES, progress=False)
    assert behind.reach.limit[0] == pytest.approx(EPSILON[0], rel=0.02)
