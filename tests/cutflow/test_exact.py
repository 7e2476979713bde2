"""Sums of weights against exact fractions: nothing is rounded before the end."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from na64ana.cutflow import Tally
from na64ana.cutflow.exact import SQUARE_BITS, WEIGHT_BITS, exact_sums, rounded

quick = settings(max_examples=300, derandomize=True, deadline=None, database=None)
finite = st.floats(allow_nan=False, allow_infinity=False)
weights = st.lists(
    finite
    | st.sampled_from(
        [5e-324, -5e-324, 2.2250738585072014e-308, 1e308, -1e308, 0.0, -0.0, 0.1, 1e16, 1.0]
    ),
    max_size=30,
)


def nearest(value: Fraction) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


@quick
@given(weights)
@example([1e308, 1e308, -1e308, -1e308, 5e-324])
@example([1e16, 1.0, -1e16])
@example([5e-324] * 30)
@example([1.7976931348623157e308] * 3)
def test_sums_are_those_of_fractions(ws):
    sumw, sumw2 = exact_sums(np.array(ws), np.zeros(len(ws), dtype=int), 1)
    assert Fraction(sumw[0], 2**WEIGHT_BITS) == sum(map(Fraction, ws))
    assert Fraction(sumw2[0], 2**SQUARE_BITS) == sum(Fraction(w) ** 2 for w in ws)
    assert rounded(sumw[0], WEIGHT_BITS) == nearest(sum(map(Fraction, ws), Fraction(0)))
    assert rounded(sumw2[0], SQUARE_BITS) == nearest(
        sum((Fraction(w) ** 2 for w in ws), Fraction(0))
    )


@quick
@given(weights, st.integers(1, 5), st.integers(0, 2**31))
def test_sums_by_group(ws, count, seed):
    groups = np.random.default_rng(seed).integers(0, count, len(ws))
    sumw, sumw2 = exact_sums(np.array(ws), groups, count)
    for group in range(count):
        inside = [Fraction(w) for w, g in zip(ws, groups, strict=True) if g == group]
        assert Fraction(sumw[group], 2**WEIGHT_BITS) == sum(inside)
        assert Fraction(sumw2[group], 2**SQUARE_BITS) == sum(w**2 for w in inside)


@pytest.mark.parametrize("size", [2**14 - 1, 2**14, 2**14 + 1, 100_000])
def test_long_sums_of_full_mantissas(size):
    # all bits of each mantissa set: the limbs' products are as large as they get
    ws = np.full(size, np.nextafter(2.0, 1.0))
    sumw, sumw2 = exact_sums(ws, np.zeros(size, dtype=int), 1)
    one = Fraction(float(ws[0]))
    assert Fraction(sumw[0], 2**WEIGHT_BITS) == size * one
    assert Fraction(sumw2[0], 2**SQUARE_BITS) == size * one**2


def test_rounding_is_to_the_nearest_even():
    ws = np.array([2.0**53, 1.0])  # halfway between two doubles
    sumw, _ = exact_sums(ws, np.zeros(2, dtype=int), 1)
    assert rounded(sumw[0], WEIGHT_BITS) == 2.0**53
    ws = np.array([2.0**53, 1.0, 5e-324])
    sumw, _ = exact_sums(ws, np.zeros(3, dtype=int), 1)
    assert rounded(sumw[0], WEIGHT_BITS) == 2.0**53 + 2


def test_beyond_the_largest_double_is_infinite():
    tally = Tally.fill(np.zeros(2, dtype=int), 1, np.array([1e200, -3e200]))
    assert tally.counts(0) == (2, -2e200, math.inf)
    assert rounded(-(1 << 5000), 1074) == -math.inf


@quick
@given(weights, st.data())
def test_tallies_add_up_whatever_the_cut_between(ws, data):
    array = np.array(ws)
    groups = np.arange(len(ws)) % 3
    whole = Tally.fill(groups, 3, array)
    cut = data.draw(st.integers(0, len(ws)))
    first, second = (Tally.fill(groups[s], 3, array[s]) for s in (slice(cut), slice(cut, None)))
    assert first + second == second + first == whole
    assert first + second + Tally.zeros(3, weighted=True) == whole
    assert whole.from_last().counts(0).n == len(ws)


def test_groups_above_the_last_are_left_out():
    tally = Tally.fill(np.array([0, 1, 5, 1]), 2, np.array([1.0, 2.0, 4.0, 8.0]))
    assert [tally.counts(i) for i in (0, 1)] == [(1, 1.0, 1.0), (2, 10.0, 68.0)]
