"""``na64ana display`` as users meet it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from na64ana.cli import main

OUT, IN = (1, 2, 4, 80.0, 0.02, 90.0), (1, 2, 3, 100.0, 0.02, 20.0)
SELECTION = """
name: small
layout: na64-tout
cuts:
  - {name: SRD, require: sum(srd.energy) > 1*MeV}
  - {name: ECAL, require: sum(ecal.energy) < 50*GeV}
regions:
  signal: {cuts: [SRD, ECAL], blind: true}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch, write_events):
    monkeypatch.chdir(tmp_path)
    write_events(tmp_path / "run.root", [OUT, IN])
    (tmp_path / "small.yaml").write_text(SELECTION)
    return tmp_path


def display(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["display", "run.root", *arguments])


def test_a_picture_is_written_and_what_is_not_there_is_said():
    done = display("--event", "1:2:4", "--selection", "small.yaml")
    assert done.exit_code == 0, done.output
    assert "run 1, spill 2, event 4: event-1-2-4.png" in done.output
    assert "not there: vhcal.energy (branch 'VHCAL_ene' is not in the file)" in done.output
    assert Path("event-1-2-4.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--event", "1:2:3", "--selection", "small.yaml"], "lies in the blind region"),
        (["--event", "1:2:4", "--layout", "na64-tout"], "without a selection"),
        (["--event", "1:2:9", "--selection", "small.yaml"], "has no run 1, spill 2, event 9"),
        (["--event", "1-2-3", "--selection", "small.yaml"], "names no event"),
        (["--event", "1:2:4", "--selection", "small.yaml", "--out", "a.bmp"], "no format"),
        (["--event", "1:2:4", "--selection", "small.yaml", "--out", "no/a.png"], "No such file"),
    ],
)  # fmt: skip
def test_refusals_are_words_and_leave_no_picture(folder, arguments, said):
    done = display(*arguments)
    assert done.exit_code == 2
    assert said in done.output
    assert "Traceback" not in done.output
    assert {path.name for path in folder.iterdir()} == {"run.root", "small.yaml"}


def test_a_reason_opens_the_box_and_stands_in_the_page():
    done = display("--event", "1:2:3", "--selection", "small.yaml", "--unblind", "a & b",
                   "--out", "event.html")  # fmt: skip
    assert done.exit_code == 0, done.output
    page = Path("event.html").read_text()
    assert "unblinded: a &amp; b" in page
    assert "preshower, ix 0, iy 0: 20 GeV" in page


def test_an_input_is_not_overwritten(folder):
    (folder / "small.svg").write_text(SELECTION)
    done = display("--event", "1:2:4", "--selection", "small.svg", "--out", "small.svg")
    assert done.exit_code == 2
    assert "is an input" in done.output
