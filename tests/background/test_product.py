"""Products of measured factors: exact where one count or two are in it, and coverage."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from na64ana.background import Count, Factor, Measured, Share, expected, upper_limit
from na64ana.cutflow import efficiency
from na64ana.errors import BackgroundError

ONE_SIGMA = 0.6826894921370859
TAIL = (1 - ONE_SIGMA) / 2


@pytest.mark.parametrize("n", [0, 1, 3, 25, 1_000_000])
def test_one_count_has_the_interval_of_garwood(n):
    found = expected([Count(n)])
    low = stats.chi2.ppf(TAIL, 2 * n) / 2 if n else 0.0
    assert found.low == pytest.approx(low, rel=1e-6)
    assert found.high == pytest.approx(stats.chi2.ppf(1 - TAIL, 2 * n + 2) / 2, rel=1e-6)


def test_published_limits_of_one_count():
    # 90% upper limits for 0, 1, 2, 3 events: R. L. Workman et al. (PDG), PTEP 2022 083C01,
    # review of statistics, table of limits of a Poisson mean without background
    limits = [upper_limit([Count(n)], 0.90) for n in range(4)]
    assert limits == pytest.approx([2.30, 3.89, 5.32, 6.68], abs=0.005)


@pytest.mark.parametrize(("n", "m"), [(0, 5), (1, 1), (3, 7), (60, 4)])
def test_a_ratio_of_two_counts_has_the_interval_of_clopper_and_pearson(n, m):
    # given n + m, n is binomial with p = r / (1 + r)
    share = efficiency(n, n + m)
    found = expected([Count(n), Count(m, -1)])
    assert found.low == pytest.approx(share.low / (1 - share.low), rel=1e-6)
    assert found.high == pytest.approx(share.high / (1 - share.high), rel=1e-6)


@pytest.mark.parametrize(
    ("passed", "total", "power"), [(0, 9, 1), (3, 9, 3), (9, 9, 2), (4, 9, -1)]
)
def test_a_share_to_a_power(passed, total, power):
    share = efficiency(passed, total)
    found = expected([Share(passed, total, power)])
    ends = sorted([share.low**power, share.high**power])
    assert (found.low, found.high) == pytest.approx(ends)


def test_three_counts_against_drawing():
    # draws of gamma(4) gamma(41) / gamma(7) and of gamma(3) gamma(40) / gamma(8)
    rng = np.random.default_rng(20261123)
    found = expected([Count(3), Count(40), Count(7, -1)])
    n = 1_000_000
    high = rng.gamma(4, size=n) * rng.gamma(41, size=n) / rng.gamma(7, size=n)
    low = rng.gamma(3, size=n) * rng.gamma(40, size=n) / rng.gamma(8, size=n)
    # the share of the draws beyond an end has an error of 4e-4
    assert np.mean(high > found.high) == pytest.approx(TAIL, abs=2e-3)
    assert np.mean(low < found.low) == pytest.approx(TAIL, abs=2e-3)


def test_shares_of_few_trials_against_a_closed_form():
    # of two uniform numbers: P(x y < t) = t - t log t
    t = upper_limit([Share(0, 1), Share(0, 1)], 0.90)
    assert t - t * math.log(t) == pytest.approx(0.90, abs=1e-4)


def test_numbers_with_errors_are_log_normal():
    factors = [Measured(2.0, 0.2), Measured(5.0, 0.25)]
    found = expected(factors)
    assert found.value == pytest.approx(10)
    assert (found.low, found.high, found.statistical) == pytest.approx((10, 10, 0))
    assert found.systematic == pytest.approx(10 * math.hypot(0.1, 0.05))
    sigma = math.hypot(0.1, 0.05)
    assert upper_limit(factors, 0.90) == pytest.approx(10 * math.exp(1.2815515655446004 * sigma))


def test_a_vanishing_error_is_that_of_none():
    one = upper_limit([Count(2), Measured(3.0)], 0.9)
    assert upper_limit([Count(2), Measured(3.0, 1e-7)], 0.9) == pytest.approx(one, rel=1e-5)
    assert one == pytest.approx(3 * upper_limit([Count(2)], 0.9))


def test_coverage_of_three_counts():
    # at least as often as asked for, in 400 draws: below 0.624 by chance only once in 200 times
    rng = np.random.default_rng(7)
    b, c, d = 6.0, 9.0, 15.0
    inside = 0
    for nb, nc, nd in rng.poisson([b, c, d], size=(400, 3)):
        found = expected([Count(int(nb)), Count(int(nc)), Count(int(nd), -1)])
        inside += found.low <= b * c / d <= found.high
    assert inside / 400 > 0.624


counts = st.integers(0, 30)


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(4)))
def test_the_order_does_not_matter(order):
    reference: list[Factor] = [Count(4), Count(9, -1), Share(2, 9), Measured(3.0, 0.3)]
    factors = [reference[i] for i in order]
    assert expected(factors) == pytest.approx(expected(reference))
    assert upper_limit(factors) == pytest.approx(upper_limit(reference))


@settings(max_examples=25, deadline=None)
@given(counts, counts, st.integers(1, 30), st.floats(1e-6, 1e6))
def test_a_scale_scales_all(a, b, c, scale):
    one = expected([Count(a), Count(b), Count(c, -1)])
    scaled = expected([Count(a), Count(b), Count(c, -1), Measured(scale)])
    assert one.low <= one.value <= one.high
    assert scaled == pytest.approx([scale * x for x in one], rel=1e-6)


@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (Measured(-1.0, 0.1), "negative"),
        (Measured(1.0, -0.1), "negative"),
        (Measured(math.nan, 0.1), "finite"),
        (Measured(1.0, math.inf), "finite"),
        (Measured(0.0, 0.1), "no relative error"),
        (Count(-1), "whole numbers"),
        (Count(2.5), "whole numbers"),  # type: ignore[arg-type]
        (Count(0, -1), "divides by it"),
        (Share(3, 2), "more passed"),
        (Share(0, 0), "nothing was tried"),
        (Share(0, 5, -1), "divides by it"),
    ],
)
def test_impossible_factors_are_refused(factor, words):
    with pytest.raises(BackgroundError, match=words):
        expected([Count(1), factor])


@pytest.mark.parametrize("cl", [0.0, 1.0, -0.1, 90, math.nan])
def test_impossible_confidence_is_refused(cl):
    with pytest.raises(BackgroundError, match="between 0 and 1"):
        upper_limit([Count(1)], cl)
