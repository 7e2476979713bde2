"""The heart: ROOT's counts from plain arrays, closed boxes, empty inputs, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from na64ana.cutflow import COUNTS, Counts
from na64ana.cutflow.to_json import to_dict
from na64ana.errors import InputError
from na64ana.evaluate import evaluate
from na64ana.evaluate.chunk import Chunk
from na64ana.evaluate.values import Values
from na64ana.layouts import load_layout
from na64ana.selection import Selection, builtin_selections

DATA = Path(__file__).resolve().parents[1] / "data"
NAN = float("nan")
KINDS = ("sequential", "alone", "all_but_this", "all_but_this_open")


def loaded(content):
    selection = (
        Selection.load(content) if isinstance(content, str) else Selection.from_dict(content)
    )
    return selection.bind(selection.layout())


@pytest.fixture(scope="module")
def bound():
    return loaded("na64e-invisible-2023")


@pytest.fixture(scope="module")
def small(tout_columns):
    return tout_columns(DATA / "tout_small.root")


@pytest.fixture(scope="module")
def golden():
    return json.loads((DATA / "tout_small_counts.json").read_text(encoding="utf-8"))


def counted(columns, selection, **options) -> Any:
    """Evaluate; tests of numbers need not say that a number is there."""
    return evaluate(columns, selection, **options)


def part(columns, index):
    return {name: array[index] for name, array in columns.items()}


# ----------------------------------------------------------- what ROOT counts


@pytest.mark.parametrize("box", ["open", "blind"])
@pytest.mark.parametrize("size", [1, 7, 40, 303])
def test_roots_counts_of_the_small_file(small, golden, bound, box, size):
    """Every number that ROOT made, for every size of the chunk."""
    record = None
    for start in range(0, 303, size):
        columns = part(small, slice(start, start + size))
        piece = counted(columns, bound, blind=box == "blind")
        record = piece if record is None else record + piece
    assert record is not None
    theirs = golden[box]
    assert record.events == theirs["events"]
    names = {"dimuon HCAL": "HCAL two MIPs", "dimuon VETO": "VETO two MIPs"}
    for channel, expected in theirs["channels"].items():
        flow = record.channels[channel]
        assert [names.get(cut["name"], cut["name"]) for cut in expected["cuts"]] == [
            cut.name for cut in flow.cuts
        ]
        for row, cut in zip(flow.rows, expected["cuts"], strict=True):
            for kind in KINDS:
                counts = getattr(row, kind)
                assert (None if counts is None else counts.n) == cut[kind], (
                    channel,
                    cut["name"],
                    kind,
                )
                assert counts is None or counts.sumw == counts.sumw2 == counts.n
            assert row.nan is None or row.nan.n == 0
            assert row.not_applied is None or row.not_applied.n == 0
        ids = flow.survivors
        assert (None if ids is None else ids.tolist()) == expected["survivors"]
    for run, expected in theirs["runs"].items():
        for channel in ("main", "dimuon"):
            flow = record.channels[channel]
            assert flow.runs[int(run)]["events"].n.tolist() == [expected["events"]]
            found = [
                row.sequential.n if row.sequential else None for row in flow.run_rows(int(run))
            ]
            assert found == expected[channel]


def test_each_event_fails_the_cuts_that_it_was_made_to_fail(small, golden, bound):
    for i, made in enumerate(golden["events"]):
        record = counted(part(small, slice(i, i + 1)), bound, blind=False)
        failed = [row.name for row in record.cutflow.rows if not row.alone.n]
        assert failed == [name for name in made["failed"] if not name.startswith("dimuon")], made
        assert counted(part(small, slice(i, i + 1)), bound).events == (not made["in_box"])


@pytest.mark.parametrize("name", ["na64e-invisible-2023", "na64e-visible-2017", "na64h-2022"])
def test_a_track_may_be_at_an_angle_to_either_side(name):
    selection = Selection.load(name)
    bound = selection.bind(selection.layout())
    (cut,) = (cut for cut in bound.channels[0].cuts if cut.name == "angle")
    angles = np.array([-5.0, -3.0, -2.9, 0.0, 2.9, 3.0, 5.0])
    values = Values(Chunk.of({"track.angle": angles}), bound)
    passes, _ = values.cut(cut, values.all)
    assert passes.tolist() == (abs(angles) < 3).tolist()


def test_sequential_counts_are_the_same_without_the_others(small, bound):
    for blind in (True, False):
        full = counted(small, bound, blind=blind)
        short = counted(small, bound, blind=blind, counts="sequential")
        for a, b in zip(full.cutflow.rows, short.cutflow.rows, strict=True):
            assert a.sequential == b.sequential
            assert b.alone is b.all_but_this is b.nan is None
            assert b.hidden["alone"] == "not computed"


@pytest.mark.shared
@pytest.mark.parametrize("name", ["run08747", "run08748", "run08749"])
def test_roots_counts_of_the_reference_files(shared, tout_columns, bound, name):
    columns = tout_columns(shared / "data" / f"tout_{name}.root")
    theirs = json.loads((shared / "acceptance" / f"cutflow_tout_{name}.json").read_text())
    record = counted(columns, bound, blind=False)
    assert record.events == theirs["events"]
    for row, cut in zip(record.cutflow.rows, theirs["cuts"], strict=True):
        assert row.name == cut["name"]
        found = [row.sequential.n, row.alone.n, row.all_but_this.n]
        assert found == [cut["sequential"], cut["individual"], cut["all_but_this"]], row.name
    survivors = [tuple(event) for event in theirs["survivors"]]
    assert [tuple(event) for event in record.cutflow.survivors.tolist()] == sorted(survivors)
    dimuons = {"run08747": 58, "run08748": 41, "run08749": 58}
    assert record.channels["dimuon"].rows[-1].sequential.n == dimuons[name]


BLIND = [
    7851,
    7530,
    5313,
    4777,
    4238,
    4127,
    3823,
    3779,
    3536,
    3502,
    3334,
    1865,
    1865,
    1824,
    1822,
    1603,
    1554,
    1426,
]
BLIND_OPEN = [
    1721,
    1607,
    1659,
    1644,
    1555,
    1578,
    1661,
    1554,
    1668,
    1554,
    1566,
    2098,
    1554,
    1556,
    1554,
    1565,
    1603,
]


@pytest.mark.shared
def test_roots_blind_counts_of_the_reference_files(shared, tout_columns, bound):
    records = [
        counted(tout_columns(shared / "data" / f"tout_run0874{i}.root"), bound) for i in (7, 8, 9)
    ]
    record = records[2] + records[0] + records[1]
    assert record.events == 9000 - 303
    rows = record.cutflow.rows
    assert [row.sequential.n for row in rows[:18]] == BLIND
    assert rows[18].sequential is None
    assert [row.all_but_this_open.n for row in rows[:17]] == BLIND_OPEN
    assert rows[17].all_but_this_open is rows[18].all_but_this_open is None


# ------------------------------------------------------------------ the box


BOXED: dict[str, Any] = {
    "name": "boxed",
    "layout": "na64-tout",
    "observables": {"ecal_total": "sum(ecal.energy)", "hcal_total": "sum(hcal.energy[0:3])"},
    "cuts": [
        {"name": "bit", "require": "trigger & 4"},
        {"name": "time", "observable": "master_time", "within": ["86.5 ns", "113.5 ns"]},
        {"name": "HCAL", "observable": "hcal_total", "below": "1 GeV"},
        {"name": "ECAL", "observable": "ecal_total", "below": "50 GeV"},
    ],
    "channels": {
        "other": {"after": "bit", "cuts": [{"name": "late", "require": "master_time > 90*ns"}]}
    },
    "regions": {
        "signal": {"cuts": ["HCAL", "ECAL"], "blind": True},
        "all": {
            "where": "ecal_total >= 0*GeV or ecal_total < 0*GeV",
            "keep": ["ecal_total", "run"],
        },
    },
    "histograms": {
        "two": {
            "x": {"observable": "ecal_total", "bins": 12, "range": ["0 GeV", "120 GeV"]},
            "y": {"observable": "hcal_total", "bins": 12, "range": ["0 GeV", "120 GeV"]},
        },
        "of_other": {
            "x": {"observable": "ecal_total", "bins": 12, "range": ["0 GeV", "120 GeV"]},
            "channel": "other",
        },
    },
}


def event_columns(run, trigger, time, ecal, hcal):
    """Columns of events whose ECAL and HCAL energy is in one cell."""
    size = len(run)
    cells = {"ecal.energy": np.zeros((size, 2, 5, 6)), "hcal.energy": np.zeros((size, 4, 3, 3))}
    cells["ecal.energy"][:, 1, 2, 2] = ecal
    cells["hcal.energy"][:, 0, 1, 1] = hcal
    numbers = np.arange(size)
    return {
        "run": np.array(run, dtype=int),
        "spill": numbers // 3,
        "event": numbers,
        "trigger": np.array(trigger, dtype=int),
        "master_time": np.array(time, dtype=float),
        **cells,
    }


@settings(
    max_examples=100,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 3),
            st.sampled_from([0, 4, 7]),
            st.sampled_from([80.0, 100.0, 113.5, NAN]),
            st.sampled_from([0.0, 30.0, 50.0, 90.0, NAN]),
            st.sampled_from([0.0, 0.9, 1.0, 40.0, NAN]),
        ),
        max_size=25,
    ),
    st.booleans(),
)
def test_a_blind_record_holds_nothing_of_the_box(rows, weighted):
    """With the events of the box, or without them: the same record, to the last byte."""
    columns = event_columns(*(zip(*rows, strict=True) if rows else [[]] * 5))
    content = {**BOXED, "weight": "master_time/(1*ns)*0 + 0.1*run"} if weighted else BOXED
    if weighted:  # an event outside has a weight whatever its time
        columns["master_time"] = np.nan_to_num(columns["master_time"], nan=80.0)
    bound = loaded(content)
    ecal = columns["ecal.energy"].sum(axis=(1, 2, 3))
    hcal = columns["hcal.energy"][:, :3].sum(axis=(1, 2, 3))
    outside = ~((ecal < 50) & (hcal < 1))
    with_box, without = counted(columns, bound), counted(part(columns, outside), bound)
    assert with_box.events == np.count_nonzero(outside)
    assert to_dict(with_box) == to_dict(without)
    assert with_box.to_json() == without.to_json()
    flow = with_box.cutflow
    assert flow.survivors is None
    assert [row.sequential is None for row in flow.rows] == [False, False, False, True]
    assert [row.all_but_this is None for row in flow.rows] == [True, True, False, False]
    assert with_box.booked["two"].blinded == ("ECAL",)
    assert "ECAL" not in with_box.booked["two"].places
    # the open record has them again
    assert counted(columns, bound, blind=False).events == len(rows)


def test_any_number_of_events_in_the_box_leaves_no_trace(small, bound, golden):
    inside = np.array([event["in_box"] for event in golden["events"]])
    without = counted(part(small, ~inside), bound)
    for count in (0, 1, 5, np.count_nonzero(inside)):
        keep = ~inside
        keep[np.flatnonzero(inside)[:count]] = True
        record = counted(part(small, keep), bound)
        assert record.to_json() == without.to_json()


def test_a_bad_weight_in_the_box_is_not_told():
    columns = event_columns([1, 1], [4, 4], [100.0, 100.0], [90.0, 10.0], [0.0, 0.0])
    columns["track.momentum"] = np.array([2.0, NAN])
    bound = loaded({**BOXED, "weight": "track.momentum/(1*GeV)"})
    assert counted(columns, bound).cutflow.events == Counts(1, 2.0, 4.0)
    with pytest.raises(
        InputError, match="weight: 1 of 2 events have a weight that is no finite number"
    ):
        counted(columns, bound, blind=False)


# ----------------------------------------------------- nothing, none, only NaN


def numbers_of(record):
    return {
        kind: [getattr(row, kind).n if getattr(row, kind) else None for row in record.cutflow.rows]
        for kind in COUNTS
    }


@pytest.mark.parametrize("name", [n for n in builtin_selections() if "/" not in n])
@pytest.mark.parametrize("blind", [True, False], ids=["blind", "open"])
def test_zero_events_make_a_table_of_zeros(name, blind):
    bound = loaded(name)
    columns = {}
    for column in {*bound.columns, *({"run", "event"} & set(bound.types))}:
        type_ = bound.types[column]
        sizes = [axis.size for axis in type_.axes]
        columns[column] = ak.Array([[1.0]])[:0] if type_.jagged else np.zeros((0, *sizes))
    record = counted(columns, bound, blind=blind)
    assert record.events == 0
    for flow in record.channels.values():
        for row in flow.rows:
            for kind in COUNTS:
                assert getattr(row, kind) in (None, Counts(0, 0.0, 0.0))
        assert flow.survivors is None or flow.survivors.shape == (0, 3)
    for histogram in record.booked.values():
        assert not histogram.values.any()
    assert record + record == record
    json.loads(record.to_json())


def test_all_events_cut_at_the_first_cut():
    columns = event_columns([1] * 4, [0] * 4, [100.0] * 4, [90.0] * 4, [0.0] * 4)
    found = numbers_of(counted(columns, loaded(BOXED), blind=False))
    assert found["sequential"] == [0, 0, 0, 0]
    assert found["alone"] == [0, 4, 4, 0]
    assert found["all_but_this"] == [0, 0, 0, 0]
    assert found["nan"] == [0, 0, 0, 0]
    flow = counted(columns, loaded(BOXED), blind=False).cutflow
    assert flow.efficiency("time").value == 0
    assert np.isnan(flow.efficiency("time", relative=True).value)


def test_a_cut_that_reads_only_nan():
    columns = event_columns([1] * 4, [4] * 4, [NAN] * 4, [10.0] * 4, [0.0] * 4)
    record = counted(columns, loaded(BOXED), blind=False)
    found = numbers_of(record)
    assert found["sequential"] == [4, 0, 0, 0]
    assert found["alone"] == [4, 0, 4, 4]
    assert found["all_but_this"] == [0, 4, 0, 0]
    assert found["nan"] == [0, 4, 0, 0]
    assert record.channels["other"]["late"].nan.n == 4


def test_a_missing_energy_is_no_missing_energy():
    # without the rule, a broken HCAL would make signal
    columns = event_columns([1] * 2, [4] * 2, [100.0] * 2, [10.0] * 2, [NAN, 0.0])
    for text in (
        "not (hcal_total > 1*GeV)",
        "hcal_total < 1*GeV or ecal_total < 50*GeV",
        "not any(hcal.energy > 1*GeV)",
        "hcal_total != 5*GeV",
        "not (hcal_total >= 1*GeV and run < 0)",
    ):
        content = {**BOXED, "cuts": [*BOXED["cuts"], {"name": "x", "require": text}]}
        row = counted(columns, loaded(content), blind=False).cutflow["x"]
        assert (row.alone.n, row.nan.n) == (1, 1), text
    # nor is the event in the box, which it would be if NaN counted as small
    assert counted(columns, loaded(BOXED)).events == 1


def test_a_cut_outside_its_runs_is_passed_and_counted_as_not_applied():
    columns = event_columns([1, 2, 3, 4], [4] * 4, [NAN, 50.0, 50.0, 100.0], [90.0] * 4, [0.0] * 4)
    cuts = [{**cut, "runs": [3, 4]} if cut["name"] == "time" else cut for cut in BOXED["cuts"]]
    row = counted(columns, loaded({**BOXED, "cuts": cuts}), blind=False).cutflow["time"]
    assert (row.alone.n, row.nan.n, row.not_applied.n) == (3, 0, 2)


def test_a_step_function_holds_from_its_lower_edge_on():
    table = {
        "lookup": "master_time",
        "edges": ["0 ns", "1 us", "2 us"],
        "values": ["5 MeV", "0.007 GeV"],
    }
    times = [-0.5, 0.0, 999.5, 1000.0, 1999.5, 2000.0, NAN]
    for outside, expected in (
        ({}, [None, 5, 5, 7, 7, None, None]),
        ({"below": "0 GeV", "above": "9 MeV"}, [0, 5, 5, 7, 7, 9, None]),
    ):
        columns = event_columns([1] * 7, [4] * 7, times, [0.0] * 7, [0.0] * 7)
        for i, value in enumerate(expected):
            cuts = [{"name": "c", "observable": "step", "within": [f"{value or 0} MeV"] * 2}]
            content: dict[str, Any] = {"name": "x", "layout": "na64-tout", "cuts": cuts}
            content["observables"] = {"step": table | outside}
            row = counted(part(columns, slice(i, i + 1)), loaded(content)).cutflow.rows[0]
            assert (row.alone.n, row.nan.n) == ((0, 1) if value is None else (1, 0)), (i, outside)


def test_histograms_are_filled_where_they_are_booked():
    columns = event_columns(
        [1] * 5,
        [4, 4, 4, 0, 4],
        [100.0, 100.0, 0.0, 100.0, 100.0],
        [5.0, 95.0, 15.0, 25.0, NAN],
        [0.0, 0.0, 0.0, 0.0, 0.0],
    )
    record = counted(columns, loaded(BOXED), blind=False)
    histogram = record.booked["of_other"]
    assert histogram.places == ("start", "bit", "late")
    filled = [np.flatnonzero(values).tolist() for values in histogram.values]
    assert filled == [[1, 2, 3, 10], [1, 2, 10], [1, 10]]
    assert histogram.missing.tolist() == [1, 1, 1]
    shown = record.histograms["of_other"]
    assert shown[{"cut": "late"}].values().tolist() == histogram.values[2][1:-1].tolist()
    assert shown[{"cut": "late"}].axes[0].label == "ecal_total [GeV]"
    two = record.booked["two"]
    assert two.values.sum(axis=(1, 2)).tolist() == [4, 3, 2, 2, 1]


# ------------------------------------------------------------ what is refused


def small_selection(require="run > 0", **more):
    cuts = [{"name": "only", "require": require}]
    return loaded({"name": "x", "layout": "na64-tout", "cuts": cuts, **more})


@pytest.mark.parametrize(
    ("columns", "require", "said"),
    [
        ({}, "run > 0", "no columns were given"),
        (
            {"event": [1]},
            "run > 0",
            "cut 'only' needs column 'run', which is not among those given",
        ),
        (
            {"run": [1], "event": [1, 2]},
            "run > 0",
            "columns differ in their number of events: run 1, event 2",
        ),
        (
            {"srd.energy": np.zeros((2, 4))},
            "any(srd.energy > 1*GeV)",
            "column 'srd.energy' has shape (2, 4); the layout says (2, 3)",
        ),
        (
            {"srd.energy": np.zeros(6)},
            "any(srd.energy > 1*GeV)",
            "column 'srd.energy' has shape (6,)",
        ),
        ({"run": [1.0, NAN]}, "run > 0", "column 'run' holds nan, which is no integer"),
        ({"run": [1.0, 2.5]}, "run > 0", "column 'run' holds 2.5, which is no integer"),
        (
            {"run": np.array([2**63], dtype="u8")},
            "run > 0",
            "holds 9223372036854775808, which is no integer of 64 bits",
        ),
    ],
    ids=range(8),
)
def test_columns_that_do_not_fit_are_refused(columns, require, said):
    arrays = {name: np.asarray(array) for name, array in columns.items()}
    with pytest.raises(InputError) as caught:
        counted(arrays, small_selection(require))
    assert said in str(caught.value)


def test_whole_numbers_may_be_stored_as_doubles_or_without_sign():
    for kind in ("f8", "f4", "u8", "u4", "i4", "?"):
        record = counted({"run": np.array([1, 0], dtype=kind)}, small_selection())
        assert record.cutflow.rows[0].sequential.n == 1


def test_hits_of_whole_numbers_stay_whole(tmp_path):
    path = tmp_path / "l.yaml"
    path.write_text(
        "name: l\ntree: t\ncolumns: {n: {branch: n, shape: [var], axes: [hit], type: integer}}\n",
        encoding="utf-8",
    )
    content = {"name": "x", "cuts": [{"name": "a", "require": "max(n) > 2"}]}
    bound = Selection.from_dict(content).bind(load_layout(path))
    record = counted({"n": ak.Array([[1.0, 3.0], [], [2.0]])}, bound)
    assert record.cutflow.rows[0].sequential.n == 1
    assert record.cutflow.rows[0].nan.n == 1
    with pytest.raises(InputError, match=r"column 'n' holds 0\.5, which is no integer"):
        counted({"n": ak.Array([[1.0, 0.5], []])}, bound)


def test_single_precision_is_compared_as_double():
    # 0.1 in single precision lies above 0.1
    columns = {"track.p_value": np.array([0.1, 0.3], dtype=np.float32)}
    record = counted(columns, small_selection("track.p_value > 0.1"))
    assert record.cutflow.rows[0].sequential.n == 2
    assert (
        counted(columns, small_selection("track.p_value <= 0.1")).cutflow.rows[0].sequential.n == 0
    )


def test_events_without_names_are_counted():
    record = counted({"master_time": np.array([1.0, 5.0])}, small_selection("master_time > 2*ns"))
    assert record.cutflow.survivors.tolist() == [[-1, -1, -1]]
    assert list(record.cutflow.runs) == [None]
    assert json.loads(record.to_json())["survivors"]["main"] == [[None, None, None]]


def test_columns_are_left_as_they_are(small, bound):
    before = {name: ak.to_list(array[:5]) for name, array in small.items()}
    copies = {name: array[:5] for name, array in small.items()}
    for array in copies.values():
        if isinstance(array, np.ndarray):
            array.flags.writeable = False
    counted(copies, bound)
    assert {name: ak.to_list(array) for name, array in copies.items()} == before
