"""A limit in words and lines, before any format; ``limit`` is the content of ``limit.json``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from na64ana.report.exposure import amount, short

__all__ = ["BLIND", "limit_facts", "limit_rows", "method_words", "scan_rows", "sentence"]

BLIND = "blind"
_METHODS = {
    "cls": "CLs",
    "classical": "classical",
    "feldman-cousins": "Feldman-Cousins",
    "bayes": "Bayes, flat prior in s ≥ 0",
}
_CURVES = ("observed", "median", "minus1", "plus1", "minus2", "plus2")


def sentence(limit: Mapping[str, Any]) -> str:
    """Say in one sentence the observed limit, or that it is blind, and what is expected."""
    expected, level = limit["expected"], _level(limit)
    words = (
        f"{_number(expected['median'])} signal events "
        f"(68% of background-only experiments: {_number(expected['minus1'])} to "
        f"{_number(expected['plus1'])}; 95%: {_number(expected['minus2'])} to "
        f"{_number(expected['plus2'])})"
    )
    if limit["observed"] is None:
        why = "blind" if limit["blind"] else "no observation was given"
        return f"Observed: {why}. Expected {level} upper limit: {words}."
    observed = _number(limit["observed"])
    return f"Observed {level} upper limit: {observed} signal events; expected: {words}."


def method_words(method: str) -> str:
    """Return what a method is called in print."""
    return _METHODS.get(method, method)


def _level(limit: Mapping[str, Any]) -> str:
    return f"{100 * limit['cl']:.4g}% CL"


def _number(value: float | None) -> str:
    """Four digits; a number that is not there is missing."""
    if value is None or math.isnan(value):
        return "missing"
    return f"{value:.4g}"


def limit_facts(limit: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what the limit is and where it comes from, as pairs of words."""
    method = str(limit["method"])
    facts = [
        ("method", f"{method_words(method)}, {_level(limit)}"),
        ("box", _box(limit)),
        ("observed", _observed(limit, limit["observed"])),
        ("expected", _expected(limit["expected"])),
    ]
    scan = limit.get("scan")
    return [
        *facts,
        *((what, _named(limit[what])) for what in ("analysis", "selection")),
        *(("dataset", f"{_named(dataset)}  {dataset['unit']}") for dataset in limit["datasets"]),
        ("signal yield", str(scan["yield"]) if scan else "missing: there is no scan"),
    ]


def _named(item: Mapping[str, Any]) -> str:
    return f"{item['name']}  {item['sha256']}"


def _box(limit: Mapping[str, Any]) -> str:
    opened = limit.get("unblinded")
    if opened:
        return f"opened by {opened['who']} on {opened['when']}: {opened['reason']}"
    return "blind: the observation is not known" if limit["blind"] else "open"


def _observed(limit: Mapping[str, Any], value: float | None) -> str:
    if value is None:
        return BLIND if limit["blind"] else "missing: no observation was given"
    return f"{_number(value)} signal events"


def _expected(expected: Mapping[str, float | None]) -> str:
    words = (
        f"median {_number(expected['median'])}, mean {_number(expected['mean'])}, "
        f"1 σ {_number(expected['minus1'])} to {_number(expected['plus1'])}, "
        f"2 σ {_number(expected['minus2'])} to {_number(expected['plus2'])}"
    )
    return f"{words} signal events"


def limit_rows(limit: Mapping[str, Any]) -> list[tuple[str, str, str, str, str]]:
    """Return name, observed events, background, exposure and efficiency of each bin."""
    return [
        (
            str(item["name"]),
            (BLIND if limit["blind"] else "missing")
            if item["observed"] is None
            else str(item["observed"]),
            _with_error(item["background"]),
            "missing" if item["exposure"] is None else short(amount(item["exposure"])),
            _with_error(item["efficiency"]),
        )
        for item in limit["bins"]
    ]


def _with_error(item: Mapping[str, float | None] | None) -> str:
    """Write value and error as they were rounded by whoever made them, to four digits at most."""
    if item is None or item["value"] is None:
        return "missing"
    value, error = item["value"], item["error"]
    if error is None:
        return f"{value:.4g} (error missing)"
    return f"{value:.4g} ± {error:.2g}" if error else f"{value:.4g} (exact)"


def scan_rows(scan: Mapping[str, Any]) -> dict[str, Any]:
    """Return the head and the rows of the table of a scan; a curve that is null is left blind."""
    keys = [key for key in _CURVES if scan.get(key) is not None]
    names = {"minus1": "−1 σ", "plus1": "+1 σ", "minus2": "−2 σ", "plus2": "+2 σ"}
    head = [f"mass [{scan['unit']}]", *(names.get(key, key) for key in keys)]
    rows = [
        [f"{mass:.4g}", *("no limit" if scan[key][i] is None else f"{scan[key][i]:.4g}"
                          for key in keys)]
        for i, mass in enumerate(scan["mass"])
    ]  # fmt: skip
    return {"head": head, "rows": rows, "coupling": str(scan["coupling"])}
