"""One folder for several processes; store files that are damaged, foreign, in the way or gone."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from typing import Any
from uuid import UUID

import numpy as np
import pytest

import na64ana as na
from na64ana.events import Columns, file_identity, plan
from na64ana.run import opened, stored
from na64ana.store import BATCH, ColumnsFile, Damaged, Store
from na64ana.store.columns_file import write_columns
from na64ana.store.store import _opened

from . import toy

pytestmark = pytest.mark.usefixtures("one_maker")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(plan, "READ_BYTES", 20_000)
    toy.write_layout(tmp_path)
    toy.write(tmp_path / "toy.root")
    return tmp_path


def counted(folder, store="store", **keys):
    options = {"progress": False, **keys.pop("options", {})}
    selection = toy.selection(folder / "toy.yaml", **keys)
    path = folder / "toy.root"
    return na.run(selection, path, store=store and folder / store, **options).to_json()


def kept(folder):
    return sorted((folder / "store").glob("*.kept"))


@pytest.fixture
def reading(monkeypatch):
    """Names of the columns that were read of input files."""
    names: list[str] = []
    take = Columns.take

    def spy(self, name, rows):
        names.append(name)
        return take(self, name, rows)

    monkeypatch.setattr(Columns, "take", spy)
    return names


# ------------------------------------------------------------------- what is read


def test_another_threshold_opens_no_file(folder, reading, monkeypatch):
    counted(folder)
    assert reading
    reading.clear()
    cuts = toy.with_cut(0, observable="time", within=["90 ns", "110 ns"])
    with monkeypatch.context() as closed:
        closed.setattr(opened, "open_file", None)
        closed.setattr(stored, "open_file", None)
        found = counted(folder, cuts=cuts)
    assert reading == []
    assert found != counted(folder)
    assert found == counted(folder, cuts=cuts, store=None)


def test_a_new_observable_reads_what_it_needs(folder, reading):
    counted(folder)
    reading.clear()
    observables = {**toy.SELECTION["observables"], "bars": "sixteen * 3"}
    counted(folder, observables=observables)
    assert set(reading) == {"run", "spill", "event", "sixteen"}
    reading.clear()
    counted(folder, observables=observables)
    counted(folder)
    assert reading == []


def test_arrays_of_sixteen_are_kept_and_of_seventeen_not(folder):
    counted(folder)
    (path,) = kept(folder)
    numbers = {name.split(".")[0]: 0 for name in ColumnsFile(path).names}
    for name in ColumnsFile(path).names:
        numbers[name.split(".")[0]] += not name.endswith(".missing")
    assert max(numbers.values()) == 16


# ------------------------------------------------------------------------ damage


def test_no_flipped_byte_of_a_store_file_is_taken(tmp_path):
    columns = {
        "a": np.array([0.1, np.nan]),
        "b": np.array([1, -1]),
        "c": np.array([0, 1], dtype=np.uint8),
    }
    good = tmp_path / "good"
    write_columns(good, {"name": "x"}, 4, [columns, columns])
    expected = {name: np.tile(column, 2).tobytes() for name, column in columns.items()}
    content = good.read_bytes()
    bad = tmp_path / "bad"
    refused = 0
    for place, bits in itertools.product(range(len(content)), (0x01, 0xFF)):
        bad.write_bytes(content[:place] + bytes([content[place] ^ bits]) + content[place + 1 :])
        try:
            file = ColumnsFile(bad)
            found = {name: file.rows(name, 0, 4).tobytes() for name in file.names}
        except Damaged:
            refused += 1
            continue
        # what is between the columns says nothing
        assert (found, file.meta) == (expected, {"name": "x", "rows": 4})
    assert refused > len(content)
    for place in range(0, len(content), 7):
        bad.write_bytes(content[:place])
        with pytest.raises(Damaged):
            ColumnsFile(bad)


def flipped(path, place):
    content = bytearray(path.read_bytes())
    content[place] ^= 0xFF
    path.write_bytes(content)


@pytest.mark.parametrize("how", ["numbers", "head", "truncated", "empty", "text", "another's"])
@pytest.mark.parametrize("again", [False, True], ids=["threshold", "observable"])
def test_what_is_damaged_is_computed_anew(folder, how, again):
    whole = counted(folder)
    (path,) = kept(folder)
    good = path.read_bytes()
    _opened.cache_clear()
    if how == "numbers":
        values = toy.events()["TIME"].tobytes()
        assert good.count(values) == 1
        flipped(path, good.index(values))
    elif how == "another's":
        toy.write(folder / "other.root", toy.events(seed=5))
        options = {"store": folder / "other", "progress": False}
        na.run(toy.selection(folder / "toy.yaml"), folder / "other.root", **options)
        (other,) = (folder / "other").glob("*.kept")
        shutil.copy(other, path)
    else:
        path.write_bytes({"truncated": good[: len(good) // 2], "empty": b"", "text": b"x" * 900,
                          "head": good[:400] + b"\xff" + good[401:]}[how])  # fmt: skip
    if again:
        observables = {**toy.SELECTION["observables"], "bars": "sixteen * 3"}
        found = counted(folder, observables=observables)
        assert found == counted(folder, None, observables=observables)
    assert counted(folder) == whole
    _opened.cache_clear()
    assert counted(folder) == whole
    (path,) = kept(folder)
    ColumnsFile(path).check(ColumnsFile(path).names, 0, toy.ENTRIES)


@pytest.mark.parametrize("what", ["folder", "file", "prune"])
def test_a_store_that_goes_in_mid_run(folder, monkeypatch, what):
    whole = counted(folder)
    missing = stored.Keeping.missing
    done: list[bool] = []

    def removing(self, *args):
        if not done:
            done.append(True)
            if what == "folder":
                shutil.rmtree(folder / "store")
            elif what == "file":
                kept(folder)[0].unlink()
            else:
                Store(folder / "store").prune(0)
        return missing(self, *args)

    monkeypatch.setattr(stored.Keeping, "missing", removing)
    assert counted(folder) == whole
    assert done
    assert counted(folder) == whole


def test_a_full_disk_costs_no_result(folder, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    whole = counted(folder, None)
    monkeypatch.setattr("na64ana.store.parts.write_columns", full)
    assert counted(folder) == whole
    assert list((folder / "store").iterdir()) == []


def test_other_files_of_the_folder_are_left_alone(folder):
    (folder / "store").mkdir()
    others = [folder / "store" / name for name in ("notes.kept", "x.part", ".hidden", "a" * 40)]
    for other in others:
        other.write_text("mine")
        os.utime(other, (1, 1))
    (folder / "store" / f"{'a' * 40}.kept").mkdir()
    counted(folder)
    store = Store.at(folder / "store", 0)
    assert store.prune() > 0
    assert store.clear() == 0
    assert {other.read_text() for other in others} == {"mine"}
    assert len(list((folder / "store").iterdir())) == 5


def test_leftovers_of_killed_runs_go_after_a_day(folder):
    counted(folder)
    store = Store.at(folder / "store")
    (path,) = kept(folder)
    left = [f"{path.stem}-{'b' * 32}-{0:012d}.part", f".{path.name}.{'c' * 32}"]
    for name in left:
        (store.folder / name).write_bytes(b"half")
    assert store.prune() == 0
    for name in left:
        os.utime(store.folder / name, (time.time() - 90_000,) * 2)
    assert store.prune() == 8
    assert [p.name for p in store.folder.iterdir()] == [path.name]


def test_what_was_used_last_stays(folder):
    store = Store.at(folder / "store")
    for number in range(4):
        path = store.folder / f"{number:040x}.kept"
        write_columns(path, {}, 1, [{"a": np.zeros(1)}])
        os.utime(path, (1000 + number % 3,) * 2)
    size = path.stat().st_size
    assert store.prune(2 * size) == 2 * size
    assert {f.path.name[39] for f in store.files()} == {"2", "1"}
    assert [f.input for f in store.files()] == [None, None]


# --------------------------------------------------------------- several processes

SCRIPT = """
import sys, time
import na64ana as na
from na64ana.events import plan
plan.READ_BYTES = 20_000
from na64ana.store import parts
write, slow = parts.write_columns, sys.argv[4] == "slow"
def writing(path, *args):
    write(path, *args)
    if slow:
        path.write_bytes(path.read_bytes()[:-100])
        print("half", flush=True)
        time.sleep(60)
