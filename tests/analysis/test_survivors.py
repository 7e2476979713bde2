"""Events in the report: survivors, and of a blind analysis only what lies beside the box."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from na64ana.analysis import MOST_SHOWN, survivors_to_show
from na64ana.report.analysis import AnalysisReport, page
from na64ana.run import run

#: (run, spill, event, master time [ns], SRD energy [GeV], ECAL energy [GeV])
BOX = [(1, 1, n, 100.0, 0.05, 20.0 + n) for n in range(1, 7)]
SIDE = [(1, 1, n, 100.0, 0.05, 80.0 + n) for n in (0, 7, 8, 9, 10, 11)]
SIDE_IDS = [event[:3] for event in SIDE]


@pytest.fixture
def outcome(tmp_path, write_events, small_selection):
    """Make what `survivors_to_show` reads of an outcome: ``outcome(unblind="a test")``."""

    def make(path=None, kind=None, **options) -> Any:
        selection = small_selection()
        file = path or write_events(tmp_path / "run.root", [*BOX, *SIDE], kind=kind)
        record = run(selection, file, progress=False, **options)
        analysis = SimpleNamespace(selection=selection, spec=SimpleNamespace(layout=None))
        return SimpleNamespace(record=record, analysis=analysis)

    return make


def test_blind_only_what_lies_beside_the_box(outcome):
    shown = survivors_to_show(outcome(), most=99)
    assert [event.ids for event in shown.events] == SIDE_IDS
    assert shown.words == "The box is closed: 6 events of the region 'side', beside it"
    assert shown.notes == ()
    assert all(event.blinding == "outside the blind region" for event in shown.events)


def test_open_the_survivors_with_the_reason(outcome):
    shown = survivors_to_show(outcome(unblind="a test"))
    assert [event.ids for event in shown.events] == [event[:3] for event in BOX[:MOST_SHOWN]]
    assert shown.words == "6 survivors of all cuts"
    assert {event.unblinded for event in shown.events} == {"a test"}


def test_simulation_is_never_blind(outcome):
    shown = survivors_to_show(outcome(kind="simulation"), most=2)
    assert [event.ids for event in shown.events] == [event[:3] for event in BOX[:2]]


def test_an_event_of_the_box_is_refused_whatever_the_record_says(outcome):
    made = outcome()
    side = made.record.regions["side"]
    forged = replace(side, ids=np.array([BOX[0][:3]], dtype=np.int64), kept={})
    made.record = replace(made.record, regions={"side": forged})
    shown = survivors_to_show(made)
    assert shown.events == ()
    assert "lies in the blind region of 'small'" in shown.notes[0]


def test_what_cannot_be_read_is_said(outcome, tmp_path):
    made = outcome()
    (tmp_path / "run.root").unlink()
    shown = survivors_to_show(made, most=1)
    assert shown.events == ()
    assert shown.notes[0].startswith("event 1:1:0 is not shown: ")


def test_nothing_beside_the_box(outcome, tmp_path, write_events):
    file = write_events(tmp_path / "box.root", BOX)
    shown = survivors_to_show(outcome(file))
    assert shown.words == "The box is closed, and no region beside it holds an event"


def test_the_report_draws_them(outcome):
    made = outcome()
    shown = survivors_to_show(made, most=2)
    text = page(AnalysisReport("made up", made.record, events=shown.events,
                               events_words=shown.words, events_notes=("a <b>note</b>",)))  # fmt: skip
    assert text.count("run 1, spill 1, event") >= 2
    assert "drawn: 2" in text
    assert "a &lt;b&gt;note&lt;/b&gt;" in text
    assert 'href="#e1-' in text  # ids of two pictures do not meet
    assert "spill 1, event 1<" not in text
