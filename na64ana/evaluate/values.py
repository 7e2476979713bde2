"""Values of a chunk: every observable and cut is evaluated once for the events that need it.

Where only events that pass a cut are looked at further, the rest are left out as soon as they are
many: what is read and computed shrinks with the events that are left.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from na64ana.errors import InputError
from na64ana.evaluate.chunk import Chunk
from na64ana.expressions import Kind, Node, Type, Value
from na64ana.expressions import evaluate as evaluate_node
from na64ana.expressions.kinds import of_kind
from na64ana.selection import BoundCut, BoundSelection

__all__ = ["Left", "Values"]


@dataclass(frozen=True, eq=False)
class _Rows:
    """Events of a chunk: all, or some of those of a parent."""

    size: int
    parent: _Rows | None = None
    #: places among the events of the parent
    within: np.ndarray | None = field(default=None, repr=False)

    @cached_property
    def index(self) -> np.ndarray | None:
        """Places in the chunk; None for all."""
        if self.parent is None or self.parent.index is None:
            return self.within
        return np.asarray(self.parent.index[self.within])


@dataclass(frozen=True, eq=False)
class Left:
    """Events that are left: ``mask`` of ``rows``, for which values are computed.

    Attributes
    ----------
    rows : _Rows
    mask : array of bool, shape (row,)
    """

    rows: _Rows
    mask: np.ndarray = field(repr=False)

    @cached_property
    def index(self) -> np.ndarray:
        """Places in the chunk of the events that are left."""
        index = self.rows.index
        return np.asarray(np.flatnonzero(self.mask) if index is None else index[self.mask])


class Values:
    """What a selection's columns, observables and cuts give for a chunk of events."""

    def __init__(self, chunk: Chunk, selection: BoundSelection) -> None:
        self.chunk, self.selection = chunk, selection
        self.all = _Rows(len(chunk))
        self._known: dict[tuple[str, _Rows], Value] = {}
        self._cuts: dict[tuple[int, _Rows], tuple[np.ndarray, np.ndarray | None]] = {}
        self._after: dict[tuple[Left, int], Left] = {}

    def of(self, node: Node, what: str, rows: _Rows) -> Value:
        """Evaluate a tree; ``what`` it is stands in errors."""
        try:
            return evaluate_node(node, lambda name: self._lookup(name, rows))
        except InputError as error:
            msg = f"{what}: {error}"
            raise InputError(msg) from None

    def numbers(self, node: Node, what: str, left: Left) -> np.ndarray:
        """Return one number per event that is left, as double."""
        data = np.asarray(self.of(node, what, left.rows).data, dtype=float)
        return np.asarray(np.broadcast_to(data, (left.rows.size,))[left.mask])

    def column(self, name: str) -> np.ndarray:
        """Return a column of numbers for all events."""
        return np.asarray(self._lookup(name, self.all).data)

    def condition(self, node: Node, what: str, rows: _Rows) -> tuple[np.ndarray, np.ndarray | None]:
        """Events for which a condition holds, and those where a number it needs is missing."""
        value = self.of(node, what, rows)
        true = np.broadcast_to(np.asarray(value.data, dtype=bool), (rows.size,))
        missing = value.missing
        if missing is not None:
            missing = np.broadcast_to(missing, (rows.size,))
        return (true if missing is None else true & ~missing), missing

    def cut(self, cut: BoundCut, rows: _Rows) -> tuple[np.ndarray, np.ndarray | None]:
        """Events that pass a cut, and those that fail it because a number is missing."""
        key = id(cut), rows
        if key not in self._cuts:
            true, missing = self.condition(cut.condition, f"cut '{cut.name}'", rows)
            applied = self.applied(cut, rows)
            if applied is not None:
                true = true | ~applied
                missing = None if missing is None else missing & applied
            self._cuts[key] = true, missing
        return self._cuts[key]

    def applied(self, cut: BoundCut, rows: _Rows) -> np.ndarray | None:
        """Events of the runs that a cut is for; None for one that is for all."""
        if cut.runs is None:
            return None
        run = self._lookup("run", rows).data
        inside: np.ndarray = (run >= cut.runs[0]) & (run <= cut.runs[1])
        return inside

    def after(self, left: Left, cuts: Iterable[BoundCut]) -> Left:
        """Return what some cuts, one after the other, leave of some events."""
        for cut in cuts:
            key = left, id(cut)
            if key not in self._after:
                self._after[key] = self._passing(left, cut)
            left = self._after[key]
        return left

    def _passing(self, left: Left, cut: BoundCut) -> Left:
        if not left.rows.size:
            return left
        mask = left.mask & self.cut(cut, left.rows)[0]
        number = int(np.count_nonzero(mask))
        if self.chunk.thinned * number > left.rows.size:
            return Left(left.rows, mask)
        rows = _Rows(number, left.rows, np.flatnonzero(mask))
        return Left(rows, np.ones(number, dtype=bool))

    def _lookup(self, name: str, rows: _Rows) -> Value:
        key = name, rows
        if key not in self._known:
            self._known[key] = self._from_parent(name, rows) or self._made(name, rows)
        return self._known[key]

    def _from_parent(self, name: str, rows: _Rows) -> Value | None:
        """Return for these events a value that is known for more."""
        within, above = rows.within, rows.parent
        while above is not None and within is not None:
            value = self._known.get((name, above))
            if value is not None:
                return Value(_some(value.data, within), _some(value.missing, within))
            within = within if above.within is None else above.within[within]
            above = above.parent
        return None

    def _made(self, name: str, rows: _Rows) -> Value:
        node = self.selection.observables.get(name)
        if node is not None:
            return self.of(node, f"observable '{name}'", rows)
        if name not in self.chunk:
            needs = self.selection.columns.get(name, "the selection")
            msg = f"{needs} needs column '{name}', which is not among those given"
            raise InputError(msg)
        array = self.chunk.column(name, rows.index)
        return Value(
            _declared(name, array, self.selection.types[name], rows.size),
            self.chunk.missing_in(name, rows.index),
        )


def _some(data: Any, within: np.ndarray) -> Any:
    """Some events of a value: they are last, but first in awkward arrays; a number is for all."""
    if data is None or getattr(data, "ndim", 0) == 0:  # np.ndim does not take jagged arrays
        return data
    return data[..., within] if isinstance(data, np.ndarray) else data[within]


def _declared(name: str, array: Any, type_: Type, size: int) -> Any:
    """Bring a column to its declared kind, event last."""
    try:
        if type_.jagged:
            return _jagged(array, type_.kind)
        numbers = of_kind(np.asarray(array), type_.kind)
    except ValueError as error:
        msg = f"column '{name}' {error}"
        raise InputError(msg) from None
    shape = (size, *(axis.size for axis in type_.axes))
    if numbers.shape != shape:
        msg = f"column '{name}' has shape {numbers.shape}; the layout says {shape}"
        raise InputError(msg)
    return np.moveaxis(numbers, 0, -1)


def _jagged(array: Any, kind: Kind) -> Any:
    import awkward as ak

    lists = ak.Array(array)
    flat = of_kind(np.asarray(ak.flatten(lists, axis=1)), kind)
    return ak.unflatten(flat, np.asarray(ak.num(lists, axis=1)))
