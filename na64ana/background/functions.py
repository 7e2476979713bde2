"""Shapes that a user writes: an expression of the project's language, or a Python function."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from na64ana.background.frame import Frame
from na64ana.background.shapes import Parameter, Shape
from na64ana.errors import BackgroundError, printable
from na64ana.expressions import Constant, Kind, Type, Value, check, evaluate, parse
from na64ana.units import DIMENSIONLESS, Unit, parse_quantity, parse_unit

__all__ = ["expression_shape", "function_shape"]

Array = np.ndarray
Limits = tuple[Any, Any, Any]

_NODES = 48  # Gauss-Legendre; exact for polynomials of degree 95
_LEAST = 1e-300


def function_shape(
    name: str, function: Callable[..., Array], parameters: Mapping[str, tuple[float, float, float]]
) -> Shape:
    """Return a shape from a Python function of the observable.

    Parameters
    ----------
    name : str
    function : callable
        ``function(x, *parameters)``, x an array in the unit of the observable; gives the density,
        not normalised, positive wherever there are events.
    parameters : dict of str to (start, low, high)
        In the order of the arguments.

    Raises
    ------
    BackgroundError
        A start lies outside of its limits; in a fit, the function gives a value that is negative
        or no number.

    Notes
    -----
    Integrals are taken with 48 Gauss-Legendre points in every interval.
    """
    for key, (start, low, high) in parameters.items():
        if not low <= start <= high or not math.isfinite(high - low) or low == high:
            msg = (
                f"shape '{printable(name)}': parameter '{printable(key)}' starts at {start:g}, "
                f"which must lie between finite limits ({low:g}, {high:g})"
            )
            raise BackgroundError(msg)
    starts = tuple(float(start) for start, _, _ in parameters.values())
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)

    def density(t: Array, p: Array, frame: Frame) -> Array:
        x = frame.value(t)
        with np.errstate(all="ignore"):
            found = np.asarray(function(x, *p), dtype=float)
        found = np.broadcast_to(found, np.shape(x))
        if not np.isfinite(found).all() or np.any(found < 0):
            at = f"{x[~(np.isfinite(found) & (found >= 0))].flat[0]:g}"
            values = ", ".join(f"{k} = {v:g}" for k, v in zip(parameters, p, strict=True))
            msg = f"shape '{printable(name)}' is negative or no number at {at} ({values})"
            raise BackgroundError(msg)
        return found

    def integral(a: Array, b: Array, p: Array, frame: Frame) -> Array:
        a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
        if np.isinf(b).any():
            msg = f"shape '{printable(name)}' is integrated by points: the box needs both edges"
            raise BackgroundError(msg)
        half = (b - a) / 2
        points = (a + b)[..., None] / 2 + half[..., None] * nodes
        return np.asarray(half * (density(points, p, frame) @ weights))

    return Shape(
        name,
        tuple(Parameter(key, low, high) for key, (_, low, high) in parameters.items()),
        lambda t, p, frame: np.log(np.maximum(density(t, p, frame), _LEAST)),
        integral,
        lambda _slope, _frame: starts,
    )


def expression_shape(
    text: str, parameters: Mapping[str, Limits], *, observable: str = "x", unit: str = ""
) -> Shape:
    """Return a shape from an expression, such as ``exp((x - 80*GeV) / decay)``.

    Parameters
    ----------
    text : str
        Density in the language of selections.
    parameters : dict of str to (start, low, high)
        Quantities: numbers, or text such as ``5 GeV``.
    observable : str
        The name of the observable in the text.
    unit : str
        Of the observable.

    Raises
    ------
    BackgroundError
        Start or limits of a parameter do not fit.
    ExpressionError, UnitError
        The text or a quantity cannot be read, or units do not fit.
    """
    ranges, types = {}, {observable: Type(Kind.NUMBER, parse_unit(unit) if unit else DIMENSIONLESS)}
    for name, limits in parameters.items():
        quantities = [parse_quantity(limit) for limit in limits]
        its: Unit = next((q.unit for q in quantities if q.unit.terms), DIMENSIONLESS)
        start, low, high = (q.to(its) for q in quantities)
        ranges[name] = (start, low, high)
        types[name] = Type(Kind.NUMBER, its)
    node = check(parse(text), types.get, types, f"shape {text}")
    if isinstance(node, Constant) or node.type.axes or not node.type.numeric:
        msg = f"'{printable(text)}' is no density: it must be one number for each {observable}"
        raise BackgroundError(msg)

    def function(x: Array, *values: float) -> Array:
        known = dict(zip(parameters, values, strict=True))
        found = evaluate(node, lambda name: Value(x if name == observable else known[name]))
        return np.asarray(found.data, dtype=float)

    return function_shape(text, function, ranges)
