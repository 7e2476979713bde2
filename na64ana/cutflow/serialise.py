"""Records as JSON, schema ``na64ana/record/1``: written for others, read back without loss."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from na64ana.cutflow.assembly import Assembly, Part
from na64ana.cutflow.cutflow import BLINDED, NOT_COMPUTED, Cutflow, CutLabel, Row
from na64ana.cutflow.exact import SQUARE_BITS, WEIGHT_BITS
from na64ana.cutflow.ledger import STATES, Entry, Ledger, LedgerDataset, LostFile
from na64ana.cutflow.record import InputFile, Record, Region
from na64ana.cutflow.spills import SpillCount
from na64ana.cutflow.tally import COUNTS, Counts, Tally
from na64ana.errors import RecordError, printable
from na64ana.expressions import Interval
from na64ana.histograms import Binning, Histogram
from na64ana.provenance import Made

__all__ = [
    "SCHEMA",
    "assembly_from_dict",
    "assembly_to_dict",
    "dumps",
    "from_dict",
    "load",
    "to_dict",
]

SCHEMA = "na64ana/record/1"
#: keys that say what made a record, and nothing about what was counted
ORIGIN = ("software", "git", "made")


def dumps(record: Record) -> str:
    """Return the JSON text of a record."""
    return _pretty(to_dict(record)) + "\n"


def load(path: Path) -> Record:
    """Read a record from its file.

    Raises
    ------
    RecordError
        The file is missing, no JSON, or holds no record of a known schema.
    """
    name = printable(str(path))
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        msg = f"{name}: {error.strerror or error}"
        raise RecordError(msg) from None
    except (ValueError, RecursionError) as error:
        msg = f"{name}: not a record (no JSON: {error})"
        raise RecordError(msg) from None
    schema = content.get("schema") if isinstance(content, dict) else None
    if schema != SCHEMA:
        msg = f"{name}: not a record: schema is {printable(str(schema))}, not {SCHEMA}"
        raise RecordError(msg)
    try:
        record = from_dict(content)
        made = to_dict(record, origin=False)
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        msg = f"{name}: not a whole record ({type(error).__name__}: {printable(str(error))})"
        raise RecordError(msg) from None
    wrong = _unlike(made, content, "")
    if wrong:
        msg = f"{name}: not a whole record: {printable(wrong)} does not fit the rest"
        raise RecordError(msg)
    return record


def _unlike(made: Any, given: Any, place: str) -> str:
    """Return the first place where a file says other than what its record would write.

    Keys that are added to the file are left out, and so is what made it.
    """
    if isinstance(made, dict) and isinstance(given, dict):
        for key, value in made.items():
            if key not in given:
                return f"{place}{key}"
            wrong = _unlike(value, given[key], f"{place}{key}.")
            if wrong:
                return wrong
        return ""
    if isinstance(made, list) and isinstance(given, list) and len(made) == len(given):
        pairs = enumerate(zip(made, given, strict=True))
        return next((w for i, (a, b) in pairs if (w := _unlike(a, b, f"{place}{i}."))), "")
    return "" if made == given else place.rstrip(".")


# -------------------------------------------------------------------- writing


def to_dict(record: Record, *, origin: bool = True) -> dict[str, Any]:
    """Return the content of the JSON; independent of the order in which chunks were added.

    Without ``origin``, what made the record is left out: `ORIGIN`.
    """
    content = {
        "schema": SCHEMA,
        "selection": {"name": record.selection, "sha256": record.sha256},
        "blind": record.blind,
        "unblinded": record.unblinded,
        "counts": record.mode,
        "kind": record.kind,
        "exposure": _ledger(record.ledger),
        "inputs": [_input(file) for file in record.inputs],
        "software": dict(record.software),
        "git": dict(record.git),
        "channels": {name: _channel(flow) for name, flow in record.channels.items()},
        "survivors": {name: _survivors(flow) for name, flow in record.channels.items()},
        "regions": {name: _region(region) for name, region in record.regions.items()},
        "histograms": {name: _histogram(h) for name, h in record.booked.items()},
        "sample": record.sample,
        "open_sample": None
        if record.open_sample is None
        else to_dict(record.open_sample, origin=False),
        "made": [run._asdict() for run in record.made],
    }
    return content if origin else {k: v for k, v in content.items() if k not in ORIGIN}


def _input(file: InputFile) -> dict[str, Any]:
    return {
        "path": file.path,
        "uuid": file.uuid,
        "entries": file.entries,
        "read": [list(pair) for pair in file.read],
        "tree": file.tree,
        "layout": {"name": file.layout, "sha256": file.layout_sha256},
        "kind": file.kind,
        "kind_from": file.kind_from,
        "left_out": dict(file.left_out),
        "spills": [[*_ids_of(count), count.n, f"{count.digest:016x}"] for count in file.spills],
    }


def _ids_of(count: SpillCount) -> list[int | None]:
    """Run, spill, first and last event."""
    return [None if number < 0 else number for number in count[:4]]


def _ledger(ledger: Ledger) -> dict[str, Any]:
    """The ledger; entries that differ in spill and amount alone stand together."""
    groups: dict[tuple[Any, ...], list[list[int | None]]] = {}
    for e in ledger.entries:
        key = (e.dataset, e.run, e.files, e.state, e.reason, e.apportioned)
        groups.setdefault(key, []).append([e.spill, e.amount])
    names = ("dataset", "run", "files", "state", "reason", "apportioned")
    return {
        "unit": ledger.unit,
        **ledger.totals._asdict(),
        "known": ledger.known,
        "complete": ledger.complete,
        "datasets": [dataset._asdict() for dataset in ledger.datasets],
        "entries": [
            dict(zip(names, (*key[:2], list(key[2]), *key[3:]), strict=True)) | {"spills": spills}
            for key, spills in groups.items()
        ],
        "lost_files": [file._asdict() for file in ledger.lost_files],
        "repeated_files": [file._asdict() for file in ledger.repeated_files],
        "unaccounted": list(ledger.unaccounted),
    }


def _counts(counts: Counts | None) -> dict[str, Any] | None:
    if counts is None:
        return None
    return {"n": counts.n, "sumw": _number(counts.sumw), "sumw2": _number(counts.sumw2)}


def _channel(flow: Cutflow) -> dict[str, Any]:
    return {
        "events": flow.events.n,
        "total": _counts(flow.events),
        "blind_regions": [[flow.cuts[i].name for i in sorted(box)] for box in flow.boxes],
        "cuts": [_cut(row) for row in flow.rows],
        "runs": [
            {"run": run, "numbers": _run(flow, flow.runs[run])}
            for run in sorted(flow.runs, key=lambda run: -1 if run is None else run)
        ],
    }


def _cut(row: Row) -> dict[str, Any]:
    label = row.label
    cut: dict[str, Any] = {
        "name": label.name,
        "condition": label.condition,
        "reason": label.reason,
        "reference": label.reference,
    }
    cut |= {kind: _counts(getattr(row, kind)) for kind in COUNTS}
    for flag, why in (("blinded", BLINDED), ("not_computed", NOT_COMPUTED)):
        if why in row.hidden.values():
            cut[flag] = True
    cut["hidden"] = dict(row.hidden)
    return cut


def _run(flow: Cutflow, tallies: Mapping[str, Tally]) -> dict[str, Any]:
    """Exact numbers of one run; what is hidden is null here too."""
    numbers = {"events": _tally(tallies["events"], [False])}
    rows = range(len(flow.cuts))
    for kind in COUNTS:
        if kind in tallies:
            numbers[kind] = _tally(tallies[kind], [flow.is_hidden(kind, i) for i in rows])
    return numbers


def _tally(tally: Tally, hidden: list[bool]) -> dict[str, Any]:
    def shown(values: list[Any]) -> list[Any]:
        return [None if hide else v for v, hide in zip(values, hidden, strict=True)]

    result: dict[str, Any] = {"n": shown(tally.n.tolist())}
    if tally.sumw is not None and tally.sumw2 is not None:
        result["sumw"] = shown([_exact(v, WEIGHT_BITS) for v in tally.sumw])
        result["sumw2"] = shown([_exact(v, SQUARE_BITS) for v in tally.sumw2])
    return result


def _exact(value: int, bits: int) -> str:
    """Write an exact sum as ``whole*2^power``."""
    value = int(value)
    zeros = (value & -value).bit_length() - 1 if value else bits
    return f"{value >> zeros}*2^{zeros - bits}"


def _survivors(flow: Cutflow) -> list[list[int | None]] | None:
    ids = flow.survivors
    return None if ids is None else _ids(ids)


def _ids(ids: np.ndarray) -> list[list[int | None]]:
    return [[None if number < 0 else number for number in row] for row in ids.tolist()]


def _region(region: Region) -> dict[str, Any]:
    ordered = region.in_order()
    return {
        "counts": _counts(region.counts),
        "exact": _tally(region.tally, [False]),
        "events": _ids(ordered.ids),
        "values": {name: [_number(v) for v in values.tolist()]
                   for name, values in ordered.kept.items()},
    }  # fmt: skip


def _number(value: float) -> float | str:
    return value if np.isfinite(value) else repr(value)


def _histogram(h: Histogram) -> dict[str, Any]:
    def by_place(values: np.ndarray | None) -> dict[str, list[float | None]] | None:
        if values is None:
            return None
        shown: dict[str, list[float | None]] = {}
        for place, row, masked in zip(h.places, values, h.masked, strict=True):
            shown[place] = row.ravel().tolist()
            for i in np.flatnonzero(masked):
                shown[place][i] = None
        return shown

    lines = {cut: [_interval(i) for i in lines] for cut, lines in h.lines.items()}
    return {
        "channel": h.channel,
        "axes": [{"label": a.label, "edges": list(a.edges), "bins": a.bins} for a in h.axes],
        "places": list(h.places),
        "blinded": list(h.blinded),
        "values": by_place(h.values),
        "variances": by_place(h.variances),
        "missing": h.missing.tolist(),
        **({"lines": lines} if lines else {}),
    }


def _interval(interval: Interval) -> list[Any]:
    """Both ends, null where there is none, and whether each belongs to it."""
    ends = [end if np.isfinite(end) else None for end in interval[:2]]
    return [*ends, interval.with_low, interval.with_high]


def _pretty(value: Any, indent: int = 0) -> str:
    """JSON with one line for each thing that holds only plain values."""
    inner = list(value.values()) if isinstance(value, dict) else value
    if not isinstance(value, dict | list) or all(_plain(item) for item in inner):
        return json.dumps(value, allow_nan=False)
    pad = " " * (indent + 1)
    if isinstance(value, dict):
        parts = [f"{json.dumps(k)}: {_pretty(v, indent + 1)}" for k, v in value.items()]
        brackets = "{}"
    else:
        parts = [_pretty(item, indent + 1) for item in value]
        brackets = "[]"
    body = f",\n{pad}".join(parts)
    return f"{brackets[0]}\n{pad}{body}\n{' ' * indent}{brackets[1]}"


def _plain(value: Any) -> bool:
    return not isinstance(value, dict | list) or (
        isinstance(value, list) and len(value) <= 3 and all(not isinstance(v, dict | list)
                                                            for v in value)
    )  # fmt: skip


def assembly_to_dict(assembly: Assembly) -> dict[str, Any]:
    """Return an assembly as plain data, from which `assembly_from_dict` makes it again."""
    folded = assembly.folded
    return {
        "schema": SCHEMA,
        "folded": None if folded is None else to_dict(folded),
        "parts": [
            {"files": list(part.files), "spill": part.spill, "record": to_dict(record)}
            for part, record in assembly.parts.items()
        ],
        "seen": [_input(f) | {"suspect": sorted(f.suspect)} for f in assembly.seen.values()],
        "lost": dict(assembly.lost),
    }


# -------------------------------------------------------------------- reading


def assembly_from_dict(content: Mapping[str, Any]) -> Assembly:
    """Return the assembly that `assembly_to_dict` was given."""
    seen = [
        replace(
            _read_input(item), suspect=frozenset((run, spill) for run, spill in item["suspect"])
        )
        for item in content["seen"]
    ]
    parts = {
        Part(tuple(item["files"]), None if item["spill"] is None else tuple(item["spill"])):
        from_dict(item["record"])
        for item in content["parts"]
    }  # fmt: skip
    folded = None if content["folded"] is None else from_dict(content["folded"])
    return Assembly(folded, parts, {file.path: file for file in seen}, dict(content["lost"]))


def from_dict(content: Mapping[str, Any]) -> Record:
    """Return the record that `to_dict` was given."""
    blind, mode = bool(content["blind"]), str(content["counts"])
    survivors = content["survivors"]
    opened = content["open_sample"]
    if "main" not in content["channels"]:
        msg = "no channel main"
        raise ValueError(msg)
    return Record(
        selection=_text(content["selection"]["name"]),
        sha256=_text(content["selection"]["sha256"]),
        blind=blind,
        unblinded=None if content["unblinded"] is None else _text(content["unblinded"]),
        mode=mode,
        inputs=tuple(_read_input(item) for item in content["inputs"]),
        channels={
            name: _read_channel(name, item, blind, mode, survivors[name])
            for name, item in content["channels"].items()
        },
        booked={name: _read_histogram(name, h, blind) for name, h in content["histograms"].items()},
        regions={name: _read_region(name, item) for name, item in content["regions"].items()},
        software=_texts(content["software"]),
        ledger=_read_ledger(content["exposure"]),
        sample=_text(content["sample"]),
        open_sample=None if opened is None else from_dict({"software": {}} | opened),
        git=_texts(content.get("git", {})),
        made=tuple(sorted(_read_made(item) for item in content.get("made", ()))),
    )


def _read_made(item: Mapping[str, Any]) -> Made:
    time, user, host, command = (_text(item[key]) for key in Made._fields[:-1])
    return Made(time, user, host, command, _whole(item["workers"]))


def _texts(content: Mapping[str, Any]) -> dict[str, str]:
    return {_text(key): _text(value) for key, value in content.items()}


def _text(value: Any) -> str:
    if not isinstance(value, str):
        msg = f"{value!r} is not text"
        raise TypeError(msg)
    return value


def _whole(value: Any) -> int:
    if type(value) is not int:
        msg = f"{value!r} is not a whole number"
        raise TypeError(msg)
    return value


def _read_input(item: Mapping[str, Any]) -> InputFile:
    return InputFile(
        path=_text(item["path"]),
        uuid=None if item["uuid"] is None else _text(item["uuid"]),
        entries=_whole(item["entries"]),
        read=tuple((_whole(start), _whole(stop)) for start, stop in item["read"]),
        tree=_text(item["tree"]),
        layout=_text(item["layout"]["name"]),
        layout_sha256=_text(item["layout"]["sha256"]),
        kind=_text(item["kind"]),
        kind_from=_text(item["kind_from"]),
        left_out={_text(why): _whole(n) for why, n in item["left_out"].items()},
        spills=tuple(_read_spill(*row) for row in item["spills"]),
    )


def _read_spill(run: Any, spill: Any, first: Any, last: Any, n: Any, digest: str) -> SpillCount:
    ids = (-1 if number is None else _whole(number) for number in (run, spill, first, last))
    return SpillCount._make((*ids, _whole(n), int(digest, 16)))


def _read_ledger(item: Mapping[str, Any]) -> Ledger:
    entries = [
        Entry(
            _text(group["dataset"]),
            None if group["run"] is None else _whole(group["run"]),
            None if spill is None else _whole(spill),
            tuple(map(_text, group["files"])),
            _whole(amount),
            STATES[STATES.index(group["state"])],
            _text(group["reason"]),
            bool(group["apportioned"]),
        )
        for group in item["entries"]
        for spill, amount in group["spills"]
    ]
    return Ledger(
        tuple(sorted(entries, key=lambda entry: (entry.account, entry.state, entry.reason))),
        tuple(LedgerDataset(**dataset) for dataset in item["datasets"]),
        tuple(LostFile(**file) for file in item["lost_files"]),
        tuple(map(_text, item["unaccounted"])),
        tuple(LostFile(**file) for file in item["repeated_files"]),
    )


def _read_channel(
    name: str, item: Mapping[str, Any], blind: bool, mode: str, survivors: list[Any] | None
) -> Cutflow:
    labels = tuple(
        CutLabel(*(_text(c[key]) for key in ("name", "condition", "reason", "reference")))
        for c in item["cuts"]
    )
    names = [label.name for label in labels]
    boxes = tuple(frozenset(map(names.index, box)) for box in item["blind_regions"])
    runs = {
        None if entry["run"] is None else _whole(entry["run"]): {
            kind: _read_tally(t) for kind, t in entry["numbers"].items()
        }
        for entry in item["runs"]
    }
    return Cutflow(name, labels, boxes, blind, mode, runs, _read_ids(survivors or []))


def _read_tally(item: Mapping[str, Any]) -> Tally:
    n = np.array([v or 0 for v in item["n"]], dtype=np.int64)
    if "sumw" not in item:
        return Tally(n)
    return Tally(n, _read_exact(item["sumw"], WEIGHT_BITS), _read_exact(item["sumw2"], SQUARE_BITS))


def _read_exact(values: list[str | None], bits: int) -> np.ndarray:
    result = np.zeros(len(values), dtype=object)
    for i, text in enumerate(values):
        if text is not None:
            whole, _, power = text.partition("*2^")
            shift = int(power) + bits
            if not 0 <= shift <= 3 * SQUARE_BITS:
                msg = f"{text} is no sum of weights"
                raise ValueError(msg)
            result[i] = int(whole) << shift
    return result


def _read_ids(rows: list[list[int | None]]) -> np.ndarray:
    plain = [[-1 if number is None else number for number in row] for row in rows]
    return np.array(plain, dtype=np.int64).reshape(-1, 3)


def _read_region(name: str, item: Mapping[str, Any]) -> Region:
    kept = {key: np.array(values, dtype=float) for key, values in item["values"].items()}
    return Region(name, _read_tally(item["exact"]), _read_ids(item["events"]), kept)


def _read_histogram(name: str, item: Mapping[str, Any], blind: bool) -> Histogram:
    axes = tuple(Binning(_text(a["label"]), tuple(a["edges"]), a["bins"]) for a in item["axes"])
    places = tuple(map(_text, item["places"]))
    shape = tuple(axis.size + 2 for axis in axes)
    weighted = item["variances"] is not None

    def stacked(values: Mapping[str, list[Any]], kind: type) -> np.ndarray:
        rows = [np.array(values[place]).reshape(shape) for place in places]
        return np.stack(rows).astype(kind) if rows else np.zeros((0, *shape), dtype=kind)

    def shown(values: Mapping[str, list[Any]]) -> np.ndarray:
        known = {place: [0 if v is None else v for v in values[place]] for place in places}
        return stacked(known, float if weighted else np.int64)

    masked = {place: [v is None for v in item["values"][place]] for place in places}
    if not blind and any(map(any, masked.values())):
        msg = "masked bins in an open record"
        raise ValueError(msg)
    return Histogram(
        name,
        _text(item["channel"]),
        axes,
        places,
        tuple(map(_text, item["blinded"])),
        shown(item["values"]),
        shown(item["variances"]) if weighted else None,
        np.array(item["missing"], dtype=np.int64),
        stacked(masked, bool),
        {_text(cut): tuple(map(_read_interval, i)) for cut, i in item.get("lines", {}).items()},
    )


def _read_interval(item: list[Any]) -> Interval:
    low, high, with_low, with_high = item
    return Interval(
        -np.inf if low is None else float(low),
        np.inf if high is None else float(high),
        bool(with_low),
        bool(with_high),
    )
