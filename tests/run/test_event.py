"""One event of a file: found by its numbers, as the file has it, and closed where it is blind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from na64ana.cutflow.spills import sample_number
from na64ana.errors import InputError
from na64ana.evaluate import Chunk
from na64ana.evaluate.verdict import blind_box
from na64ana.events import Columns, open_file
from na64ana.events.root import RootFile
from na64ana.layouts import load_layout
from na64ana.run import find_event
from na64ana.run.event import EventName, parse_event
from na64ana.selection import Selection

DATA = Path(__file__).parents[1] / "data"
TOUT = DATA / "tout_small.root"
SELECTION = "na64e-invisible-2023"
#: events of `tout_small.root` in the box, by the independent count in `tout_small_counts.json`
IN_BOX = 168

BOX: dict[str, Any] = {
    "name": "small",
    "layout": "na64-tout",
    "cuts": [
        {"name": "time", "observable": "master_time", "within": ["90 ns", "110 ns"]},
        {"name": "SRD", "require": "sum(srd.energy) > 1*MeV"},
        {"name": "ECAL", "require": "sum(ecal.energy) < 50*GeV"},
    ],
    "regions": {"signal": {"cuts": ["SRD", "ECAL"], "blind": True}},
}
IN, OUT = (1, 2, 3, 100.0, 0.02, 20.0), (1, 2, 4, 80.0, 0.02, 90.0)
MISSING = (1, 2, 5, 100.0, 0.02, float("nan"))


def small(**regions: Any) -> Selection:
    return Selection.from_dict(
        {**BOX, "regions": {"signal": {**BOX["regions"]["signal"], **regions}}}
    )


@pytest.fixture
def data(tmp_path, write_events):
    return write_events(tmp_path / "run.root", [OUT, IN, MISSING])


@pytest.mark.parametrize("text", ["", "8747", "1:2", "1:2:3:4", "a:b:c", "-1:2:3", "1:2:3.5", "entry:",
                                  "entry:-1", "1" * 40 + ":1:1"])  # fmt: skip
def test_a_malformed_name_is_refused_with_the_form(text):
    with pytest.raises(InputError, match="run:spill:event"):
        parse_event(text)


def test_names():
    assert parse_event(" 8747:12:345 ") == EventName(8747, 12, 345)
    assert parse_event("entry:7") == EventName(entry=7)


@pytest.mark.parametrize("name", ["tout_small.root", "tout_small_rntuple.root"])
def test_what_is_read_is_what_the_file_has(name, tout_columns):
    expected = tout_columns(TOUT)
    for entry in (0, 150, 302):
        ids = tuple(int(expected[part][entry]) for part in ("run", "spill", "event"))
        found = find_event(DATA / name, ":".join(map(str, ids)), unblind="a test")
        assert (found.entry, found.ids) == (entry, ids)
        for detector in ("srd", "vhcal", "ecal", "veto", "hcal"):
            cells = found.detectors[detector]
            np.testing.assert_array_equal(cells.energy, expected[f"{detector}.energy"][entry])
            delay = (expected[f"{detector}.time"] - expected[f"{detector}.expected_time"])[entry]
            np.testing.assert_array_equal(cells.delay, delay)
            sigma = expected[f"{detector}.time_sigma"][entry]
            window = 16.5 if detector == "hcal" else 3 * sigma
            np.testing.assert_array_equal(cells.in_time, np.abs(delay) < window)
        numbers = {number.column: number for number in found.numbers}
        (time,) = numbers["master_time"].values
        assert time == expected["master_time"][entry]
        assert numbers["master_time"].unit == "ns"
        (hits,) = numbers["straw11.x"].values
        assert hits == len(expected["straw11.x"][entry])
        assert found.left_out == {}


def test_of_other_events_only_their_numbers_are_read(monkeypatch):
    asked = []
    kept = RootFile.reader

    def reader(file, tree, branch, start, stop):
        asked.append((branch, stop - start))
        return kept(file, tree, branch, start, stop)

    monkeypatch.setattr(RootFile, "reader", reader)
    found = find_event(TOUT, "entry:7", unblind="a test")
    asked.clear()
    again = find_event(TOUT, ":".join(map(str, found.ids)), selection=SELECTION, unblind="a test")
    assert again.entry == 7
    assert "ECAL_ene" in {branch for branch, _ in asked}
    whole = {branch for branch, size in asked if size > 1}
    assert whole == {"runN", "spillN", "spilleventtN"}


def test_the_box_is_that_of_the_counts():
    layout = load_layout("na64-tout")
    bound = Selection.load(SELECTION).bind(layout)
    with open_file(TOUT) as file:
        columns = Columns(file, "tout", layout, 0, file.trees["tout"].entries)
        inside = [
            bool(blind_box(Chunk(layout.columns, columns.take, np.array([entry])), bound))
            for entry in range(columns.size)
        ]
    assert sum(inside) == IN_BOX
    first = {state: inside.index(state) for state in (True, False)}
    with pytest.raises(InputError, match="lies in the blind region"):
        find_event(TOUT, f"entry:{first[True]}", selection=SELECTION)
    shown = find_event(TOUT, f"entry:{first[False]}", selection=SELECTION)
    assert shown.blinding == "outside the blind region"


def test_the_refusal_names_cuts_and_gives_no_number(data):
    with pytest.raises(InputError) as caught:
        find_event(data, "1:2:3", selection=small())
    said = str(caught.value)
    assert "blind region of 'small' (cuts 'SRD', 'ECAL')" in said
    assert "--unblind REASON" in said
    assert "20" not in said.replace(str(data), "")


def test_an_event_with_a_missing_number_is_not_in_the_box(data):
    found = find_event(data, "1:2:5", selection=small())
    assert found.verdict is not None
    by_name = {cut.name: cut for cut in found.verdict.channels["main"]}
    assert (by_name["ECAL"].passed, by_name["ECAL"].missing) == (False, True)
    assert (by_name["time"].passed, by_name["time"].missing) == (True, False)


def test_cuts_that_pass_and_fail(data):
    found = find_event(data, "1:2:4", selection=small())
    assert found.verdict is not None
    assert [(cut.name, cut.passed) for cut in found.verdict.channels["main"]] == [
        ("time", False), ("SRD", True), ("ECAL", False),
    ]  # fmt: skip


def test_a_reason_opens_the_box_and_is_kept(data):
    found = find_event(data, "1:2:3", selection=small(), unblind="reviewed")
    assert (found.unblinded, found.blinding) == ("reviewed", "unblinded")
    assert found.detectors["ecal"].energy.sum() == 20.0
    with pytest.raises(InputError, match="needs a reason"):
        find_event(data, "1:2:3", selection=small(), unblind="  ")


@pytest.mark.parametrize("event", ["1:2:3", "1:2:4", "entry:0"])
def test_data_need_a_selection(data, event):
    with pytest.raises(InputError, match="without a selection nobody says") as caught:
        find_event(data, event, layout="na64-tout")
    assert "--selection" in str(caught.value)
    assert find_event(data, event, layout="na64-tout", unblind="reviewed").verdict is None


def test_pseudo_data_are_blind_and_simulation_is_not(tmp_path, write_events):
    pseudo = write_events(tmp_path / "pseudo.root", [IN], kind="pseudo-data")
    for selection in (None, small()):
        with pytest.raises(InputError, match="blind"):
            find_event(pseudo, "1:2:3", selection=selection, layout="na64-tout")
    simulated = write_events(tmp_path / "simulated.root", [IN], kind="simulation")
    for selection in (None, small()):
        found = find_event(simulated, "1:2:3", selection=selection, layout="na64-tout")
        assert found.blinding == ""


def test_an_inherited_box_stays_closed(tmp_path, data):
    import yaml

    (tmp_path / "small.yaml").write_text(yaml.safe_dump(BOX))
    changed = {"name": "mine", "extends": "small.yaml",
               "cuts": [{"name": "ECAL", "require": "sum(ecal.energy) < 10*GeV"}]}  # fmt: skip
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(changed))
    with pytest.raises(InputError, match="lies in the blind region"):
        find_event(data, "1:2:3", selection=tmp_path / "mine.yaml")


def test_the_open_sample_is_open(tmp_path, write_events):
    events = [(1, 2, i, 100.0, 0.02, 20.0) for i in range(12)]
    path = write_events(tmp_path / "run.root", events)
    selection = small(blind={"prescale": 3})
    opened = sample_number(np.array([event[:3] for event in events]), 3) == 0
    assert 0 < opened.sum() < len(events)
    for i, is_open in enumerate(opened):
        if is_open:
            assert "open sample" in find_event(path, f"1:2:{i}", selection=selection).blinding
        else:
            with pytest.raises(InputError, match="lies in the blind region"):
                find_event(path, f"1:2:{i}", selection=selection)


@pytest.mark.parametrize(
    ("event", "near"),
    [
        ("9:2:3", "its runs: 1"),
        ("1:9:3", "its spills of run 1: 2"),
        ("1:2:9", "that spill has events, but not this one"),
        ("entry:3", "has 3 entries, counted from 0"),
    ],
)
def test_no_such_event(data, event, near):
    with pytest.raises(InputError, match=near) as caught:
        find_event(data, event, selection=small())
    assert str(data) in str(caught.value)
    assert "tree 'tout'" in str(caught.value)


def test_an_event_that_is_there_twice(tmp_path, write_events):
    path = write_events(tmp_path / "run.root", [OUT, MISSING, OUT], baskets=[1, 2])
    with pytest.raises(InputError, match=r"2 times \(entries 0, 2\).*entry:0"):
        find_event(path, "1:2:4", selection=small())
    assert find_event(path, "entry:2", selection=small()).ids == (1, 2, 4)


def test_without_numbers_an_event_is_named_by_its_place(tmp_path, write_events):
    path = write_events(
        tmp_path / "run.root", [OUT, MISSING], kind="simulation", without=["spilleventtN"]
    )
    with pytest.raises(InputError, match=r"no column 'event' \(branch 'spilleventtN'\).*entry:0"):
        find_event(path, "1:2:4", layout="na64-tout")
    assert find_event(path, "entry:1", layout="na64-tout").ids == (1, 2, -1)


def test_what_is_not_there_is_said(data):
    found = find_event(data, "1:2:4", selection=small())
    assert set(found.detectors) == {"srd", "ecal"}
    assert found.left_out["hcal.energy"] == "branch 'HCAL_ene' is not in the file"
    assert found.left_out["ecal.time"] == "branch 'ECAL_t0' is not in the file"
    assert found.detectors["ecal"].in_time is None
    with pytest.raises(InputError, match="cut 'physics trigger' needs column 'trigger'"):
        find_event(data, "1:2:4", selection=SELECTION)


def test_a_file_that_no_layout_fits():
    with pytest.raises(InputError, match="no layout fits it"):
        find_event(DATA / "reading.root", "entry:0")


def test_a_file_without_cells_is_refused(tmp_path, write_events):
    path = write_events(
        tmp_path / "run.root", [OUT], kind="simulation", without=["SRD_ene", "ECAL_ene"]
    )
    with pytest.raises(InputError, match=r"nothing to draw.*branch 'ECAL_ene' is not in the file"):
        find_event(path, "entry:0", layout="na64-tout")


def test_times_that_a_layout_makes_up_are_not_shown(tmp_path):
    import uproot

    cells = {"ECALpenergy": (1, 5, 6), "ECALenergy": (1, 5, 6), "HCALenergy": (1, 4, 3, 3)}
    with uproot.recreate(tmp_path / "ana.root") as file:
        file["ana_tree"] = {name: np.ones(shape) for name, shape in cells.items()}
    found = find_event(tmp_path / "ana.root", "entry:0")
    ecal = found.detectors["ecal"]
    assert ecal.energy.sum() == 60.0
    assert ecal.delay is None
    assert ecal.in_time is not None
    assert ecal.in_time.all()
    assert found.file.kind == "simulation"
