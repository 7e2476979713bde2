"""Sums without rounding, against fractions."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from na64ana.cutflow.exact import SQUARE_BITS, WEIGHT_BITS, exact_sums, rounded

weights = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(st.tuples(weights, st.integers(0, 2)), max_size=40))
def test_sums_by_group_are_those_of_fractions(events):
    w = np.array([weight for weight, _ in events], dtype=float)
    groups = np.array([group for _, group in events], dtype=int)
    sumw, sumw2 = exact_sums(w, groups, 3)
    for group in range(3):
        mine = [Fraction(weight) for weight, g in events if g == group]
        assert Fraction(int(sumw[group]), 2**WEIGHT_BITS) == sum(mine)
        assert Fraction(int(sumw2[group]), 2**SQUARE_BITS) == sum(x * x for x in mine)


@given(st.lists(weights, max_size=30), st.integers(0, 30))
def test_any_partition_gives_the_same(values, cut):
    w = np.array(values, dtype=float)
    whole = exact_sums(w, np.zeros(len(w), int), 1)
    parts = [exact_sums(part, np.zeros(len(part), int), 1) for part in (w[:cut], w[cut:])]
    for i in (0, 1):
        assert whole[i][0] == parts[0][i][0] + parts[1][i][0]


def test_more_events_than_a_block():
    w = np.full(100_000, 0.1)
    sumw, sumw2 = exact_sums(w, np.zeros(len(w), int), 1)
    assert Fraction(int(sumw[0]), 2**WEIGHT_BITS) == 100_000 * Fraction(0.1)
    assert Fraction(int(sumw2[0]), 2**SQUARE_BITS) == 100_000 * Fraction(0.1) ** 2


@pytest.mark.parametrize("value", [5e-324, -5e-324, 2.0**-1074 * 3, 1.7976931348623157e308, 0.1])
def test_the_ends_of_the_doubles(value):
    sumw, _ = exact_sums(np.array([value]), np.zeros(1, int), 1)
    assert rounded(sumw[0], WEIGHT_BITS) == value


def test_the_sum_is_rounded_once():
    values = np.array([1e16, 1.0, -1e16, 1e-3])
    sumw, _ = exact_sums(values, np.zeros(4, int), 1)
    assert rounded(sumw[0], WEIGHT_BITS) == math.fsum(values) == 1.001
