"""Records to be drawn, the same with every version; and what a cell must show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from na64ana.cutflow import COUNTS, Cutflow, CutLabel, InputFile, Record, Row, Tally
from na64ana.cutflow.ledger import (
    EXCLUDED,
    LOST,
    PROCESSED,
    Entry,
    Ledger,
    LedgerDataset,
    LostFile,
)
from na64ana.evaluate import evaluate
from na64ana.provenance import Made
from na64ana.run import run
from na64ana.selection import Selection

DATA = Path(__file__).parents[1] / "data"
SHA256 = "0123456789abcdef" * 4
SOFTWARE = {"python": "3.11.0", "na64ana": "0.0.0", "numpy": "2.0.0"}
EVENTS = 2400
COMMIT = "89abcdef" * 5
MADE = Made(
    "2026-01-02T03:04:05Z", "ada", "lxplus", "na64ana cutflow made-up 'run*.root' --workers 8", 8
)

SELECTION: dict[str, Any] = {
    "name": "made-up",
    "layout": "na64-tout",
    "cuts": [
        {"name": "physics trigger", "require": "trigger & 4", "reason": "as recorded"},
        {"name": "master time", "observable": "master_time", "within": ["86.5 ns", "113.5 ns"]},
        {"name": "momentum", "observable": "track.momentum", "above": "20 GeV", "runs": [2, 9]},
        {"name": "angle", "observable": "track.angle", "below": "6 mrad"},
        {"name": "low momentum", "observable": "track.momentum", "below": "50 GeV"},
    ],
    "channels": {
        "few hits": {
            "after": "master time",
            "cuts": [{"name": "straw 3", "require": "straw3.nx <= 3 and straw3.ny <= 3"}],
        }
    },
    "regions": {
        "signal": {"cuts": ["angle", "low momentum"], "blind": True},
        "high momentum": {"where": "track.momentum > 80*GeV", "keep": ["track.momentum"]},
    },
    "histograms": {
        "p": {"x": {"observable": "track.momentum", "bins": 4, "range": ["0 GeV", "100 GeV"]},
              "at": "every cut"},
    },
}  # fmt: skip


def columns(events: int = EVENTS, *, missing: bool = False) -> dict[str, np.ndarray]:
    """Events in closed form; every number is exact in binary."""
    i = np.arange(events)
    momentum = (i * 37 % 800) / 8.0
    if missing:
        momentum[::50] = np.nan
    return {
        "run": 1 + i // 900,
        "spill": 1 + i // 100 % 9,
        "event": i % 100,
        "trigger": np.where(i % 9 == 0, 2, 4 + i % 2),
        "master_time": 80 + (i * 29 % 320) / 8.0,
        "track.momentum": momentum,
        "track.angle": (i * 13 % 64) / 8.0,
        "track.p_value": (i * 7 % 11 + 1) / 1024.0,
        "straw3.nx": i % 5,
        "straw3.ny": i % 7,
    }


@pytest.fixture(scope="session")
def made_up() -> Callable[..., Record]:
    """Make a record: ``made_up(events=2400, missing=False, change={...}, blind=True, ...)``."""

    def make(
        events: int = EVENTS,
        *,
        missing: bool = False,
        change: dict[str, Any] | None = None,
        kind: str = "data",
        **options: Any,
    ) -> Record:
        selection = Selection.from_dict(SELECTION | (change or {}))
        file = InputFile(
            "made/up.root",
            "01234567-89ab",
            events,
            ((0, events),),
            "tout",
            "na64-tout",
            SHA256,
            kind,
            "as the test says",
        )
        bound = selection.bind(selection.layout())
        record = evaluate(columns(events, missing=missing), bound, inputs=[file], **options)
        return replace(record, sha256=SHA256, software=SOFTWARE)

    return make


@pytest.fixture(scope="session")
def records(made_up: Callable[..., Record]) -> dict[str, Record]:
    """The records of the golden files."""
    no_runs = [{k: v for k, v in cut.items() if k != "runs"} for cut in SELECTION["cuts"]]
    weighted = {"weight": "track.p_value", "cuts": no_runs}
    return {
        "open": small("acceptance"),
        "blind": small(None),
        "weighted": made_up(change=weighted, blind=False, unblinded=None, kind="simulation"),
        "nan": made_up(missing=True),
        "empty": made_up(0),
        "sequential": made_up(counts="sequential", change={"cuts": no_runs}),
        "lossy": lossy(small(None)),
        "opened": lossy(made_up(300, blind=False, unblinded="the collaboration said yes")),
    }


HOSTILE = (
    "<script>alert('&amp;')</script>",
    '_%$#&{}^~\\input|"`',
    "\x1b[31mred\x1b]0;title\x07",
    "[bold red]markup[/bold red] :smile:",
    "a very long name " * 40,
    "two\nlines\r\ttab \x00",
    "right\u202eto left",
    "日本語 μ → E₀ ÅЖ",
    "=HYPERLINK(1)",
    "{{ 7*7 }} {% raw %}",
    "</style><img src=x onerror=alert(1)>",
)


@pytest.fixture(scope="session")
def hostile(made_up: Callable[..., Record]) -> Record:
    """A record whose every word came from someone who means harm."""
    made = made_up(blind=False, unblinded="".join(HOSTILE))
    flow = made.cutflow
    labels = tuple(CutLabel(name, name, name, name) for name in HOSTILE)
    tally = {kind: Tally(np.arange(len(labels))[::-1] + 1) for kind in COUNTS}
    runs: dict[int | None, dict[str, Tally]] = {1: {**tally, "events": Tally(np.array([99]))}}
    flow = replace(flow, channel=HOSTILE[0], cuts=labels, runs=runs, boxes=(frozenset({0, 2}),))
    channels = {"main": flow} | {
        name: replace(flow, channel=name, ids=np.zeros((0, 3), dtype=np.int64)) for name in HOSTILE
    }
    inputs = tuple(
        InputFile(name, name, 5, ((0, 3),), name, name, name, "data", name) for name in HOSTILE
    )
    region = made.regions["high momentum"]
    return replace(
        made,
        selection="".join(HOSTILE),
        channels=channels,
        inputs=inputs,
        regions={name: replace(region, name=name) for name in HOSTILE},
        software=dict(zip(HOSTILE, HOSTILE, strict=True)),
        git=dict(zip(HOSTILE, HOSTILE, strict=True)),
        made=tuple(sorted(Made(name, name, name, name, 1) for name in HOSTILE)),
        ledger=Ledger(
            tuple(sorted(Entry(name, None, None, (name,), 7, LOST, name) for name in HOSTILE)),
            tuple(sorted(LedgerDataset(name, name, HOSTILE[1]) for name in HOSTILE)),
            tuple(sorted(LostFile(name, name, name) for name in HOSTILE)),
            tuple(sorted(HOSTILE)),
            tuple(sorted(LostFile(name, name, name) for name in HOSTILE)),
        ),
    )


def small(unblind: str | None) -> Record:
    """The 19 cuts of the shipped selection on the small file that ROOT wrote."""
    made = run("na64e-invisible-2023", DATA / "tout_small.root", unblind=unblind, progress=False)
    file = replace(made.inputs[0], path="tout_small.root", layout_sha256=SHA256)
    return replace(
        made,
        sha256=SHA256,
        software=SOFTWARE,
        git={},
        made=(),
        inputs=(file,),
        booked={},
        ledger=Ledger(unaccounted=(file.path,)),
    )


def ledger() -> Ledger:
    """Exposure of two runs in three files: one of them lost, one not given, some spills bad."""
    entries = []
    spills = [*((9001, i) for i in range(1, 701)), *((9002, i) for i in range(1, 301))]
    for number, spill in spills:
        file, state, reason = "tout_small.root", PROCESSED, ""
        if number == 9002:
            file, state, reason = "gone.root", LOST, "gone.root is lost"
            if spill > 100:
                file, reason = "later.root", "file not among the inputs"
        elif spill % 97 == 0:
            state, reason = EXCLUDED, "bad spill: high voltage of straw 3"
        amount = 5_000_000 + 137 * spill
        entries.append(Entry("made-up", number, spill, (file,), amount, state, reason, spill > 600))
    ordered = sorted(entries, key=lambda entry: (entry.account, entry.state, entry.reason))
    return Ledger(
        tuple(ordered),
        (LedgerDataset("made-up", SHA256[::-1], "EOT"),),
        (LostFile("gone.root", "tree 'tout' cannot be read", "made-up"),),
        (),
        (LostFile("copy/tout_small.root", "the same file as tout_small.root"),),
    )


def lossy(made: Record) -> Record:
    """The same record with a ledger in which much is lost, and with who made it."""
    (file,) = made.inputs
    return replace(
        made,
        ledger=ledger(),
        inputs=(replace(file, left_out={"bad spill": 12}),),
        git={"na64ana": COMMIT, "selection": f"{COMMIT}+changes"},
        made=(MADE,),
    )


def near(shown: str, exact: float) -> bool:
    """Whether digits are the number, rounded where they end."""
    digits = shown.replace("−", "-")
    mantissa, _, power = digits.partition("e")
    places = len(mantissa.partition(".")[2])
    half_a_digit = 0.5 * 10.0 ** (int(power or 0) - places)
    return abs(float(digits) - exact) <= half_a_digit * (1 + 1e-9)


def shows(flow: Cutflow, row: Row, kind: str, words: list[str]) -> bool:
    """Whether a cell, in words or digits without grouping, shows what the record has.

    A cell is ``[word]``, or the value followed by its errors as ``±1``, ``+1`` and ``−1``.
    """
    if kind in ("share", "relative"):
        share = flow.efficiency(row.name, relative=kind == "relative")
        counts, exact = row.sequential, None if share is None else 100 * share.value
        if share is not None and share.value != share.value:
            return words == ["–"]
    else:
        share, counts = None, getattr(row, kind)
        exact = None if counts is None else counts.sumw if _is_sum(flow, kind) else counts.n
    if exact is None or counts is None:
        hidden = row.hidden["sequential" if share or kind in ("share", "relative") else kind]
        return words == [{"blinded": "blinded", "not computed": "–"}[hidden]]
    value, *errors = words
    if share is not None:
        ends = {"+": 100 * (share.high - share.value), "−": 100 * (share.value - share.low)}
    else:
        ends = dict.fromkeys("+−", counts.sumw2**0.5)
    both = [
        sign + error[1:] for error in errors for sign in ("+−" if error[0] == "±" else error[0])
    ]
    return near(value, exact) and all(near(error[1:], ends[error[0]]) for error in both)


def _is_sum(flow: Cutflow, kind: str) -> bool:
    weighted = bool(flow.runs) and flow.total["events"].sums is not None
    return weighted and kind not in ("nan", "not_applied")
