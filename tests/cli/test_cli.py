"""The command line: what it prints, what it writes, its exit codes, and its messages."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import uproot
from click.testing import CliRunner

from na64ana.__main__ import start
from na64ana.cli import main
from na64ana.simulate import simulate, write_tout

DATA = Path(__file__).parents[1] / "data"
SMALL = str(DATA / "tout_small.root")
SELECTION = "na64e-invisible-2023"


def call(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def fails(*arguments):
    """Run a command that must be refused: exit code 2, one message, no traceback."""
    result = call(*arguments)
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    assert result.stderr.count("Error:") == 1
    return result.stderr


def write_selection(path, text, name="mine"):
    path.write_text(f"name: {name}\nlayout: na64-tout\n{text}")
    return path


# ----------------------------------------------------------------------- cutflow


def test_cutflow_prints_the_table_and_writes_every_form(tmp_path):
    options = [f"--{kind}={tmp_path / kind}" for kind in ("json", "latex", "csv", "html")]
    result = call("cutflow", SELECTION, SMALL, *options, "--survivors", tmp_path / "ids.csv")
    assert result.exit_code == 0, result.output
    for word in (SELECTION, "HCAL0 topology", "blinded", "dimuon", "tout_small.root"):
        assert word in result.output
    assert json.loads((tmp_path / "json").read_text())["blind"] is True
    assert r"\toprule" in (tmp_path / "latex").read_text()
    assert (tmp_path / "html").read_text().startswith("<!DOCTYPE html>")
    with (tmp_path / "csv").open(newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    assert {row["channel"] for row in rows} == {"main", "dimuon"}
    with (tmp_path / "ids.csv").open(newline="") as file:
        ids = list(csv.DictReader(line for line in file if not line.startswith("#")))
    assert {row["channel"] for row in ids} == {"dimuon"}  # those of main are in the blind box
    assert len(ids) == 15
    assert not list(tmp_path.glob(".*"))  # nothing half-written is left


def test_the_reason_for_unblinding_is_in_every_form(tmp_path):
    reason = "frozen on 1 May"
    options = [f"--{kind}={tmp_path / kind}" for kind in ("json", "latex", "csv", "html")]
    result = call("cutflow", SELECTION, SMALL, "--unblind", reason, *options)
    assert reason in result.output
    for kind in ("json", "latex", "html"):
        assert reason in (tmp_path / kind).read_text()


def test_json_goes_to_standard_output_by_a_dash():
    result = call("cutflow", SELECTION, SMALL, "--json", "-")
    assert json.loads(result.stdout)["schema"] == "na64ana/record/1"


def test_one_channel_alone(tmp_path):
    result = call("cutflow", SELECTION, SMALL, "--channel", "dimuon", "--json", tmp_path / "j")
    assert "HCAL two MIPs" in result.output
    assert "muon veto" not in result.output
    assert set(json.loads((tmp_path / "j").read_text())["channels"]) == {"main", "dimuon"}
    assert "did you mean 'dimuon'" in fails("cutflow", SELECTION, SMALL, "--channel", "dimoun")


# ------------------------------------------------------------------------- diff


def test_diff_tells_what_changed_cut_by_cut(tmp_path):
    mine = write_selection(
        tmp_path / "mine.yaml",
        f"extends: {SELECTION}\ncuts: [{{name: angle, observable: track.angle, below: 1 mrad}}]",
    )
    for selection, name in ((SELECTION, "a"), (SELECTION, "b"), (mine, "c")):
        call("cutflow", selection, SMALL, "--json", tmp_path / f"{name}.json")
    same = call("diff", tmp_path / "a.json", tmp_path / "b.json")
    assert (same.exit_code, same.output) == (0, "no difference\n")
    other = call("diff", tmp_path / "a.json", tmp_path / "c.json")
    assert other.exit_code == 1
    for words in ("angle", "abs(track.angle) < 3 mrad", "track.angle < 1 mrad", "sha256"):
        assert words in other.output


def test_diff_needs_two_records(tmp_path):
    (tmp_path / "text.json").write_text("hello")
    (tmp_path / "other.json").write_text('{"schema": "other/1"}')
    assert "no JSON" in fails("diff", tmp_path / "text.json", tmp_path / "text.json")
    assert "schema is other/1" in fails("diff", tmp_path / "other.json", tmp_path / "other.json")
    assert "No such file" in fails("diff", tmp_path / "none.json", tmp_path / "none.json")


# --------------------------------------------------------------- columns and check


def test_columns_lists_branches_by_full_path_with_what_they_are():
    result = call("columns", DATA / "reading.root")
    assert result.exit_code == 0
    lines = {line.split()[0]: line for line in result.output.splitlines() if line.split()}
    assert "group" in lines["hits"]
    assert "float[]" in lines["hits/hits.x"]
    assert "5, 6" in lines["grid"]
    assert "unreadable" in lines["secret"]
    assert "Secret" in lines["secret"]


def test_columns_shows_the_layout_and_what_it_misses(tmp_path):
    result = call("columns", SMALL)
    (line,) = (x for x in result.output.splitlines() if x.strip().startswith("ECAL_ene"))
    assert "ecal.energy" in line
    assert "GeV (plane 2, ix 5, iy 6)" in line
    assert "35 of 35 columns are here" in result.output
    layout = tmp_path / "mine.yaml"
    layout.write_text("name: mine\ntree: tout\ncolumns: {x: {branch: nothing}}\n")
    assert "missing x (branch nothing)" in call("columns", SMALL, "--layout", layout).output
    assert "no TTree and no RNTuple" in call("columns", DATA / "nothing.root").output
    assert "0 entries" in call("columns", DATA / "empty.root").output


@pytest.mark.shared
def test_columns_of_a_file_of_another_experiment(shared):
    result = call("columns", shared / "data" / "LDMX_ecal_100_events.root")
    assert result.exit_code == 0
    head = next(line for line in result.output.splitlines() if "LDMX_Events" in line)
    assert "347 branches in 26 groups" in head
    assert "unreadable" not in result.output
    rows = [line.split() for line in result.output.splitlines()]
    assert ["EventHeader/eventNumber_", "int32_t", "event", "integer"] in rows
    jagged = [row for row in rows if len(row) > 2 and "var" in row]
    assert len(jagged) >= 290


def test_check_prints_the_chain_and_the_hash():
    from na64ana import Selection

    result = call("check", SELECTION)
    assert result.exit_code == 0
    for words in (Selection.load(SELECTION).sha256, "signal (blind)", "abs(track.angle) < 3 mrad"):
        assert words in result.output
    assert json.loads(call("check", "--schema").output)["title"]
    assert "shipped: " in fails("check")


# ------------------------------------------------------------- simulate and demo


@pytest.mark.parametrize("number", ["1e-1", "1.5", "1e999999999", "5e5e5", "inf", "-1e1", "ten"])
def test_what_is_no_number_of_events_is_refused(number, tmp_path):
    words = fails("simulate", "electron", "--events", number, "--out", tmp_path / "x.root")
    assert "Invalid value for '--events'" in words


def test_a_search_in_place_of_an_analysis_file(tmp_path):
    words = fails("run", "na64mu-2022", "--out", tmp_path / "out")
    assert "na64ana demo na64mu-2022" in words
    assert not (tmp_path / "out").exists()


def _energies(file):
    with uproot.open(file) as opened:
        return opened["tout"]["ECAL_ene"].array(library="np").tolist()


def test_simulate_writes_a_tagged_file(tmp_path):
    result = call("simulate", "dimuon", "--events", 50, "--out", tmp_path / "dimuon.root")
    assert result.exit_code == 0, result.output
    shown = call("columns", tmp_path / "dimuon.root").output
    assert "kind: simulation" in shown
    assert "na64-tout" in shown
    assert "did you mean 'dimuon'" in fails(
        "simulate", "dimoun", "--events", 5, "--out", tmp_path / "x.root"
    )
    assert not (tmp_path / "x.root").exists()
    signal = "simulate", "invisible", "--events", 5, "--model", "dark-photon"
    for name, mass in (("number", "0.0167"), ("unit", "16.7 MeV")):
        call(*signal, "--mass", mass, "--out", tmp_path / f"{name}.root")
    assert _energies(tmp_path / "number.root") == _energies(tmp_path / "unit.root")
    assert "did you mean 'MeV'" in fails(*signal, "--mass", "10 Mev", "--out", tmp_path / "x.root")
    assert "5 events" in call(*signal[:3], "5e0", "--out", tmp_path / "x.root").output
    none = call("simulate", "electron", "--events", 0, "--out", tmp_path / "none.root")
    assert none.exit_code == 0


def test_the_demo_simulates_counts_and_says_what_next(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = call("demo", "--events", 1000)
    assert result.exit_code == 0, result.output
    record = json.loads((tmp_path / "na64ana-demo/results/record.json").read_text())
    assert [file["entries"] for file in record["inputs"]] == [500, 500]
    assert (record["blind"], record["kind"]) == (True, "pseudo-data")
    assert "blinded" in result.output
    assert result.output.rstrip().rpartition("\n\n")[2].startswith("Next: ")
    again = call("demo", "--events", 1000)  # over its own files
    assert again.exit_code == 0
    assert (
        json.loads((tmp_path / "na64ana-demo/results/record.json").read_text())["channels"]
        == (record["channels"])
    )


# ------------------------------------------------------------------- wrong input


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("cuts: [{name: a, require: total_e > 1*GeV}]\nobservables: {total: sum(ecal.energy)}",
         ["line 3", "cut 'a'", "unknown name 'total_e'", "did you mean 'total'?"]),
        ("cuts: [{name: a, require: track.momentum > 3*ns}]",
         ["cut 'a'", "time [ns] does not fit energy [GeV]", "3*ns"]),
        ("cuts: [{name: a, require: track.momentum > 3}]",
         ["cut 'a'", "a bare number does not fit energy [GeV]", "track.momentum > 3"]),
        ("cuts: [{name: a, observable: master_time, within: [86.5, 113.5 ns]}]",
         ["cut 'a'", "bare number"]),
        ("cuts:\n- {name: a, require: trigger & 4}\n- {name: a, require: trigger & 4}",
         ["line 5", "cut 'a' stands twice"]),
        ("cuts: [{name: a, require: '().__class__ == 1'}]", ["cut 'a'", "().__class__"]),
        ("cuts: [{name: a, require: '__import__(1)'}]", ["unknown function '__import__'"]),
        ("cuts: [{name: a, reqire: trigger & 4}]", ["key 'reqire'", "did you mean 'require'"]),
        ("cuts: []", ["missing key 'cuts'"]),
        ("extends: mine.yaml\ncuts: []", ["runs in a circle", "mine.yaml"]),
        ("extends: na64e-invisible-203", ["'na64e-invisible-203'", "na64e-invisible-2023"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", ["check", "cutflow"])
def test_a_wrong_selection_gets_one_clear_message(tmp_path, command, text, words):
    path = write_selection(tmp_path / "mine.yaml", text)
    message = fails(command, path, *([SMALL] if command == "cutflow" else []))
    for word in ["mine.yaml", *words]:
        assert word in message


def test_yaml_that_is_no_mapping(tmp_path):
    path = tmp_path / "list.yaml"
    path.write_text("- a\n- b\n")
    assert "a mapping of keys is needed" in fails("check", path)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda p: [], "no input files were given"),
        (lambda p: [p / "none.root"], "none.root: no such file"),
        (lambda p: [p], "no .root or .parquet file in this folder"),
        (lambda p: [p / "text.root"], "text.root: not a ROOT or Parquet file"),
        (lambda p: [p / "cut.root"], "cut.root: truncated"),
        (lambda p: [DATA / "reading.root"], "no tree 'tout' in this file (trees: events)"),
        (lambda p: [DATA / "nothing.root"], "(trees: none)"),
    ],
)
def test_wrong_input_gets_one_clear_message(tmp_path, make, words):
    folder = tmp_path / "folder"
    folder.mkdir()
    arguments = make(folder)
    if arguments and arguments[0] != folder:
        (folder / "text.root").write_text("hello")
        (folder / "cut.root").write_bytes(Path(SMALL).read_bytes()[:100_000])
    assert words in fails("cutflow", SELECTION, *arguments)


def test_output_that_cannot_be_written(tmp_path):
    target = tmp_path / "nowhere" / "record.json"
    assert "cannot be written" in fails("cutflow", SELECTION, SMALL, "--json", target)


def test_names_that_would_talk_to_the_terminal_are_made_harmless(tmp_path):
    path = write_selection(
        tmp_path / "mine.yaml", 'cuts: [{name: "a\\e[31m", require: trigger & 4}]'
    )
    for arguments in (("check", path), ("cutflow", path, SMALL)):
        assert "\x1b[31m" not in call(*arguments).output
    assert "\x1b" not in fails("columns", tmp_path / "\x1b[31m.root")


# ---------------------------------------------------------------------- processes


def test_help_names_the_commands_and_exit_codes():
    result = call("--help")
    for word in ("demo", "columns", "check", "cutflow", "diff", "simulate", "Exit codes"):
        assert word in result.output


TELLING = """
import sys
from pathlib import Path
from na64ana.run import engine

