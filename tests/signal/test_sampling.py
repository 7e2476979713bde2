"""Draws of x and angle against the cross sections they are drawn from."""

from typing import Any

import numpy as np
import pytest

from na64ana.errors import SignalError
from na64ana.signal.bremsstrahlung import (
    differential_of,
    double_differential,
    total_cross_section,
    x_nodes,
)
from na64ana.signal.process import process_of
from na64ana.signal.sampling import sample

NUMBER = 200_000
# what the table may add to the statistical error of a mean, in the unit of the variable
TABLE = 1e-3

CASES: dict[str, tuple[str, float, float, dict[str, Any]]] = {
    "electrons": ("vector", 0.01, 100.0, {}),
    "muons": ("pseudoscalar", 0.1, 160.0, {"lepton": "muon"}),
    "muons in WW": ("scalar", 0.3, 160.0, {"lepton": "muon", "method": "ww"}),
    "above half": ("axial", 0.5, 100.0, {"x_min": 0.5}),
    "spin 2": ("spin2", 0.1, 100.0, {"method": "ww"}),
}


@pytest.fixture(params=CASES, scope="module")
def case(request):
    mediator, mass, energy, options = CASES[request.param]
    draws = sample(NUMBER, mediator, mass, energy, rng=np.random.default_rng(7), **options)
    options = dict(options)
    x_min = options.pop("x_min", 0.0)
    process = process_of(
        mediator, mass, energy, options.get("lepton", "electron"), "Pb", "elastic",
        options.get("method", "etl"),
    )  # fmt: skip
    return process, options, x_min, *draws


def near(values, mean):
    error = values.std() / np.sqrt(len(values))
    return abs(values.mean() - mean) < 5 * error + TABLE


def test_moments_of_x(case):
    process, _, x_min, x, _ = case
    nodes, weights = x_nodes(process, x_min)
    density = differential_of(process, nodes) * weights
    density /= density.sum()
    for moment in (lambda x: x, lambda x: x**2, np.log, lambda x: np.log1p(-x)):
        assert near(moment(x), moment(nodes) @ density)


def test_moments_of_the_angle(case):
    process, options, x_min, x, theta = case
    nodes, weights = x_nodes(process, x_min)
    log_theta = np.linspace(-22, np.log(0.3 * (1 - 1e-9)), 500)
    angles = np.exp(log_theta)
    density = double_differential(
        nodes[:, np.newaxis], angles, process.mediator, process.mass, process.energy, **options
    ) * (angles * weights[:, np.newaxis])  # fmt: skip
    density /= np.trapezoid(density, log_theta, axis=1).sum()
    for moment in (
        lambda x, lt: lt,
        lambda x, lt: lt**2 / 10,
        lambda x, lt: np.log1p(-x) * lt / 10,
    ):
        mean = np.trapezoid(density * moment(nodes[:, np.newaxis], log_theta), log_theta, axis=1)
        assert near(moment(x, np.log(theta)), mean.sum())


def test_shares_of_x(case):
    process, options, x_min, x, _ = case
    edges = np.quantile(x, [0.1, 0.5, 0.9])
    sigma = total_cross_section(
        process.mediator, process.mass, process.energy, x_min=[x_min, *edges], **options
    )
    assert sigma[1:] / sigma[0] == pytest.approx([0.9, 0.5, 0.1], abs=5e-3)


def test_draws_stay_in_range(case):
    process, _, x_min, x, theta = case
    low, high = process.x_range
    assert len(x) == len(theta) == NUMBER
    assert x.min() >= max(low, x_min) * (1 - 1e-12)
    assert x.max() <= high
    assert theta.min() >= 0
    assert theta.max() <= (0.3 if process.method == "ww" else np.pi) * (1 + 1e-12)


def test_the_same_seed_gives_the_same_draws():
    first, second = (
        sample(100, "vector", 0.01, 100, rng=np.random.default_rng(3)) for _ in range(2)
    )
    assert np.array_equal(first, second)
    other = sample(100, "vector", 0.01, 100, rng=np.random.default_rng(4))
    assert not np.array_equal(first, other)


def test_no_draws():
    x, theta = sample(0, "vector", 0.01, 100, rng=np.random.default_rng(3))
    assert x.shape == theta.shape == (0,)


@pytest.mark.parametrize(
    ("n", "options", "message"),
    [
        (-1, {}, "cannot draw -1 values"),
        (1, {"method": "iww"}, "iww has no angle"),
        (1, {"x_min": 1.0}, "x_min is 1: X takes less than 0.99999"),
        (1, {"x_min": -0.1}, "x_min is -0.1"),
        (1, {"target": "Au"}, "unknown target"),
    ],
)
def test_outside_validity(n, options, message):
    with pytest.raises(SignalError, match=message):
        sample(n, "vector", 0.01, 100, rng=np.random.default_rng(1), **options)
