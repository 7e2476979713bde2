"""Histograms booked along the chain: values per bin at each place, mergeable."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import hist

__all__ = ["Binning", "Histogram"]


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
        Names of cuts (after which it was filled), or ``start``.
    blinded : tuple of str
        Places left out because they lie behind all cuts of a blind region.
    values : array, shape (place, *bins + 2)
        Events, or sums of weights, with under- and overflow.
    variances : array or None
        Sums of squared weights; None where events have no weights.
    missing : array of int64, shape (place,)
        Events that are in no bin, because a value is missing (NaN).
    """

    name: str
    channel: str
    axes: tuple[Binning, ...]
    places: tuple[str, ...]
    blinded: tuple[str, ...]
    values: np.ndarray = field(repr=False)
    variances: np.ndarray | None = field(repr=False)
    missing: np.ndarray = field(repr=False)

    def __add__(self, other: Histogram) -> Histogram:
        variances = None
        if self.variances is not None or other.variances is not None:
            # the variance of events without weights is their number
            a, b = (h.values if h.variances is None else h.variances for h in (self, other))
            variances = a + b.astype(float)
        return replace(
            self,
            values=self.values + other.values,
            variances=variances,
            missing=self.missing + other.missing,
        )

    def to_hist(self) -> hist.Hist[Any]:
        """Return a `hist.Hist` with the place as a category axis named ``cut``."""
        import hist as h

        axes: list[Any] = [h.axis.StrCategory(self.places, name="cut", label="after cut")]
        for name, axis in zip("xy", self.axes, strict=False):
            if axis.bins is not None:
                axes.append(h.axis.Regular(axis.bins, *axis.edges, name=name, label=axis.label))
            else:
                axes.append(h.axis.Variable(axis.edges, name=name, label=axis.label))
        weighted = self.variances is not None
        storage = h.storage.Weight() if weighted else h.storage.Int64()
        made: h.Hist[Any] = h.Hist(*axes, storage=storage, name=self.name)
        view: Any = made.view(flow=True)
        shown = slice(0, len(self.places))  # a category axis has an overflow bin of its own
        if weighted:
            view["value"][shown], view["variance"][shown] = self.values, self.variances
        else:
            view[shown] = self.values
        return made


def empty(
    name: str,
    channel: str,
    axes: tuple[Binning, ...],
    places: tuple[str, ...],
    blinded: tuple[str, ...],
    *,
    weighted: bool,
) -> Histogram:
    """Return a histogram without entries."""
    shape = (len(places), *(axis.size + 2 for axis in axes))
    values = np.zeros(shape, dtype=float if weighted else np.int64)
    return Histogram(
        name,
        channel,
        axes,
        places,
        blinded,
        values,
        np.zeros(shape) if weighted else None,
        np.zeros(len(places), dtype=np.int64),
    )


def fill(
    histogram: Histogram,
    coordinates: list[np.ndarray],
    left: np.ndarray,
    depths: list[int],
    weights: np.ndarray | None,
) -> Histogram:
    """Return the histogram filled with one chunk of events, by one pass.

    Parameters
    ----------
    coordinates : list of arrays of float, shape (event,)
        The value on each axis.
    left : array of int, shape (event,)
        How many cuts of the chain each event passes before the first that it fails.
    depths : list of int
        For each place, how many cuts must be passed to be counted there.
    weights : array of float, shape (event,), or None
    """
    import boost_histogram as bh

    known = ~np.logical_or.reduce([np.isnan(values) for values in coordinates])
    missing = np.array([np.count_nonzero(~known & (left >= d)) for d in depths], dtype=np.int64)
    axes: list[Any] = [bh.axis.Integer(0, max(depths) + 1, underflow=False)]
    for axis in histogram.axes:
        if axis.bins is not None:
            axes.append(bh.axis.Regular(axis.bins, *axis.edges))
        else:
            axes.append(bh.axis.Variable(axis.edges))
    storage = bh.storage.Weight() if weights is not None else bh.storage.Int64()
    filled: bh.Histogram[Any] = bh.Histogram(*axes, storage=storage)
    chosen = [np.minimum(left, max(depths))[known], *(values[known] for values in coordinates)]
    filled.fill(*chosen, weight=None if weights is None else weights[known])
    view: Any = filled.view(flow=True)[:-1]  # the depth has an overflow bin, never used
    parts = [view] if weights is None else [view["value"], view["variance"]]
    sums = [np.cumsum(part[::-1], axis=0)[::-1][depths] for part in parts]
    return histogram + replace(
        histogram,
        values=sums[0],
        variances=sums[1] if weights is not None else None,
        missing=missing,
    )
