"""Records read back from their JSON, schema ``na64ana/record/1``, without loss."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from na64ana.cutflow.cutflow import Cutflow, CutLabel
from na64ana.cutflow.ledger import STATES, Entry, Ledger, LedgerDataset, LostFile
from na64ana.cutflow.record import InputFile, Record, Region
from na64ana.cutflow.spills import SpillCount
from na64ana.cutflow.tally import Tally
from na64ana.cutflow.to_json import SCHEMA, to_dict
from na64ana.errors import RecordError, printable
from na64ana.exact import Exact, Weights
from na64ana.expressions import Interval
from na64ana.histograms import Binning, Histogram
from na64ana.provenance import Made
from na64ana.textfile import read_json

__all__ = ["from_dict", "input_from_dict", "load"]


def load(path: Path) -> Record:
    """Read a record from its file.

    Raises
    ------
    RecordError
        The file is missing, no JSON, or holds no record of a known schema.
    """
    name = printable(str(path))
    content = read_json(path, "a record", RecordError)
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
        inputs=tuple(input_from_dict(item) for item in content["inputs"]),
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


def input_from_dict(item: Mapping[str, Any]) -> InputFile:
    """Return the input file that `input_to_dict` was given."""
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
    return Tally(n, Weights(_read_exact(item["sumw"]), _read_exact(item["sumw2"])))


def _read_exact(texts: list[str | None]) -> Exact:
    return Exact.read("0*2^0" if text is None else text for text in texts)


def _read_ids(rows: list[list[int | None]]) -> np.ndarray:
    plain = [[-1 if number is None else number for number in row] for row in rows]
    return np.array(plain, dtype=np.int64).reshape(-1, 3)


def _read_region(name: str, item: Mapping[str, Any]) -> Region:
    kept = {key: np.array(values, dtype=float) for key, values in item["values"].items()}
    return Region(name, _read_tally(item["exact"]), _read_ids(item["events"]), kept)


def _read_histogram(name: str, item: Mapping[str, Any], blind: bool) -> Histogram:
    axes = tuple(Binning(_text(a["label"]), tuple(a["edges"]), a["bins"]) for a in item["axes"])
    places = tuple(map(_text, item["places"]))
    shape = (len(places), *(axis.size + 2 for axis in axes))

    def stacked(values: Mapping[str, list[Any]], kind: type) -> np.ndarray:
        return np.array([values[place] for place in places], dtype=kind).reshape(shape)

    def exact(values: Mapping[str, list[Any]]) -> Exact:
        texts = [text for place in places for text in values[place]]
        return _read_exact(texts).each(lambda digit: digit.reshape(shape))

    entries: np.ndarray | Weights
    if item["variances"] is not None:
        entries = Weights(exact(item["sumw"]), exact(item["sumw2"]))
    else:
        values = {place: [v or 0 for v in item["values"][place]] for place in places}
        entries = stacked(values, np.int64)
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
        entries,
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
