"""Fits of a tail with Minuit: what converged, what ended at a limit, the covariance."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from na64ana.background.likelihood import Sample, negative_log_likelihood
from na64ana.background.shapes import Parameter, Shape
from na64ana.errors import BackgroundError, printable

__all__ = ["Minimum", "fit_tail"]

Likelihood = Callable[[np.ndarray], float]

#: a rise of -log L that tells a best value from a limit: 0.06 standard deviations. Derivatives are
#: taken over shorter steps than that, so that they stay on this side of the limit
_INDISTINCT = 2e-3


@dataclass(frozen=True, eq=False)
class Minimum:
    """The best parameters of one shape.

    Attributes
    ----------
    values : array of float, shape (parameter,)
    covariance : array of float, shape (parameter, parameter)
        Zero in the rows of parameters at a limit: the others are free at that limit.
    nll : float
        -log L at the minimum.
    at_limit : tuple of str
        Parameters that ended at a limit that belongs to the model, such as a coefficient of 0.
    """

    values: np.ndarray
    covariance: np.ndarray
    nll: float
    at_limit: tuple[str, ...] = ()


def fit_tail(
    shape: Shape, sample: Sample, start: np.ndarray | None = None, *, errors: bool = True
) -> Minimum:
    """Fit a shape to the events of a range.

    Parameters
    ----------
    start : array of float, shape (parameter,), optional
        Where to begin; from the mean of the events otherwise.
    errors : bool
        Whether the covariance is wanted; zeros without it.

    Raises
    ------
    BackgroundError
        There are too few events for the parameters, or the fit did not converge.
    """
    k, n = len(shape.parameters), sample.events
    if n < k + 2:
        msg = (
            f"{n} event{'s' if n != 1 else ''} in the fit range {_range(sample)}: shape "
            f"'{printable(shape.name)}' has {k} parameter{'s' if k != 1 else ''} and needs "
            f"at least {k + 2} events"
        )
        raise BackgroundError(msg)
    nll = negative_log_likelihood(shape, sample)
    if not k:
        return Minimum(np.zeros(0), np.zeros((0, 0)), nll(np.zeros(0)))
    best = None
    for first in _starts(shape, sample, start):
        found = _minimise(nll, shape, first, errors=errors)
        if found is not None and (best is None or found.nll < best.nll):
            best = found
        if best is not None:
            break
    if best is None:
        msg = (
            f"the fit of shape '{printable(shape.name)}' to {n} events in {_range(sample)} did not "
            "converge: try a shape with fewer parameters, fix one, or take a wider range"
        )
        raise BackgroundError(msg)
    _inside(best, nll, shape, sample)
    return best


def _starts(shape: Shape, sample: Sample, start: np.ndarray | None) -> Iterator[np.ndarray]:
    """Places to begin at, the next only if the one before leads nowhere."""
    if start is not None:
        yield start
    mean = min(max(sample.mean, 0.005), 0.995)
    # of exp(-k u) on (0, 1) the mean is 1/2 - k/12 for small k and 1/k for large k
    slope = min(1 / mean, 12 * (0.5 - mean)) if mean < 0.5 else 12 * (0.5 - mean)
    slope /= sample.stop - sample.start
    for factor in (1.0, 0.5, 2.0):
        first = np.array(shape.start(slope * factor, sample.frame), dtype=float)
        yield np.array(
            [np.clip(v, p.low, p.high) for v, p in zip(first, shape.parameters, strict=True)]
        )


def _minimise(nll: Likelihood, shape: Shape, start: np.ndarray, *, errors: bool) -> Minimum | None:
    """Search from one place; None if Minuit finds no valid minimum."""
    from iminuit import Minuit

    minuit = Minuit(nll, start, name=[p.name for p in shape.parameters])
    minuit.errordef = Minuit.LIKELIHOOD
    minuit.print_level = 0
    minuit.strategy = 0
    minuit.limits = [(p.low, p.high) for p in shape.parameters]
    minuit.errors = [_step(v, p) for v, p in zip(start, shape.parameters, strict=True)]
    minuit.migrad()
    ends = _at_ends(minuit, nll, shape)
    for name, end in ends.items():
        minuit.values[name] = end
        minuit.fixed[name] = True
    free = [i for i, p in enumerate(shape.parameters) if p.name not in ends]
    if ends and free:
        minuit.migrad()
    if not minuit.valid and free:
        minuit.strategy = 1
        minuit.migrad()
    # with every parameter at its end there is nothing left to search
    if free and not minuit.valid:
        return None
    covariance = np.zeros((len(ends) + len(free), len(ends) + len(free)))
    if errors and free:
        found = _covariance(nll, minuit, shape, free)
        if found is None:  # the minimum may not have been reached along a flat valley
            minuit.strategy = 2
            minuit.migrad()
            found = _covariance(nll, minuit, shape, free) if minuit.valid else None
        if found is None:
            return None
        covariance[np.ix_(free, free)] = found
    values = np.array(minuit.values)
    lowest = nll(values)
    return Minimum(values, covariance, lowest, tuple(ends)) if np.isfinite(lowest) else None


def _covariance(nll: Likelihood, minuit: Any, shape: Shape, free: list[int]) -> np.ndarray | None:
    """Covariance of the free parameters; None if -log L is no bowl there.

    Without limits: under Minuit's transformation of a limited parameter, a best value that lies
    nearer to its limit than its error has no parabola.
    """
    from iminuit import Minuit

    low, high = (np.array([getattr(p, end) for p in shape.parameters]) for end in ("low", "high"))
    values = np.array(minuit.values)

    def clipped(p: np.ndarray) -> float:
        return nll(np.clip(p, low, high))

    open_ended = Minuit(clipped, values, name=minuit.parameters)
    open_ended.errordef = Minuit.LIKELIHOOD
    open_ended.print_level = 0
    open_ended.strategy = 1
    # the first step is a tenth of these
    room = np.minimum(values - low, high - values)
    open_ended.errors = np.where(room > 0, np.minimum(minuit.errors, room), 1.0)
    open_ended.fixed = list(minuit.fixed)
    open_ended.hesse()
    if not open_ended.accurate or open_ended.covariance is None:
        return None
    found = np.array(open_ended.covariance)[np.ix_(free, free)]
    return found if np.isfinite(found).all() and np.all(np.diag(found) > 0) else None


def _step(value: float, parameter: Parameter) -> float:
    return 0.1 * abs(value) or 1e-3 * (parameter.high - parameter.low)


def _at_ends(minuit: Any, nll: Likelihood, shape: Shape) -> dict[str, float]:
    """Parameters that cannot be told from a limit of the model, each with that limit."""
    found: dict[str, float] = {}
    values = np.array(minuit.values)
    lowest = nll(values)
    for i, p in enumerate(shape.parameters):
        for side, end in (("low", p.low), ("high", p.high)):
            if p.name not in found and p.may_end(side) and _indistinct(nll, values, i, end, lowest):
                found[p.name] = end
                values[i] = end
    return found


def _indistinct(
    nll: Likelihood, values: np.ndarray, i: int, end: float, lowest: float | None = None
) -> bool:
    moved = values.copy()
    moved[i] = end
    base = nll(values) if lowest is None else lowest
    with np.errstate(all="ignore"):
        return bool(nll(moved) - base < _INDISTINCT)


def _inside(best: Minimum, nll: Likelihood, shape: Shape, sample: Sample) -> None:
    """Refuse a best value at a limit that only bounds the search."""
    for i, p in enumerate(shape.parameters):
        for side, end in (("low", p.low), ("high", p.high)):
            if p.may_end(side):
                continue
            near = abs(best.values[i] - end) < 1e-2 * (p.high - p.low)
            if near and _indistinct(nll, best.values, i, end, best.nll):
                msg = (
                    f"the fit of shape '{printable(shape.name)}' to {sample.events} events in "
                    f"{_range(sample)} did not converge: '{p.name}' ended at its limit {end:g}"
                )
                raise BackgroundError(msg)


def _range(sample: Sample) -> str:
    low, high = sorted(float(sample.frame.value(t)) for t in (sample.start, sample.stop))
    return f"{low:g} to {high:g}"
