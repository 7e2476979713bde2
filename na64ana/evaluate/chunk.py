"""A chunk of events: columns by logical name, read when they are needed, for the events needed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from na64ana.errors import InputError

__all__ = ["Chunk"]


@dataclass(frozen=True)
class Chunk:
    """Some events of a set of columns.

    Attributes
    ----------
    names : collection of str
        The columns there are.
    read : callable
        Gives a column by name for some events: of the numbers of these, shape (event,), each
        greater than the one before, an array with the event first.
    rows : array of int64, shape (event,)
        The events of the chunk, by the same numbers.
    thinned : int
        Events that fail a cut are left out of what follows once one in so many is left: to pick
        out events costs time too, more than to compare a number for all.
    missing : callable
        Gives for a column that was computed before, by name and events, those in which a
        comparison on the way had a NaN operand, as a mask; None if there is none.
    """

    names: Collection[str]
    read: Callable[[str, np.ndarray], Any] = field(repr=False)
    rows: np.ndarray = field(repr=False)
    thinned: int = 2
    missing: Callable[[str, np.ndarray], np.ndarray | None] = field(
        default=lambda _name, _rows: None, repr=False
    )

    @classmethod
    def of(cls, columns: Mapping[str, Any]) -> Chunk:
        """Return a chunk of arrays by logical name, all of the same events.

        Raises
        ------
        InputError
            They are not of the same number of events.
        """
        size = _size(columns)

        def read(name: str, rows: np.ndarray) -> Any:
            return columns[name] if len(rows) == size else columns[name][rows]

        return cls(columns.keys(), read, np.arange(size))

    def __len__(self) -> int:
        return len(self.rows)

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def column(self, name: str, index: np.ndarray | None = None) -> Any:
        """Read a column, for the events at some places of the chunk, or for all."""
        return self.read(name, self.rows if index is None else self.rows[index])

    def missing_in(self, name: str, index: np.ndarray | None = None) -> np.ndarray | None:
        """Return for which of these events a number on the way to a column is missing."""
        return self.missing(name, self.rows if index is None else self.rows[index])

    def subset(self, events: np.ndarray) -> Chunk:
        """Return some of the events, by a mask or by their places."""
        return replace(self, rows=self.rows[events])


def _size(columns: Mapping[str, Any]) -> int:
    sizes = {name: len(array) for name, array in columns.items()}
    if len(set(sizes.values())) != 1:
        msg = (
            "columns differ in their number of events: "
            + ", ".join(f"{name} {size}" for name, size in sizes.items())
            if sizes
            else "no columns were given"
        )
        raise InputError(msg)
    return next(iter(sizes.values()))
