"""Shapes of a tail: densities and their integrals, as functions of the depth in the tail.

A shape is data: parameters, two pure functions and a guess. The depth t (see `Frame`) is 0 at the
edge of the sideband far from the box, 1 at the edge near to it, and larger in the box. Densities
are not normalised: only ratios of integrals are ever used.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from na64ana.background.frame import Frame
from na64ana.errors import BackgroundError, nearest, printable

__all__ = [
    "SHAPES",
    "Parameter",
    "Shape",
    "crystal_ball",
    "crystal_ball_tail",
    "exponential",
    "exponential_polynomial",
    "flat",
    "gaussian_tail",
    "named_shape",
    "power_law",
    "sum_of",
]

Array = np.ndarray
#: (t, parameters, frame) -> logarithm of the density, shape of t
LogDensity = Callable[[Array, Array, Frame], Array]
#: (from, to, parameters, frame) -> integral over t, shape of the edges
Integral = Callable[[Array, Array, Array, Frame], Array]
#: (slope of a plain exponential, frame) -> values to begin a fit with
Start = Callable[[float, Frame], tuple[float, ...]]

_STEEPEST = 500.0  # a sideband of 500 decay lengths; exp(-500) is still a double
_TINY = 1e-300


@dataclass(frozen=True)
class Parameter:
    """A parameter of a shape.

    Attributes
    ----------
    low, high : float
        Limits of the search.
    ends : str
        ``low``, ``high`` or ``both``: the limits that belong to the model, where a best value may
        lie (a coefficient of zero). At any other limit a fit has not converged.
    """

    name: str
    low: float
    high: float
    ends: str = ""

    def may_end(self, side: str) -> bool:
        """Whether a best value may lie at the ``low`` or ``high`` limit."""
        return self.ends in (side, "both")


@dataclass(frozen=True)
class Shape:
    """A family of densities.

    Attributes
    ----------
    name : str
    parameters : tuple of Parameter
    log_density : callable
        (t, parameters, frame) to the logarithm of the density.
    integral : callable
        (from, to, parameters, frame) to the integral over t.
    start : callable
        (slope of a plain exponential in t, frame) to values for a fit to begin with.
    """

    name: str
    parameters: tuple[Parameter, ...]
    log_density: LogDensity
    integral: Integral
    start: Start

    def fix(self, **values: float) -> Shape:
        """Return the shape with some parameters held at given values.

        Raises
        ------
        BackgroundError
            The shape has no such parameter.
        """
        names = [p.name for p in self.parameters]
        for name in values:
            if name not in names:
                hint = nearest(name, names)
                msg = f"shape '{self.name}' has no parameter '{printable(name)}'{hint}"
                raise BackgroundError(msg)
        free = [i for i, name in enumerate(names) if name not in values]
        full = np.array([values.get(name, math.nan) for name in names])

        def filled(p: Array) -> Array:
            every = full.copy()
            every[free] = p
            return every

        text = ", ".join(f"{name} = {value:g}" for name, value in values.items())
        return replace(
            self,
            name=f"{self.name} ({text})",
            parameters=tuple(self.parameters[i] for i in free),
            log_density=lambda t, p, frame: self.log_density(t, filled(p), frame),
            integral=lambda a, b, p, frame: self.integral(a, b, filled(p), frame),
            start=lambda slope, frame: tuple(self.start(slope, frame)[i] for i in free),
        )


# --------------------------------------------------------------------- exponential


def _exponential_integral(a: Array, b: Array, k: float) -> Array:
    from scipy.special import exprel

    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if np.isinf(b).any():
        rest = 1 / k if k > 0 else math.inf
        finite = _exponential_integral(a, np.where(np.isinf(b), a, b), k)
        return np.where(np.isinf(b), np.exp(-k * a) * rest, finite)
    return np.asarray(np.exp(-k * a) * (b - a) * exprel(-k * (b - a)))


def exponential() -> Shape:
    """Return exp(-slope t). A slope below zero is a density that grows towards the box."""
    return Shape(
        "exponential",
        (Parameter("slope", -50, _STEEPEST),),
        lambda t, p, _frame: -p[0] * t,
        lambda a, b, p, _frame: _exponential_integral(a, b, p[0]),
        lambda slope, _frame: (slope,),
    )


def flat() -> Shape:
    """Return a constant density; a part of a sum."""
    return Shape(
        "flat",
        (),
        lambda t, _p, _frame: np.zeros_like(t),
        lambda a, b, _p, _frame: np.asarray(b, dtype=float) - a,
        lambda _slope, _frame: (),
    )


def exponential_polynomial(degree: int = 1) -> Shape:
    """Return exp(-slope t) times a polynomial: of degree one, 1 - c1 + c1 t.

    Of degree two the polynomial is (1 - c1) + c1 (1 - c2) t + c1 c2 t^2, and so on. With all c
    between 0 and 1 no coefficient is negative, so that the density is positive in the sideband and
    in the box, and there is no direction in which a parameter runs to infinity.

    Raises
    ------
    BackgroundError
        The degree is not 1 to 4.
    """
    if degree not in range(1, 5):
        msg = f"the degree of the polynomial must be 1 to 4, not {degree}"
        raise BackgroundError(msg)

    def coefficients(p: Array) -> list[float]:
        found, rest = [], 1.0
        for c in p[1:]:
            found.append(rest * (1 - c))
            rest *= c
        return [*found, rest]

    def log_density(t: Array, p: Array, _frame: Frame) -> Array:
        factor = np.polynomial.polynomial.polyval(t, coefficients(p))
        return np.asarray(np.log(np.maximum(factor, _TINY)) - p[0] * t)

    def integral(a: Array, b: Array, p: Array, _frame: Frame) -> Array:
        from scipy.special import gamma, gammaincc

        k = p[0]
        parts = [
            c * gamma(m + 1) / k ** (m + 1) * (gammaincc(m + 1, k * a) - gammaincc(m + 1, k * b))
            for m, c in enumerate(coefficients(p))
        ]
        return np.asarray(sum(parts))

    names = [f"c{m}" for m in range(1, degree + 1)]
    return Shape(
        f"exponential x polynomial {degree}",
        (Parameter("slope", 0.01, _STEEPEST), *(Parameter(c, 0, 1, "both") for c in names)),
        log_density,
        integral,
        lambda slope, _frame: (max(slope, 0.5) + 1, *(0.5 for _ in names)),
    )


# --------------------------------------------------------------------- power laws


def power_law() -> Shape:
    """Return a power of the observable, counted from its origin: x^n or, to high values, x^-n.

    Towards low values the density is zero at the origin.
    """

    def log_density(t: Array, p: Array, frame: Frame) -> Array:
        sign, reach = _reach(frame)
        # of a box that ends at the origin the last point is 0: log 0 is never used, only its limit
        return np.asarray(sign * p[0] * np.log(np.maximum(1 - sign * t / reach, _TINY)))

    def integral(a: Array, b: Array, p: Array, frame: Frame) -> Array:
        sign, reach = _reach(frame)
        left, right = (np.maximum(1 - sign * np.asarray(e) / reach, 0.0) for e in (a, b))
        return _power_integral(left, right, sign * p[0], reach)

    def start(slope: float, frame: Frame) -> tuple[float, ...]:
        return (max(slope, 0.1) * _reach(frame)[1],)

    return Shape("power law", (Parameter("power", -0.9, 2000),), log_density, integral, start)


def _reach(frame: Frame) -> tuple[float, float]:
    reach = frame.reach
    if not reach > 0:
        msg = (
            f"a power law counts from {frame.origin:g}, which must lie below the sideband; "
            "give another origin or another shape"
        )
        raise BackgroundError(msg)
    return (1.0 if frame.direction == "low" else -1.0), reach


def _power_integral(left: Array, right: Array, n: float, reach: float) -> Array:
    """Integral of u^n from the smaller to the larger of two u = x / (far edge), over t."""
    small, large = np.minimum(left, right), np.maximum(left, right)
    m = n + 1
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if abs(m) < 1e-8:
            return np.asarray(reach * np.log(large / small))
        # large^m - small^m by expm1, which does not cancel in a narrow bin
        ratio = np.log(small / large)
        if m < 0 and np.isinf(large).any():
            tail = np.where(np.isinf(large), reach * small**m / -m, 0.0)
            finite = np.where(np.isinf(large), small, large)
            return np.asarray(np.where(tail > 0, tail, _power_integral(small, finite, n, reach)))
        return np.asarray(reach * large**m / m * -np.expm1(m * ratio))


# --------------------------------------------------------------------- Gaussian and Crystal Ball


def _gaussian_integral(a: Array, b: Array, alpha: float, beta: float) -> Array:
    """Integral of exp(-alpha t - beta t^2 / 2); by erfcx, which does not overflow."""
    from scipy.special import erfcx

    def beyond(t: Array) -> Array:
        t = np.asarray(t, dtype=float)
        finite = np.where(np.isinf(t), 0.0, t)
        height = np.exp(-finite * (alpha + beta * finite / 2))
        scaled = erfcx((alpha + beta * finite) / math.sqrt(2 * beta))
        return np.where(np.isinf(t), 0.0, height * math.sqrt(math.pi / (2 * beta)) * scaled)

    return np.asarray(beyond(a) - beyond(b))


def gaussian_tail() -> Shape:
    """Return exp(-slope t - curvature t^2 / 2): the flank of a Gaussian.

    Its mean lies at t = -slope / curvature, at the far edge of the sideband or beyond; its width
    is 1 / sqrt(curvature). Without curvature it is an exponential.
    """
    return Shape(
        "Gaussian tail",
        (
            Parameter("slope", 0, _STEEPEST, "low"),
            Parameter("curvature", 1e-6, 1e5, "low"),
        ),
        lambda t, p, _frame: -t * (p[0] + p[1] * t / 2),
        lambda a, b, p, _frame: _gaussian_integral(a, b, p[0], p[1]),
        lambda slope, _frame: (max(slope, 0.5) * 0.8, max(slope, 0.5) * 0.5),
    )


def _tail_integral(a: Array, b: Array, slope: float, inverse: float) -> Array:
    """Integral of (1 + slope inverse t)^(-1 / inverse)."""
    scale = slope * inverse
    m = 1 / inverse - 1
    with np.errstate(over="ignore"):
        low, high = np.log1p(scale * np.asarray(a)), np.log1p(scale * np.asarray(b))
    return np.asarray(np.exp(-m * low) / (slope * (1 - inverse)) * -np.expm1(-m * (high - low)))


def crystal_ball_tail() -> Shape:
    """Return (1 + slope t / n)^-n, the tail of a Crystal-Ball function, with 1/n as a parameter.

    The core ends at the far edge of the sideband. With 1/n = 0 it is an exponential.
    """
    return Shape(
        "Crystal-Ball tail",
        (Parameter("slope", 0.01, _STEEPEST), Parameter("inverse_n", 1e-6, 0.95, "low")),
        lambda t, p, _frame: -np.log1p(p[0] * p[1] * t) / p[1],
        lambda a, b, p, _frame: _tail_integral(a, b, p[0], p[1]),
        lambda slope, _frame: (max(slope, 0.5), 0.1),
    )


def crystal_ball() -> Shape:
    """Return a Gaussian flank that goes over into a power-law tail at a junction.

    Parameters as of the Gaussian tail, the junction in t, and 1/n of the tail. Value and first
    derivative are continuous (J. Gaiser, SLAC-R-255, appendix F). Few sidebands determine all
    four: fix the junction or n.
    """

    def log_density(t: Array, p: Array, _frame: Frame) -> Array:
        slope, curvature, joint, inverse = p
        at = np.minimum(t, joint)
        steepness = slope + curvature * joint
        tail = np.log1p(steepness * inverse * np.maximum(t - joint, 0)) / inverse
        return np.asarray(-at * (slope + curvature * at / 2) - tail)

    def integral(a: Array, b: Array, p: Array, _frame: Frame) -> Array:
        slope, curvature, joint, inverse = p
        steepness = max(slope + curvature * joint, 1e-6)
        core = _gaussian_integral(np.minimum(a, joint), np.minimum(b, joint), slope, curvature)
        after = [np.maximum(np.asarray(edge) - joint, 0) for edge in (a, b)]
        height = math.exp(-joint * (slope + curvature * joint / 2))
        return np.asarray(core + height * _tail_integral(after[0], after[1], steepness, inverse))

    return Shape(
        "Crystal Ball",
        (
            Parameter("slope", 0, _STEEPEST, "low"),
            Parameter("curvature", 1e-6, 1e5, "low"),
            Parameter("junction", 0, 1, "both"),
            Parameter("inverse_n", 1e-6, 0.95, "low"),
        ),
        log_density,
        integral,
        lambda slope, _frame: (max(slope, 0.5) * 0.8, max(slope, 0.5) * 0.5, 0.5, 0.1),
    )


# --------------------------------------------------------------------- sums


def sum_of(first: Shape, second: Shape) -> Shape:
    """Return share * first + (1 - share) * second, each normalised in the sideband."""
    n = len(first.parameters)
    zero, one = np.zeros(1), np.ones(1)

    def weights(p: Array, frame: Frame) -> tuple[float, float]:
        norms = (
            shape.integral(zero, one, part, frame)[0]
            for shape, part in ((first, p[1 : n + 1]), (second, p[n + 1 :]))
        )
        one_norm, two_norm = (max(float(norm), _TINY) for norm in norms)
        return p[0] / one_norm, (1 - p[0]) / two_norm

    def log_density(t: Array, p: Array, frame: Frame) -> Array:
        wa, wb = weights(p, frame)
        a = wa * np.exp(first.log_density(t, p[1 : n + 1], frame))
        b = wb * np.exp(second.log_density(t, p[n + 1 :], frame))
        return np.asarray(np.log(np.maximum(a + b, _TINY)))

    def integral(a: Array, b: Array, p: Array, frame: Frame) -> Array:
        wa, wb = weights(p, frame)
        one_part = first.integral(a, b, p[1 : n + 1], frame)
        return np.asarray(wa * one_part + wb * second.integral(a, b, p[n + 1 :], frame))

    def start(slope: float, frame: Frame) -> tuple[float, ...]:
        return (0.8, *first.start(1.5 * slope, frame), *second.start(0.5 * slope, frame))

    named = [replace(p, name=f"{p.name}_1") for p in first.parameters]
    named += [replace(p, name=f"{p.name}_2") for p in second.parameters]
    return Shape(
        f"{first.name} + {second.name}",
        (Parameter("share", 0, 1, "both"), *named),
        log_density,
        integral,
        start,
    )


#: shapes by the names that files use
SHAPES: dict[str, Callable[[], Shape]] = {
    "exponential": exponential,
    "exponential x polynomial": exponential_polynomial,
    "power law": power_law,
    "Gaussian tail": gaussian_tail,
    "Crystal-Ball tail": crystal_ball_tail,
    "Crystal Ball": crystal_ball,
    "exponential + exponential": lambda: sum_of(exponential(), exponential()),
    "exponential + flat": lambda: sum_of(exponential(), flat()),
}


def named_shape(name: str) -> Shape:
    """Return a shape of `SHAPES`.

    Raises
    ------
    BackgroundError
        There is none of that name.
    """
    if name not in SHAPES:
        known = ", ".join(SHAPES)
        hint = nearest(name, SHAPES)
        msg = f"unknown shape '{printable(name)}'{hint}; there are {known}"
        raise BackgroundError(msg)
    return SHAPES[name]()
