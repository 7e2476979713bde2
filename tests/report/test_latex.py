"""LaTeX: golden files, every number, hostile names."""

from __future__ import annotations

import re

import pytest

from na64ana.report import latex
from na64ana.report.table import tabulate

from .conftest import shows

NAMES = ["open", "blind", "weighted", "nan", "empty", "sequential", "lossy", "opened"]


@pytest.mark.parametrize("name", NAMES)
def test_golden(records, golden, name):
    golden(f"report/{name}.tex", latex.record(records[name]))


def test_a_cutflow_alone(records):
    flow = records["open"].cutflow
    assert flow.to_latex() == latex.cutflow(flow)
    assert flow.to_latex().startswith("% made by na64ana")


def plain(cell: str) -> list[str]:
    """Value and errors of a cell, both its parts joined."""
    words = re.sub(r"\\multicolumn\{2\}\{c\}\{(.*)\}$", r"\1", cell)
    words = re.sub(r"\\phantom\{0*\}|\\emph|\\,|[$ ]", "", words).replace("--", "–")
    for tex, sign in ((r"\pm", " ±"), ("^{+", " +"), ("_{-", " −")):
        words = words.replace(tex, sign)
    return words.replace("{", "").replace("}", "").split()


@pytest.mark.parametrize("name", NAMES)
def test_every_number_is_the_record_s(records, name):
    for flow in records[name].channels.values():
        text = latex.cutflow(flow)
        spec = text.partition(r"\begin{tabular}{rl")[2].partition("\n")[0]
        double = [part == "r@{}l" for part in re.findall(r"r(?:@\{\}l)?", spec)]
        kinds = tabulate(flow).columns
        drawn = [re.split(r" &(?: |$)", line[4:-3]) for line in text.splitlines()
                 if re.match(r" {4}\d", line)]  # fmt: skip
        for row, (_, cut, *cells) in zip(flow.rows, drawn, strict=True):
            assert cut == row.name
            for kind, two in zip(kinds, double, strict=True):
                cell = cells.pop(0)
                if two and not cell.startswith(r"\multicolumn"):
                    cell += cells.pop(0)
                assert shows(flow, row, kind, plain(cell)), (row.name, kind, cell)
            assert not cells


def test_hostile_names_are_escaped(hostile):
    text = latex.record(hostile)
    body = "\n".join(line for line in text.splitlines() if not line.startswith("%"))
    assert "\x1b" not in text
    assert r"\_\%\$\#\&\{\}\textasciicircum{}\textasciitilde{}\textbackslash{}input" in body
    assert not re.search(r"(?<!\\)[%#]", body)
    assert "\\input" not in body
    assert "\\write" not in body
    # nothing opens that does not close, and rows have as many cells as columns
    assert body.replace(r"\{", "").count("{") == body.replace(r"\}", "").count("}")
    assert body.count(r"\begin{tabular}") == body.count(r"\end{tabular}")
    assert body.count(r"\end{tabular}") == len(hostile.channels) + 1  # and that of the ledger
    rows = [line for line in body.splitlines() if re.match(r" {4}\d", line)]
    assert len({len(re.findall(r"(?<!\\)&", row)) for row in rows}) == 1


def test_signs_of_the_field_become_mathematics():
    assert latex.escaped("χ² ≤ 3 ± 1") == r"$\chi$$^2$ $\leq$ 3 $\pm$ 1"
    assert latex.escaped("Müller Ж") == "Müller Ж"
