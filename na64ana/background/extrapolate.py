"""From a fitted sideband to the expectation in the box, with its errors."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from na64ana.background.fit import Minimum, fit_tail
from na64ana.background.goodness import Goodness, goodness
from na64ana.background.likelihood import Sample, resampled
from na64ana.background.shapes import Shape, exponential
from na64ana.background.sideband import Range, Sideband
from na64ana.errors import BackgroundError, printable

__all__ = ["Extrapolation", "TailFit", "expected_in_bins", "extrapolate"]

#: quantiles of a normal distribution at minus and plus one standard deviation
_ONE_SIGMA = (0.15865525393145707, 0.8413447460685429)
_FAILURES = 0.1  # the largest part of the replicas that may fail to fit
_LEAST_REPLICAS = 20


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


@dataclass(frozen=True)
class Extrapolation:
    """The expectation in the box, from a sideband.

    Attributes
    ----------
    value : float
        Expected events in the box, of the central shape and range.
    statistical : float
        Its error by propagation of the covariance, that of the number of events included.
    bootstrap : float or None
        The same from fits to replicas: half of their central 68.27%. None if none were asked for.
    systematic : float or None
        Range and shape envelopes in quadrature. None if nothing was varied.
    range_envelope, shape_envelope : (low, high) or None
        Smallest and largest value of the accepted fits, the central one among them.
    central : TailFit
    fits : tuple of TailFit
        All of them, the central one first, those that failed or fit badly included.
    sideband_events : int
    box : (low, high)
    observable, unit : str
    seed : int
    replicas, failed_replicas : int
        Of the bootstrap.
    """

    value: float
    statistical: float
    bootstrap: float | None
    systematic: float | None
    range_envelope: Range | None
    shape_envelope: Range | None
    central: TailFit
    fits: tuple[TailFit, ...] = field(repr=False)
    sideband_events: int
    box: Range
    observable: str
    unit: str
    seed: int
    replicas: int = 0
    failed_replicas: int = 0

    @property
    def interval(self) -> Range:
        """The statistical interval: one standard deviation of the logarithm to either side."""
        return _log_interval(self.value, self.statistical)

    @property
    def total_interval(self) -> Range:
        """The interval of all errors: it contains the statistical one of every accepted fit.

        So it covers at least as often as that of the true shape, if that is among those tried. It
        also contains the value with the quadratic sum of its errors to either side.
        """
        error = math.hypot(self.statistical, self.systematic or 0.0)
        found = [_log_interval(fit.value, fit.error) for fit in self.fits if fit.accepted]
        low = min(max(self.value - error, 0.0), *(i[0] for i in found))
        return low, max(self.value + error, *(i[1] for i in found))

    @property
    def budget_systematic(self) -> float | None:
        """The systematic error of the budget's symmetric ``value +- errors``.

        It is as large as `systematic` at least, and so large that value +- all errors contains
        value +- statistical error of every accepted fit: else a shape that the sideband cannot
        tell from the central one is left out where its own error is large. None if nothing was
        varied.
        """
        if self.systematic is None:
            return None
        reach = max(abs(f.value - self.value) + f.error for f in self.fits if f.accepted)
        rest = math.sqrt(max(reach**2 - self.statistical**2, 0.0))
        return max(self.systematic, rest)

    def as_source(self, name: str, inputs: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Return the fields of a budget source; its systematic error is `budget_systematic`.

        Raises
        ------
        BackgroundError
            Neither range nor shape was varied, so that the systematic error is not known.
        """
        systematic = self.budget_systematic
        if systematic is None:
            msg = (
                f"background source '{printable(name)}': no fit range and no shape was varied; "
                "give ranges or shapes, from which the systematic error is found"
            )
            raise BackgroundError(msg)
        low, high = self.central.window
        unit = f" {self.unit}" if self.unit else ""
        return {
            "name": name,
            "value": self.value,
            "statistical": self.statistical,
            "systematic": systematic,
            "upper": None,
            "method": (
                f"extrapolation of {self.observable}: {self.central.shape} fitted to "
                f"{self.central.events} events in {low:g} to {high:g}{unit}"
            ),
            "inputs": dict(inputs or {}),
        }

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data; what is not known is None."""
        plain = asdict(self)
        for found in (plain["central"], *plain["fits"]):
            for key in ("value", "error"):
                found[key] = None if math.isnan(found[key]) else found[key]
            if found["goodness"] is not None:
                found["goodness"] = found["goodness"]._asdict()
        return plain


def extrapolate(  # noqa: PLR0913
    sideband: Sideband,
    shape: Shape | None = None,
    *,
    window: Range | None = None,
    ranges: Sequence[Range] = (),
    shapes: Sequence[Shape] = (),
    seed: int,
    bootstrap: int = 200,
    toys: int = 200,
    enough: int = 10,
    acceptable: float = 0.05,
    required: float = 0.01,
) -> Extrapolation:
    """Fit the tail in a sideband and integrate it into the box.

    Parameters
    ----------
    sideband : Sideband
    shape : Shape, optional
        The central one; an exponential by default.
    window : (low, high), optional
        The central fit range; the whole sideband by default.
    ranges, shapes : sequences
        To be tried instead of the central ones, for the systematic error.
    seed : int
        Of bootstrap and toys.
    bootstrap : int
        Number of replicas; 0 for none, else at least 20.
    toys, enough : int
        For each goodness of fit, the largest number of toys, and how many of them as far off as
        the data are enough to stop; see `goodness`.
    acceptable : float
        A variation counts if its goodness of fit is at least that probable. Where the central fit
        is not, ``required`` holds for the variations too.
    required : float
        So probable must the central fit be, or nothing is extrapolated.

    Raises
    ------
    BackgroundError
        The central fit fails or does not describe the sideband; all variations of the ranges or
        of the shapes fail; the integral in the box is infinite; or too many replicas fail.
    """
    shape = exponential() if shape is None else shape
    window = sideband.window if window is None else window
    if bootstrap and bootstrap < _LEAST_REPLICAS:
        msg = f"{bootstrap} bootstrap replicas say nothing: give at least {_LEAST_REPLICAS}, or 0"
        raise BackgroundError(msg)
    seeds = np.random.SeedSequence(seed).spawn(2 + len(ranges) + len(shapes))
    rngs = [np.random.default_rng(s) for s in seeds]
    sample = sideband.sample(window)
    best = fit_tail(shape, sample)
    central = _tail_fit(shape, best, sample, sideband, window, rngs[0], (toys, enough, required))
    if not central.accepted:
        assert central.goodness is not None
        msg = (
            f"{sideband.source}: shape '{printable(shape.name)}' does not describe the "
            f"{central.events} events in {window[0]:g} to {window[1]:g} (goodness of fit "
            f"{central.goodness.probability:.3g}, at least {required:g} is required); take another "
            "shape or range"
        )
        raise BackgroundError(msg)
    # a sideband that the central shape describes at 0.03 is described no better by its neighbours
    doubtful = central.goodness is not None and central.goodness.probability < acceptable
    least = min(required, acceptable) if doubtful else acceptable
    tried = [(shape, w) for w in ranges] + [(s, window) for s in shapes]
    others = [
        _variation(s, sideband, w, rng, (toys, enough, least))
        for (s, w), rng in zip(tried, rngs[2:], strict=True)
    ]
    by_range = _envelope("fit range", central, others[: len(ranges)])
    by_shape = _envelope("shape", central, others[len(ranges) :])
    error, replicas, failed = None, 0, 0
    if bootstrap:
        error, failed = _bootstrap(shape, best, sample, sideband, rngs[1], bootstrap)
        replicas = bootstrap
    return Extrapolation(
        value=central.value,
        statistical=central.error,
        bootstrap=error,
        systematic=_systematic(central.value, by_range, by_shape),
        range_envelope=by_range,
        shape_envelope=by_shape,
        central=central,
        fits=(central, *others),
        sideband_events=sideband.events,
        box=sideband.box,
        observable=sideband.observable,
        unit=sideband.unit,
        seed=seed,
        replicas=replicas,
        failed_replicas=failed,
    )


# --------------------------------------------------------------------- the integral


def in_box(
    shape: Shape, p: np.ndarray, sample: Sample, box: Range, *, events: float | None = None
) -> float:
    """Return the expected events in a box: those of the fit range, times the integrals' ratio."""
    n = sample.events if events is None else events
    a, b = sample.frame.between(*box)
    ends = np.array([a, sample.start]), np.array([b, sample.stop])
    inside, fitted = shape.integral(*ends, p, sample.frame)
    return float(n * inside / fitted)


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


