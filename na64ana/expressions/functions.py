"""Functions of the language: what each takes, and what it gives."""

from __future__ import annotations

import ast
from abc import abstractmethod
from fractions import Fraction

from na64ana.errors import UnitError, nearest, printable
from na64ana.expressions.fit import Fitting
from na64ana.expressions.tree import ArgMax, Constant, Elementwise, Node, Reduce, Where
from na64ana.expressions.types import Kind, Type
from na64ana.units import DIMENSIONLESS, Unit

__all__ = ["Functions"]

_PURE = ("exp", "log", "log10")
_ANGLE = ("sin", "cos", "tan")


class Functions(Fitting):
    """Checks calls; arguments are checked by the walk over the syntax tree."""

    @abstractmethod
    def visit(self, node: ast.expr) -> Node | Constant:
        """Return the checked tree of any expression."""

    @abstractmethod
    def condition(self, node: ast.expr) -> Node:
        """Return a checked condition; a bit test becomes one."""

    def call(self, name: str, node: ast.Call) -> Node | Constant:
        """Return the checked tree of a call."""
        several = len(node.args) > 1
        if name in ("sum", "any", "all", "count", "len") or (
            name in ("min", "max") and not several
        ):
            return self._reduce(name, node)
        if node.keywords:
            self.refuse(f"{name}(...) takes no axis=", node)
        if name == "argmax":
            return self._argmax(node)
        if name == "where":
            return self._where(node)
        if name in ("hypot", "atan2", "min", "max"):
            return self._joint(name, node)
        return self._elementwise(name, node)

    def _one(self, name: str, node: ast.Call) -> ast.expr:
        if len(node.args) != 1 or isinstance(node.args[0], ast.Starred):
            self.refuse(f"{name}(...) takes one argument", node)
        return node.args[0]

    def _reduce(self, name: str, node: ast.Call) -> Node:
        argument = self._one(name, node)
        conditional = name in ("any", "all", "count")
        operand = self.condition(argument) if conditional else self.visit(argument)
        if isinstance(operand, Constant) or not operand.type.axes:
            what = "a bare number" if isinstance(operand, Constant) else operand.type.describe()
            self.refuse(f"{name}(...) works on the cells of an event, not on {what}", argument)
        if name in ("sum", "min", "max"):
            self.need_number(operand, argument, hint=" (count(...) counts true cells)")
        axes = self._axes(operand.type, node)
        left = tuple(a for i, a in enumerate(operand.type.axes) if i not in axes)
        kind = {"any": Kind.BOOL, "all": Kind.BOOL, "count": Kind.INTEGER, "len": Kind.INTEGER}
        result = kind.get(name, operand.type.kind)
        if name in ("min", "max") and operand.type.jagged:
            result = Kind.NUMBER  # the largest of no hits is missing
        unit = operand.type.unit if result is Kind.NUMBER else DIMENSIONLESS
        return Reduce(Type(result, unit, left), name, operand, axes)

    def _axes(self, type_: Type, node: ast.Call) -> tuple[int, ...]:
        if not node.keywords:
            return tuple(range(len(type_.axes)))
        value = node.keywords[0].value
        named = value.elts if isinstance(value, ast.Tuple) else [value]
        names = [axis.name for axis in type_.axes]
        found: set[int] = set()
        for item in named:
            if not isinstance(item, ast.Name) or item.id not in names:
                text = printable(ast.unparse(item))
                self.refuse(
                    f"no axis '{text}' here{nearest(text, names)} (axes: {', '.join(names)})", item
                )
            found.add(names.index(item.id))
        if type_.jagged and len(found) < len(names):
            self.refuse("a list of hits can only be reduced as a whole", node)
        return tuple(sorted(found))

    def _argmax(self, node: ast.Call) -> Node:
        argument = self._one("argmax", node)
        operand = self.visit(argument)
        if isinstance(operand, Constant) or not operand.type.axes or operand.type.jagged:
            self.refuse("argmax(...) works on cells of fixed shape", argument)
        self.need_number(operand, argument)
        return ArgMax(Type(Kind.INDEX, index=operand.type.axes), operand)

    def _where(self, node: ast.Call) -> Node:
        if len(node.args) != 3:
            self.refuse("where(condition, then, otherwise) takes three arguments", node)
        condition = self.condition(node.args[0])
        values = [self.visit(argument) for argument in node.args[1:]]
        for value, argument in zip(values, node.args[1:], strict=True):
            if isinstance(value, Node):
                self.need_number(value, argument)
        if all(isinstance(value, Constant) for value in values):
            first = values[0]
            assert isinstance(first, Constant)
            values[0] = first.in_unit_of(Type(unit=first.unit))
        then, otherwise = self.same_unit(values[0], values[1], node)
        (condition, then, otherwise), axes = self.align((condition, then, otherwise), node)
        whole = then.type.kind is otherwise.type.kind is Kind.INTEGER
        type_ = Type(Kind.INTEGER if whole else Kind.NUMBER, then.type.unit, axes)
        return Where(type_, condition, then, otherwise)

    def _joint(self, name: str, node: ast.Call) -> Node:
        if len(node.args) < 2 or (name in ("hypot", "atan2") and len(node.args) != 2):
            self.refuse(f"{name}(...) takes two arguments", node)
        values = [self.visit(argument) for argument in node.args]
        for value, argument in zip(values, node.args, strict=True):
            if isinstance(value, Node):
                self.need_number(value, argument)
        if all(isinstance(value, Constant) for value in values):
            self.refuse(f"{name}(...) needs a column among its arguments", node)
        operands, axes = self.align(self.chain_units(values, node, node.args), node)
        unit = Unit.of("rad") if name == "atan2" else operands[0].type.unit
        whole = name in ("min", "max") and all(o.type.kind is Kind.INTEGER for o in operands)
        type_ = Type(Kind.INTEGER if whole else Kind.NUMBER, unit, axes)
        return Elementwise(type_, name, tuple(operands))

    def _elementwise(self, name: str, node: ast.Call) -> Node | Constant:
        argument = self._one(name, node)
        operand = self.visit(argument)
        if isinstance(operand, Constant):
            if name == "abs":
                return Constant(abs(operand.value), operand.unit, operand.integer)
            operand = operand.in_unit_of(Type(unit=operand.unit))
        self.need_number(operand, argument)
        axes, unit = operand.type.axes, operand.type.unit
        if name == "isnan":
            return Elementwise(Type(Kind.BOOL, axes=axes), name, (operand,))
        if name == "abs":
            return Elementwise(operand.type, name, (operand,))
        if name == "sqrt":
            root = self.bound_unit(unit ** Fraction(1, 2), node)
            return Elementwise(Type(Kind.NUMBER, root, axes), name, (operand,))
        target = DIMENSIONLESS
        if name in _ANGLE and unit.dimension:
            target = Unit.of("rad")
        try:
            operand = self.scaled(operand, target)
        except UnitError:
            need = "an angle or a bare number" if name in _ANGLE else "a bare number"
            self.refuse(f"{name}(...) needs {need}, not {unit.describe()}", argument)
        return Elementwise(Type(Kind.NUMBER, DIMENSIONLESS, axes), name, (operand,))
