"""Histograms booked along the chain: values per bin at each place, mergeable."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache, reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from na64ana.errors import printable
from na64ana.exact import Weights
from na64ana.expressions import Interval

if TYPE_CHECKING:
    import hist

__all__ = ["Binning", "Box", "Histogram"]

#: values of each axis inside a blind box, and whether all events with such values are in the box
Box = tuple[tuple[Interval, ...], bool]

#: how far from the edge of a bin the rounding of the filling axis may reach, as part of the edge
_ROUNDING = 2.0**-48


@dataclass(frozen=True)
class Binning:
    """One axis: label with unit, and the edges; ``bins`` equal ones between two, or all given."""

    label: str
    edges: tuple[float, ...]
    bins: int | None = None

    @property
    def size(self) -> int:
        """Number of bins without under- and overflow."""
        return self.bins if self.bins is not None else len(self.edges) - 1


@dataclass(frozen=True, eq=False)
class Histogram:
    """Events per bin at each place of the chain.

    Attributes
    ----------
    name, channel : str
    axes : tuple of Binning
    places : tuple of str
        Names of cuts (after which it was filled), ``start``, or ``all but`` and a name.
    blinded : tuple of str
        Places left out because they lie behind all cuts of a blind region.
    entries : array of int64, or Weights; shape (place, *bins + 2)
        Events, or exact sums of weights and of their squares, with under- and overflow; 0 in
        masked bins.
    missing : array of int64, shape (place,)
        Events that are in no bin, because a value is missing (NaN).
    masked : array of bool, shape (place, *bins + 2)
        Bins of a blind record that say nothing: those that straddle an edge of a blind region,
        at every place, and those that lie in it where all their events are in the region. All
        False where nothing was blinded. A bin inside an edge while other cuts of the region are
        still to come is not masked: it has all its events outside the region.
    lines : dict of str to tuple of Interval
        For each cut of the channel that asks something of an axis, the values of each axis that
        pass, in its unit: where the lines of the cuts stand.
    """

    name: str
    channel: str
    axes: tuple[Binning, ...]
    places: tuple[str, ...]
    blinded: tuple[str, ...]
    entries: np.ndarray | Weights = field(repr=False)
    missing: np.ndarray = field(repr=False)
    masked: np.ndarray = field(repr=False)
    lines: Mapping[str, tuple[Interval, ...]] = field(default_factory=dict)

    @cached_property
    def values(self) -> np.ndarray:
        """Events, or sums of weights, rounded once."""
        return self.entries.w.rounded() if isinstance(self.entries, Weights) else self.entries

    @cached_property
    def variances(self) -> np.ndarray | None:
        """Sums of squared weights, rounded once; None where events have no weights."""
        return self.entries.w2.rounded() if isinstance(self.entries, Weights) else None

    def is_masked(self, place: str, *bins: int | slice) -> bool:
        """Whether any of some bins is masked, so that a fit must not use them together.

        Parameters
        ----------
        place : str
            Name of a cut, or ``start``. At a place that is left out as blinded every bin is masked.
        *bins : int or slice
            For each axis, counted with the underflow as 0; all bins of an axis without one.

        Raises
        ------
        KeyError
            The histogram was not filled there.
        """
        if place in self.blinded:
            return True
        if place not in self.places:
            places = ", ".join(map(printable, (*self.places, *self.blinded)))
            msg = f"histogram '{printable(self.name)}' has no place '{printable(place)}' ({places})"
            raise KeyError(msg)
        return bool(np.any(self.masked[(self.places.index(place), *bins)]))

    def __add__(self, other: Histogram) -> Histogram:
        mine, theirs = self.entries, other.entries
        # an event without a weight counts one
        if isinstance(mine, Weights) and not isinstance(theirs, Weights):
            theirs = Weights.counts(theirs)
        elif isinstance(theirs, Weights) and not isinstance(mine, Weights):
            mine = Weights.counts(mine)
        return replace(self, entries=mine + theirs, missing=self.missing + other.missing)

    def to_hist(self) -> hist.Hist[Any]:
        """Return a `hist.Hist` with the place as a category axis named ``cut``.

        Masked bins are NaN, and so is every sum over them; whole numbers are held as doubles then.
        """
        import hist as h

        axes: list[Any] = [h.axis.StrCategory(self.places, name="cut", label="after cut")]
        for name, axis in zip("xy", self.axes, strict=False):
            if axis.bins is not None:
                axes.append(h.axis.Regular(axis.bins, *axis.edges, name=name, label=axis.label))
            else:
                axes.append(h.axis.Variable(axis.edges, name=name, label=axis.label))
        weighted = self.variances is not None
        counts = h.storage.Double() if self.masked.any() else h.storage.Int64()
        storage = h.storage.Weight() if weighted else counts
        made: h.Hist[Any] = h.Hist(*axes, storage=storage, name=self.name)
        view: Any = made.view(flow=True)
        shown = slice(0, len(self.places))  # a category axis has an overflow bin of its own
        if weighted:
            view["value"][shown], view["variance"][shown] = self.values, self.variances
        else:
            view[shown] = self.values
        if self.masked.any():
            for part in (view["value"], view["variance"]) if weighted else (view,):
                part[shown][self.masked] = np.nan
        return made


def empty(
    name: str,
    channel: str,
    axes: tuple[Binning, ...],
    places: tuple[str, ...],
    blinded: tuple[str, ...],
    boxes: tuple[tuple[Box, ...], ...] = (),
    *,
    lines: Mapping[str, tuple[Interval, ...]] | None = None,
    weighted: bool,
) -> Histogram:
    """Return a histogram without entries; ``boxes`` are those that are blind at each place."""
    shape = (len(places), *(axis.size + 2 for axis in axes))
    entries = Weights.zeros(*shape) if weighted else np.zeros(shape, dtype=np.int64)
    return Histogram(
        name,
        channel,
        axes,
        places,
        blinded,
        entries,
        np.zeros(len(places), dtype=np.int64),
        _masked(axes, shape, boxes),
        lines or {},
    )


@lru_cache(maxsize=32)  # the same for every chunk
def _masked(
    axes: tuple[Binning, ...], shape: tuple[int, ...], boxes: tuple[tuple[Box, ...], ...]
) -> np.ndarray:
    """Bins that blind boxes spoil or empty; see `Histogram`."""
    masked = np.zeros(shape, dtype=bool)
    for i, found in enumerate(boxes):
        for intervals, whole in found:
            sides = [_covered(a, values) for a, values in zip(axes, intervals, strict=True)]
            touched = reduce(np.logical_and.outer, [touched for touched, _ in sides])
            inside = reduce(np.logical_and.outer, [inside for _, inside in sides])
            masked[i] |= touched if whole else touched & ~inside
    masked.flags.writeable = False
    return masked


def _covered(axis: Binning, values: Interval) -> tuple[np.ndarray, np.ndarray]:
    """Bins that hold a value of the interval, and those that hold no other; shape (bins + 2,).

    A bin holds the values from its lower edge to below its upper one. So one whose lower edge is
    the upper end of the interval shares that single value with it, if the end belongs to it, and
    an event there is enough to spoil the bin. The filling axis is asked where an end falls, since
    of equal bins the edges are rounded; what lies nearer to an end than that is not looked at.
    """
    index = _axis(axis).index
    low, high, with_low, with_high = values
    size = max(abs(axis.edges[0]), abs(axis.edges[-1]))
    below, above = (_ROUNDING * max(size, abs(end)) for end in (low, high))
    bins = np.arange(-1, axis.size + 1)
    touched = (index(low if with_low else low + below) <= bins) & (
        bins <= index(high if with_high else high - above)
    )
    inside = np.ones(len(bins), dtype=bool)
    if np.isfinite(low):
        inside &= index(low - below if with_low else low) < bins
    if np.isfinite(high):
        inside &= bins < index(high + above)
    return touched, inside


def _axis(axis: Binning) -> Any:
    import boost_histogram as bh

    if axis.bins is not None:
        return bh.axis.Regular(axis.bins, *axis.edges)
    return bh.axis.Variable(axis.edges)


def fill(
    histogram: Histogram,
    coordinates: list[np.ndarray],
    passed: np.ndarray,
    depths: Mapping[str, int],
    weights: Weights | None,
) -> Histogram:
    """Return the histogram with some events of a chunk added at some places, by one pass.

    Parameters
    ----------
    coordinates : list of arrays of float, shape (event,)
        The value on each axis.
    passed : array of int64, shape (event,)
        How many cuts each event passes.
    depths : dict of str to int
        How many it must pass to be counted at each of the places.
    weights : Weights, shape (event,), or None
    """
    known = ~np.logical_or.reduce([np.isnan(values) for values in coordinates])
    where = [histogram.places.index(place) for place in depths]
    missing = np.zeros_like(histogram.missing)
    missing[where] = [np.count_nonzero(~known & (passed >= d)) for d in depths.values()]
    deepest = max(depths.values())

    def at_places(filled: np.ndarray) -> np.ndarray:
        """Of sums at each depth those from it on, at the places; shape (place, *bins + 2)."""
        from_last = np.cumsum(filled[::-1], axis=0)[::-1]
        whole = np.zeros(histogram.masked.shape, dtype=np.int64)
        whole[where] = from_last[[*depths.values()]]
        whole[histogram.masked] = 0
        return whole

    depth = np.minimum(passed, deepest)[known]
    inside = [values[known] for values in coordinates]
    entries: np.ndarray | Weights
    if weights is None:
        entries = at_places(_counted(histogram.axes, depth, inside, deepest))
    else:
        shape = (deepest + 1, *histogram.masked.shape[1:])
        bins = [_axis(axis).index(v) + 1 for axis, v in zip(histogram.axes, inside, strict=True)]
        groups = np.ravel_multi_index((depth, *bins), shape)
        sums = weights[known].by_group(groups, math.prod(shape))
        entries = sums.each(lambda digit: at_places(digit.reshape(shape)))
    return histogram + replace(histogram, entries=entries, missing=missing)


def _counted(
    axes: tuple[Binning, ...], depth: np.ndarray, coordinates: list[np.ndarray], deepest: int
) -> np.ndarray:
    """Events by depth and bin; shape (depth, *bins + 2)."""
    import boost_histogram as bh

    depths: Any = bh.axis.Integer(0, deepest + 1, underflow=False)
    filled: Any = bh.Histogram(depths, *map(_axis, axes), storage=bh.storage.Int64())
    filled.fill(depth, *coordinates)
    view: np.ndarray = filled.view(flow=True)[:-1]  # the depth has an overflow bin, never used
    return view
