"""What may be asked for: every wrong number gets its message here, before anything is computed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from na64ana.errors import LimitError, nearest, printable
from na64ana.limits.nuisance import Floats

__all__ = ["MOST_OBSERVED", "check_cl", "counts_of", "known_name", "numbers_of"]

#: above this many events a limit is no matter of low counts, and the sums become long
MOST_OBSERVED = 1000


def numbers_of(value: Any, what: str) -> Floats:
    """Return finite numbers that are not negative, as an array of the shape given.

    Raises
    ------
    LimitError
        For anything else.
    """
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        msg = f"{what} must be a number or an array of numbers, not {printable(repr(value))}"
        raise LimitError(msg) from None
    if bad := array[~np.isfinite(array)].tolist():
        msg = f"{what} is {bad[0]}: it must be a finite number"
        raise LimitError(msg)
    if bad := array[array < 0].tolist():
        msg = f"{what} is {bad[0]:g}: it must not be negative"
        raise LimitError(msg)
    return array


def counts_of(value: Any, what: str = "observed") -> NDArray[np.int64]:
    """Return whole numbers of events, from 0 to `MOST_OBSERVED`."""
    array = numbers_of(value, what)
    if bad := array[array != np.floor(array)].tolist():
        msg = f"{what} is {bad[0]:g}: events are counted in whole numbers"
        raise LimitError(msg)
    if bad := array[array > MOST_OBSERVED].tolist():
        msg = (
            f"{what} is {bad[0]:g}: exact sums go up to {MOST_OBSERVED} events; above, export the "
            "model and use asymptotic formulae"
        )
        raise LimitError(msg)
    return array.astype(np.int64)


def check_cl(cl: Any) -> float:
    """Return a confidence level between 0 and 1, both excluded."""
    value = numbers_of(cl, "cl")
    if value.ndim or not 0 < float(value) < 1:
        msg = f"cl is {printable(str(cl))}: it must lie between 0 and 1, such as 0.90"
        raise LimitError(msg)
    return float(value)


def known_name(name: str, known: Sequence[str], what: str) -> str:
    """Return the name if it is known, else name the nearest."""
    if name not in known:
        near = nearest(str(name), known)
        msg = f"unknown {what} '{printable(str(name))}'{near}; known: {', '.join(known)}"
        raise LimitError(msg)
    return name
