"""The store on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from na64ana.cli import main
from na64ana.errors import InputError
from na64ana.store import in_words, parse_bytes

from . import toy


def call(*arguments, **options):
    return CliRunner().invoke(main, [str(argument) for argument in arguments], **options)


def fails(*arguments):
    result = call(*arguments)
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    assert result.stderr.count("Error:") == 1
    return result.stderr


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.delenv("NA64ANA_STORE", raising=False)
    monkeypatch.delenv("NA64ANA_STORE_LIMIT", raising=False)
    monkeypatch.chdir(tmp_path)
    layout = toy.write_layout(tmp_path)
    toy.write(tmp_path / "toy.root")
    (tmp_path / "s.yaml").write_text(json.dumps({**toy.SELECTION, "layout": str(layout)}))
    return tmp_path


def counted(*options):
    result = call("cutflow", "s.yaml", "toy.root", "--json", "-", *options)
    assert result.exit_code == 0, result.output
    return {**json.loads(result.stdout), "made": None}, result.stderr


def test_the_output_is_the_same(folder, monkeypatch):
    without = counted()
    assert not (folder / "store").exists()
    for _ in range(2):
        assert counted("--store", "store") == without
    assert len(list((folder / "store").iterdir())) == 1
    monkeypatch.setenv("NA64ANA_STORE", str(folder / "named"))
    assert counted("--no-store") == without
    assert not (folder / "named").exists()
    assert counted() == without
    assert len(list((folder / "named").iterdir())) == 1
    assert counted("--store", "third") == without
    assert (folder / "third").exists()
    assert "give one of them" in fails(
        "cutflow", "s.yaml", "toy.root", "--store", "x", "--no-store"
    )


def test_an_analysis_gets_the_store(folder, monkeypatch):
    seen = {}

    def run_analysis(*_, **options):
        seen.update(options)
        raise InputError("seen")

    monkeypatch.setattr("na64ana.analysis.run.run_analysis", run_analysis)
    assert "seen" in fails("run", "a.yaml", "--out", "out", "--store", "st")
    assert seen["store"].folder == folder / "st"


def test_a_folder_that_cannot_be_used(folder, monkeypatch):
    (folder / "file").write_text("")
    message = fails("cutflow", "s.yaml", "toy.root", "--store", "file/store")
    assert "file/store" in message
    monkeypatch.setattr("na64ana.store.store.os.access", lambda *_: False)
    assert "not writable" in fails("cutflow", "s.yaml", "toy.root", "--store", "other")
    # one that is only named by the environment costs no result
    monkeypatch.setenv("NA64ANA_STORE", str(folder / "other"))
    record, words = counted()
    assert record["schema"] == "na64ana/record/1"
    assert words.count("\n") == 1
    assert "NA64ANA_STORE" in words
    assert "nothing is kept" in words


@pytest.mark.parametrize("text", ["much", "50", "50 GiG", "-1 GB", "1e3 GB", "GB", "5 G B"])
def test_a_limit_that_is_no_size(text, monkeypatch):
    monkeypatch.setenv("NA64ANA_STORE_LIMIT", text)
    message = fails("cutflow", "s.yaml", "toy.root", "--store", "store")
    assert "NA64ANA_STORE_LIMIT" in message
    assert text in message
    assert "such as 50 GB" in message


@pytest.mark.parametrize(
    ("text", "size"),
    [("50 GB", 50 * 10**9), ("1.5kB", 1500), (" 2 tb ", 2 * 10**12), ("0", 0), ("7 B", 7)],
)
def test_sizes(text, size):
    assert parse_bytes(text, "here") == size
    with pytest.raises(InputError, match="here"):
        parse_bytes(f"{text} x", "here")


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.00 kB"), (12_345, "12.3 kB"), (20 * 10**9, "20.0 GB"),
     (123_456_789, "123 MB"), (9_994_999, "9.99 MB"), (5 * 10**15, "5000 TB")],
)  # fmt: skip
def test_sizes_in_words(size, words):
    assert in_words(size) == words


def test_the_limit_is_kept(folder, monkeypatch):
    counted("--store", "store")
    (path,) = (folder / "store").iterdir()
    monkeypatch.setenv("NA64ANA_STORE_LIMIT", f"{path.stat().st_size} B")
    counted("--store", "store")
    assert list((folder / "store").iterdir()) == [path]
    toy.write(folder / "toy.root", toy.events(2))
    counted("--store", "store")
    assert len(list((folder / "store").iterdir())) == 1
    assert not path.exists()


def test_list_prune_and_clear(folder):
    counted("--store", "store")
    shown = call("store", "list", "--store", "store")
    assert shown.exit_code == 0
    for word in ("toy.root", "toy", str(toy.ENTRIES), "20.0 GB", "1 file"):
        assert word in shown.output
    made = json.loads(call("store", "list", "--store", "store", "--json").output)
    (file,) = made["files"]
    (path,) = (folder / "store").iterdir()
    assert made["schema"] == "na64ana/store/1"
    assert (file["input"], file["layout"], file["entries"]) == ("toy.root", "toy", toy.ENTRIES)
    assert made["size"] == file["size"] == path.stat().st_size
    assert call("store", "prune", "--store", "store").output == "0 B freed\n"
    assert "--to" in fails("store", "prune", "--store", "store", "--to", "half")
    (folder / "store" / "mine").write_text("mine")
    refused = call("store", "clear", "--store", "store", input="n\n")
    assert refused.exit_code == 1
    assert path.exists()
    assert call("store", "clear", "--store", "store", input="y\n").exit_code == 0
    assert [p.name for p in (folder / "store").iterdir()] == ["mine"]
    counted("--store", "store")
    assert "freed" in call("store", "prune", "--store", "store", "--to", "0").output
    counted("--store", "store")
    assert call("store", "clear", "--yes", "--store", "store").exit_code == 0
    assert "0 files" in call("store", "list", "--store", "store").output
    assert "no such folder" in fails("store", "list", "--store", "none")
    assert "NA64ANA_STORE" in fails("store", "list")


def test_names_of_inputs_are_safe_to_print(folder):
    name = "a\x1b[31m.root"
    (folder / "toy.root").rename(folder / name)
    toy.settle()
    assert call("cutflow", "s.yaml", Path(name), "--store", "store").exit_code == 0
    assert "\x1b" not in call("store", "list", "--store", "store").output
