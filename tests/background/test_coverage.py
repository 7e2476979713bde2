"""Coverage of the extrapolation in toys; the bounds follow from the number of toys."""

from __future__ import annotations

import math

import pytest

from . import coverage_study as study

THREE = ["exponential", "power law", "exponential x polynomial"]


def spread(share, toys, sigmas):
    """So far may a share found in toys lie from the true one."""
    return sigmas * math.sqrt(share * (1 - share) / toys)


@pytest.mark.parametrize("name", THREE)
def test_the_statistical_interval_covers(name):
    found = study.statistical(name, 400, 400)
    assert abs(found.covered - 0.683) < spread(0.683, 400, 3)
    # half of the values lie below the truth: the median of 400 by 1.25 errors of the mean
    assert abs(math.log(found.median)) < 3 * 1.25 * found.relative / 20
    assert found.refused == 0


def test_all_errors_of_the_budget_together_cover():
    found = study.total("power law", 400, 12)
    # value +- errors, as they stand in the budget
    assert found.covered_by_errors > 0.64 - spread(0.64, 12, 3)
    assert found.refused < 6


@pytest.fixture
def asked(request):
    if "toys" not in request.config.getoption("markexpr"):
        pytest.skip("takes many minutes: ask for it with -m toys")


@pytest.mark.toys
@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("name", THREE)
def test_the_statistical_interval_covers_64_to_72_per_cent(name):
    assert 0.64 <= study.statistical(name, 400, 1000).covered <= 0.72


@pytest.mark.toys
@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("name", study.TRUTHS)
def test_all_errors_together_cover_at_least_64_per_cent(name):
    found = study.total(name, 400, 1000)
    assert found.covered_by_errors >= 0.64
    assert found.covered >= 0.64
