"""Text to a whitelisted syntax tree, with the names it uses and a canonical form."""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass, field
from functools import lru_cache

from na64ana.errors import ExpressionError, nearest, printable
from na64ana.units import UNITS

__all__ = ["CONSTANTS", "FUNCTIONS", "RESERVED", "Expression", "fail", "parse"]

MAX_LENGTH = 4000
MAX_NODES = 1000
MAX_DEPTH = 100
MAX_BITS = 4096

#: every function, with what it does; all of them act inside the event
FUNCTIONS: dict[str, str] = {
    "sum": "sum over cells: sum(x), sum(x, axis=ix), sum(x, axis=(ix, iy))",
    "min": "smallest cell: min(x), min(x, axis=ix); or smallest of several values: min(a, b)",
    "max": "largest cell: max(x), max(x, axis=ix); or largest of several values: max(a, b)",
    "any": "whether any cell is true: any(x > 1*MeV)",
    "all": "whether all cells are true: all(x > 1*MeV)",
    "count": "how many cells are true: count(x > 1*MeV)",
    "len": "how many entries a list has: len(straw11.x)",
    "argmax": "index of the largest cell, the first of equals: argmax(x) == (1, 2, 2)",
    "where": "choice cell by cell: where(condition, then, otherwise)",
    "isnan": "whether a number is missing: isnan(x)",
    "abs": "absolute value",
    "sqrt": "square root",
    "exp": "exponential",
    "log": "natural logarithm",
    "log10": "decimal logarithm",
    "hypot": "sqrt(a**2 + b**2)",
    "sin": "sine",
    "cos": "cosine",
    "tan": "tangent",
    "atan2": "angle of (y, x), in rad",
}
CONSTANTS = ("pi",)
#: names that no observable and no column may have
RESERVED = frozenset(UNITS) | frozenset(FUNCTIONS) | frozenset(CONSTANTS)

