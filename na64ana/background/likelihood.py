"""The extended Poisson likelihood of a tail, unbinned and binned.

With nu the expected events in the fit range and p the density normalised there, the likelihood of
n events is exp(-nu) nu^n prod p(x_i): nu stands apart from the shape. Its best value is n with
variance n whatever the shape, so a fit searches the parameters of the shape alone, and nothing
is lost. The same holds for bins (G. Cowan, Statistical Data Analysis, 1998, 6.9 and 6.10).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from na64ana.background.frame import Frame
from na64ana.background.shapes import Shape

__all__ = ["Sample", "negative_log_likelihood", "resampled", "simulated"]

_LEAST = 1e-300
_GRID = 2001


@dataclass(frozen=True)
class Sample:
    """Events in a fit range, on the scale of a `Frame`.

    Attributes
    ----------
    frame : Frame
    start, stop : float
        The range in t.
    values : array of float, shape (event,), or None
        Sorted depths; None where only bins are known.
    edges : array of float, shape (bin + 1,), or None
        Rising; None of unbinned events.
    counts : array of int, shape (bin,), or None
    """

    frame: Frame
    start: float
    stop: float
    values: np.ndarray | None = field(default=None, repr=False)
    edges: np.ndarray | None = field(default=None, repr=False)
    counts: np.ndarray | None = field(default=None, repr=False)

    @property
    def events(self) -> int:
        """Number of events."""
        return int(self.counts.sum()) if self.values is None else len(self.values)  # type: ignore[union-attr]

    @property
    def mean(self) -> float:
        """Mean distance from the start of the range, as a part of the range."""
        if self.values is not None:
            mean = float(self.values.mean())
        else:
            assert self.edges is not None
            centres = (self.edges[1:] + self.edges[:-1]) / 2
            mean = float(np.average(centres, weights=self.counts))
        return (mean - self.start) / (self.stop - self.start)


def negative_log_likelihood(shape: Shape, sample: Sample) -> Callable[[np.ndarray], float]:
    """Return -log L as a function of the shape's parameters, at nu = n.

    Constants that depend on the data alone are left out, but for those of nu.
    """
    frame, n = sample.frame, sample.events
    constant = n - n * math.log(n) if n else 0.0
    ends = (np.array([sample.start]), np.array([sample.stop]))

    def unbinned(p: np.ndarray) -> float:
        norm = max(float(shape.integral(*ends, p, frame)[0]), _LEAST)
        return constant + n * math.log(norm) - float(shape.log_density(values, p, frame).sum())

    def binned(p: np.ndarray) -> float:
        content = np.maximum(shape.integral(edges[:-1], edges[1:], p, frame), _LEAST)
        return constant + n * math.log(float(content.sum())) - float(counts @ np.log(content))

    if sample.values is not None:
        values = sample.values
        return unbinned
    assert sample.edges is not None
    assert sample.counts is not None
    edges, counts = sample.edges, sample.counts
    return binned


def resampled(sample: Sample, rng: np.random.Generator) -> Sample:
    """Return a bootstrap replica: every event, or bin content, fluctuates by Poisson's law."""
    if sample.values is not None:
        return replace(sample, values=np.repeat(sample.values, rng.poisson(1, len(sample.values))))
    assert sample.counts is not None
    return replace(sample, counts=rng.poisson(sample.counts))


def simulated(shape: Shape, p: np.ndarray, sample: Sample, rng: np.random.Generator) -> Sample:
    """Return a toy: as many events as in the sample, drawn from the shape."""
    if sample.values is None:
        assert sample.edges is not None
        assert sample.counts is not None
        parts = np.maximum(shape.integral(sample.edges[:-1], sample.edges[1:], p, sample.frame), 0)
        return replace(sample, counts=rng.multinomial(sample.events, parts / parts.sum()))
    grid = np.linspace(sample.start, sample.stop, _GRID)
    parts = np.maximum(shape.integral(grid[:-1], grid[1:], p, sample.frame), 0)
    below = np.concatenate([[0.0], np.cumsum(parts)])
    drawn = np.interp(rng.random(sample.events) * below[-1], below, grid)
    return replace(sample, values=np.sort(drawn))
