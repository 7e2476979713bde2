"""Units and quantities: every number that has a dimension carries its unit.

Names and factors are those of ``hepunits`` (MeV, mm, ns and rad are one). Factors are
exact fractions, so that ``7.6 MeV`` read in GeV is the double nearest to 0.0076 and a
threshold falls where the same literal falls in C++.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction

from na64ana.errors import UnitError, nearest, printable

__all__ = [
    "DIMENSIONLESS",
    "UNITS",
    "Quantity",
    "Unit",
    "number_in",
    "parse_quantity",
    "parse_unit",
]

_RADIAN_PER_DEGREE = Fraction(math.pi) / 180

#: name -> (dimension, factor to the base unit of that dimension), as in ``hepunits.units``
UNITS: dict[str, tuple[str, Fraction]] = {
    "eV": ("energy", Fraction(1, 10**6)),
    "keV": ("energy", Fraction(1, 10**3)),
    "MeV": ("energy", Fraction(1)),
    "GeV": ("energy", Fraction(10**3)),
    "TeV": ("energy", Fraction(10**6)),
    "ps": ("time", Fraction(1, 10**3)),
    "ns": ("time", Fraction(1)),
    "us": ("time", Fraction(10**3)),
    "ms": ("time", Fraction(10**6)),
    "s": ("time", Fraction(10**9)),
    "nm": ("length", Fraction(1, 10**6)),
    "um": ("length", Fraction(1, 10**3)),
    "mm": ("length", Fraction(1)),
    "cm": ("length", Fraction(10)),
    "m": ("length", Fraction(10**3)),
    "km": ("length", Fraction(10**6)),
    "mrad": ("angle", Fraction(1, 10**3)),
    "rad": ("angle", Fraction(1)),
    "deg": ("angle", _RADIAN_PER_DEGREE),
}


@dataclass(frozen=True, slots=True)
class Unit:
    """A product of named units with rational exponents, such as GeV or GeV**2/mm."""

    terms: tuple[tuple[str, Fraction], ...] = ()

    @classmethod
    def of(cls, name: str) -> Unit:
        """Return the unit of that name; an unknown name raises `UnitError`."""
        if name not in UNITS:
            msg = f"unknown unit '{printable(name)}'{nearest(name, UNITS)}"
            raise UnitError(msg)
        return cls(((name, Fraction(1)),))

    @property
    def dimension(self) -> tuple[tuple[str, Fraction], ...]:
        """Exponent of each base dimension, sorted by name; empty if dimensionless."""
        exponents: dict[str, Fraction] = {}
        for name, exponent in self.terms:
            dimension = UNITS[name][0]
            exponents[dimension] = exponents.get(dimension, Fraction(0)) + exponent
        return tuple(sorted((d, e) for d, e in exponents.items() if e))

    def __mul__(self, other: Unit) -> Unit:
        exponents = dict(self.terms)
        for name, exponent in other.terms:
            exponents[name] = exponents.get(name, Fraction(0)) + exponent
        return Unit(tuple(sorted((n, e) for n, e in exponents.items() if e)))

    def __truediv__(self, other: Unit) -> Unit:
        return self * other ** Fraction(-1)

    def __pow__(self, power: Fraction) -> Unit:
        return Unit(tuple((name, exponent * power) for name, exponent in self.terms if power))

    def ratio(self, other: Unit) -> Fraction:
        """Return how many ``other`` one ``self`` is; the dimensions must be the same.

        Raises
        ------
        UnitError
            The dimensions differ.
        """
        if self.dimension != other.dimension:
            msg = f"{self.describe()} does not fit {other.describe()}"
            raise UnitError(msg)
        return (self / other)._factor()

    def _factor(self) -> Fraction:
        factor = Fraction(1)
        for name, exponent in self.terms:
            scale = UNITS[name][1]
            if exponent.denominator == 1:
                factor *= scale**exponent.numerator
            else:
                factor *= Fraction(float(scale) ** float(exponent))
        return factor

    def describe(self) -> str:
        """Words for a message: ``energy [GeV]`` or ``a bare number``."""
        if not self.dimension:
            return "a bare number" if not self.terms else f"a ratio [{self}]"
        words = [d if e == 1 else f"{d}^{e}" for d, e in self.dimension]
        return f"{' '.join(words)} [{self}]"

    def __str__(self) -> str:
        return "*".join(n if e == 1 else f"{n}**{e}" for n, e in self.terms)


DIMENSIONLESS = Unit()


@dataclass(frozen=True, slots=True)
class Quantity:
    """An exact number with its unit."""

    value: Fraction
    unit: Unit = DIMENSIONLESS

    def to(self, unit: Unit) -> float:
        """Return the number in ``unit``, rounded once to the nearest double.

        Raises
        ------
        UnitError
            The dimensions differ, or the number is larger than any double.
        """
        try:
            return float(self.value * self.unit.ratio(unit))
        except OverflowError:
            msg = f"the number is too large in {unit.describe()}"
            raise UnitError(msg) from None

    def __str__(self) -> str:
        number = repr(float(self.value)).removesuffix(".0")
        return f"{number} {self.unit}" if self.unit.terms else number


_QUANTITY = re.compile(
    r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?)\s*\*?\s*([A-Za-z].*?)?\s*",
)
_UNIT_FACTOR = re.compile(r"([A-Za-z]+)(?:\s*(?:\*\*|\^)\s*(-?\d{1,2}))?")
_MAX_TEXT = 100


def parse_unit(text: str) -> Unit:
    """Read a unit such as ``GeV``, ``GeV/mm`` or ``ns**2``; `UnitError` if it is none."""
    unit, sign = DIMENSIONLESS, 1
    for part in re.split(r"((?<!\*)\*(?!\*)|/)", text[:_MAX_TEXT]):
        if part in ("*", "/"):
            sign = 1 if part == "*" else -1
            continue
        match = _UNIT_FACTOR.fullmatch(part.strip())
        if match is None:
            msg = f"'{printable(text)}' is not a unit; write for example GeV or GeV/mm"
            raise UnitError(msg)
        unit *= Unit.of(match[1]) ** Fraction(sign * int(match[2] or 1))
    return unit


def parse_quantity(text: str | float) -> Quantity:
    """Read a quantity such as ``7.6 MeV`` or a bare number.

    Parameters
    ----------
    text : str or float
        A number, or text of a number followed by its unit.

    Raises
    ------
    UnitError
        The text is not a finite number with a known unit.
    """
    if isinstance(text, bool):
        msg = f"'{text}' is not a quantity; write for example 7.6 MeV"
        raise UnitError(msg)
    match = _QUANTITY.fullmatch(str(text)) if len(str(text)) <= _MAX_TEXT else None
    if match is None:
        msg = f"'{printable(str(text))}' is not a quantity; write for example 7.6 MeV"
        raise UnitError(msg)
    unit = parse_unit(match[2]) if match[2] else DIMENSIONLESS
    if math.isinf(float(match[1])):
        msg = f"'{printable(str(text))}' is too large a number"
        raise UnitError(msg)
    return Quantity(Fraction(match[1]), unit)


def number_in(unit: str, text: str) -> float:
    """Read a quantity such as ``10 MeV``, or a bare number in a unit, as a number in that unit.

    Raises
    ------
    UnitError
        The text is not a finite number with a known unit, or its dimension is another.
    """
    found = parse_quantity(text)
    return found.to(Unit.of(unit) if found.unit.terms else DIMENSIONLESS)
