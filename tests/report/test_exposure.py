"""The ledger in words: what the headline says, and that its account adds up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from na64ana.cutflow.ledger import Entry, Ledger, LedgerDataset, LostFile
from na64ana.report import exposure, html, latex, text

from .conftest import ledger


def book(processed: int, lost: int = 0, excluded: int = 0, **more: object) -> Ledger:
    parts = (("processed", processed), ("lost", lost), ("excluded", excluded))
    entries = tuple(Entry("x", 1, i, ("a",), n, state) for i, (state, n) in enumerate(parts))
    return replace(Ledger(entries, (LedgerDataset("x", "", "EOT"),)), **more)  # type: ignore[arg-type]


GONE = tuple(LostFile(f"{i}.root", "gone") for i in range(3))


@pytest.mark.parametrize(
    ("ledger", "words"),
    [
        (Ledger(), "unknown"),
        (Ledger(unaccounted=("a", "b")), "unknown"),
        (Ledger(lost_files=GONE), "unknown, 3 files lost"),
        (book(284_000_000_000), "2.84e11 EOT, all processed"),
        (
            book(281_000_000_000, 3_000_000_000, lost_files=GONE),
            "2.81e11 of 2.84e11 EOT processed, 3 files lost",
        ),
        (book(12_345, 5), "12 345 of 12 350 EOT processed"),
        (book(5, unaccounted=("a",)), "5 EOT, all processed, not known for 1 file"),
        # three digits would hide the loss
        (book(283_999_999, 1), "2.83999999e8 of 2.84000000e8 EOT processed"),
        (book(99_999_999, 1), "9.9999999e7 of 1.0000000e8 EOT processed"),
        (book(0, 7), "0 of 7 EOT processed"),
        (
            book(5, repeated_files=GONE[:1]),
            "5 EOT, all processed, 1 file given twice and counted once",
        ),
    ],
)
def test_headline(ledger, words):
    assert exposure.headline(ledger, exposure.short) == words


def test_the_account_adds_up_and_names_every_reason():
    made = ledger()
    *lines, last = exposure.account(made)
    assert last.amount == sum(line.amount for line in lines if line.state) == made.totals.recorded
    assert last.reason == "processed + lost + excluded"
    assert last.spills == 1000
    reasons = {(line.reason, line.amount) for line in lines if line.reason}
    assert reasons == {(reason, amount) for (_, reason), amount in made.by_reason().items()}
    assert exposure.account(Ledger(lost_files=GONE)) == []


def test_many_reasons_are_cut_short_where_there_is_little_room():
    entries = tuple(Entry("x", 1, i, ("a",), 1, "lost", f"{i:02} is lost") for i in range(30))
    made = Ledger(entries, (LedgerDataset("x", "", "EOT"),))
    *_, more, recorded = exposure.account(made, 10)
    assert (more.reason, recorded.amount) == ("and 20 more reasons", 30)
    assert len(exposure.account(made, 10)) == 13
    assert len(exposure.account(made)) == 32


def test_every_format_says_that_it_is_not_all(records):
    made = records["lossy"]
    for drawn in (text.record(made), latex.record(made), html.page(made)):
        assert "INCOMPLETE" in drawn
        assert "file not among the inputs" in drawn
        assert "bad spill: high voltage of straw 3" in drawn
    whole = replace(made, ledger=book(7))
    for drawn in (text.record(whole), latex.record(whole), html.page(whole)):
        assert "INCOMPLETE" not in drawn
        assert "7 EOT, all processed" in drawn


def test_the_open_sample_is_drawn_with_its_own_exposure(made_up):
    box = {"signal": {"cuts": ["angle", "low momentum"], "blind": {"prescale": 10}}}
    made = made_up(change={"regions": box})
    opened = made.open_sample
    assert opened is not None
    opened = replace(opened, ledger=book(284_000, excluded=2_556_000))
    for draw in (text.record, latex.record, html.page):
        drawn = " ".join(draw(replace(made, open_sample=opened)).split())
        before, _, after = drawn.lower().partition("open sample (1 in 10)")
        assert "blinded" in before
        assert "2.84" in after
        for row in opened.cutflow.rows:
            assert row.sequential is not None
            assert f"{row.sequential.n}" in after


def test_who_has_no_dataset_is_told_in_a_word(records):
    words = [line for line in text.record(records["open"]).splitlines() if "exposure" in line]
    assert words == [" exposure   unknown"]
    assert "xposure" not in latex.record(records["open"]).partition(r"\begin{table}")[2]


def test_apportioned_amounts_say_so(records):
    for draw in (text.record, latex.record, html.page):
        assert "are apportioned" in " ".join(draw(records["lossy"]).split())
        assert "are apportioned" not in draw(replace(records["lossy"], ledger=book(7)))
