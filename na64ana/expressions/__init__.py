"""The expression language: text -> checked tree -> arrays.

Python syntax, restricted to a list of allowed forms, typed (kind, unit, named axes) and
evaluated by walking a tree of our own. Nothing is ever compiled or executed.
"""

from na64ana.expressions.check import check
from na64ana.expressions.evaluate import Value, evaluate
from na64ana.expressions.interval import LINE, Interval, compared
from na64ana.expressions.parse import FUNCTIONS, Expression, parse
from na64ana.expressions.tree import Constant, Node
from na64ana.expressions.types import Axis, Kind, Type

__all__ = [
    "FUNCTIONS",
    "LINE",
    "Axis",
    "Constant",
    "Expression",
    "Interval",
    "Kind",
    "Node",
    "Type",
    "Value",
    "check",
    "compared",
    "evaluate",
    "parse",
]
