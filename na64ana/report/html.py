"""Cutflows and records as HTML: fragments for notebooks and mail, and a whole page.

Nothing that runs, nothing fetched from elsewhere; all text from files is escaped by the templates.
Provenance is in elements of JSON, for `na64ana show`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from na64ana.cutflow import Cutflow, Record
from na64ana.errors import printable
from na64ana.report import exposure, provenance
from na64ana.report.table import (
    FILES_SHOWN,
    HEADINGS,
    SURVIVORS_SHOWN,
    Cell,
    Figure,
    Line,
    Missing,
    entries_read,
    event_name,
    grouped,
    origin,
    region_figure,
    shared_cuts,
    state,
    superscript,
    tabulate,
)

__all__ = ["content", "cutflow", "environment", "page", "record"]

_THIN = "\N{NARROW NO-BREAK SPACE}"
_DIGIT = "\N{FIGURE SPACE}"
_WORDS = {Missing.BLINDED: "blinded", Missing.NOT_COMPUTED: "–", Missing.EMPTY: "–"}
_LONGEST = 2000


def cutflow(flow: Cutflow) -> str:
    """Return the cutflow of one channel as an HTML fragment with its own style."""
    return environment().get_template("cutflow.html.j2").render(flow=_flow(flow))


def record(record: Record) -> str:
    """Return a whole record as an HTML fragment with its own style."""
    return environment().get_template("record.html.j2").render(content(record))


def page(record: Record) -> str:
    """Return a whole record as an HTML page."""
    return environment().get_template("page.html.j2").render(content(record))


@cache
def environment() -> Environment:
    """Return the templates of this package; they escape all text."""
    made = Environment(
        loader=PackageLoader("na64ana.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["name"] = printable
    made.filters["safe_text"] = lambda text: printable(text, _LONGEST)
    return made


def content(record: Record) -> dict[str, Any]:
    """Return what the templates draw of a record."""
    word, meaning = state(record)
    files = [
        {"path": file.path, "entries": entries_read(file, _THIN), "layout": file.layout,
         "uuid": file.uuid or ""}
        for file in record.inputs
    ]  # fmt: skip
    return {
        "record": record,
        "state": word,
        "meaning": meaning,
        "origin": origin(record),
        "flows": [_flow(flow, shared_cuts(record, name)) for name, flow in record.channels.items()],
        "files": files,
        "files_open": len(files) <= FILES_SHOWN,
        "survivors": {name: _survivors(flow) for name, flow in record.channels.items()},
        "regions": {
            name: _cell(region_figure(region), 0) for name, region in record.regions.items()
        },
        "exposure": _exposure(record),
        "sample": _sample(record),
        "commits": provenance.short_git(record.git),
        "elements": list(map(_element, provenance.as_json(record))),
        "made": provenance.made_lines(record),
        "labels": list(
            dict.fromkeys(cut for flow in record.channels.values() for cut in flow.cuts)
        ),
    }


def _sample(record: Record) -> dict[str, Any] | None:
    """What the templates draw of the events that a prescale opened."""
    opened = record.open_sample
    if opened is None:
        return None
    flows = [_flow(opened.channels[name], shared_cuts(opened, name)) for name in record.channels]
    headline = exposure.headline(opened.ledger, _power)
    return {"name": opened.sample, "headline": headline, "flows": flows}


def _exposure(record: Record) -> dict[str, Any]:
    ledger = record.ledger
    return {
        "unit": ledger.unit,
        "complete": ledger.complete,
        "headline": exposure.headline(ledger, _power),
        "datasets": ledger.datasets,
        "details": bool(exposure.account(ledger)) or exposure.has_details(record),
        "account": [
            (line.state, _amount(line.amount), _amount(line.spills), line.reason)
            for line in exposure.account(ledger)
        ],
        "notes": exposure.notes(ledger),
        "lists": exposure.lists(record),
        "split": exposure.SPLIT,
        "breakdowns": [
            {"what": what, "head": exposure.BREAKDOWNS[what],
             "rows": {name: [_amount(n) for n in sums] for name, sums in table.items()}}
            for what, table in exposure.breakdowns(ledger).items()
        ],
    }  # fmt: skip


def _amount(n: int) -> str:
    return _digits(str(n)) if n else ""


def _power(figure: Figure) -> str:
    if not figure.exponent:
        return figure.value
    return f"{figure.value}×10{superscript(figure.exponent)}"


def _element(text: str) -> Markup:
    """Make JSON harmless inside an element: no tag and no comment can begin or end in it."""
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704 - no sign of HTML is left


@dataclass(frozen=True)
class _View:
    """A cell for the templates; its errors stand in a second cell where the column has any."""

    value: str = ""
    plus: str = ""
    minus: str = ""
    power: str = ""
    missing: bool = False


def _flow(flow: Cutflow, shared: int = 0) -> dict[str, Any]:
    table = tabulate(flow)
    columns = []
    cells = []
    for kind in table.columns:
        column = [line.cells.get(kind) for line in table.lines]
        figures = [cell for cell in column if isinstance(cell, Figure)]
        places = max((len(f.value.partition(".")[2]) for f in figures), default=0)
        double = any(f.plus or f.minus or f.exponent for f in figures)
        columns.append({"head": HEADINGS[kind], "double": double})
        cells.append([_cell(cell, places) for cell in column])
    lines = [
        {
            "number": line.number,
            "label": line.label,
            "share": _share(line),
            "cells": [column[i] for column in cells],
            "kind": _kind(i, len(table.lines) - 1, shared),
        }
        for i, line in enumerate(table.lines)
    ]
    return {
        "channel": table.channel,
        "box": ("blind" if table.blind else "open") if table.boxes else "",
        "columns": columns,
        "lines": lines,
        "notes": table.notes(table.columns),
    }


def _kind(i: int, last: int, shared: int) -> str:
    words = ["all"] if i == 0 else ["last"] if i == last else []
    if 0 < i <= shared:
        words.append("trunk")
    if i == shared + 1 and shared:
        words.append("own")
    return " ".join(["cut", *words])


def _share(line: Line) -> str:
    """Length of the bar behind a name, as the share of all events is written."""
    if line.number == 0:
        return "100"
    cell = line.cells.get("share")
    return cell.value if isinstance(cell, Figure) else "0"


def _cell(cell: Cell, places: int) -> _View:
    if cell is None:
        return _View()
    if isinstance(cell, Missing):
        return _View(_WORDS[cell], missing=True)
    lacking = places - len(cell.value.partition(".")[2])
    point = 1 if lacking and "." not in cell.value else 0
    return _View(
        _digits(cell.value) + _DIGIT * lacking + _THIN * point,
        _digits(cell.plus),
        _digits(cell.minus),
        str(cell.exponent).replace("-", "−") if cell.exponent else "",
    )


def _digits(digits: str) -> str:
    return grouped(digits, _THIN).replace("-", "−") if digits else ""


def _survivors(flow: Cutflow) -> dict[str, Any] | None:
    ids = flow.survivors
    if ids is None:
        return None
    names: Sequence[str] = [event_name(row) for row in ids[:SURVIVORS_SHOWN]]
    return {"n": _digits(str(len(ids))), "names": names, "more": len(ids) > SURVIVORS_SHOWN}
