"""The shipped JSON schema is that of the models, takes what ships and refuses what is wrong."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from na64ana.selection import schema

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "na64ana/selection/selection.schema.json"
SELECTIONS = sorted((ROOT / "selections").rglob("*.yaml"))


def test_the_shipped_file_is_current():
    assert json.loads(SHIPPED.read_text()) == schema.schema()


def test_it_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(schema.schema())


@pytest.mark.parametrize("path", SELECTIONS, ids=lambda path: path.stem)
def test_shipped_selections_are_valid(path):
    jsonschema.validate(yaml.safe_load(path.read_text()), schema.schema())


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"name": 3},
        {"name": "a", "cuts": [{"require": "x > 1"}]},
        {"name": "a", "cuts": [{"name": "b", "reqire": "x > 1"}]},
        {"name": "a", "cuts": {"name": "b"}},
        {"name": "a", "observables": {"x": 3}},
        {"name": "a", "regions": {"r": {"blind": "yes"}}},
        {"name": "a", "histograms": {"h": {"y": {"observable": "x"}}}},
    ],
)
def test_wrong_selections_are_refused(wrong):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, schema.schema())
