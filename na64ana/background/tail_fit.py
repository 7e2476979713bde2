"""One shape fitted in one range of a sideband: its expectation in the box, how well it fits."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from na64ana.background.fit import fit_tail
from na64ana.background.goodness import Goodness, goodness
from na64ana.background.integral import in_box, propagated
from na64ana.background.shapes import Shape
from na64ana.background.sideband import Range, Sideband
from na64ana.errors import BackgroundError

__all__ = ["GoodnessTest", "TailFit", "expected_in_bins", "tail_fit", "variation"]


class GoodnessTest(NamedTuple):
    """With how many toys a fit is tested (see `goodness`), and how probable it must be."""

    toys: int
    enough: int
    least: float


@dataclass(frozen=True)
class TailFit:
    """One shape fitted in one range.

    Attributes
    ----------
    shape : str
    window : (low, high)
        The fit range.
    events : int
        In the range.
    value, error : float
        Expected events in the box, and its statistical error; NaN where the fit failed.
    parameters : dict of str to float
        On the scale of the depth in the tail (see `Frame`).
    covariance : tuple of tuple of float
    at_limit : tuple of str
        Parameters that ended at a limit of the model.
    goodness : Goodness or None
    accepted : bool
        Whether it counts in the envelopes.
    failure : str
        Why there is no value; empty where there is one.
    """

    shape: str
    window: Range
    events: int
    value: float = math.nan
    error: float = math.nan
    parameters: Mapping[str, float] = field(default_factory=dict)
    covariance: tuple[tuple[float, ...], ...] = ()
    at_limit: tuple[str, ...] = ()
    goodness: Goodness | None = None
    accepted: bool = False
    failure: str = ""


def tail_fit(
    shape: Shape, sideband: Sideband, window: Range, rng: np.random.Generator, test: GoodnessTest
) -> TailFit:
    """Fit a shape in a range, integrate it into the box and test how well it describes the range.

    Raises
    ------
    BackgroundError
        The range is not one of the sideband, the fit or too many toys fail, or the integral is
        infinite.
    """
    sample = sideband.sample(window)
    best = fit_tail(shape, sample)
    value, error = propagated(shape, best, sample, sideband.box)
    found = goodness(shape, best, sample, rng, toys=test.toys, enough=test.enough)
    names = [p.name for p in shape.parameters]
    return TailFit(
        shape=shape.name,
        window=window,
        events=sample.events,
        value=value,
        error=error,
        parameters=dict(zip(names, best.values.tolist(), strict=True)),
        covariance=tuple(map(tuple, best.covariance.tolist())),
        at_limit=best.at_limit,
        goodness=found,
        accepted=found.probability >= test.least,
    )


def variation(
    shape: Shape, sideband: Sideband, window: Range, rng: np.random.Generator, test: GoodnessTest
) -> TailFit:
    """Do the same as `tail_fit`, but keep a fit that fails, with the reason.

    Raises
    ------
    BackgroundError
        The range is not one of the sideband.
    """
    events = sideband.sample(window).events
    try:
        return tail_fit(shape, sideband, window, rng, test)
    except BackgroundError as error:
        return TailFit(shape.name, window, events, failure=str(error))


def expected_in_bins(
    sideband: Sideband, shape: Shape, fit: TailFit, edges: Sequence[float]
) -> np.ndarray:
    """Return the events that a fit expects between edges, in the sideband and beyond.

    Parameters
    ----------
    sideband : Sideband
    shape : Shape
        That of the fit.
    fit : TailFit
        One that did not fail.
    edges : sequence of float, shape (bin + 1,)

    Returns
    -------
    array of float, shape (bin,)
    """
    sample = sideband.sample(fit.window)
    p = np.array(list(fit.parameters.values()), dtype=float)
    return np.array([in_box(shape, p, sample, (a, b)) for a, b in pairwise(edges)])
