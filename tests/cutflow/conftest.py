"""The project's small file, evaluated by chunks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from na64ana.cutflow import InputFile, Record
from na64ana.evaluate import evaluate
from na64ana.selection import BoundSelection, Selection

DATA = Path(__file__).resolve().parents[1] / "data"


@pytest.fixture(scope="session")
def columns(tout_columns: Callable[[Path], dict[str, Any]]) -> dict[str, Any]:
    """Columns of tout_small.root, and a weight of every event."""
    return tout_columns(DATA / "tout_small.root")


@pytest.fixture(scope="session")
def bound() -> BoundSelection:
    """The shipped selection of 2023."""
    selection = Selection.load("na64e-invisible-2023")
    return selection.bind(selection.layout())


@pytest.fixture(scope="session")
def weighted() -> BoundSelection:
    """A short selection with weights, values kept, histograms and NaN."""
    selection = Selection.from_dict(
        {
            "name": "weighted",
            "layout": "na64-tout",
            "weight": "track.p_value - 0.1*master_time/(1*ns)",
            "observables": {
                "srd_total": "sum(srd.energy)",
                # missing where the track is bad
                "late": "where(track.momentum > 99*GeV, master_time, sqrt(-1)*ns)",
            },
            "cuts": [
                {"name": "bit", "require": "trigger & 4"},
                {"name": "time", "observable": "late", "within": ["86.5 ns", "110 ns"]},
                {"name": "SRD", "observable": "srd_total", "above": "30 MeV", "runs": [9002, 9002]},
                {"name": "ECAL", "observable": "sum(ecal.energy)", "below": "90 GeV"},
            ],
            "channels": {
                "other": {"after": "time", "cuts": [{"name": "x", "require": "len(straw11.x) > 0"}]}
            },
            "regions": {
                "box": {"cuts": ["ECAL"], "blind": True},
                "side": {"where": "srd_total > 10*MeV", "keep": ["srd_total", "late"]},
            },
            "histograms": {
                "srd": {
                    "x": {"observable": "srd_total", "bins": 20, "range": ["0 MeV", "100 MeV"]}
                },
                "two": {
                    "x": {"observable": "late", "edges": ["80 ns", "90 ns", "100 ns", "130 ns"]},
                    "y": {
                        "observable": "sum(ecal.energy)",
                        "bins": 5,
                        "range": ["0 GeV", "120 GeV"],
                    },
                    "at": ["start", "SRD"],
                    "channel": "main",
                },
                "of_other": {
                    "x": {"observable": "track.momentum", "bins": 4, "range": ["0 GeV", "120 GeV"]},
                    "channel": "other",
                },
            },
        }
    )
    return selection.bind(selection.layout())


@pytest.fixture(scope="session")
def chunk(columns: dict[str, Any]) -> Callable[..., Record]:
    """Evaluate the entries from start to stop."""
    entries = len(columns["run"])

    def call(
        selection: BoundSelection, start: int = 0, stop: int = entries, **options: Any
    ) -> Record:
        part = {name: array[start:stop] for name, array in columns.items()}
        file = InputFile("small.root", "u-1", entries, ((start, stop),), "tout", "na64-tout")
        return evaluate(part, selection, inputs=[options.pop("file", file)], **options)

    return call
