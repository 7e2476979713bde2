"""The ABCD method in a plane of two observables, such as (E_ECAL, E_HCAL).

If the two are independent for the background, the box A holds B C / D: B is beside it along the
second observable, C along the first, D along both. The closure test does the same with the box
moved into the control regions, where the answer is known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from na64ana.background.budget import Source
from na64ana.background.estimate import BOUND_CL, source_from
from na64ana.background.product import Count, Expected, Factor, expected
from na64ana.errors import BackgroundError, printable

__all__ = ["Abcd", "Closure", "Correlated", "abcd", "closure", "correlation", "plane"]

_FEWEST = 3  # pairs of values from which a correlation can be told


class Closure(NamedTuple):
    """The method where the answer is known.

    Attributes
    ----------
    label : str
    observed : int
    predicted : Expected
    p_value : float
        Of Fisher's exact test of observed and its three control regions: the probability, if the
        observables are independent, of counts as unlikely as these.
    pull : float
        The p-value in standard deviations, above zero where more was observed.
    non_closure : float
        Relative: distance of observed / predicted from 1, or half its 68% interval where that is
        larger, since a test can show no more than its statistics.
    """

    label: str
    observed: int
    predicted: Expected
    p_value: float
    pull: float
    non_closure: float


class Correlated(NamedTuple):
    """Kendall's rank correlation of two observables, its p-value and the number of events."""

    tau: float
    p_value: float
    events: int


@dataclass(frozen=True)
class Abcd:
    """What the method predicts in the box.

    Attributes
    ----------
    b, c, d : int
        Events in the control regions.
    predicted : Expected
    closures : tuple of Closure
        One for each observable that is cut in three or more.
    """

    b: int
    c: int
    d: int
    predicted: Expected
    closures: tuple[Closure, ...] = ()

    @property
    def non_closure(self) -> float:
        """The largest relative systematic error of the closure tests; zero without any."""
        return max((test.non_closure for test in self.closures), default=0.0)

    def source(
        self,
        name: str,
        *,
        cl: float = BOUND_CL,
        reference: str = "",
        inputs: Mapping[str, str] | None = None,
    ) -> Source:
        """Return it as a source; a bound where B or C is empty. Arguments as `source_from`."""
        return source_from(
            name, _product(self.b, self.c, self.d), non_closure=self.non_closure, cl=cl,
            method=f"ABCD: {self.b} x {self.c} / {self.d}", reference=reference, inputs=inputs,
        )  # fmt: skip


def plane(
    x: ArrayLike, y: ArrayLike, x_edges: Sequence[float], y_edges: Sequence[float]
) -> np.ndarray:
    """Count events in the cells of a plane.

    Parameters
    ----------
    x, y : array of float, shape (event,)
    x_edges, y_edges : sequence of float
        Rising; the first cell of each is that of the box. A cell holds its lower edge, not its
        upper one.

    Returns
    -------
    array of int64, shape (cell in x, cell in y)
        Events outside of the edges are in none.

    Raises
    ------
    BackgroundError
        A value is missing (NaN), or edges do not rise.
    """
    cells = []
    for values, edges in ((np.asarray(x), x_edges), (np.asarray(y), y_edges)):
        if len(edges) < 3 or not np.all(np.diff(edges) > 0):
            msg = f"ABCD needs three or more rising edges for each observable, not {list(edges)}"
            raise BackgroundError(msg)
        if np.isnan(values).any():
            msg = f"ABCD: {int(np.isnan(values).sum())} of {len(values)} values are missing (NaN)"
            raise BackgroundError(msg)
        cells.append(np.searchsorted(edges, values, side="right") - 1)
    sizes = (len(x_edges) - 1, len(y_edges) - 1)
    inside = (cells[0] >= 0) & (cells[0] < sizes[0]) & (cells[1] >= 0) & (cells[1] < sizes[1])
    flat = cells[0][inside] * sizes[1] + cells[1][inside]
    return np.bincount(flat, minlength=sizes[0] * sizes[1]).reshape(sizes)


def abcd(counts: ArrayLike) -> Abcd:
    """Predict the first cell of a plane from the others.

    Parameters
    ----------
    counts : array of int, shape (cell in x, cell in y)
        At least two by two. What stands in ``counts[0, 0]``, the box, is never looked at. Where
        there are three or more along an observable, the closure test is done with the cells that
        do not share that side with the box.

    Raises
    ------
    BackgroundError
        The shape is wrong, region D is empty, or a closure test has nothing to predict from.
    """
    table = np.asarray(counts)
    if table.ndim != 2 or min(table.shape) < 2:
        msg = f"ABCD needs two or more cells for each observable, not the shape {table.shape}"
        raise BackgroundError(msg)
    _, b, c, d = _regions(table)
    predicted = _predicted(b, c, d, "the estimate")
    closures = []
    if table.shape[0] > 2:
        closures.append(closure(*_regions(table[1:]), label="box moved along the first"))
    if table.shape[1] > 2:
        closures.append(closure(*_regions(table[:, 1:]), label="box moved along the second"))
    return Abcd(b, c, d, predicted, tuple(closures))


def closure(a: int, b: int, c: int, d: int, label: str = "closure") -> Closure:
    """Compare events observed in one region with what the three others predict.

    Raises
    ------
    BackgroundError
        One of the three is empty.
    """
    from scipy.special import ndtri
    from scipy.stats import fisher_exact

    if not (b and c):
        msg = f"ABCD, {printable(label)}: B = {b} and C = {c}; there is nothing to predict from"
        raise BackgroundError(msg)
    predicted = _predicted(b, c, d, label)
    p_value = min(float(fisher_exact([[a, b], [c, d]])[1]), 1.0)
    pull = abs(float(ndtri(p_value / 2))) * (1 if a >= predicted.value else -1)
    ratio = expected([Count(a), Count(d), Count(b, -1), Count(c, -1)])
    non_closure = max(abs(ratio.value - 1), (ratio.high - ratio.low) / 2)
    return Closure(label, a, predicted, p_value, pull, non_closure)


def correlation(x: ArrayLike, y: ArrayLike) -> Correlated:
    """Measure how two observables go together in one control region.

    Parameters
    ----------
    x, y : array of float, shape (event,)
        Of the events in one rectangle: events of an area that is none are correlated by its shape.

    Raises
    ------
    BackgroundError
        There are too few events, or all have one value.
    """
    from scipy.stats import kendalltau

    values = (np.asarray(x), np.asarray(y))
    n = len(values[0])
    if n < _FEWEST or any(np.isnan(v).any() or len(np.unique(v)) < 2 for v in values):
        msg = f"the correlation of {n} events cannot be told: too few, missing, or all the same"
        raise BackgroundError(msg)
    found = kendalltau(*values)
    return Correlated(float(found.statistic), float(found.pvalue), n)


def _regions(counts: np.ndarray) -> tuple[int, int, int, int]:
    """Events in A, B, C, D of a plane with the box in its first cell."""
    return (
        int(counts[0, 0]),
        int(counts[0, 1:].sum()),
        int(counts[1:, 0].sum()),
        int(counts[1:, 1:].sum()),
    )


def _product(b: int, c: int, d: int) -> list[Factor]:
    return [Count(b), Count(c), Count(d, -1)]


def _predicted(b: int, c: int, d: int, what: str) -> Expected:
    if not d:
        msg = f"ABCD, {printable(what)}: region D is empty, and the method divides by it"
        raise BackgroundError(msg)
    return expected(_product(b, c, d))
