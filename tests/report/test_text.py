"""The terminal: golden files, every number, narrow consoles, hostile names."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from rich.console import Console

from na64ana.cutflow import Difference, diff
from na64ana.report import csv, html, latex, terminal, text
from na64ana.report.table import tabulate

from .conftest import shows

NAMES = ["open", "blind", "weighted", "nan", "empty", "sequential", "lossy", "opened"]


@pytest.mark.parametrize("width", [160, 100, 80])
@pytest.mark.parametrize("name", NAMES)
def test_golden(records, golden, name, width):
    drawn = text.record(records[name], width)
    golden(f"report/{name}_{width}.txt", drawn)
    assert max(map(len, drawn.splitlines())) <= width


def test_a_cutflow_alone(records, golden):
    flow = records["blind"].cutflow
    golden("report/cutflow.txt", text.cutflow(flow))
    assert flow.to_text() == str(flow) == text.cutflow(flow)
    assert text.cutflow(flow, 80) in text.record(records["blind"], 80)


def rows_of(drawn: str) -> list[list[str]]:
    """Cells of the numbered rows; only wide tables have two blanks between all columns."""
    lines = [re.sub(r"\s+(?=[±+−][\d(])", " ", line.strip()) for line in drawn.splitlines()]
    return [re.split(r"\s{2,}", line) for line in lines if re.match(r"\d+\s{2,}", line)]


@pytest.mark.parametrize("name", NAMES)
def test_every_number_is_the_record_s(records, name):
    for flow in records[name].channels.values():
        kinds = tabulate(flow).columns
        drawn = rows_of(text.cutflow(flow))
        assert len(drawn) == len(flow.rows)
        for i, (row, (number, cut, *cells)) in enumerate(zip(flow.rows, drawn, strict=True), 1):
            assert (number, cut) == (str(i), row.name)
            for kind, cell in zip(kinds, cells, strict=True):
                words = re.split(r" (?=[±+−])", re.sub(r"(?<=\d) (?=\d)", "", cell))
                assert shows(flow, row, kind, words), (row.name, kind, cell)


def test_columns_without_content_are_dropped(records):
    columns = {name: tabulate(record.cutflow).columns for name, record in records.items()}
    assert columns["sequential"] == ("sequential", "share", "relative")
    assert {"nan", "not_applied"} <= set(columns["nan"])
    assert not {"nan", "not_applied"} & set(columns["open"])
    assert "all_but_this_open" in columns["open"]
    few_hits = tabulate(records["weighted"].channels["few hits"])
    assert "all_but_this_open" not in few_hits.columns


@pytest.mark.parametrize("width", range(10, 130, 4))
def test_narrow_consoles_never_cut_a_number(records, width):
    flow = records["nan"].cutflow
    drawn = text.cutflow(flow, width)
    if width < 30:
        return  # no room for name and number; it must not fail
    assert max(map(len, drawn.splitlines())) <= width
    left = [line for line in drawn.splitlines() if re.match(r" +[1-5] ", line)]
    numbers = [re.findall(r"[a-z] +([\d ]*\d|blinded)(?:  |$)", line)[0] for line in left]
    assert numbers == ["1 359", "923", "859", "552", "blinded"]


def test_what_there_is_no_room_for_is_named(records):
    assert "too narrow for: % of the cut before" in text.cutflow(records["nan"].cutflow, 80)


def test_consoles_without_unicode(records):
    file = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    Console(file=file, width=100).print(records["open"], records["blind"].cutflow)
    file.flush()


def test_the_state_of_the_box_is_said(records, made_up):
    assert "BLIND " in text.record(records["blind"])
    assert "UNBLINDED   reason: acceptance" in text.record(records["open"])
    assert "simulation is never blinded" in text.record(records["weighted"])
    assert "UNBLINDED   no reason given" in text.record(made_up(10, blind=False))
    assert "no blind region" in text.record(made_up(10, change={"regions": {}}))


@pytest.mark.parametrize("name", ["open", "blind"])
def test_one_channel_alone(records, name):
    made = records[name]
    alone = replace(made, channels={"dimuon": made.channels["dimuon"]})
    for drawn in (text.record(alone), latex.record(alone), html.page(alone), csv.record(alone)):
        assert "HCAL two MIPs" in drawn
        assert "muon veto" not in drawn
    assert ("BLIND " if name == "blind" else "reason: acceptance") in text.record(alone)


def test_many_files_and_parts_of_files(records):
    made = records["open"]
    part = replace(made.inputs[0], read=((0, 40), (80, 120)))
    drawn = text.record(replace(made, inputs=(part,) * 200))
    assert "0 to 40, 80 to 120 of 303 entries" in drawn
    assert "and 190 more files" in drawn


def test_hostile_names_do_not_reach_the_terminal(hostile):
    out = io.StringIO()
    Console(file=out, width=100, force_terminal=True, color_system="truecolor").print(hostile)
    drawn = re.sub(r"\x1b\[[\d;]*m", "", out.getvalue())
    assert "\x1b" not in drawn
    assert "[bold red]markup[/bold red] :smile:" in " ".join(drawn.split())
    for plain in (drawn, text.record(hostile), text.cutflow(hostile.cutflow)):
        assert not set(plain) & {"\r", "\t", "\x00", "\x07", "\u202e"}
    # colours of our own, none that were smuggled in
    assert "\x1b[31mred" not in out.getvalue()
    assert "\\x1b[31mred" in drawn


def test_differences(records, golden):
    before = records["nan"]
    after = replace(before, selection="\x1b[1mother", mode="sequential")
    found = [*diff(before, after), Difference("main / SRD", "alone", "12", "13"),
             Difference("main / SRD", "sequential", "1", "[red]2")]  # fmt: skip
    golden("report/diff.txt", terminal.plain(text.diff_table(found), 80))
    assert terminal.plain(text.diff_table([]), 80) == "no differences\n"
