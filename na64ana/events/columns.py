"""Branches to logical columns: shapes and kinds as the layout says, or a clear error."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from na64ana.errors import InputError, nearest, printable
from na64ana.events.files import EventFile
from na64ana.events.readers import Lists, Piece, Reader
from na64ana.expressions import Kind, Type
from na64ana.expressions.kinds import DTYPES, of_kind
from na64ana.layouts import ColumnSource, Layout

__all__ = ["Columns", "constant", "missing_branch"]

#: entries turned at a time from event by event to cell by cell: what fits the nearest cache
_BLOCK = 64


def missing_branch(file: EventFile, tree: str, column: ColumnSource) -> str | None:
    """Return the branch of a column that the file lacks, None if it has all or needs none."""
    if constant(file, tree, column) is not None:
        return None
    for branch in column.branches:
        if file.find(tree, branch) is None:
            return branch
    return None


def constant(file: EventFile, tree: str, column: ColumnSource) -> float | None:
    """Return the value of every event of a column that is not read; None for one that is."""
    if column.absent is None:
        return column.value
    (branch,) = column.branches
    # a name that several branches end with is not absent: which of them is meant is not known
    ends = (path.rpartition("/")[2] for path in file.branch_paths(tree))
    there = file.find(tree, branch) is not None or branch in ends
    return None if there else column.absent


class Columns:
    """Logical columns over a range of entries of a file, read when they are first needed.

    Attributes
    ----------
    size : int
        Number of entries.
    """

    def __init__(self, file: EventFile, tree: str, layout: Layout, start: int, stop: int) -> None:
        self.size = stop - start
        self._open = (file, tree, layout, start, stop)
        self._columns: dict[str, _Column] = {}

    def prefetch(self, names: Iterable[str]) -> None:
        """Start to fetch columns that will be taken, where they come over a network."""
        file, tree, layout, start, stop = self._open
        found = (
            file.find(tree, branch) for name in names for branch in layout.columns[name].branches
        )
        file.prefetch(tree, [branch for branch in found if branch is not None], start, stop)

    def take(self, name: str, rows: np.ndarray) -> Any:
        """Read some entries of a column.

        Parameters
        ----------
        name : str
        rows : array of int64, shape (event,)
            Entries, counted from the first of the range, each greater than the one before.

        Returns
        -------
        array
            Shape ``(event, *axes)`` with the event fastest in memory, or an awkward array where
            jagged; int64, float64 or bool.

        Raises
        ------
        InputError
            A branch is missing, unreadable, or does not have the shape that the layout says.
        """
        if name not in self._columns:
            file, tree, layout, start, stop = self._open
            self._columns[name] = _Column(file, tree, layout.columns[name], start, stop)
        return self._columns[name].take(rows)


class _Column:
    """One column over one range; knows its words for errors."""

    def __init__(
        self, file: EventFile, tree: str, source: ColumnSource, start: int, stop: int
    ) -> None:
        self.file, self.tree, self.source = file, tree, source
        self.start, self.stop = start, stop
        self.readers: dict[str, Reader] = {}
        self.constant = constant(file, tree, source)

    def take(self, rows: np.ndarray) -> Any:
        type_ = self.source.type
        if self.constant is not None:
            value: np.ndarray = np.asarray(self.constant, dtype=DTYPES[type_.kind])
            return np.broadcast_to(value, (len(rows), *_shape(type_)))
        if type_.jagged:
            return self._jagged(self.source.branches[0], rows)
        if len(self.source.branches) == 1:
            return self._cells(self.source.branches[0], rows, _shape(type_))
        slices = [self._cells(branch, rows, _shape(type_)[1:]) for branch in self.source.branches]
        return np.moveaxis(np.stack([np.moveaxis(s, 0, -1) for s in slices]), -1, 0)

    def refuse(self, branch: str, problem: str) -> InputError:
        tree = f"tree '{printable(self.tree)}', " if self.tree else ""
        return InputError(
            f"{printable(self.file.path)}: {tree}column '{self.source.name}', "
            f"branch '{printable(branch)}': {problem}"
        )

    def _pieces(self, branch: str, rows: np.ndarray) -> Iterator[Piece]:
        if branch not in self.readers:
            path = self.file.find(self.tree, branch)
            if path is None:
                near = nearest(branch, self.file.branch_paths(self.tree))
                raise self.refuse(branch, f"not in this file{near}")
            self.readers[branch] = self.file.reader(self.tree, path, self.start, self.stop)
        return self.readers[branch].take(rows + self.start)

    def _jagged(self, branch: str, rows: np.ndarray) -> Any:
        import awkward as ak

        lists = []
        for piece in self._pieces(branch, rows):
            if isinstance(piece, np.ndarray) and piece.ndim == 2:
                counts = np.full(len(piece), piece.shape[1], dtype=np.int64)
                lists.append(Lists(counts, piece.reshape(-1)))
            elif isinstance(piece, Lists):
                lists.append(piece)
            else:
                raise self.refuse(branch, f"a list of numbers is needed, not '{_content(piece)}'")
        if not lists:
            lists = [Lists(np.zeros(0, dtype=np.int64), np.zeros(0))]
        flat = self._kind(branch, np.concatenate([piece.values for piece in lists]))
        return ak.unflatten(flat, np.concatenate([piece.counts for piece in lists]))

    def _cells(self, branch: str, rows: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
        """Numbers of fixed shape, laid out cell after cell with the event fastest."""
        cells = math.prod(shape)
        by_cell = np.empty((cells, len(rows)))
        done = 0
        for piece in self._pieces(branch, rows):
            numbers = self._flat(branch, piece, rows[done : done + len(piece)], shape)
            if not done and not self._is_number(numbers):
                by_cell = np.empty((cells, len(rows)), dtype=numbers.dtype.newbyteorder("="))
            step = _BLOCK if cells > 1 else max(1, len(numbers))
            for i in range(0, len(numbers), step):
                block = numbers[i : i + step]
                by_cell[:, done : done + len(block)] = block.T
                done += len(block)
        by_cell = by_cell if self._is_number(by_cell) else self._kind(branch, by_cell)
        return np.moveaxis(by_cell.reshape(*shape, len(rows)), -1, 0)

    def _is_number(self, stored: np.ndarray) -> bool:
        """Whether what is stored only has to be widened."""
        return self.source.type.kind is Kind.NUMBER and stored.dtype.kind == "f"

    def _flat(
        self, branch: str, piece: Piece, rows: np.ndarray, shape: tuple[int, ...]
    ) -> np.ndarray:
        """Return the cells of each entry, shape (entry, cell); refuse another number of them."""
        cells = math.prod(shape)
        if isinstance(piece, Lists):
            wrong = np.flatnonzero(piece.counts != cells)
            if len(wrong):
                where = self.start + int(rows[wrong[0]])
                has = f"entry {where} has {piece.counts[wrong[0]]} values"
                raise self.refuse(branch, f"{has}; the layout says {_words(shape)}")
            return piece.values.reshape(len(piece), cells)
        if not isinstance(piece, np.ndarray):
            problem = f"the layout says {_words(shape)}, not '{_content(piece)}'"
            if piece.fields or "string" in str(piece.type):
                problem = f"numbers are needed, not '{_content(piece)}'"
            raise self.refuse(branch, problem)
        inner = piece.shape[1:]
        if (len(inner) > 1 and inner != shape) or math.prod(inner) != cells:
            raise self.refuse(
                branch, f"has shape ({_words(inner)}); the layout says {_words(shape)}"
            )
        return piece.reshape(len(piece), cells)

    def _kind(self, branch: str, numbers: np.ndarray) -> np.ndarray:
        try:
            return of_kind(numbers, self.source.type.kind)
        except ValueError as error:
            raise self.refuse(branch, str(error)) from None


def _content(piece: Piece) -> str:
    if isinstance(piece, np.ndarray | Lists):
        return str(piece.dtype if isinstance(piece, np.ndarray) else piece.values.dtype)
    return str(piece.type.content)


def _shape(type_: Type) -> tuple[int, ...]:
    return tuple(axis.size for axis in type_.axes if axis.size is not None)


def _words(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) or "one value"
