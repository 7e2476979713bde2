"""Masked bins: those on an edge of a blind region, and those that lie in it with all they hold."""

from __future__ import annotations

import itertools
import json
import math
import operator
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from na64ana import histograms
from na64ana.cutflow import diff
from na64ana.cutflow.to_json import to_dict
from na64ana.errors import RecordError
from na64ana.evaluate import evaluate
from na64ana.expressions import Interval
from na64ana.report import csv, html, latex, text
from na64ana.selection import Selection

EDGES = ["10 GeV", "20 GeV", "30 GeV", "40 GeV"]
P = {"observable": "track.momentum", "edges": EDGES}
ANGLE = {"observable": "track.angle", "edges": ["0 mrad", "2 mrad", "4 mrad"]}
SMALL_ANGLE = {"name": "angle", "observable": "track.angle", "below": "3 mrad"}
LAST = {"name": "last", "require": "trigger & 4"}


def selection(cuts, box=None, **more):
    """A selection whose blind region is made of some cuts, by default of all but the last."""
    content = {
        "name": "made up",
        "layout": "na64-tout",
        "cuts": [*cuts, LAST],
        "regions": {"signal": {"cuts": box or [c["name"] for c in cuts], "blind": True}},
        "histograms": {"p": {"x": P}, "two": {"x": P, "y": ANGLE}},
    }
    return Selection.from_dict(content | more)


def events(momentum=(), angle=(), time=(), run=()) -> dict[str, np.ndarray]:
    """Columns of events; a column that is not given holds ones."""
    size = max(map(len, (momentum, angle, time, run)))
    given = {"track.momentum": momentum, "track.angle": angle, "master_time": time}
    columns = {k: np.array(v if len(v) else np.ones(size), float) for k, v in given.items()}
    numbers = np.arange(size)
    return columns | {
        "run": np.array(run if len(run) else np.ones(size), int),
        "spill": numbers,
        "event": numbers,
        "trigger": np.full(size, 4),
    }


def record(chosen: Selection, columns=None, **options) -> Any:
    return evaluate(columns or events(), chosen.bind(chosen.layout()), **options)


def masked(chosen: Selection, name="p") -> dict[str, Any]:
    """Numbers of the masked bins by place, the underflow being 0; a tuple for each in 2-D."""
    histogram = record(chosen).booked[name]
    return {
        place: [tuple(i) if len(i) > 1 else i[0] for i in np.argwhere(bins).tolist()]
        for place, bins in zip(histogram.places, histogram.masked, strict=True)
    }


# ------------------------------------------------ one axis; bins 0: < 10, 1: [10, 20), 2: [20, 30)
#                                                            3: [30, 40), 4: >= 40


@pytest.mark.parametrize(
    ("cut", "straddling", "all_in_the_box"),
    [
        ({"below": "20 GeV"}, [], [0, 1]),  # a bin ends where the box does
        ({"below": "25 GeV"}, [2], [0, 1, 2]),
        ({"below": "10 GeV"}, [], [0]),
        ({"below": "5 GeV"}, [0], [0]),  # on the edge of the underflow
        ({"below": "40 GeV"}, [], [0, 1, 2, 3]),
        ({"below": "45 GeV"}, [4], [0, 1, 2, 3, 4]),
        ({"above": "20 GeV"}, [2], [2, 3, 4]),  # 20 itself is outside the box, but in bin 2
        ({"above": "19 GeV"}, [1], [1, 2, 3, 4]),
        ({"above": "40 GeV"}, [4], [4]),
        ({"above": "20 GeV", "below": "30 GeV"}, [2], [2]),
        ({"within": [None, "20 GeV"]}, [2], [0, 1, 2]),  # 20 itself is in the box and in bin 2
        ({"within": ["20 GeV", None]}, [], [2, 3, 4]),
        ({"within": ["20 GeV", "30 GeV"]}, [3], [2, 3]),
        ({"within": ["22 GeV", "28 GeV"]}, [2], [2]),
        ({"within": ["15 GeV", "35 GeV"]}, [1, 3], [1, 2, 3]),
        ({"within": ["30 GeV", "30 GeV"]}, [3], [3]),
        ({"within": ["40 GeV", None]}, [], [4]),
        ({"below": "25000 MeV"}, [2], [0, 1, 2]),
        ({"below": "25 GeV", "runs": [1, 5]}, [2], [0, 1, 2]),
    ],
    ids=str,
)
def test_bins_on_an_edge_and_in_the_box(cut, straddling, all_in_the_box):
    """While the angle is open, only the edge is masked; behind it, all that the box holds."""
    cuts = [SMALL_ANGLE, {"name": "p", "observable": "track.momentum", **cut}]
    assert masked(selection(cuts)) == {"start": straddling, "angle": all_in_the_box}
    # the box of this cut alone holds whole bins before any cut
    assert masked(selection(cuts, ["p"])) == {"start": all_in_the_box, "angle": all_in_the_box}


