"""Arrays: walk a checked tree over a chunk of events.

Inside, arrays of fixed shape hold the event as their *last* axis, (plane, ix, iy, event): one
value per event then combines with cells as it stands, and sums run cell after cell in the
order of the cells, as a loop in C++ does, whatever the size of the chunk. Jagged arrays are
awkward arrays with the event first.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from na64ana.errors import InputError
from na64ana.expressions.tree import (
    Align,
    ArgMax,
    Arithmetic,
    Cells,
    Column,
    Comparison,
    Elementwise,
    IndexIs,
    Literal,
    Logic,
    Lookup,
    Negate,
    Node,
    Not,
    Reduce,
    Scale,
    Where,
)
from na64ana.expressions.types import Kind

__all__ = ["Value", "evaluate"]

Array = Any


@dataclass(frozen=True, slots=True)
class Value:
    """What an expression gives for a chunk of events.

    Attributes
    ----------
    data : array or number
        Shape ``(*axes, event)``; awkward, (event, var), where jagged; a number for a literal.
    missing : array of bool, shape (event,), or None
        Events in which a comparison on the way had a NaN operand; None if there was none.
    """

    data: Array
    missing: np.ndarray | None = None


_UNEQUAL = "lists of hits of different length in one event do not combine"

#: gives the value of a column or observable by name
Lookups = Callable[[str], Value]

_UFUNCS: dict[str, Callable[..., Array]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.true_divide, "**": np.power,
    "%": np.remainder, "&": np.bitwise_and,
    "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
    "==": np.equal, "!=": np.not_equal,
    "and": np.logical_and, "or": np.logical_or,
    "abs": np.abs, "sqrt": np.sqrt, "exp": np.exp, "log": np.log, "log10": np.log10,
    "sin": np.sin, "cos": np.cos, "tan": np.tan, "isnan": np.isnan,
    "hypot": np.hypot, "atan2": np.arctan2, "min": np.minimum, "max": np.maximum,
}  # fmt: skip


def evaluate(node: Node, lookup: Lookups) -> Value:
    """Evaluate a checked tree.

    Parameters
    ----------
    node : Node
        From `check`.
    lookup : callable
        Gives the `Value` of a column or observable.
    """
    match node:
        case Literal():
            return Value(node.value)
        case Column():
            return lookup(node.name)
        case Where():
            return _where(node, lookup)
        case Comparison() | Logic() | Elementwise():
            values = [evaluate(operand, lookup) for operand in node.operands]
        case Arithmetic():
            values = [evaluate(node.left, lookup), evaluate(node.right, lookup)]
        case _:
            values = [evaluate(node.operand, lookup)]  # type: ignore[attr-defined]
    missing = _either(*(value.missing for value in values))
    data = [value.data for value in values]
    match node:
        case Comparison():
            return _compare(node, data, missing)
        case ArgMax():
            return _argmax(node, data[0], missing)
        case Logic():
            return Value(_apply(node.operator, data), missing)
        case Elementwise():
            return Value(_apply(node.function, data), missing)
        case Arithmetic(operator="*"):
            return Value(_apply("*", [_double(array) for array in data]), missing)
        case Arithmetic():
            return Value(_apply(node.operator, data), missing)
        case _:
            return Value(_unary(node, data[0]), missing)


def _unary(node: Node, data: Array) -> Array:
    match node:
        case Scale():
            return data * node.factor
        case Negate():
            return -data
        case Not():
            return np.logical_not(data)
        case Align():
            return _align(node, data)
        case Cells():
            return _cells(node, data)
        case Reduce():
            return _jagged_reduce(node, data) if node.operand.type.jagged else _reduce(node, data)
        case IndexIs():
            same = data == node.flat
            return same if node.equal else ~same
        case Lookup():
            return _lookup(node, data)
        case _:
            msg = f"no rule for {type(node).__name__}"
            raise TypeError(msg)


def _apply(name: str, data: list[Array]) -> Array:
    """Apply a function of one argument, or fold one of two over all."""
    function = _UFUNCS[name]
    try:
        return reduce(function, data) if len(data) > 1 else function(data[0])
    except ValueError:
        if all(isinstance(array, np.ndarray) or np.isscalar(array) for array in data):
            raise
        raise InputError(_UNEQUAL) from None


def _double(data: Array) -> Array:
    """Whole numbers as doubles, so that no product wraps around."""
    if isinstance(data, np.ndarray):
        return data.astype(float, copy=False)
    if np.isscalar(data):
        return float(data)  # type: ignore[arg-type]
    import awkward as ak

    return ak.values_astype(data, float)


def _where(node: Where, lookup: Lookups) -> Value:
    # a missing number makes the condition false; that is what it is for, so it is not counted
    condition = evaluate(node.condition, lookup)
    then, otherwise = evaluate(node.then, lookup), evaluate(node.otherwise, lookup)
    missing = _either(then.missing, otherwise.missing)
    if node.type.jagged:
        import awkward as ak

        try:
            # one value per event goes to all entries of its list, which ak.where does not do
            arrays = ak.broadcast_arrays(condition.data, then.data, otherwise.data)
            return Value(ak.where(*arrays), missing)
        except ValueError:
            raise InputError(_UNEQUAL) from None
    return Value(np.where(condition.data, then.data, otherwise.data), missing)


def _compare(node: Comparison, data: list[Array], missing: np.ndarray | None) -> Value:
    results = [
        _apply(operator, [left, right])
        for operator, left, right in zip(node.operators, data, data[1:], strict=False)
    ]
    for i, (operand, array) in enumerate(zip(node.operands, data, strict=True)):
        if operand.type.kind is Kind.NUMBER and not isinstance(operand, Literal):
            bad = _events_with_nan(array)
            if bad is None:
                continue
            missing = _either(missing, bad)
            for j in (i - 1, i):  # numpy says NaN != 1: here NaN compares false, whatever with
                if 0 <= j < len(results) and node.operators[j] == "!=":
                    results[j] = np.logical_and(results[j], ~np.isnan(array))
    return Value(_apply("and", results) if len(results) > 1 else results[0], missing)


def _argmax(node: ArgMax, data: np.ndarray, missing: np.ndarray | None) -> Value:
    # finding the largest cell compares cells, so a missing one leaves the answer open
    if node.operand.type.kind is Kind.NUMBER:
        missing = _either(missing, _events_with_nan(data))
    flat = data.reshape(math.prod(data.shape[:-1]), data.shape[-1])
    return Value(np.argmax(flat, axis=0), missing)


def _events_with_nan(data: Array) -> np.ndarray | None:
    """Events holding a NaN, None if there is none; one value for all of a number."""
    if np.isscalar(data):
        return np.asarray(True) if np.isnan(data) else None
    if not isinstance(data, np.ndarray):
        return _jagged_events_with_nan(data)
    # the smallest of an array with a NaN is NaN: one fast pass where, as mostly, none is
    if not data.size or not np.isnan(np.min(data)):
        return None
    return np.asarray(np.isnan(data).any(axis=tuple(range(data.ndim - 1))))


def _jagged_events_with_nan(data: Array) -> np.ndarray | None:
    import awkward as ak

    bad = np.isnan(data)
    while bad.ndim > 1:
        bad = ak.any(bad, axis=-1)
    events = np.asarray(bad, dtype=bool)
    return events if events.any() else None


def _either(*masks: np.ndarray | None) -> np.ndarray | None:
    real = [mask for mask in masks if mask is not None]
    return reduce(np.logical_or, real) if real else None


def _align(node: Align, data: np.ndarray) -> np.ndarray:
    kept = [place for place in node.order if place is not None]
    moved = data.transpose(*kept, data.ndim - 1)
    new = tuple(None if place is None else slice(None) for place in node.order)
    aligned: np.ndarray = moved[(*new, slice(None))]
    return aligned


def _cells(node: Cells, data: Array) -> Array:
    if node.operand.type.jagged:
        import awkward as ak

        (place,) = node.items
        assert isinstance(place, int)
        entry = ak.pad_none(data, place + 1, axis=1)[:, place]
        if node.operand.type.kind is Kind.BOOL:
            return np.asarray(ak.fill_none(entry, False), dtype=bool)
        return np.asarray(ak.fill_none(entry, np.nan), dtype=float)
    return data[tuple(i if isinstance(i, int) else slice(*i) for i in node.items)]


def _reduce(node: Reduce, data: np.ndarray) -> np.ndarray:
    axes, function = node.axes, node.function
    if function == "any":
        return np.asarray(data.any(axis=axes))
    if function == "all":
        return np.asarray(data.all(axis=axes))
    if function == "count":
        return np.asarray(np.count_nonzero(data, axis=axes), dtype=np.int64)
    first = np.moveaxis(data, axes, range(len(axes)))
    rest = first.shape[len(axes) :]
    if function == "len":
        return np.full(rest, int(np.prod(first.shape[: len(axes)])), dtype=np.int64)
    cells = (first[place] for place in itertools.product(*map(range, first.shape[: len(axes)])))
    total: np.ndarray = next(cells).copy()
    step = {"sum": np.add, "min": np.minimum, "max": np.maximum}[function]
    for cell in cells:  # in the order of the cells: numpy's own sum adds in another
        step(total, cell, out=total)
    return total


def _jagged_reduce(node: Reduce, data: Array) -> np.ndarray:
    import awkward as ak

    if node.function == "len":
        return np.asarray(ak.count(_flat_inside(data), axis=1), dtype=np.int64)
    step: dict[str, Callable[..., Array]] = {
        "any": ak.any, "all": ak.all, "count": ak.count_nonzero,
        "sum": ak.sum, "min": ak.min, "max": ak.max,
    }  # fmt: skip
    result = step[node.function](_flat_inside(data), axis=1)
    if node.function in ("min", "max"):
        flat = _flat_inside(data)
        if node.operand.type.kind is Kind.NUMBER:
            # unlike numpy's, awkward's min and max pass over NaN; a missing hit is not a small one
            result = ak.where(ak.any(np.isnan(flat), axis=1), np.nan, result)
        result = ak.fill_none(result, np.nan)
        return np.asarray(result, dtype=float)
    kind = {Kind.BOOL: bool, Kind.INTEGER: np.int64}.get(node.type.kind, float)
    return np.asarray(result, dtype=kind)


def _flat_inside(data: Array) -> Array:
    """All entries of an event in one list."""
    import awkward as ak

    while data.ndim > 2:
        data = ak.flatten(data, axis=2)
    return data


def _lookup(node: Lookup, data: Array) -> Array:
    table = np.array([node.below, *node.values, node.above])
    found = table[np.searchsorted(node.edges, data, side="right")]
    return np.where(np.isnan(data), np.nan, found)
