"""The budget as text, LaTeX, HTML and CSV: golden files, rounding, hostile names."""

from __future__ import annotations

import csv as standard
import io
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from na64ana.background import Budget, Correlation, MissingSource, SharedFactor, Source
from na64ana.report import budget as view

from .conftest import HOSTILE

# as shown by the collaboration in 2023, runs of 2021 and 2022
TALK = Budget(
    (
        Source("dimuon losses or decays in the target", 0.04, 0.01),
        Source("μ, π, K → e + ... decays in the beam line", 0.3, 0.05),
        Source("lost γ, n, K⁰ from upstream interactions", 0.16, 0.12, method="extrapolation"),
        Source("punch-through of leading n, K⁰_L", 0.0, upper=0.01),
    )
)
FULL = Budget(
    (
        Source("losses", 0.0417, 0.0101, 0.0063, method="simulation"),
        Source("decays", 3.1e-7, 0.0, 1.1e-7, reference="arXiv:1906.00176"),
        Source("upstream", 12.3, 4.0, 3.7, inputs={"record.json": "0" * 64}),
        Source("limit", 0.0, upper=0.01234, upper_cl=0.9),
        Source("known", 2, exact=True),
    ),
    (Correlation("decays", "upstream", -0.25, "systematic"),),
    (SharedFactor("dimuon ratio", 0.9, 0.05, ("losses",), signal=True),),
)
MISSING = replace(FULL, missing=(MissingSource("neutrons", "the sideband is empty"),))
BUDGETS = {"talk": TALK, "full": FULL, "missing": MISSING}


@pytest.mark.parametrize("name", BUDGETS)
def test_golden(golden, name):
    budget = BUDGETS[name]
    golden(f"budget/{name}.txt", view.text(budget))
    golden(f"budget/{name}.tex", view.latex(budget))
    golden(f"budget/{name}.html", view.html(budget))
    golden(f"budget/{name}.csv", view.csv(budget))


def test_the_table_of_the_talk():
    shown = {line.name: view.text_of_entry(line.entry) for line in view.lines(TALK)}
    assert list(shown.values()) == [
        "0.04 ± 0.01", "0.30 ± 0.05", "0.16 ± 0.12", "< 0.01", "0.51 ± 0.13", "0.50 ± 0.13",
    ]  # fmt: skip
    assert list(shown)[-2:] == ["total (conservative)", "total without bounds"]
    text = view.text(TALK)
    for digits in shown.values():
        assert digits in text


@pytest.mark.parametrize(
    ("value", "error", "shown"),
    [
        # S. Navas et al., Phys. Rev. D 110 (2024) 030001, introduction, section 5.3
        (0.827, 0.119, "0.83 ± 0.12"),
        (0.827, 0.367, "0.8 ± 0.4"),
        (0.827, 0.096, "0.83 ± 0.10"),
    ],
)
def test_the_examples_of_the_particle_data_group(value, error, shown):
    (line, _) = view.lines(Budget((Source("a", value, error),)))
    assert view.text_of_entry(line.entry) == shown


@given(st.floats(1e-9, 1e9))
def test_a_bound_is_never_rounded_down(bound):
    (line, *_) = view.lines(Budget((Source("a", 0, upper=bound),)))
    assert line.entry is not None
    assert bound <= float(line.entry.value) <= bound * 1.1001


def test_views_of_the_budget_itself():
    assert TALK.to_text() == view.text(TALK)
    assert TALK.to_latex() == view.latex(TALK)
    assert TALK._repr_html_() == view.html(TALK)
    console = Console(file=io.StringIO(), width=100)
    console.print(TALK)
    assert "0.51 ± 0.13" in console.file.getvalue()  # type: ignore[attr-defined]


def test_every_number_stands_in_the_csv():
    rows = list(standard.DictReader(io.StringIO(view.csv(FULL))))
    for source, row in zip(FULL.sources, rows, strict=False):
        assert row["source"] == source.name
        if source.upper is not None:
            assert (row["value"], float(row["upper"])) == ("", source.upper)
            continue
        assert float(row["value"]) == source.value
        assert float(row["statistical"]) == source.statistical
        assert float(row["systematic"]) == source.systematic
        assert row["exact"] == ("true" if source.exact else "")
    conservative, plain = rows[-2:]
    assert float(conservative["value"]) == FULL.total().value
    assert float(plain["value"]) == FULL.total(conservative=False).value
    assert [row["missing"] for row in standard.DictReader(io.StringIO(view.csv(MISSING)))][-1:] == [
        "the sideband is empty"
    ]


def test_hostile_names_are_text():
    sources = tuple(Source(words, 1.0, 0.5, method=words, reference=words) for words in HOSTILE)
    budget = Budget(
        sources,
        (Correlation(HOSTILE[0], HOSTILE[1], 0.5),),
        missing=(MissingSource("x" + HOSTILE[0], HOSTILE[1]),),
    )
    html = view.html(budget)
    assert "<script" not in html
    assert "<img" not in html
    assert html.count("<tr") == 1 + len(HOSTILE) + 2
    tex = "\n".join(x for x in view.latex(budget).splitlines() if not x.startswith("%"))
    assert "\\input" not in tex
    assert tex.replace(r"\{", "").count("{") == tex.replace(r"\}", "").count("}")
    assert len(re.findall(r"^    .*\\\\$", tex, re.MULTILINE)) == 1 + len(HOSTILE) + 2
    for text in (view.text(budget), view.csv(budget), view.latex(budget)):
        assert "\x1b" not in text
        assert "\u202e" not in text
    rows = list(standard.reader(io.StringIO(view.csv(budget))))
    assert {len(row) for row in rows} == {len(view.COLUMNS)}
    assert not any(field.startswith("=") for row in rows for field in row)
