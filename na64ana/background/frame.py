"""The scale on which a tail is fitted: 0 at the far edge of the sideband, 1 at its near edge."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import numpy as np

__all__ = ["Direction", "Frame"]

Direction = Literal["low", "high"]


class Frame(NamedTuple):
    """Depth in the tail, t = distance from the far edge of the sideband / width of the sideband.

    The box lies at t >= 1 on whichever side it is. Shapes are functions of t, so that a fit does
    not depend on the unit of the observable or on the side of the box.

    Attributes
    ----------
    edge : float
        The edge of the sideband that is far from the box, in the observable's unit.
    width : float
        Of the whole sideband; the same for all fit ranges in it.
    direction : {"low", "high"}
        The side on which the box lies.
    origin : float
        The zero of the observable, from which power laws count.
    """

    edge: float
    width: float
    direction: Direction
    origin: float = 0.0

    def depth(self, x: np.ndarray | float) -> np.ndarray:
        """Return t of values of the observable."""
        distance = self.edge - np.asarray(x) if self.direction == "low" else x - self.edge
        return np.asarray(distance / self.width)

    def value(self, t: np.ndarray | float) -> np.ndarray:
        """Return the values of the observable at depths t."""
        sign = -1.0 if self.direction == "low" else 1.0
        return np.asarray(self.edge + sign * self.width * np.asarray(t))

    def between(self, low: float, high: float) -> tuple[float, float]:
        """Return the depths of a range of the observable, the smaller first."""
        a, b = float(self.depth(low)), float(self.depth(high))
        return (b, a) if self.direction == "low" else (a, b)

    @property
    def reach(self) -> float:
        """Distance from the far edge to the origin, in widths: where a power law is zero."""
        if self.direction == "low":
            return (self.edge - self.origin) / self.width
        return (self.edge - self.origin) / self.width if self.edge > self.origin else math.nan
