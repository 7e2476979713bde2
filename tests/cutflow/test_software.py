"""A record keeps the versions that counted, not those that read it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from na64ana.cutflow import Cutflow, CutLabel, Record
from na64ana.cutflow.from_json import from_dict
from na64ana.cutflow.to_json import to_dict
from na64ana.provenance import software


def record(**versions: str) -> Record:
    flow = Cutflow(
        "main", (CutLabel("one"),), (), False, "full", {}, np.zeros((0, 3), dtype=np.int64)
    )
    made: dict[str, Any] = {"software": versions} if versions else {}
    return Record("test", "0" * 64, False, None, "full", (), {"main": flow}, **made)


def test_a_new_record_knows_what_made_it():
    assert record().software == software()


def test_a_loaded_record_keeps_the_versions_of_its_maker():
    old = record(na64ana="0.0.1", numpy="1.0")
    again = from_dict(json.loads(old.to_json()))
    assert again.software == {"na64ana": "0.0.1", "numpy": "1.0"}
    assert again.to_json() == old.to_json()


def test_merging_keeps_all_versions():
    a, b, c = (record(na64ana=version) for version in ("1", "2", "3"))
    assert ((a + b) + c).software == (c + (b + a)).software == {"na64ana": "1, 2, 3"}
    assert (a + a).software == {"na64ana": "1"}


def test_versions_are_no_difference():
    assert record(na64ana="1") == record(na64ana="2")
    assert "software" not in to_dict(record(na64ana="1"), origin=False)
