"""Types: an expression and the columns it stands on -> a checked tree, or a clear refusal."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterable
from fractions import Fraction
from itertools import pairwise

from na64ana.errors import UnitError, nearest, printable
from na64ana.expressions.functions import Functions
from na64ana.expressions.parse import MAX_BITS, RESERVED, Expression, dotted_name
from na64ana.expressions.tree import (
    Arithmetic,
    Cells,
    Column,
    Comparison,
    Constant,
    IndexIs,
    Literal,
    Logic,
    Negate,
    Node,
    Not,
)
from na64ana.expressions.types import Axis, Kind, Type
from na64ana.units import DIMENSIONLESS, UNITS, Unit

__all__ = ["Scope", "check"]

#: what a name stands for; None if nothing
Scope = Callable[[str], Type | Constant | None]

_MAX_POWER = 16
_MAX_HITS = 1000
_ARITHMETIC = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.Mod: "%",
    ast.BitAnd: "&",
}  # fmt: skip
_COMPARE = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip


def check(
    expression: Expression, scope: Scope, known: Iterable[str] = (), source: str = ""
) -> Node | Constant:
    """Check an expression against the names it may use.

    Parameters
    ----------
    expression : Expression
        From `parse`.
    scope : callable
        Gives the type (or constant) of a dotted name, None for an unknown one.
    known : iterable of str
        All names, for the suggestion in the message.
    source : str
        Where names come from, for the message, such as ``layout na64-tout``.

    Raises
    ------
    ExpressionError
        A name is unknown, or kinds, units or axes do not fit.
    """
    return _Checker(expression.text, scope, known, source).visit(expression.tree)


class _Checker(Functions):
    """Walks the syntax tree: names, operators, conditions, cells."""

    def __init__(self, text: str, scope: Scope, known: Iterable[str], source: str) -> None:
        super().__init__(text)
        self.scope = scope
        self.known = known
        self.source = f" ({source})" if source else ""

    def visit(self, node: ast.expr) -> Node | Constant:
        """Return the checked tree of any expression."""
        match node:
            case ast.Constant():
                return self._number(node)
            case ast.Name() | ast.Attribute():
                return self._name(node)
            case ast.UnaryOp():
                return self._unary(node)
            case ast.BinOp():
                return self._binary(node)
            case ast.BoolOp():
                return self._logic(node)
            case ast.Compare():
                return self._compare(node)
            case ast.Subscript():
                return self._subscript(node)
            case ast.Call(func=ast.Name(id=name)):
                return self.call(name, node)
            case ast.Tuple():
                self.refuse("a tuple may only be compared with argmax(...)", node)
            case _:
                self.refuse("not allowed here", node)

    # ------------------------------------------------------------------ leaves

    def _number(self, node: ast.Constant) -> Constant:
        value = node.value
        if not isinstance(value, int | float) or (
            isinstance(value, float) and not math.isfinite(value)
        ):
            self.refuse("the number is too large", node)
        exact = Fraction(value) if isinstance(value, int) else Fraction(repr(value))
        return self._bounded(Constant(exact, integer=isinstance(value, int)), node)

    def _name(self, node: ast.Name | ast.Attribute) -> Node | Constant:
        name = dotted_name(node, self.text)
        if name in UNITS:
            return Constant(Fraction(1), Unit.of(name))
        if name == "pi":
            return Constant(Fraction(math.pi))
        if name in RESERVED:
            self.refuse(f"'{name}' is a function: write {name}(...)", node)
        found = self.scope(name)
        if found is None:
            hint = nearest(name, self.known)
            self.refuse(f"unknown name '{printable(name)}'{hint}{self.source}", node)
        return found if isinstance(found, Constant) else Column(found, name)

    # --------------------------------------------------------------- operators

    def _unary(self, node: ast.UnaryOp) -> Node | Constant:
        if isinstance(node.op, ast.Not):
            condition = self.condition(node.operand)
            return Not(condition.type, condition)
        operand = self.visit(node.operand)
        minus = isinstance(node.op, ast.USub)
        if isinstance(operand, Constant):
            value = -operand.value if minus else operand.value
            return Constant(value, operand.unit, operand.integer)
        self.need_number(operand, node.operand)
        return Negate(operand.type, operand) if minus else operand

    def _binary(self, node: ast.BinOp) -> Node | Constant:
        operator = _ARITHMETIC.get(type(node.op))
        if operator is None:
            self.refuse("unknown operator", node)
        left, right = self.visit(node.left), self.visit(node.right)
        if operator == "&":
            return self._bits(left, right, node)
        for side, at in ((left, node.left), (right, node.right)):
            if isinstance(side, Node):
                self.need_number(side, at)
        if operator == "%":
            return self._modulo(left, right, node)
        if operator == "**":
            return self._power(left, right, node)
        if isinstance(left, Constant) and isinstance(right, Constant):
            return self._fold(operator, left, right, node)
        if operator in "+-":
            a, b = self.same_unit(left, right, node)
            return self._arithmetic(operator, a.type.unit, a, b, node)
        a, b = self.factor(left), self.factor(right)
        unit = self.unit_of(left) * self.unit_of(right) ** Fraction(1 if operator == "*" else -1)
        self.bound_unit(unit, node)
        return self._arithmetic(operator, unit, a, b, node)

    def _arithmetic(self, operator: str, unit: Unit, a: Node, b: Node, node: ast.AST) -> Node:
        # products of whole numbers soon leave 64 bits: they are numbers
        whole = a.type.kind is b.type.kind is Kind.INTEGER and operator in "+-"
        (a, b), axes = self.align((a, b), node)
        return Arithmetic(Type(Kind.INTEGER if whole else Kind.NUMBER, unit, axes), operator, a, b)

    def _fold(self, operator: str, a: Constant, b: Constant, node: ast.AST) -> Constant:
        whole = a.integer and b.integer
        if operator in "+-":
            try:
                shift = b.value * b.unit.ratio(a.unit)
            except UnitError as error:
                self.refuse(str(error), node)
            value = a.value + shift if operator == "+" else a.value - shift
            return self._bounded(Constant(value, a.unit, whole), node)
        if operator == "*":
            return self._bounded(Constant(a.value * b.value, a.unit * b.unit, whole), node)
        if not b.value:
            self.refuse("division by zero", node)
        return self._bounded(Constant(a.value / b.value, a.unit / b.unit), node)

    def _bounded(self, constant: Constant, node: ast.AST) -> Constant:
        self.bound_unit(constant.unit, node)
        value = constant.value
        if max(value.numerator.bit_length(), value.denominator.bit_length()) > MAX_BITS:
            self.refuse("the number is too large", node)
        try:
            float(value)
        except OverflowError:
            self.refuse("the number is too large", node)
        return constant

    def _bits(self, left: Node | Constant, right: Node | Constant, node: ast.BinOp) -> Node:
        sides: list[Node] = []
        for side, at in ((left, node.left), (right, node.right)):
            whole = side.whole if isinstance(side, Constant) else side.type.kind is Kind.INTEGER
            if not whole:
                self.refuse(
                    "'&' tests bits of whole numbers; write 'and' between conditions",
                    at if isinstance(side, Constant) or side.type.kind is not Kind.BOOL else node,
                )
            sides.append(
                side.in_unit_of(Type(Kind.INTEGER)) if isinstance(side, Constant) else side
            )
        if all(isinstance(side, Literal) for side in sides):
            self.refuse("'&' needs a column on one side", node)
        (a, b), axes = self.align(sides, node)
        return Arithmetic(Type(Kind.BITS, axes=axes), "&", a, b)

    def _modulo(self, left: Node | Constant, right: Node | Constant, node: ast.BinOp) -> Node:
        if isinstance(left, Constant) or left.type.kind is not Kind.INTEGER:
            self.refuse("'%' needs a whole number on its left", node.left)
        if not isinstance(right, Constant) or not right.whole or right.value <= 0:
            self.refuse("'%' needs a positive whole number on its right", node.right)
        return Arithmetic(left.type, "%", left, right.in_unit_of(Type(Kind.INTEGER)))

    def _power(
        self, left: Node | Constant, right: Node | Constant, node: ast.BinOp
    ) -> Node | Constant:
        if not isinstance(right, Constant) or right.unit.dimension:
            self.refuse("the exponent of '**' must be a bare number", node.right)
        power = right.value * right.unit.ratio(DIMENSIONLESS)
        if abs(power) > _MAX_POWER or power.denominator > _MAX_POWER:
            self.refuse(f"the exponent of '**' may be at most {_MAX_POWER}", node.right)
        if isinstance(left, Constant):
            if power.denominator != 1:
                self.refuse("a fractional power of a number: write sqrt(...)", node)
            if power < 0 and not left.value:
                self.refuse("division by zero", node)
            bits = max(left.value.numerator.bit_length(), left.value.denominator.bit_length())
            if bits * abs(power) > MAX_BITS:
                self.refuse("the number is too large", node)
            value = left.value**power.numerator
            return self._bounded(
                Constant(value, left.unit**power, left.integer and power >= 0), node
            )
        unit = self.bound_unit(left.type.unit**power, node)
        type_ = Type(Kind.NUMBER, unit, left.type.axes)
        return Arithmetic(type_, "**", left, Literal(Type(), float(power)))

    # -------------------------------------------------------------- conditions

    def condition(self, node: ast.expr) -> Node:
        """Return a checked condition; a bit test becomes one."""
        value = self.visit(node)
        if isinstance(value, Node) and value.type.kind is Kind.BOOL:
            return value
        if isinstance(value, Node) and value.type.kind is Kind.BITS:
            zero = Literal(Type(Kind.INTEGER), 0)
            return Comparison(Type(Kind.BOOL, axes=value.type.axes), ("!=",), (value, zero))
        what = "a bare number" if isinstance(value, Constant) else value.type.describe()
        self.refuse(f"needs a condition here, not {what}", node)

    def _logic(self, node: ast.BoolOp) -> Node:
        operands, axes = self.align([self.condition(value) for value in node.values], node)
        operator = "and" if isinstance(node.op, ast.And) else "or"
        return Logic(Type(Kind.BOOL, axes=axes), operator, tuple(operands))

    def _compare(self, node: ast.Compare) -> Node:
        operators = tuple(_COMPARE.get(type(op), "") for op in node.ops)
        sides = [node.left, *node.comparators]
        self._no_bare_bits(node, sides)
        if any(isinstance(side, ast.Tuple) for side in sides):
            return self._index_compare(node, operators, sides)
        values = [self.visit(side) for side in sides]
        for value, side in zip(values, sides, strict=True):
            if isinstance(value, Node) and value.type.kind is Kind.INDEX:
                self.refuse("a cell index is compared with a tuple, as in == (1, 2, 2)", side)
            if isinstance(value, Node) and value.type.kind is not Kind.BITS:
                self.need_number(value, side)
        if all(isinstance(value, Constant) for value in values):
            self.refuse("compares two numbers; one side must be a column", node)
        nodes = self.chain_units(values, node, sides)
        aligned, axes = self.align(nodes, node)
        return Comparison(Type(Kind.BOOL, axes=axes), operators, tuple(aligned))

    def _no_bare_bits(self, node: ast.Compare, sides: list[ast.expr]) -> None:
        """``a > 1 & b > 2`` means ``a > (1 & b) > 2`` in Python: refuse it unless meant."""
        for before, side in pairwise(sides):
            if isinstance(side, ast.BinOp) and isinstance(side.op, ast.BitAnd):
                between = self.text.encode()[before.end_col_offset : side.col_offset]
                if b"(" not in between:
                    self.refuse(
                        "'&' binds before the comparison; write 'and', or put parentheses", node
                    )

    def _index_compare(
        self, node: ast.Compare, operators: tuple[str, ...], sides: list[ast.expr]
    ) -> Node:
        if len(sides) != 2 or operators[0] not in ("==", "!="):
            self.refuse("a cell index can only be compared by == or !=", node)
        if isinstance(sides[0], ast.Tuple):
            sides = sides[::-1]
        operand, tuple_ = self.visit(sides[0]), sides[1]
        if isinstance(operand, Constant) or operand.type.kind is not Kind.INDEX:
            self.refuse("only argmax(...) can be compared with a tuple", node)
        axes = operand.type.index
        elements = tuple_.elts if isinstance(tuple_, ast.Tuple) else []
        if len(elements) != len(axes):
            names = ", ".join(map(str, axes))
            self.refuse(f"the index has {len(axes)} parts: ({names})", tuple_)
        flat = 0
        for axis, element in zip(axes, elements, strict=True):
            flat = flat * (axis.size or 1) + self._position(element, axis)
        return IndexIs(Type(Kind.BOOL), operand, flat, operators[0] == "==")

    # ---------------------------------------------------------------- indexing

    def _position(self, node: ast.expr, axis: Axis) -> int:
        if not isinstance(node, ast.Constant) or type(node.value) is not int:
            self.refuse(f"a cell is given by whole numbers from 0 ({axis})", node)
        if axis.size is None and node.value >= _MAX_HITS:
            self.refuse(f"the first {_MAX_HITS} hits of a list can be taken", node)
        if axis.size is not None and node.value >= axis.size:
            last = axis.size - 1
            self.refuse(f"axis {axis.name} goes from 0 to {last}, not to {node.value}", node)
        return node.value

    def _subscript(self, node: ast.Subscript) -> Node:
        operand = self.visit(node.value)
        if isinstance(operand, Constant) or not operand.type.axes:
            self.refuse("has one value per event and no cells", node.value)
        items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        axes = operand.type.axes
        if len(items) > len(axes):
            self.refuse(f"has only {len(axes)} axes: {', '.join(map(str, axes))}", node)
        taken: list[int | tuple[int, int]] = []
        kept: list[Axis] = []
        for axis, item in zip(axes, items, strict=False):
            if isinstance(item, ast.Slice):
                start, stop = self._range(item, axis)
                taken.append((start, stop))
                kept.append(Axis(axis.name, stop - start))
            else:
                taken.append(self._position(item, axis))
        rest = axes[len(items) :]
        kind = operand.type.kind
        if operand.type.jagged:
            if len(axes) != 1 or kept:
                self.refuse("of a list of hits only one entry can be taken, as in x[0]", node)
            if kind is not Kind.NUMBER:
                kind = Kind.NUMBER if kind is Kind.INTEGER else kind
        type_ = Type(kind, operand.type.unit, (*kept, *rest))
        return Cells(type_, operand, tuple(taken))

    def _range(self, node: ast.Slice, axis: Axis) -> tuple[int, int]:
        if node.step is not None:
            self.refuse("a range of cells has no step", node.step)
        if axis.size is None:
            self.refuse("of a list of hits only one entry can be taken, as in x[0]", node)
        start = 0 if node.lower is None else self._position(node.lower, axis)
        beyond = Axis(axis.name, axis.size + 1)
        stop = axis.size if node.upper is None else self._position(node.upper, beyond)
        if stop <= start:
            self.refuse(f"the range {start}:{stop} of axis {axis.name} is empty", node)
        return start, stop
