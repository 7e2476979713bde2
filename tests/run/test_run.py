"""The local engine: options, workers, kinds of input, and what it refuses."""

import inspect
import json
import pickle
import pydoc
import subprocess
import sys
from pathlib import Path

import pytest

import na64ana as na
from na64ana.errors import InputError, LayoutError, SelectionError
from na64ana.simulate import simulate, write_tout

DATA = Path(__file__).parents[1] / "data"
SMALL = DATA / "tout_small.root"
SELECTION = "na64e-invisible-2023"


@pytest.fixture(scope="module")
def simulated(tmp_path_factory):
    folder = tmp_path_factory.mktemp("simulated")
    for kind in ("simulation", "pseudo-data"):
        write_tout(folder / f"{kind}.root", simulate("run-period", 300, seed=5), kind=kind)
    write_tout(folder / "none.root", simulate("run-period", 0, seed=5), kind="pseudo-data")
    return folder


def test_run_is_a_function_with_its_words_and_can_be_sent_elsewhere():
    from na64ana.run import run

    assert na.run is run
    assert list(inspect.signature(na.run).parameters)[:3] == ["selection", "inputs", "layout"]
    words = pydoc.plain(pydoc.render_doc(na.run))
    assert "run(selection: " in words
    assert "Run a selection over files." in words
    assert "PACKAGE CONTENTS" not in words
    assert pickle.loads(pickle.dumps(na.run)) is na.run  # noqa: S301 - our own


