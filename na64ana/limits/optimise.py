"""The box with the best expected limit: background against efficiency, edge by edge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from na64ana.errors import LimitError
from na64ana.limits.arguments import known_name, numbers_of
from na64ana.limits.expected import expected_limits
from na64ana.limits.nuisance import Floats

__all__ = ["FIGURES", "BoxScan", "OfEdges", "optimise_box"]

#: a number, a table (ECAL edges, HCAL edges), or a callable of both edges
OfEdges = ArrayLike | Callable[[float, float], float]

#: of the expected limits; the mean first, since the median moves in steps
FIGURES = ("mean", "median")
_TIE = 1e-9  # relative: limits that agree to this are equal


@dataclass(frozen=True, eq=False)
class BoxScan:
    """Expected limits against the edges of the box; all tables are (ECAL edges, HCAL edges).

    Attributes
    ----------
    ecal, hcal : array
        Edges, rising, in the unit they were given in.
    limit : array
        Expected limit in events over the efficiency: in signal events before the box. Infinite
        where the efficiency is 0.
    events : array
        Expected limit in events.
    background, efficiency : array
    best : (int, int)
        Place of the smallest limit; of equal ones, that with the least background.
    at_end : tuple of str
        Of ``ecal``, ``hcal``: which best edge is the first or last one given, so that a better one
        may lie beyond.
    figure : str
        ``mean`` or ``median``.
    """

    ecal: Floats
    hcal: Floats
    limit: Floats
    events: Floats
    background: Floats
    efficiency: Floats
    best: tuple[int, int]
    at_end: tuple[str, ...]
    figure: str

    @property
    def box(self) -> tuple[float, float]:
        """ECAL and HCAL edge of the best box."""
        return float(self.ecal[self.best[0]]), float(self.hcal[self.best[1]])


def optimise_box(
    ecal: ArrayLike,
    hcal: ArrayLike,
    background: OfEdges,
    efficiency: OfEdges,
    *,
    background_error: OfEdges = 0.0,
    signal_error: OfEdges = 0.0,
    figure: str = "mean",
    cl: float = 0.90,
    method: str = "cls",
    nuisance: str = "log-normal",
) -> BoxScan:
    """Compute the expected limit for each pair of edges.

    Nothing observed enters: the box can be chosen while it is blind.

    Parameters
    ----------
    ecal, hcal : array
        Edges to try, rising.
    background, background_error : number, table or callable
        Events in the box, and their standard error in events.
    efficiency : number, table or callable
        Of the signal, in any normalisation, such as that of the box alone.
    signal_error : number, table or callable
        Relative standard error of the efficiency.
    figure : str
        ``mean`` or ``median`` of the expected limits. Counts are whole, so the median stays the
        same over wide ranges of the background, and then rewards efficiency alone.
    cl, method, nuisance
        As in `expected_limits`.

    Raises
    ------
    LimitError
        For numbers that are negative or not finite, tables of another shape, an efficiency that is
        0 in every box, or as `expected_limits` says.
    """
    known_name(figure, FIGURES, "figure")
    edges = (_edges(ecal, "ecal"), _edges(hcal, "hcal"))
    b = _table(background, edges, "background")
    b_error = _table(background_error, edges, "background_error")
    share = _table(efficiency, edges, "efficiency")
    s_error = _table(signal_error, edges, "signal_error")
    if not share.any():
        msg = "the efficiency is 0 in every box: there is nothing to optimise"
        raise LimitError(msg)

    @cache
    def events(mean: float, error: float, relative: float) -> float:
        bands = expected_limits(mean, cl=cl, background_error=error, signal_error=relative,
                                method=method, nuisance=nuisance)  # fmt: skip
        return float(getattr(bands, figure))

    cells = zip(b.flat, b_error.flat, s_error.flat, strict=True)
    each = np.array([events(*map(float, cell)) for cell in cells]).reshape(b.shape)
    limit = np.full(b.shape, np.inf)
    np.divide(each, share, out=limit, where=share > 0)
    best = _best(limit, b)
    at_end = tuple(
        name
        for name, axis, i in zip(("ecal", "hcal"), edges, best, strict=True)
        if axis.size > 1 and i in {0, axis.size - 1}
    )
    return BoxScan(*edges, limit, each, b, share, best, at_end, figure)


def _best(limit: Floats, background: Floats) -> tuple[int, int]:
    equal = limit <= limit.min() * (1 + _TIE)
    i, j = np.unravel_index(np.argmin(np.where(equal, background, np.inf)), limit.shape)
    return int(i), int(j)


def _edges(values: ArrayLike, what: str) -> Floats:
    edges = np.atleast_1d(numbers_of(values, f"{what} edges"))
    if edges.ndim != 1 or not edges.size or (np.diff(edges) <= 0).any():
        msg = f"{what} edges must be a list of numbers that rise"
        raise LimitError(msg)
    return edges


def _table(given: Any, edges: tuple[Floats, Floats], what: str) -> NDArray[np.float64]:
    """Values at all pairs of edges, from a number, a table or a callable."""
    shape = (edges[0].size, edges[1].size)
    if callable(given):
        rows = [[given(float(e), float(h)) for h in edges[1]] for e in edges[0]]
        table = numbers_of(rows, what)
    else:
        table = numbers_of(given, what)
        table = np.broadcast_to(table, shape) if not table.ndim else table
    if table.shape != shape:
        msg = f"{what} has the shape {table.shape}, not {shape}: (ECAL edges, HCAL edges)"
        raise LimitError(msg)
    return table
