"""The reference of YAML keys: each model is there, with a word on each key."""

from __future__ import annotations

import re
from importlib import import_module

import msgspec
import pytest

from na64ana.analysis.model import SOURCES
from tests.docs.blocks import ROOT

PAGE = (ROOT / "docs" / "reference" / "keys.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"^```\{yaml-keys\} (\S+):(\S+)$", PAGE, flags=re.MULTILINE)


def parts(module, name):
    """JSON schemas of a model and of all that it holds."""
    return msgspec.json.schema_components([getattr(import_module(module), name)])[1]


@pytest.mark.parametrize(("module", "name"), SHOWN)
def test_each_key_says_what_it_is(module, name):
    given = parts(module, name)[name]["properties"]
    assert [key for key, schema in given.items() if not schema.get("description")] == []


def test_each_model_has_a_table():
    shown = {name for _, name in SHOWN}
    inside = {found for module, name in SHOWN for found in parts(module, name)}
    assert inside == shown
    assert {model.__name__ for model in SOURCES.values()} <= shown
