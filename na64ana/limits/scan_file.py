"""Scans as JSON, schema ``na64ana/scan/1``, and as CSV."""

from __future__ import annotations

import json
import math
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from na64ana.csvtext import field_of, line_of, text_of
from na64ana.errors import LimitError, printable
from na64ana.limits.scan_result import FLAGS, Scan, ScanPoint, curve_names, curve_of
from na64ana.limits.two_sided import Band
from na64ana.provenance import software
from na64ana.textfile import write_whole

__all__ = ["SCHEMA", "finished", "read_scan", "scan_csv", "scan_json", "scan_sha256", "write_scan"]

SCHEMA = "na64ana/scan/1"
_LONGEST = 200  # characters of a text in CSV


class _Band(msgspec.Struct, forbid_unknown_fields=True):
    low: float
    high: float
    low_open: bool
    high_open: bool


class _Point(msgspec.Struct, forbid_unknown_fields=True):
    mass: float
    limits: dict[str, float]
    bands: dict[str, list[_Band]]


class _File(msgspec.Struct):
    """What is read back; the curves of the file are there for other readers."""

    schema: str
    coupling: str
    unit: str
    couplings: tuple[float, float]
    steps: int
    settings: dict[str, Any]
    sha256: str
    points: list[_Point]


def scan_sha256(scan: Scan) -> str:
    """Return the hash of what a scan was made with.

    Raises
    ------
    LimitError
        The settings hold what JSON cannot.
    """
    content = [SCHEMA, scan.coupling, scan.unit, list(scan.couplings), scan.steps, scan.settings]
    try:
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        msg = f"settings of the scan: numbers, text, lists and dicts of them only ({error})"
        raise LimitError(msg) from None
    return sha256(text.encode()).hexdigest()


def scan_json(scan: Scan) -> str:
    """Return a scan as JSON.

    ``points`` holds all bands at each mass; ``curves`` the same as columns, null where there is no
    edge inside the scan.
    """
    content = {
        "schema": SCHEMA,
        "coupling": scan.coupling,
        "unit": scan.unit,
        "couplings": list(scan.couplings),
        "steps": scan.steps,
        "settings": dict(scan.settings),
        "sha256": scan.sha256,
        "software": software(),
        "mass": [point.mass for point in scan.points],
        "curves": {name: _columns(scan, name) for name in curve_names(scan)},
        "points": [_point(point) for point in scan.points],
    }
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _columns(scan: Scan, name: str) -> dict[str, list[Any]]:
    curve = curve_of(scan, name)
    low, high = ([None if math.isnan(x) else x for x in edge] for edge in (curve.low, curve.high))
    return {"limits": curve.limits, "low": low, "high": high, "flags": curve.flags}


def _point(point: ScanPoint) -> dict[str, Any]:
    bands = {name: [band._asdict() for band in found] for name, found in point.bands.items()}
    return {"mass": point.mass, "limits": dict(point.limits), "bands": bands}


def scan_csv(scan: Scan) -> str:
    """Return a scan as CSV: a row for each mass, curve and excluded band.

    An edge that lies outside the scan is an empty field, and ``flag`` says what is excluded. After
    the rows come comment lines, each with ``#`` first.
    """
    mass = f"mass_{scan.unit}"
    lines = [_line([mass, "curve", "limit_events", "low", "high", "flag"])]
    for name in curve_names(scan):
        for point, flag in zip(scan.points, curve_of(scan, name).flags, strict=True):
            for low, high in _rows(point.bands[name]):
                lines.append(_line([point.mass, name, point.limits[name], low, high, flag]))
    lines += [f"# {flag}: {words}\n" for flag, words in FLAGS.items()]
    low, high = scan.couplings
    lines.append(
        f"# coupling: {printable(scan.coupling)}, {low!r} to {high!r}, {scan.steps} steps\n"
    )
    lines += [f"# {_field(str(k))}: {_field(str(v))}\n" for k, v in scan.settings.items()]
    return "".join([*lines, f"# sha256: {scan.sha256}\n"])


def _rows(bands: tuple[Band, ...]) -> list[tuple[object, object]]:
    return [("" if b.low_open else b.low, "" if b.high_open else b.high) for b in bands] or [
        ("", "")
    ]


def _line(fields: list[object]) -> str:
    return line_of(text_of(f, _LONGEST) if isinstance(f, str) else f for f in fields)


def _field(words: str) -> str:
    return field_of(text_of(words, _LONGEST))


def write_scan(scan: Scan, path: str | Path) -> None:
    """Write a scan, as CSV if the name ends so, else as JSON."""
    write_whole(path, scan_csv(scan) if Path(path).suffix == ".csv" else scan_json(scan))


def read_scan(path: str | Path) -> Scan:
    """Read a scan from its JSON file.

    Raises
    ------
    LimitError
        The file is missing, damaged, of another schema, or was changed in its settings.
    """
    name = printable(str(path))
    try:
        entry = msgspec.json.decode(Path(path).read_bytes(), type=_File)
    except OSError as error:
        msg = f"{name}: cannot be read ({error.strerror or error})"
        raise LimitError(msg) from None
    except (msgspec.MsgspecError, RecursionError) as error:
        msg = f"{name}: this is no scan ({printable(str(error))})"
        raise LimitError(msg) from None
    if entry.schema != SCHEMA:
        msg = f"{name}: the schema is '{printable(entry.schema)}', not {SCHEMA}"
        raise LimitError(msg)
    points = tuple(
        ScanPoint(p.mass, p.limits, {k: _bands(found) for k, found in p.bands.items()})
        for p in entry.points
    )
    scan = Scan(points, entry.couplings, entry.steps, entry.coupling, entry.unit, entry.settings,
                entry.sha256)  # fmt: skip
    if scan_sha256(scan) != scan.sha256:
        msg = f"{name}: the settings do not fit the hash beside them: the file was changed"
        raise LimitError(msg)
    return scan


def _bands(found: list[_Band]) -> tuple[Band, ...]:
    return tuple(Band(b.low, b.high, b.low_open, b.high_open) for b in found)


def finished(path: str | Path, head: Scan) -> dict[float, ScanPoint]:
    """Return the masses that a file holds for the settings of a scan; none where it is missing.

    Raises
    ------
    LimitError
        The file is no scan, or one of other settings.
    """
    if Path(path).suffix == ".csv":
        msg = f"{printable(str(path))}: a scan is taken up again from its JSON file, not from CSV"
        raise LimitError(msg)
    if not Path(path).exists():
        return {}
    held = read_scan(path)
    if held.sha256 != head.sha256:
        msg = (
            f"{printable(str(path))}: this scan was made with other settings, couplings or steps; "
            "name another file, or take it away to begin anew"
        )
        raise LimitError(msg)
    return {point.mass: point for point in held.points}
