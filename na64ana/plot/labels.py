"""Where names can stand beside their lines without covering anything."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Line", "Place", "place_labels"]

Array = NDArray[np.float64]
#: a letter is so wide, in sizes of the font
_LETTER = 0.56
#: middle of a name from its line, in sizes of the font
_AWAY = 0.85
#: as steep may a name stand
_STEEPEST = 75.0
#: places tried along each line, and points of a name that are kept clear
_TRIED, _POINTS = 70, 7
#: distance of points along a line that others keep clear of, in sizes of the font
_STEP = 0.5
#: more room than this, in sizes of the font, is not better
_ENOUGH = 1.6
#: room of a name that is not all on the page, less what is missing
_OFF = -10.0
#: middles of names are so far from each other, in sizes of the font
_APART = 1.0
#: in sizes of the font: to stand in the own region, and in each one of others
_INSIDE, _FOREIGN = 0.45, 0.12


class Line(NamedTuple):
    """A line with its name, and the region that it bounds."""

    words: str
    points: Array  # shape (n, 2), in points of the page; NaN between pieces
    regions: tuple[Array, ...] = ()  # closed outlines, shape (m, 2), in points of the page


class Place(NamedTuple):
    """Where the middle of a name stands, in points of the page, and its angle in degrees."""

    x: float
    y: float
    angle: float


def place_labels(
    lines: Sequence[Line],
    size: float,
    width: float,
    height: float,
    *,
    blocked: Sequence[Array] = (),
    clear: Sequence[Array] = (),
) -> list[Place | None]:
    """Return a place for the name of each line; None where there is none that is free.

    Of many places along a line, on both sides, the one is taken with the most room to other
    lines, to names that stand already, and to the edges of the page; inside its own region rather
    than outside, and outside those of others. Lines that leave little choice come first.

    Parameters
    ----------
    lines : sequence of Line
    size : float
        Of the font, in points.
    width, height : float
        Of the page, in points; its lower left corner is (0, 0).
    blocked : sequence of ndarray, shape (n, 2)
        Further points to be kept clear of.
    clear : sequence of ndarray, shape (n, 2)
        Lines without names, to be kept clear of as others are; NaN between pieces.
    """
    page = np.array([width, height])
    paths = [_even(line.points, _STEP * size, page) for line in lines]
    unnamed = [path for path in (_even(line, _STEP * size, page) for line in clear) if len(path)]
    found: list[Place | None] = [None] * len(lines)
    taken: list[Array] = list(blocked)
    for i in sorted(range(len(lines)), key=lambda i: len(paths[i])):
        own = paths[i]
        if len(own) < 2:
            continue
        others = [path for j, path in enumerate(paths) if j != i and len(path)] + unnamed
        around = [line for j, line in enumerate(lines) if j != i]
        places = _candidates(lines[i], own, size)
        liked = _liking(places, lines[i], around)
        rooms = [_room(p, lines[i].words, size, page, own, others, taken) for p in places]
        free = [room > _OFF + 1 and _apart(p, lines[i].words, size, taken)
                for p, room in zip(places, rooms, strict=True)]  # fmt: skip
        if not any(free):
            continue
        best = places[int(np.argmax(np.where(free, np.add(rooms, liked), -np.inf)))]
        found[i] = best
        taken.append(_letters(best, lines[i].words, size))
    return found


def _apart(place: Place, words: str, size: float, taken: Sequence[Array]) -> bool:
    """Whether a name covers no other."""
    letters = _letters(place, words, size)
    return all(_clear(letters, name) > _APART * size for name in taken)


def _liking(places: Sequence[Place], line: Line, around: Sequence[Line]) -> Array:
    """Return what is to be added to the room of each place for the region it is in."""
    at = np.array([(place.x, place.y) for place in places])
    value = _INSIDE * _within(at, line.regions)
    for other in around:
        value = value - _FOREIGN * _within(at, other.regions)
    return np.asarray(value, float)


def _within(at: Array, regions: Sequence[Array]) -> Array:
    from matplotlib.path import Path

    inside = np.zeros(len(at), bool)
    for outline in regions:
        inside |= Path(outline).contains_points(at)
    return inside.astype(float)


def _even(points: Array, step: float, page: Array) -> Array:
    """Return points at even distances along a line, as far as the page shows it."""
    parts = []
    for a, b in pairwise(points):
        if np.isnan(a).any() or np.isnan(b).any():
            continue
        number = int(np.hypot(*(b - a)) // step) + 1
        parts.append(a + (b - a) * (np.arange(number)[:, None] / number))
    if not parts:
        return np.empty((0, 2))
    whole = np.concatenate(parts)
    shown = whole[((whole >= 0) & (whole <= page)).all(axis=1)]
    if not len(shown):
        return shown
    kept = [0]
    for i in range(1, len(shown)):
        if np.hypot(*(shown[i] - shown[kept[-1]])) >= step:
            kept.append(i)
    return np.asarray(shown[kept])


def _candidates(line: Line, own: Array, size: float) -> list[Place]:
    half = max(2, round(len(line.words) * _LETTER / _STEP / 2))
    places = []
    for i in np.unique(np.linspace(0, len(own) - 1, _TRIED).astype(int)):
        a, b = own[max(0, i - half)], own[min(len(own) - 1, i + half)]
        along = np.arctan2(b[1] - a[1], b[0] - a[0])
        normal = np.array([-np.sin(along), np.cos(along)])
        angle = (np.degrees(along) + 90) % 180 - 90
        angle = float(np.clip(angle, -_STEEPEST, _STEEPEST))
        # along a chord, not at a bent point: the name stays clear of its own line
        bulge = float(np.max(np.abs((own[max(0, i - half) : i + half + 1] - own[i]) @ normal)))
        for side in (1, -1):
            x, y = own[i] + side * normal * (_AWAY * size + min(bulge, 2 * size))
            places.append(Place(float(x), float(y), angle))
    return places


def _letters(place: Place, words: str, size: float) -> Array:
    """Return points along the middle of a name."""
    reach = len(words) * _LETTER * size / 2
    angle = np.radians(place.angle)
    along = np.linspace(-reach, reach, _POINTS)[:, None]
    return np.array([place.x, place.y]) + along * [np.cos(angle), np.sin(angle)]


def _room(
    place: Place, words: str, size: float, page: Array, own: Array,
    others: Sequence[Array], taken: Sequence[Array],
) -> float:  # fmt: skip
    """Return the room that a name has, in sizes of the font; negative off the page."""
    letters = _letters(place, words, size)
    edges = min(letters.min(), (page - letters).min()) / size
    if edges < _AWAY:
        return float(edges) + _OFF
    room = min((_clear(letters, other) for other in others), default=np.inf) / size
    names = min((_clear(letters, name) for name in taken), default=np.inf) / size
    self_room = _clear(letters, own) / size
    return float(min(room, names / 1.4, _ENOUGH, 2 * self_room) - abs(place.angle) / 400)


def _clear(letters: Array, points: Array) -> float:
    if not len(points):
        return np.inf
    gap = letters[:, None, :] - points[None, :, :]
    return float(np.sqrt((gap**2).sum(axis=2).min()))
