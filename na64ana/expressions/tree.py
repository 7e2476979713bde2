"""The checked tree: every node knows its type; literals are in their neighbour's unit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from typing import Any

from na64ana.expressions.types import EVENT_BOOL, Kind, Type
from na64ana.units import DIMENSIONLESS, Quantity, Unit

__all__ = [
    "Align",
    "ArgMax",
    "Arithmetic",
    "Cells",
    "Column",
    "Comparison",
    "Constant",
    "Elementwise",
    "IndexIs",
    "Literal",
    "Logic",
    "Lookup",
    "Negate",
    "Node",
    "Not",
    "Reduce",
    "Scale",
    "Where",
    "between",
    "children",
    "columns_of",
    "levels",
    "with_children",
]

_LARGEST = 2**63


@dataclass(frozen=True, slots=True)
class Constant:
    """An exact number that has not met a column yet."""

    value: Fraction
    unit: Unit = DIMENSIONLESS
    integer: bool = False

    @property
    def whole(self) -> bool:
        """Whether this is a bare whole number that fits beside whole numbers (64 bits)."""
        return self.integer and not self.unit.terms and abs(self.value) < _LARGEST

    def in_unit_of(self, type_: Type) -> Literal:
        """Return the literal that fits beside a value of that type, rounded once."""
        if type_.kind is Kind.INTEGER and self.whole:
            return Literal(Type(Kind.INTEGER), int(self.value))
        return Literal(Type(unit=type_.unit), Quantity(self.value, self.unit).to(type_.unit))


@dataclass(frozen=True, slots=True)
class Node:
    """A value per event, or per cell of an event."""

    type: Type


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A number."""

    value: float


@dataclass(frozen=True, slots=True)
class Column(Node):
    """A logical column or an observable, by name."""

    name: str


@dataclass(frozen=True, slots=True)
class Scale(Node):
    """Change of unit of a computed value."""

    operand: Node
    factor: float


@dataclass(frozen=True, slots=True)
class Align(Node):
    """The operand with its axes in another order; None stands for a new axis of length 1."""

    operand: Node
    order: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Negate(Node):
    """Minus."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Not(Node):
    """Logical not."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """``+ - * / ** % &`` of two operands of equal unit where that matters."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """A chain such as ``a <= b < c``."""

    operators: tuple[str, ...]
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """``and`` or ``or``, cell by cell; both sides are always evaluated."""

    operator: str
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Reduce(Node):
    """A function over axes inside the event; ``axes`` are positions in the operand's type."""

    function: str
    operand: Node
    axes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Elementwise(Node):
    """A function cell by cell."""

    function: str
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Where(Node):
    """A choice cell by cell; a missing number makes the condition false and is not counted."""

    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Cells(Node):
    """Cells by (plane, ix, iy): a whole number takes one, a pair (start, stop) a range."""

    operand: Node
    items: tuple[int | tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class ArgMax(Node):
    """Index of the largest cell, the first of equals in the order of the cells."""

    operand: Node


@dataclass(frozen=True, slots=True)
class IndexIs(Node):
    """Whether a cell index equals a given one (flat in the order of the cells)."""

    operand: Node
    flat: int
    equal: bool


@dataclass(frozen=True, slots=True)
class Lookup(Node):
    """A step function: ``values[i]`` for ``edges[i] <= operand < edges[i + 1]``."""

    operand: Node
    edges: tuple[float, ...]
    values: tuple[float, ...]
    below: float
    above: float


def between(node: Node, low: float | None, high: float | None, *, strict: bool) -> Node:
    """Return ``low <= node <= high`` (``<`` if strict); a bound of None is open."""
    number = Type(unit=node.type.unit)
    operands: list[Node] = [node]
    if low is not None:
        operands.insert(0, Literal(number, low))
    if high is not None:
        operands.append(Literal(number, high))
    operators = ("<" if strict else "<=",) * (len(operands) - 1)
    return Comparison(EVENT_BOOL, operators, tuple(operands))


def columns_of(node: Node) -> Iterator[str]:
    """Names of the columns and observables that a tree reads, in order, with repeats."""
    if isinstance(node, Column):
        yield node.name
    for child in children(node):
        yield from columns_of(child)


def with_children(node: Node, change: Callable[[Node], Node]) -> Node:
    """Return a tree with each of the trees directly under it changed."""
    changed: dict[str, Any] = {}
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, Node):
            changed[field.name] = change(value)
        elif isinstance(value, tuple) and any(isinstance(item, Node) for item in value):
            changed[field.name] = tuple(change(item) for item in value)
    return replace(node, **changed)


def levels(node: Node, of: Mapping[str, int]) -> int:
    """Return how deep a tree is; ``of`` gives the depth behind the name of an observable."""
    own = of.get(node.name, 0) if isinstance(node, Column) else 0
    return 1 + max([own, *(levels(child, of) for child in children(node))])


def children(node: Node) -> Iterator[Node]:
    """Yield the trees directly under a tree."""
    for field in fields(node):
        value = getattr(node, field.name)
        for child in value if isinstance(value, tuple) else (value,):
            if isinstance(child, Node):
                yield child
