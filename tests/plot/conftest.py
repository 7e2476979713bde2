"""A small record with N-1 plots, a plane and a blind box; a fit and a limit, both made up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from na64ana.cutflow import Record
from na64ana.evaluate import evaluate
from na64ana.plot import Plot, to_svg
from na64ana.report.analysis import AnalysisReport, page
from na64ana.selection import Selection

X: dict[str, Any] = {
    "observable": "track.momentum",
    "bins": 12,
    "range": ["0 GeV", "120 GeV"],
    "label": "E_ECAL",
}
Y = {"observable": "track.angle", "bins": 8, "range": ["0 mrad", "8 mrad"]}
TIME: dict[str, Any] = {"observable": "master_time", "bins": 5, "range": ["75 ns", "125 ns"]}
CUTS: list[dict[str, Any]] = [
    {"name": "time", "observable": "master_time", "within": ["86.5 ns", "113.5 ns"]},
    {"name": "angle", "observable": "track.angle", "below": "1 mrad"},
    {"name": "low", "observable": "track.momentum", "below": "50 GeV"},
    {"name": "trigger", "require": "trigger & 4"},
]


def small(*, blind: bool = True, weight: str | None = None, **names: str) -> Record:
    """Count 500 events; ``cut`` and ``label`` put other names in."""
    cuts = [{**CUTS[0], "name": names.get("cut", "time")}, *CUTS[1:]]
    content: dict[str, Any] = {
        "name": names.get("name", "made up"),
        "layout": "na64-tout",
        "cuts": cuts,
        "regions": {"signal": {"cuts": ["angle", "low"], "blind": True}},
        "histograms": {
            "t": {"x": {**TIME, "label": names.get("label", "time")},
                  "at": ["start", f"all but {names.get('cut', 'time')}"]},
            "x": {"x": X, "at": "all but low"},
            "trigger": {"x": X, "at": "all but trigger"},
            "plane": {"x": X, "y": Y, "at": ["start", "trigger"]},
        },
    }  # fmt: skip
    if weight:
        content["weight"] = weight
    chosen = Selection.from_dict(content)
    made = np.random.default_rng(3)
    numbers = np.arange(500)
    columns = {
        "master_time": made.normal(100, 8, 500),
        "track.angle": made.exponential(1.5, 500),
        "track.momentum": made.uniform(0, 118, 500),
        "trigger": made.integers(3, 6, 500),
        "run": numbers * 0 + 9001,
        "spill": numbers,
        "event": numbers,
    }
    return evaluate(columns, chosen.bind(chosen.layout()), blind=blind)


@pytest.fixture(scope="session")
def blind() -> Record:
    return small()


@pytest.fixture(scope="session")
def opened() -> Record:
    return small(blind=False)


@pytest.fixture(scope="session")
def make_record() -> Callable[..., Record]:
    return small


def a_fit() -> dict[str, Any]:
    x = np.linspace(0, 85, 18)
    central = 40 * np.exp((x - 85) / 7)
    return {
        "source": "upstream interactions",
        "observable": "E_ECAL",
        "unit": "GeV",
        "edges": [50, 55, 60, 65, 70, 75, 80, 85],
        "counts": [None, 0, 2, 5, 9, 17, 40],
        "curve": {"x": x.tolist(), "central": central.tolist(),
                  "low": (central * 0.8).tolist(), "high": (central * 1.3).tolist()},
        "range": [55, 85],
        "box": [0, 50],
        "estimate": {"value": 0.312, "statistical": 0.052, "systematic": 0.11},
    }  # fmt: skip


def a_limit() -> dict[str, Any]:
    mass = [0.001, 0.01, 0.1, 1.0]
    median = [2e-5, 3e-5, 2e-4, 2e-3]
    scan = {"mass": mass, "unit": "GeV", "coupling": "epsilon", "observed": None,
            "median": median, "yield": "made up"}  # fmt: skip
    for key, factor in (("minus1", 1.0), ("plus1", 1.2), ("minus2", 1.0), ("plus2", 1.4)):
        scan[key] = [factor * value for value in median]
    return {
        "schema": "na64ana/limit/1",
        "analysis": {"name": "made up", "sha256": "ab" * 32},
        "selection": {"name": "made up", "sha256": "cd" * 32},
        "datasets": [{"name": "period", "sha256": "ef" * 32, "unit": "EOT"}],
        "blind": True,
        "unblinded": None,
        "cl": 0.9,
        "method": "cls",
        "bins": [
            {"name": "period", "observed": None, "background": {"value": 0.51, "error": 0.13},
             "exposure": 653_000_000_000, "efficiency": {"value": 0.5, "error": 0}},
        ],
        # expected limits for b = 0.51, exact CLs (the table)
        "expected": {"median": 2.303, "mean": 2.929, "minus1": 2.303, "plus1": 3.502,
                     "minus2": 2.303, "plus2": 4.834},
        "observed": None,
        "scan": scan,
    }  # fmt: skip


@pytest.fixture(scope="session")
def parsed() -> Callable[[Plot], ElementTree.Element]:
    """Draw a plot and read it as XML."""
    return lambda plot: ElementTree.fromstring(to_svg(plot, "p-"))  # noqa: S314 - our own


@pytest.fixture
def fit() -> dict[str, Any]:
    return a_fit()


@pytest.fixture
def limit() -> dict[str, Any]:
    return a_limit()


@pytest.fixture(scope="session")
def result(blind) -> AnalysisReport:
    budget = "<table><tr><td>dimuons</td><td>0.04 ± 0.01</td></tr></table>"
    notes = ("a note for the reader",)
    return AnalysisReport("A' → invisible", blind, budget, (a_fit(),), a_limit(), notes)


@pytest.fixture(scope="session")
def whole(result) -> str:
    """The page of that result; what draws it takes seconds."""
    return page(result)
