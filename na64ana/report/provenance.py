"""Where a result comes from: in words, and as JSON inside LaTeX, CSV and HTML, read back again.

What differs between two runs on the same inputs (`Record.made`) stands apart from all the rest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from na64ana.cutflow import InputFile, Record
from na64ana.errors import RecordError, printable
from na64ana.provenance import Made

__all__ = [
    "ELEMENT",
    "MADE",
    "SAME",
    "SCHEMA",
    "as_json",
    "comments",
    "made_lines",
    "overview",
    "read",
    "short_git",
]

SCHEMA = "na64ana/provenance/1"
#: marks of the two parts: what is the same in every run, and what is not
SAME, MADE = "na64ana", "na64ana-made"
#: an element that no browser runs
ELEMENT = '<script type="application/json" class="{}">'
_LINE = 2000  # characters; TeX reads no endless lines
_MOST = 5


def content(record: Record) -> dict[str, Any]:
    """Return what a record was made from, as plain data; the same for two runs."""
    ledger = record.ledger
    layouts = dict.fromkeys((file.layout, file.layout_sha256) for file in record.inputs)
    return {
        "schema": SCHEMA,
        "selection": {"name": record.selection, "sha256": record.sha256},
        "kind": record.kind,
        "counts": record.mode,
        "blind": record.blind,
        "unblinded": record.unblinded,
        "layouts": [{"name": name, "sha256": sha256} for name, sha256 in layouts],
        "datasets": [dataset._asdict() for dataset in ledger.datasets],
        "exposure": {
            "unit": ledger.unit,
            **ledger.totals._asdict(),
            "apportioned": ledger.apportioned,
            "known": ledger.known,
            "complete": ledger.complete,
            "fates": [fate._asdict() for fate in ledger.fates()],
            "lost_files": [file._asdict() for file in ledger.lost_files],
            "repeated_files": [file._asdict() for file in ledger.repeated_files],
        },
        "inputs": [_input(file) for file in record.inputs],
        "software": dict(record.software),
        "git": dict(record.git),
    }


def _input(file: InputFile) -> dict[str, Any]:
    return {
        "path": file.path,
        "uuid": file.uuid,
        "tree": file.tree,
        "entries": file.entries,
        "read": [list(pair) for pair in file.read],
        "kind": file.kind,
        "kind_from": file.kind_from,
        "left_out": dict(file.left_out),
    }


def as_json(record: Record) -> tuple[str, str]:
    """Return both parts as JSON in ASCII, in one line each."""
    parts = (content(record), [made._asdict() for made in record.made])
    same, made = (json.dumps(part, allow_nan=False, separators=(",", ":")) for part in parts)
    return same, made


def comments(record: Record, mark: str) -> list[str]:
    """Return both parts as comment lines, long ones broken anywhere; the second comes last."""
    return [
        f"{mark} {name}: {text[start : start + _LINE]}"
        for name, text in zip((SAME, MADE), as_json(record), strict=True)
        for start in range(0, len(text), _LINE)
    ]


def made_lines(record: Record) -> list[str]:
    """Say who counted, when, where and how; of an open box, who opened it."""
    opened = f" for selection {record.sha256[:12]}: {record.unblinded}" if record.unblinded else ""
    lines = [_made(made, opened) for made in record.made[:_MOST]]
    more = len(record.made) - _MOST
    return [*lines, f"and {more} more run{'' if more == 1 else 's'}"] if more > 0 else lines


def _made(made: Made, opened: str) -> str:
    who = f"{made.user} on {made.time}"
    workers = f"{made.workers} worker{'' if made.workers == 1 else 's'}"
    how = f"{made.command}, {workers if made.workers else 'coffea or Dask'} on {made.host}"
    return f"opened by {who}{opened} ({how})" if opened else f"made by {who} ({how})"


def short_git(git: Mapping[str, str]) -> str:
    """Write commits with 12 of their digits: ``na64ana 0123456789ab+changes``."""
    commits = {what: re.sub("([0-9a-f]{12})[0-9a-f]+", r"\1", text) for what, text in git.items()}
    return ", ".join(f"{what} {commit}" for what, commit in commits.items())


# -------------------------------------------------------------------- reading


def read(path: Path) -> dict[str, Any]:
    """Read what `comments`, or a page, holds back from a file; ``made`` is put into it.

    Raises
    ------
    RecordError
        The file cannot be read, or holds none of it.
    """
    name = printable(str(path))
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        msg = f"{name}: {error.strerror or error}"
        raise RecordError(msg) from None
    except ValueError:
        msg = f"{name}: no text, and no output of na64ana"
        raise RecordError(msg) from None
    found = _found(text, SAME)
    if not found:
        msg = (
            f"{name}: no record and no output of na64ana: it holds no provenance "
            "(JSON, LaTeX, CSV and HTML of 'na64ana cutflow' do)"
        )
        raise RecordError(msg)
    try:
        result, made = json.loads(found), json.loads(_found(text, MADE) or "[]")
    except (ValueError, RecursionError) as error:
        msg = f"{name}: its provenance is damaged ({printable(str(error))})"
        raise RecordError(msg) from None
    schema = result.get("schema") if isinstance(result, dict) else None
    if schema != SCHEMA:
        msg = f"{name}: its provenance has schema {printable(str(schema))}, not {SCHEMA}"
        raise RecordError(msg)
    return {**result, "made": made}


def _found(text: str, name: str) -> str:
    """Return the JSON under a mark: in the first such element, else in all such comments."""
    element = re.escape(ELEMENT.format(name))
    if match := re.search(f"{element}(.*?)</script>", text, re.DOTALL):
        return match[1]
    return "".join(re.findall(rf"^[#%] {name}: (.*)$", text, re.MULTILINE))


def overview(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what `read` gave as pairs of words; anything may stand in a file, nothing is run."""
    selection, exposure = _part(content, "selection"), _part(content, "exposure")
    pairs = [
        ("selection", f"{selection.get('name')}  {selection.get('sha256')}"),
        ("input", f"{content.get('kind')}; counts {content.get('counts')}"),
        ("box", _box(content)),
        *(("layout", _named(layout)) for layout in _items(content, "layouts")),
        *(("dataset", f"{_named(d)}  {d.get('unit')}") for d in _items(content, "datasets")),
        *_exposure(exposure),
        *(("file", _file(item)) for item in _items(content, "inputs")),
        *(("lost", _why(item)) for item in _items(exposure, "lost_files")),
        *(("given twice", _why(item)) for item in _items(exposure, "repeated_files")),
        ("software", _joined(_part(content, "software"))),
        ("git", _joined(_part(content, "git")) or "unknown"),
        *(("made", _run(item)) for item in _items(content, "made")),
    ]
    return [(label, printable(words, _LINE)) for label, words in pairs]


