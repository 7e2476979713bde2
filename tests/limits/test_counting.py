"""Limits of one counting experiment against figures that others computed."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import gamma, norm, poisson

from na64ana.errors import LimitError
from na64ana.limits import expected_limits, limit_result, upper_limit
from na64ana.limits.nuisance import nodes

FACTS = 2e-3  # what the reference figures are to be met to

# Figures of the project's task list (its first acceptance point), computed outside this code;
# those at b = 0, 0.51 and 1 without errors also stand in the table of counting limits of the
# reference facts (section 3.4), derived there from exact Poisson sums.


@pytest.mark.parametrize("b", [0, 0.01, 0.51, 1, 3, 20])
def test_cls_with_nothing_observed_does_not_depend_on_the_background(b):
    assert upper_limit(0, b) == pytest.approx(math.log(10), rel=1e-9)


@pytest.mark.parametrize(
    ("b", "limits"),
    [
        (0, [2.3026, 3.890, 5.322, 6.681]),
        (0.51, [2.303, 3.502, 4.834, 6.174]),
        (1, [2.303, 3.272, 4.443, 5.711]),
    ],
)
def test_cls(b, limits):
    assert upper_limit(range(4), b) == pytest.approx(limits, rel=FACTS)


def test_classical():
    limits = upper_limit(range(4), 0.51, method="classical")
    assert limits == pytest.approx([1.793, 3.380, 4.812, 6.171], rel=FACTS)


@pytest.mark.parametrize(
    ("nuisance", "limits"),
    [
        ("log-normal", [2.3176, 2.3365, 2.3630, 2.4394]),
        ("kappa", [2.3162, 2.3320, 2.3527, 2.4070]),
        ("mean-one", [2.3292, 2.3629, 2.4107, 2.5517]),
    ],
)
def test_signal_errors_with_nothing_observed(nuisance, limits):
    found = upper_limit(0, 0.51, signal_error=[0.1, 0.15, 0.2, 0.3], nuisance=nuisance)
    # 2e-5: far below the difference of the three conventions
    assert found == pytest.approx(limits, rel=5e-5)


def test_truncated_normal_signal_errors():
    # reference facts, section 3.4: truncated Gaussian 10% 2.330, 20% 2.420
    found = upper_limit(0, 0, signal_error=[0.1, 0.2], nuisance="truncated-normal")
    assert found == pytest.approx([2.330, 2.420], abs=5e-4)


@pytest.mark.parametrize(
    ("nuisance", "limits"),
    [("gamma", [3.512, 4.842, 6.179]), ("log-normal", [3.503, 4.829, 6.164])],
)
def test_background_errors(nuisance, limits):
    found = upper_limit([1, 2, 3], 0.51, background_error=0.13, nuisance=nuisance)
    assert found == pytest.approx(limits, abs=1e-3)


def test_expected():
    expected = expected_limits(0.51)
    assert expected[:6] == pytest.approx([2.303, 2.929, 2.303, 2.303, 3.502, 4.834], rel=FACTS)
    assert 0 <= expected.neglected < 1e-9


def test_expected_is_what_toys_give():
    random = np.random.default_rng(7)
    background = 1.2 * np.exp(0.3 * random.standard_normal(100_000))
    limits = upper_limit(random.poisson(background), 1.2, background_error=0.36)
    expected = expected_limits(1.2, background_error=0.36)
    error = limits.std() / math.sqrt(limits.size)
    assert abs(expected.mean - limits.mean()) < 4 * error
    assert expected.median == pytest.approx(np.median(limits))
    assert expected.plus_1 == pytest.approx(np.quantile(limits, norm.cdf(1)))


@pytest.mark.parametrize("b", [0, 0.51, 1, 3])
def test_cls_covers(b):
    """P(limit < s), summed over all counts, is at most 10%."""
    counts = np.arange(60)
    limits = upper_limit(counts, b)
    for s in np.concatenate([np.geomspace(0.2, 15, 100), limits[:12] * (1 + 1e-9)]):
        assert poisson.pmf(counts, s + b)[limits < s].sum() <= 0.1
    # and the classical limit is exact where s lies just above one
    if b == 0:
        just_above = limits[3] * (1 + 1e-9)
        assert poisson.pmf(counts, just_above)[limits < just_above].sum() == pytest.approx(0.1)


def test_bayes_is_cls_without_errors():
    # both are ratios of the same incomplete gamma functions
    b = np.array([[0.0], [0.51], [4.0]])
    assert upper_limit(range(6), b, method="bayes") == pytest.approx(upper_limit(range(6), b))


def test_bayes_against_integrals():
    n, b, error, cl = 3, 1.4, 0.5, 0.9
    k_values = nodes("log-normal", 1, 0.25)
    b_values = nodes("gamma", b, error)

    def posterior(s):
        means = s * k_values.values[:, None] + b_values.values
        return k_values.weights @ poisson.pmf(n, means) @ b_values.weights

    limit = upper_limit(
        n, b, background_error=error, signal_error=0.25, method="bayes",
        background_nuisance="gamma",
    )  # fmt: skip
    inside = quad(posterior, 0, limit)[0]
    assert inside / (inside + quad(posterior, limit, 200, limit=400)[0]) == pytest.approx(cl)


# -- the quadrature --------------------------------------------------------------------------


def density(name, centre, error):
    relative = error / centre
    if name == "gamma":
        return gamma(relative**-2, scale=centre * relative**2).pdf
    if name == "truncated-normal":
        return lambda x: norm.pdf(x, centre, error) / norm.sf(0, centre, error)
    sigma = math.log1p(relative) if name == "kappa" else relative
    median = centre * (math.exp(-(sigma**2) / 2) if name == "mean-one" else 1)
    return lambda x: norm.pdf(math.log(x / median) / sigma) / (x * sigma)


@pytest.mark.parametrize("name", ["log-normal", "kappa", "mean-one", "gamma", "truncated-normal"])
@pytest.mark.parametrize(("centre", "relative"), [(0.51, 0.25), (2.3, 0.1), (5, 0.9), (40, 0.3)])
def test_quadrature(name, centre, relative):
    found = nodes(name, centre, centre * relative, counts=centre + 1)
    pdf = density(name, centre, centre * relative)
    for n in (0, 1, int(centre), int(2 * centre) + 2):
        edges = centre * np.array([1e-9, 0.2, 0.6, 1, 1.5, 3, 10, 60])
        exact = sum(
            quad(lambda x, n=n: pdf(x) * poisson.cdf(n, x), *pair, epsabs=1e-11)[0]
            for pair in pairwise(edges)
        )
        assert found.weights @ poisson.cdf(n, found.values) == pytest.approx(exact, abs=1e-7)


def test_numerical_error_is_small_and_positive():
    result = limit_result([0, 1, 7], 2, background_error=1, signal_error=0.5)
    assert (result.numerical_error > 0).all()
    assert (result.numerical_error < 1e-6 * result.limit).all()


# -- properties ------------------------------------------------------------------------------

counts = st.integers(0, 12)
backgrounds = st.floats(0.05, 8)
errors = st.floats(0.02, 0.5)
levels = st.floats(0.6, 0.99)
few = settings(max_examples=25, deadline=None)


@given(counts, backgrounds, st.floats(0.01, 3))
@few
def test_falls_with_background(n, b, more):
    before, after = (limit_result(n, x, method="classical") for x in (b, b + more))
    assert after.limit == pytest.approx(max(before.limit - more, 0), abs=1e-6)
    assert upper_limit(n, b + more) <= upper_limit(n, b) + 1e-9


@given(counts, backgrounds, errors, errors, levels)
@few
def test_rises_with_observed_and_level(n, b, eb, es, cl):
    settings_ = {"background_error": b * eb, "signal_error": es}
    limit = upper_limit(n, b, cl=cl, **settings_)
    assert upper_limit(n + 1, b, cl=cl, **settings_) > limit
    assert upper_limit(n, b, cl=cl + 0.005, **settings_) > limit


@given(counts, backgrounds, errors, st.sampled_from(["mean-one", "gamma"]))
@few
def test_rises_with_the_signal_error(n, b, es, nuisance):
    # shown where the mean is kept: Jensen's inequality at n = 0
    limits = upper_limit(0, b, signal_error=[0, es, 1.5 * es], nuisance=nuisance)
    assert (np.diff(limits) > 0).all()
    assert upper_limit(n, b, signal_error=es, nuisance=nuisance) > upper_limit(n, b)


@given(st.lists(st.tuples(counts, backgrounds, errors), min_size=1, max_size=5))
@few
def test_array_is_loop(rows):
    n, b, e = (np.array(column) for column in zip(*rows, strict=True))
    found = upper_limit(n, b, signal_error=e, background_error=b * e)
    loop = [upper_limit(i, j, signal_error=k, background_error=j * k) for i, j, k in rows]
    assert found.tolist() == [
        upper_limit(int(i), float(j), signal_error=float(k), background_error=float(j * k))
        for i, j, k in zip(n, b, e, strict=True)
    ]
    assert found == pytest.approx(loop)


def test_shapes_and_types():
    assert isinstance(upper_limit(1, 0.5), float)
    assert upper_limit([[0], [1]], [0.1, 0.2, 0.3]).shape == (2, 3)
    assert upper_limit([], 0.5).shape == (0,)


def test_below_zero_is_flagged():
    result = limit_result([0, 5], 3, method="classical")
    assert result.limit[0] == 0
    assert result.below_zero.tolist() == [True, False]
    assert not limit_result(0, 3).below_zero


# -- wrong input -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "keywords", "message"),
    [
        ((float("nan"), 0.5), {}, "observed is nan: it must be a finite number"),
        ((-1, 0.5), {}, "observed is -1: it must not be negative"),
        ((1.5, 0.5), {}, "observed is 1.5: events are counted in whole numbers"),
        ((5000, 0.5), {}, "exact sums go up to 1000 events"),
        (("x", 0.5), {}, "observed must be a number"),
        ((1, -0.5), {}, "background is -0.5: it must not be negative"),
        ((1, float("inf")), {}, "background is inf"),
        ((1, 0.5), {"background_error": -0.1}, "background_error is -0.1"),
        ((1, 0.5), {"signal_error": -0.1}, "signal_error is -0.1"),
        ((1, 0.5), {"cl": 1}, "cl is 1: it must lie between 0 and 1"),
        ((1, 0.5), {"cl": 90}, "cl is 90"),
        ((1, 0.5), {"method": "cl_s"}, "unknown method 'cl_s'; did you mean 'cls'?"),
        ((1, 0.5), {"method": "feldman"}, "did you mean 'feldman-cousins'?"),
        ((1, 0.5), {"nuisance": "lognormal"}, "did you mean 'log-normal'?"),
        ((1, 0), {"background_error": 0.1}, "truncated-normal"),
        (([1, 2], [1, 2, 3]), {}, "shapes that do not fit"),
        ((0, 900), {}, "does not describe the data"),
        ((1, 0.5), {"method": "feldman-cousins", "signal_error": 0.1}, "exactly known"),
        ((1, 0.5), {"method": "bayes", "nuisance": "gamma", "signal_error": 1}, "flat prior"),
    ],
)
def test_wrong_input(arguments, keywords, message):
    with pytest.raises(LimitError) as error:
        upper_limit(*arguments, **keywords)
    assert message in str(error.value)


def test_a_background_of_zero_may_be_uncertain_with_a_truncated_normal():
    limit = upper_limit(1, 0, background_error=0.1, nuisance="truncated-normal")
    assert upper_limit(1, 0.2) < limit < upper_limit(1, 0)


def test_expected_limits_refuse_arrays_and_many_events():
    with pytest.raises(LimitError, match="one number"):
        expected_limits([0.5, 1])  # type: ignore[arg-type]  # what is refused
    with pytest.raises(LimitError, match="low counts"):
        expected_limits(5000)


@pytest.mark.parametrize("method", ["cls", "classical", "bayes"])
def test_counts_of_one_background_share_it(method):
    # an error above 100%, as many counts are then likely
    errors = {"background_error": 0.6, "signal_error": 0.1, "method": method}
    together = limit_result([0, 1, 2, 5, 40], 0.5, **errors)
    alone = [limit_result(n, 0.5, **errors) for n in (0, 1, 2, 5, 40)]
    assert together.limit == pytest.approx([one.limit for one in alone], rel=1e-9)
    assert (together.numerical_error < 1e-6).all()
