"""The ledger of a run: recorded = processed + lost + excluded, for each reason there is."""

from __future__ import annotations

import pytest

import na64ana as na
from na64ana.errors import RecordError

EVENTS = [(1, 1 + i // 10, i, 99.0, 0.0, 90.0) for i in range(60)]
MANIFEST = """\
name: night
exposure: {spills: {1: {1: 11, 2: 22, 3: 33, 4: 44, 5: 55, 6: 66, 7: 77}}}
bad_spills:
  - {run: 1, spill: 5, reason: beam off}
  - {run: 1, spill: 6, events: [52, 54], exposure: 6, reason: DAQ}
files:
  - {path: a.root, spills: {1: 1-2}}
  - {path: b.root, spills: {1: 2-4}}
  - {path: c.root, spills: {1: 5-6}}
"""
NIGHT = {"a": (0, 15), "b": (15, 40), "c": (40, 60)}


@pytest.fixture
def folder(tmp_path, write_events):
    for name, (start, stop) in NIGHT.items():
        write_events(tmp_path / f"{name}.root", EVENTS[start:stop])
    (tmp_path / "night.yaml").write_text(MANIFEST)
    return tmp_path


def test_every_particle_has_one_fate(folder, small_selection):
    (folder / "b.root").unlink()
    record = na.run(small_selection(), folder / "night.yaml", on_bad_file="skip")
    ledger = record.ledger
    # spill 2 is lost with b.root; its events in a.root are left out
    assert ledger.totals == (308, 11 + 60, 22 + 33 + 44 + 77, 55 + 6)
    assert ledger.by_reason() == {
        ("excluded", "bad events: DAQ"): 6,
        ("excluded", "bad spill: beam off"): 55,
        ("lost", "b.root is lost"): 99,
        ("lost", "in no file of the dataset"): 77,
    }
    assert record.events == 10 + 7
    assert ledger.by_file()["a.root"] == (33, 11, 22, 0)
    assert ledger.by_dataset() == {"night": ledger.totals}
    assert [dict(file.left_out) for file in record.inputs] == [
        {"spill shared with a lost file": 5},
        {"bad spill": 10, "bad events": 3},
    ]


def test_the_same_with_nothing_lost(folder, small_selection):
    ledger = na.run(small_selection(), folder / "night.yaml").ledger
    assert ledger.totals == (308, 11 + 22 + 33 + 44 + 60, 77, 61)
    assert not ledger.complete  # spill 7 is in no file


def test_ledgers_of_two_runs_add_up_once(folder, small_selection, write_events):
    write_events(folder / "d.root", [(2, 1, i, 99.0, 0.0, 90.0) for i in range(5)])
    (folder / "day.yaml").write_text(
        "name: day\nexposure: {spills: {2: {1: 1000}}}\nfiles: [{path: d.root, spills: {2: 1}}]\n"
    )
    selection = small_selection()
    night, day = (na.run(selection, folder / f"{name}.yaml") for name in ("night", "day"))
    both = na.run(selection, [folder / "night.yaml", folder / "day.yaml"])
    assert (night + day).ledger == (day + night).ledger == both.ledger
    assert both.ledger.totals.recorded == 1308
    with pytest.raises(RecordError, match="counted twice"):
        night + night


def test_a_file_that_one_record_lost_and_another_counted_is_not_lost(
    tmp_path, write_events, small_selection
):
    manifest = tmp_path / "night.yaml"
    manifest.write_text(
        "name: night\nexposure: {spills: {1: {1: 11, 2: 22, 3: 33}}}\n"
        "files: [{path: a.root, spills: {1: 1-2}}, {path: b.root, spills: {1: 3}}]\n"
    )
    a, b, away = (tmp_path / name for name in ("a.root", "b.root", "away"))
    write_events(a, EVENTS[:20])
    write_events(b, EVENTS[20:30])

    def count():
        return na.run(small_selection(), manifest, on_bad_file="skip")

    whole = count()
    parts = []
    for path in (b, a):
        path.rename(away)
        parts.append(count())
        away.rename(path)
    first, second = parts
    assert [lost.path for lost in first.ledger.lost_files] == ["b.root"]
    assert (first + second).ledger.complete
    assert first + second == second + first == whole
