"""The best box, where it is known on paper."""

import math

import numpy as np
import pytest

from na64ana.errors import LimitError
from na64ana.limits import expected_limits, optimise_box

HCAL = [0.5, 1.0, 1.5]


def test_median_stays_until_nothing_is_no_longer_likely():
    """With P(0) >= 1/2 the median limit is -ln(0.1), so the best box ends at b = ln 2."""
    ecal = np.array([0.9, 0.99, 0.999, 1.001, 1.1]) * 50
    found = optimise_box(
        ecal, HCAL,
        background=lambda e, h: math.log(2) * e / 50,
        # largest at the HCAL edge of 1
        efficiency=lambda e, h: e / 100 * (1 - (h - 1) ** 2),
        figure="median",
    )  # fmt: skip
    assert found.box == pytest.approx((49.95, 1.0))
    assert found.at_end == ()
    assert found.limit.min() == pytest.approx(math.log(10) / 0.4995, rel=1e-6)


def test_many_events_have_the_best_cut_of_signal_over_root_background():
    """For s = 1 - exp(-x), b ~ x, s / sqrt(b) is largest where exp(x) = 1 + 2x: x = 1.2564."""
    x = np.array([0.8, 1.0, 1.1, 1.2, 1.2564, 1.3, 1.35, 1.4, 1.5, 1.7, 2.0])

    def best(size):
        found = optimise_box(x, [1], lambda e, h: size * e, lambda e, h: 1 - math.exp(-e))
        assert found.at_end == ()
        return found

    # the limit grows as sqrt(b) plus a constant: the fewer the events, the wider the best box
    few, many = best(15), best(150)
    assert few.box[0] > many.box[0] == pytest.approx(1.2564, abs=0.1)
    assert many.limit[4, 0] == pytest.approx(many.limit.min(), rel=1e-3)


def test_without_background_the_largest_efficiency_is_best():
    found = optimise_box([40, 50], HCAL, 0, [[0.4, 0.5, 0.6], [0.5, 0.7, 0.9]])
    assert found.box == (50.0, 1.5)
    assert found.at_end == ("ecal", "hcal")
    assert found.events == pytest.approx(np.full((2, 3), math.log(10)))
    assert found.limit[1, 1] == pytest.approx(math.log(10) / 0.7)


def test_tables_and_errors_reach_the_limit():
    b, e = np.array([[0.51, 1.0]]), np.array([[0.5, 0.9]])
    found = optimise_box([50], [1, 2], b, e, background_error=[[0.13, 0.2]], signal_error=0.1)
    wanted = expected_limits(1.0, background_error=0.2, signal_error=0.1).mean / 0.9
    assert found.limit[0, 1] == pytest.approx(wanted)
    assert (found.background == b).all()
    assert (found.efficiency == e).all()


def test_of_equal_boxes_the_one_with_less_background():
    found = optimise_box([30, 40, 50], [1], [[0.6], [0.2], [0.4]], 0.5, figure="median")
    assert found.box == (40.0, 1.0)


def test_a_box_without_signal_is_never_the_best():
    found = optimise_box([30, 40], [1], 0.5, np.array([[0.0], [0.2]]))
    assert found.box == (40.0, 1.0)
    assert found.limit[0, 0] == math.inf


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ecal": [50, 40]}, "ecal edges must be a list of numbers that rise"),
        ({"hcal": []}, "hcal edges"),
        ({"background": lambda e, h: -1}, "background is -1"),
        ({"background": [[1, 2]]}, r"background has the shape \(1, 2\), not \(2, 3\)"),
        ({"efficiency": math.nan}, "efficiency is nan"),
        ({"efficiency": 0}, "nothing to optimise"),
        ({"figure": "mode"}, "unknown figure 'mode'"),
        ({"background": lambda e, h: [e, h]}, r"shape \(2, 3, 2\)"),
    ],
)
def test_wrong_input(change, message):
    arguments = {"ecal": [40, 50], "hcal": HCAL, "background": 0.5, "efficiency": 0.5} | change
    with pytest.raises(LimitError, match=message):
        optimise_box(**arguments)