_LEAVES = (ast.Constant, ast.Name, ast.Attribute)
_OPERATORS: dict[type[ast.AST], str] = {
    ast.FloorDiv: "'//' is not known; use '/'",
    ast.MatMult: "'@' is not known",
    ast.LShift: "'<<' is not known",
    ast.RShift: "'>>' is not known",
    ast.BitOr: "'|' is not known; write 'or' between conditions",
    ast.BitXor: "'^' is not known; write '**' for a power",
    ast.Invert: "'~' is not known; write 'not'",
    ast.Is: "'is' is not known; write '=='",
    ast.IsNot: "'is not' is not known; write '!='",
    ast.In: "'in' is not known; write lower <= x <= upper",
    ast.NotIn: "'not in' is not known",
}
_ALLOWED = (
    *_LEAVES,
    ast.Expression, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.Call, ast.Subscript,
    ast.Slice, ast.Tuple, ast.keyword, ast.Load, ast.boolop, ast.operator, ast.unaryop, ast.cmpop,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression, allowed in form but not yet checked against columns.

    Attributes
    ----------
    text : str
        What the user wrote.
    canonical : str
        The same with uniform white space and parentheses; two texts that differ only in
        these have the same canonical form.
    names : frozenset of str
        Dotted names of the columns and observables used.
    """

    text: str
    canonical: str
    names: frozenset[str]
    tree: ast.expr = field(repr=False, compare=False, hash=False)


def fail(message: str, text: str, node: ast.AST | None = None) -> ExpressionError:
    """Make the error that shows the text with a mark below the culprit."""
    start = getattr(node, "col_offset", None)
    if start is None or getattr(node, "lineno", 1) != 1:
        return ExpressionError(f"{message}\n    {printable(text)}")
    # ast counts bytes of UTF-8, a terminal counts characters
    head = len(text.encode()[:start].decode(errors="ignore"))
    stop = getattr(node, "end_col_offset", None) or start + 1
    width = max(1, len(text.encode()[start:stop].decode(errors="ignore")))
    left = max(0, head - 60)
    shown = printable(text[left : left + 160], 160)
    if shown != text[left : left + 160]:
        return ExpressionError(f"{message}\n    {shown}")
    mark = " " * (head - left) + "^" * min(width, 160 - (head - left))
    return ExpressionError(f"{message}\n    {shown}\n    {mark}")


@lru_cache(maxsize=4096)  # a selection is checked each time that it is loaded or bound
def parse(text: str) -> Expression:
    """Parse one expression.

    Raises
    ------
    ExpressionError
        The text is no expression of the language; the message shows where and why.
    """
    flat = " ".join(text.split())
    if not flat:
        msg = "empty expression"
        raise ExpressionError(msg)
    if len(flat) > MAX_LENGTH:
        msg = f"expression of {len(flat)} characters; at most {MAX_LENGTH} are read"
        raise ExpressionError(msg)
    tree = _syntax(flat)
    _bound(tree, flat)
    names = _Whitelist(flat).visit_all(tree)
    return Expression(flat, ast.unparse(tree), names, tree)


def _syntax(text: str) -> ast.expr:
    if "#" in text:
        raise fail("'#' is not known in an expression", text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text, mode="eval").body
    except SyntaxError as error:
        hint = ""
        for c_operator, word in (("&&", "and"), ("||", "or"), ("!", "not")):
            if c_operator in text.replace("!=", ""):
                hint = f"; write '{word}' for '{c_operator}'"
                break
        mark = ast.Constant(0)
        mark.lineno, mark.col_offset = 1, len(text[: max((error.offset or 1) - 1, 0)].encode())
        mark.end_col_offset = mark.col_offset + 1
        reason = printable(str(error.msg)).replace("'eval' input", "the expression")
        raise fail(f"not an expression ({reason}){hint}", text, mark) from None
    except (RecursionError, MemoryError, ValueError, OverflowError):
        raise fail("not an expression (too deeply nested, or not text)", text) from None


def _bound(tree: ast.AST, text: str) -> None:
    """Refuse what is too large or too deep before any recursive walk."""
    level: list[ast.AST] = [tree]
    nodes = depth = 0
    while level:
        nodes, depth = nodes + len(level), depth + 1
        if nodes > MAX_NODES or depth > MAX_DEPTH:
            raise fail(f"expression with over {MAX_NODES} parts or {MAX_DEPTH} levels", text)
        for node in level:  # Python refuses to write very long whole numbers as decimals
            value = node.value if isinstance(node, ast.Constant) else None
            if isinstance(value, int) and value.bit_length() > MAX_BITS:
                raise fail("the number is too large", text, node)
        level = [
            child
            for node in level
            for child in ast.iter_child_nodes(node)
            if not isinstance(child, ast.Load | ast.operator | ast.cmpop | ast.boolop | ast.unaryop)
        ]


class _Whitelist:
    """Walk the tree once: only allowed forms, collecting the names used."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.names: set[str] = set()

    def visit_all(self, tree: ast.expr) -> frozenset[str]:
        self.visit(tree)
        return frozenset(self.names)

    def visit(self, node: ast.AST) -> None:
        if isinstance(node, ast.Name | ast.Attribute):
            name = dotted_name(node, self.text)
            if name not in RESERVED:
                self.names.add(name)
            return
        if type(node) in _OPERATORS:
            raise fail(_OPERATORS[type(node)], self.text, node)
        if not isinstance(node, _ALLOWED):
            what = type(node).__name__
            raise fail(f"'{what}' is not allowed in an expression", self.text, node)
        if isinstance(node, ast.Constant) and type(node.value) not in (int, float):
            raise fail("only numbers are allowed as literals", self.text, node)
        if isinstance(node, ast.Call):
            self._call(node)
        for child in ast.iter_child_nodes(node):
            operator = isinstance(child, ast.operator | ast.cmpop | ast.unaryop)
            if operator and type(child) in _OPERATORS:
                raise fail(_OPERATORS[type(child)], self.text, node)
            if isinstance(node, ast.Call) and child is node.func:
                continue
            if isinstance(child, ast.keyword):
                continue  # names of axes, not of columns: read by the checker
            self.visit(child)

    def _call(self, node: ast.Call) -> None:
        if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
            name = _source(node.func, self.text)
            raise fail(
                f"unknown function '{printable(name)}'{nearest(name, FUNCTIONS)}",
                self.text,
                node.func,
            )
        for keyword in node.keywords:
            if keyword.arg != "axis":
                raise fail("the only option of a function is axis=", self.text, keyword)
            axes = keyword.value.elts if isinstance(keyword.value, ast.Tuple) else [keyword.value]
            if not axes or not all(isinstance(axis, ast.Name) for axis in axes):
                msg = "axis= takes names of axes, as in axis=ix or axis=(ix, iy)"
                raise fail(msg, self.text, keyword.value)
        if len(node.keywords) > 1:
            msg = "axis= stands twice; write axis=(ix, iy)"
            raise fail(msg, self.text, node.keywords[1])


def _source(node: ast.expr, text: str) -> str:
    return text.encode()[node.col_offset : node.end_col_offset].decode(errors="ignore")


def dotted_name(node: ast.AST, text: str) -> str:
    """Join ``ecal.energy`` from the tree; refuse anything that is not a plain dotted name."""
    parts: list[str] = []
    current = node
    while isinstance(current, ast.Attribute):
        parts.append(current.attr)
        current = current.value
    if not isinstance(current, ast.Name):
        raise fail("a dot may only stand inside a column name such as ecal.energy", text, node)
    parts.append(current.id)
    if any(part.startswith("__") for part in parts):
        raise fail(f"name '{printable('.'.join(reversed(parts)))}' is not allowed", text, node)
    return ".".join(reversed(parts))