@pytest.mark.parametrize(
    ("require", "straddling", "all_in_the_box"),
    [
        ("track.momentum < 25*GeV", [2], [0, 1, 2]),
        ("25*GeV >= track.momentum", [2], [0, 1, 2]),
        ("30*GeV > track.momentum >= 15*GeV", [1], [1, 2]),
        ("12*GeV < track.momentum > 15*GeV", [1], [1, 2, 3, 4]),
        ("not (track.momentum >= 25*GeV)", [], []),  # no such comparison: it bounds nothing
        ("track.momentum == 25*GeV", [], []),
        ("track.momentum < 25*GeV and run > 0", [], []),
        ("2*track.momentum < 50*GeV", [], []),
    ],
)
def test_comparisons_are_read_and_other_forms_bound_nothing(require, straddling, all_in_the_box):
    cuts = [SMALL_ANGLE, {"name": "p", "require": require}]
    assert masked(selection(cuts)) == {"start": straddling, "angle": all_in_the_box}


def test_two_cuts_on_one_axis_are_one_interval():
    low = {"name": "low", "observable": "track.momentum", "above": "15 GeV"}
    high = {"name": "high", "observable": "track.momentum", "below": "30 GeV"}
    assert masked(selection([SMALL_ANGLE, low, high])) == {
        "start": [1],
        "angle": [1, 2],
        "low": [1, 2],
    }
    never = high | {"below": "12 GeV"}
    assert masked(selection([SMALL_ANGLE, low, never])) == {"start": [], "angle": [], "low": []}


def test_a_name_stands_for_its_expression():
    cuts = [SMALL_ANGLE, {"name": "p", "observable": "energy", "below": "25 GeV"}]
    names = {"observables": {"momentum": "track.momentum", "energy": "momentum"}}
    assert masked(selection(cuts, **names))["start"] == [2]
    drawn = {"histograms": {"p": {"x": P | {"observable": "momentum"}}}}
    assert masked(selection(cuts, **names, **drawn))["start"] == [2]


def test_bins_are_those_that_are_filled():
    """Of 100 equal bins from 0 to 1, 0.29 falls into number 28: 0.29 * 100 is below 29."""
    axis = {"observable": "track.momentum", "bins": 100, "range": ["0 GeV", "1 GeV"]}
    cuts = [
        SMALL_ANGLE,
        {"name": "p", "observable": "track.momentum", "within": ["0.29 GeV", None]},
    ]
    chosen = selection(cuts, histograms={"p": {"x": axis}})
    opened = record(chosen, events(momentum=[0.29]), blind=False).booked["p"]
    assert np.flatnonzero(opened.values[0]).tolist() == [28 + 1]
    assert masked(chosen)["start"] == [28 + 1]


@pytest.mark.parametrize("k", range(1, 100))
def test_an_open_end_on_an_edge_spoils_no_bin(k):
    """However equal bins are rounded, as 0.57 * 100 is below 57 and 1 - 2**-53 may count as 1."""
    axis = histograms.Binning("E", (0.0, 1.0), 100)
    below = Interval(high=k / 100, with_high=False)

    def masks(whole):
        box = ((below,), whole)
        made = histograms.empty("h", "main", (axis,), ("start",), (), ((box,),), weighted=False)
        return np.flatnonzero(made.masked).tolist()

    assert masks(whole=False) == []
    assert masks(whole=True) == list(range(k + 1))


