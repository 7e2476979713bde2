"""Differences of records: each kind is told, and nothing else."""

from dataclasses import replace
from pathlib import Path

import pytest

import na64ana as na
from na64ana.cutflow import InputFile

SMALL = Path(__file__).parents[1] / "data" / "tout_small.root"
NAME = "na64e-invisible-2023"


@pytest.fixture(scope="module")
def record():
    return na.run(NAME, SMALL)


def changed(**keys):
    return na.run(na.Selection.from_dict({"name": "other", "extends": NAME} | keys), SMALL)


def told(before, after):
    return {(d.where, d.what): (d.before, d.after) for d in na.diff(before, after)}


def test_the_same_record_has_no_difference(record):
    assert na.diff(record, record) == []
    assert na.diff(record, na.run(NAME, SMALL, chunk_size=50)) == []


def test_software_is_no_difference(record):
    assert na.diff(record, replace(record, software={"na64ana": "99"})) == []


def test_a_threshold_is_told_with_its_numbers(record):
    after = changed(cuts=[{"name": "angle", "below": "0.1 mrad"}])
    found = told(record, after)
    conditions = ("abs(track.angle) < 3 mrad", "abs(track.angle) < 0.1 mrad")
    assert found["main / angle", "condition"] == conditions
    a, b = (str(r.cutflow["angle"].alone.n) for r in (record, after))
    assert a != b
    assert found["main / angle", "alone"] == (a, b)
    assert ("main / momentum", "sequential") not in found  # cuts before it are as they were
    assert found["record", "selection"] == (NAME, "other")


def test_dropped_new_and_moved_cuts_are_told(record):
    found = told(record, changed(drop=["HCAL3"]))
    assert found["main / HCAL3", "cut"][1] == "-"
    new = {"name": "new", "after": "angle", "require": "trigger & 1"}
    assert told(record, changed(cuts=[new]))["main / new", "cut"][0] == "-"
    moved = told(record, changed(cuts=[{"name": "SRD", "after": "angle"}]))
    assert ("main", "order of cuts") in moved


def test_blind_and_open_are_told(record):
    found = told(record, na.run(NAME, SMALL, unblind="a test"))
    assert found["record", "blind"] == ("yes", "no")
    assert found["record", "reason for unblinding"] == ("-", "a test")
    assert found["main / ECAL box", "sequential"] == ("blinded", "71")


def test_inputs_survivors_regions_and_histograms_are_told(record):
    opened = na.run(NAME, SMALL, unblind="a test")
    other = na.run(
        na.Selection.from_dict(
            {
                "name": NAME,
                "extends": NAME,
                "cuts": [{"name": "ECAL box", "below": "20 GeV"}],
                "regions": {"ecal_sideband": {"where": "ecal_total > 90*GeV"}},
                "histograms": {
                    "ecal_energy": {
                        "x": {"observable": "ecal_total", "bins": 5, "range": ["0 GeV", "9 GeV"]}
                    }
                },
            }
        ),
        SMALL,
        unblind="a test",
    )
    found = told(opened, other)
    assert ("main", "survivors lost") in found
    assert ("region", "ecal_sideband") in found
    assert found["histogram", "ecal_energy"] == ("axes or cuts", "differ")
    more = replace(record, inputs=(*record.inputs, InputFile("b.root", "b", 5, ((0, 5),))))
    assert told(record, more) == {("input", "b.root"): ("-", "0-5")}
