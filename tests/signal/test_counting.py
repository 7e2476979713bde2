"""Limits in events of one experiment, and how they come into a reach."""

import pytest

from na64ana.errors import LimitError, SignalError
from na64ana.limits import expected_limits, upper_limit
from na64ana.signal.counting import Counting


def test_nothing_seen_and_nothing_expected():
    assert Counting().limits() == {"limit": pytest.approx(2.302585, rel=1e-6)}
    assert Counting(observed=2).limits() == {"limit": upper_limit(2, 0.0)}


def test_an_uncertain_efficiency_weakens_the_limit():
    found = Counting(efficiency_error=0.2).limits()
    assert found == {"limit": pytest.approx(2.3630, rel=1e-4)}  # docs/limits.md


def test_a_background_gives_expected_limits():
    blind = Counting(background=0.51, background_error=0.13).limits()
    bands = expected_limits(0.51, background_error=0.13)
    assert "observed" not in blind
    assert (blind["median"], blind["plus1"]) == (bands.median, bands.plus_1)
    seen = Counting(1, 0.51, 0.13, 0.1).limits()
    assert next(iter(seen)) == "observed"
    assert seen["observed"] == upper_limit(1, 0.51, background_error=0.13, signal_error=0.1)


@pytest.mark.parametrize(
    ("counting", "words"),
    [
        (Counting(background_error=0.1), "no background"),
        (Counting(0, 5.0, method="classical"), "gives 0 signal events"),
        (Counting(0, -1.0), "background"),
        (Counting(-1), "observed"),
        (Counting(0, 1.0, method="best"), "method"),
        (Counting(0, 1.0, 0.1, method="feldman-cousins"), "exactly known"),
    ],
)
def test_what_makes_no_sense_is_refused(counting, words):
    with pytest.raises((SignalError, LimitError), match=words):
        counting.limits()


def test_the_words_say_what_was_counted():
    assert Counting().describe() == "0 observed, no background, cls"
    assert Counting(1, 0.51, 0.13, 0.1).describe() == (
        "1 observed, background 0.51 +- 0.13, efficiency +- 10%, cls"
    )
    assert Counting(background=2).describe().startswith("nothing observed yet, background 2,")