# ----------------------------------------------------------------------------------- two axes


def test_a_box_on_two_axes():
    """Angle bins 0: < 0, 1: [0, 2), 2: [2, 4), 3: >= 4; the box is p < 25 GeV, angle < 3 mrad."""
    cuts = [SMALL_ANGLE, {"name": "p", "observable": "track.momentum", "below": "25 GeV"}]
    touched = [(p, angle) for p in (0, 1, 2) for angle in (0, 1, 2)]
    assert masked(selection(cuts), "two") == {"start": touched, "angle": touched}
    edge = [(p, angle) for p, angle in touched if p == 2 or angle == 2]
    third = {"name": "time", "observable": "master_time", "below": "100 ns"}
    assert masked(selection([third, *cuts]), "two") == {
        "start": edge,
        "time": touched,
        "angle": touched,
    }


def test_an_axis_without_a_cut_is_all_in():
    cuts = [{"name": "p", "observable": "track.momentum", "below": "25 GeV"}]
    whole = {"start": [(p, angle) for p in (0, 1, 2) for angle in range(4)]}
    assert masked(selection(cuts), "two") == whole


LOW, HIGH = -math.inf, math.inf
COMPARE = {"above": operator.gt, "below": operator.lt}
PROBES = sorted(
    {math.nextafter(float(x), to) for x in range(7) for to in (LOW, x, HIGH)} | {-9, 99}
)
PLACES = ["start", "t", "y", "x"]


@st.composite
def bounds(draw) -> dict[str, Any]:
    low, high = sorted(draw(st.tuples(*[st.integers(0, 6)] * 2)))
    keep = draw(st.sampled_from([(True, True), (True, False), (False, True)]))
    ends = [end if k else None for end, k in zip((low, high), keep, strict=True)]
    if draw(st.booleans()):
        return {"within": ends}
    return {k: v for k, v in zip(("above", "below"), ends, strict=True) if v is not None}


def passes(cut: dict[str, Any], value: float) -> bool:
    low, high = cut.get("within", (None, None))
    return (
        (low is None or value >= low)
        and (high is None or value <= high)
        and all(COMPARE[k](value, v) for k, v in cut.items() if k in COMPARE)
    )


def with_unit(cut: dict[str, Any], unit: str) -> dict[str, Any]:
    def end(value):
        return None if value is None else f"{value} {unit}"

    return {k: [end(x) for x in v] if k == "within" else end(v) for k, v in cut.items()}


edges = st.lists(st.integers(0, 6), min_size=2, max_size=4, unique=True).map(sorted)


@settings(max_examples=150, derandomize=True, deadline=None, database=None)
@given(bounds(), bounds(), edges, edges, st.sets(st.sampled_from("txy"), min_size=1), st.booleans())
def test_masks_are_what_events_everywhere_say(x, y, x_edges, y_edges, box, flat):
    """Against a count by plain Python: events on and beside every edge, one by one."""
    cuts = {"t": {"below": "50 ns"}, "y": with_unit(y, "mrad"), "x": with_unit(x, "GeV")}
    names = {"t": "master_time", "y": "track.angle", "x": "track.momentum"}
    axes = {
        "x": {"observable": names["x"], "edges": [f"{e} GeV" for e in x_edges]},
        "y": {"observable": names["y"], "edges": [f"{e} mrad" for e in y_edges]},
    }
    if flat:
        del axes["y"]
    chosen = selection(
        [{"name": name, "observable": names[name], **cut} for name, cut in cuts.items()],
        sorted(box),
        histograms={"h": axes},
    )
    found = record(chosen).booked["h"]
    chain = list(cuts)
    for place, got in zip(found.places, found.masked, strict=True):
        before = chain[: PLACES.index(place)]
        cells: dict[tuple[int, ...], list[tuple[bool, bool, bool]]] = {}
        for at_x, at_y, at_t in itertools.product(PROBES, PROBES, (10.0, 90.0)):
            ok = {"x": passes(x, at_x), "y": passes(y, at_y), "t": at_t < 50}
            cell = (int(np.digitize(at_x, x_edges)), int(np.digitize(at_y, y_edges)))
            inside = all(ok[name] for name in box & axes.keys())
            there = all(ok[name] for name in before)
            state = (inside, there, all(ok[name] for name in box))
            cells.setdefault(cell[: len(axes)], []).append(state)
        # a box that no event of the axes can be in masks nothing, and so does one without events
        possible = any(blind for states in cells.values() for _, _, blind in states)
        for at, states in cells.items():
            straddles = len({inside for inside, _, _ in states}) == 2
            within = all(inside for inside, _, _ in states)
            empty = all(blind for _, there, blind in states if there)
            assert got[at] == (possible and (straddles or (within and empty))), (place, at)


