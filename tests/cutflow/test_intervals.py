"""Clopper-Pearson intervals, against hist and scipy."""

from __future__ import annotations

import math

import hist.intervals
import numpy as np
import pytest
import scipy.stats

from na64ana.cutflow import efficiency
from na64ana.cutflow.intervals import ONE_SIGMA

PAIRS = [
    (0, 1),
    (1, 1),
    (0, 10),
    (3, 10),
    (10, 10),
    (1, 9000),
    (8999, 9000),
    (71, 303),
    (5 * 10**6, 10**7),
]


@pytest.mark.parametrize(("passed", "total"), PAIRS)
@pytest.mark.parametrize("coverage", [ONE_SIGMA, 0.9])
def test_it_is_that_of_hist_and_scipy(passed, total, coverage):
    found = efficiency(passed, total, coverage)
    assert found.value == passed / total
    theirs = hist.intervals.clopper_pearson_interval(
        np.array([passed]), np.array([total]), coverage=coverage
    )
    assert found.low == pytest.approx(theirs[0][0], rel=1e-10)
    assert found.high == pytest.approx(theirs[1][0], rel=1e-10)
    tail = (1 - coverage) / 2
    if passed:
        low = scipy.stats.beta.ppf(tail, passed, total - passed + 1)
        assert found.low == pytest.approx(low, rel=1e-10)
        assert scipy.stats.binom.sf(passed - 1, total, found.low) == pytest.approx(tail, rel=1e-6)
    if passed < total:
        high = scipy.stats.beta.ppf(1 - tail, passed + 1, total - passed)
        assert found.high == pytest.approx(high, rel=1e-10)
        assert scipy.stats.binom.cdf(passed, total, found.high) == pytest.approx(tail, rel=1e-6)
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_one_sigma_is_one_sigma():
    assert pytest.approx(math.erf(1 / math.sqrt(2)), rel=1e-15) == ONE_SIGMA


def test_none_and_all_reach_the_ends():
    assert efficiency(0, 10).low == 0
    assert efficiency(10, 10).high == 1
    assert efficiency(0, 10, 0.9).high == pytest.approx(1 - 0.05 ** (1 / 10))


def test_without_events_there_is_no_efficiency():
    assert all(math.isnan(number) for number in efficiency(0, 0))