def test_run_stays_the_function_whatever_is_imported_first():
    script = """
import na64ana.run.event
import na64ana as na
assert callable(na.run) and na.run.__name__ == "run", na.run
from na64ana.run import find_event, local
assert na.run is local.run and find_event
assert set(na.run.__dict__) == {"coffea", "fileset_of", "on_dask"}, na.run.__dict__
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


def test_a_selection_of_ones_own(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(
        "name: mine\nlayout: na64-tout\ncuts:\n  - {name: trigger, require: trigger & 4}\n"
    )
    record = na.run(path, SMALL)
    assert record.selection == "mine"
    assert not record.blind  # it has no blind region
    by_root = json.loads((DATA / "tout_small_counts.json").read_text())["open"]["channels"]
    alone = record.cutflow["trigger"].alone
    assert alone is not None
    assert alone.n == by_root["main"]["cuts"][0]["alone"]


def test_simulation_is_never_blind_and_pseudo_data_are(simulated):
    open_ = na.run(SELECTION, simulated / "simulation.root")
    closed = na.run(SELECTION, simulated / "pseudo-data.root")
    assert (open_.blind, open_.kind, open_.inputs[0].kind_from) == (
        False, "simulation", "tag in the file",
    )  # fmt: skip
    assert (closed.blind, closed.kind) == (True, "pseudo-data")
    assert closed.inputs[0].kind_from == "tag in the file"
    assert closed.cutflow["ECAL box"].sequential is None
    assert open_.cutflow["ECAL box"].sequential is not None


def test_untagged_files_are_data():
    record = na.run(SELECTION, SMALL)
    assert (record.kind, record.inputs[0].kind_from, record.blind) == ("data", "untagged", True)


def test_data_and_simulation_are_not_counted_together(simulated):
    with pytest.raises(InputError, match=r"is data .* is simulation .*count them apart"):
        na.run(SELECTION, [SMALL, simulated / "simulation.root"])


def test_a_copy_of_a_file_is_the_same_file(tmp_path):
    copy = tmp_path / "copy.root"
    copy.write_bytes(SMALL.read_bytes())
    with pytest.raises(InputError, match=r"the same file .*counted twice"):
        na.run(SELECTION, [SMALL, copy])


def test_no_events_give_a_whole_table_of_zeros(simulated):
    record = na.run(SELECTION, simulated / "none.root")
    assert record.events == 0
    assert [row.sequential and row.sequential.n for row in record.cutflow.rows] == [0] * 18 + [None]
    assert record.inputs[0].read == ()
    files = [simulated / "none.root", simulated / "pseudo-data.root"]
    assert na.run(SELECTION, files).channels == na.run(SELECTION, files[1]).channels


def test_sequential_counts_are_those_of_the_full_ones():
    full = na.run(SELECTION, SMALL)
    short = na.run(SELECTION, SMALL, counts="sequential")
    for a, b in zip(full.cutflow.rows, short.cutflow.rows, strict=True):
        assert a.sequential == b.sequential
        assert b.alone is None
        assert b.hidden["alone"] == "not computed"


def test_the_reason_for_unblinding_is_in_the_record():
    record = na.run(SELECTION, SMALL, unblind="box opened on 1 May")
    assert json.loads(record.to_json())["unblinded"] == "box opened on 1 May"
    assert not record.blind


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"unblind": " "}, InputError, "unblinding needs a reason"),
        ({"workers": 0}, InputError, "workers is a whole number from 1, not 0"),
        ({"chunk_size": 0}, InputError, "chunk size"),
        ({"counts": "some"}, InputError, "'full' or 'sequential'"),
        ({"layout": "na64-tuot"}, LayoutError, "did you mean 'na64-tout'"),
        ({"layout": "ldmx-ecal"}, SelectionError, "unknown name"),
    ],
)
def test_wrong_options_are_refused(options, error, words):
    with pytest.raises(error, match=words):
        na.run(SELECTION, SMALL, **options)


def test_a_selection_without_a_layout_needs_one(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("name: mine\ncuts:\n  - {name: trigger, require: trigger & 4}\n")
    with pytest.raises(LayoutError, match="names no layout: give one with --layout"):
        na.run(path, SMALL)
    assert na.run(path, SMALL, layout="na64-tout").events == 303


def test_a_file_that_changes_under_the_hands_is_noticed(tmp_path, monkeypatch):
    from na64ana.run import engine

    path = tmp_path / "moving.root"
    path.write_bytes(SMALL.read_bytes())
    read = engine._count

    def change(job, task):
        write_tout(path, simulate("run-period", 303, seed=5), kind="pseudo-data")
        return read(job, task)

    monkeypatch.setattr(engine, "_count", change)
    with pytest.raises(InputError, match="changed while it was being read"):
        na.run(SELECTION, path)


def test_an_error_in_a_worker_reaches_the_user(tmp_path, monkeypatch):
    monkeypatch.setattr("na64ana.events.plan.READ_BYTES", 200_000)
    path = tmp_path / "damaged.root"
    content = bytearray(SMALL.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 400] = bytes(400)
    path.write_bytes(bytes(content))
    with pytest.raises(InputError, match=r"damaged\.root: .*branch.*cannot be read"):
        na.run(SELECTION, path, workers=2)


@pytest.mark.parametrize("below", ["45 GeV", "60 GeV", "0 GeV", "-1 GeV"])
def test_another_box_shows_no_event_of_the_inherited_one(below):
    """Two blind records differ by no event of the box: neither by changed nor by cloned cuts."""
    clone = {"name": "clone", "observable": "ecal_total", "below": "50 GeV"}
    content = {"extends": SELECTION, "cuts": [{"name": "ECAL box", "below": below}, clone]}
    record = na.run(na.Selection.from_dict({"name": "mine", **content}), SMALL)
    closed = na.run(SELECTION, SMALL)
    with_clone = na.run(
        na.Selection.from_dict({"name": "as it was", "extends": SELECTION, "cuts": [clone]}), SMALL
    )
    assert record.blind
    assert record.cutflow["ECAL box"].sequential is None
    if below != "60 GeV":  # inside the inherited box: exactly the same events are taken out
        assert record.events == closed.events
        for cut in closed.cutflow.rows[:-1]:
            assert record.cutflow[cut.name].sequential == cut.sequential
            assert record.cutflow[cut.name].alone == cut.alone
        # the clone, alone, loses nothing that it does not lose with the box as it was
        assert record.cutflow["clone"].alone == with_clone.cutflow["clone"].alone


def test_pseudo_data_are_not_counted_with_data(simulated):
    with pytest.raises(InputError, match=r"count them apart"):
        na.run(SELECTION, [SMALL, simulated / "pseudo-data.root"])


def test_regions_are_counted_by_cuts_and_by_condition():
    regions = {
        "early": {"cuts": ["physics trigger", "SRD"], "keep": ["ecal_total"]},
        "tight": {"where": "ecal_total > 60*GeV and hcal_total < 1*GeV"},
    }
    content = {"name": "mine", "extends": SELECTION, "regions": regions}
    selection = na.Selection.from_dict(content)
    record = na.run(selection, SMALL)
    first_two = na.Selection.from_dict(
        {
            "name": "first two",
            "layout": "na64-tout",
            "extends": SELECTION,
            "drop": ["master time"],
        }
    )
    expected = na.run(first_two, SMALL).cutflow["SRD"].sequential
    assert expected is not None
    assert record.regions["early"].counts == expected
    assert len(record.regions["early"].kept["ecal_total"]) == expected.n
    assert record.regions["tight"].counts.n <= record.regions["ecal_sideband"].counts.n
    inside = {"r": {"cuts": ["SRD", "HCAL energy", "ECAL box"]}}
    with pytest.raises(SelectionError, match="lies inside the blind region 'signal'"):
        na.Selection.from_dict(content | {"regions": inside})
