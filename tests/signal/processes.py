"""The reference numbers of `references_processes.yaml`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

_TEXT = Path(__file__).with_name("references_processes.yaml").read_text(encoding="utf-8")
_ALL = yaml.safe_load(_TEXT)["references"]


def references(quantity: str) -> list[dict[str, Any]]:
    """All entries of a quantity; there is at least one."""
    found = [entry for entry in _ALL if entry["quantity"] == quantity]
    assert found, quantity
    return found
