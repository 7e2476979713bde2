"""A run that was interrupted goes on where it was, and never on what has changed."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import na64ana as na
from na64ana.run import engine
from na64ana.run.count import count_range

pytestmark = pytest.mark.usefixtures("one_maker")

pytestmark = pytest.mark.usefixtures("same_time")
EVENTS = [(1, 1 + i // 20, i, 85.0 + i % 30, 0.02 * (i % 4), 1.75 * (i % 60)) for i in range(120)]
MANIFEST = """\
name: night
exposure: {{spills: {{1: {{1: 100, 2: 200, 3: {third}, 4: 400, 5: 500, 6: 600}}}}}}
{bad}files:
  - {{path: f0.root, spills: {{1: 1-2}}}}
  - {{path: f1.root, spills: {{1: 2-3}}}}
  - {{path: f2.root, spills: {{1: 4-5}}}}
  - {{path: f3.root, spills: {{1: 5-6}}}}
"""


def write_manifest(folder, third=300, bad=""):
    (folder / "night.yaml").write_text(MANIFEST.format(third=third, bad=bad))
    return folder / "night.yaml"


@pytest.fixture
def folder(tmp_path, write_events):
    for k in range(4):
        write_events(tmp_path / f"f{k}.root", EVENTS[30 * k : 30 * (k + 1)], baskets=[7, 14])
    write_manifest(tmp_path)
    return tmp_path


@pytest.fixture
def counted(monkeypatch):
    """Names of the files that were really read, in order."""
    names: list[str] = []
    count = count_range

    def spy(job, intake, start, stop):
        names.append(Path(intake.plan.file.path).name)
        return count(job, intake, start, stop)

    monkeypatch.setattr(engine, "count_range", spy)
    return names


@pytest.mark.parametrize("files", [0, 1, 3])
@pytest.mark.parametrize("by_manifest", [True, False])
@pytest.mark.parametrize("keys", [{}, {"weight": "master_time/(7*ns)"}])
def test_an_interrupted_run_gives_the_same_bytes(
    folder, small_selection, monkeypatch, files, by_manifest, keys
):
    selection = small_selection(**keys)
    inputs = folder / "night.yaml" if by_manifest else folder
    whole = na.run(selection, inputs, progress=False).to_json()
    count, done = count_range, []

    def interrupted(job, intake, start, stop):
        done.append(intake.plan.file.path)
        if len(set(done)) > files:
            raise KeyboardInterrupt
        return count(job, intake, start, stop)

    with monkeypatch.context() as patch:
        patch.setattr(engine, "count_range", interrupted)
        with pytest.raises(KeyboardInterrupt):
            na.run(selection, inputs, resume=folder / "kept", progress=False)
    assert len(list((folder / "kept").iterdir())) == files
    assert na.run(selection, inputs, resume=folder / "kept", progress=False).to_json() == whole
    # and once more, with nothing left to read
    with monkeypatch.context() as patch:
        patch.setattr(engine, "count_range", None)
        again = na.run(selection, inputs, resume=folder / "kept", progress=False)
    assert again.to_json() == whole


SCRIPT = """
import os, signal, sys
from na64ana.run import engine
from na64ana.cli import main

count = engine.count_range

def killing(job, intake, start, stop):
    if intake.plan.file.path.endswith("f2.root"):
        os.kill(os.getpid(), signal.SIGKILL)
    return count(job, intake, start, stop)

engine.count_range = killing
main(sys.argv[1:])
"""
YAML = """\
name: s
layout: na64-tout
cuts:
  - {name: t, require: master_time > 90*ns}
  - {name: box, require: sum(ecal.energy) < 50*GeV}
