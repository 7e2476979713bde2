"""JSON: golden files and the way back."""

from __future__ import annotations

import pytest

from na64ana.cutflow import Record

NAMES = ["open", "blind", "weighted", "nan", "empty", "sequential", "lossy", "opened"]


@pytest.mark.parametrize("name", NAMES)
def test_golden(records, golden, name, tmp_path):
    text = records[name].to_json()
    golden(f"report/{name}.json", text)
    path = tmp_path / "record.json"
    path.write_text(text, encoding="utf-8")
    again = Record.load(path)
    assert again == records[name]
    assert again.to_json() == text


def test_hostile_names_come_back(hostile, tmp_path):
    path = tmp_path / "record.json"
    path.write_text(hostile.to_json(), encoding="utf-8")
    assert Record.load(path).to_json() == hostile.to_json()
