"""Sums of weights without rounding, so that merging is associative to the last bit.

A double is a whole number of 2**-1074; a square of one a whole number of 2**-2148. Sums are
kept as Python integers in those units and rounded once, when they are read.
"""

from __future__ import annotations

import math

import numpy as np

__all__ = ["SQUARE_BITS", "WEIGHT_BITS", "exact_sums", "rounded"]

WEIGHT_BITS = 1074
SQUARE_BITS = 2148

_LIMB = 18  # three limbs hold the 53 bits of a mantissa
_BLOCK = 1 << 14  # sums of products of limbs stay below 2**53 and so exact in doubles


def exact_sums(
    weights: np.ndarray, groups: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Sum weights and their squares by group, exactly.

    Parameters
    ----------
    weights : array of float, shape (event,)
        All finite.
    groups : array of int, shape (event,)
        Group of each event, from 0 to ``count - 1``.
    count : int
        Number of groups.

    Returns
    -------
    sumw, sumw2 : arrays of Python int, shape (count,)
        In units of 2**-1074 and 2**-2148.
    """
    sumw = np.zeros(count, dtype=object)
    sumw2 = np.zeros(count, dtype=object)
    for start in range(0, len(weights), _BLOCK):
        stop = start + _BLOCK
        _add_block(weights[start:stop], groups[start:stop], count, sumw, sumw2)
    return sumw, sumw2


def _add_block(
    weights: np.ndarray, groups: np.ndarray, count: int, sumw: np.ndarray, sumw2: np.ndarray
) -> None:
    mantissa, exponent = np.frexp(weights)
    whole = np.abs(mantissa * 2.0**53).astype(np.int64)
    sign = np.sign(mantissa)
    exponents, place = np.unique(exponent, return_inverse=True)
    keys = place * count + groups

    def total(values: np.ndarray) -> np.ndarray:
        flat = np.bincount(keys, weights=values, minlength=len(exponents) * count)
        return flat.reshape(len(exponents), count)

    low, middle, high = ((whole >> shift) & (2**_LIMB - 1) for shift in (0, _LIMB, 2 * _LIMB))
    linear = [total(sign * limb) for limb in (low, middle, high)]
    squares = [
        total((a * b).astype(float))
        for a, b in (
            (low, low), (2 * low, middle), (middle, middle),
            (2 * low, high), (2 * middle, high), (high, high),
        )
    ]  # fmt: skip
    limbs = (0, 1, 2, 2, 3, 4)
    for i, power in enumerate(exponents.tolist()):
        # weight = whole * 2**(power - 53), in units of 2**-1074; its square in 2**-2148
        shift = WEIGHT_BITS + power - 53
        for group in range(count):
            w = sum(int(part[i, group]) << (_LIMB * k) for k, part in enumerate(linear))
            w2 = sum(
                int(part[i, group]) << (_LIMB * k) for k, part in zip(limbs, squares, strict=True)
            )
            sumw[group] += _shifted(w, shift)
            sumw2[group] += _shifted(w2, 2 * shift)


def _shifted(value: int, bits: int) -> int:
    # to the right only zeros fall out: a subnormal double has that many low zero bits
    return value << bits if bits >= 0 else value >> -bits


def rounded(value: int, bits: int) -> float:
    """Return an exact sum as the nearest double; infinite beyond the largest."""
    try:
        return value / (1 << bits)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