regions: {signal: {cuts: [box], blind: true}}
"""


def test_a_run_that_was_killed_goes_on(folder, counted):
    (folder / "s.yaml").write_text(YAML)
    (folder / "script.py").write_text(SCRIPT)
    arguments = [folder / "s.yaml", folder / "night.yaml", "--resume", folder / "kept"]
    result = subprocess.run(
        [sys.executable, folder / "script.py", "cutflow", *arguments, "--json", folder / "out"],
        capture_output=True, check=False,
    )  # fmt: skip
    assert result.returncode == -9
    assert not (folder / "out").exists()
    assert len(list((folder / "kept").iterdir())) == 2
    record = na.run(folder / "s.yaml", folder / "night.yaml", resume=folder / "kept")
    assert set(counted) == {"f2.root", "f3.root"}
    assert record.to_json() == na.run(folder / "s.yaml", folder / "night.yaml").to_json()


@pytest.mark.parametrize(
    ("change", "read"),
    [
        ("selection", "0123"),
        ("weight", "0123"),
        ("name", "0123"),
        ("reason", "0123"),
        ("unblind", "0123"),
        ("counts", "0123"),
        ("file", "1"),
        ("time of the file", "1"),
        ("bad spill", "23"),
        ("bad events", "2"),
        ("other files of a spill", "01"),
        ("chunks", ""),
        ("exposure", ""),
    ],
)
def test_what_has_changed_is_counted_anew(
    folder, small_selection, write_events, counted, change, read
):
    selection, manifest = small_selection(), folder / "night.yaml"
    options: dict[str, Any] = {}
    na.run(selection, manifest, resume=folder / "kept")
    counted.clear()
    if change == "selection":
        selection = small_selection(regions={"side": {"where": "master_time > 99*ns"}})
    elif change == "name":
        selection = small_selection(name="renamed")
    elif change == "reason":
        cuts = [{"name": n, "require": f"{c} > 0*GeV", "reason": "new"}
                for n, c in (("time", "sum(srd.energy)"), ("SRD", "sum(srd.energy)"),
                             ("ECAL", "sum(ecal.energy)"))]  # fmt: skip
        old = [{**cut, "reason": "old"} for cut in cuts]
        na.run(small_selection(cuts=old), manifest, resume=folder / "kept")
        counted.clear()
        selection = small_selection(cuts=cuts)
        assert selection.sha256 == small_selection(cuts=old).sha256
    elif change == "weight":
        selection = small_selection(weight="2.0")
    elif change == "unblind":
        options["unblind"] = "frozen"
    elif change == "counts":
        options["counts"] = "sequential"
    elif change == "chunks":
        options["chunk_size"] = 3
    elif change == "file":
        write_events(folder / "f1.root", EVENTS[30:59])
    elif change == "time of the file":
        os.utime(folder / "f1.root", (1, 1))
    elif change == "exposure":
        write_manifest(folder, third=301)
    elif change == "bad spill":
        write_manifest(folder, bad="bad_spills: [{run: 1, spill: 5, reason: x}]\n")
    elif change == "bad events":
        bad = "bad_spills: [{run: 1, spill: 4, events: [70, 80], exposure: 9, reason: x}]\n"
        write_manifest(folder, bad=bad)
    else:
        text = manifest.read_text().replace(
            "f0.root, spills: {1: 1-2}", "f0.root, spills: {1: 1-3}"
        )
        manifest.write_text(text)
    record = na.run(selection, manifest, resume=folder / "kept", **options)
    assert sorted(set(counted)) == [f"f{k}.root" for k in read]
    assert record.to_json() == na.run(selection, manifest, **options).to_json()


@pytest.mark.parametrize("how", ["half", "empty", "digit", "letter", "other", "list", "folder"])
def test_a_damaged_result_is_not_used(folder, small_selection, counted, how):
    selection = small_selection()
    whole = na.run(selection, folder, resume=folder / "kept").to_json()
    kept = sorted((folder / "kept").iterdir())
    text = kept[0].read_text()
    if how == "folder":
        kept[0].unlink()
        kept[0].mkdir()
    else:
        kept[0].write_text({
            "half": text[: len(text) // 2],
            "empty": "",
            "digit": text.replace('"n": [', '"n": [1', 1),
            "letter": text[:70].swapcase() + text[70:],
            "other": kept[1].read_text()[:-5],
            "list": "[]",
        }[how])  # fmt: skip
    assert kept[0].is_dir() or kept[0].read_text() != text
    counted.clear()
    if how == "folder":
        with pytest.raises(na.Na64Error, match="cannot be written"):
            na.run(selection, folder, resume=folder / "kept")
        return
    assert na.run(selection, folder, resume=folder / "kept").to_json() == whole
    assert len(set(counted)) == 1
    assert kept[0].read_text() == text  # it is whole again


def test_a_result_of_another_file_is_not_used(folder, small_selection):
    selection = small_selection()
    whole = na.run(selection, folder, resume=folder / "kept").to_json()
    first, second = sorted((folder / "kept").iterdir())[:2]
    first.write_bytes(second.read_bytes())
    assert na.run(selection, folder, resume=folder / "kept").to_json() == whole


def test_two_runs_in_one_folder(folder, small_selection):
    selection = small_selection()
    whole = na.run(selection, folder).to_json()
    with ThreadPoolExecutor(4) as threads:
        runs = [threads.submit(na.run, selection, folder, resume=folder / "kept", progress=False)
                for _ in range(4)]  # fmt: skip
        assert {run.result().to_json() for run in runs} == {whole}
    assert len(list((folder / "kept").iterdir())) == 4


def test_a_lost_file_is_not_kept(folder, small_selection):
    os.truncate(folder / "f1.root", 3000)
    options = {"on_bad_file": "skip", "resume": folder / "kept", "progress": False}
    for _ in range(2):
        record = na.run(small_selection(), folder / "night.yaml", **options)
        assert [file.path for file in record.ledger.lost_files] == ["f1.root"]
        # spill 2 goes with spill 3, which are in the lost file
        assert record.ledger.totals.lost == 500
    assert len(list((folder / "kept").iterdir())) == 3
