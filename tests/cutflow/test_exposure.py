"""Cutflows per exposure, data and simulation side by side."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from na64ana.cutflow import Record, Yield, per_exposure, ratio, side_by_side
from na64ana.cutflow.ledger import EXCLUDED, LOST, Entry, Fate, Ledger, LedgerDataset
from na64ana.errors import RecordError
from na64ana.evaluate import evaluate
from na64ana.report import compare, terminal
from na64ana.selection import Selection

SELECTION: dict[str, Any] = {
    "name": "counting",
    "layout": "na64-tout",
    "cuts": [
        {"name": "half", "require": "event % 2 == 0"},
        {"name": "low", "require": "event < 10"},
    ],
    "channels": {"other": {"after": "half", "cuts": [{"name": "none", "require": "event < 0"}]}},
    "regions": {"box": {"cuts": ["low"], "blind": True}},
}


def record(processed: int = 0, unit: str = "EOT", weight: str | None = None, **more: Any) -> Record:
    """A thousand events, and a ledger where particles were processed."""
    selection = Selection.from_dict(SELECTION | ({"weight": weight} if weight else {}) | more)
    columns = {"run": np.ones(1000, int), "spill": np.ones(1000, int), "event": np.arange(1000)}
    made = evaluate(columns, selection.bind(selection.layout()), inputs=[], blind=False)
    return replace(made, sha256="0" * 64, ledger=ledger(processed, unit) if processed else Ledger())


def ledger(processed: int, unit: str = "EOT") -> Ledger:
    entries = (Entry("x", 1, 1, ("a.root",), processed, "processed"),
               Entry("x", 1, 2, ("b.root",), 77, "lost", "b.root is lost"))  # fmt: skip
    return Ledger(entries, (LedgerDataset("x", "0" * 64, unit),))


def test_weights_and_their_squares_are_scaled_apart():
    # the numbers of a defect of coffea 2026.9.0, whose weighted yields have the variance
    # 4 000 000 for a thousand events of weight 2: the square of their sum, not the sum of squares
    first, half, _ = record(1000, weight="2 + 0*event").per_exposure(1000)
    assert first == Yield("", 2000.0, math.sqrt(4000))
    assert half == Yield("half", 1000.0, math.sqrt(2000))
    scaled = record(1000, weight="2 + 0*event").per_exposure(250)
    assert scaled[0] == Yield("", 500.0, math.sqrt(4000) / 4)


def test_only_what_was_processed_counts():
    made = record(500)
    assert [row.value for row in made.per_exposure()] == [1000, 500, 5]
    assert [row.value for row in made.per_exposure(1000)] == [2000, 1000, 10]
    assert [row.error for row in made.per_exposure(1000)] == pytest.approx(
        [2 * math.sqrt(n) for n in (1000, 500, 5)]
    )
    assert [row.cut for row in made.per_exposure(channel="other")] == ["", "half", "none"]


def test_blinded_numbers_stay_so():
    made = record(500)
    flow = replace(made.cutflow, blind=True)
    rows = per_exposure(replace(made, blind=True, channels={"main": flow}))
    assert rows[-1] == Yield("low", None, None)
    assert ratio(rows[-1], rows[0]) is None
    assert ratio(rows[0], rows[-1]) is None


def test_side_by_side_is_at_the_exposure_of_the_first():
    data, simulation = record(500), record(2000, weight="2 + 0*event")
    found = side_by_side([data, simulation])
    assert (found.per, found.unit) == (500, "EOT")
    assert [row.value for row in found.yields[1]] == [500, 250, 2.5]
    a, b = (rows[1] for rows in found.yields)
    quotient = ratio(a, b)
    assert quotient is not None
    assert quotient.value == 2
    assert quotient.error == pytest.approx(2 * math.hypot(1 / math.sqrt(500), 1 / math.sqrt(500)))


def test_a_ratio_to_nothing_is_none():
    assert ratio(Yield("x", 1.0, 1.0), Yield("x", 0.0, 0.0)) is None
    found = ratio(Yield("x", 0.0, 0.0), Yield("x", 4.0, 2.0))
    assert found == (0.0, 0.0)


@pytest.mark.parametrize(
    ("others", "per", "words"),
    [
        ([record()], None, "mc.json: the record of 'counting' on data has no exposure"),
        ([record(5, unit="MOT")], None, "exposures in EOT and MOT cannot be compared"),
        ([replace(record(5), sha256="1" * 64)], None, "different selections"),
        ([record(5)], 0.0, "a number above zero"),
        ([record(5)], float("nan"), "a number above zero"),
        ([record(5)], float("inf"), "a number above zero"),
        (
            [replace(record(5), ledger=replace(ledger(5), unaccounted=("c.root", "d.root")))],
            None,
            r"exposure of 2 of its files is not known \(c.root, ...\)",
        ),
        (
            [replace(record(5), ledger=Ledger(ledger(5).entries[1:], ledger(5).datasets))],
            None,
            "nothing was processed of 77 EOT",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused(others, per, words):
    names = ["data.json", "mc.json"]
    with pytest.raises(RecordError, match=words):
        side_by_side([record(500), *others], per, names=names)


def test_an_unknown_channel_is_refused():
    with pytest.raises(RecordError, match="did you mean 'other'"):
        record(500).per_exposure(channel="othr")


def test_the_table_shows_what_python_gives():
    drawn = terminal.plain(
        compare.comparison({"data": record(500), "mc": record(2000, weight="2 + 0*event")}, 1e6),
        100,
    )
    lines = [" ".join(line.split()) for line in drawn.splitlines()]
    assert "per 1.00e6 EOT" in lines
    assert "data data, open, INCOMPLETE" not in drawn
    assert "data data, UNBLINDED, INCOMPLETE, 500 of 577 EOT processed" in lines
    assert "half 1 000 000 ±44721 500 000 ±22361 2.00 ±0.13" in [
        line.replace("44 721", "44721").replace("22 361", "22361") for line in lines
    ]
    assert "none 0 0 –" in lines


# ----------------------------------------------------------- what became of it


def test_fates_add_up_to_the_totals():
    entries = [
        Entry("x", 1, spill, ("a",), 10 * spill, state, reason)
        for spill, state, reason in [(1, "processed", ""), (2, LOST, "a"), (3, LOST, "b"),
                                     (4, LOST, "a"), (5, EXCLUDED, "c"), (6, EXCLUDED, "zero")]
    ]  # fmt: skip
    entries.append(Entry("x", 1, 1, ("a",), 3, EXCLUDED, "c"))
    entries[5] = entries[5]._replace(amount=0)
    book = Ledger(tuple(entries), (LedgerDataset("x", "", "EOT"),))
    assert book.fates() == [
        Fate("processed", "", 10, 1),
        Fate(LOST, "", 90, 3),
        Fate(LOST, "a", 60, 2),
        Fate(LOST, "b", 30, 1),
        Fate(EXCLUDED, "", 53, 2),  # spill 1 is processed but for some of its events
        Fate(EXCLUDED, "c", 53, 2),
    ]
    assert sum(f.amount for f in book.fates() if not f.reason) == book.totals.recorded
    assert book.spills == 6
