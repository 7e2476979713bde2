"""`na64ana datasets add`: what is read from files, and manifests written whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import uproot
from click.testing import CliRunner

from na64ana.cli.manifest import add
from na64ana.datasets import build, load_dataset
from na64ana.errors import InputError, Na64Error
from na64ana.events import open_file
from na64ana.layouts import load_layout
from na64ana.simulate import simulate, write_tout

DATA = Path(__file__).parents[1] / "data"
# as ROOT listed the events
COUNTS = json.loads((DATA / "tout_small_counts.json").read_text())
SMALL = frozenset((run, spill) for run, spill, _ in (event["id"] for event in COUNTS["events"]))


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(DATA / "tout_small.root", "a.root")
    return tmp_path


def call(*arguments):
    result = CliRunner().invoke(
        add, [str(argument) for argument in arguments], catch_exceptions=True
    )
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def simulated(path, events=40, run=9001, kind="simulation", seed=1):
    write_tout(path, simulate("electron", events, seed=seed, run=run), kind=kind)
    return path


def ntuple(path, runs, spills, **columns):
    """A file that is recognised as `tout`, with no more than it takes."""
    size = len(runs)
    arrays = {
        "runN": np.asarray(runs, dtype="i4"),
        "spillN": np.asarray(spills, dtype="i4"),
        "ECAL_ene": np.zeros((size, 60)),
        "HCAL_ene": np.zeros((size, 36)),
        **columns,
    }
    with uproot.recreate(path) as file:
        file["tout"] = {k: v for k, v in arrays.items() if v is not None}
    return path


def test_what_is_read_from_a_file(here):
    output = call("night.yaml", "a.root", "--period", "na64e-invisible-2023")
    dataset = load_dataset("night.yaml")
    (file,) = dataset.files
    assert (dataset.name, dataset.kind, dataset.period) == ("night", "data", "na64e-invisible-2023")
    assert (file.name, file.entries, file.spills) == ("a.root", 303, SMALL)
    assert file.sha256 == hashlib.sha256(Path("a.root").read_bytes()).hexdigest()
    with uproot.open("a.root") as opened:
        assert file.uuid == str(opened.file.uuid)
    assert "1 file added to dataset 'night' (data): 303 entries, 2 runs, 6 spills" in output
    assert "Exposure: none given" in output


def test_files_are_added_with_their_exposure(here):
    call("n.yaml", "a.root", "--exposure", "9001=1000", "--exposure", "9002=30")
    ntuple("b.root", [9001, 9003], [3, 1])
    output = call("n.yaml", "b.root", "--exposure", "9003=7", "--exposure", "9001=1000")
    dataset = load_dataset("n.yaml")
    assert [file.name for file in dataset.files] == ["a.root", "b.root"]
    assert dataset.exposure == {
        (9001, 1): 334, (9001, 2): 333, (9001, 3): 333,
        (9002, 1): 10, (9002, 2): 10, (9002, 5): 10, (9003, 1): 7,
    }  # fmt: skip
    assert "1 file added" in output
    assert "It now has 2 files, 3 runs, 7 spills" in output
    assert "Exposure: 1037 EOT recorded, 7 spills with a share of the run's total" in output
    assert "Spills split over several files: 1 (333 EOT): 9001/3 (run/spill)" in output


def test_tables_are_named_not_copied(here):
    rows = "".join(f"{run},{spill},{100 * spill}\n" for run, spill in sorted({*SMALL, (9002, 4)}))
    Path("tables").mkdir()
    Path("tables/spills.csv").write_text(f"run,spill,exposure\n{rows}")
    Path("bad.csv").write_text("run,spill,reason\n9001,2,magnet off\n")
    Path("sets").mkdir()
    output = call(
        "sets/n.yaml", "a.root", "--spills", "tables/spills.csv", "--bad-spills", "bad.csv"
    )
    text = Path("sets/n.yaml").read_text()
    assert "  table: ../tables/spills.csv\n" in text
    assert "bad_spill_table: ../bad.csv\n" in text
    assert "  - path: ../a.root\n" in text
    dataset = load_dataset("sets/n.yaml")
    assert dataset.exposure[9002, 5] == 500
    assert [bad.spill for bad in dataset.bad_spills] == [2]
    assert "Exposure: 1800 EOT recorded\n" in output
    assert "Spills with an exposure but in no file: 1 (400 EOT): 9002/4 (run/spill)" in output
    assert "Bad spills, or ranges of events: 1" in output
    assert Path(dataset.files[0].path).samefile("a.root")


def test_simulation_needs_no_spills(here):
    simulated("s.root")
    output = call("mc.yaml", "s.root", "--generated", 1000, "--bias", 10)
    dataset = load_dataset("mc.yaml")
    assert (dataset.kind, dataset.bias) == ("simulation", 10)
    assert [(file.generated, file.entries, file.spills) for file in dataset.files] == [
        (1000, 40, frozenset())
    ]
    assert "Generated: 1000 EOT, bias 10" in output


def test_simulation_of_a_layout_without_runs(here):
    with uproot.recreate("mc.root") as file:
        file["ana_tree"] = {
            "ECALpenergy": np.zeros((3, 30)),
            "ECALenergy": np.zeros((3, 30)),
            "HCALenergy": np.zeros((3, 36)),
        }
    call("mc.yaml", "mc.root", "--generated", 5)
    dataset = load_dataset("mc.yaml")
    assert (dataset.kind, dataset.files[0].entries) == ("simulation", 3)


def test_pseudo_data_are_read_as_data(here):
    simulated("p.root", kind="pseudo-data")
    call("p.yaml", "p.root")
    dataset = load_dataset("p.yaml")
    assert dataset.kind == "pseudo-data"
    assert {run for run, _ in dataset.files[0].spills} == {9001}


def test_spills_are_read_range_by_range(here, monkeypatch):
    def ranges(most):
        monkeypatch.setattr("na64ana.events.plan.READ_BYTES", most)
        seen = []
        with open_file("a.root") as file:
            reader = file.reader

            def watched(tree, branch, start, stop):
                seen.append((start, stop))
                return reader(tree, branch, start, stop)

            monkeypatch.setattr(file, "reader", watched)
            return build.read_spills(file, load_layout("na64-tout")), seen

    whole, once = ranges(10**9)
    parts, many = ranges(100)
    assert whole == parts == SMALL
    assert len(once) == 2  # run and spill
    assert len(many) > 20
    assert max(stop - start for start, stop in many) < 10


def test_no_checksum_if_not_wanted(here):
    call("n.yaml", "a.root", "--no-sha256")
    assert load_dataset("n.yaml").files[0].sha256 is None


def test_a_file_without_events_has_no_spills(here):
    shutil.copy(DATA / "empty.root", "e.root")
    call("n.yaml", "a.root", "e.root", "--exposure", "9001=5", "--exposure", "9002=5")
    assert load_dataset("n.yaml").files[1].spills == frozenset()


def test_comments_at_the_top_are_kept(here):
    call("n.yaml", "a.root")
    text = Path("n.yaml").read_text()
    Path("n.yaml").write_text(
        f"# taken by the night shift\n\n{text}# below\n".replace("kind: data", "kind: data # sure")
    )
    ntuple("b.root", [1], [1])
    output = call("n.yaml", "b.root")
    assert (
        Path("n.yaml").read_text().startswith("# taken by the night shift\n\nname: n\nkind: data\n")
    )
    assert "2 lines with comments that were not at the top are gone" in output


def test_the_same_command_writes_the_same_bytes(here):
    call("one.yaml", "a.root", "--name", "x")
    call("two.yaml", "a.root", "--name", "x")
    assert Path("one.yaml").read_bytes() == Path("two.yaml").read_bytes()


def test_names_of_files_far_away(tmp_path):
    (tmp_path / "real" / "deep").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "real" / "deep")
    (tmp_path / "a.root").touch()
    for folder in ("link", "real/deep"):
        name = build.relative_name(str(tmp_path / "a.root"), str(tmp_path / folder))
        assert name == "../../a.root"  # two up from where the link leads
        assert (tmp_path / folder / name).samefile(tmp_path / "a.root")
    assert build.relative_name("root://server//a.root", "x") == "root://server//a.root"
    assert build.relative_name("root://server//d/a.root", "root://server//d/") == "a.root"
    assert build.relative_name("/elsewhere/a.root", str(tmp_path)) == "/elsewhere/a.root"


# ----------------------------------------------------------------------- refused


def refused(*arguments):
    """Run a command that must fail; the manifest stays as it was."""
    before = {p: p.read_bytes() for p in Path().rglob("*") if p.is_file()}
    with pytest.raises(Na64Error) as error:
        call(*arguments)
    assert {p: p.read_bytes() for p in Path().rglob("*") if p.is_file()} == before
    return str(error.value)


@pytest.mark.parametrize("same", ["a.root", "./a.root", "link.root"])
def test_a_file_that_is_in_it(here, same, monkeypatch):
    call("n.yaml", "a.root")
    Path("link.root").symlink_to("a.root")
    monkeypatch.setattr(build, "read_facts", None)  # refused before anything is read
    assert "is in the manifest already (n.yaml, line 5)" in refused("n.yaml", same)


def test_a_copy_of_a_file_that_is_in_it(here):
    call("n.yaml", "a.root")
    shutil.copy("a.root", "copy.root")
    assert "file 'copy.root' is the same as 'a.root' (same uuid)" in refused("n.yaml", "copy.root")


@pytest.mark.parametrize(
    ("missing", "culprit"),
    [("runN", "fits no known layout"), ("spillN", "fits no known layout")],
)
def test_data_without_runs_of_no_layout(here, missing, culprit):
    ntuple("b.root", [1], [1], **{missing: None})
    assert culprit in refused("n.yaml", "b.root")


@pytest.mark.parametrize("missing", ["runN", "spillN"])
def test_data_without_runs_or_spills(here, missing):
    ntuple("b.root", [1], [1], **{missing: None})
    message = refused("n.yaml", "b.root", "--layout", "na64-tout")
    assert (
        f"b.root: a manifest of data needs column '{missing[:-1]}', which is branch '{missing}'"
        in message
    )


def test_data_of_a_layout_without_spills(here):
    with uproot.recreate("mc.root") as file:
        file["ana_tree"] = {
            "ECALpenergy": np.zeros((3, 30)),
            "ECALenergy": np.zeros((3, 30)),
            "HCALenergy": np.zeros((3, 36)),
        }
    message = refused("n.yaml", "mc.root", "--kind", "data")
    assert "mc.root: is simulation (layout na64-anatree); the dataset is to be data" in message
    layout = load_layout("na64-anatree")
    with (
        open_file("mc.root") as opened,
        pytest.raises(InputError, match=r"na64-anatree has no column 'run'"),
    ):
        build.read_spills(opened, layout)


def test_negative_numbers(here):
    ntuple("b.root", [1, 1], [3, -1])
    assert "b.root: run 1, spill -1: no such number" in refused("n.yaml", "b.root")


def test_kinds_do_not_mix(here):
    simulated("s.root")
    assert "s.root is simulation (tag in the file), but a.root is data (untagged)" in refused(
        "n.yaml", "a.root", "s.root", "--generated", 1
    )
    assert "s.root: is simulation (tag in the file); the dataset is to be data" in refused(
        "n.yaml", "s.root", "--kind", "data"
    )
    call("n.yaml", "a.root")
    assert "the dataset is to be data" in refused("n.yaml", "s.root")


def test_an_untagged_file_may_be_said_to_be_simulation(here):
    call("n.yaml", "a.root", "--kind", "simulation", "--generated", 5)
    assert load_dataset("n.yaml").files[0].generated == 5


def test_simulation_without_generated(here):
    simulated("s.root")
    assert "file 's.root': 'generated' is missing" in refused("n.yaml", "s.root")


def test_exposures_must_cover_the_files(here):
    message = refused("n.yaml", "a.root", "--exposure", "9001=5")
    assert "n.yaml: file 'a.root' has spills 1-2, 5 of run 9002 without an exposure" in message


@pytest.mark.parametrize(
    ("options", "culprit"),
    [
        (["--name", "other"], "name is 'n' there, not 'other'"),
        (["--period", "other"], "period is 'night' there, not 'other'"),
        (["--exposure", "9001=6"], "run 9001 has 5 already, not 6"),
    ],
)
def test_what_was_said_before_stands(here, options, culprit):
    call("n.yaml", "a.root", "--period", "night", "--exposure", "9001=5", "--exposure", "9002=5")
    ntuple("b.root", [9001], [1])
    assert culprit in refused("n.yaml", "b.root", *options)


def test_a_broken_manifest_is_not_added_to(here):
    Path("n.yaml").write_text("name: n\nfile: []\n")
    assert "n.yaml, line 2: unknown key 'file'" in refused("n.yaml", "a.root")
    assert "a.root: the name of a manifest ends in .yaml" in refused("a.root", "a.root")


def test_a_file_that_changes_while_it_is_read(here, monkeypatch):
    def touching(path):
        os.utime(path, ns=(1, 1))
        return "0" * 64

    monkeypatch.setattr(build, "_sha256", touching)
    with pytest.raises(Na64Error, match=r"a\.root: changed while it was (being )?read"):
        call("n.yaml", "a.root")
    assert not Path("n.yaml").exists()


def test_nothing_is_left_if_it_cannot_be_written(here):
    message = refused("no/such/n.yaml", "a.root")
    assert "no/such/n.yaml: cannot be written" in message


@pytest.mark.parametrize(
    "value", ["9001", "9001=", "9001=1.5", "x=5", "9001=1e6", "9001=-5", "=", "٣=5"]
)
def test_totals_are_whole_numbers(here, value):
    result = CliRunner().invoke(add, ["n.yaml", "a.root", f"--exposure={value}"])
    assert result.exit_code == 2
    assert "is not RUN=N" in result.output
    assert not Path("n.yaml").exists()


def test_a_total_is_given_once(here):
    result = CliRunner().invoke(add, ["n.yaml", "a.root", "--exposure=1=5", "--exposure=1=5"])
    assert result.exit_code == 2
    assert "run 1 is given twice" in result.output


def test_a_name_that_is_no_text(here):
    name = os.fsdecode(b"\xff.root")
    shutil.copy("a.root", name)
    with pytest.raises(InputError, match=r"\\udcff\.root: the name is not text"):
        call("n.yaml", name)
