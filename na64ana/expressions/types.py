"""What an expression gives for one event: kind, unit and named axes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from na64ana.units import DIMENSIONLESS, Unit

__all__ = ["EVENT_BOOL", "EVENT_INTEGER", "EVENT_NUMBER", "Axis", "Kind", "Type"]


class Kind(Enum):
    """The kinds of values."""

    NUMBER = "number"
    INTEGER = "integer"
    BITS = "bit test"
    BOOL = "condition"
    INDEX = "cell index"


@dataclass(frozen=True, slots=True)
class Axis:
    """A named axis inside the event; ``size`` is None where it differs by event (jagged)."""

    name: str
    size: int | None

    def __str__(self) -> str:
        return f"{self.name} {'var' if self.size is None else self.size}"


@dataclass(frozen=True, slots=True)
class Type:
    """Kind, unit and axes of a value; no axes means one value per event."""

    kind: Kind = Kind.NUMBER
    unit: Unit = DIMENSIONLESS
    axes: tuple[Axis, ...] = ()
    #: for a cell index: the axes that it points into
    index: tuple[Axis, ...] = ()

    @property
    def jagged(self) -> bool:
        """Whether any axis differs in length from event to event."""
        return any(axis.size is None for axis in self.axes)

    @property
    def numeric(self) -> bool:
        """Whether arithmetic is possible."""
        return self.kind in (Kind.NUMBER, Kind.INTEGER)

    def describe(self) -> str:
        """Words for a message, such as ``energy [GeV] per plane 2, ix 5, iy 6``."""
        article = "an" if self.kind is Kind.INTEGER else "a"
        number = self.kind is Kind.NUMBER
        what = self.unit.describe() if number else f"{article} {self.kind.value}"
        return f"{what} per {', '.join(map(str, self.axes))}" if self.axes else what


EVENT_BOOL = Type(Kind.BOOL)
EVENT_INTEGER = Type(Kind.INTEGER)
EVENT_NUMBER = Type(Kind.NUMBER)
