"""Printed figures: exact counts such as ``9.37e11``, and whether two of them agree."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from na64ana.errors import DatasetError, printable

__all__ = ["Figure", "digits", "figure"]

_MAX_TEXT = 40
_MAX_COUNT = Decimal(10) ** 24


@dataclass(frozen=True)
class Figure:
    """A whole number as a source prints it.

    Attributes
    ----------
    count : int
    unit : int
        What one unit of its last printed digit is worth: 10**9 in ``9.37e11``.
    error : int
        Its uncertainty where the source gives one, else 0.
    """

    count: int
    unit: int
    error: int = 0

    def agrees(self, other: Figure) -> bool:
        """Whether two figures can be one number, printed with more and with fewer digits.

        They agree if they differ by no more than half a unit of the last digit of the coarser
        one, or than the larger of their errors. A half may be rounded either way: 1.95e11 is
        quoted as 1.9e11 and as 2.0e11.
        """
        distance = abs(self.count - other.count)
        # twice the distance, so that the half of an odd unit stays whole
        return 2 * distance <= max(self.unit, other.unit, 2 * self.error, 2 * other.error)


def figure(text: str | float, error: str | float | None = None) -> Figure:
    """Read a count such as ``5.2e10``, exactly.

    Parameters
    ----------
    text : str or float
        As printed; the digits given are those that count.
    error : str or float, optional
        Its uncertainty, a whole number as well.

    Raises
    ------
    DatasetError
        It is no whole number from 0 on, or is too large.
    """
    number = _whole(text)
    exponent = number.as_tuple().exponent
    unit = 10 ** max(int(exponent), 0)
    return Figure(int(number), unit, 0 if error is None else int(_whole(error)))


def _whole(text: str | float) -> Decimal:
    try:
        number = Decimal(str(text)) if len(str(text)) <= _MAX_TEXT else Decimal("nan")
        if isinstance(text, float):  # 5e+10 was read as 50000000000.0: its zeros were not printed
            number = number.normalize()
    except InvalidOperation:
        number = Decimal("nan")
    if isinstance(text, bool) or not number.is_finite() or not 0 <= number <= _MAX_COUNT:
        msg = f"'{printable(str(text))}' is not a count of particles; write for example 5.2e10"
        raise DatasetError(msg)
    if number != number.to_integral_value():
        msg = f"'{printable(str(text))}' is not a whole number of particles"
        raise DatasetError(msg)
    return number


def digits(count: int) -> str:
    """Write a count with all its digits and no more: ``1.484e12``."""
    if abs(count) < 10**5:
        return str(count)
    significant = str(abs(count)).rstrip("0")
    fraction = f".{significant[1:]}" if significant[1:] else ""
    sign = "-" if count < 0 else ""
    return f"{sign}{significant[0]}{fraction}e{len(str(abs(count))) - 1}"
