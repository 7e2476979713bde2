"""Shapes in a plane of mass and coupling: guards, pieces, and what they exclude.

Between two points a curve is straight in the logarithms of both axes. Nothing is said outside the
masses of a piece, or between two pieces.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

__all__ = ["Path", "bare_pieces", "closed", "excluded", "find_guards", "steps_back", "value_at"]

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
#: a piece: its masses and its couplings
Path = tuple[Array, Array]

#: relative difference of numbers that were meant to be the same
SAME = 1e-9
#: as far back may a nearly vertical edge of a limit lean, by the hand of the digitiser
LEANING = 0.02
#: a value that closes a shape is far above all limits, and a power of ten
FAR_ABOVE = 100.0
#: at the end of a limit, what goes up so far at nearly the same mass
WALL = 10.0
#: of a mass that stands for zero: so far below the next one
FAR_LEFT = 1e-3


def find_guards(mass: Array, coupling: Array, *, upper_limit: bool) -> Flags:
    """Return which points only close a shape for a plot, and are no result.

    Such are powers of ten far above all limits (1, 1e5) or far left of all masses (1e-20); and of
    an upper limit, at either end, a point that turns back in mass or goes straight up.

    Parameters
    ----------
    mass, coupling : ndarray, shape (n,)
        Positive, in any unit.
    upper_limit : bool
        Whether the curve is an upper limit as a function of the mass.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    usual = float(np.median(coupling))
    found = _round(coupling) & (coupling > FAR_ABOVE * usual)
    others = mass[~found]
    if len(others) > 1:
        found |= _round(mass) & (mass < FAR_LEFT * np.partition(others, 1)[1])
    if upper_limit:
        _strip(mass, coupling, found, forwards=True)
        _strip(mass, coupling, found, forwards=False)
    return found


def _round(values: Array) -> Flags:
    """Whether values are powers of ten."""
    logs = np.log10(values)
    return np.asarray(np.abs(logs - np.rint(logs)) < SAME)


def _strip(mass: Array, coupling: Array, found: Flags, *, forwards: bool) -> None:
    """Mark the points at one end that turn back or go straight up."""
    rows = np.flatnonzero(~found)
    rows = rows if forwards else rows[::-1]
    for end, inner in pairwise(rows):
        turn = mass[end] / mass[inner] if forwards else mass[inner] / mass[end]
        rise = coupling[end] / coupling[inner]
        vertical = abs(turn - 1) < SAME and rise > 1 - SAME
        wall = abs(turn - 1) < LEANING and rise > WALL
        if not (vertical or wall or turn > 1 + LEANING):
            return
        found[end] = True


def bare_pieces(
    mass: Array, coupling: Array, guards: Flags, breaks: Flags, *, split: bool
) -> list[Path]:
    """Return the pieces between breaks, without guards.

    Parameters
    ----------
    mass, coupling, guards : ndarray, shape (n,)
    breaks : ndarray of bool, shape (n,)
        Rows before which a new piece begins.
    split : bool
        Whether a guard ends a piece; else it is only left out.
    """
    number = np.cumsum(breaks | guards if split else breaks)
    keep = ~guards
    return [
        (mass[keep & (number == i)], coupling[keep & (number == i)])
        for i in np.unique(number[keep])
    ]


def steps_back(mass: Array) -> int | None:
    """Return the first point at which the mass goes back by more than leaning edges do."""
    back = np.flatnonzero(mass[1:] < np.maximum.accumulate(mass)[:-1] * (1 - LEANING))
    return int(back[0]) + 1 if len(back) else None


def closed(path: Path, closure: str) -> Path:
    """Return a piece that ends where it begins.

    Parameters
    ----------
    path : Path
    closure : str
        ``frame``: from the last point along the frame of the plot, at constant coupling to the
        mass of the first point and then to it. ``chord`` or ``curve``: straight to it.
    """
    mass, coupling = path
    masses, couplings = [mass[0]], [coupling[0]]
    if closure == "frame":
        masses, couplings = [mass[0], *masses], [coupling[-1], *couplings]
    return np.append(mass, masses), np.append(coupling, couplings)


def _crossings(path: Path, mass: float) -> Array:
    """Return the couplings at which a piece crosses a mass, in ascending order."""
    x, y = path
    # half open, so that a point counts once; the other way round at the end of the piece
    left = x < mass if mass == x.max() else x <= mass
    i = np.flatnonzero(left[1:] != left[:-1])
    part = np.log(mass / x[i]) / np.log(x[i + 1] / x[i])
    return np.sort(y[i] * (y[i + 1] / y[i]) ** part)


def excluded(pieces: list[Path], mass: float, *, upwards: bool) -> list[tuple[float, float]]:
    """Return the excluded intervals of the coupling at a mass, by the even-odd rule.

    Parameters
    ----------
    pieces : list of Path
        Closed ones, or upper limits.
    mass : float
    upwards : bool
        Whether all above the highest crossing of a piece is excluded, as by an upper limit.
    """
    found: list[tuple[float, float]] = []
    for piece in pieces:
        edges = _crossings(piece, mass).tolist()
        if len(edges) % 2 and upwards:
            edges.append(math.inf)
        found += list(zip(edges[::2], edges[1::2], strict=False))
    return _union(found)


def _union(intervals: list[tuple[float, float]]) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for low, high in sorted(intervals):
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return merged


def value_at(pieces: list[Path], mass: float) -> float | None:
    """Return the lowest crossing of a mass, or None where there is none."""
    edges = [edge for piece in pieces for edge in _crossings(piece, mass)]
    return float(min(edges)) if edges else None
