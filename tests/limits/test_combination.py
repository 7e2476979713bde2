"""Several bins together, against figures and against the limit of one bin."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from na64ana.errors import LimitError
from na64ana.limits import (
    Bin,
    Model,
    combined_limit,
    expected_combined,
    expected_limits,
    load_model,
    signal_of,
    upper_limit,
)


def two(n, errors=(0, 0), common=0.0):
    """The two run periods of the task list: b = (0.53, 0.51), shares (0.3, 0.7)."""
    return Model(
        tuple(
            Bin(str(i), n[i], b, share, {f"b{i}": errors[i]}, {"yield": common} if common else {})
            for i, (b, share) in enumerate([(0.53, 0.3), (0.51, 0.7)])
        )
    )


@pytest.mark.parametrize(
    ("n", "limit"), [((0, 0), 2.303), ((1, 0), 2.73), ((0, 1), 3.25), ((1, 1), 3.98)]
)
def test_two_bins(n, limit):
    # figures of the project's task list, to 0.01
    found = combined_limit(two(n))
    assert found.events == pytest.approx(limit, abs=0.01)
    assert found.method == "enumeration"
    assert 0 < found.error < 1e-5


@pytest.mark.parametrize("nuisance", ["log-normal", "kappa", "mean-one"])
@pytest.mark.parametrize("n", [0, 1, 4])
def test_one_bin_is_a_counting_experiment(n, nuisance):
    model = Model((Bin("a", n, 0.51, 2.0, {"b": 0.13}, {"s": 0.2}),), nuisance)
    single = upper_limit(n, 0.51, background_error=0.13, signal_error=0.2, nuisance=nuisance)
    assert combined_limit(model).events == pytest.approx(single, rel=1e-5)
    assert combined_limit(model).strength == pytest.approx(single / 2, rel=1e-5)


def test_nothing_observed_and_one_common_error():
    # all bins empty: the signal's sum alone matters, whatever the backgrounds and their errors
    found = combined_limit(two((0, 0), (0.17, 0.13), 0.15))
    assert found.events == pytest.approx(upper_limit(0, 0, signal_error=0.15), rel=1e-5)


def test_names_of_errors_correlate():
    """Of two equal bins with nothing observed, one shared error acts as one, two as less."""

    def limit(names):
        bins = (Bin(str(i), 0, 0.5, 0.5, {}, {name: 0.3}) for i, name in enumerate(names))
        return combined_limit(Model(tuple(bins))).events

    shared = upper_limit(0, 0, signal_error=0.3)
    assert limit("ab") < limit("aa") == pytest.approx(shared, rel=1e-5)
    # two errors that always come together are one of their quadratic sum
    bins = tuple(Bin(str(i), 0, 0.5, 0.5, {}, {"a": 0.3, "b": 0.4}) for i in range(2))
    both = upper_limit(0, 0, signal_error=0.5)
    assert combined_limit(Model(bins)).events == pytest.approx(both, rel=1e-5)


def test_toys_agree_with_enumeration():
    exact = combined_limit(two((1, 1), (0.17, 0.13)))
    toys = combined_limit(two((1, 1), (0.17, 0.13)), toys=4000, seed=3, force_toys=True)
    assert (toys.method, toys.toys, toys.seed) == ("toys", 4000, 3)
    assert abs(toys.strength - exact.strength) < 4 * toys.error < 0.5
    again = combined_limit(two((1, 1), (0.17, 0.13)), toys=4000, seed=3, force_toys=True)
    assert again == toys


@given(st.tuples(st.integers(0, 3), st.integers(0, 3)), st.floats(0.1, 10))
@settings(max_examples=10, deadline=None)
def test_scaling_and_order_of_bins(n, factor):
    model = two(n)
    limit = combined_limit(model).strength
    larger = tuple(Bin(b.name, b.observed, b.background, b.signal * factor) for b in model.bins)
    assert combined_limit(Model(larger)).strength * factor == pytest.approx(limit, rel=1e-5)
    assert combined_limit(Model(model.bins[::-1])).strength == pytest.approx(limit, rel=1e-5)


def test_expected_of_one_bin():
    found = expected_combined(Model((Bin("a", None, 0.51, 1.0),)))
    assert found[:1] + found[2:6] == pytest.approx(
        (2.3026, 2.3026, 2.3026, 3.5024, 4.8344), rel=1e-4
    )
    assert found.mean == pytest.approx(expected_limits(0.51).mean, rel=1e-3)
    assert found.neglected < 1e-4


def test_expected_limits_read_off_strengths_are_good_to_a_percent():
    one = Model((Bin("a", None, 0.51, 1.0, {"b": 0.13}, {"s": 0.2}),))
    several = two((None, None))
    for model in (one, several):
        exact, quick = expected_combined(model), expected_combined(model, strengths=40)
        assert quick[:6] == pytest.approx(exact[:6], rel=0.01)
        assert quick.probabilities == pytest.approx(exact.probabilities)


def test_shipped_example():
    model = load_model("na64e-invisible-2016-2022")
    found = combined_limit(Model(tuple(
        Bin(b.name, b.observed, b.background, b.signal) for b in model.bins
    )))  # fmt: skip
    assert found.events == pytest.approx(math.log(10), rel=1e-6)
    total = (2.84e11 + 6.53e11) * 2.97e-13
    assert sum(b.signal for b in model.bins) == pytest.approx(total)
    # with its background errors too: with nothing observed they do not matter
    assert combined_limit(model).strength == pytest.approx(math.log(10) / total, rel=1e-5)
    assert [b.background for b in model.bins] == [0.53, 0.51]


def test_signal_of():
    assert signal_of(2e11, 0.5, 3e-11) == pytest.approx(3.0)
    with pytest.raises(LimitError, match="efficiency is -1"):
        signal_of(1, -1, 1)


GOOD = Bin("a", 0, 0.5, 1.0)


@pytest.mark.parametrize(
    ("bins", "message"),
    [
        ((), "needs bins"),
        ((GOOD, GOOD), "different names"),
        ((Bin("a", None, 0.5, 1.0),), "bin 'a' has no observed events: it is blind"),
        ((Bin("a", 0, 0.5, 0.0),), "no bin expects any signal"),
        ((Bin("a", 0, -0.5, 1.0),), "background of bin 'a' is -0.5"),
        ((Bin("a", 0, 0.5, np.nan),), "signal of bin 'a' is nan"),
        ((Bin("a", 0, 0.0, 1.0, {"x": 0.1}),), "is 0 and has an error"),
        ((Bin("a", 0, 0.5, 1.0, {}, {"x": 5}),), "more than three times"),
        ((Bin("a", 0, 0.5, 1.0, {"x": np.inf}),), "background error 'x' of bin 'a' is inf"),
        ((Bin("a", 1.5, 0.5, 1.0),), "whole numbers"),  # type: ignore[arg-type]  # what is refused
    ],
)
def test_wrong_models(bins, message):
    with pytest.raises(LimitError) as error:
        combined_limit(Model(bins))
    assert message in str(error.value)


def test_unknown_nuisance_and_model():
    with pytest.raises(LimitError, match="unknown nuisance of a combination 'gamma'"):
        combined_limit(Model((GOOD,), "gamma"))
    with pytest.raises(LimitError, match="did you mean 'na64e-invisible-2016-2022'"):
        load_model("na64e-invisible-2016-22")


def test_faults_of_a_file_are_named(tmp_path):
    path = tmp_path / "m.yaml"
    text = "name: m\nbins:\n  - {name: a, exposure: 1, efficiency: 1, yield: 1, background: -1}\n"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LimitError, match=r"m\.yaml: background of bin 'a' is -1"):
        load_model(path)
    path.write_text(text.replace("exposure", "exposition"), encoding="utf-8")
    with pytest.raises(LimitError, match=r"line 3.*did you mean 'exposure'"):
        load_model(path)
