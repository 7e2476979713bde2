"""What a setup sees of decays: nothing is seen twice, and nothing lost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from na64ana import signal
from na64ana.errors import SignalError
from na64ana.signal.decay_region import seen_fraction


@given(st.floats(0.01, 100), st.floats(1e-4, 1e6), st.floats(0, 1))
def test_what_decays_in_a_detector_or_is_missed_behind_it_is_all(place, length, visible):
    before = signal.setup("na64e-visible-2017", start=0.0, stop=place)
    behind = signal.setup("na64e", start=place)
    both = seen_fraction(before, length, visible) + seen_fraction(behind, length, visible)
    assert both == pytest.approx(1, abs=1e-12)


def test_what_is_stable_is_missing():
    lengths = np.array([np.inf, 1e-3])
    visible = seen_fraction(signal.setup("na64e-visible-2017"), lengths)
    assert visible.tolist() == [0.0, pytest.approx(0, abs=1e-100)]
    assert seen_fraction(signal.setup("na64e"), lengths).tolist() == [1.0, 0.0]


def test_what_leaves_no_trace_is_missing_wherever_it_decays():
    assert seen_fraction(signal.setup("na64e"), 1e-6, 0.25) == pytest.approx(0.75)
    assert seen_fraction(signal.setup("na64e-visible-2017"), 0.5, 0.0) == 0


def test_a_length_of_zero_is_refused():
    with pytest.raises(SignalError, match="must be above 0"):
        seen_fraction(signal.setup("na64e"), 0.0)
