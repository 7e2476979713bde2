"""From a fitted sideband to the expectation in the box, with its errors."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from na64ana.background.bootstrap import bootstrap_error, check_replicas
from na64ana.background.shapes import Shape, exponential
from na64ana.background.sideband import Range, Sideband
from na64ana.background.tail_fit import GoodnessTest, TailFit, tail_fit, variation
from na64ana.errors import BackgroundError, printable

__all__ = ["Extrapolation", "extrapolate"]


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
                f"{self._parts(systematic)}"
            ),
            "inputs": dict(inputs or {}),
        }

    def _parts(self, systematic: float) -> str:
        """Say how much of the systematic error is the spread of the fits, if that is not all."""
        if self.systematic is None or math.isclose(systematic, self.systematic):
            return ""
        return (
            f"; systematic error: {self.systematic:.2g} is the spread of the accepted fits, "
            f"{systematic:.2g} with the statistical error of each"
        )

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
    check_replicas(bootstrap)
    seeds = np.random.SeedSequence(seed).spawn(2 + len(ranges) + len(shapes))
    rngs = [np.random.default_rng(s) for s in seeds]
    central = _central(shape, sideband, window, rngs[0], GoodnessTest(toys, enough, required))
    test = GoodnessTest(toys, enough, _least(central, acceptable, required))
    tried = [(shape, w) for w in ranges] + [(s, window) for s in shapes]
    others = [
        variation(s, sideband, w, rng, test) for (s, w), rng in zip(tried, rngs[2:], strict=True)
    ]
    by_range = _envelope("fit range", central, others[: len(ranges)])
    by_shape = _envelope("shape", central, others[len(ranges) :])
    error, failed = None, 0
    if bootstrap:
        error, failed = bootstrap_error(shape, central, sideband, rngs[1], bootstrap)
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
        replicas=bootstrap,
        failed_replicas=failed,
    )


def _central(
    shape: Shape, sideband: Sideband, window: Range, rng: np.random.Generator, test: GoodnessTest
) -> TailFit:
    """Fit the central shape in the central range; it must describe the sideband."""
    fit = tail_fit(shape, sideband, window, rng, test)
    if not fit.accepted:
        assert fit.goodness is not None
        msg = (
            f"{sideband.source}: shape '{printable(shape.name)}' does not describe the "
            f"{fit.events} events in {window[0]:g} to {window[1]:g} (goodness of fit "
            f"{fit.goodness.probability:.3g}, at least {test.least:g} is required); take another "
            "shape or range"
        )
        raise BackgroundError(msg)
    return fit


def _least(central: TailFit, acceptable: float, required: float) -> float:
    """Return how probable a variation must be to count."""
    # a sideband that the central shape describes at 0.03 is described no better by its neighbours
    doubtful = central.goodness is not None and central.goodness.probability < acceptable
    return min(required, acceptable) if doubtful else acceptable


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
