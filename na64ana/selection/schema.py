"""The JSON schema of a selection file, for editors; made from the typed models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from na64ana.selection.model import SelectionSpec

__all__ = ["SCHEMA_FILE", "schema", "schema_text"]

#: the schema as shipped with the package, for editors
SCHEMA_FILE = Path(__file__).parent / "selection.schema.json"


def schema() -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) of a selection file.

    It knows keys and types; expressions, units and names are checked when a file is loaded.
    """
    made = msgspec.json.schema(SelectionSpec)
    whole = made["$defs"].pop(SelectionSpec.__name__)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **_ordered(whole),
        "title": "na64ana selection",
        "description": "Observables, an ordered chain of cuts, channels, regions and histograms",
        "$defs": {name: _ordered(made["$defs"][name]) for name in sorted(made["$defs"])},
    }


def _ordered(item: Any) -> Any:
    """Put null last among alternatives: releases of msgspec differ in that."""
    if isinstance(item, list):
        return [_ordered(part) for part in item]
    if not isinstance(item, dict):
        return item
    plain = {key: _ordered(value) for key, value in item.items()}
    if "anyOf" in plain:
        plain["anyOf"].sort(key=lambda part: part == {"type": "null"})
    return plain


def schema_text() -> str:
    """Return the schema as the text of the shipped file."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"