count = engine._count

def telling(job, task):
    Path(sys.argv[1]).touch()
    return count(job, task)

engine._count = telling
if __name__ == "__main__":
    from na64ana.cli import main
    main(sys.argv[2:])
"""


def counting(folder, *arguments):
    """Start the command line, and wait until it counts."""
    script, told = folder / "telling.py", folder / "told"
    script.write_text(TELLING)
    process = subprocess.Popen(
        [sys.executable, script, told, *arguments],
        stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    for _ in range(1200):
        if told.exists() or process.poll() is not None:
            break
        time.sleep(0.05)
    time.sleep(0.2)  # amid the chunks, of which there are minutes
    return process


def test_interrupt_leaves_no_half_output(tmp_path):
    """Ctrl-C while events are read: exit code 130, a word, and no file."""
    file = tmp_path / "run.root"
    write_tout(file, simulate("run-period", 20_000, seed=1), kind="pseudo-data")
    out = tmp_path / "record.json"
    process = counting(tmp_path, "cutflow", SELECTION, file, "--json", out, "--chunk-size", "1")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Interrupted" in err
    assert "Traceback" not in err
    assert not out.exists()


class _StopsAtImport:
    """A finder during whose work Ctrl-C is pressed."""

    def find_spec(self, name, *_):
        raise KeyboardInterrupt


def test_interrupt_while_the_command_line_is_imported_is_quiet(monkeypatch, capsys):
    monkeypatch.delitem(sys.modules, "na64ana.cli")
    monkeypatch.setattr(sys, "meta_path", [_StopsAtImport()])
    with pytest.raises(SystemExit) as ended:
        start()
    assert ended.value.code == 130
    assert capsys.readouterr() == ("", "")


def test_interrupt_while_options_are_read_is_quiet_too(monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("click.Group.parse_args", stop)
    result = call("reach")
    assert (result.exit_code, result.output) == (130, "")


def test_interrupt_says_what_was_written_before_or_is_kept(tmp_path, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    options = "--resume", tmp_path / "kept", "--json", tmp_path / "a.json"
    with monkeypatch.context() as patched:
        patched.setattr("na64ana.report.text.record_tables", stop)
        result = call("cutflow", SELECTION, SMALL, "--json", tmp_path / "b.json")
        assert result.exit_code == 130
        assert f"Interrupted; written before: {tmp_path / 'b.json'}." in result.stderr
        kept = call("cutflow", SELECTION, SMALL, *options)
    assert f"what was counted is kept in {tmp_path / 'kept'}; the same" in kept.stderr


def test_devices_pipes_and_links_are_written_not_replaced(tmp_path):
    import threading

    call("cutflow", SELECTION, SMALL, "--json", "/dev/null")
    assert Path("/dev/null").is_char_device()
    target, link, pipe = tmp_path / "target.json", tmp_path / "link.json", tmp_path / "pipe"
    target.write_text("old")
    link.symlink_to(target)
    call("cutflow", SELECTION, SMALL, "--json", link)
    assert link.is_symlink()
    assert json.loads(target.read_text())["schema"] == "na64ana/record/1"
    os.mkfifo(pipe)
    got: list[str] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_text()))
    reader.start()
    call("cutflow", SELECTION, SMALL, "--json", pipe)
    reader.join(timeout=30)
    assert json.loads(got[0])["schema"] == "na64ana/record/1"
    assert "not a file that can be read" in fails("columns", pipe)


def test_two_outputs_need_two_files(tmp_path):
    same = tmp_path / "same"
    assert "same file" in fails("cutflow", SELECTION, SMALL, "--json", same, "--csv", same)


def test_an_output_never_takes_the_place_of_an_input(tmp_path):
    data = tmp_path / "run.root"
    data.write_bytes(Path(SMALL).read_bytes())
    (tmp_path / "link.json").symlink_to(data)
    chosen = write_selection(tmp_path / "mine.yaml", "cuts: [{name: a, require: trigger & 4}]\n")
    night = tmp_path / "night.yaml"
    night.write_text("name: night\nfiles: [{path: run.root}]\n")
    table = tmp_path / "spills.csv"
    table.write_text("run,spill,exposure\n1,1,5\n")
    late = tmp_path / "late.yaml"
    late.write_text(
        "name: late\nexposure: {table: spills.csv}\nfiles: [{path: run.root, spills: {1: 1}}]\n"
    )
    files = tmp_path / "files.txt"
    files.write_text("run.root\n")
    for given, target in (
        (data, data),
        (tmp_path / "*.root", data),
        (data, tmp_path / "link.json"),
        (data, chosen),
        (night, night),
        (night, data),
        (late, table),
        (f"@{files}", files),
    ):
        before = Path(target).read_bytes()
        said = fails("cutflow", chosen, given, "--json", target)
        assert f"{target}: is an input" in said
        assert Path(target).read_bytes() == before


def test_a_full_disk_is_told():
    command = [sys.executable, "-m", "na64ana", "cutflow", SELECTION, SMALL]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr


def test_odd_paths_get_a_message(tmp_path):
    assert "too long" in fails("cutflow", SELECTION, "x" * 5000)
    assert "x" * 100 in fails("check", "x" * 5000)
    loop = tmp_path / "loop.yaml"
    loop.symlink_to(loop)
    assert "loop.yaml" in fails("check", loop)


def test_interrupt_stops_the_workers_too(tmp_path):
    for run in (1, 2, 3):
        write_tout(tmp_path / f"{run}.root", simulate("run-period", 6000, seed=1, run=run),
                   kind="pseudo-data")  # fmt: skip
    process = counting(
        tmp_path, "cutflow", SELECTION, tmp_path, "--workers", "2", "--chunk-size", "1"
    )
    os.killpg(process.pid, signal.SIGINT)
    start = time.monotonic()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert time.monotonic() - start < 20  # the chunks left would take minutes
    assert "Interrupted" in err
