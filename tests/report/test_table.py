"""Which digits a number gets, before any format."""

from __future__ import annotations

import pytest

from na64ana.cutflow import Counts
from na64ana.report import latex, text
from na64ana.report.table import Figure, grouped, sum_of_weights


@pytest.mark.parametrize(
    ("sumw", "sumw2", "figure"),
    [
        (0.0, 0.0, Figure("0")),
        (14.0625, 0.1024, Figure("14.06", "0.32", "0.32")),
        (12345.6, 12345.6, Figure("12346", "111", "111")),
        (-0.001, 4.0, Figure("0.0", "2.0", "2.0")),
        (-3.25, 1.0, Figure("-3.2", "1.0", "1.0")),
        (1.5e-12, 0.25e-24, Figure("1.50", "0.50", "0.50", -12)),
        (2.5e11, 1e20, Figure("2.50", "0.10", "0.10", 11)),
        (3e-320, 0.0, Figure("3", "0", "0", -320)),
        (1e300, 0.0, Figure("1", "0", "0", 300)),
    ],
)
def test_sums_of_weights_show_two_digits_of_their_error(sumw, sumw2, figure):
    assert sum_of_weights(Counts(1, sumw, sumw2)) == figure


@pytest.mark.parametrize(
    ("digits", "shown"),
    [("0", "0"), ("999", "999"), ("1000", "1 000"), ("-1234567.1234", "-1 234 567.1234")],
)
def test_thousands(digits, shown):
    assert grouped(digits, " ") == shown


def test_powers_of_ten_in_every_format(made_up):
    # a cross section in barn, say: weights of 2^-60 times those of the other tests
    flow = made_up(change={"weight": "track.p_value / 1152921504606846976"}, blind=False).cutflow
    first = next(line for line in text.cutflow(flow).splitlines() if "all events" in line)
    assert "(1.219 ±0.028)e−17" in first
    assert r"$(1$ & $.219 \pm 0.028) \times 10^{-17}$" in latex.cutflow(flow)
    assert '(1.219</td><td class="errors">±0.028)&nbsp;×&nbsp;10<sup class="power">−17</sup>' in (
        flow.to_html()
    )
