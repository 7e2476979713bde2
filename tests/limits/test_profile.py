"""The profile likelihood ratio against a general minimiser."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import xlogy

from na64ana.limits import Bin, Model
from na64ana.limits.combination import loading
from na64ana.limits.profile import profile_ratio

#: next to no background in one bin, much in the other: the best signal is often 0
UNEQUAL = Model(
    (
        Bin("a", None, 0.12, 0.21, {}, {"a": 0.25}),
        Bin("b", None, 7.5, 0.27, {"b": 1.8}),
        Bin("c", None, 0.61, 0.49),
    )
)
#: signal and background explain the same counts: two maxima
WIDE = Model((Bin("a", None, 8.0, 0.5, {"a": 8.0}), Bin("b", None, 0.5, 0.5, {}, {"s": 0.2})))


def ratio(model, outcome, strength):
    """As defined, from several starts each."""
    laid = loading(model)
    rows = laid.signal_rows.shape[1]

    def minus_log_l(x):
        signal = x[0] * laid.signal * np.exp(laid.signal_rows @ x[1:])
        mean = signal + laid.background * np.exp(laid.background_rows @ x[1:])
        return (mean - xlogy(outcome, mean)).sum() + x[1:] @ x[1:] / 2

    def lowest(low):
        return min(
            minimize(
                minus_log_l,
                [max(share * strength, low), *np.zeros(rows)],
                method="L-BFGS-B",
                bounds=[(low, strength)] + [(None, None)] * rows,
                options={"ftol": 1e-15, "gtol": 1e-9},
            ).fun
            for share in (0.001, 1)
        )

    return 2 * (lowest(strength) - lowest(0.0))


@pytest.mark.parametrize(
    ("model", "strength", "outcomes"),
    [
        (UNEQUAL, 0.8, [(0, 2, 0), (0, 6, 0), (0, 8, 1), (0, 0, 0)]),
        (WIDE, 8.0, [(39, 0), (12, 2), (3, 1)]),
    ],
)
def test_ratio_is_that_of_a_general_minimiser(model, strength, outcomes):
    found = profile_ratio(loading(model), np.array(outcomes, dtype=float), strength)
    exact = [ratio(model, outcome, strength) for outcome in outcomes]
    assert found == pytest.approx(exact, abs=1e-6)
    assert sum(q > 0.1 for q in exact) >= 3