# ------------------------------------------------------------------------------- several boxes


def test_boxes_add_up():
    first = {"name": "first", "observable": "track.momentum", "below": "15 GeV"}
    second = {"name": "second", "observable": "track.momentum", "above": "35 GeV"}
    regions = {
        "a": {"cuts": ["angle", "first"], "blind": True},
        "b": {"cuts": ["angle", "second"], "blind": True},
    }
    chosen = selection([SMALL_ANGLE, first, second], regions=regions)
    # behind `first` there is nothing above 35 GeV left that the second box could have taken
    assert masked(chosen) == {"start": [1, 3], "angle": [0, 1, 3, 4]}


BASE = selection([SMALL_ANGLE, {"name": "p", "observable": "track.momentum", "below": "25 GeV"}])


def extended(tmp_path, **content) -> Selection:
    """A selection that extends one with the box p < 25 GeV, angle < 3 mrad."""
    cuts = [SMALL_ANGLE, {"name": "p", "observable": "track.momentum", "below": "25 GeV"}, LAST]
    base = {
        "name": "base",
        "layout": "na64-tout",
        "cuts": cuts,
        "regions": {"signal": {"cuts": ["angle", "p"], "blind": True}},
        "histograms": {"p": {"x": P}, "angle": {"x": ANGLE}},
    }
    (tmp_path / "base.yaml").write_text(json.dumps(base))
    (tmp_path / "mine.yaml").write_text(
        json.dumps({"name": "mine", "extends": "./base.yaml", **content})
    )
    return Selection.load(tmp_path / "mine.yaml")


def test_an_inherited_box_masks_as_it_was(tmp_path):
    moved = {"name": "p", "below": "32 GeV"}
    chosen = extended(tmp_path, cuts=[moved])
    assert masked(chosen) == {"start": [2, 3], "angle": [0, 1, 2, 3]}


def test_a_tighter_cut_before_counts_as_the_cut_of_the_box(tmp_path):
    tight = {"name": "tight", "observable": "track.momentum", "below": "22 GeV", "before": "angle"}
    chosen = extended(tmp_path, cuts=[tight])
    assert masked(chosen, "angle") == {"start": [2], "tight": [0, 1, 2], "angle": [0, 1, 2]}


def test_a_channel_is_masked_by_the_boxes_of_the_main_chain():
    """Its events are taken out there too, whether or not it has the cuts of the box."""
    cuts = [
        {"name": "time", "observable": "master_time", "below": "90 ns"},
        SMALL_ANGLE,
        {"name": "p", "observable": "track.momentum", "below": "25 GeV"},
    ]
    channels = {
        "same": {"after": "time", "cuts": [{"name": "near", **_without_name(SMALL_ANGLE)}]},
        "wide": {
            "after": "time",
            "cuts": [{"name": "near", "observable": "track.angle", "below": "4 mrad"}],
        },
        "control": {
            "after": "time",
            "cuts": [{"name": "far", "observable": "track.angle", "within": ["3 mrad", None]}],
        },
    }
    drawn = {name: {"x": P, "channel": name} for name in channels}
    chosen = selection(cuts, channels=channels, histograms=drawn)
    assert masked(chosen, "same") == {"start": [2], "time": [2], "near": [0, 1, 2]}
    assert masked(chosen, "wide") == {"start": [2], "time": [2], "near": [2]}
    # no event of the box is in the control channel: nothing is missing there
    assert masked(chosen, "control") == {"start": [2], "time": [2], "far": []}


