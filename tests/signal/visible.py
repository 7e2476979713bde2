"""The reference numbers of `references_visible.yaml`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

_TEXT = Path(__file__).with_name("references_visible.yaml").read_text(encoding="utf-8")
_ALL = yaml.safe_load(_TEXT)["references"]
#: none seen and none expected, 90% CL: -ln 0.1
EVENTS = 2.302585


def reference(quantity: str, **inputs: Any) -> dict[str, Any]:
    """Return the one entry of a quantity with such inputs; numbers as numbers."""
    (found,) = [
        entry
        for entry in _ALL
        if entry["quantity"] == quantity and inputs.items() <= entry["inputs"].items()
    ]
    return {**found, "value": _numbers(found["value"])}


def _numbers(value: Any) -> Any:
    """Turn what YAML takes for text, such as 1.2e-4 without a sign, into numbers."""
    if isinstance(value, dict):
        return {key: _numbers(part) for key, part in value.items()}
    return [float(part) for part in value] if isinstance(value, list) else float(value)
