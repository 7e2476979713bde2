"""What may be asked of a formula: every number outside its validity gets its message here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from na64ana.errors import SignalError, nearest, printable

__all__ = [
    "Floats",
    "check_above",
    "check_below",
    "known_name",
    "numbers",
    "one_above",
    "one_number",
    "one_value",
    "plain",
    "positive",
]

Floats = NDArray[np.float64]


def numbers(value: Any, what: str, *, infinite: bool = False) -> Floats:
    """Return finite numbers, or with ``infinite`` all but NaN, as an array of the shape given.

    Raises
    ------
    SignalError
        For anything else; ``what`` names the quantity.
    """
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        msg = f"{what} must be a number or an array of numbers, not {printable(repr(value))}"
        raise SignalError(msg) from None
    if bad := array[np.isnan(array) if infinite else ~np.isfinite(array)].tolist():
        msg = f"{what} is {bad[0]}: it must be a {'' if infinite else 'finite '}number"
        raise SignalError(msg)
    return array


def positive(value: Any, what: str, *, zero: bool = False) -> Floats:
    """Return finite numbers above 0 as an array; with ``zero``, 0 is allowed."""
    array = numbers(value, what)
    if bad := array[array < 0 if zero else array <= 0].tolist():
        msg = f"{what} is {bad[0]:g}: it must {'not be negative' if zero else 'be above 0'}"
        raise SignalError(msg)
    return array


def one_value(value: Any, what: str) -> float:
    """Return one number of any sign, which may be infinite."""
    array = numbers(value, what, infinite=True)
    if array.ndim:
        msg = f"{what} must be one number, not an array of them"
        raise SignalError(msg)
    return float(array)


def one_number(value: Any, what: str, *, zero: bool = False) -> float:
    """Return one finite number above 0; with ``zero``, 0 is allowed."""
    array = positive(value, what, zero=zero)
    if array.ndim:
        msg = f"{what} must be one number, not an array of them: call this once for each"
        raise SignalError(msg)
    return float(array)


def one_above(value: Any, bound: float, what: str, why: str) -> float:
    """Return one finite number above a bound; ``why`` says what the bound is."""
    number = one_value(value, what)
    if not bound < number < np.inf:
        msg = f"{what} is {number:g}; it must be above {bound:g}, {why}"
        raise SignalError(msg)
    return number


def check_above(value: Floats, bound: Any, what: str, why: str) -> None:
    """Refuse numbers that do not lie above a bound; ``why`` says what the bound is."""
    array, edge = np.broadcast_arrays(value, bound)
    if (bad := array <= edge).any():
        msg = f"{what} is {array[bad][0]:g}: it must be above {edge[bad][0]:g}, {why}"
        raise SignalError(msg)


def check_below(value: Floats, bound: Any, what: str, why: str) -> None:
    """Refuse numbers that do not lie below a bound; ``why`` says what the bound is."""
    array, edge = np.broadcast_arrays(value, bound)
    if (bad := array >= edge).any():
        msg = f"{what} is {array[bad][0]:g}: it must be below {edge[bad][0]:g}, {why}"
        raise SignalError(msg)


def known_name(name: Any, known: Iterable[str], what: str) -> str:
    """Return the name if it is known, else name the nearest."""
    names = list(known)
    if not isinstance(name, str) or name not in names:
        near = nearest(str(name), names)
        msg = f"unknown {what} '{printable(str(name))}'{near}; known: {', '.join(names)}"
        raise SignalError(msg)
    return name


def plain(array: Any) -> Any:
    """Return a float for an array without axes, and any other array as it is."""
    return float(array) if np.ndim(array) == 0 else array
