"""A limit in words and lines, before any format; ``limit`` is the content of ``limit.json``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table

from na64ana.errors import printable
from na64ana.report.exposure import amount, short

__all__ = [
    "BLIND",
    "limit_facts",
    "limit_rows",
    "limit_table",
    "method_words",
    "scan_rows",
    "sentence",
]

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
    if expected is None:
        names = ", ".join(str(item["name"]) for item in limit["bins"])
        state = "blind" if limit["blind"] else "with the observation"
        return f"{level} upper limits of {names} together, {state}: in events by mass."
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
        *_signal(limit.get("signal")),
        *((what, _named(limit[what])) for what in ("analysis", "selection")),
        *(("dataset", f"{_named(dataset)}  {dataset['unit']}") for dataset in limit["datasets"]),
        ("signal yield", str(scan["yield"]) if scan else "missing: there is no scan"),
    ]


def _signal(signal: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """Say the model, and each of its setups with where its efficiency comes from."""
    if not signal:
        return []
    facts = [("model", str(signal["words"]))]
    for setup in signal["setups"]:
        given = setup["efficiency"]
        how = (
            f"sample {given['sample']}, histogram {given['histogram']}" if "sample" in given
            else "a table" if "table" in given else f"{given['value']:.4g}"
        )  # fmt: skip
        seen = "missing" if setup["sees"] == "missing" else f"visible from {setup['start_m']:g} m"
        words = (
            f"{setup['name']}: {setup['beam']}s of {setup['beam_energy_GeV']:g} GeV on "
            f"{setup['target']}, more than {setup['threshold_GeV']:g} GeV {seen}; efficiency: "
            f"{how}, ± {100 * given['error_relative']:.3g}%"
            f"{' beside its statistical error' if 'sample' in given else ''}"
        )
        facts.append(("setup", words))
    return facts


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
            _with_error(item["efficiency"]) + _at(item["efficiency"]),
        )
        for item in limit["bins"]
    ]


def _at(item: Mapping[str, Any] | None) -> str:
    """Say the mass that an efficiency is for, if it depends on it."""
    mass = None if item is None else item.get("mass")
    return "" if mass is None else f" at {mass:.4g} GeV"


def _with_error(item: Mapping[str, float | None] | None) -> str:
    """Write value and error as they were rounded by whoever made them, to four digits at most."""
    if item is None or item["value"] is None:
        return "missing"
    value, error = item["value"], item["error"]
    if error is None:
        return f"{value:.4g} (error missing)"
    return f"{value:.4g} ± {error:.2g}" if error else f"{value:.4g} (exact)"


def scan_rows(scan: Mapping[str, Any], *, narrow: bool = False) -> dict[str, Any]:
    """Return the head and the rows of the table of a scan; a curve that is null is left blind.

    A curve has two columns where the strongest couplings are not excluded at some mass; if
    ``narrow``, the edges of the bands are left out then.
    """
    keys = [key for key in _CURVES if scan.get(key) is not None]
    names = {"minus1": "−1 σ", "plus1": "+1 σ", "minus2": "−2 σ", "plus2": "+2 σ"}
    edges = scan.get("edges") or {}
    two_sided = any(value is not None for key in keys for value in _side(edges, key, "upper"))
    if two_sided and narrow:
        keys = [key for key in keys if key in _CURVES[:2]]
    head, columns = [f"{_mass(scan)} [{scan['unit']}]"], []
    for key in keys:
        name = names.get(key, key)
        head += [f"{name} from", "to"] if two_sided else [name]
        columns.append(_cells(scan, key, two_sided=two_sided))
    rows = [
        [f"{mass:.4g}", *(cell for column in columns for cell in column[i])]
        for i, mass in enumerate(scan["mass"])
    ]
    return {"head": head, "rows": rows, "coupling": str(scan["coupling"])}


def _mass(scan: Mapping[str, Any]) -> str:
    return "mass" if scan.get("mass_of", "mediator") == "mediator" else str(scan["mass_of"])


def _side(edges: Mapping[str, Any], key: str, side: str) -> list[Any]:
    return list(edges[key][side]) if edges.get(key) else []


def _cells(scan: Mapping[str, Any], key: str, *, two_sided: bool) -> list[list[str]]:
    """Return the edges of a curve at each mass, in words."""
    edges = scan.get("edges") or {}
    size = len(scan["mass"])
    flags = _side(edges, key, "flags") or [None] * size
    uppers = _side(edges, key, "upper") or [None] * size
    low, high = scan.get("couplings") or (math.nan, math.nan)
    cells = []
    for lower, upper, flag in zip(scan[key], uppers, flags, strict=True):
        if flag == "none" or (lower is None and flag is None):
            cells.append(["no limit", ""][: 1 + two_sided])
            continue
        first = f"< {low:.3g}" if lower is None else f"{lower:.4g}"
        second = f"> {high:.3g}" if upper is None else f"{upper:.4g}"
        cells.append([first, second + (" ..." if flag == "several" else "")][: 1 + two_sided])
    return cells


def limit_table(limit: Mapping[str, Any]) -> RenderableType | None:
    """Return the limits on the coupling as a table for the terminal; None without a scan."""
    scan = limit.get("scan")
    if not scan:
        return None
    rows = scan_rows(scan, narrow=True)
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in rows["head"]:
        table.add_column(name, justify="right")
    for row in rows["rows"]:
        table.add_row(*row)
    title = f"{_level(limit)} limits on {printable(rows['coupling'])}"
    signal = limit.get("signal")
    return Group(f"{title}: {signal['words']}" if signal else title, table)
