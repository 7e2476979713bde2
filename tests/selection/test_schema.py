"""The JSON schema that editors use: current, valid, and it knows right from wrong."""

from __future__ import annotations

import jsonschema
import pytest

from na64ana.errors import SelectionError
from na64ana.selection import builtin_selections, find_selection
from na64ana.selection.schema import SCHEMA_FILE, schema, schema_text
from na64ana.yamltext import read_yaml

GOOD = {"name": "x", "cuts": [{"name": "a", "require": "run > 1"}]}


@pytest.fixture(scope="module")
def validator():
    jsonschema.Draft202012Validator.check_schema(schema())
    return jsonschema.Draft202012Validator(schema())


def test_the_shipped_schema_is_current(request):
    if request.config.getoption("--update-golden"):
        SCHEMA_FILE.write_text(schema_text(), encoding="utf-8", newline="\n")
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text()


def test_it_names_no_host_of_ours():
    text = schema_text()
    assert "$id" not in text
    assert [word for word in text.split('"') if "://" in word] == [
        "https://json-schema.org/draft/2020-12/schema"
    ]


@pytest.mark.parametrize("name", builtin_selections())
def test_the_shipped_selections_fit(validator, name):
    document = read_yaml(find_selection(name), SelectionError)
    assert [error.message for error in validator.iter_errors(document.data)] == []


@pytest.mark.parametrize(
    "content",
    [
        GOOD,
        {**GOOD, "extends": ["a", "b"], "drop": ["c"]},
        {**GOOD, "cuts": [{"name": "a", "observable": "run", "within": [None, 5]}]},
        {**GOOD, "cuts": [{"name": "a", "observable": "run", "above": "5 GeV", "runs": [1, 2]}]},
    ],
    ids=range(4),
)
def test_right_ones_fit(validator, content):
    assert validator.is_valid(content)


@pytest.mark.parametrize(
    "content",
    [
        [],
        {},
        {"cuts": []},
        {**GOOD, "name": ""},
        {**GOOD, "cut": []},
        {**GOOD, "cuts": {"a": {}}},
        {**GOOD, "cuts": [{"require": "run > 1"}]},
        {**GOOD, "cuts": [{"name": "a", "requires": "run > 1"}]},
        {**GOOD, "cuts": [{"name": "a", "require": 5}]},
        {**GOOD, "cuts": [{"name": "a", "runs": ["1", "2"]}]},
        {**GOOD, "observables": {"a": 5}},
        {**GOOD, "observables": {"a": {"lookup": "run", "edges": [1], "values": [1]}}},
        {**GOOD, "regions": {"a": {"cuts": []}}},
        {**GOOD, "regions": {"a": {"blind": "yes", "cuts": ["a"]}}},
        {**GOOD, "channels": {"a": {"cuts": [{"name": "b"}]}}},
        {**GOOD, "histograms": {"a": {"x": {"observable": "run", "bins": 0}}}},
        {**GOOD, "histograms": {"a": {"y": {"observable": "run"}}}},
    ],
    ids=range(17),
)
def test_wrong_ones_do_not_fit(validator, content):
    assert not validator.is_valid(content)
