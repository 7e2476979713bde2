"""What fits together: units and axes of operands; the subject of most refusals."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import reduce
from typing import NoReturn

from na64ana.errors import UnitError
from na64ana.expressions.parse import fail
from na64ana.expressions.tree import Align, Constant, Literal, Node, Scale
from na64ana.expressions.types import Axis, Kind, Type
from na64ana.units import Unit

__all__ = ["Fitting"]

_MAX_UNIT_POWER = 32


class Fitting:
    """Brings operands to one unit and one set of axes, or refuses with the place in the text."""

    def __init__(self, text: str) -> None:
        self.text = text

    def refuse(self, message: str, node: ast.AST) -> NoReturn:
        """Raise the error that marks the culprit in the text."""
        raise fail(message, self.text, node) from None

    def bound_unit(self, unit: Unit, node: ast.AST) -> Unit:
        """Return the unit, or refuse powers that no observable has."""
        for _, exponent in unit.terms:
            if abs(exponent) > _MAX_UNIT_POWER or exponent.denominator > _MAX_UNIT_POWER:
                self.refuse("a unit to too high a power", node)
        return unit

    def need_number(self, value: Node, node: ast.AST, hint: str = "") -> None:
        """Refuse a condition or an index where a number is needed."""
        if not value.type.numeric:
            self.refuse(f"needs a number here, not {value.type.describe()}{hint}", node)

    @staticmethod
    def unit_of(value: Node | Constant) -> Unit:
        """Return the unit of either."""
        return value.unit if isinstance(value, Constant) else value.type.unit

    @staticmethod
    def factor(value: Node | Constant) -> Node:
        """Return a constant as a factor: its own number, its own unit."""
        if isinstance(value, Node):
            return value
        if value.whole:
            return Literal(Type(Kind.INTEGER), int(value.value))
        return Literal(Type(unit=value.unit), float(value.value))

    @staticmethod
    def scaled(value: Node, unit: Unit) -> Node:
        """Return a computed value in another unit of the same dimension."""
        factor = value.type.unit.ratio(unit)
        if factor == 1:
            return value
        return Scale(Type(Kind.NUMBER, unit, value.type.axes), value, float(factor))

    def same_unit(
        self,
        left: Node | Constant,
        right: Node | Constant,
        node: ast.AST,
        culprit: ast.AST | None = None,
    ) -> tuple[Node, Node]:
        """Bring two values to one unit: a constant to the other's, else the right to the left's."""
        try:
            if isinstance(left, Constant):
                assert isinstance(right, Node)
                return left.in_unit_of(right.type), right
            if isinstance(right, Constant):
                return left, right.in_unit_of(left.type)
            return left, self.scaled(right, left.type.unit)
        except UnitError as error:
            a, b = self.unit_of(left), self.unit_of(right)
            if a.dimension == b.dimension:
                self.refuse(str(error), culprit or node)
            hint = ""
            if not a.dimension or not b.dimension:
                unit = a if a.dimension else b
                hint = f"; write a number with its unit, as in 1*{str(unit) or 'GeV'}"
            self.refuse(f"{b.describe()} does not fit {a.describe()}{hint}", culprit or node)

    def chain_units(
        self, values: list[Node | Constant], node: ast.AST, sides: list[ast.expr]
    ) -> list[Node]:
        """Bring a chain to the unit of its first column; only literals are converted freely."""
        lead = next(value for value in values if isinstance(value, Node))
        nodes: list[Node] = []
        for value, side in zip(values, sides, strict=True):
            fitted = self.same_unit(lead, value, node, culprit=side)[1]
            nodes.append(lead if value is lead else fitted)
        return nodes

    def align(self, values: Iterable[Node], node: ast.AST) -> tuple[list[Node], tuple[Axis, ...]]:
        """Combine arrays by the names of their axes; one value per event fits everything."""
        nodes = list(values)
        shaped = [value.type.axes for value in nodes if value.type.axes]
        if not shaped:
            return nodes, ()
        if any(value.type.jagged for value in nodes):
            if len(set(shaped)) > 1:
                self._misfit(shaped, node)
            return nodes, shaped[0]
        lead = max(shaped, key=len)
        axes = reduce(lambda have, more: self._merge_axes(have, more, node), shaped, lead)
        names = [axis.name for axis in axes]
        aligned = [self._placed(value, names) if value.type.axes else value for value in nodes]
        return aligned, axes

    def _merge_axes(
        self, have: tuple[Axis, ...], more: tuple[Axis, ...], node: ast.AST
    ) -> tuple[Axis, ...]:
        merged = {axis.name: axis for axis in have}
        for axis in more:
            known = merged.get(axis.name)
            if known is None or known.size == 1:
                merged[axis.name] = axis
            elif axis.size not in (1, known.size):
                self._misfit([have, more], node)
        return tuple(merged.values())

    def _misfit(self, shaped: list[tuple[Axis, ...]], node: ast.AST) -> NoReturn:
        shapes = " and ".join(dict.fromkeys(f"({', '.join(map(str, axes))})" for axes in shaped))
        self.refuse(f"cells of different shape do not combine: {shapes}", node)

    @staticmethod
    def _placed(value: Node, names: list[str]) -> Node:
        own = [axis.name for axis in value.type.axes]
        order = tuple(own.index(name) if name in own else None for name in names)
        if order == tuple(range(len(own))):
            return value
        axes = tuple(
            Axis(name, 1) if place is None else value.type.axes[place]
            for name, place in zip(names, order, strict=True)
        )
        kind, unit = value.type.kind, value.type.unit
        return Align(Type(kind, unit, axes), value, order)
