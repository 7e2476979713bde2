"""The page of a whole analysis: all parts, what is missing by name, no harm from names."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from na64ana.errors import RecordError
from na64ana.report import provenance
from na64ana.report.analysis import AnalysisReport, page

HOSTILE = "</title><script>alert(1)</script>\"'&\x1b"
VOID = {"br", "meta", "img", "link", "input"}


class Page(HTMLParser):
    """Tags, ids, links and text; complains where tags do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.scripts: list[str] = []
        self.handlers: list[str] = []
        self.text: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        if tag == "script":
            self.scripts.append(given.get("type") or "")
        self.ids += [value or "" for key, value in attrs if key == "id"]
        self.links += [value or "" for key, value in attrs if key in ("href", "src", "xlink:href")]
        self.handlers += [key for key in given if key.startswith("on")]

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())


def test_it_holds_every_part(whole):
    read = Page(whole)
    anchors = [link[1:] for link in read.links if link.startswith("#")]
    sections = ["exposure", "cutflow", "n-minus-one", "plane", "events", "fits", "budget", "limit",
                "provenance"]  # fmt: skip
    assert [name for name in anchors if name in sections] == sections
    assert [name for name in read.ids if name in sections] == sections
    assert read.tags.count("figure") == 1 + 3 + 1 + 1 + 1  # cutflow, N-1, plane, fit, limit
    for words in ("a note for the reader", "0.04 ± 0.01", "N-1: all cuts but time",
                  "sideband fit of upstream interactions", "6.53e11"):  # fmt: skip
        assert words in read.words


def test_it_says_that_it_is_blind_and_what_is_expected(whole):
    words = Page(whole).words
    assert (
        "Observed: blind. Expected 90% CL upper limit: 2.303 signal events "
        "(68% of background-only experiments: 2.303 to 3.502; 95%: 2.303 to 4.834)." in words
    )
    assert "0.51 ± 0.13" in words
    assert "0.5 (exact)" in words


def test_an_opened_box_says_who_and_why(opened, limit):
    limit = limit | {
        "blind": False,
        "observed": 3.502,
        "unblinded": {"who": "somebody", "when": "2026-11-23", "reason": "frozen budget"},
        "bins": [{**limit["bins"][0], "observed": 1}],
    }
    words = Page(page(AnalysisReport("open", opened, limit=limit))).words
    assert "Observed 90% CL upper limit: 3.502 signal events; expected: 2.303" in words
    assert "opened by somebody on 2026-11-23: frozen budget" in words
    assert "Observed: blind" not in words
    assert "period 1 0.51 ± 0.13" in words


def test_what_is_missing_is_named(make_record):
    bare = make_record(blind=False)
    bare = type(bare)(**{**vars(bare), "booked": {}})
    words = Page(page(AnalysisReport("bare", bare))).words
    for missing in (
        "the limit is missing",
        "the background budget is missing",
        "no sideband fit was given",
        "no N-1 plot is drawn: the selection books none",
        "no plane is drawn",
        "no event is drawn",
        "the exposure is missing",
    ):
        assert missing in words


def test_plots_without_events_are_one_sentence(opened):
    time = opened.booked["t"]
    row = time.places.index("all but time")
    entries, missing = np.array(time.entries), time.missing.copy()
    entries[row] = missing[row] = 0
    booked = {**opened.booked, "t": replace(time, entries=entries, missing=missing)}
    read = Page(page(AnalysisReport("few", replace(opened, booked=booked))))
    assert "No event passes all other cuts, so that nothing is drawn, for: time." in read.words
    assert "N-1: all cuts but time" not in read.words
    assert "N-1: all cuts but low" in read.words


def test_missing_numbers_of_a_limit_are_named(blind, limit):
    limit = limit | {
        "scan": None,
        "expected": {**limit["expected"], "plus2": None},
        "bins": [{**limit["bins"][0], "exposure": None, "efficiency": {"value": None, "error": 0}}],
    }
    words = Page(page(AnalysisReport("part", blind, limit=limit))).words
    assert "95%: 2.303 to missing" in words
    assert "there is no scan over the mass" in words
    assert words.count("missing missing") == 1  # exposure and efficiency of the bin


def test_a_limit_of_another_kind_is_refused(blind, limit):
    with pytest.raises(RecordError, match="schema other/1, not na64ana/limit/1 or na64ana/limit/2"):
        page(AnalysisReport("x", blind, limit=limit | {"schema": "other/1"}))
    broken = {key: value for key, value in limit.items() if key != "expected"}
    with pytest.raises(RecordError, match=r"the limit is not whole \(KeyError: 'expected'"):
        page(AnalysisReport("x", blind, limit=broken))


def test_nothing_runs_and_nothing_is_fetched(whole):
    read = Page(whole)
    assert set(read.scripts) == {"application/json"}
    assert not read.handlers
    assert all(link.startswith(("#", "data:image/png;base64,")) for link in read.links)
    assert set(re.findall(r"https?://[^\"'<> ]*", whole)) <= {"http://www.w3.org/2000/svg"}
    assert "@import" not in whole
    assert "default-src 'none'" in whole


def test_ids_are_used_once(whole):
    ids = Page(whole).ids
    assert len(ids) == len(set(ids))


def test_the_same_result_gives_the_same_text(result, whole):
    assert page(result) == whole


def test_provenance_can_be_read_back(blind, whole, tmp_path):
    (tmp_path / "report.html").write_text(whole, encoding="utf-8")
    assert provenance.read(tmp_path / "report.html")["selection"]["sha256"] == blind.sha256


def test_hostile_names_are_only_names(make_record, fit, limit):
    record = make_record(cut=HOSTILE.strip(), label=HOSTILE, name=HOSTILE)
    limit = limit | {
        "analysis": {"name": HOSTILE, "sha256": HOSTILE},
        "method": HOSTILE,
        "bins": [{**limit["bins"][0], "name": HOSTILE}],
        "scan": {**limit["scan"], "coupling": HOSTILE, "unit": HOSTILE, "yield": HOSTILE},
    }
    fit = fit | {"source": HOSTILE, "observable": HOSTILE, "unit": HOSTILE}
    published = ((HOSTILE, [0.001, 1], [1e-4, 1e-3]),)
    text = page(AnalysisReport(HOSTILE, record, None, (fit,), limit, (HOSTILE,), published))
    read = Page(text)
    assert set(read.scripts) == {"application/json"}
    assert not read.handlers
    assert read.tags.count("title") > 1
    assert "\x1b" not in text
    assert "alert(1)" in read.words