def _without_name(cut: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in cut.items() if key != "name"}


def test_a_threshold_for_each_period_masks_its_own_edge():
    early = {"name": "early", "observable": "track.momentum", "below": "15 GeV", "runs": [1, 5]}
    late = {"name": "late", "observable": "track.momentum", "below": "25 GeV", "runs": [6, 9]}
    assert masked(selection([SMALL_ANGLE, early, late])) == {
        "start": [1, 2],
        "angle": [0, 1, 2],
        "early": [0, 1, 2],
    }


def test_thresholds_whose_periods_overlap_mask_the_edge_of_what_is_left():
    """In runs 6 to 9 the late cut stands alone: its box ends at 25 GeV, not at 15."""
    early = {"name": "early", "observable": "track.momentum", "below": "15 GeV", "runs": [1, 5]}
    late = {"name": "late", "observable": "track.momentum", "below": "25 GeV", "runs": [3, 9]}
    chosen = selection([early, late])
    assert record(chosen, events(momentum=[22.0, 27.0], run=[7, 7])).events == 1
    assert masked(chosen)["start"] == [0, 1, 2]


def test_the_edge_of_a_cut_is_masked_also_where_another_does_not_hold():
    """In runs before 6 the box reaches from 15 to 35 GeV, whatever the late cut asks."""
    always = {
        "name": "always",
        "observable": "track.momentum",
        "above": "15 GeV",
        "below": "35 GeV",
    }
    late = {"name": "late", "observable": "track.momentum", "below": "25 GeV", "runs": [6, 9]}
    chosen = selection([always, late])
    assert record(chosen, events(momentum=[32.0, 37.0], run=[1, 1])).events == 1
    # inside, a bin is shown: nobody knows of runs in which the late cut does not hold
    assert masked(chosen)["start"] == [1, 2, 3]


# -------------------------------------------------------------------- what a masked record shows

CUTS = [SMALL_ANGLE, {"name": "p", "observable": "track.momentum", "below": "25 GeV"}]
# outside the box: 22 and 12 GeV at a large angle, 27 GeV (in the bin of the edge), 35 GeV
OUTSIDE = events(momentum=[22.0, 12.0, 27.0, 35.0], angle=[5.0, 5.0, 1.0, 1.0])


@pytest.fixture(scope="module", params=[None, "0.5 + 0*run"], ids=["plain", "weighted"])
def blind(request) -> Any:
    weight = {"weight": request.param} if request.param else {}
    return record(selection(CUTS, **weight), OUTSIDE)


def test_masked_bins_are_zero_null_and_nan(blind):
    one = blind.booked["p"].values.sum() / 3
    histogram = blind.booked["p"]
    assert histogram.places == ("start", "angle")
    assert histogram.values.tolist() == [[0, one, 0, one, 0], [0, 0, 0, one, 0]]
    content = json.loads(blind.to_json())["histograms"]["p"]
    assert content["values"] == {
        "start": [0, one, None, one, 0],
        "angle": [None, None, None, one, 0],
    }
    shown: Any = histogram.to_hist().view(flow=True)[:2]
    for values in (
        (shown["value"], shown["variance"]) if histogram.variances is not None else [shown]
    ):
        assert np.array_equal(np.isnan(values), histogram.masked)
        assert np.array_equal(np.nan_to_num(values) > 0, histogram.values > 0)
    if histogram.variances is not None:
        assert content["variances"]["start"] == [0, one**2, None, one**2, 0]


def test_an_open_record_masks_nothing():
    opened = record(selection(CUTS), OUTSIDE, blind=False)
    assert not any(h.masked.any() for h in opened.booked.values())
    assert opened.booked["p"].values[0].tolist() == [0, 1, 2, 1, 0]
    assert opened.histograms["p"].view(flow=True).dtype == np.int64
    shown = [to_dict(opened)["histograms"][name]["values"] for name in ("p", "two")]
    assert "null" not in json.dumps(shown)
    no_region = record(selection(CUTS, regions={}), OUTSIDE)
    assert not no_region.booked["p"].masked.any()


