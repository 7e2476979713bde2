"""The canonical form: what a selection counts, without the words for people.

Comments, key order, white space, names of the file and of the selection, reasons and
references leave it as it is; any change of a threshold, a name of a cut or an order changes it.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

from na64ana.expressions import parse
from na64ana.selection.model import (
    AxisSpec,
    CutSpec,
    HistogramSpec,
    LookupSpec,
    RegionSpec,
    SelectionSpec,
)
from na64ana.units import parse_quantity

__all__ = ["canonical"]


def canonical(spec: SelectionSpec, closed: tuple[tuple[CutSpec, ...], ...] = ()) -> str:
    """Return the canonical JSON text of a whole selection."""
    content = {
        "weight": _text(spec.weight),
        "observables": {name: _observable(value) for name, value in spec.observables.items()},
        "cuts": [_cut(cut) for cut in spec.cuts],
        "channels": {
            name: {"after": channel.after, "cuts": [_cut(cut) for cut in channel.cuts]}
            for name, channel in spec.channels.items()
        },
        "regions": {name: _region(region) for name, region in spec.regions.items()},
        "histograms": {name: _histogram(item) for name, item in spec.histograms.items()},
    }
    if closed:
        boxes = [json.dumps([_cut(cut) for cut in box], sort_keys=True) for box in closed]
        content["closed"] = dict.fromkeys(sorted(boxes))
    return json.dumps(content, sort_keys=True, separators=(",", ":"))


def _text(expression: str | None) -> str | None:
    return None if expression is None else parse(expression).canonical


def _quantities(values: list[Any] | None) -> list[str | None] | None:
    if values is None:
        return None
    return [None if value is None else str(parse_quantity(value)) for value in values]


def _observable(value: str | LookupSpec) -> Any:
    if isinstance(value, str):
        return _text(value)
    return {
        "lookup": _text(value.lookup),
        "edges": _quantities(value.edges),
        "values": _quantities(value.values),
        "outside": _quantities([value.below, value.above]),
    }


def _cut(cut: CutSpec) -> dict[str, Any]:
    return {
        "name": cut.name,
        "observable": _text(cut.observable),
        "within": _quantities(cut.within),
        "between": _quantities([cut.above, cut.below]),
        "require": _text(cut.require),
        "runs": cut.runs,
    }


def _region(region: RegionSpec) -> dict[str, Any]:
    return {
        "cuts": sorted(region.cuts) if region.cuts is not None else None,
        "where": _text(region.where),
        "blind": msgspec.to_builtins(region.blind),
        "keep": sorted(region.keep),
    }


def _histogram(item: HistogramSpec) -> dict[str, Any]:
    axes = [_axis(axis) for axis in (item.x, item.y) if axis is not None]
    return {"axes": axes, "at": item.at, "channel": item.channel}


def _axis(axis: AxisSpec) -> dict[str, Any]:
    return {
        "observable": _text(axis.observable),
        "bins": axis.bins,
        "range": _quantities(axis.range),
        "edges": _quantities(axis.edges),
    }
