"""Limits on invisible decays of mesons."""

from __future__ import annotations

import pytest

from na64ana.errors import SignalError
from na64ana.limits import upper_limit
from na64ana.signal.mesons import MESON_LIMITS, branching_limit, mesons_seen


def test_no_event_in_ten_thousand_mesons():
    assert branching_limit(upper_limit(0, 0.0), 2e4, 0.5) == pytest.approx(2.302585e-4, rel=1e-6)


def test_too_few_mesons_exclude_nothing():
    assert branching_limit(2.3, 2.0) == 1


def test_the_published_limits_stand_for_so_many_mesons():
    """20 900 eta and 11 000 eta' of 2.9e9 pions: 7.2 and 3.8 of a million."""
    events = upper_limit(0, 0.0)
    seen = {name: mesons_seen(limit, events) for name, limit in MESON_LIMITS.items()}
    assert seen == pytest.approx({"eta": 7.218e-6, "eta'": 3.781e-6}, rel=1e-3)
    for name, limit in MESON_LIMITS.items():
        found = branching_limit(events, seen[name] * limit.exposure)
        assert found == pytest.approx(limit.branching_ratio)
        assert branching_limit(events, seen[name] * 10 * limit.exposure) == pytest.approx(
            found / 10
        )


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: branching_limit(2.3, 0), "mesons is 0"),
        (lambda: branching_limit(-1, 10), "events is -1"),
        (lambda: branching_limit(2.3, 10, 1.5), "efficiency is 1.5"),
    ],
)
def test_what_makes_no_sense_is_refused(call, words):
    with pytest.raises(SignalError, match=words):
        call()
