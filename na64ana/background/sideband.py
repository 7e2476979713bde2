"""The data of an extrapolation: a sideband, the box beside it, and what must not be used."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from na64ana.background.frame import Direction, Frame
from na64ana.background.likelihood import Sample
from na64ana.cutflow import Record
from na64ana.errors import BackgroundError, nearest, printable
from na64ana.histograms import Binning, Histogram

__all__ = ["Sideband", "from_histogram", "from_region", "from_values"]

Range = tuple[float, float]

_ROUNDING = 1e-9  # of the width of a sideband: how well an edge must meet that of a bin


@dataclass(frozen=True, eq=False)
class Sideband:
    """Events of a sideband beside a box, in one observable.

    Attributes
    ----------
    observable, unit : str
        For labels.
    window : (low, high)
        The sideband; a value at its upper edge is not in it.
    box : (low, high)
        Where the expectation is wanted; ``inf`` if it is open.
    direction : {"low", "high"}
        The side of the sideband on which the box lies.
    values : array of float, shape (event,), or None
        All in the window; None where only bins are known.
    edges, counts : arrays, shapes (bin + 1,) and (bin,), or None
        Of binned data.
    origin : float
        Zero of the observable, from which power laws count.
    source : str
        Where the events are from, for messages.
    """

    observable: str
    unit: str
    window: Range
    box: Range
    direction: Direction
    values: np.ndarray | None = field(default=None, repr=False)
    edges: np.ndarray | None = field(default=None, repr=False)
    counts: np.ndarray | None = field(default=None, repr=False)
    origin: float = 0.0
    source: str = ""

    @property
    def frame(self) -> Frame:
        """The scale of the fits."""
        low, high = self.window
        edge = high if self.direction == "low" else low
        return Frame(edge, high - low, self.direction, self.origin)

    @property
    def events(self) -> int:
        """Events in the sideband."""
        if self.values is not None:
            return len(self.values)
        assert self.counts is not None
        return int(self.counts.sum())

    def sample(self, window: Range | None = None) -> Sample:
        """Return the events of a fit range, the whole sideband by default.

        Raises
        ------
        BackgroundError
            The range is not in the sideband, does not end where bins do, or holds no event.
        """
        low, high = self.window if window is None else window
        if not (self.window[0] <= low < high <= self.window[1]):
            msg = (
                f"{self.source}: the fit range {_text((low, high), self.unit)} is not inside the "
                f"sideband {_text(self.window, self.unit)}"
            )
            raise BackgroundError(msg)
        frame = self.frame
        start, stop = frame.between(low, high)
        if self.values is not None:
            t = np.sort(frame.depth(self.values[(self.values >= low) & (self.values < high)]))
            found = Sample(frame, start, stop, values=t)
        else:
            assert self.edges is not None
            assert self.counts is not None
            inside = _bins(self.edges, (low, high), self.source)
            edges = frame.depth(self.edges[inside.start : inside.stop + 1])
            counts = self.counts[inside]
            if self.direction == "low":
                edges, counts = edges[::-1], counts[::-1]
            found = Sample(frame, start, stop, edges=edges, counts=counts)
        if not found.events:
            msg = f"{self.source}: no event in {_text((low, high), self.unit)}; nothing to fit"
            raise BackgroundError(msg)
        return found


def from_values(
    values: Iterable[float] | np.ndarray,
    window: Range,
    box: Range,
    *,
    observable: str = "x",
    unit: str = "",
    direction: Direction | None = None,
    threshold: float | None = None,
    origin: float = 0.0,
    source: str = "sideband",
) -> Sideband:
    """Return a sideband of single events, for unbinned fits.

    Parameters
    ----------
    values : array of float, shape (event,)
        In the unit of window and box; those outside the window are left out.
    window, box : (low, high)
    direction : {"low", "high"}, optional
        The side on which the box must lie; found from the box otherwise.
    threshold : float, optional
        Of the trigger: values on the far side of it are incomplete, and the window must not reach
        there (E_ECAL: the turn-on at 80 to 90 GeV).
    origin : float
        Zero of the observable.

    Raises
    ------
    BackgroundError
        The window is no range, overlaps the box or passes the threshold; a value is missing; or
        no event is in the window.
    """
    side = _checked(window, box, direction, threshold, source, unit)
    x = np.asarray(values, dtype=float)
    if missing := int(np.count_nonzero(~np.isfinite(x))):
        msg = f"{source}: {missing} of {x.size} events have no value of '{printable(observable)}'"
        raise BackgroundError(msg)
    x = x[(x >= window[0]) & (x < window[1])]
    _not_empty(len(x), window, source, unit)
    return Sideband(
        observable, unit, window, box, side, values=x, origin=origin, source=source
    )  # fmt: skip


def from_region(
    record: Record,
    region: str,
    observable: str,
    window: Range,
    box: Range,
    *,
    unit: str = "",
    direction: Direction | None = None,
    threshold: float | None = None,
    origin: float = 0.0,
) -> Sideband:
    """Return the values that a region of a record keeps.

    Parameters
    ----------
    record : Record
    region, observable : str
        A region with ``keep: [observable]``.
    window, box, unit, direction, threshold, origin
        As in `from_values`, in the unit of the kept values.

    Raises
    ------
    BackgroundError
        There is no such region or value, events have weights, or what `from_values` refuses.
    """
    if region not in record.regions:
        hint = nearest(region, record.regions)
        msg = f"the record has no region '{printable(region)}'{hint}"
        raise BackgroundError(msg)
    found = record.regions[region]
    source = f"region '{printable(region)}'"
    if observable not in found.kept:
        hint = nearest(observable, found.kept)
        msg = (
            f"{source} keeps no '{printable(observable)}'{hint}; write keep: "
            f"[{printable(observable)}] in the selection"
        )
        raise BackgroundError(msg)
    if found.tally.sums is not None:
        raise BackgroundError(_weighted(source))
    return from_values(
        found.kept[observable],
        window,
        box,
        observable=observable,
        unit=unit,
        direction=direction,
        threshold=threshold,
        origin=origin,
        source=source,
    )


def from_histogram(
    histogram: Histogram,
    place: str,
    window: Range,
    box: Range,
    *,
    across: Range | None = None,
    unit: str = "",
    direction: Direction | None = None,
    threshold: float | None = None,
    origin: float = 0.0,
) -> Sideband:
    """Return the bins of a histogram, for binned fits.

    Parameters
    ----------
    histogram : Histogram
        With one axis, or two: then the second is summed over ``across``.
    place : str
        The cut after which it was filled, or ``start``.
    window : (low, high)
        On the first axis, from edge to edge of bins.
    across : (low, high), optional
        On the second axis, from edge to edge of bins.
    box, unit, direction, threshold, origin
        As in `from_values`.

    Raises
    ------
    BackgroundError
        The histogram was not filled there, has weights, or a masked bin would be used; a range
        does not end where a bin does; or what `from_values` refuses.
    """
    source = f"histogram '{printable(histogram.name)}'"
    side = _checked(window, box, direction, threshold, source, unit)
    if histogram.variances is not None:
        raise BackgroundError(_weighted(source))
    if (across is None) != (len(histogram.axes) == 1):
        msg = f"{source} has {len(histogram.axes)} axes; give a range across the second, if any"
        raise BackgroundError(msg)
    ranges = [window, *([] if across is None else [across])]
    bins = [
        _bins(_edges(axis), limits, source)
        for axis, limits in zip(histogram.axes, ranges, strict=True)
    ]
    shifted = [slice(b.start + 1, b.stop + 1) for b in bins]  # the underflow is bin 0
    try:
        masked = histogram.is_masked(place, *shifted)
    except KeyError as error:
        raise BackgroundError(str(error.args[0])) from None
    if masked:
        msg = (
            f"{source} after '{printable(place)}': bins in {_text(window, unit)} are masked, since "
            "a blind region cuts through them; end the sideband at a bin outside the region"
        )
        raise BackgroundError(msg)
    filled: np.ndarray = histogram.values[histogram.places.index(place)]
    counts = filled[tuple(shifted)]
    counts = counts if across is None else counts.sum(axis=1)
    _not_empty(int(counts.sum()), window, source, unit)
    edges = _edges(histogram.axes[0])[bins[0].start : bins[0].stop + 1]
    name = histogram.axes[0].label
    return Sideband(
        name, unit, window, box, side, edges=edges, counts=counts, origin=origin, source=source
    )


def _checked(
    window: Range,
    box: Range,
    direction: Direction | None,
    threshold: float | None,
    source: str,
    unit: str,
) -> Direction:
    """Return the side of the box, or say what is wrong with the ranges."""
    for what, (low, high) in (("sideband", window), ("box", box)):
        finite = math.isfinite(low) and (what == "box" or math.isfinite(high))
        if not low < high or (not finite and not math.isinf(low)) or math.isnan(high):
            msg = f"{source}: the {what} {_text((low, high), unit)} is no range"
            raise BackgroundError(msg)
    if not all(map(math.isfinite, window)):
        msg = f"{source}: the sideband {_text(window, unit)} must have two edges"
        raise BackgroundError(msg)
    if box[1] > window[0] and box[0] < window[1]:
        msg = (
            f"{source}: the sideband {_text(window, unit)} reaches into the box "
            f"{_text(box, unit)}; the box must stay out of the fit"
        )
        raise BackgroundError(msg)
    side: Direction = "low" if box[1] <= window[0] else "high"
    if direction is not None and direction != side:
        msg = (
            f"{source}: the box {_text(box, unit)} lies on the {side} side of the sideband "
            f"{_text(window, unit)}, not on the {printable(str(direction))} side"
        )
        raise BackgroundError(msg)
    beyond = threshold is not None and (
        window[1] > threshold if side == "low" else window[0] < threshold
    )
    if beyond:
        msg = (
            f"{source}: the sideband {_text(window, unit)} passes the trigger threshold at "
            f"{threshold:g}{_unit(unit)}, beyond which events are missing"
        )
        raise BackgroundError(msg)
    return side


def _edges(axis: Binning) -> np.ndarray:
    if axis.bins is None:
        return np.array(axis.edges)
    return np.linspace(axis.edges[0], axis.edges[-1], axis.bins + 1)


def _bins(edges: np.ndarray, window: Range, source: str) -> slice:
    """Return the bins of a range that begins and ends at edges of bins."""
    found = []
    for end in window:
        i = int(np.argmin(np.abs(edges - end)))
        if abs(edges[i] - end) > _ROUNDING * (edges[-1] - edges[0]):
            msg = f"{source}: {end:g} is not the edge of a bin; the nearest is {edges[i]:g}"
            raise BackgroundError(msg)
        found.append(i)
    return slice(*found)


def _not_empty(events: int, window: Range, source: str, unit: str) -> None:
    if not events:
        msg = (
            f"{source}: the sideband {_text(window, unit)} is empty; without events there is "
            "nothing to extrapolate"
        )
        raise BackgroundError(msg)


def _weighted(source: str) -> str:
    return f"{source}: events have weights; a sideband fit counts events of data, by Poisson's law"


def _unit(unit: str) -> str:
    return f" {printable(unit)}" if unit else ""


def _text(window: Range, unit: str) -> str:
    return f"{window[0]:g} to {window[1]:g}{_unit(unit)}"