def test_masks_outlive_merging_files_and_pickles(blind, tmp_path):
    path = tmp_path / "record.json"
    path.write_text(blind.to_json())
    back = type(blind).load(path)
    pickled = pickle.loads(pickle.dumps(blind))  # noqa: S301 - written here
    for other in (back, pickled):
        assert other == blind
        assert other.to_json() == blind.to_json()
        for name, histogram in blind.booked.items():
            again = other.booked[name]
            assert again.masked.dtype == bool
            assert np.array_equal(again.masked, histogram.masked)
            assert again.values.dtype == histogram.values.dtype
        both = other + blind
        assert np.array_equal(both.booked["p"].masked, blind.booked["p"].masked)
        assert np.array_equal(both.booked["p"].values, 2 * blind.booked["p"].values)


def test_a_file_whose_open_record_is_masked_is_refused(blind, tmp_path):
    opened = record(selection(CUTS), OUTSIDE, blind=False)
    content = json.loads(opened.to_json())
    content["histograms"]["p"]["values"]["start"][2] = None
    (tmp_path / "open.json").write_text(json.dumps(content))
    with pytest.raises(RecordError, match="masked bins in an open record"):
        type(opened).load(tmp_path / "open.json")


def test_a_difference_tells_masked_bins():
    shifted = [SMALL_ANGLE, {"name": "p", "observable": "track.momentum", "below": "15 GeV"}]
    nothing = events()
    found = {
        item.what: item.before
        for item in diff(record(selection(CUTS), nothing), record(selection(shifted), nothing))
        if item.where == "histogram"
    }
    # start: the bins of either edge; behind the angle: the bin from 20 to 30 GeV
    assert found["p"] == "3 bins"


def test_a_fit_can_ask(blind):
    histogram = blind.booked["p"]
    assert histogram.is_masked("start")
    assert histogram.is_masked("start", 2)
    assert histogram.is_masked("start", slice(1, 3))
    assert not histogram.is_masked("start", slice(3, None))
    assert not histogram.is_masked("angle", 3)
    assert histogram.is_masked("p", 3)  # left out as a whole
    two = blind.booked["two"]
    assert two.is_masked("start", 2, slice(0, 3))
    assert not two.is_masked("start", slice(3, None))
    assert not two.is_masked("start", 2, 3)
    with pytest.raises(KeyError, match=r"histogram 'p' has no place 'q' \(start, angle, p, last\)"):
        histogram.is_masked("q")


INSIDE = st.lists(st.tuples(st.floats(-5, 24.9), st.floats(-1, 2.9)), max_size=20)
ANYWHERE = st.tuples(st.floats(-5, 60), st.floats(-1, 9)).filter(lambda e: e[0] >= 25 or e[1] >= 3)


@settings(max_examples=60, derandomize=True, deadline=None, database=None)
@given(st.lists(ANYWHERE, min_size=1, max_size=20), INSIDE, st.booleans(), st.randoms())
def test_events_of_the_box_leave_no_trace_in_any_output(outside, inside, weights, random):
    """Whatever their number and place among the others: the same bytes in every form."""
    weight = {"weight": "0.1*master_time/(1*ns)"} if weights else {}
    rows = [(*event, False) for event in outside] + [(*event, True) for event in inside]
    random.shuffle(rows)
    columns = events(*zip(*((p, angle) for p, angle, _ in rows), strict=True))
    keep = ~np.array([boxed for _, _, boxed in rows])
    chosen = selection(CUTS, **weight)
    with_box = record(chosen, columns)
    without = record(chosen, {name: array[keep] for name, array in columns.items()})
    assert with_box.events == len(outside)
    for form in (type(with_box).to_json, csv.record, html.page, latex.record, text.record, repr):
        assert form(with_box) == form(without)
    assert pickle.dumps(with_box) == pickle.dumps(without)
    for name, made in with_box.histograms.items():
        assert pickle.dumps(made) == pickle.dumps(without.histograms[name])
