"""Progress: events, rate, time left and survivors, and never more than the record tells."""

from __future__ import annotations

import io
import re
from contextlib import contextmanager
from importlib import import_module

import pytest
from rich.console import Console

import na64ana as na
from na64ana import signal
from na64ana.cutflow.assembly import Assembly
from na64ana.progress import _short, _Shown, counting
from na64ana.run import engine
from na64ana.simulate import BLOCK, simulate

EVENTS = [(1, 1 + i // 20, i, 85.0 + i % 30, 0.02 * (i % 4), 1.75 * (i % 60)) for i in range(60)]


@pytest.fixture
def console():
    return Console(file=io.StringIO(), width=120, force_terminal=True, color_system=None)


def last_frame(console):
    return console.file.getvalue().split("\r")[-1]


def test_what_is_shown(console):
    with counting(2000, show=True, console=console) as bar:
        assert isinstance(bar, _Shown)
        bar.advance(500, 1_000_000)
        bar.survivors(12)
        bar.bar.refresh()
        assert "events" in last_frame(console)
        assert " 500/2000 " in last_frame(console)
        assert last_frame(console).rstrip().endswith("12 left")
        bar.advance(1500, 3_000_000)
        bar.survivors(None)
        bar.bar.refresh()
        assert "2000/2000" in last_frame(console)
        assert re.search(r"[\d.]+[kMG]? events/s, [\d.]+[kMG]?B/s", last_frame(console))
        assert "left" not in last_frame(console)


def test_nothing_is_shown_where_nobody_looks_on(console, capsys):
    with counting(20, show=False, console=console) as bar:
        bar.advance(20)
        bar.survivors(1)
    assert console.file.getvalue() == ""
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("number", "words"),
    [(0.5, "0.5"), (999, "999"), (12340, "12.3k"), (2.5e6, "2.5M"), (1e9, "1G")],
)
def test_rates_are_short(number, words):
    assert _short(number) == words


def test_survivors_so_far_are_those_of_the_record(
    tmp_path, write_events, small_selection, monkeypatch
):
    for k in range(2):
        write_events(tmp_path / f"f{k}.root", EVENTS[30 * k : 30 * (k + 1)])
    told = []
    known = engine._survivors

    def tell(total):
        told.append(known(total))
        return told[-1]

    monkeypatch.setattr(engine, "_survivors", tell)
    blind = na.run(small_selection(), tmp_path)
    assert blind.cutflow.rows[-1].sequential is None
    assert told == [None, None]
    told.clear()
    opened = na.run(small_selection(), tmp_path, unblind="a test")
    last = opened.cutflow.rows[-1].sequential
    assert last is not None
    assert last.n > 0
    assert told == [last.n, last.n]  # all of them are in the first file
    assert known(Assembly()) is None


@pytest.fixture
def bars(monkeypatch):
    """What every bar was asked for: (how many, whether to show it, of what), and how far it came."""
    made = []

    @contextmanager
    def bar(events, show=None, what="events"):
        done: list[int] = []
        made.append(((events, show, what), done))
        yield done.append

    for module in ("simulate.streams", "signal.reach"):
        monkeypatch.setattr(import_module(f"na64ana.{module}"), "progress_bar", bar)
    return made


def test_a_simulation_of_several_blocks_has_a_bar(bars):
    simulate("electron", 3 * BLOCK, seed=1, cells=False)
    simulate("electron", 10, seed=1, cells=False)
    simulate("electron", 10, seed=1, cells=False, progress=True)
    assert [asked for asked, _ in bars] == [
        (3 * BLOCK, None, "simulating electron"),
        (10, False, "simulating electron"),
        (10, True, "simulating electron"),
    ]
    assert [sum(done) for _, done in bars] == [3 * BLOCK, 10, 10]


def test_a_reach_has_a_bar_unless_it_is_told_otherwise(bars):
    model, setup = signal.model("dark-photon"), signal.setup("na64e")
    signal.reach(model, setup, (0.01, 0.1), 2.3)
    signal.reach(model, setup, (0.01,), 2.3, progress=False)
    told = []
    signal.reach(model, setup, (0.01,), 2.3, progress=lambda *numbers: told.append(numbers))
    assert [asked for asked, _ in bars] == [(2, None, "masses"), (1, False, "masses")]
    assert [sum(done) for _, done in bars] == [2, 1]
    assert told[-1] == (1, 1)


def test_a_bar_that_is_not_wanted_leaves_no_line(capfd):
    simulate("electron", 2 * BLOCK, seed=1, cells=False, progress=False)
    signal.reach(signal.model("dark-photon"), signal.setup("na64e"), (0.1,), 2.3, progress=False)
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")
