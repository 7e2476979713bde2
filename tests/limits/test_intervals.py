"""Feldman-Cousins, central intervals, and excluded bands of couplings."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import gammaln, lambertw, xlogy
from scipy.stats import poisson

from na64ana.errors import LimitError
from na64ana.limits import (
    excluded_bands,
    feldman_cousins_interval,
    limit_result,
    signal_interval,
    upper_limit,
)
from na64ana.limits.feldman_cousins import raw_edge


@pytest.mark.parametrize(("b", "edge"), [(0, 2.4359), (0.5, 1.9359), (1, 1.6075), (2, 1.2645)])
def test_upper_edges_with_nothing_observed(b, edge):
    # figures of the project's task list; published with two decimals in Table IV of
    # Feldman and Cousins: 2.44, 1.94, 1.61, 1.26; the last is 1.2652 here, the exact supremum
    found = upper_limit(0, b, method="feldman-cousins")
    assert found == pytest.approx(edge, rel=2e-3)


def test_raw_edge():
    assert feldman_cousins_interval(0, 2, raw=True)[1] == pytest.approx(1.080, rel=2e-3)


@pytest.mark.parametrize(
    ("n", "b", "edge"), [(0, 3, 1.08), (1, 0, 4.36), (1, 0.5, 3.86), (2, 1, 4.91), (3, 0.5, 6.92)]
)
def test_published_upper_edges(n, b, edge):
    # Table IV of Feldman and Cousins as it stands in the project's reference values (recalled
    # there, and reproduced): tolerance 0.02 as stated there
    assert upper_limit(n, b, method="feldman-cousins") == pytest.approx(edge, abs=0.02)


def accepted(n0, s, b, cl=0.9):
    """Take counts into the belt one by one, as in the paper: is n0 among them?"""
    counts = np.arange(120)
    best = np.maximum(b, counts)
    ratio = xlogy(counts, s + b) - s - b - xlogy(counts, best) + best
    chance = np.exp(xlogy(counts, s + b) - s - b - gammaln(counts + 1))
    total = 0.0
    for n in np.argsort(-ratio, kind="stable"):
        if n == n0:
            return True
        total += chance[n]
        if total >= cl:
            return False
    raise AssertionError


@given(st.integers(0, 9), st.floats(0.05, 12))
@settings(max_examples=40, deadline=None)
def test_edges_against_the_construction(n, b):
    lower, upper = feldman_cousins_interval(n, b, raw=True)
    assert accepted(n, upper - 1e-7, b)
    assert not any(accepted(n, s, b) for s in upper + np.geomspace(1e-6, 10, 40))
    if lower > 0:
        assert accepted(n, lower + 1e-7, b)
        assert not any(accepted(n, s, b) for s in np.linspace(0, lower - 1e-6, 20))
    else:
        assert accepted(n, 0, b)


@pytest.mark.parametrize(("n", "b"), [(0, 2), (0, 5.3), (1, 6.1), (3, 9.4), (2, 0.7)])
def test_rule_is_the_supremum_over_larger_backgrounds(n, b):
    upper = feldman_cousins_interval(n, b)[1]
    raw = max(raw_edge(n, x, 0.9) for x in np.linspace(b, b + 6, 3001))
    assert raw <= upper + 1e-9
    assert raw == pytest.approx(upper, abs=3e-3)  # the edge falls by at most one step of the grid


def test_result_carries_the_lower_edge():
    result = limit_result(3, 0, method="feldman-cousins")
    # 1.10 and 7.42 in Table IV of Feldman and Cousins (recalled)
    assert (result.lower, result.limit) == pytest.approx((1.10, 7.42), abs=6e-3)


def test_limits_of_the_construction_are_said():
    with pytest.raises(LimitError, match="at most 200"):
        upper_limit(300, 1, method="feldman-cousins")
    with pytest.raises(LimitError, match="belt has holes"):
        upper_limit(1, 1, method="feldman-cousins", cl=0.5)


def test_central_interval_is_garwood():
    low, high, empty = signal_interval(4, 0, method="central")
    assert poisson.sf(3, low) == pytest.approx(0.05)
    assert poisson.cdf(4, high) == pytest.approx(0.05)
    assert not empty
    shifted = signal_interval(4, 0.6, method="central")
    assert shifted[:2] == pytest.approx((low - 0.6, high - 0.6))
    assert signal_interval(0, 4, method="central") == (0, 0, True)
    assert signal_interval(3, 0.5) == (*feldman_cousins_interval(3, 0.5), False)


# -- bands -----------------------------------------------------------------------------------

SCALE = 1e-4
GRID = np.geomspace(1e-6, 1e-2, 30)


def falling(coupling):
    """Yield that rises as the square, and falls as the particle decays too early."""
    return 1e9 * coupling**2 * math.exp(-((coupling / SCALE) ** 2))


def roots(limit):
    # x exp(-x) = y has the solutions -W(-y) of both branches of Lambert's function
    y = limit / (1e9 * SCALE**2)
    return [SCALE * math.sqrt(-lambertw(-y, k).real) for k in (0, -1)]


@pytest.mark.parametrize("points", [4, 9, 200])
def test_two_roots(points):
    (band,) = excluded_bands(falling, np.geomspace(1e-6, 1e-2, points), 2.303)
    assert (band.low, band.high) == pytest.approx(roots(2.303), rel=1e-8)
    assert (band.low_open, band.high_open) == (False, False)


def test_where_no_event_is_left_none_is_looked_for():
    """Strong couplings give exactly 0: there is no maximum between such points."""
    grid, asked = np.geomspace(1e-6, 1e2, 80), []

    def counted(g):
        asked.append(falling(g))
        return asked[-1]

    (band,) = excluded_bands(counted, grid, 2.303)
    assert (band.low, band.high) == pytest.approx(roots(2.303), rel=1e-8)
    empty = sum(falling(g) == 0 for g in grid)
    assert empty > 20
    assert asked.count(0) == empty


def test_a_band_between_two_points_is_found():
    limit = 0.9999 * falling(SCALE)
    (band,) = excluded_bands(falling, GRID, limit)
    assert (band.low, band.high) == pytest.approx(roots(limit), rel=1e-7)
    assert excluded_bands(falling, GRID, 1.0001 * falling(SCALE)) == ()


def test_monotone_yield_is_open_above():
    (band,) = excluded_bands(lambda g: 1e9 * g**2, GRID, 2.5)
    assert band.low == pytest.approx(5e-5, rel=1e-8)
    assert band.high == pytest.approx(1e-2)
    assert band.high_open
    assert not band.low_open


def test_all_is_excluded():
    (band,) = excluded_bands(lambda g: 10 * g / g, GRID, 2.5)
    assert (band.low_open, band.high_open) == (True, True)


def test_limit_may_depend_on_the_coupling():
    (band,) = excluded_bands(lambda g: 1e9 * g**3, GRID, lambda g: 1e5 * g)
    assert band.low == pytest.approx(1e-2, rel=1e-6)


@pytest.mark.parametrize(
    ("yield_of", "couplings", "limit", "message"),
    [
        (falling, [1e-3, 1e-4], 2, "that rise"),
        (falling, [0, 1], 2, "positive"),
        (lambda g: math.nan * g, GRID, 2, "the yield at coupling 1e-06 is nan"),
        (falling, GRID, 0, "must be above 0"),
    ],
)
def test_wrong_scans(yield_of, couplings, limit, message):
    with pytest.raises(LimitError, match=message):
        excluded_bands(yield_of, couplings, limit)
