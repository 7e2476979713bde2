"""Histograms at `all but NAME`: what an N-1 plot shows, against counting by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest

from na64ana.cutflow import Record
from na64ana.errors import SelectionError
from na64ana.evaluate import evaluate
from na64ana.expressions import LINE, Interval
from na64ana.selection import Selection
from na64ana.selection.form import cuts_at

TIME = {"name": "time", "observable": "master_time", "within": ["10 ns", "20 ns"]}
ANGLE = {"name": "angle", "observable": "track.angle", "below": "3 mrad"}
LOW = {"name": "low", "observable": "track.momentum", "below": "50 GeV"}
RUN = {"name": "run", "require": "run > 1"}
T = {"observable": "master_time", "bins": 5, "range": ["0 ns", "25 ns"]}
P = {"observable": "track.momentum", "bins": 5, "range": ["0 GeV", "100 GeV"]}
A = {"observable": "track.angle", "bins": 5, "range": ["0 mrad", "5 mrad"]}


def selection(**more) -> Selection:
    content = {
        "name": "made up",
        "layout": "na64-tout",
        "cuts": [TIME, ANGLE, LOW, RUN],
        "regions": {"signal": {"cuts": ["angle", "low"], "blind": True}},
        "histograms": {
            "t": {"x": T, "at": ["time", "all but time"]},
            "p": {"x": P, "at": "all but low"},
            "pa": {"x": P, "y": A, "at": ["start", "all but run"]},
        },
    }
    return Selection.from_dict(content | more)


def columns() -> dict[str, np.ndarray]:
    made = np.random.default_rng(7)
    size = 400
    return {
        "master_time": made.uniform(0, 25, size),
        "track.angle": made.uniform(0, 5, size),
        "track.momentum": made.uniform(0, 100, size),
        "run": made.integers(1, 4, size),
        "spill": np.arange(size),
        "event": np.arange(size),
    }


def made(*, blind=True, **more) -> Record:
    chosen = selection(**more)
    return evaluate(columns(), chosen.bind(chosen.layout()), blind=blind)


def passes() -> dict[str, np.ndarray]:
    given = columns()
    return {
        "time": (given["master_time"] >= 10) & (given["master_time"] <= 20),
        "angle": given["track.angle"] < 3,
        "low": given["track.momentum"] < 50,
        "run": given["run"] > 1,
    }


def test_an_open_plot_leaves_out_its_cut_and_those_of_the_box():
    passed = passes()
    expected, _ = np.histogram(columns()["master_time"][passed["run"]], bins=5, range=(0, 25))
    histogram = made(blind=False).booked["t"]
    assert histogram.places == ("time", "all but time")
    assert histogram.values[1, 1:-1].tolist() == expected.tolist()
    alone, _ = np.histogram(columns()["master_time"][passed["time"]], bins=5, range=(0, 25))
    assert histogram.values[0, 1:-1].tolist() == alone.tolist()


def test_a_blind_plot_holds_no_event_of_the_box():
    passed = passes()
    shown = passed["run"] & ~(passed["angle"] & passed["low"])
    expected, _ = np.histogram(columns()["master_time"][shown], bins=5, range=(0, 25))
    histogram = made().booked["t"]
    assert histogram.values[1, 1:-1].tolist() == expected.tolist()
    assert not histogram.masked.any()  # the axis is none of the box


def test_the_plot_of_a_cut_of_the_box_keeps_the_others_and_is_masked_inside():
    passed = passes()
    kept = passed["time"] & passed["angle"] & passed["run"]
    expected, _ = np.histogram(columns()["track.momentum"][kept], bins=5, range=(0, 100))
    opened, blind = made(blind=False).booked["p"], made().booked["p"]
    assert opened.values[0, 1:-1].tolist() == expected.tolist()
    # the line at 50 GeV lies in the bin from 40 to 60 GeV
    assert blind.masked[0].tolist() == [True, True, True, True, False, False, False]
    assert blind.values[0, 1:-1].tolist() == [0, 0, 0, *expected[3:]]


def test_weights_and_missing_values_go_the_same_way():
    given = columns()
    given["master_time"][::7] = np.nan
    chosen = selection(weight="run")
    record = evaluate(given, chosen.bind(chosen.layout()), blind=False)
    kept = (given["run"] > 1) & ~np.isnan(given["master_time"])
    weights = given["run"][kept].astype(float)
    histogram = record.booked["t"]
    assert histogram.variances is not None
    for values, power in ((histogram.values, 1), (histogram.variances, 2)):
        expected, _ = np.histogram(
            given["master_time"][kept], bins=5, range=(0, 25), weights=weights**power
        )
        assert values[1, 1:-1] == pytest.approx(expected)
    lost = np.isnan(given["master_time"]) & (given["run"] > 1)
    assert histogram.missing.tolist() == [0, np.count_nonzero(lost)]


def test_two_boxes():
    names = ["a", "b", "c", "d"]
    boxes = [frozenset({0, 1}), frozenset({1, 2})]
    assert cuts_at("all but d", names, boxes) == frozenset()
    assert cuts_at("all but a", names, boxes) == {1, 3}
    assert cuts_at("all but b", names, boxes) == {0, 2, 3}
    assert cuts_at("all but b", names) == {0, 2, 3}
    assert cuts_at("b", names, boxes) == {0, 1}
    assert cuts_at("start", names, boxes) == frozenset()


def test_cuts_have_their_lines():
    booked = made().booked
    assert booked["t"].lines == {"time": (Interval(10, 20),)}
    below = Interval(high=50, with_high=False)
    assert booked["p"].lines == {"low": (below,)}
    angle = Interval(high=3, with_high=False)
    assert booked["pa"].lines == {"angle": (LINE, angle), "low": (below, LINE)}


def test_records_add_up_and_come_back(tmp_path):
    chosen = selection()
    bound = chosen.bind(chosen.layout())
    parts = [{k: v[i : i + 100] for k, v in columns().items()} for i in range(0, 400, 100)]
    first, *rest = (evaluate(part, bound) for part in parts)
    whole = sum(rest, start=first)
    assert whole == made()
    (tmp_path / "r.json").write_text(whole.to_json())
    again = Record.load(tmp_path / "r.json")
    assert again == whole
    assert again.booked["pa"].lines == whole.booked["pa"].lines
    assert json.loads(whole.to_json())["histograms"]["t"]["lines"] == {
        "time": [[10.0, 20.0, True, True]]
    }


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"histograms": {"t": {"x": T, "at": "all but tim"}}}, "no cut 'tim'; did you mean 'time'"),
        ({"histograms": {"t": {"x": T, "at": "all but start"}}}, "no cut 'start'"),
        ({"cuts": [TIME, ANGLE, LOW, {**RUN, "name": "all but x"}]}, "this name is taken"),
    ],
)
def test_a_wrong_place_is_refused(change, words):
    with pytest.raises(SelectionError, match=words):
        selection(**change)


def test_a_dropped_cut_takes_its_plots_along(tmp_path):
    base = Selection.load("na64e-invisible-2023")
    assert base.spec.histograms["n1_vhcal"].at == "all but VHCAL"
    (tmp_path / "s.yaml").write_text(
        "name: mine\nextends: na64e-invisible-2023\ndrop: [VHCAL]\nhistograms:\n"
        "  two: {x: {observable: vhcal_total, bins: 5, range: [0 GeV, 5 GeV]},"
        " at: [start, all but SRD]}\n"
    )
    (tmp_path / "t.yaml").write_text("name: less\nextends: s.yaml\ndrop: [SRD]\n")
    mine = Selection.load(tmp_path / "s.yaml")
    assert base.spec.histograms.keys() - mine.spec.histograms.keys() == {"n1_vhcal"}
    with pytest.raises(SelectionError, match="'ecal_vs_hcal': at: no cut 'SRD'"):
        Selection.load(tmp_path / "t.yaml")
