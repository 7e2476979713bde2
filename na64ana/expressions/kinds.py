"""Numbers of a kind: int64, float64 or bool, converted without loss or refused."""

from __future__ import annotations

import numpy as np

from na64ana.expressions.types import Kind

__all__ = ["DTYPES", "of_kind"]

DTYPES = {Kind.INTEGER: np.int64, Kind.BOOL: np.bool_, Kind.NUMBER: np.float64}

#: up to here every whole number is a double
_WHOLE = 2**53


def of_kind(numbers: np.ndarray, kind: Kind) -> np.ndarray:
    """Return numbers in the type of a kind; single precision becomes double.

    Raises
    ------
    ValueError
        A value would change; the text names it, such as ``holds 0.5, which is no integer``.
    """
    if numbers.dtype.kind not in "biuf":
        msg = f"holds values of type {numbers.dtype}, not numbers"
        raise ValueError(msg)
    with np.errstate(invalid="ignore"):  # what a cast spoils is found here
        made: np.ndarray = numbers.astype(DTYPES[kind], copy=False)
        if made.dtype == numbers.dtype:
            return made
        if kind is Kind.NUMBER:
            wide = numbers.dtype.kind in "iu" and numbers.dtype.itemsize == 8
            changed = np.abs(made) > _WHOLE if wide else np.zeros(numbers.shape, dtype=bool)
        else:
            changed = made.astype(numbers.dtype) != numbers
            if numbers.dtype.kind == "u":
                changed |= made < 0
    if changed.any():
        size = " of 64 bits" if kind is Kind.INTEGER else ""
        msg = f"holds {numbers[changed][0]}, which is no {kind.value}{size}"
        raise ValueError(msg)
    return made