parts.write_columns = writing
if __name__ == "__main__":
    record = na.run(sys.argv[1], sys.argv[2], store=sys.argv[3], progress=False)
    print(record.to_json())
"""


def test_processes_that_share_a_folder_and_are_killed(folder):
    (folder / "script.py").write_text(SCRIPT)
    expected, running = [], []
    for number in range(5):
        cuts = toy.with_cut(0, observable="time", within=[f"{85 + number} ns", "115 ns"])
        # each has something of its own to write, however far the others are
        bars = {**toy.SELECTION["observables"], "bars": f"sixteen * {number + 2}"}
        keys = {**toy.SELECTION, "layout": str(folder / "toy.yaml"), "cuts": cuts}
        path = folder / f"s{number}.yaml"
        path.write_text(json.dumps({**keys, "observables": bars}))
        expected.append(na.run(path, folder / "toy.root", progress=False).to_json())
        slow = "slow" if number in (1, 3) else "quick"
        command = [sys.executable, folder / "script.py", path, folder / "toy.root",
                   folder / "store", slow]  # fmt: skip
        running.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
    for number, process in enumerate(running):
        if number in (1, 3):
            assert process.stdout is not None
            assert process.stdout.readline() == "half\n"
            process.send_signal(signal.SIGKILL)
        text, _ = process.communicate(timeout=60)
        if number in (1, 3):
            assert process.returncode == -signal.SIGKILL
        else:
            assert _bare(text) == _bare(expected[number])
    for number in range(5):
        record = na.run(folder / f"s{number}.yaml", folder / "toy.root", store=folder / "store")
        assert record.to_json() == expected[number]
    store = Store.at(folder / "store")
    left = [path for path in store.folder.iterdir() if path.suffix != ".kept"]
    assert left
    for path in left:
        os.utime(path, (1, 1))
    store.prune()
    assert [path.suffix for path in store.folder.iterdir()] == [".kept"]


def _bare(text):
    return {**json.loads(text), "made": None, "git": None}


@pytest.mark.parametrize("workers", [1, 2])
def test_workers_and_resume_with_a_store(folder, workers):
    options = {"workers": workers, "resume": folder / "done"}
    whole = counted(folder, None)
    assert counted(folder, options={"workers": workers}) == whole
    assert counted(folder, options=options) == whole
    assert counted(folder, options=options) == whole
    assert counted(folder, None, options=options) == whole
    assert len(list((folder / "done").iterdir())) == 1


# --------------------------------------------------------------------- the rest


def test_more_rows_than_a_batch(tmp_path):
    path = tmp_path / "a"
    rows = 2 * BATCH + 3
    numbers = np.arange(float(rows))
    batches = ({"a": numbers[i : i + BATCH]} for i in range(0, rows, BATCH))
    write_columns(path, {}, rows, batches)
    file = ColumnsFile(path)
    for start, stop in [(0, rows), (BATCH - 1, BATCH + 1), (BATCH, BATCH), (rows - 1, rows)]:
        assert np.array_equal(file.rows("a", start, stop), numbers[start:stop])


def test_identity_of_a_file_over_2_gb(tmp_path):
    """In the header of a large file three places have 8 bytes instead of 4 (ROOT, TFile)."""
    uuid = bytes(range(16))
    path = tmp_path / "large.root"
    version = (1_063_400).to_bytes(4, "big")
    head = (b"root" + version + (100).to_bytes(4, "big") + (3 * 10**9).to_bytes(8, "big")
            + (2 * 10**9).to_bytes(8, "big") + (50).to_bytes(4, "big") + (1).to_bytes(4, "big")
            + (60).to_bytes(4, "big") + b"\x08" + (0).to_bytes(4, "big")
            + (2 * 10**9).to_bytes(8, "big") + (400).to_bytes(4, "big") + b"\0\1" + uuid)  # fmt: skip
    with path.open("wb") as file:
        file.write(head)
        file.truncate(3 * 10**9)
    found = file_identity(str(path))
    assert found is not None
    assert found[:2] == (uuid.hex(), 3 * 10**9)


def test_an_observable_may_be_called_run(tmp_path):
    """Where the layout has no such column it must not name the event."""
    layout = tmp_path / "layout.yaml"
    columns = {"t": {"branch": "TIME", "unit": "ns"}}
    layout.write_text(json.dumps({"name": "l", "tree": "toy", "marks": [], "columns": columns}))
    toy.write(tmp_path / "toy.root")
    cuts = [{"name": "a", "require": "run > 90*ns"}]
    selection = na.Selection.from_dict(
        {"name": "s", "layout": str(layout), "observables": {"run": "t + 1*ns"}, "cuts": cuts}
    )
    whole = na.run(selection, tmp_path / "toy.root").to_json()
    for _ in range(2):
        assert na.run(selection, tmp_path / "toy.root", store=tmp_path / "s").to_json() == whole


def test_events_without_numbers(tmp_path):
    layout = toy.write_layout(tmp_path)
    branches = toy.events()
    del branches["EVENT"], branches["SPILL"]
    path = toy.write(tmp_path / "toy.root", branches)
    observables = {k: v for k, v in toy.SELECTION["observables"].items() if k != "odd"}
    keys = {"observables": observables,
            "cuts": toy.with_cut(1, require="physics"), "regions": {}}  # fmt: skip
    selection = toy.selection(layout, **keys)
    whole = na.run(selection, path).to_json()
    for _ in range(2):
        assert na.run(selection, path, store=tmp_path / "store").to_json() == whole
    # a cut that needs them is refused in the same words
    needs = toy.selection(layout, observables=observables, regions={},
                          cuts=toy.with_cut(1, require="event > 4"))  # fmt: skip
    refusals = []
    for store in (None, tmp_path / "store"):
        with pytest.raises(na.Na64Error) as refused:
            na.run(needs, path, store=store)
        refusals.append(str(refused.value))
    assert refusals[0] == refusals[1]
    assert "EVENT" in refusals[0]


def test_spills_over_files_bad_spills_and_duplicates(tmp_path):
    layout = toy.write_layout(tmp_path)
    branches = toy.events()
    for number, (start, stop) in enumerate([(0, 30), (30, 70), (60, 90)]):
        part = {name: array[start:stop] for name, array in branches.items()}
        uuid = UUID(int=number + 1)
        toy.write(tmp_path / f"f{number}.root", part, uuid=uuid)
    (tmp_path / "night.yaml").write_text("""
