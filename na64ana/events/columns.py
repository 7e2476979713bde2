"""Branches to logical columns: shapes and kinds as the layout says, or a clear error."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from na64ana.errors import InputError, nearest, printable
from na64ana.events.files import EventFile
from na64ana.expressions import Type
from na64ana.expressions.kinds import DTYPES, of_kind
from na64ana.layouts import ColumnSource, Layout

__all__ = ["missing_branch", "read_columns"]


def missing_branch(file: EventFile, tree: str, column: ColumnSource) -> str | None:
    """Return the branch of a column that the file lacks, None if it has all."""
    for branch in column.branches:
        if file.find(tree, branch) is None:
            return branch
    return None


def read_columns(
    file: EventFile, tree: str, layout: Layout, names: Iterable[str], start: int, stop: int
) -> dict[str, Any]:
    """Read logical columns over a range of entries.

    Returns
    -------
    dict of str to array
        Shape (event, *axes) with the event fastest in memory, or an awkward array where
        jagged; int64, float64 or bool.

    Raises
    ------
    InputError
        A branch is missing, unreadable, or does not have the shape that the layout says.
    """
    return {name: _Column(file, tree, layout.columns[name], start, stop).array() for name in names}


class _Column:
    """One column over one range; knows its words for errors."""

    def __init__(
        self, file: EventFile, tree: str, source: ColumnSource, start: int, stop: int
    ) -> None:
        self.file, self.tree, self.source = file, tree, source
        self.start, self.stop, self.size = start, stop, stop - start

    def array(self) -> Any:
        type_ = self.source.type
        if self.source.value is not None:
            value: np.ndarray = np.asarray(self.source.value, dtype=DTYPES[type_.kind])
            return np.broadcast_to(value, (self.size, *_shape(type_)))
        if type_.jagged:
            return self._jagged(self.source.branches[0])
        if len(self.source.branches) == 1:
            return self._cells(self.source.branches[0], _shape(type_))
        slices = [self._cells(branch, _shape(type_)[1:]) for branch in self.source.branches]
        return np.moveaxis(np.stack([np.moveaxis(s, 0, -1) for s in slices]), -1, 0)

    def refuse(self, branch: str, problem: str) -> InputError:
        tree = f"tree '{printable(self.tree)}', " if self.tree else ""
        return InputError(
            f"{printable(self.file.path)}: {tree}column '{self.source.name}', "
            f"branch '{printable(branch)}': {problem}"
        )

    def _read(self, branch: str) -> Any:
        path = self.file.find(self.tree, branch)
        if path is None:
            near = nearest(branch, self.file.branch_paths(self.tree))
            raise self.refuse(branch, f"not in this file{near}")
        return self.file.read(self.tree, path, self.start, self.stop)

    def _jagged(self, branch: str) -> Any:
        import awkward as ak

        array = self._read(branch)
        if array.ndim != 2 or array.fields or "string" in str(array.type):
            raise self.refuse(branch, f"a list of numbers is needed, not '{array.type.content}'")
        if "var" not in str(array.type):
            array = ak.from_regular(array, axis=1)
        flat = self._kind(branch, np.asarray(ak.flatten(array, axis=1)))
        return ak.unflatten(flat, np.asarray(ak.num(array, axis=1)))

    def _cells(self, branch: str, shape: tuple[int, ...]) -> np.ndarray:
        """Numbers of fixed shape, laid out cell after cell with the event fastest."""
        import awkward as ak

        array = self._read(branch)
        cells = math.prod(shape)
        if array.fields or "string" in str(array.type):
            raise self.refuse(branch, f"numbers are needed, not '{array.type.content}'")
        if array.ndim == 2 and "var" in str(array.type):
            lengths = np.asarray(ak.num(array, axis=1))
            wrong = np.flatnonzero(lengths != cells)
            if len(wrong):
                raise self.refuse(
                    branch,
                    f"entry {self.start + int(wrong[0])} has {lengths[wrong[0]]} values; "
                    f"the layout says {_words(shape)}",
                )
            array = ak.flatten(array, axis=1)
        elif "var" in str(array.type):
            raise self.refuse(
                branch, f"the layout says {_words(shape)}, not '{array.type.content}'"
            )
        numbers = np.asarray(array)
        inner = numbers.shape[1:] if numbers.ndim > 1 else ()
        if (len(inner) > 1 and inner != shape) or numbers.size != self.size * cells:
            raise self.refuse(
                branch, f"has shape ({_words(inner)}); the layout says {_words(shape)}"
            )
        by_event = self._kind(branch, numbers).reshape(self.size, cells)
        by_cell = np.ascontiguousarray(by_event.T).reshape(*shape, self.size)
        return np.moveaxis(by_cell, -1, 0)

    def _kind(self, branch: str, numbers: np.ndarray) -> np.ndarray:
        try:
            return of_kind(numbers, self.source.type.kind)
        except ValueError as error:
            raise self.refuse(branch, str(error)) from None


def _shape(type_: Type) -> tuple[int, ...]:
    return tuple(axis.size for axis in type_.axes if axis.size is not None)


def _words(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) or "one value"
