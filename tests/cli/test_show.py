"""``na64ana show``: what was written is read back."""

from __future__ import annotations

import json

import pytest

from .test_cli import SELECTION, SMALL, call, fails


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """All forms of one record, and the record with an exposure."""
    folder = tmp_path_factory.mktemp("written")
    names = {"json": "record.json", "latex": "x.tex", "csv": "x.csv", "html": "x.html",
             "survivors": "ids.csv"}  # fmt: skip
    result = call("cutflow", SELECTION, SMALL, "--no-progress",
                  *(f"--{kind}={folder / name}" for kind, name in names.items()))  # fmt: skip
    assert result.exit_code == 0, result.output
    (folder / "printed").write_text(result.output)
    for name, amount in (("data", 1000), ("mc", 4000)):
        content = json.loads((folder / "record.json").read_text())
        content["exposure"] |= {
            "unit": "EOT", "recorded": amount, "processed": amount, "known": True,
            "unaccounted": [],
            "datasets": [{"name": name, "sha256": "0" * 64, "unit": "EOT"}],
            "entries": [{"dataset": name, "run": None, "files": ["a"], "state": "processed",
                         "reason": "", "apportioned": False, "spills": [[None, amount]]}],
        }  # fmt: skip
        (folder / f"{name}.json").write_text(json.dumps(content))
    return folder


def test_a_record_is_printed_as_it_was(written):
    shown = call("show", written / "record.json")
    assert shown.exit_code == 0, shown.output
    assert shown.output == (written / "printed").read_text()


@pytest.mark.parametrize("name", ["x.tex", "x.csv", "x.html", "ids.csv"])
def test_provenance_is_printed(written, name):
    shown = call("show", written / name)
    assert shown.exit_code == 0, shown.output
    sha256 = json.loads((written / "record.json").read_text())["selection"]["sha256"]
    for words in (SELECTION, sha256, "tout_small.root", "[[0, 303]] of 303", "made       by "):
        assert words in shown.output


def test_several_files_one_after_the_other(written):
    shown = call("show", written / "x.csv", written / "record.json")
    assert shown.exit_code == 0
    assert shown.output.index("x.csv") < shown.output.index("record.json")
    assert "HCAL0 topology" in shown.output


def test_records_side_by_side(written):
    shown = call("show", written / "data.json", written / "mc.json", "--per", "1e6")
    assert shown.exit_code == 0, shown.output
    lines = [" ".join(line.split()) for line in shown.output.splitlines()]
    assert "per 1.00e6 EOT" in lines
    # 128 and 15 events of 1000 and of 4000 particles
    assert [line for line in lines if line.startswith("physics trigger 128 000")]
    assert [line for line in lines if line.startswith("VETO two MIPs 15 000 ±3 873 3 750 ±968 4.0")]
    assert [line for line in lines if line == "ECAL box blinded blinded blinded"]
    one = call("show", written / "data.json", written / "mc.json", "--channel", "dimuon")
    assert "HCAL two MIPs" in one.output
    assert "muon veto" not in one.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["data.json", "record.json"], "record: the record of"),
        (["data.json", "data.json"], "given twice"),
        (["data.json", "--per", "1"], "two or more"),
        (["data.json", "x.csv", "--per", "1"], "two or more"),
        (["data.json", "mc.json", "--per", "0"], "above zero"),
        (["data.json", "mc.json", "--channel", "dimoun"], "did you mean 'dimuon'"),
        (["none.json"], "No such file"),
        (["printed"], "holds no provenance"),
        ([SMALL], "an ntuple"),
        (["."], "directory"),
    ],
)
def test_what_cannot_be_shown(written, arguments, words):
    given = [written / a if (written / a).exists() or a == "none.json" else a for a in arguments]
    assert words in fails("show", *given)
