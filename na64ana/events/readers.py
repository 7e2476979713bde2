"""Readers: the entries of one branch, whichever are asked for, each stored piece decoded once.

A branch is stored in pieces: baskets of a TTree, pages of an RNTuple. A reader decodes a piece when
an entry in it is first asked for, so pieces of which nobody wants an entry cost nothing, and keeps
it until later entries are asked for.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

__all__ = [
    "Lists",
    "Piece",
    "PieceReader",
    "Place",
    "Reader",
    "WholeReader",
    "from_awkward",
    "to_awkward",
]

#: first byte in the file, and the one after the last
Place = tuple[int, int]


@dataclass(frozen=True)
class Lists:
    """Numbers of entries that differ in how many they have.

    Attributes
    ----------
    counts : array of int64, shape (entry,)
    values : array, shape (sum of counts,)
    """

    counts: np.ndarray = field(repr=False)
    values: np.ndarray = field(repr=False)

    def __len__(self) -> int:
        return len(self.counts)

    def take(self, rows: np.ndarray) -> Lists:
        """Return some of the entries."""
        counts = self.counts[rows]
        starts = np.cumsum(self.counts) - self.counts
        first = np.repeat(starts[rows] - (np.cumsum(counts) - counts), counts)
        return Lists(counts, self.values[first + np.arange(len(first))])


#: entries in the order of the file: numbers of one shape, (entry, *shape), of either byte order;
#: lists of numbers; or an awkward array where each entry is something else
Piece = np.ndarray | Lists | Any


class Reader(ABC):
    """Gives entries of one branch."""

    @abstractmethod
    def take(self, rows: np.ndarray) -> Iterator[Piece]:
        """Decode some entries, piece after piece: what was decoded is still in the cache then.

        Parameters
        ----------
        rows : array of int64
            Entries of the tree, each greater than the one before.

        Yields
        ------
        Piece
            Together they make up the entries in this order.
        """

    def lists(self, start: int, stop: int) -> list[Place]:  # noqa: ARG002 - for most
        """Where in the file it stands how long the entries of a range are."""
        return []

    def contents(self, start: int, stop: int) -> list[Place]:  # noqa: ARG002 - for some
        """Where in the file the entries of a range are; after `lists` have been fetched."""
        return []


class PieceReader(Reader):
    """A branch that is stored in pieces.

    Parameters
    ----------
    starts : array of int64
        First entry of each piece, and the number of entries in all.
    places : sequence of (start, stop)
        The bytes of each piece in the file.
    decode : callable
        Gives the entries of a piece by its number.
    """

    def __init__(
        self, starts: np.ndarray, places: Sequence[Place], decode: Callable[[int], Piece]
    ) -> None:
        self.starts, self.places, self.decode = starts, places, decode
        self.kept: dict[int, Piece] = {}
        self.first = self.last = -1

    def contents(self, start: int, stop: int) -> list[Place]:
        """Where in the file the pieces with some entries of a range are."""
        numbers = (number for number, _ in pieces_of(self.starts, np.arange(start, stop)))
        return [self.places[number] for number in numbers if number not in self.kept]

    def take(self, rows: np.ndarray) -> Iterator[Piece]:
        """Decode some entries, of each piece together."""
        if len(rows):
            self._move(int(rows[0]), int(rows[-1]))
        for number, inside in pieces_of(self.starts, rows):
            yield _some(self._piece(number), inside)

    def _move(self, first: int, last: int) -> None:
        """Drop what was kept for other entries: those of a chunk are asked for several times."""
        if self.first <= last and first <= self.last:
            self.first, self.last = min(self.first, first), max(self.last, last)
            return
        self.first, self.last = first, last
        starts = self.starts
        for number in [n for n in self.kept if starts[n + 1] <= first or starts[n] > last]:
            del self.kept[number]

    def _piece(self, number: int) -> Piece:
        if number not in self.kept:
            self.kept[number] = self.decode(number)
        return self.kept[number]


class WholeReader(Reader):
    """A range of entries that is read as a whole when the first is asked for."""

    def __init__(self, start: int, read: Callable[[], Any]) -> None:
        self.start, self.read = start, read
        self.piece: Piece | None = None

    def take(self, rows: np.ndarray) -> Iterator[Piece]:
        """Give some entries, all at once."""
        if self.piece is None:
            self.piece = from_awkward(self.read())
        yield _some(self.piece, rows - self.start)


def pieces_of(starts: np.ndarray, rows: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Yield the number of each piece that holds some entries, and which of its own these are."""
    if not len(rows):
        return
    first = int(np.searchsorted(starts, rows[0], side="right")) - 1
    last = int(np.searchsorted(starts, rows[-1], side="right")) - 1
    bounds = np.searchsorted(rows, starts[first : last + 2])
    for i, number in enumerate(range(first, last + 1)):
        if bounds[i] < bounds[i + 1]:
            yield number, rows[bounds[i] : bounds[i + 1]] - starts[number]


def _some(piece: Piece, rows: np.ndarray) -> Piece:
    if len(rows) == len(piece):
        return piece
    if isinstance(piece, Lists):
        return piece.take(rows)
    if len(rows) and rows[-1] - rows[0] == len(rows) - 1:
        return piece[rows[0] : rows[-1] + 1]
    return piece[rows]


def from_awkward(array: Any) -> Piece:
    """Return an awkward array as numbers of one shape, or as lists, where it is one of these."""
    import awkward as ak

    if array.fields or "string" in str(array.type):
        return array
    if "var" not in str(array.type):
        return np.asarray(array)
    if array.ndim == 2:
        counts = np.asarray(ak.num(array, axis=1), dtype=np.int64)
        return Lists(counts, np.asarray(ak.flatten(array, axis=1)))
    return array


def to_awkward(pieces: Iterable[Piece]) -> Any:
    """Return pieces, at least one, as one awkward array."""
    import awkward as ak

    arrays = []
    for piece in pieces:
        if isinstance(piece, Lists):
            arrays.append(ak.unflatten(_native(piece.values), piece.counts))
        else:
            arrays.append(_native(piece) if isinstance(piece, np.ndarray) else piece)
    return ak.concatenate(arrays) if len(arrays) > 1 else ak.Array(arrays[0])


def _native(numbers: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(numbers, dtype=numbers.dtype.newbyteorder("="))
