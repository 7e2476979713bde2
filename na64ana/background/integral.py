"""The integral of a fitted tail over the box, and its error from the covariance of the fit."""

from __future__ import annotations

import math

import numpy as np

from na64ana.background.fit import Minimum
from na64ana.background.likelihood import Sample
from na64ana.background.shapes import Shape
from na64ana.background.sideband import Range
from na64ana.errors import BackgroundError, printable

__all__ = ["in_box", "propagated"]


def in_box(
    shape: Shape, p: np.ndarray, sample: Sample, box: Range, *, events: float | None = None
) -> float:
    """Return the expected events in a box: those of the fit range, times the integrals' ratio."""
    n = sample.events if events is None else events
    a, b = sample.frame.between(*box)
    ends = np.array([a, sample.start]), np.array([b, sample.stop])
    inside, fitted = shape.integral(*ends, p, sample.frame)
    return float(n * inside / fitted)


def propagated(shape: Shape, best: Minimum, sample: Sample, box: Range) -> tuple[float, float]:
    """Return the expectation in a box and its error.

    The derivatives are numerical (jacobi); the number of events has the variance n and does not
    depend on the shape. Parameters at a limit stay there.
    """
    value = in_box(shape, best.values, sample, box)
    if not math.isfinite(value) or value < 0:
        low, high = box
        msg = (
            f"shape '{printable(shape.name)}': the integral from {low:g} to {high:g} is not "
            "finite; close the box, or take a shape that falls faster"
        )
        raise BackgroundError(msg)
    free = [i for i, variance in enumerate(np.diag(best.covariance)) if variance > 0]
    variance = value**2 / sample.events
    if free and value > 0:
        slope = _log_gradient(shape, best, sample, box, free)
        covariance = best.covariance[np.ix_(free, free)]
        variance += value**2 * float(slope @ covariance @ slope)
    error = math.sqrt(variance)
    if not math.isfinite(error):
        msg = f"shape '{printable(shape.name)}': the error of the extrapolation is not finite"
        raise BackgroundError(msg)
    return value, error


def _log_gradient(
    shape: Shape, best: Minimum, sample: Sample, box: Range, free: list[int]
) -> np.ndarray:
    """Derivatives of log(expectation) by the free parameters, taken in their own errors."""
    from jacobi import jacobi

    scale = np.sqrt(np.diag(best.covariance)[free])
    limits = np.array([(shape.parameters[i].low, shape.parameters[i].high) for i in free])

    def logarithm(z: np.ndarray) -> float:
        p = best.values.copy()
        p[free] = np.clip(best.values[free] + z * scale, limits[:, 0], limits[:, 1])
        return math.log(max(in_box(shape, p, sample, box), 1e-300))

    # a hundredth of an error, or of the way to a limit: never beyond it
    room = np.min(np.abs(best.values[free][:, None] - limits), axis=1) / scale
    step = float(min(0.01, 0.5 * room.min()))
    found, _ = jacobi(logarithm, np.zeros(len(free)), step=(step, 0.5))
    return np.asarray(found, dtype=float) / scale
