"""A small analysis of a model: data, and a sample of signals of which half is left."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import yaml

from na64ana.datasets.build import Options, build, read_facts

#: EOT of the data, as analysed of 2016-2018 (arXiv:1906.00176)
EXPOSURE = 284_000_000_000
#: mediators of 31 to 99 GeV in steps of 2, several of each
ENERGIES = [float(e) for e in range(31, 101, 2)] * 20

SELECTION: dict[str, Any] = {
    "name": "toy",
    "layout": "na64-tout",
    "cuts": [
        {"name": "time", "observable": "master_time", "within": ["90 ns", "110 ns"]},
        {"name": "ECAL", "observable": "sum(ecal.energy)", "below": "50 GeV"},
    ],
    "channels": {"other": {"after": "time", "cuts": [{"name": "more", "require": "spill > 0"}]}},
    "regions": {"signal": {"cuts": ["time", "ECAL"], "blind": True}},
    "histograms": {
        "energy": {
            "x": {"observable": "truth.energy", "bins": 7, "range": ["30 GeV", "100 GeV"]},
            "at": ["start", "ECAL"],
        },
        "short": {
            "x": {"observable": "truth.energy", "bins": 7, "range": ["40 GeV", "90 GeV"]},
            "at": "every cut",
        },
        "unfilled": {
            "x": {"observable": "truth.energy", "bins": 7, "range": ["30 GeV", "100 GeV"]},
            "at": "ECAL",
        },
        "apart": {
            "x": {"observable": "truth.energy", "bins": 7, "range": ["30 GeV", "100 GeV"]},
            "channel": "other", "at": "every cut",
        },
        "time": {
            "x": {"observable": "master_time", "bins": 4, "range": ["80 ns", "120 ns"]},
            "at": "every cut",
        },
    },
}  # fmt: skip

ANALYSIS: dict[str, Any] = {
    "name": "toy",
    "selection": "selection.yaml",
    "data": "data.yaml",
    "samples": {"signal": {"inputs": "signal.yaml"}, "data again": {"inputs": "pseudo.yaml"}},
    "background": {
        "sources": [{"name": "all", "method": "fixed", "value": 0.5, "statistical": 0.13}]
    },
    "signal": {
        "model": {"name": "dark-photon"},
        "setups": [
            {
                "setup": "na64e", "threshold": "35 GeV",
                "efficiency": {"sample": "signal", "histogram": "energy", "error": 0.1},
            }
        ],
    },
    "limit": {"masses": [0.005, 0.0167]},
}  # fmt: skip


def event(i: int, *, passes: bool) -> tuple[float, ...]:
    """Make an event as `write_events` takes it, in the box or not."""
    return 1, 1, i, 100.0, 0.05, 20.0 if passes else 80.0


def write_inputs(folder: Path, write_events: Any) -> None:
    """Write data with an empty box, the signal sample, and a sample that counts as data."""
    (folder / "selection.yaml").write_text(yaml.safe_dump(SELECTION), encoding="utf-8")
    closed = [event(i, passes=False) for i in range(5)]
    half = [event(i, passes=i % 2 == 0) for i in range(len(ENERGIES))]
    more = {"truth_energy": ENERGIES}
    files = {
        "data": write_events(folder / "data.root", closed, kind="pseudo-data"),
        "pseudo": write_events(folder / "pseudo.root", half, kind="pseudo-data", more=more),
        "signal": write_events(folder / "signal.root", half, kind="simulation", more=more),
    }
    for name, file in files.items():
        simulated = name == "signal"
        options = Options(
            name=name,
            layout="na64-tout",
            exposure={} if simulated else {1: EXPOSURE},
            generated=len(ENERGIES) if simulated else None,
        )
        path = folder / f"{name}.yaml"
        text = build(str(path), None, [read_facts(str(file), options, None)], options).text
        path.write_text(text, encoding="utf-8")


def written(folder: Path, name: str = "analysis.yaml", **signal: Any) -> Path:
    """Write the analysis, with other keys of its signal where given; None takes one away."""
    content = copy.deepcopy(ANALYSIS)
    for key, value in signal.items():
        place = content["limit"] if key == "masses" else content["signal"]
        if value is None:
            place.pop(key)
        else:
            place[key] = value
    path = folder / name
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return path


def setup(**keys: Any) -> dict[str, Any]:
    """Return the setup of the analysis with other keys; None takes one away."""
    made = {**copy.deepcopy(ANALYSIS["signal"]["setups"][0]), **keys}
    return {key: value for key, value in made.items() if value is not None}