name: night
exposure: {spills: {3: {1: 100, 2: 200, 3: 300, 4: 5}, 4: {3: 400, 4: 400, 5: 500}}}
bad_spills:
  - {run: 3, spill: 1, reason: beam}
  - {run: 4, spill: 5, events: [80, 83], exposure: 9, reason: trip}
files:
  - {path: f0.root, spills: {3: 1-2}}
  - {path: f1.root, spills: {3: 2-3, 4: 3-4}}
  - {path: f2.root, spills: {4: 4-5}}
""")
    selection = toy.selection(layout)
    for inputs in (tmp_path / "night.yaml", sorted(tmp_path.glob("f*.root"))):
        options: dict[str, Any] = {"duplicates": "once", "progress": False}
        whole = na.run(selection, inputs, **options).to_json()
        assert "given twice" in whole
        for _ in range(2):
            found = na.run(selection, inputs, store=tmp_path / "store", **options).to_json()
            assert found == whole
    with pytest.raises(na.Na64Error, match="twice"):
        na.run(selection, tmp_path / "night.yaml", store=tmp_path / "store")


def test_the_store_of_another_version_is_not_used(folder, monkeypatch, reading):
    counted(folder)
    reading.clear()
    monkeypatch.setattr("na64ana.store.store._code", lambda: "another")
    counted(folder)
    assert reading
    assert len(kept(folder)) == 2


def test_a_change_within_a_tick_of_the_clock_is_not_kept(folder, monkeypatch):
    """A file that was written this moment may be changed once more with the same times."""
    now = (folder / "toy.root").stat().st_ctime_ns
    monkeypatch.setattr("time.time_ns", lambda: now + stored._TICK // 2)
    counted(folder)
    assert kept(folder) == []
    monkeypatch.undo()
    counted(folder)
    assert len(kept(folder)) == 1
