"""The invisible searches from simulated events to the limit, with a signal to be found."""

import math
from typing import Any, NamedTuple

import pytest
import yaml

from na64ana.analysis import Outcome, run_analysis, simulate_inputs
from na64ana.analysis.searches import search_path
from na64ana.background import dimuon_ratio
from na64ana.cutflow import Record
from na64ana.run import run

EVENTS = 3000
INJECTED = 20
WHOLE = 20_000  # events of the searches
MASS = 0.01  # GeV
# epsilon at this mass for 2.84e11 EOT, arXiv:1906.00176; efficiency 0.53 +- 0.09 there (recalled),
# without the losses of DAQ, beam counters and pile-up that are not simulated: 0.7 to 0.8 here
PUBLISHED = 3.30e-5
#: events after groups of cuts, dimuons, background, events in the open box, epsilon in 1e-5
EXPECTED: dict[str, dict[str, Any]] = {
    "na64e-invisible-2016-2018": {
        "events": [2486, 1844, 1306, 909],
        "dimuons": 33,
        "background": (0.20, 0.12),
        "observed": 8,
        "epsilon": 8.61,
    },
    "na64e-invisible-2021-2022": {
        "events": [2228, 1737, 1048, 411],
        "dimuons": 39,
        "background": (0.45, 0.34),
        "observed": 12,
        "epsilon": 5.25,
    },
    "na64e-invisible-2023": {
        "events": [2205, 1721, 1000, 319],
        "dimuons": 40,
        "background": (0.46, 0.36),
        "observed": 9,
        "epsilon": 5.91,
    },
}
GROUPS = ("physics trigger", "straw 4", "ECAL ratio", "muon veto")


class Finished(NamedTuple):
    """Results of a search, blind and opened."""

    folder: Any
    blind: Outcome
    opened: Outcome


@pytest.fixture(scope="module")
def searches(tmp_path_factory):
    """All searches with few events, at one mass."""
    found = {}
    for name in EXPECTED:
        folder = tmp_path_factory.mktemp(name)
        content = yaml.safe_load(search_path(name).read_text(encoding="utf-8"))
        content["limit"] = {"masses": [MASS]}
        samples = content["simulation"]["samples"]
        samples["signal"]["events"] = 4000
        samples["dimuon"]["times"] = 30
        samples["upstream"]["times"] = 300
        path = folder / "analysis.yaml"
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
        simulate_inputs(path, events=EVENTS, inject=INJECTED)
        blind = run_analysis(path, folder / "results")
        opened = run_analysis(path, folder / "results", unblind="test")
        found[name] = Finished(folder, blind, opened)
    return found


def epsilon(outcome: Outcome, name: str = "median") -> float:
    assert outcome.limit is not None
    value: float = outcome.limit["scan"][name][0]
    return value


@pytest.mark.parametrize("name", EXPECTED)
def test_numbers_from_events_to_the_limit(searches, name):
    blind, opened = searches[name].blind, searches[name].opened
    rows = {row.name: row.sequential for row in blind.record.cutflow.rows}
    total = blind.budget.total(conservative=True)
    found = {
        "events": [rows[cut].n for cut in GROUPS],
        "dimuons": blind.record.channels["dimuon"].rows[-1].sequential.n,
        "background": (round(total.value, 2), round(total.error, 2)),
        "observed": opened.limit["bins"][0]["observed"],
        "epsilon": round(epsilon(blind) * 1e5, 2),
    }
    assert found == EXPECTED[name]
    # a signal weakens the observed limit, not the expected one
    assert epsilon(opened, "observed") > 1.5 * epsilon(opened)
    assert epsilon(opened) == epsilon(blind)


def test_the_limit_is_near_the_published_one(searches):
    """Scaled to the whole exposure; the efficiency here is higher by a factor of about 1.5."""
    found = epsilon(searches["na64e-invisible-2016-2018"].blind) * math.sqrt(EVENTS / WHOLE)
    assert 0.75 * PUBLISHED < found < 1.15 * PUBLISHED


def test_the_efficiency_is_corrected_by_the_dimuon_ratio(searches):
    done = searches["na64e-invisible-2021-2022"]
    samples: dict[str, Record] = {
        name: run("na64e-invisible-2021-2022", done.folder / f"{name}.yaml", progress=False)
        for name in ("dimuon", "signal")
    }
    ratio = dimuon_ratio(done.blind.record, samples["dimuon"])
    (setup,) = done.blind.limit["signal"]["setups"]
    booked = samples["signal"].booked["signal_energy"]
    generated, passed = (values[1:-1] for values in booked.values)
    for i in (14, 20, 25):
        raw = passed[i] / generated[i]
        assert setup["efficiency"]["value"][i] == pytest.approx(min(1.0, raw * ratio.value))
    assert setup["efficiency"]["error_relative"] == pytest.approx(
        math.hypot(0.1, ratio.error / ratio.value)
    )
