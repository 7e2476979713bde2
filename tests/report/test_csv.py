"""CSV: golden files, a round trip of every number, hostile names."""

from __future__ import annotations

import csv as stdlib_csv
import io
from dataclasses import replace

import numpy as np
import pytest

from na64ana.cutflow import COUNTS
from na64ana.cutflow.ledger import Totals
from na64ana.report import csv

NAMES = ["open", "blind", "weighted", "nan", "empty", "sequential", "lossy", "opened"]


@pytest.mark.parametrize("name", NAMES)
def test_golden(records, golden, name):
    golden(f"report/{name}.csv", csv.record(records[name]))


@pytest.mark.parametrize("name", NAMES)
def test_numbers_come_back_to_the_last_bit(records, name):
    for flow in records[name].channels.values():
        first, *lines = stdlib_csv.DictReader(io.StringIO(flow.to_csv()))
        assert (int(first["sequential_n"]), float(first["sequential_sumw"])) == flow.events[:2]
        for row, line in zip(flow.rows, lines, strict=True):
            assert (line["channel"], line["cut"]) == (flow.channel, row.name)
            hidden = dict(item.split(": ") for item in line["hidden"].split("; ") if item)
            assert hidden == row.hidden
            for kind in COUNTS:
                counts = getattr(row, kind)
                n, sumw, sumw2 = (line[f"{kind}_{part}"] for part in ("n", "sumw", "sumw2"))
                if counts is None:
                    assert n == sumw == sumw2 == ""
                else:
                    assert (int(n), float(sumw), float(sumw2)) == counts
            for kind in ("share", "relative"):
                share = flow.efficiency(row.name, relative=kind == "relative")
                parts = [line[f"{kind}{end}"] for end in ("", "_low", "_high")]
                if share is None or share.value != share.value:
                    assert parts == ["", "", ""]
                else:
                    assert list(map(float, parts)) == pytest.approx(share, rel=1e-11)


def rows(text: str) -> list[str]:
    """The lines that are no comments."""
    return [line for line in text.splitlines() if not line.startswith("#")]


def test_comments_are_left_out_by_those_who_know_of_them(records):
    made = records["lossy"]
    read = np.genfromtxt(
        io.StringIO(csv.survivors(made)), delimiter=",", names=True, comments="#", dtype=None,
        encoding="utf-8",
    )  # fmt: skip
    assert [tuple(row)[1:] for row in read.tolist()] == [
        tuple(ids) for ids in made.channels["dimuon"].survivors.tolist()
    ]
    assert [tuple(row) for row in stdlib_csv.reader(rows(csv.record(made)))] == [
        tuple(row) for flow in made.channels.values()
        for row in list(stdlib_csv.reader(io.StringIO(flow.to_csv())))[flow is not made.cutflow:]
    ]  # fmt: skip


def test_a_number_sign_in_a_name_begins_no_comment(records):
    made = records["open"]
    label = replace(made.cutflow.cuts[0], name='#1, "the first"')
    flow = replace(made.cutflow, channel="#", cuts=(label, *made.cutflow.cuts[1:]))
    lines = csv.cutflow(flow).splitlines()
    assert lines[2].startswith('"#",1,"#1, ""the first""",')
    assert rows("\n".join(lines)) == lines
    assert next(stdlib_csv.reader([lines[2]]))[:3] == ["#", "1", '#1, "the first"']


def test_the_ledger_is_in_the_comments(records):
    made = records["lossy"]
    comments = [line[2:] for line in csv.record(made).splitlines() if line.startswith("# ")]
    table = list(stdlib_csv.reader(comments))
    for sums, totals in (("run", made.ledger.by_run()), ("file", made.ledger.by_file())):
        start = table.index([sums, *Totals._fields]) + 1
        shown = {name: list(map(int, rest)) for name, *rest in table[start : start + len(totals)]}
        assert shown == {str(key): list(value) for key, value in totals.items()}
    recorded = next(row for row in table if row[0] == "recorded")
    parts = [int(row[1]) for row in table if row[0] in ("processed", "lost", "excluded")]
    assert int(recorded[1]) == sum(parts[:3]) == made.ledger.totals.recorded


def test_survivors(records, golden):
    text = csv.survivors(records["blind"])
    golden("report/survivors.csv", text)
    # those of main would be the blind box
    assert {line.partition(",")[0] for line in rows(text)} == {"channel", "dimuon"}
    lines = list(stdlib_csv.reader(rows(csv.survivors(records["open"]))))
    assert lines[0] == ["channel", "run", "spill", "event"]
    for name, flow in records["open"].channels.items():
        mine = [list(map(int, ids)) for channel, *ids in lines[1:] if channel == name]
        assert mine == flow.survivors.tolist()


def test_survivors_without_a_name(records):
    made = records["open"]
    flow = replace(made.channels["dimuon"], ids=np.array([[-1, -1, 7]]))
    text = csv.survivors(replace(made, channels={"dimuon": flow}))
    assert rows(text) == ["channel,run,spill,event", "dimuon,,,7"]


def test_hostile_names_stay_in_their_field(hostile):
    text = csv.record(hostile)
    assert not set(text) & {"\x1b", "\r", "\t", "\x00", "\u202e"}
    lines = list(stdlib_csv.reader(rows(text)))
    assert {len(line) for line in lines} == {len(csv.COLUMNS)}
    assert len(lines) == 1 + sum(1 + len(flow.cuts) for flow in hostile.channels.values())
    assert not [field for line in lines for field in line if field.startswith(("=", "@", "+"))]
    assert {line[2] for line in lines} >= {"'=HYPERLINK(1)", "日本語 μ → E₀ ÅЖ"}