def propagated(
    shape: Shape, best: Minimum, sample: Sample, box: Range
) -> tuple[float, float]:  # fmt: skip
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


def _bootstrap(
    shape: Shape,
    best: Minimum,
    sample: Sample,
    sideband: Sideband,
    rng: np.random.Generator,
    replicas: int,
) -> tuple[float, int]:
    """Return half of the central 68.27% of the replicas, and how many failed."""
    values, failed = [], 0
    for _ in range(replicas):
        replica = resampled(sample, rng)
        try:
            refit = fit_tail(shape, replica, best.values, errors=False)
            values.append(in_box(shape, refit.values, replica, sideband.box))
        except BackgroundError:
            failed += 1
    if failed > _FAILURES * replicas or not np.isfinite(values).all():
        msg = (
            f"bootstrap of shape '{printable(shape.name)}': {failed} of {replicas} replicas could "
            f"not be fitted; {sample.events} events are too few for this shape"
        )
        raise BackgroundError(msg)
    low, high = np.quantile(values, _ONE_SIGMA)
    return float(high - low) / 2, failed


# --------------------------------------------------------------------- variations


def _tail_fit(
    shape: Shape,
    best: Minimum,
    sample: Sample,
    sideband: Sideband,
    window: Range,
    rng: np.random.Generator,
    test: tuple[int, int, float],
) -> TailFit:
    toys, enough, least = test
    value, error = propagated(shape, best, sample, sideband.box)
    found = goodness(shape, best, sample, rng, toys=toys, enough=enough)
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
        accepted=found.probability >= least,
    )


def _variation(
    shape: Shape,
    sideband: Sideband,
    window: Range,
    rng: np.random.Generator,
    test: tuple[int, int, float],
) -> TailFit:
    """Fit a variation; one that fails is kept with the reason."""
    sample = sideband.sample(window)
    try:
        best = fit_tail(shape, sample)
        return _tail_fit(shape, best, sample, sideband, window, rng, test)
    except BackgroundError as error:
        return TailFit(shape.name, window, sample.events, failure=str(error))


def _envelope(what: str, central: TailFit, others: Sequence[TailFit]) -> Range | None:
    if not others:
        return None
    values = [fit.value for fit in others if fit.accepted]
    if not values:
        reasons = "; ".join(fit.failure or "fits badly" for fit in others)
        msg = f"no variation of the {what} gives a value, so its error is unknown: {reasons}"
        raise BackgroundError(msg)
    return min(central.value, *values), max(central.value, *values)


def _systematic(value: float, *envelopes: Range | None) -> float | None:
    """Largest distances from the value, in quadrature."""
    found = [max(e[1] - value, value - e[0]) for e in envelopes if e is not None]
    return math.hypot(*found) if found else None


def _log_interval(value: float, error: float) -> Range:
    if value <= 0:
        return value, value + error
    factor = math.exp(error / value)
    return value / factor, value * factor
