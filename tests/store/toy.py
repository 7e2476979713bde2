"""Small files with every kind of column, a layout of them and a selection that uses all."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import awkward as ak
import numpy as np

import na64ana as na
from na64ana.run import stored

#: the same for all files, so that one takes the place of another by its content alone
IDENTITY = UUID(int=7)
ENTRIES = 90

LAYOUT: dict[str, Any] = {
    "name": "toy",
    "tree": "toy",
    "marks": ["RUN"],
    "columns": {
        "run": {"branch": "RUN", "type": "integer"},
        "spill": {"branch": "SPILL", "type": "integer"},
        "event": {"branch": "EVENT", "type": "integer"},
        "bits": {"branch": "BITS", "type": "integer"},
        "big": {"branch": "BIG", "type": "integer"},
        "good": {"branch": "GOOD", "type": "flag"},
        "time": {"branch": "TIME", "unit": "ns"},
        "cells": {"branch": "CELLS", "shape": [2, 10], "axes": ["plane", "ix"], "unit": "GeV"},
        "sixteen": {"branch": "C16", "shape": [16], "axes": ["bar"], "unit": "GeV"},
        "seventeen": {"branch": "C17", "shape": [17], "axes": ["rod"], "unit": "GeV"},
        "hits": {"branch": "HITS", "shape": ["var"], "axes": ["hit"], "unit": "mm"},
        "numbers": {"branch": "NHITS", "shape": ["var"], "axes": ["hit"], "type": "integer"},
    },
}

SELECTION: dict[str, Any] = {
    "name": "toy",
    "observables": {
        "near": "where(abs(cells) < 40*GeV, cells, 0*GeV)",
        "total": "sum(near)",
        "planes": "sum(near, axis=ix)",
        "any_large": "any(seventeen > 30*GeV) or total > 400*GeV",
        "bars": "sixteen * 2",
        "rods": "seventeen - total",
        "central": "argmax(cells)",
        "step": {
            "lookup": "time",
            "edges": ["80 ns", "95 ns", "120 ns"],
            "values": ["10 GeV", "50 GeV"],
        },
        "odd": "event % 2 == 1",
        "physics": "(bits & 6) != 0",
        "far": "hits[0] - 1*mm",
    },
    "cuts": [
        {"name": "time", "observable": "time", "within": ["85 ns", "115 ns"]},
        {"name": "bits", "require": "physics or odd"},
        {"name": "planes", "require": "all(planes > -90*GeV)", "runs": [3, 3]},
        {"name": "cells", "require": "not (central == (0, 0)) and not any_large"},
        {"name": "bars", "require": "count(bars > 10*GeV) > 1 and good"},
        {"name": "rods", "require": "any(rods < 500*GeV)"},
        {"name": "hits", "require": "len(hits) > 0 and far < 9*mm and max(numbers) < 90"},
        {"name": "total", "observable": "total", "below": "300 GeV"},
    ],
    "channels": {"step": {"after": "bits", "cuts": [{"name": "s", "require": "total > step"}]}},
    "regions": {
        "signal": {"cuts": ["rods", "total"], "blind": True},
        "side": {"where": "total > 20*GeV and big > 9007199254740993", "keep": ["total", "far"]},
    },
    "histograms": {
        "times": {"x": {"observable": "time", "bins": 8, "range": ["80 ns", "120 ns"]}},
        "plane": {
            "x": {"observable": "total", "bins": 5, "range": ["0 GeV", "500 GeV"]},
            "y": {"observable": "far", "bins": 3, "range": ["0 mm", "9 mm"]},
            "at": ["start", "bits", "all but time"],
        },
    },
}


def events(seed: int = 1, entries: int = ENTRIES) -> dict[str, Any]:
    """Return the branches; a tenth of all numbers are missing, in the second half of the events."""
    random = np.random.default_rng(seed)

    def numbers(*shape: int, low: float, high: float) -> np.ndarray:
        values = random.uniform(low, high, (entries, *shape))
        values[entries // 2 :][random.random((entries - entries // 2, *shape)) < 0.1] = np.nan
        return values

    index = np.arange(entries)
    counts = index * 7 % 11 % 4
    return {
        "RUN": (3 + index // (entries // 2 + 1)).astype(np.int32),
        "SPILL": (1 + index // 20).astype(np.int32),
        "EVENT": index.astype(np.int64),
        "BITS": random.integers(0, 16, entries).astype(np.int32),
        "BIG": (2**53 + random.integers(0, 4, entries)).astype(np.int64),
        "GOOD": random.random(entries) < 0.9,
        "TIME": numbers(low=80, high=120),
        "CELLS": numbers(20, low=-1, high=60),
        "OTHER": numbers(20, low=-1, high=60),
        "C16": numbers(16, low=0, high=12),
        "C17": numbers(17, low=0, high=31),
        "HITS": ak.unflatten(numbers(8, low=0, high=10).ravel()[: counts.sum()], counts),
        "NHITS": ak.unflatten(random.integers(0, 100, counts.sum()), counts),
    }


def write(
    path: Path,
    branches: dict[str, Any] | None = None,
    *,
    form: str = "TTree",
    kind: str | None = None,
    baskets: int = 30,
    uuid: UUID = IDENTITY,
) -> Path:
    """Write a file; what is written of as many events has the same size."""
    import uproot

    found = events() if branches is None else branches
    if form == "Parquet":
        ak.to_parquet(ak.Array(_lists(found)), str(path))
        return path
    with uproot.recreate(path, compression=None, uuid_function=lambda: uuid) as file:
        if form == "RNTuple":
            file.mkrntuple("toy", _lists(found))
        else:
            entries = len(found["TIME"])
            types = {k: _type(v) for k, v in found.items()}
            tree = file.mktree("toy", types)
            for start in range(0, entries, baskets):
                tree.extend({k: v[start : start + baskets] for k, v in found.items()})
        if kind is not None:
            file["na64ana"] = json.dumps({"kind": kind})
    settle()
    return path


def _lists(branches: dict[str, Any]) -> dict[str, Any]:
    """Arrays of fixed shape as flat lists."""
    return {
        name: array
        if isinstance(array, ak.Array) or array.ndim == 1
        else ak.from_regular(ak.Array(array.reshape(len(array), math.prod(array.shape[1:]))))
        for name, array in branches.items()
    }


def _type(array: Any) -> Any:
    if isinstance(array, ak.Array):
        return f"var * {array.type.content.content}"
    return np.dtype((array.dtype, array.shape[1:]))


def settle() -> None:
    """Wait until any later change of a file has another time."""
    time.sleep(2 * stored._TICK / 1e9)


def write_layout(folder: Path, **changes: dict[str, Any]) -> Path:
    """Write the layout, with other keys of some columns."""
    columns = {
        name: {**column, **changes.get(name, {})} for name, column in LAYOUT["columns"].items()
    }
    path = folder / "toy.yaml"
    path.write_text(json.dumps({**LAYOUT, "columns": columns}))
    return path


def selection(layout: Path, **keys: Any) -> na.Selection:
    """Return the selection, with other top-level keys where given."""
    return na.Selection.from_dict({**SELECTION, "layout": str(layout), **keys})


def with_cut(number: int, **keys: Any) -> list[dict[str, Any]]:
    """Return the cuts, one of them changed."""
    cuts = [dict(cut) for cut in SELECTION["cuts"]]
    cuts[number] = {"name": cuts[number]["name"], **keys}
    return cuts
