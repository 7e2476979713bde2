"""Shapes: integrals against numerical ones, limits of the parameters, functions of users."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad

from na64ana.background import (
    SHAPES,
    Frame,
    exponential,
    exponential_polynomial,
    expression_shape,
    function_shape,
    gaussian_tail,
    named_shape,
    power_law,
)
from na64ana.errors import BackgroundError, ExpressionError

LOW, HIGH = Frame(80, 30, "low"), Frame(20, 30, "high")

PARAMETERS: dict[str, list[tuple[float, ...]]] = {
    "exponential": [(5.5,), (1e-9,), (-2.0,), (80.0,)],
    "exponential x polynomial": [(5.0, 0.7), (5.0, 0.0), (0.5, 1.0)],
    "power law": [(12.0,), (-0.5,), (0.0,), (60.0,)],
    "Gaussian tail": [(3.0, 3.0), (5.0, 1e-6), (0.0, 40.0)],
    "Crystal-Ball tail": [(7.0, 0.15), (7.0, 1e-6), (3.0, 0.8)],
    "Crystal Ball": [(2.0, 4.0, 0.5, 0.2), (2.0, 4.0, 0.0, 0.2), (2.0, 4.0, 1.0, 1e-6)],
    "exponential + exponential": [(0.7, 8.0, 2.0), (1.0, 8.0, 2.0)],
    "exponential + flat": [(0.99, 6.0), (0.0, 6.0)],
}
CASES = [(name, p) for name, every in PARAMETERS.items() for p in every]


def test_every_shape_is_looked_at():
    assert set(PARAMETERS) == set(SHAPES)


@pytest.mark.parametrize("frame", [LOW, HIGH], ids=["low", "high"])
@pytest.mark.parametrize(("name", "p"), CASES, ids=str)
@pytest.mark.parametrize(("a", "b"), [(0.0, 1.0), (0.4, 0.41), (1.0, 2.5)])
def test_integrals_are_those_of_the_density(name, p, frame, a, b):
    shape = named_shape(name)
    values = np.array(p)
    found = shape.integral(np.array([a]), np.array([b]), values, frame)[0]

    def density(t):
        return math.exp(shape.log_density(np.array([t]), values, frame)[0])

    wanted, _ = quad(density, a, b, epsabs=0, epsrel=1e-11, points=[min(max(0.5, a), b)], limit=200)
    assert found == pytest.approx(wanted, rel=1e-8)


@pytest.mark.parametrize(("name", "p"), CASES, ids=str)
def test_integrals_add_up(name, p):
    shape, edges = named_shape(name), np.linspace(0, 8 / 3, 100)
    parts = shape.integral(edges[:-1], edges[1:], np.array(p), LOW)
    whole = shape.integral(edges[:1], edges[-1:], np.array(p), LOW)[0]
    assert parts.sum() == pytest.approx(whole, rel=1e-9)
    assert np.all(parts >= 0)


@pytest.mark.parametrize(
    ("shape", "p", "wanted"),
    [
        (exponential(), [4.0], math.exp(-4) / 4),
        (gaussian_tail(), [0.0, 1.0], math.sqrt(math.pi / 2) * math.erfc(1 / math.sqrt(2))),
        # x^-3 from 50 = 20 + 30: in t, (20/50)^3 * 50 / 2 / 30
        (power_law(), [3.0], (20 / 50) ** 3 * 50 / 2 / 30),
        (exponential_polynomial(), [2.0, 1.0], math.exp(-2) * (1 / 2 + 1 / 4)),
    ],
)
def test_an_open_box(shape, p, wanted):
    found = shape.integral(np.array([1.0]), np.array([np.inf]), np.array(p), HIGH)[0]
    assert found == pytest.approx(wanted, rel=1e-12)


def test_a_power_law_ends_at_its_origin():
    # x^n from 0 to 50 over 50 to 80
    inside, fitted = power_law().integral(
        np.array([1.0, 0.0]), np.array([80 / 30, 1.0]), np.array([12.0]), LOW
    )
    assert inside / fitted == pytest.approx(50**13 / (80**13 - 50**13), rel=1e-12)


def test_a_power_law_needs_its_origin_below_the_sideband():
    with pytest.raises(BackgroundError, match="counts from 30, which must lie below"):
        power_law().log_density(np.zeros(1), np.ones(1), Frame(20, 30, "high", origin=30))


def test_a_fixed_parameter_is_gone():
    shape = gaussian_tail().fix(curvature=2.0)
    assert [p.name for p in shape.parameters] == ["slope"]
    found = shape.log_density(np.array([0.5]), np.array([3.0]), LOW)[0]
    assert found == pytest.approx(-0.5 * 3 - 2 * 0.25 / 2)
    with pytest.raises(BackgroundError, match="no parameter 'curvatur'; did you mean 'curvature'"):
        gaussian_tail().fix(curvatur=1)


def test_unknown_shapes_name_the_nearest():
    with pytest.raises(BackgroundError, match="did you mean 'power law'"):
        named_shape("powerlaw")
    with pytest.raises(BackgroundError, match="1 to 4, not 7"):
        exponential_polynomial(7)


# --------------------------------------------------------------------- functions of users


def test_an_expression_is_the_same_shape():
    shape = expression_shape(
        "exp((E - 80*GeV) / decay)",
        {"decay": ("5 GeV", "500 MeV", "50 GeV")},
        observable="E",
        unit="GeV",
    )
    edges = np.linspace(0, 1, 11)
    mine = shape.integral(edges[:-1], edges[1:], np.array([6.0]), LOW)
    closed = exponential().integral(edges[:-1], edges[1:], np.array([5.0]), LOW)
    assert mine == pytest.approx(closed, rel=1e-12)
    assert shape.parameters[0].low == 0.5


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("exp(E / decay) + deca", ExpressionError, "did you mean 'decay'"),
        ("exp(E)", ExpressionError, "GeV"),
        ("1", BackgroundError, "is no density"),
    ],
)
def test_expressions_that_are_no_density(text, error, words):
    with pytest.raises(error, match=words):
        expression_shape(text, {"decay": ("5 GeV", "1 GeV", "50 GeV")}, observable="E", unit="GeV")


def test_a_function_that_turns_negative_is_refused():
    shape = function_shape("line", lambda x, k: 1 - k * x, {"k": (0.0, 0.0, 1.0)})
    with pytest.raises(BackgroundError, match=r"'line' is negative or no number at .* \(k = 1\)"):
        shape.integral(np.zeros(1), np.ones(1), np.ones(1), LOW)
    with pytest.raises(BackgroundError, match="'k' starts at 2"):
        function_shape("line", lambda x, k: 1 - k * x, {"k": (2.0, 0.0, 1.0)})
