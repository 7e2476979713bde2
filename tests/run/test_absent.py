"""Columns that a file may lack: the value of the layout stands for them, and nothing is read."""

from __future__ import annotations

from dataclasses import replace

import pytest

import na64ana as na
from na64ana.errors import InputError
from na64ana.events import absent_columns, open_file
from na64ana.events.root import RootFile
from na64ana.layouts import load_layout
from na64ana.report.columns import overview
from na64ana.report.terminal import plain
from na64ana.run.explain import reading_plan

EVENTS = [(1, 1, i, 100.0, 0.05, 20.0 + 10 * i) for i in range(8)]
WEIGHTS = [0.5, 0.25, 1.0, 2.0, 1.0, 1.0, 4.0, 0.5]
ENERGIES = [60.0, 70.0, 80.0, 90.0, 0.0, 0.0, 55.0, 65.0]
TRUTH = {"x": {"observable": "truth.energy", "bins": 4, "range": ["20 GeV", "100 GeV"]}}


@pytest.fixture(scope="module")
def files(tmp_path_factory, write_events):
    folder = tmp_path_factory.mktemp("absent")
    bare = write_events(folder / "bare.root", EVENTS, kind="simulation")
    more = {"weight": WEIGHTS, "truth_energy": ENERGIES}
    full = write_events(folder / "full.root", EVENTS, kind="simulation", more=more)
    return bare, full


def counted(record):
    """What a record says, but for the name and the hash of its selection and for its making."""
    return replace(record, selection="", sha256="", made=()).to_json()


@pytest.mark.parametrize("stored", [False, True])
def test_a_file_without_weights_is_counted_as_without_the_key(
    files, small_selection, tmp_path, stored
):
    bare, _ = files
    store = tmp_path / "store" if stored else None
    weighted = small_selection(weight="weight")
    plain = na.run(small_selection(), bare, progress=False)
    for _ in range(1 + stored):  # written to the store, then read from it
        found = na.run(weighted, bare, store=store, progress=False)
        assert counted(found) == counted(plain)
    assert found.histograms["times"].variances() is not None
    assert found.booked["times"].variances is None


@pytest.mark.parametrize("stored", [False, True])
def test_weights_count_where_the_branch_is(files, small_selection, tmp_path, stored):
    _, full = files
    store = tmp_path / "store" if stored else None
    selection = small_selection(weight="weight", histograms={"truth": TRUTH})
    for _ in range(1 + stored):
        record = na.run(selection, full, store=store, progress=False)
        all_events = record.cutflow.events
        assert (all_events.n, all_events.sumw) == (8, sum(WEIGHTS))
        assert record.booked["truth"].values[0].tolist() == [2, 0, 4, 1.25, 3, 0]  # with flow
        # the last cut: below 50 GeV
        (left,) = (row.sequential for row in record.cutflow.rows if row.name == "ECAL")
        assert left is not None
        assert left.sumw == sum(WEIGHTS[:3])


def test_both_kinds_of_file_add_up(files, small_selection):
    bare, full = files
    selection = small_selection(weight="weight")
    both = na.run(selection, [bare, full], progress=False).cutflow.events
    assert (both.n, both.sumw) == (16, 8 + sum(WEIGHTS))


def test_another_value_of_a_lacking_weight_is_a_weight(files, small_selection):
    bare, _ = files
    record = na.run(small_selection(weight="2 * weight"), bare, progress=False)
    assert (record.cutflow.events.n, record.cutflow.events.sumw) == (8, 16)


def test_nothing_is_read_of_an_absent_branch(files, small_selection):
    layout = load_layout("na64-tout")
    selection = small_selection(weight="weight", histograms={"truth": TRUTH})
    wanted = {"weight", "truth_energy"}
    for path, read in zip(files, [set(), wanted], strict=True):
        with open_file(str(path)) as file:
            plan = reading_plan(selection.bind(layout), layout, file)
            assert {branch.branch for branch in plan.branches} & wanted == read
            absent = absent_columns(file, "tout", layout)
            assert set(absent) == (set() if read else {"weight", "truth.energy"})


def test_columns_says_what_stands_for_an_absent_branch(files):
    texts = []
    for path in files:
        with open_file(str(path)) as file:
            texts.append(plain(overview(file, [load_layout("na64-tout")], chosen=True), 120))
    for said in ("truth.energy is 0 GeV in every event: no branch truth_energy",
                 "weight is 1 in every event: no branch weight"):  # fmt: skip
        assert said in texts[0]
        assert said not in texts[1]
    number = len(load_layout("na64-tout").columns)
    assert f": 6 of {number - 2} columns are here" in texts[0]
    assert f": 8 of {number} columns are here" in texts[1]


def test_a_branch_whose_name_stands_twice_is_not_absent(files, small_selection, monkeypatch):
    """Else a weight would be lost in silence, since nobody says which of two it is."""
    found = RootFile.branch_paths
    monkeypatch.setattr(
        RootFile, "branch_paths", lambda *args: [*found(*args), "a/weight", "b/weight"]
    )
    with pytest.raises(InputError, match="weight needs column 'weight'"):
        na.run(small_selection(weight="weight"), files[0], progress=False)