def _part(content: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    part = content.get(key)
    return part if isinstance(part, dict) else {}


def _items(content: Mapping[str, Any], key: str) -> Iterable[Mapping[str, Any]]:
    items = content.get(key)
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _named(item: Mapping[str, Any]) -> str:
    return f"{item.get('name')}  {item.get('sha256')}"


def _box(content: Mapping[str, Any]) -> str:
    if content.get("unblinded"):
        return f"UNBLINDED, reason: {content['unblinded']}"
    return "BLIND" if content.get("blind") else "open"


def _exposure(exposure: Mapping[str, Any]) -> list[tuple[str, str]]:
    unit = exposure.get("unit")
    if not unit:
        return [("exposure", "unknown" if exposure.get("complete") else "unknown, INCOMPLETE")]
    keys = ("processed", "lost", "excluded", "apportioned")
    words = ", ".join(f"{exposure.get(key)} {key}" for key in keys)
    whole = "" if exposure.get("complete") else ", INCOMPLETE"
    return [("exposure", f"{exposure.get('recorded')} {unit} recorded: {words}{whole}")]


def _file(item: Mapping[str, Any]) -> str:
    return f"{item.get('path')}  entries {item.get('read')} of {item.get('entries')}"


def _why(item: Mapping[str, Any]) -> str:
    return f"{item.get('path')}: {item.get('reason')}"


def _joined(item: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in item.items())


def _run(item: Mapping[str, Any]) -> str:
    time, user, host, command, workers = (item.get(key) for key in Made._fields)
    return f"by {user} on {time} ({command}, workers: {workers}, on {host})"
