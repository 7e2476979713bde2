"""Shapes: guards, pieces, the even-odd rule, straight lines in logarithms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from na64ana.signal.curve_shape import (
    bare_pieces,
    closed,
    excluded,
    find_guards,
    steps_back,
    value_at,
)

SQUARE = (np.array([1.0, 10.0, 10.0, 1.0]), np.array([1.0, 1.0, 10.0, 10.0]))


def path(*points):
    mass, coupling = np.array(points, float).T
    return mass, coupling


def edges_of(pieces, mass, *, upwards=False):
    return [edge for found in excluded(pieces, mass, upwards=upwards) for edge in found]


def guards_of(*points, upper_limit=True):
    return np.flatnonzero(find_guards(*path(*points), upper_limit=upper_limit)).tolist()


def test_between_points_the_logarithms_are_straight():
    line = path((1, 1e-4), (100, 1e-2))
    assert value_at([line], 10) == pytest.approx(1e-3, rel=1e-12)
    assert value_at([line], 1) == pytest.approx(1e-4, rel=1e-12)
    assert value_at([line], 100) == pytest.approx(1e-2, rel=1e-12)


@pytest.mark.parametrize("mass", [0.999, 100.1])
def test_there_is_nothing_outside(mass):
    line = path((1, 1e-4), (100, 1e-2))
    assert value_at([line], mass) is None
    assert excluded([line], mass, upwards=True) == []


@pytest.mark.parametrize(
    ("points", "found"),
    [
        ([(1, 1), (1, 1e-4), (2, 2e-4), (3, 3e-4), (3, 1)], [0, 4]),  # powers of ten at the ends
        ([(1, 1e-4), (2, 2e-4), (2.1, 1e5), (3, 1e5), (3.1, 3e-4), (4, 3e-4)], [2, 3]),  # a gap
        ([(1e-20, 2e-4), (1, 2e-4), (2, 3e-4), (3, 3e-4)], [0]),  # a mass that stands for zero
        ([(1, 1e-4), (2, 2e-4), (3, 3e-4), (0.9, 3e-4)], [3]),  # turns back at the end
        ([(1, 1e-4), (2, 2e-4), (3, 3e-4), (3, 7e-4)], [3]),  # goes straight up
        ([(1, 1e-4), (2, 2e-4), (3, 3e-4), (3.01, 7e-3)], [3]),  # nearly so
        ([(1, 1e-4), (2, 1e-3), (3, 1e-2), (4, 1e-1)], []),  # powers of ten among limits
        ([(1, 1e-4), (2, 2e-4), (2, 4e-4), (3, 3e-4)], []),  # a step inside
        ([(1, 1e-4), (2, 2e-4), (3, 3e-4), (4, 7e-3)], []),  # a steep end
        ([(1, 1e-4), (10, 2e-4), (100, 3e-4)], []),  # masses that are powers of ten
    ],
)
def test_guards(points, found):
    assert guards_of(*points) == found
    mirrored = [(1 / m, c) for m, c in reversed(points)]
    if points[0][0] > 1e-9:  # what stands for zero has no mirror image
        assert guards_of(*mirrored) == [len(points) - 1 - i for i in reversed(found)]


def test_the_ends_of_a_contour_may_turn_back():
    points = [(1, 1e-4), (2, 2e-4), (2, 4e-4), (1, 5e-4)]
    assert guards_of(*points, upper_limit=False) == []


def test_a_guard_ends_a_piece_of_a_limit_but_not_of_a_contour():
    mass, coupling = path((1, 1e-4), (2, 1e-4), (3, 1e5), (4, 1e-4), (5, 1e-4))
    guards = find_guards(mass, coupling, upper_limit=True)
    breaks = np.zeros(5, bool)
    assert len(bare_pieces(mass, coupling, guards, breaks, split=True)) == 2
    assert len(bare_pieces(mass, coupling, guards, breaks, split=False)) == 1
    breaks[1] = True
    pieces = bare_pieces(mass, coupling, guards, breaks, split=True)
    assert [len(piece[0]) for piece in pieces] == [1, 1, 2]


def test_an_edge_may_lean_but_not_turn():
    assert steps_back(np.array([1, 2, 1.99, 3])) is None
    assert steps_back(np.array([1, 2, 1.9, 3])) == 2
    slowly = np.array([1, 2, 1.98, 1.965, 1.95])  # each step small, all of them not
    assert steps_back(slowly) == 4


def test_a_leaning_edge_of_a_limit_is_excluded_from_within():
    wall = path((1.0, 9e-3), (0.99, 1e-4), (5.0, 1e-4))
    assert edges_of([wall], 2.0, upwards=True) == pytest.approx([1e-4, math.inf])
    low, high = excluded([wall], 0.995, upwards=True)[0]
    assert low == pytest.approx(1e-4)
    assert 1e-4 < high < 9e-3


@pytest.mark.parametrize(
    ("closure", "points"),
    [("chord", [(1, 1e-3), (1, 1e-3)]), ("frame", [(1, 1e-3), (1, 0.5), (1, 1e-3)])],
)
def test_closures(closure, points):
    mass, coupling = closed(path((1, 1e-3), (5, 1e-3), (4, 0.5)), closure)
    assert (mass[0], coupling[0]) == (mass[-1], coupling[-1])
    corner = [(m, c) for m, c in zip(mass[3:].tolist(), coupling[3:].tolist(), strict=True)]
    assert [points[0], *corner] == points


@given(st.floats(1, 10, exclude_min=True, exclude_max=True))
def test_of_a_square_every_mass_has_the_inside(mass):
    assert edges_of([closed(SQUARE, "chord")], mass) == pytest.approx([1, 10])


@pytest.mark.parametrize("mass", [1.0, 10.0])
def test_the_edges_of_a_square_belong_to_it(mass):
    assert excluded([closed(SQUARE, "chord")], mass, upwards=False) == [(1.0, 10.0)]


def test_regions_that_overlap_are_one_and_a_hole_is_a_hole():
    shifted = SQUARE[0], SQUARE[1] * 5
    both = [closed(SQUARE, "chord"), closed(shifted, "chord")]
    assert edges_of(both, 3.0) == pytest.approx([1, 50])
    comb = path((1, 1), (9, 1), (9, 2), (2, 2), (2, 5), (9, 5), (9, 9), (1, 9))
    assert edges_of([closed(comb, "chord")], 5.0) == pytest.approx([1, 2, 5, 9])


@given(
    st.lists(st.tuples(st.floats(1e-3, 1e3), st.floats(1e-6, 1.0)), min_size=3, max_size=12),
    st.floats(1e-3, 1e3),
)
def test_a_closed_path_is_crossed_an_even_number_of_times(points, mass):
    """Whatever the shape: intervals are finite, ascending, apart, and within the couplings."""
    piece = closed(path(*points), "chord")
    found = excluded([piece], mass, upwards=False)
    edges = [edge for interval in found for edge in interval]
    assert edges == sorted(edges)
    assert all(piece[1].min() * 0.999 <= edge <= piece[1].max() * 1.001 for edge in edges)
    inside = piece[0].min() < mass < piece[0].max()
    assert inside or not found or mass in piece[0]
