"""Sums of weights against exact fractions: nothing is rounded before the end."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from na64ana.cutflow import Tally
from na64ana.exact import Exact, Weights

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


def fractions(sums: Exact) -> list[Fraction]:
    numbers = (text.split("*2^") for text in sums.texts())
    return [Fraction(int(whole)) * Fraction(2) ** int(power) for whole, power in numbers]


@quick
@given(weights)
@example([1e308, 1e308, -1e308, -1e308, 5e-324])
@example([1e16, 1.0, -1e16])
@example([5e-324] * 30)
@example([1.7976931348623157e308] * 3)
def test_sums_are_those_of_fractions(ws):
    made = Weights.of(np.array(ws, dtype=float)).by_group(np.zeros(len(ws), dtype=int), 1)
    for sums, expected in (
        (made.w, sum(map(Fraction, ws), Fraction(0))),
        (made.w2, sum((Fraction(w) ** 2 for w in ws), Fraction(0))),
    ):
        assert fractions(sums) == [expected]
        assert sums.rounded().tolist() == [nearest(expected)]
        assert Exact.read(sums.texts()) == sums


@quick
@given(weights, st.integers(1, 5), st.integers(0, 2**31))
def test_sums_by_group(ws, count, seed):
    groups = np.random.default_rng(seed).integers(0, count + 1, len(ws))
    made = Weights.of(np.array(ws, dtype=float))
    sums = made.by_group(groups, count)
    inside = [
        [Fraction(w) for w, g in zip(ws, groups, strict=True) if g == i] for i in range(count)
    ]
    assert fractions(sums.w) == [sum(group) for group in inside]
    assert fractions(sums.w2) == [sum(w**2 for w in group) for group in inside]
    passes = groups == np.arange(count)[:, None]
    assert made.passing(passes) == sums
    # the same in two halves, whatever the digits that each needs
    half = len(ws) // 2
    parts = [made[s].by_group(groups[s], count) for s in (slice(half), slice(half, None))]
    assert parts[0] + parts[1] == sums == parts[1] + parts[0]


@pytest.mark.parametrize("size", [2**20 - 1, 2**20, 2**20 + 1])
@pytest.mark.parametrize("sign", [1, -1])
def test_long_sums_of_full_mantissas(size, sign):
    # all bits of each mantissa set: digits are as large as they get
    one = sign * np.nextafter(2.0**32, 0)
    made = Weights.of(np.full(size, one))
    whole = np.zeros(size, dtype=int)
    for sums in (made.by_group(whole, 1), made.passing(whole[None] == 0)):
        assert fractions(sums.w) == [size * Fraction(float(one))]
        assert fractions(sums.w2) == [size * Fraction(float(one)) ** 2]


def test_rounding_is_to_the_nearest_even():
    def total(*ws: float) -> float:
        return float(Exact.of(np.array(ws)).by_group(np.zeros(len(ws), dtype=int), 1).rounded()[0])

    assert total(2.0**53, 1.0) == 2.0**53  # halfway between two doubles
    assert total(2.0**53, 1.0, 5e-324) == 2.0**53 + 2


def test_beyond_the_largest_double_is_infinite():
    tally = Tally.fill(np.zeros(2, dtype=int), 1, Weights.of(np.array([1e200, -3e200])))
    assert tally.counts(0) == (2, -2e200, math.inf)
    huge = Exact.of(np.full(3, -1.7976931348623157e308)).by_group(np.zeros(3, dtype=int), 1)
    assert huge.rounded().tolist() == [-math.inf]


@quick
@given(st.lists(st.integers(-(2**62), 2**62), max_size=5))
def test_whole_numbers_and_arrays_of_any_shape(numbers):
    sums = Exact.counts(np.array(numbers, dtype=np.int64))
    assert fractions(sums) == numbers
    assert (sums == Exact.counts(np.array([*numbers, 1]))) is False
    assert sums.each(np.negative) + sums == Exact.zeros(len(numbers))
    square = Exact.zeros(2, 3) + Exact.counts(np.arange(6).reshape(2, 3))
    assert square.rounded().tolist() == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize("text", ["", "1", "0.5", "1*2^-2149", "1*2^2049", "1*2^x", "nan*2^0"])
def test_texts_that_are_no_sums_are_refused(text):
    with pytest.raises(ValueError, match="no sum of weights"):
        Exact.read(["3*2^-1", text])


@quick
@given(weights, st.data())
def test_tallies_add_up_whatever_the_cut_between(ws, data):
    array = Weights.of(np.array(ws, dtype=float))
    groups = np.arange(len(ws)) % 3
    whole = Tally.fill(groups, 3, array)
    cut = data.draw(st.integers(0, len(ws)))
    first, second = (Tally.fill(groups[s], 3, array[s]) for s in (slice(cut), slice(cut, None)))
    assert first + second == second + first == whole
    assert first + second + Tally.zeros(3, weighted=True) == whole
    assert whole.from_last().counts(0).n == len(ws)


def test_groups_above_the_last_are_left_out():
    tally = Tally.fill(np.array([0, 1, 5, 1]), 2, Weights.of(np.array([1.0, 2.0, 4.0, 8.0])))
    assert [tally.counts(i) for i in (0, 1)] == [(1, 1.0, 1.0), (2, 10.0, 68.0)]
