"""The same file or event given twice: found, and refused or counted once."""

from __future__ import annotations

import shutil
from pathlib import Path
from uuid import UUID

import pytest

import na64ana as na
from na64ana.errors import InputError
from na64ana.events import plan
from na64ana.run import repeated
from na64ana.run.count import read_ids

DATA = Path(__file__).parents[1] / "data"
EVENTS = [(1, 1 + i // 20, i, 85.0 + i % 30, 0.02 * (i % 4), 1.75 * (i % 60)) for i in range(60)]
ONE = UUID("11111111-1111-4111-8111-111111111111")


@pytest.fixture
def read(monkeypatch):
    """Paths of the files of which identities were read again, each time that they were."""
    paths: list[str] = []

    def spy(layout, intake, start, stop):
        paths.append(Path(intake.plan.file.path).name)
        return read_ids(layout, intake, start, stop)

    monkeypatch.setattr(repeated, "read_ids", spy)
    return paths


def given_twice(folder, how):
    path = folder / "a.root"
    if how == "path":
        return path
    if how == "other words":
        return folder / "sub" / ".." / "a.root"
    other = folder / "z.root"
    if how == "link":
        other.symlink_to(path)
    elif how == "hard link":
        other.hardlink_to(path)
    else:
        shutil.copy(path, other)
    return other


@pytest.mark.parametrize("how", ["path", "other words", "link", "hard link", "copy"])
@pytest.mark.parametrize("first", [True, False])
def test_a_file_given_twice(tmp_path, write_events, small_selection, how, first):
    (tmp_path / "sub").mkdir()
    path = write_events(tmp_path / "a.root", EVENTS)
    other = given_twice(tmp_path, how)
    inputs = [path, other] if first else [other, path]
    with pytest.raises(InputError, match="counted twice"):
        na.run(small_selection(), inputs)
    once, alone = (
        na.run(small_selection(), inputs, duplicates="once"),
        na.run(small_selection(), path),
    )
    assert once.channels == alone.channels
    assert once.regions == alone.regions
    assert len(once.inputs) == len(once.ledger.unaccounted) == len(once.ledger.repeated_files) == 1
    assert once.ledger.complete


@pytest.mark.parametrize("how", ["path", "other words", "link", "copy"])
@pytest.mark.parametrize("first", [True, False])
def test_a_file_of_a_dataset_given_beside_it(tmp_path, write_events, small_selection, how, first):
    (tmp_path / "sub").mkdir()
    write_events(tmp_path / "a.root", EVENTS)
    (tmp_path / "m.yaml").write_text(
        "name: m\nexposure: {spills: {1: {1: 10, 2: 20, 3: 30}}}\n"
        "files: [{path: a.root, spills: {1: 1-3}}]\n"
    )
    inputs = [tmp_path / "m.yaml", given_twice(tmp_path, how)]
    once = na.run(small_selection(), inputs if first else inputs[::-1], duplicates="once")
    assert once.ledger.totals == (60, 60, 0, 0)
    assert once.ledger.known
    assert once.ledger.complete
    assert once.events == na.run(small_selection(), tmp_path / "m.yaml").events


def test_two_copies_in_one_dataset_hold_up_no_spill(tmp_path, write_events, small_selection):
    write_events(tmp_path / "a.root", EVENTS[:30])
    shutil.copy(tmp_path / "a.root", tmp_path / "b.root")
    write_events(tmp_path / "c.root", EVENTS[30:])
    (tmp_path / "m.yaml").write_text(
        "name: m\nexposure: {spills: {1: {1: 10, 2: 20, 3: 30}}}\nfiles:\n"
        "- {path: a.root, spills: {1: 1-2}}\n- {path: b.root, spills: {1: 1-2}}\n"
        "- {path: c.root, spills: {1: 2-3}}\n"
    )
    with pytest.raises(InputError, match="same file"):
        na.run(small_selection(), tmp_path / "m.yaml")
    once = na.run(small_selection(), tmp_path / "m.yaml", duplicates="once")
    both = na.run(small_selection(), [tmp_path / "a.root", tmp_path / "c.root"])
    assert once.channels == both.channels
    assert once.ledger.totals == (60, 60, 0, 0)
    assert once.ledger.complete
    assert [Path(file.path).name for file in once.ledger.repeated_files] == ["b.root"]


def test_an_rntuple_and_its_ttree_are_found_by_their_events():
    files = [DATA / "tout_small.root", DATA / "tout_small_rntuple.root"]
    selection = "na64e-invisible-2023"
    with pytest.raises(
        InputError, match=r"303 events stand twice, the first of them run \d+, spill"
    ):
        na.run(selection, files)
    once, alone = na.run(selection, files, duplicates="once"), na.run(selection, files[0])
    assert once.channels == alone.channels
    assert once.regions == alone.regions
    assert [file.left_out for file in once.inputs] == [{}, {"event given twice": 303}]


@pytest.mark.parametrize("shuffled", [False, True])
@pytest.mark.parametrize("chunk", [3, 4096])
@pytest.mark.parametrize("ranges", [1, 4])
@pytest.mark.parametrize("files", [1, 2])
def test_repeated_events(
    tmp_path, write_events, small_selection, monkeypatch, shuffled, chunk, ranges, files
):
    events = [event for event in EVENTS if not (event[4] > 0.03 and event[5] < 50)]
    again = [*events[5:9], events[-1]]
    content = [events + again] if files == 1 else [events, again]
    for part in content:
        if shuffled:
            part.sort(key=lambda event: (event[2] * 7919) % 61)
    paths = [
        write_events(tmp_path / f"{i}.root", part, baskets=[7] * 9)
        for i, part in enumerate(content)
    ]
    if ranges > 1:
        monkeypatch.setattr(plan, "READ_BYTES", 8000)
    options = {"chunk_size": chunk, "progress": False}
    with pytest.raises(InputError, match=r"5 events stand twice, .* run 1, spill 1, event"):
        na.run(small_selection(), paths, **options)
    once = na.run(small_selection(), paths, duplicates="once", **options)
    alone = na.run(small_selection(), write_events(tmp_path / "alone.root", events))
    assert once.channels == alone.channels
    assert sum(sum(file.left_out.values()) for file in once.inputs) == 5
    sums = {count.key: 0 for file in once.inputs for count in file.spills}
    for file in once.inputs:
        for count in file.spills:
            sums[count.key] += count.digest
    assert {k: v % 2**64 for k, v in sums.items()} == {
        count.key: count.digest for count in alone.inputs[0].spills
    }


def test_identities_are_read_again_for_suspect_spills_alone(
    tmp_path, write_events, small_selection, read
):
    paths = [write_events(tmp_path / f"{i}.root", EVENTS[20 * i : 20 * i + 20]) for i in range(3)]
    na.run(small_selection(), paths)
    assert read == []  # every spill is in one file, in order
    # spill 4 in two files, with event numbers that overlap: no event is the same
    odd = [(1, 4, 2 * i, 99.0, 0.0, 0.0) for i in range(9)]
    even = [(1, 4, 2 * i + 1, 99.0, 0.0, 0.0) for i in range(9)]
    paths += [write_events(tmp_path / "3.root", odd), write_events(tmp_path / "4.root", even)]
    assert na.run(small_selection(), paths).events
    assert read == ["3.root", "4.root"]


def test_simulation_may_number_its_events_alike(tmp_path, write_events, small_selection, read):
    paths = [write_events(tmp_path / f"{i}.root", EVENTS, kind="simulation") for i in range(2)]
    assert na.run(small_selection(), paths).events == 2 * len(EVENTS)
    assert read == []


@pytest.mark.parametrize("without", ["spilleventtN", "spillN", "runN"])
def test_events_without_numbers_are_not_the_same_event(
    tmp_path, write_events, small_selection, without
):
    # event numbers begin anew in each spill, so without the spill they say nothing
    events = [(1, s, i, 99.0, 0.0, 0.0) for s in (1, 2) for i in range(5)]
    path = write_events(tmp_path / "a.root", events, without=[without])
    assert na.run(small_selection(), path).events == 10
    assert na.run(small_selection(), path, duplicates="once").events == 10


@pytest.mark.parametrize("spills", ["{1: 1-2}", "{2: 1-3}", "{1: 1-3}"])
def test_events_of_spills_that_are_not_listed_are_refused(
    tmp_path, write_events, small_selection, spills
):
    write_events(tmp_path / "a.root", EVENTS)
    (tmp_path / "m.yaml").write_text(
        "name: m\nexposure: {spills: {1: {1: 10, 2: 20, 3: 30}, 2: {1: 1, 2: 1, 3: 1}}}\n"
        f"files: [{{path: a.root, spills: {spills}}}]\n"
    )
    if spills == "{1: 1-3}":
        assert na.run(small_selection(), tmp_path / "m.yaml").ledger.totals.processed == 60
        return
    with pytest.raises(
        InputError, match=r"a\.root: it has events of run 1, spill \d, which its man"
    ):
        na.run(small_selection(), tmp_path / "m.yaml")
    record = na.run(small_selection(), tmp_path / "m.yaml", on_bad_file="skip")
    assert record.events == 0
    assert record.ledger.totals.processed == 0


def test_bad_spills_are_not_let_in_by_a_file_without_spill_numbers(
    tmp_path, write_events, small_selection
):
    write_events(tmp_path / "a.root", EVENTS, without=["spillN"])
    (tmp_path / "m.yaml").write_text(
        "name: m\nbad_spills: [{run: 1, spill: 2, reason: x}]\n"
        "files: [{path: a.root, spills: {1: 1-3}}]\n"
    )
    with pytest.raises(InputError, match="spill unknown"):
        na.run(small_selection(), tmp_path / "m.yaml")


@pytest.mark.parametrize("copy", [False, True], ids=["path", "copy"])
def test_a_file_is_in_one_dataset_only(tmp_path, write_events, small_selection, copy):
    """Counted once or not, its exposure would be accounted for twice."""
    path = write_events(tmp_path / "a.root", [(1, 1, 1, 99.0, 0.05, 90.0)])
    other = path
    if copy:
        other = tmp_path / "b.root"
        other.write_bytes(path.read_bytes())
    for name, file in (("one", path), ("two", other)):
        (tmp_path / f"{name}.yaml").write_text(
            f"name: {name}\nexposure: {{spills: {{1: {{1: 10}}}}}}\n"
            f"files: [{{path: {file.name}, spills: {{1: 1}}}}]\n"
        )
    with pytest.raises(InputError, match="is in two datasets, 'one' and 'two'"):
        na.run(
            small_selection(), [tmp_path / "one.yaml", tmp_path / "two.yaml"],
            duplicates="once", progress=False,
        )  # fmt: skip
