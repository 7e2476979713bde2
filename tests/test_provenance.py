"""Who made a record, when and from what: the one block of an output that two runs do not share."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from na64ana import provenance
from na64ana.cutflow import Record, diff
from na64ana.errors import RecordError
from na64ana.provenance import git_commit, git_commits, made
from na64ana.report import csv, html, latex, terminal, text
from na64ana.report import provenance as embedded
from na64ana.run import run

SMALL = Path(__file__).parent / "data" / "tout_small.root"
SELECTION = "na64e-invisible-2023"
GIT = shutil.which("git") or ""
COMMIT = re.compile("[0-9a-f]{40}")

#: each format, and what of it two runs do not share
FORMATS: dict[str, tuple[Callable[[Record], str], str]] = {
    "json": (Record.to_json, r'^ "made": \[\n.*?^ \]'),
    "text": (text.record, r"^ (made|opened) by .*\Z"),
    "latex": (latex.record, "^% na64ana-made: .*?$"),
    "csv": (csv.record, "^# na64ana-made: .*?$"),
    "survivors": (csv.survivors, "^# na64ana-made: .*?$"),
    "page": (html.page, r'^<div class="made">.*?^</div>$'),
    "html": (html.record, r'^<div class="made">.*?^</div>$'),
}


@pytest.fixture(scope="module", params=[None, "all is frozen"], ids=["blind", "opened"])
def two_runs(request, tmp_path_factory):
    """One record made twice: at other times, by others, in other ways."""
    with pytest.MonkeyPatch.context() as patch:
        records = []
        for user, workers, command in (("ada", 1, ["x/na64ana", "cutflow"]), ("bob", 2, ["-c"])):
            patch.setattr("na64ana.provenance.getpass.getuser", lambda user=user: user)
            patch.setattr("na64ana.provenance.sys.argv", command)
            patch.setattr(provenance, "_now", lambda user=user: f"2026-01-0{len(user)}T00:00:00Z")
            records.append(
                run(SELECTION, SMALL, workers=workers, unblind=request.param, chunk_size=100,
                    progress=False)
            )  # fmt: skip
        return records


@pytest.mark.parametrize("name", FORMATS)
def test_two_runs_are_the_same_apart_from_one_block(two_runs, name):
    draw, block = FORMATS[name]
    drawn = [draw(record) for record in two_runs]
    assert drawn[0] != drawn[1]
    stripped = [re.subn(block, "", one, flags=re.MULTILINE | re.DOTALL) for one in drawn]
    assert [count for _, count in stripped] == [1, 1]
    assert stripped[0] == stripped[1]


def test_what_made_a_record_is_no_difference(two_runs):
    a, b = two_runs
    assert (a.made[0].user, a.made[0].command, a.made[0].workers) == ("ada", "na64ana cutflow", 1)
    assert (b.made[0].user, b.made[0].command, b.made[0].workers) == ("bob", "python", 2)
    assert a == b
    assert diff(a, b) == []


def test_an_opened_box_says_who_when_which_and_why(two_runs):
    (record, _) = two_runs
    words = " ".join(text.record(record).split())
    if record.unblinded:
        opened = f"opened by ada on 2026-01-03T00:00:00Z for selection {record.sha256[:12]}: "
        assert f"{opened}all is frozen (na64ana cutflow, 1 worker on " in words
    else:
        assert "made by ada on 2026-01-03T00:00:00Z (na64ana cutflow, 1 worker on " in words
        assert "opened by" not in words


def test_merging_keeps_all_that_made_a_record(two_runs):
    a, b = two_runs
    empty = [replace(r, inputs=(), channels={}, booked={}, regions={}) for r in (a, b)]
    assert (
        (empty[0] + empty[1]).made == (empty[1] + empty[0]).made == tuple(sorted(a.made + b.made))
    )
    assert (empty[0] + empty[0]).made == a.made


def test_it_comes_back_with_the_record(two_runs, tmp_path):
    path = tmp_path / "record.json"
    path.write_text(two_runs[0].to_json(), encoding="utf-8")
    assert Record.load(path).made == two_runs[0].made
    assert Record.load(path).git == two_runs[0].git


@pytest.mark.parametrize(
    "wrong", [[{}], "x", [{"time": 1, "user": "", "host": "", "command": "", "workers": 1}],
              [{"time": "", "user": "", "host": "", "command": "", "workers": "1"}]],
)  # fmt: skip
def test_a_damaged_block_is_refused(two_runs, tmp_path, wrong):
    content = json.loads(two_runs[0].to_json()) | {"made": wrong}
    (tmp_path / "record.json").write_text(json.dumps(content))
    with pytest.raises(RecordError, match="not a whole record"):
        Record.load(tmp_path / "record.json")


# ------------------------------------------------------------ made, and commits


@pytest.mark.parametrize(
    ("argv", "command"),
    [
        (["/usr/bin/na64ana", "cutflow", "a b", "*.root"], "na64ana cutflow 'a b' '*.root'"),
        (["/x/na64ana/__main__.py", "show"], "python -m na64ana show"),
        (["analysis.py", "--fast"], "analysis.py --fast"),
        (["/x/ipykernel_launcher.py", "-f", "kernel.json"], "python"),
        ([""], "python"),
        (["-c"], "python"),
        (["-"], "python"),
        ([], "python"),
    ],
)
def test_the_command_line(monkeypatch, argv, command):
    monkeypatch.setattr("na64ana.provenance.sys.argv", argv)
    assert made().command == command


def test_who_is_known_by_number_where_there_is_no_name(monkeypatch):
    def nobody() -> str:
        raise KeyError

    monkeypatch.setattr("na64ana.provenance.getpass.getuser", nobody)
    assert made(3).user.startswith("uid ")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", made(3).time)
    assert made(3).workers == 3


@pytest.fixture
def repository(tmp_path):
    """A repository with one file."""
    if not GIT:
        pytest.skip("needs git")
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "mine.yaml").write_text("name: mine\n")
    who = ("-c", "user.name=ada", "-c", "user.email=ada@example.org")
    for command in (["init", "-q"], ["add", "."], [*who, "commit", "-q", "-m", "one"]):
        subprocess.run([GIT, "-C", str(folder), *command], check=True, capture_output=True)
    git_commit.cache_clear()
    return folder


def test_the_commit_of_a_selection(repository):
    commit = git_commits(repository / "mine.yaml")["selection"]
    assert COMMIT.fullmatch(commit)
    git_commit.cache_clear()
    (repository / "output.json").write_text("not known to the repository")
    assert git_commits(repository / "mine.yaml")["selection"] == commit
    git_commit.cache_clear()
    (repository / "mine.yaml").write_text("name: other\n")
    assert git_commits(repository / "mine.yaml")["selection"] == f"{commit}+changes"


def test_git_is_asked_once(repository, monkeypatch):
    first = git_commit(repository)
    monkeypatch.setattr("na64ana.provenance.subprocess.run", None)
    assert git_commit(repository) == first


def test_without_repository_or_git_there_is_no_commit(tmp_path, monkeypatch):
    git_commit.cache_clear()
    (tmp_path / "mine.yaml").touch()
    assert "selection" not in git_commits(tmp_path / "mine.yaml")
    assert "selection" not in git_commits(tmp_path / "none.yaml")
    git_commit.cache_clear()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git_commits(tmp_path / "mine.yaml") == {}


def test_a_repository_s_own_commands_are_not_run(repository, tmp_path):
    trap, sprung = tmp_path / "trap.sh", tmp_path / "sprung"
    trap.write_text(f"#!/bin/sh\ntouch {sprung}\n")
    trap.chmod(0o755)
    config = [GIT, "-C", str(repository), "config", "core.fsmonitor", str(trap)]
    subprocess.run(config, check=True)
    assert COMMIT.match(git_commit(repository))
    assert not sprung.exists()
    subprocess.run([GIT, "-C", str(repository), "status"], check=True, capture_output=True)
    assert sprung.exists()  # so the trap was one


# ----------------------------------------------------- in LaTeX, CSV and HTML


@pytest.mark.parametrize("name", ["latex", "csv", "survivors", "page", "html"])
def test_other_formats_hold_it_too(two_runs, tmp_path, name):
    record = two_runs[0]
    many = replace(record, inputs=tuple(
        replace(record.inputs[0], path=f"run {i} </script> <!-- ,\"' é %.root") for i in range(100)
    ))  # fmt: skip
    path = tmp_path / name
    path.write_text(FORMATS[name][0](many), encoding="utf-8")
    content = embedded.read(path)
    assert content["selection"] == {"name": SELECTION, "sha256": record.sha256}
    assert [item["path"] for item in content["inputs"]] == [file.path for file in many.inputs]
    assert [item["read"] for item in content["inputs"]] == [[[0, 303]]] * 100
    assert content["layouts"][0]["sha256"] == record.inputs[0].layout_sha256
    assert content["software"] == dict(record.software)
    assert content["made"] == [record.made[0]._asdict()]
    # TeX reads no endless lines
    assert name != "latex" or max(map(len, path.read_text().splitlines())) < 3000


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"% na64ana: {", "damaged"),
        (b"% na64ana: []", "schema None"),
        (b'# na64ana: {"schema":"na64ana/provenance/9"}', "schema na64ana/provenance/9"),
        (b"x,y\n1,2\n", "holds no provenance"),
        (b"\xff\xfe\x00", "no text"),
    ],
)
def test_files_that_hold_none(tmp_path, content, words):
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(RecordError, match=words):
        embedded.read(path)


def test_whatever_stands_there_is_shown_as_text(tmp_path):
    content = {"schema": embedded.SCHEMA, "selection": 5, "inputs": ["x", {"path": "\x1b[31m"}],
               "exposure": {"unit": "\x07"}, "made": {"a": 1}, "software": [1]}  # fmt: skip
    (tmp_path / "x").write_text(f"% na64ana: {json.dumps(content)}")
    drawn = terminal.plain(text.provenance_table(embedded.read(tmp_path / "x")), 100)
    assert not set(drawn) & {"\x1b", "\x07"}
    assert "\\x1b[31m" in drawn
