"""What several processes draw from: ends, means and shapes that are known."""

import numpy as np
import pytest
from scipy import stats

from na64ana.simulate.processes.draws import log_uniform, truncated_exponential
from na64ana.simulate.processes.hadrons import spread_at_hcal
from na64ana.simulate.truth.event import blank

N = 20_000


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def test_the_logarithm_is_flat_between_the_bounds(rng):
    drawn = np.log(log_uniform((0.1, 0.9), N, rng))
    shape = stats.uniform(np.log(0.1), np.log(9.0))
    assert stats.kstest(drawn, shape.cdf).pvalue > 0.01


@pytest.mark.parametrize("end", [0.03, 1.0, 30.0])
def test_an_exponential_ends_where_it_should(rng, end):
    drawn = truncated_exponential(end, N, rng)
    assert stats.kstest(drawn, stats.truncexpon(end).cdf).pvalue > 0.01
    assert 0 <= drawn.min() < drawn.max() <= end


def test_hadrons_are_spread_about_where_the_particle_came(rng):
    truth = blank(N)
    truth.x[:] = 30.0
    spread_at_hcal(truth, 45.0, rng)
    assert stats.kstest(truth.hcal_x, stats.norm(30.0, 45.0).cdf).pvalue > 0.01
    assert stats.kstest(truth.hcal_y, stats.norm(0.0, 45.0).cdf).pvalue > 0.01
