"""The searches with muons and pions from simulated events to the limit, numbers written in."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from na64ana.analysis import run_analysis, simulate_inputs
from na64ana.analysis.searches import search_path

# Fewer events than `na64ana demo` has; renew a dict when the simulation is meant to change.
MUONS: dict[str, Any] = {
    "left": {
        "physics trigger": 10927,
        "master time": 10691,
        "incoming track": 9728,
        "incoming momentum": 9710,
        "outgoing track": 2197,
        "VETO": 1690,
        "HCAL modules": 1593,
        "ECAL energy": 1428,
        "calorimeter energy": 1428,
    },
    "budget": {
        "wrong momentum": 0.01407,
        "decays of pions and kaons": 0.007,
        "hadrons from the ECAL": 0.009211,
        "hadrons in the beam": 0.009211,
    },
    "efficiency": 0.08898,
    "limit": [0.0004398, 0.0006234],
}
PIONS: dict[str, Any] = {
    "left": {
        "physics trigger": 6088,
        "master time": 5951,
        "track quality": 5592,
        "momentum": 5515,
        "angle": 5515,
        "straw 3": 5404,
        "VHCAL": 5404,
        "straw 4": 5300,
        "preshower": 5107,
        "HCAL3": 5107,
        "VETO": 988,
        "ECAL energy": 941,
    },
    "budget": {
        "leading neutrals": 0.01462,
        "interactions upstream": 0.004605,
        "pions and muons through the VETO": 0.0001,
    },
    "efficiency": 0.872,
    "limit": [0.0001588],
}


def outcome(name, folder, events, change):
    content = yaml.safe_load(search_path(name).read_text(encoding="utf-8"))
    change(content)
    path = folder / "analysis.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    simulate_inputs(path, events=events)
    return run_analysis(path, folder / "results", progress=False)


def fewer(content):
    """A quarter of the signal and of the times that a background stands for the data."""
    for sample in content["simulation"]["samples"].values():
        key = "times" if "times" in sample else "events"
        sample[key] = sample[key] // 4
    if "masses" in content.get("limit", {}):
        content["limit"]["masses"] = [0.01, 0.1]


def numbers(found):
    limit = found.limit
    return {
        "left": {row.name: row.sequential.n for row in found.record.cutflow.rows
                 if row.sequential is not None},
        "budget": {s.name: s.value if s.upper is None else s.upper for s in found.budget.sources},
        "efficiency": limit["bins"][0]["efficiency"]["value"],
        "limit": limit["scan"]["median"],
    }  # fmt: skip


def compare(found, wanted):
    assert found["left"] == wanted["left"]
    for key in ("budget", "efficiency", "limit"):
        assert found[key] == pytest.approx(wanted[key], rel=1e-3), key


@pytest.fixture(scope="module")
def muons(tmp_path_factory):
    return outcome("na64mu-2022", tmp_path_factory.mktemp("muons"), 12_000, fewer)


@pytest.fixture(scope="module")
def pions(tmp_path_factory):
    return outcome("na64h-eta-2022", tmp_path_factory.mktemp("pions"), 12_000, fewer)


def test_muons_from_events_to_the_limit(muons):
    assert muons.complete
    compare(numbers(muons), MUONS)
    assert muons.record.ledger.unit == "MOT"


def test_pions_from_events_to_the_limit(pions):
    assert pions.complete
    compare(numbers(pions), PIONS)
    assert pions.record.ledger.unit == "piOT"
