"""Sums of weights without rounding, so that merging is associative to the last bit.

A double is a whole number times a power of two. Numbers are kept in digits of 32 bits, as an
array of whole numbers for each digit, which add up without loss; they are rounded once, when they
are read.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

__all__ = ["Exact", "Weights"]

_BITS = 32
_BASE = 1 << _BITS
_BLOCK = 1 << (53 - _BITS - 1)  # so many digits add up to a whole number that a double holds
_TEXT = re.compile(r"(-?[0-9]+)\*2\^(-?[0-9]+)")
#: powers of two in squares of doubles, the least and the greatest
_POWERS = (-2148, 2048)


@dataclass(frozen=True, eq=False)
class Exact:
    """Numbers that add up without rounding, an array of any shape.

    Attributes
    ----------
    low : int
        Place of the lowest digit: it counts multiples of 2**(32 low).
    digits : array of int64, shape (digit, ...)
        From the lowest up, each from 0 to 2**32 - 1; the last one has the sign. As few as hold
        all numbers, so that equal numbers have equal digits.
    """

    low: int
    digits: np.ndarray

    @classmethod
    def zeros(cls, *shape: int) -> Exact:
        """Return as many zeros."""
        return cls(0, np.zeros((1, *shape), dtype=np.int64))

    @classmethod
    def counts(cls, numbers: np.ndarray) -> Exact:
        """Return whole numbers."""
        return _carried(0, [numbers])

    @classmethod
    def of(cls, values: np.ndarray) -> Exact:
        """Return doubles, all finite."""
        mantissa, power = np.frexp(values)
        return _taken_apart([mantissa], power, 53)

    @classmethod
    def squares(cls, values: np.ndarray) -> Exact:
        """Return the squares of doubles, all finite."""
        mantissa, power = np.frexp(values)
        return _taken_apart(_square(mantissa), 2 * power, 106)

    @classmethod
    def read(cls, texts: Iterable[str]) -> Exact:
        """Return what `texts` wrote, in one dimension.

        Raises
        ------
        ValueError
            A text is no such number.
        """
        numbers = [_number(text) for text in texts]
        low = min((power // _BITS for _, power in numbers), default=0)
        wholes = np.array([n << (power - _BITS * low) for n, power in numbers], dtype=object)
        digits = []
        while wholes.any():
            digits.append((wholes & (_BASE - 1)).astype(np.int64))
            wholes = wholes >> _BITS
            if all(n in (0, -1) for n in wholes):
                digits[-1] += _BASE * wholes.astype(np.int64)
                break
        return _carried(low, digits) if digits else cls.zeros(len(numbers))

    def __add__(self, other: Exact) -> Exact:
        low = min(self.low, other.low)
        size = max(number.low + len(number.digits) for number in (self, other)) - low
        digits = np.zeros((size, *self.digits.shape[1:]), dtype=np.int64)
        for number in (self, other):
            start = number.low - low
            digits[start : start + len(number.digits)] += number.digits
        return _carried(low, digits)

    def each(self, step: Callable[[np.ndarray], np.ndarray]) -> Exact:
        """Return the numbers with a step applied that picks out, rearranges or adds some."""
        return _carried(self.low, [step(digit) for digit in self.digits])

    def by_group(self, groups: np.ndarray, size: int) -> Exact:
        """Add up numbers by group; of groups from ``size`` on, none. Shape (event,) to (group,)."""
        return self._summed(
            lambda digit, block: np.bincount(groups[block], weights=digit, minlength=size)[:size]
        )

    def passing(self, passes: np.ndarray) -> Exact:
        """Add up numbers that pass; shapes (event,), of ``passes`` (cut, event), to (cut,)."""
        ones = passes.astype(float)
        return self._summed(lambda digit, block: ones[:, block] @ digit)

    def _summed(self, total: Callable[[np.ndarray, slice], np.ndarray]) -> Exact:
        blocks = [
            slice(start, start + _BLOCK) for start in range(0, self.digits.shape[1], _BLOCK)
        ] or [slice(0)]
        sums = [
            sum(total(digit[block].astype(float), block).astype(np.int64) for block in blocks)
            for digit in self.digits
        ]
        return _carried(self.low, sums)

    def rounded(self) -> np.ndarray:
        """Return the nearest doubles; infinite beyond the largest."""
        result = np.zeros(self.digits.shape[1:])
        filled = self._filled()
        result[filled] = [_nearest(n, _BITS * self.low) for n in self._wholes(filled)]
        return result

    def texts(self) -> list[str]:
        """Return the numbers one by one as texts, ``whole*2^power``."""
        filled = self._filled()
        found = iter(self._wholes(filled))
        return [
            _text(next(found), _BITS * self.low) if some else "0*2^0" for some in filled.ravel()
        ]

    def _filled(self) -> np.ndarray:
        return np.asarray(self.digits.any(axis=0))

    def _wholes(self, chosen: np.ndarray) -> Iterator[int]:
        """Some of the numbers, in units of the lowest digit."""
        wholes = self.digits[-1][chosen].astype(object)
        for digit in self.digits[-2::-1]:
            wholes = wholes * _BASE + digit[chosen]
        yield from wholes

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Exact):
            return NotImplemented
        return self.low == other.low and np.array_equal(self.digits, other.digits)

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True)
class Weights:
    """Weights and their squares: of events, or sums of such; of one shape.

    Attributes
    ----------
    w, w2 : Exact
    """

    w: Exact
    w2: Exact

    @classmethod
    def of(cls, weights: np.ndarray) -> Weights:
        """Return the weights of events, all finite; shape (event,)."""
        return cls(Exact.of(weights), Exact.squares(weights))

    @classmethod
    def counts(cls, numbers: np.ndarray) -> Weights:
        """Return sums over so many events without weights, each of which counts one."""
        return cls(Exact.counts(numbers), Exact.counts(numbers))

    @classmethod
    def zeros(cls, *shape: int) -> Weights:
        """Return sums over no events."""
        return cls(Exact.zeros(*shape), Exact.zeros(*shape))

    def __add__(self, other: Weights) -> Weights:
        return Weights(self.w + other.w, self.w2 + other.w2)

    def __getitem__(self, index: int | slice | np.ndarray) -> Weights:
        """Return some, by the first axis."""
        return self.each(lambda array: array[index])

    def each(self, step: Callable[[np.ndarray], np.ndarray]) -> Weights:
        """Apply `Exact.each` to both."""
        return Weights(self.w.each(step), self.w2.each(step))

    def by_group(self, groups: np.ndarray, size: int) -> Weights:
        """Apply `Exact.by_group` to both."""
        return Weights(self.w.by_group(groups, size), self.w2.by_group(groups, size))

    def passing(self, passes: np.ndarray) -> Weights:
        """Apply `Exact.passing` to both."""
        return Weights(self.w.passing(passes), self.w2.passing(passes))


def _square(mantissa: np.ndarray) -> list[np.ndarray]:
    """Return squares as sums of two doubles, without rounding (Dekker 1971); from 1/2 to 1."""
    square = mantissa * mantissa
    spread = (2.0**27 + 1) * mantissa
    high = spread - (spread - mantissa)
    low = mantissa - high
    return [square, ((high * high - square) + 2 * high * low) + low * low]


def _taken_apart(parts: list[np.ndarray], power: np.ndarray, bits: int) -> Exact:
    """Return sums of parts below 1 with so many bits, times powers of two, in digits."""
    powers = power[parts[0] != 0]
    if not powers.size:
        return Exact.zeros(*power.shape)
    low = (int(powers.min()) - bits) // _BITS
    digits = []
    for place in range((int(powers.max()) - 1) // _BITS, low - 1, -1):
        shift = power - _BITS * place
        whole = [np.trunc(np.ldexp(part, shift)) for part in parts]
        parts = [part - np.ldexp(n, -shift) for part, n in zip(parts, whole, strict=True)]
        digits.append(sum(n.astype(np.int64) for n in whole))
    return _carried(low, digits[::-1])


def _carried(low: int, digits: Iterable[np.ndarray | int]) -> Exact:
    """Return numbers given by whole numbers in the place of digits, each of less than 63 bits."""
    carried = []
    carry: np.ndarray | int = 0
    for digit in digits:
        total = np.asarray(digit, dtype=np.int64) + carry
        carry = total >> _BITS
        carried.append(total & (_BASE - 1))
    carried.append(np.asarray(carry))
    while len(carried) > 1 and np.array_equal(carried[-1], -(carried[-2] >> (_BITS - 1))):
        sign = carried.pop()  # there is room for it in the digit below
        carried[-1] = carried[-1] + sign * _BASE
    while len(carried) > 1 and not carried[0].any():
        del carried[0]
        low += 1
    return Exact(low if carried[0].any() else 0, np.stack(carried))


def _nearest(whole: int, power: int) -> float:
    try:
        return whole / (1 << -power) if power < 0 else float(whole << power)
    except OverflowError:
        return math.inf if whole > 0 else -math.inf


def _text(whole: int, power: int) -> str:
    zeros = (whole & -whole).bit_length() - 1
    return f"{whole >> zeros}*2^{power + zeros}"


def _number(text: str) -> tuple[int, int]:
    """Return the whole number and the power of two."""
    found = _TEXT.fullmatch(text)
    if found is None or not _POWERS[0] <= int(found[2]) <= _POWERS[1]:
        msg = f"{text} is no sum of weights"
        raise ValueError(msg)
    return int(found[1]), int(found[2])
