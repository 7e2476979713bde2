"""What objects show in a notebook: golden files, every number, hostile names, nothing that runs."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from na64ana.analysis import Outcome, Recast
from na64ana.background import Budget, Source
from na64ana.cutflow import diff
from na64ana.datasets import Dataset, DatasetFile, load_catalogue
from na64ana.layouts import load_layout
from na64ana.limits import (
    Band,
    CombinedLimit,
    Scan,
    ScanPoint,
    expected_limits,
    limit_result,
)
from na64ana.report.view import Grid, View, draw, thinned
from na64ana.run import find_event
from na64ana.selection import Selection
from na64ana.signal import Reach, model, setup
from na64ana.signal.curves import curve
from na64ana.simulate import Parameters, Sample

from .conftest import HOSTILE, SELECTION, SHA256
from .test_html import Tables

DATA = Path(__file__).parents[1] / "data"
SCAN = Scan(
    (
        ScanPoint(0.01, {"limit": 2.3}, {"limit": (Band(1e-5, 1.0, False, True),)}),
        ScanPoint(0.1, {"limit": 2.3}, {"limit": (Band(1e-4, 1e-3, False, False),)}),
        ScanPoint(1.0, {"limit": 2.3}, {"limit": ()}),
    ),
    (1e-6, 1.0),
    49,
)
#: what `recast` gives, as far as it is shown
LIMIT: dict[str, Any] = {
    "blind": True,
    "observed": None,
    "cl": 0.9,
    "expected": {"median": 2.3, "minus1": 2.3, "plus1": 3.5, "minus2": 2.3, "plus2": 4.8},
    "bins": [
        {"name": "2022", "observed": None, "background": {"value": 0.51, "error": 0.13},
         "exposure": 653_000_000_000, "efficiency": {"value": 0.5, "error": 0.05}},
    ],
    "scan": {"mass": [0.01, 0.1], "unit": "GeV", "coupling": "epsilon", "observed": None,
             "median": [1e-5, 1e-4]},
}  # fmt: skip


@pytest.fixture(scope="module")
def shown(records) -> dict[str, Any]:
    """One object of each kind."""
    files = (
        DatasetFile("a.root", "a.root", entries=1200, spills=frozenset({(1, 1), (1, 2)})),
        DatasetFile("b.root", "b.root", spills=frozenset({(2, 1)}), bad="half of it is lost"),
    )
    spills = {(1, 1): 500_000, (1, 2): 700_000, (2, 1): 100}
    sample = Sample({"runN": np.zeros(3)}, np.array([0, 0, 1], np.int8), "electrons-2023", "run-period", 7, 9001, 0,
                    Parameters())  # fmt: skip
    budget = Budget((Source("decays in the beam line", 0.3, 0.05),))
    reach = Reach(model("dark-photon"), (setup("na64e"),), (1.0, 0.01, 0.1), SCAN)
    named: Any = SimpleNamespace(spec=SimpleNamespace(name="made-up"))
    return {
        "selection": Selection.from_dict(SELECTION),
        "differences": diff(records["nan"], records["sequential"]),
        "layout": load_layout("na64-tree-2018"),
        "ledger": records["lossy"].ledger,
        "dataset": Dataset("made-up", "made-up.yaml", SHA256, files=files, exposure=spills),
        "period": load_catalogue().period("na64e-visible-2018"),
        "catalogue": load_catalogue(),
        "sample": sample,
        "limit": limit_result([0, 1], 0.5, background_error=0.1),
        "expected": expected_limits(0.5),
        "combined": CombinedLimit(1.5, 3.25, 1e-8, "enumeration", 1e-9, 0, None, 0.9),
        "scan": SCAN,
        "reach": reach,
        "recast": Recast(LIMIT, reach),
        "curve": curve("na64-2019-invisible"),
        "outcome": Outcome(named, records["opened"], budget, (), None, ("the limit: no yield",)),
    }


KINDS = ("selection", "differences", "layout", "ledger", "dataset", "period", "catalogue", "sample", "limit", "expected",
         "combined", "scan", "reach", "recast", "curve", "outcome")  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_golden(shown, golden, kind):
    style = re.compile("<style>.*?</style>", re.DOTALL)  # that of all views: in the record's file
    golden(f"notebook/{kind}.html", style.sub("<style></style>", shown[kind]._repr_html_()))


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_runs_and_nothing_is_fetched(shown, kind):
    found = Tables(shown[kind]._repr_html_())
    assert not found.tags & {"script", "img", "link", "iframe", "object", "form"}
    assert not [a for a in found.attributes if a.startswith("on") or a in ("src", "href")]


@pytest.mark.parametrize(
    "kind", [k for k in KINDS if k not in ("differences", "limit", "combined")]
)
def test_at_a_prompt_it_is_one_line(shown, kind):
    line = repr(shown[kind])
    assert re.fullmatch(r"<[A-Z]\w+[ :].{10,110}>", line)


def test_the_ledger_shows_its_sums(records):
    ledger = records["lossy"].ledger
    cells = [cell for row in Tables(ledger._repr_html_()).rows for cell in row]
    for n in (*ledger.totals, *(n for sums in ledger.by_run().values() for n in sums)):
        assert not n or f"{n:,}".replace(",", " ") in cells


def test_an_event_is_its_picture():
    event = find_event(DATA / "tout_small.root", "entry:0", unblind="a test")
    text = event._repr_html_()
    assert "<svg" in text
    assert "<h3>" not in text
    assert repr(event).startswith("<Event ")


def test_hostile_names_are_text(shown):
    word = "".join(HOSTILE)
    for made in (
        replace(shown["dataset"], name=word, period=word),
        replace(shown["sample"], process=word),
        replace(shown["outcome"], missing=HOSTILE),
        replace(SCAN, coupling=word),
    ):
        text = made._repr_html_()
        assert not Tables(text).tags & {"script", "img", "bold"}
        assert not set(text) & {"\x1b", "\r", "\x00", "\u202e"}
    grid = Grid(HOSTILE, (HOSTILE,), title=word)
    text = draw(View(word, ((word, "open"),), word, ((word, word),), (grid,), (), HOSTILE))
    assert not Tables(text).tags & {"script", "img", "bold"}
    assert text.count("&lt;script&gt;") == 9


def test_a_long_table_keeps_its_ends_and_says_so():
    rows = tuple((str(i),) for i in range(1000))
    kept, notes = thinned(rows, 24)
    assert (len(kept), kept[0], kept[-1]) == (24, ("0",), ("999",))
    assert notes == ("24 of 1000 rows are shown",)
    assert thinned(rows[:24], 24) == (rows[:24], ())
