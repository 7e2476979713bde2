"""coffea: whatever Runner drops, the ledger closes; partial results add up in any order."""

from __future__ import annotations

import os
import pickle
import warnings
from pathlib import Path

import cloudpickle
import pytest
import uproot
from coffea import processor
from coffea.nanoevents import BaseSchema
from coffea.processor import IterativeExecutor, Runner, accumulate

import na64ana as na
from na64ana.errors import InputError
from na64ana.run import SelectionProcessor, coffea

pytestmark = pytest.mark.usefixtures("one_maker")

pytestmark = pytest.mark.usefixtures("same_time")
EVENTS = [(1, 1 + i // 20, i, 85.0 + i % 30, 0.02 * (i % 4), 1.75 * (i % 60)) for i in range(80)]
FAULTS = ["missing", "truncated", "basket", "tree", "branch", "empty", "text"]
SPILLS = {"f0.root": "1-2", "f1.root": "2-3", "f2.root": "3-4"}
AMOUNTS = {1: 100, 2: 200, 3: 300, 4: 400}


def runner(chunksize=7, **options):
    quiet = IterativeExecutor(status=False)
    return Runner(
        executor=quiet, pre_executor=quiet, chunksize=chunksize, schema=BaseSchema, **options
    )


@pytest.fixture
def folder(tmp_path, write_events):
    cuts = {"f0.root": (0, 30), "f1.root": (30, 50), "f2.root": (50, 80)}
    for name, (start, stop) in cuts.items():
        write_events(tmp_path / name, EVENTS[start:stop], baskets=[8, 8])
    files = "".join(f"  - {{path: {n}, spills: {{1: {s}}}}}\n" for n, s in SPILLS.items())
    amounts = ", ".join(f"{spill}: {n}" for spill, n in AMOUNTS.items())
    (tmp_path / "m.yaml").write_text(
        f"name: night\nexposure: {{spills: {{1: {{{amounts}}}}}}}\nfiles:\n{files}"
    )
    return tmp_path


@pytest.fixture
def spoil(folder, write_events):
    """Do something to a file."""

    def do(name, fault):
        path = folder / name
        if fault == "missing":
            path.unlink()
        elif fault == "truncated":
            os.truncate(path, path.stat().st_size // 2)
        elif fault == "text":
            path.write_text("no ROOT file")
        elif fault == "tree":
            write_events(path, EVENTS[:5], tree="other")
        elif fault == "branch":
            write_events(path, EVENTS[:5], without=["masterT"])
        elif fault == "empty":
            write_events(path, [])
        else:
            with uproot.open(path) as file:
                branch = file["tout"]["ECAL_ene"]
                end = branch.member("fBasketSeek")[1] + branch.member("fBasketBytes")[1]
            content = bytearray(path.read_bytes())
            content[end - 1] ^= 0xFF
            path.write_bytes(content)

    return do


def fileset(folder):
    return {"night": {"files": [str(folder / n) for n in SPILLS],
                      "metadata": {"manifest": str(folder / "m.yaml")}}}  # fmt: skip


def same(record, expected):
    assert record.inputs == expected.inputs
    assert record.channels == expected.channels
    assert record.regions == expected.regions
    assert record.ledger.totals == expected.ledger.totals
    assert record.ledger.entries == expected.ledger.entries
    # the reasons name the entries that were asked for, which are not the same
    lost = [[file.path for file in r.ledger.lost_files] for r in (record, expected)]
    assert lost[0] == lost[1]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("bad", [False, True, (OSError,), (Exception,)])
def test_whatever_runner_drops_the_record_is_that_of_the_local_engine(
    folder, small_selection, spoil, fault, bad
):
    spoil("f1.root", fault)
    selection = small_selection()
    expected = na.run(selection, folder / "m.yaml", on_bad_file="skip")
    found = coffea(runner(skipbadfiles=bad), folder / "m.yaml", selection, on_bad_file="skip")
    same(found["night"], expected)
    lost = 0 if fault == "empty" else AMOUNTS[2] + AMOUNTS[3]
    assert found["night"].ledger.totals == (1000, 1000 - lost, lost, 0)


@pytest.mark.parametrize("fault", [f for f in FAULTS if f != "empty"])
@pytest.mark.parametrize("bad", [False, (Exception,)])
def test_a_bad_file_stops_the_run_or_is_in_the_ledger(folder, small_selection, spoil, fault, bad):
    spoil("f1.root", fault)
    try:
        record = coffea(runner(skipbadfiles=bad), fileset(folder), small_selection())["night"]
    except InputError as error:
        assert "f1.root" in str(error)
        return
    # Runner was told to skip, and does not say why: then the ledger does
    assert bad
    assert [file.path for file in record.ledger.lost_files] == ["f1.root"]
    assert record.ledger.totals == (1000, 500, 500, 0)


@pytest.mark.parametrize("fault", FAULTS)
def test_all_files_bad(folder, small_selection, spoil, fault):
    for name in SPILLS:
        spoil(name, fault)
    selection = small_selection()
    record = coffea(runner(), fileset(folder), selection, on_bad_file="skip")["night"]
    same(record, na.run(selection, folder / "m.yaml", on_bad_file="skip"))
    assert record.events == 0
    assert record.ledger.totals == ((1000, 1000, 0, 0) if fault == "empty" else (1000, 0, 1000, 0))


def test_files_without_entries_are_no_fault(tmp_path, write_events, small_selection):
    paths = [str(write_events(tmp_path / f"{i}.root", [])) for i in range(2)]
    record = coffea(runner(), {"d": paths}, small_selection())["d"]
    assert record.ledger.complete
    assert len(record.inputs) == 2


def test_runner_used_directly(folder, small_selection, spoil):
    selection = small_selection()
    whole = na.run(selection, folder / "m.yaml")
    made = SelectionProcessor(selection, fileset=fileset(folder))
    same(runner()(fileset(folder), made, treename="tout")["night"], whole)
    # without the fileset there is no account of exposure, and files that are dropped are not known
    bare = runner()({"d": fileset(folder)["night"]["files"]}, SelectionProcessor(selection),
                    treename="tout")["d"]  # fmt: skip
    assert bare.channels == whole.channels
    assert len(bare.ledger.unaccounted) == 3
    spoil("f1.root", "basket")
    made = SelectionProcessor(selection, fileset=fileset(folder), on_bad_file="skip")
    expected = na.run(selection, folder / "m.yaml", on_bad_file="skip")
    same(runner()(fileset(folder), made, treename="tout")["night"], expected)
    spoil("f1.root", "missing")
    made = SelectionProcessor(selection, fileset=fileset(folder), on_bad_file="skip")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = runner(skipbadfiles=True)(fileset(folder), made, treename="tout")["night"]
    assert any("Skipping bad file" in str(warning.message) for warning in caught)
    assert found.ledger.totals == (1000, 500, 500, 0)


class _Parts(SelectionProcessor):  # type: ignore[misc]
    def postprocess(self, accumulator):
        return accumulator


@pytest.fixture
def parts(folder, small_selection):
    """Partial results, one a chunk, of all files, and the processor."""
    selection = small_selection(weight="master_time/(7*ns)")
    made = _Parts(selection, fileset=fileset(folder))
    found = []
    for name in SPILLS:
        path = folder / name
        with uproot.open(path) as file:
            entries = file["tout"].num_entries
        for start in range(0, entries, 9):
            meta = {"filename": str(path), "dataset": "night", "treename": "tout",
                    "entrystart": start, "entrystop": min(start + 9, entries)}  # fmt: skip
            found.append(made.process(type("Events", (), {"metadata": meta})))
    return found, made


@pytest.mark.parametrize("order", range(8))
def test_accumulating_in_any_tree_is_exact(parts, folder, order):
    found, made = parts
    expected = SelectionProcessor.postprocess(made, accumulate(found))["night"].to_json()
    shuffled = sorted(found, key=lambda part: found.index(part) * (2 * order + 3) % 11)
    width = 2 + order % 4
    while len(shuffled) > 1:
        groups = [shuffled[i : i + width] for i in range(0, len(shuffled), width)]
        shuffled = [pickle.loads(cloudpickle.dumps(accumulate(group))) for group in groups]  # noqa: S301 - our own
    assert SelectionProcessor.postprocess(made, shuffled[0])["night"].to_json() == expected


def test_a_chunk_twice_is_refused(parts):
    found, _ = parts
    with pytest.raises(na.Na64Error, match="counted twice"):
        accumulate([*found, found[0]])


def test_a_chunk_too_few_loses_its_file(parts, folder):
    found, made = parts
    record = SelectionProcessor.postprocess(made, accumulate(found[1:]))["night"]
    assert [Path(file.path).name for file in record.ledger.lost_files] == ["f0.root"]
    assert record.ledger.lost_files[0].reason == "only 21 of 30 entries were read"
    assert record.ledger.totals == (1000, 700, 300, 0)


@pytest.mark.parametrize("how", ["path", "link", "copy"])
def test_a_file_given_twice_is_refused_or_counted_once(folder, small_selection, how):
    paths = fileset(folder)["night"]["files"]
    other = str(folder / "z.root")
    if how == "path":
        other = paths[0]
    elif how == "link":
        Path(other).symlink_to(paths[0])
    else:
        Path(other).write_bytes(Path(paths[0]).read_bytes())
    given = {"d": [*paths, other]}
    with pytest.raises(InputError, match="counted twice"):
        coffea(runner(), given, small_selection())
    once = coffea(runner(), given, small_selection(), duplicates="once")["d"]
    expected = na.run(small_selection(), [*paths, other], duplicates="once")
    assert once.channels == expected.channels
    assert once.ledger == expected.ledger
    assert len(once.ledger.repeated_files) == 1


def test_metrics_and_checkpoints_of_runner_do_not_disturb(folder, small_selection):
    made = runner(
        savemetrics=True,
        checkpointer=processor.SimpleCheckpointer(str(folder / "points")),
        use_result_type=False,
    )
    one = coffea(made, fileset(folder), small_selection())["night"]
    # coffea's checkpoints do not notice that the selection is another
    other = small_selection(cuts=[
        {"name": "time", "require": "master_time > 100*ns"},
        {"name": "SRD", "require": "sum(srd.energy) > 1*MeV"},
        {"name": "ECAL", "require": "sum(ecal.energy) < 20*GeV"},
    ])  # fmt: skip
    two = coffea(made, fileset(folder), other)["night"]
    assert one.sha256 != two.sha256
    assert two.channels == na.run(other, folder / "m.yaml").channels
