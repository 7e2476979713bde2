"""The budget: the table of a talk, correlations, bad input, the file."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from na64ana.background import Budget, Correlation, MissingSource, SharedFactor, Source
from na64ana.background.budget_file import SCHEMA, dumps, from_dict, load
from na64ana.errors import BackgroundError

# the table of backgrounds of the runs of 2021 and 2022, shown by the collaboration in 2023
TALK = Budget(
    (
        Source("dimuons", 0.04, 0.01),
        Source("decays", 0.3, 0.05),
        Source("upstream", 0.16, 0.12),
        Source("punch-through", 0.0, upper=0.01),
    )
)


def test_the_total_of_the_talk():
    total = TALK.total()
    assert (round(total.value, 10), round(total.error, 2), total.bounds) == (0.51, 0.13, 0.01)
    plain = TALK.total(conservative=False)
    assert (round(plain.value, 10), round(plain.error, 2), plain.bounds) == (0.50, 0.13, 0.0)
    assert total.error == plain.error == pytest.approx(math.sqrt(0.0170))


numbers = st.floats(0.01, 10)
source_lists = st.lists(st.tuples(numbers, numbers, numbers), min_size=2, max_size=5)


def made(values: list[tuple[float, float, float]]) -> tuple[Source, ...]:
    return tuple(Source(f"s{i}", *numbers) for i, numbers in enumerate(values))


@given(source_lists, st.randoms())
def test_the_order_of_sources_does_not_matter(values, random):
    sources = list(made(values))
    pair = (Correlation("s0", "s1", 0.3),)
    before = Budget(tuple(sources), pair).total()
    random.shuffle(sources)
    assert Budget(tuple(sources), pair).total() == before


@given(source_lists)
def test_full_correlation_adds_errors_linearly(values):
    sources = made(values)
    names = [source.name for source in sources]
    pairs = tuple(Correlation(a, b, 1.0) for i, a in enumerate(names) for b in names[:i])
    total = Budget(sources, pairs).total()
    assert total.error == pytest.approx(sum(source.error for source in sources))


@given(numbers, numbers, st.floats(-1, 1))
def test_two_sources(a, b, rho):
    budget = Budget((Source("a", 1, a), Source("b", 1, b)), (Correlation("b", "a", rho),))
    assert budget.total().error ** 2 == pytest.approx(a * a + b * b + 2 * rho * a * b, abs=1e-9)
    opposite = Budget(budget.sources, (Correlation("a", "b", -1.0),)).total()
    assert opposite.error == pytest.approx(abs(a - b), abs=1e-6)


def test_a_correlation_of_one_part_leaves_the_other_alone():
    sources = (Source("a", 1, 0.3, 0.4), Source("b", 2, 0.6, 0.8))
    found = Budget(sources, (Correlation("a", "b", 1.0, "systematic"),))
    assert found.total().error == pytest.approx(math.hypot(0.3, 0.6, 0.4 + 0.8))
    found = Budget(sources, (Correlation("a", "b", 1.0, "statistical"),))
    assert found.total().error == pytest.approx(math.hypot(0.4, 0.8, 0.3 + 0.6))


def test_a_shared_factor_moves_its_sources_together():
    # (2 + 3) f with f = 1 +- 0.1, beside an independent error of 0.4
    sources = (Source("a", 2, 0, 0.2), Source("b", 3, 0.4, 0.3), Source("c", 1, 0.1))
    factor = SharedFactor("f", 0.9, 0.09, ("a", "b"), signal=True)
    budget = Budget(sources, factors=(factor,))
    assert budget.total().error == pytest.approx(math.hypot(0.5, 0.4, 0.1))
    assert budget.covariance[0, 1] == pytest.approx(0.06)
    assert budget.covariance[0, 2] == 0


def test_exact_sources_have_no_error():
    budget = Budget((Source("a", 2, exact=True), Source("b", 0, exact=True)))
    assert budget.total() == (2.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"value": -1.0, "statistical": 1.0}, "value is -1.0"),
        ({"value": 1.0, "statistical": -0.1}, "statistical is -0.1"),
        ({"value": 1.0, "systematic": -0.1}, "systematic is -0.1"),
        ({"value": math.nan, "statistical": 1.0}, "value is nan"),
        ({"value": 1.0, "statistical": math.inf}, "statistical is inf"),
        ({"value": 0.0, "upper": -0.1}, "upper is -0.1"),
        ({"value": 1.0}, "exact: true"),
        ({"value": 0.0}, "exact: true"),
        ({"value": 1.0, "statistical": 0.1, "exact": True}, "exact and has an error"),
        ({"value": 1.0, "statistical": 0.1, "upper": 2.0}, "not both"),
        ({"value": 0.0, "upper": 2.0, "upper_cl": 90}, "between 0 and 1"),
        ({"value": 1.0, "statistical": 0.1, "upper_cl": 0.9}, "without a bound"),
    ],
)
def test_impossible_sources_are_refused_by_name(fields, words):
    with pytest.raises(BackgroundError, match=f"source 'made up': .*{words}"):
        Source("made up", **fields)


A, B, C = Source("a", 1, 0.5), Source("b", 1, 0.5), Source("c", 1, 0.5)


@pytest.mark.parametrize(
    ("correlations", "words"),
    [
        ([("a", "b", 1.1)], "'a' and 'b' is 1.1"),
        ([("a", "b", math.nan)], "'a' and 'b' is nan"),
        ([("a", "bb", 0.1)], "no background source 'bb' .*did you mean 'b'"),
        ([("a", "a", 1.0)], "the same source"),
        ([("a", "b", 0.1), ("b", "a", 0.1)], "'a' and 'b' is given twice"),
        ([("a", "b", 0.1, "sytematic")], "did you mean 'systematic'"),
        ([("a", "limit", 0.1)], "'limit' is a bound"),
        (
            [("a", "b", 0.9), ("b", "c", 0.9), ("a", "c", -0.9)],
            "correlation matrix .*'a' and 'b' and 'c'",
        ),
    ],
)
def test_impossible_correlations_are_refused(correlations, words):
    sources = (A, B, C, Source("limit", 0, upper=1.0))
    with pytest.raises(BackgroundError, match=words):
        Budget(sources, tuple(Correlation(*given) for given in correlations))


def test_a_matrix_that_no_errors_can_have_is_refused_with_exact_sources_too():
    exact = tuple(Source(name, 1, exact=True) for name in "abc")
    pairs = (("a", "b", 0.9), ("b", "c", 0.9), ("a", "c", -0.9))
    with pytest.raises(BackgroundError, match="not positive semidefinite"):
        Budget(exact, tuple(Correlation(*pair) for pair in pairs))


@settings(max_examples=50)
@given(st.tuples(*[st.floats(-1, 1)] * 3))
def test_what_is_accepted_has_a_real_error_for_any_weights(rhos):
    pairs = zip([("a", "b"), ("b", "c"), ("a", "c")], rhos, strict=True)
    matrix = np.eye(3)
    matrix[0, 1] = matrix[1, 0] = rhos[0]
    matrix[1, 2] = matrix[2, 1] = rhos[1]
    matrix[0, 2] = matrix[2, 0] = rhos[2]
    smallest = np.linalg.eigvalsh(matrix)[0]
    assume(not -1e-8 <= smallest < -1e-10)  # where rounding decides
    correlations = tuple(Correlation(*names, rho) for names, rho in pairs)
    if smallest < -1e-8:
        with pytest.raises(BackgroundError, match="semidefinite"):
            Budget((A, B, C), correlations)
    else:
        variance = 0.25 * matrix.sum()
        assert Budget((A, B, C), correlations).total().error == pytest.approx(
            math.sqrt(max(variance, 0)), abs=1e-6
        )


@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (SharedFactor("f", 1.0, 0.9, ("a",)), "must be part of it"),
        (SharedFactor("f", 1.0, 0.1, ("a", "x")), "no background source 'x'"),
        (SharedFactor("f", 1.0, 0.0, ("a", "a")), "named twice"),
    ],
)
def test_a_factor_that_does_not_fit_is_refused(factor, words):
    with pytest.raises(BackgroundError, match=words):
        Budget((Source("a", 1, 0.5, 0.5), B), factors=(factor,))
    with pytest.raises(BackgroundError, match="factor 'f'"):
        SharedFactor("f", 0.0, 0.1)


def test_a_pair_correlated_by_itself_and_by_a_factor_is_refused():
    sources = (Source("a", 1, 0, 0.5), Source("b", 1, 0, 0.5))
    with pytest.raises(BackgroundError, match="given twice"):
        Budget(sources, (Correlation("b", "a", 0.5),), (SharedFactor("f", 1, 0.1, ("a", "b")),))


def test_names_are_unique_and_there_are_some():
    with pytest.raises(BackgroundError, match="two background sources are called 'a'"):
        Budget((A, A))
    with pytest.raises(BackgroundError, match="two background sources are called 'a'"):
        Budget((A,), missing=(MissingSource("a", "no fit"),))
    with pytest.raises(BackgroundError, match="no source"):
        Budget(())


def test_a_missing_source_leaves_no_total():
    budget = Budget((A, B), missing=(MissingSource("upstream", "the sideband is empty"),))
    with pytest.raises(BackgroundError, match=r"'upstream' is missing \(the sideband is empty\)"):
        budget.total()
    assert budget.to_dict()["total"] == {"conservative": None, "without_bounds": None}


# ----------------------------------------------------------------------- file


FULL = Budget(
    (
        *TALK.sources[:2],
        Source("upstream", 1, 0, 0.5, method="fit", reference="here", inputs={"r.json": "0" * 64}),
        Source("limit", 0, upper=0.1, upper_cl=0.9),
        Source("known", 2, exact=True),
    ),
    (Correlation("dimuons", "decays", 0.5),),
    (SharedFactor("ratio", 0.9, 0.09, ("upstream",), signal=True, method="dimuons"),),
)


def test_a_round_trip_through_the_file(tmp_path):
    path = tmp_path / "budget.json"
    path.write_text(dumps(FULL), encoding="utf-8")
    again = load(path)
    assert again == FULL
    assert again.sha256 == FULL.sha256
    assert json.loads(path.read_text(encoding="utf-8"))["schema"] == SCHEMA == "na64ana/budget/1"
    missing = replace(FULL, missing=(MissingSource("x", "y"),))
    assert from_dict(json.loads(dumps(missing))) == missing


def test_equal_budgets_have_one_hash_and_others_another():
    assert Budget((Source("a", 1, 2),)).sha256 == Budget((Source("a", 1.0, 2.0),)).sha256
    changed = [
        replace(FULL, correlations=()),
        replace(FULL, factors=()),
        replace(FULL, missing=(MissingSource("x", "y"),)),
        replace(FULL, sources=(replace(FULL.sources[0], reference="x"), *FULL.sources[1:])),
        replace(FULL, sources=(replace(FULL.sources[0], value=0.041), *FULL.sources[1:])),
    ]
    assert len({budget.sha256 for budget in (FULL, *changed)}) == 1 + len(changed)


def test_a_changed_file_is_refused(tmp_path):
    content = json.loads(dumps(FULL))
    content["sources"][0]["value"] = 0.0401
    with pytest.raises(BackgroundError, match="sha256 does not fit"):
        from_dict(content)
    content = json.loads(dumps(FULL))
    content["total"]["conservative"]["value"] = 0.1
    with pytest.raises(BackgroundError, match="total does not fit"):
        from_dict(content)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[]", "not a budget"),
        ("{", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ('{"schema": "na64ana/record/1"}', "schema is na64ana/record/1"),
        ('{"schema": "na64ana/budget/1"}', "'sources' is missing"),
        ('{"schema": "na64ana/budget/1", "sources": [{}], "total": {}, "sha256": ""}', "`name`"),
        ('{"schema": "na64ana/budget/1", "sources": [], "total": {}, "sha256": ""}', "no source"),
        (
            '{"schema": "na64ana/budget/1", "sources": [{"name": "a", "value": -1}], "total": {}, "sha256": ""}',
            "value is -1",
        ),
    ],
)
def test_what_is_no_budget_is_refused_in_one_line(tmp_path, text, words):
    path = tmp_path / "budget.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BackgroundError, match=words) as refused:
        load(path)
    assert str(refused.value).startswith(str(path))
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(BackgroundError, match="No such file"):
        load(tmp_path / "none.json")
