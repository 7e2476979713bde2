"""ABCD: identities, closure, correlation; transfer factors."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from na64ana.background import (
    Count,
    Measured,
    abcd,
    closure,
    correlation,
    plane,
    transfer,
    transfer_factor,
)
from na64ana.errors import BackgroundError

ECAL_EDGES, HCAL_EDGES = (0, 50, 65, 80), (0, 1, 5, 20)


def independent(seed: int, events: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """Energies in GeV of background that factorises."""
    rng = np.random.default_rng(seed)
    return 80 - rng.exponential(20, events), rng.exponential(4, events)


def test_a_product_of_margins_is_predicted_exactly():
    table = np.multiply.outer([2, 6, 8], [3, 5, 4])
    found = abcd(table)
    assert found.predicted.value == table[0, 0] == 6
    assert (found.b, found.c, found.d) == (18, 42, 126)
    assert [test.p_value for test in found.closures] == pytest.approx([1, 1])
    assert [test.observed for test in found.closures] == [18, 10]
    assert [test.predicted.value for test in found.closures] == pytest.approx([18, 10])
    # it closes, as far as the test can see: the relative errors of four counts in quadrature
    first = found.closures[0]
    relative = math.sqrt(1 / 18 + 1 / 54 + 1 / 24 + 1 / 72)
    assert first.non_closure == pytest.approx(relative, rel=0.25)


def test_the_box_is_never_looked_at():
    table = np.multiply.outer([2, 6, 8], [3, 5, 4])
    other = table.copy()
    other[0, 0] = 10**6
    assert abcd(other) == abcd(table)


def test_cells_hold_their_lower_edges():
    counts = plane([0, 0, 1, 2, -1, 0.5], [0, 1, 1, 0, 0, 0.999], (0, 1, 2), (0, 1, 2))
    assert counts.tolist() == [[2, 1], [0, 1]]


def test_independent_observables_close():
    # the expectation in the box is known: 4000 (e^-1.5 - e^-4) (1 - e^-0.25)
    truth = 4000 * (math.exp(-30 / 20) - math.exp(-80 / 20)) * (1 - math.exp(-1 / 4))
    pulls = []
    for seed in range(20):
        x, y = independent(seed)
        found = abcd(plane(x, y, ECAL_EDGES, HCAL_EDGES))
        pulls.append((found.predicted.value - truth) / found.predicted.statistical)
    # mean of 20 pulls of width near one
    assert abs(np.mean(pulls)) < 3 / math.sqrt(20)
    assert 0.5 < np.std(pulls) < 1.6


def test_dependent_observables_do_not_close():
    x, y = independent(1)
    y = y * np.where(x < 50, 3, 1)
    with_both = abcd(plane(x, y, (0, 30, 50, 80), HCAL_EDGES))
    moved = with_both.closures[0]
    assert moved.p_value < 1e-3
    assert moved.pull < -3
    source = with_both.source("upstream")
    assert source.systematic == pytest.approx(source.value * with_both.non_closure)
    assert with_both.non_closure >= abs(moved.observed / moved.predicted.value - 1)


def test_the_p_value_is_that_of_the_hypergeometric_distribution():
    # given its margins, the first cell of a table is hypergeometric
    a, b, c, d = 1, 9, 11, 3
    found = closure(a, b, c, d)
    # the tea and milk of scipy's documentation of Boschloo and Fisher: p = 0.0027594
    assert found.p_value == pytest.approx(0.002759456185220083)
    probabilities = stats.hypergeom(24, 10, 12).pmf(range(11))
    assert found.p_value == pytest.approx(probabilities[probabilities <= probabilities[a]].sum())
    assert found.predicted.value == pytest.approx(33.0)
    assert found.pull < 0


def test_an_empty_control_region_gives_a_bound():
    found = abcd(np.array([[0, 0], [4, 20]]))
    source = found.source("upstream", cl=0.9)
    assert found.predicted.value == 0
    assert (source.value, source.error, source.upper_cl) == (0, 0, 0.9)
    # beyond 2.3 x 4 / 20, since the other two have errors as well
    assert source.upper is not None
    assert 0.46 < source.upper < 1.0


def test_correlation_is_told_from_none():
    x, y = independent(3, 500)
    none = correlation(x, y)
    assert none.p_value > 0.01
    assert none.events == 500
    assert correlation(x, y + 0.2 * x).tau > 0.2
    opposite = correlation(x, -x)
    assert (opposite.tau, opposite.p_value) == pytest.approx((-1, 0))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: abcd(np.array([[0, 1], [1, 0]])), "region D is empty"),
        (lambda: abcd(np.array([[0, 1, 2]])), r"shape \(1, 3\)"),
        (lambda: abcd(np.array([[0, 1], [0, 1], [3, 0]])), "first: region D is empty"),
        (lambda: abcd(np.array([[0, 1], [0, 0], [0, 3]])), "nothing to predict from"),
        (lambda: plane([1.0], [math.nan], (0, 1, 2), (0, 1, 2)), "1 of 1 values are missing"),
        (lambda: plane([1.0], [1.0], (0, 2, 1), (0, 1, 2)), r"rising edges .* \[0, 2, 1\]"),
        (lambda: plane([1.0], [1.0], (0, 1), (0, 1, 2)), r"rising edges .* \[0, 1\]"),
        (lambda: correlation(np.ones(2), np.ones(2)), "of 2 events cannot be told"),
        (lambda: correlation(np.ones(9), np.arange(9)), "of 9 events cannot be told"),
    ],
)
def test_what_cannot_be_done_is_refused(call, words):
    with pytest.raises(BackgroundError, match=words):
        call()


# ------------------------------------------------------------ transfer factors


def test_a_transfer_factor_of_counts_is_abcd():
    factor = transfer_factor(Count(18), Count(126))
    found = transfer("upstream", Count(42), factor)
    same = abcd(np.array([[0, 18], [42, 126]])).source("upstream")
    assert (found.value, found.statistical) == pytest.approx((same.value, same.statistical))
    assert found.systematic == 0


def test_a_transfer_factor_of_weights_gives_the_systematic_error():
    (factor,) = transfer_factor(Measured(0.3, 0.03), Measured(6.0, 0.3))
    assert factor == pytest.approx((0.05, 0.05 * math.hypot(0.1, 0.05)))
    found = transfer("upstream", Count(40), [factor])
    assert found.value == pytest.approx(2.0)
    assert found.systematic == pytest.approx(2.0 * math.hypot(0.1, 0.05))
    # the longer side of Garwood's interval of 40
    assert found.statistical == pytest.approx(
        0.05 * (stats.chi2.ppf(0.8413447, 82) / 2 - 40), rel=1e-5
    )


def test_no_event_in_the_control_region_gives_a_bound():
    found = transfer("upstream", Count(0), [Measured(0.05)], cl=0.95)
    assert found.upper == pytest.approx(-0.05 * math.log(0.05))
    assert found.upper_cl == 0.95


@pytest.mark.parametrize(
    ("box", "control", "words"),
    [
        (Count(3), Count(0), "no event to divide by"),
        (Count(3), Measured(1.0, 0.1), "one kind"),
        (Measured(0.0, 0.0), Measured(1.0, 0.1), "zero has no error"),
    ],
)
def test_impossible_transfer_factors_are_refused(box, control, words):
    with pytest.raises(BackgroundError, match=words):
        transfer_factor(box, control)
