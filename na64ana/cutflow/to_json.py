"""Records written as JSON, schema ``na64ana/record/1``, for others to read."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from na64ana.cutflow.cutflow import BLINDED, NOT_COMPUTED, Cutflow, Row
from na64ana.cutflow.ledger import Ledger
from na64ana.cutflow.record import InputFile, Record, Region
from na64ana.cutflow.spills import SpillCount
from na64ana.cutflow.tally import COUNTS, Counts, Tally
from na64ana.exact import Weights
from na64ana.expressions import Interval
from na64ana.histograms import Histogram

__all__ = ["ORIGIN", "SCHEMA", "dumps", "input_to_dict", "to_dict"]

SCHEMA = "na64ana/record/1"
#: keys that say what made a record, and nothing about what was counted
ORIGIN = ("software", "git", "made")


def dumps(record: Record) -> str:
    """Return the JSON text of a record."""
    return _pretty(to_dict(record)) + "\n"


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
        "inputs": [input_to_dict(file) for file in record.inputs],
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


def input_to_dict(file: InputFile) -> dict[str, Any]:
    """Return one input file as plain data; what is suspected of its spills is not in it."""
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
    if tally.sums is not None:
        result["sumw"] = shown(tally.sums.w.texts())
        result["sumw2"] = shown(tally.sums.w2.texts())
    return result


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
    def by_place(bins: list[Any]) -> dict[str, list[Any]]:
        size = math.prod(h.masked.shape[1:])
        shown = [None if hide else v for v, hide in zip(bins, h.masked.flat, strict=True)]
        return {place: shown[i * size :][:size] for i, place in enumerate(h.places)}

    def numbers(values: np.ndarray) -> list[float | str]:
        return [_number(v) for v in values.ravel().tolist()]

    weights = h.entries if isinstance(h.entries, Weights) else None
    lines = {cut: [_interval(i) for i in lines] for cut, lines in h.lines.items()}
    return {
        "channel": h.channel,
        "axes": [{"label": a.label, "edges": list(a.edges), "bins": a.bins} for a in h.axes],
        "places": list(h.places),
        "blinded": list(h.blinded),
        "values": by_place(numbers(h.values)),
        "variances": None if h.variances is None else by_place(numbers(h.variances)),
        **({"sumw": by_place(weights.w.texts()), "sumw2": by_place(weights.w2.texts())}
           if weights else {}),
        "missing": h.missing.tolist(),
        **({"lines": lines} if lines else {}),
    }  # fmt: skip


def _interval(interval: Interval) -> list[Any]:
    """Both ends, null where there is none, and whether each belongs to it."""
    ends = [end if np.isfinite(end) else None for end in interval[:2]]
    return [*ends, interval.with_low, interval.with_high]


# ----------------------------------------------------------------------- text


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
