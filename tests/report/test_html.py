"""HTML: golden files, every number, hostile names, nothing from outside."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from na64ana.report import html
from na64ana.report.table import tabulate

from .conftest import shows

NAMES = ["open", "blind", "weighted", "nan", "empty", "sequential", "lossy", "opened"]
VOID = {"br", "meta", "img"}


class Tables(HTMLParser):
    """Rows of cells of the cutflow tables; complains where tags do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.data_blocks = 0
        self._open: list[str] = []
        self._cell = False
        self.feed(text)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script" and dict(attrs).get("type") == "application/json":
            self.data_blocks += 1  # no browser runs it
        else:
            self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in VOID:
            self._open.append(tag)
        if tag == "tr":
            self.rows.append([])
            self._cell = (dict(attrs).get("class") or "").startswith("cut")
        elif tag == "td" and self._cell:
            # errors stand in a cell of their own, behind the value
            if dict(attrs).get("class") != "errors":
                self.rows[-1].append("")
        elif tag in ("sup", "sub") and self._cell:
            self.rows[-1][-1] += " "

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._cell and self._open and self._open[-1] in ("td", "sup", "sub"):
            self.rows[-1][-1] += data


@pytest.mark.parametrize("name", NAMES)
def test_golden(records, golden, name):
    golden(f"report/{name}.html", html.record(records[name]))


def test_golden_page_and_cutflow(records, golden):
    golden("report/page.html", html.page(records["blind"]))
    golden("report/cutflow.html", html.cutflow(records["blind"].cutflow))


def test_views(records):
    made = records["open"]
    assert made.to_html() == made._repr_html_() == html.record(made)
    assert made.cutflow.to_html() == made.cutflow._repr_html_() == html.cutflow(made.cutflow)


@pytest.mark.parametrize("name", NAMES)
def test_every_number_is_the_record_s(records, name):
    for flow in records[name].channels.values():
        drawn = [row for row in Tables(html.cutflow(flow)).rows if row and row[0].strip()]
        kinds = tabulate(flow).columns
        for row, (_, cut, *cells) in zip(flow.rows, drawn, strict=True):
            assert cut == row.name
            for kind, cell in zip(kinds, cells, strict=True):
                digits = re.sub("[\N{FIGURE SPACE}\N{NARROW NO-BREAK SPACE}]", "", cell)
                words = re.sub(r"(?<=.)(?=[±+−])", " ", digits).split()
                assert shows(flow, row, kind, words), (row.name, kind, cell)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_runs_and_nothing_is_fetched(records, name):
    text = html.page(records[name])
    found = Tables(text)
    assert not found.tags & {"script", "img", "link", "iframe", "object", "form", "svg"}
    assert found.data_blocks == 2
    assert not [a for a in found.attributes if a.startswith("on") or a in ("src", "href")]
    assert "url(" not in text
    assert "@import" not in text
    # each rule of the style stays inside the fragment
    style = html.record(records[name]).partition("<style>\n")[2].partition("</style>")[0]
    assert all(
        part.strip().startswith(".na64ana")
        for line in style.splitlines() if line
        for part in line.partition("{")[0].split(",")
    )  # fmt: skip


def test_hostile_names_are_text(hostile):
    for text in (html.page(hostile), html.record(hostile), html.cutflow(hostile.cutflow)):
        found = Tables(text)
        assert not found.tags & {"script", "img", "bold"}
        assert found.data_blocks == (0 if text == html.cutflow(hostile.cutflow) else 2)
        assert not [a for a in found.attributes if a.startswith("on") or a == "src"]
        assert not set(text) & {"\x1b", "\r", "\x00", "\u202e"}
        assert text.count("<style>") == text.count("</style>") == 1
        assert "{{ 7*7 }} {% raw %}" in text
        assert "&lt;script&gt;alert(&#39;&amp;amp;&#39;)&lt;/script&gt;" in text
