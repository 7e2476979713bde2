"""Does the method work where it can be seen? Fit a part of a sideband, predict the rest."""

from __future__ import annotations

import math
from dataclasses import dataclass

from na64ana.background.fit import fit_tail
from na64ana.background.integral import propagated
from na64ana.background.shapes import Shape, exponential
from na64ana.background.sideband import Range, Sideband

__all__ = ["Validation", "validate"]


@dataclass(frozen=True)
class Validation:
    """A prediction beside what was seen.

    Attributes
    ----------
    shape : str
    fitted, predicted : (low, high)
        The ranges.
    fitted_events, observed : int
        Events in them.
    expected, error : float
        The prediction with its statistical error.
    pull : float
        (observed - expected) / sqrt(expected + error^2). With a few expected events it is not
        normal: look at the numbers themselves.
    """

    shape: str
    fitted: Range
    predicted: Range
    fitted_events: int
    observed: int
    expected: float
    error: float
    pull: float

    def describe(self, unit: str = "") -> str:
        """Say in words what was expected and what was seen."""
        from iminuit.pdg_format import pdg_format

        low, high = self.predicted
        expected = pdg_format(self.expected, self.error)
        return (
            f"{low:g} to {high:g}{f' {unit}' if unit else ''}, not fitted: {expected} events "
            f"expected, {self.observed} seen"
        )


def validate(sideband: Sideband, split: float, shape: Shape | None = None) -> Validation:
    """Fit the part of a sideband beyond a split and predict the part beside the box.

    Parameters
    ----------
    split : float
        A value inside the sideband, for bins the edge of one.
    shape : Shape, optional
        An exponential by default.

    Raises
    ------
    BackgroundError
        The split is outside, there are too few events, or the fit fails.
    """
    shape = exponential() if shape is None else shape
    low, high = sideband.window
    parts = ((split, high), (low, split))
    fitted, predicted = parts if sideband.direction == "low" else parts[::-1]
    sample = sideband.sample(fitted)
    best = fit_tail(shape, sample)
    expected, error = propagated(shape, best, sample, predicted)
    observed = sideband.events - sample.events
    pull = (observed - expected) / math.sqrt(expected + error**2)
    return Validation(shape.name, fitted, predicted, sample.events, observed, expected, error, pull)
