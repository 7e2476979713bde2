"""Limits on a coupling against the mass, for any callable that says how many events to expect.

At each mass the yield is computed on a grid of couplings, once for all curves. Where it crosses the
limit, the crossing is found between the points of the grid.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from na64ana.errors import LimitError, printable
from na64ana.limits.arguments import numbers_of
from na64ana.limits.nuisance import Floats
from na64ana.limits.scan_file import finished, scan_sha256, write_scan
from na64ana.limits.scan_result import Scan, ScanPoint
from na64ana.limits.two_sided import bands_of

__all__ = ["Yields", "scan"]

#: expected signal events of (mass, coupling)
Yields = Callable[[float, Any], Any]

_FEWEST, _MOST = 2, 10_000
_TINY = 1e-300  # events: where a yield is 0 its logarithm stays finite
_SAME = 1e-6  # relative difference of a yield computed in an array and alone


def scan(
    yields: Yields,
    masses: ArrayLike,
    limit: float | ArrayLike | Mapping[str, ArrayLike],
    *,
    couplings: tuple[float, float],
    steps: int = 61,
    coupling: str = "epsilon",
    unit: str = "GeV",
    settings: Mapping[str, Any] | None = None,
    resume: str | Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Scan:
    """Find the couplings that are excluded at each mass.

    Parameters
    ----------
    yields : callable
        ``yields(mass, coupling)``: signal events expected in the box, all periods together. It is
        first called with an array of couplings; one that takes single numbers only is called with
        one after the other. For the same arguments it must give the same number.
    masses : array
        Positive; in ``unit``.
    limit : float, array (masses) or dict of str to either
        In signal events: one limit for all masses, or one for each. A dict has one for each curve,
        as `limits_in_events` gives it.
    couplings : (float, float)
        Where to look.
    steps : int
        Points of the grid, evenly in the logarithm of the coupling. Between two of them the yield
        may cross the limit once, or reach one maximum above it.
    coupling, unit : str
        Name of the coupling and unit of the mass, for tables.
    settings : dict, optional
        What the yields were made with, as JSON can hold it. It goes into the result and its hash:
        change it whenever ``yields`` changes.
    resume : path, optional
        A file of finished masses, written after each one. Masses that it holds for the same
        settings and limits are taken from it.
    progress : callable, optional
        Called with the number of masses finished and that of all, first before any is computed.

    Returns
    -------
    Scan
        By rising mass; edges to 1e-9 relative.

    Raises
    ------
    LimitError
        For wrong numbers, yields that are negative or not finite, or a file of other settings.

    Examples
    --------
    >>> found = scan(lambda m, e: 1e9 * e**2 / m**2, [0.1, 1.0], 2.5, couplings=(1e-7, 1e-2))
    >>> [round(1e6 * p.bands["limit"][0].low, 3) for p in found.points]
    [5.0, 50.0]
    """
    wanted = _limits_by_mass(masses, limit)
    grid = _grid(couplings, steps)
    empty = Scan((), (float(couplings[0]), float(couplings[1])), int(steps), coupling, unit,
                 dict(settings or {}))  # fmt: skip
    head = replace(empty, sha256=scan_sha256(empty))
    held = finished(resume, head) if resume is not None else {}

    def find(mass: float) -> ScanPoint:
        return _point(yields, mass, wanted[mass], grid)

    def keep(points: Mapping[float, ScanPoint]) -> None:
        if resume is not None:
            write_scan(_with_points(head, points), resume)

    return _with_points(head, _all_points(wanted, held, find, keep, progress))


def _all_points(
    wanted: Mapping[float, Mapping[str, float]],
    held: Mapping[float, ScanPoint],
    find: Callable[[float], ScanPoint],
    keep: Callable[[Mapping[float, ScanPoint]], None],
    progress: Callable[[int, int], None] | None,
) -> dict[float, ScanPoint]:
    """Return the point of each mass: the one held, if its limits are those wanted, or found now.

    All points are kept after each that is found: those not asked for this time as well.
    """
    done = {m: held[m] for m, limits in wanted.items()
            if m in held and dict(held[m].limits) == limits}  # fmt: skip
    known = dict(held)
    report = progress or (lambda *_: None)
    report(len(done), len(wanted))
    for mass in wanted:
        if mass not in done:
            done[mass] = known[mass] = find(mass)
            keep(known)
            report(len(done), len(wanted))
    return done


def _with_points(head: Scan, points: Mapping[float, ScanPoint]) -> Scan:
    return replace(head, points=tuple(points[mass] for mass in sorted(points)))


def _limits_by_mass(masses: ArrayLike, limit: Any) -> dict[float, dict[str, float]]:
    """Check masses and limits; return the limits at each mass, by rising mass."""
    given = numbers_of(masses, "masses")
    if given.ndim != 1 or not given.size or not given.all() or np.unique(given).size < given.size:
        msg = "masses must be a list of different positive numbers"
        raise LimitError(msg)
    curves = dict(limit) if isinstance(limit, Mapping) else {"limit": limit}
    if not curves:
        msg = "no limit in events was given: there is nothing to scan for"
        raise LimitError(msg)
    columns = {name: _column(name, value, given.size) for name, value in curves.items()}
    return {
        float(given[i]): {name: float(column[i]) for name, column in columns.items()}
        for i in np.argsort(given)
    }


def _column(name: str, value: Any, size: int) -> Floats:
    what = f"limit '{printable(str(name))}'"
    array = numbers_of(value, what)
    if array.shape not in {(), (size,)}:
        msg = (
            f"{what} has the shape {array.shape}: give one number, or one for each of {size} masses"
        )
        raise LimitError(msg)
    if not array.all():
        msg = f"{what} is 0 events, which excludes every coupling: leave this curve out of the scan"
        raise LimitError(msg)
    return np.broadcast_to(array, (size,))


def _grid(couplings: Any, steps: int) -> Floats:
    ends = numbers_of(couplings, "couplings")
    if ends.shape != (2,) or not 0 < ends[0] < ends[1]:
        msg = "couplings must be two positive numbers, the lower one first"
        raise LimitError(msg)
    if not float(steps).is_integer() or not _FEWEST <= steps <= _MOST:
        msg = f"steps is {printable(str(steps))}: it must be a whole number, {_FEWEST} to {_MOST}"
        raise LimitError(msg)
    low, high = (math.log(x) for x in ends)
    return np.linspace(low, high, int(steps))


def _point(yields: Yields, mass: float, limits: Mapping[str, float], grid: Floats) -> ScanPoint:
    """Look along the couplings at one mass."""

    def logarithm(log_coupling: float) -> float:
        events = _number(yields(mass, math.exp(log_coupling)), mass, math.exp(log_coupling))
        return math.log(max(events, _TINY))

    values = np.log(np.maximum(_on_grid(yields, mass, grid), _TINY))
    bands = {}
    for name, events in limits.items():
        height = math.log(events)

        def above(log_coupling: float, height: float = height) -> float:
            return logarithm(log_coupling) - height

        bands[name] = bands_of(above, grid.tolist(), (values - height).tolist())
    return ScanPoint(mass, dict(limits), bands)


def _on_grid(yields: Yields, mass: float, grid: Floats) -> Floats:
    """Yields at all couplings: in one call where the callable takes an array."""
    couplings = np.exp(grid)
    try:
        found: NDArray[Any] | None = np.asarray(yields(mass, couplings), dtype=np.float64)
    except (TypeError, ValueError):  # math functions and comparisons take single numbers
        found = None
    alone = [float(c) for c in couplings]
    if found is None or found.shape != couplings.shape:
        return np.array([_number(yields(mass, c), mass, c) for c in alone])
    checked = np.array([_number(x, mass, c) for x, c in zip(found, alone, strict=True)])
    middle = len(alone) // 2
    single = _number(yields(mass, alone[middle]), mass, alone[middle])
    if not math.isclose(float(found[middle]), single, rel_tol=_SAME):
        msg = (
            f"the yield at mass {mass:g} and coupling {alone[middle]:g} is {found[middle]:g} in an "
            f"array of couplings and {single:g} alone: it must be the same each time"
        )
        raise LimitError(msg)
    return checked


def _number(events: Any, mass: float, coupling: float) -> float:
    value = numbers_of(events, f"the yield at mass {mass:g} and coupling {coupling:g}")
    if value.size != 1:
        msg = (
            f"the yield at mass {mass:g} and one coupling has the shape {value.shape}: it must be "
            "one number"
        )
        raise LimitError(msg)
    return value.item()
