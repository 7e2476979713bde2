"""A fitted sideband as plain data for its plot, with what was seen between fit range and box."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from na64ana.analysis.load import Analysis
from na64ana.analysis.model import SidebandSpec
from na64ana.background import (
    Extrapolation,
    Shape,
    Sideband,
    Validation,
    expected_in_bins,
    from_region,
    named_shape,
    validate,
)
from na64ana.cutflow import Record
from na64ana.errors import printable
from na64ana.expressions.interval import LINE, Interval, compared
from na64ana.expressions.tree import Logic, Node
from na64ana.selection.bind import BoundRegion

__all__ = ["DRAWN_BINS", "drawn", "validated"]

#: bins in which a fit range is drawn, about; the fit itself is unbinned
DRAWN_BINS = 30
#: widths of bins that a reader can count with, times a power of ten
_ROUND = (1.0, 2.0, 2.5, 5.0)
_ROUNDING = 1e-6

Range = tuple[float, float]


def validated(
    analysis: Analysis, spec: SidebandSpec, record: Record, found: Extrapolation
) -> tuple[Sideband, Validation] | None:
    """Compare the central fit with the events between its range and the box.

    They are outside the box, and the central fit does not use them; fits to other ranges may use
    some.

    Returns
    -------
    Sideband
        From the box, or from where the region begins, to the far end of the central fit range.
    Validation
        None in place of both where nothing lies between.
    """
    low, high = found.central.window
    kept = _kept(analysis, spec)
    below = found.box[1] <= low
    window = (max(found.box[1], kept.low), high) if below else (low, min(found.box[0], kept.high))
    if window[1] - window[0] <= (high - low) * (1 + _ROUNDING):
        return None
    unit = str(analysis.unit(spec.observable))
    band = from_region(record, spec.region, spec.observable, window, found.box, unit=unit)
    return band, validate(band, low if below else high, _shape(spec, found.central.shape))


def _shape(spec: SidebandSpec, name: str) -> Shape:
    """The shape of a fit, which may be named with its degree, as the file does not name it."""
    return next(shape for shape in map(named_shape, spec.shapes) if shape.name == name)


def _kept(analysis: Analysis, spec: SidebandSpec) -> Interval:
    """Values of the observable that its region can hold, as far as plain comparisons say."""
    (region,) = (r for r in analysis.bound.regions if r.name == spec.region)
    node = region.keep[spec.observable]
    held = LINE
    for condition in _conditions(region):
        found = compared(condition)
        if found is not None and found[0] == node:
            held = held.meet(found[1])
    return held


def _conditions(region: BoundRegion) -> Iterator[Node]:
    """What must hold in a region, joined by ``and``."""
    waiting = [*(cut.condition for cut in region.cuts), *filter(None, [region.where])]
    while waiting:
        condition = waiting.pop()
        if isinstance(condition, Logic) and condition.operator == "and":
            waiting.extend(condition.operands)
        else:
            yield condition


def drawn(
    analysis: Analysis,
    spec: SidebandSpec,
    band: Sideband,
    found: Extrapolation,
    beside: tuple[Sideband, Validation] | None,
) -> dict[str, Any]:
    """Return the sideband up to the box, the central fit and the span of all accepted fits.

    ``beside`` is what `validated` returns.
    """
    shown = [band] if beside is None else [band, beside[0]]
    window = min(s.window[0] for s in shown), max(s.window[1] for s in shown)
    central, box = found.central.window, _closed(band.box, window)
    width = _width([central[1] - central[0], max(central[0] - box[1], box[0] - central[1])])
    edges = _edges(window, central[0], width)
    fine = _edges((min(box[0], edges[0]), max(box[1], edges[-1])), central[0], width)
    accepted = [fit for fit in found.fits if fit is found.central or fit.accepted]
    curves = [
        expected_in_bins(band, _shape(spec, fit.shape), fit, fine.tolist()) for fit in accepted
    ]
    return {
        "source": spec.name,
        "observable": spec.observable,
        "label": _label(analysis, spec),
        "unit": band.unit,
        "edges": edges.tolist(),
        "counts": _counts(shown, edges),
        "curve": {
            "x": ((fine[1:] + fine[:-1]) / 2).tolist(),
            "central": curves[0].tolist(),
            "low": np.min(curves, axis=0).tolist(),
            "high": np.max(curves, axis=0).tolist(),
        },
        "range": list(central),
        "box": list(band.box),
        "estimate": {
            "value": found.value,
            "statistical": found.statistical,
            "bootstrap": found.bootstrap,
            "systematic": found.budget_systematic,
            "spread": found.systematic,
            "low": min(fit.value for fit in accepted),
            "high": max(fit.value for fit in accepted),
        },
        "validation": beside
        and {**asdict(beside[1]), "words": beside[1].describe(printable(band.unit))},
        "extrapolation": found.to_dict(),
    }


def _label(analysis: Analysis, spec: SidebandSpec) -> str:
    """Label and unit of the observable as a histogram of the selection has them, or its name."""
    (region,) = (r for r in analysis.bound.regions if r.name == spec.region)
    node, unit = region.keep[spec.observable], str(analysis.unit(spec.observable))
    plain = f"{spec.observable} [{unit}]" if unit else spec.observable
    labels = [axis.label for h in analysis.bound.histograms for axis in h.axes if axis.node == node]
    return next((label for label in labels if label != plain), plain)


def _closed(box: Range, window: Range) -> Range:
    """Return the box, as wide as the sideband where it has no end."""
    width = window[1] - window[0]
    low, high = box
    return (low if math.isfinite(low) else high - width,
            high if math.isfinite(high) else low + width)  # fmt: skip


def _width(lengths: list[float]) -> float:
    """Return a width of bins that fits into the fit range, and from there to the box."""
    rough = lengths[0] / DRAWN_BINS
    power = 10.0 ** math.floor(math.log10(rough))
    tried = [factor * power * ten for factor in _ROUND for ten in (0.1, 1, 10)]
    for width in sorted(tried, key=lambda width: abs(math.log(width / rough))):
        numbers = [length / width for length in lengths]
        if all(abs(n - round(n)) < _ROUNDING * max(n, 1) for n in numbers):
            return width
    return rough


def _counts(shown: list[Sideband], edges: NDArray[np.float64]) -> list[int]:
    """Count the events of sidebands; the second overlaps the first, and adds what is outside."""
    first, *others = [s.values for s in shown if s.values is not None]
    low, high = shown[0].window
    values = np.concatenate([first, *(v[(v < low) | (v >= high)] for v in others)])
    return [int(n) for n in np.histogram(values, edges)[0]]


def _edges(window: Range, start: float, width: float) -> NDArray[np.float64]:
    """Return edges of whole bins in a range, one of them at ``start``."""
    first = math.ceil((window[0] - start) / width - _ROUNDING)
    last = math.floor((window[1] - start) / width + _ROUNDING)
    return start + width * np.arange(first, last + 1, dtype=np.float64)
