"""Budgets as JSON, schema ``na64ana/budget/1``: with their totals and their hash."""

from __future__ import annotations

import json
from hashlib import sha256 as _sha256
from pathlib import Path
from typing import Any

import msgspec

from na64ana.background.budget import Budget, Total
from na64ana.errors import BackgroundError, printable
from na64ana.textfile import read_json

__all__ = ["SCHEMA", "dumps", "from_dict", "load", "sha256", "to_dict"]

SCHEMA = "na64ana/budget/1"
_CONTENT = ("sources", "correlations", "factors", "missing")


def dumps(budget: Budget) -> str:
    """Return the JSON text of a budget."""
    return json.dumps(to_dict(budget), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def to_dict(budget: Budget) -> dict[str, Any]:
    """Return the content of the JSON; its totals are null where a source is missing."""
    return {
        "schema": SCHEMA,
        **_content(budget),
        "total": {
            "conservative": _total(budget, conservative=True),
            "without_bounds": _total(budget, conservative=False),
        },
        "sha256": sha256(budget),
    }


def sha256(budget: Budget) -> str:
    """Return the hash of all that makes a budget; of equal budgets it is the same."""
    text = json.dumps(_content(budget), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return _sha256(text.encode()).hexdigest()


def load(path: Path) -> Budget:
    """Read a budget from its file.

    Raises
    ------
    BackgroundError
        The file is missing, no JSON, holds no budget of a known schema, or was changed after
        it was written.
    """
    name = printable(str(path))
    content = read_json(path, "a budget", BackgroundError)
    try:
        return from_dict(content)
    except BackgroundError as error:
        msg = f"{name}: {error}"
        raise BackgroundError(msg) from None


def from_dict(content: Any) -> Budget:
    """Return the budget of `to_dict`.

    Raises
    ------
    BackgroundError
        It is none, or its hash or its totals do not fit its sources.
    """
    schema = content.get("schema") if isinstance(content, dict) else None
    if schema != SCHEMA:
        msg = f"not a budget: schema is {printable(str(schema))}, not {SCHEMA}"
        raise BackgroundError(msg)
    absent = [key for key in ("sources", "total", "sha256") if key not in content]
    if absent:
        msg = f"not a whole budget: '{absent[0]}' is missing"
        raise BackgroundError(msg)
    parts = {key: content.get(key, []) for key in _CONTENT}
    try:
        budget = msgspec.convert(parts, Budget, strict=True)
    except msgspec.ValidationError as error:
        msg = f"not a whole budget: {printable(str(error), 500)}"
        raise BackgroundError(msg) from None
    made = to_dict(budget)
    if content["sha256"] != made["sha256"]:
        msg = "the budget was changed after it was written: its sha256 does not fit its sources"
        raise BackgroundError(msg)
    if content["total"] != made["total"]:
        msg = "the budget was changed after it was written: its total does not fit its sources"
        raise BackgroundError(msg)
    return budget


def _content(budget: Budget) -> dict[str, Any]:
    return {
        "sources": [_numbers(msgspec.to_builtins(source)) for source in budget.sources],
        "correlations": [_numbers(msgspec.to_builtins(c)) for c in budget.correlations],
        "factors": [_numbers(msgspec.to_builtins(factor)) for factor in budget.factors],
        "missing": [msgspec.to_builtins(missing) for missing in budget.missing],
    }


def _numbers(made: dict[str, Any]) -> dict[str, Any]:
    """Write 1 and 1.0 alike, so that equal budgets have one hash."""
    return {
        key: float(value) if isinstance(value, int) and not isinstance(value, bool) else value
        for key, value in made.items()
    }


def _total(budget: Budget, *, conservative: bool) -> dict[str, float] | None:
    if budget.missing:
        return None
    total: Total = budget.total(conservative=conservative)
    return total._asdict()
