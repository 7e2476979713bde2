"""From what was counted to couplings: limits in events, and the couplings of a model at them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from na64ana.analysis.efficiency import Efficiency, EfficiencyCurve, interpolated
from na64ana.errors import printable
from na64ana.limits import LimitResult, expected_limits, limit_result, limits_in_events
from na64ana.limits.nuisance import MOST_RELATIVE
from na64ana.progress import progress_bar
from na64ana.signal import Model, Reach, Response, Setup, reach, refined

__all__ = [
    "Counted",
    "ModelLimit",
    "SignalSetup",
    "each_mass",
    "efficiencies",
    "expected_events",
    "model_limit",
    "told_apart",
]

Floats = NDArray[np.float64]
#: a coupling so weak that a mediator lives long: the weights of its energies are taken there
_WEAK = 1e-8
#: digits of the relative error of a signal by which limits in events are told apart
_DIGITS = 3
#: a log-normal of a larger relative error has tails of thousands of events
MOST_LOG_NORMAL = 1.0


@dataclass(frozen=True)
class Counted:
    """A counting experiment: what was seen in the box and what background is expected there.

    The background is log-normal; with a relative error above `MOST_LOG_NORMAL` it is a gamma, and
    an error above `na64ana.limits.nuisance.MOST_RELATIVE` times the background counts as that.

    Attributes
    ----------
    observed : int or None
        None while the box is closed.
    background, background_error : float
        Events.
    cl : float
    method : str
        As in `na64ana.limits.upper_limit`.
    """

    observed: int | None
    background: float
    background_error: float
    cl: float = 0.9
    method: str = "cls"

    def limits(self, signal_error: float) -> dict[str, float]:
        """Return limits in signal events: ``observed`` if it is known, and the expected ones.

        Parameters
        ----------
        signal_error : float
            Relative.

        Raises
        ------
        LimitError
            As `na64ana.limits.expected_limits`.
        """
        seen = None if self.observed is None else float(self.result(signal_error).limit)
        return limits_in_events(
            expected_limits(self.background, **self._options(signal_error)), seen
        )

    def below_zero(self, signal_error: float) -> bool:
        """Whether not even no signal is allowed by what was observed."""
        return self.observed is not None and bool(self.result(signal_error).below_zero)

    def result(self, signal_error: float) -> LimitResult:
        """Return the observed limit in signal events; the relative error as for `limits`.

        Raises
        ------
        LimitError
            As `na64ana.limits.limit_result`.
        """
        assert self.observed is not None
        return limit_result(self.observed, self.background, **self._options(signal_error))

    def _options(self, signal_error: float) -> dict[str, Any]:
        wide = self.background_error > MOST_LOG_NORMAL * self.background
        return {
            "cl": self.cl,
            "method": self.method,
            "background_error": min(self.background_error, MOST_RELATIVE * self.background),
            "signal_error": signal_error,
            "background_nuisance": "gamma" if wide else "log-normal",
        }


@dataclass(frozen=True)
class SignalSetup:
    """A setup with the exposure of the data, and how well its efficiency is known.

    Attributes
    ----------
    setup : Setup
        Its efficiency is a number or an `EfficiencyCurve`.
    error : float
        Of the efficiency beside that of a curve, relative.
    masses : tuple of (float, float)
        Mass in GeV and efficiency, where it depends on the mass; else empty.
    """

    setup: Setup
    error: float = 0.0
    masses: tuple[tuple[float, float], ...] = ()

    def at(self, mass: float) -> Setup:
        """Return the setup with the efficiency that it has at a mass in GeV.

        Raises
        ------
        AnalysisError
            The table of the efficiency does not reach the mass.
        """
        if not self.masses:
            return self.setup
        what = f"efficiency of setup '{printable(self.setup.name)}'"
        return replace(self.setup, efficiency=interpolated(self.masses, mass, what))


class ModelLimit(NamedTuple):
    """Limits on the coupling of a model.

    Attributes
    ----------
    reach : Reach
        Couplings that are excluded, a curve for each limit in events.
    events : dict of str to list of float
        The limits in events, by curve, for each mass in the order of ``reach.masses``.
    efficiency : list of Efficiency or None
        At each mass, of the mediators of all setups together; None where none is made.
    """

    reach: Reach
    events: dict[str, list[float]]
    efficiency: list[Efficiency | None]


@dataclass(frozen=True)
class _AtEachMass:
    """A model whose setups have other efficiencies at other masses."""

    model: Model
    setups: Mapping[str, SignalSetup]

    @property
    def name(self) -> str:
        return self.model.name

    @property
    def coupling(self) -> str:
        return self.model.coupling

    @property
    def couplings(self) -> tuple[float, float]:
        return self.model.couplings

    @property
    def curves(self) -> str:
        return self.model.curves

    def response(self, mass: float, setup: Setup) -> Response:
        return self.model.response(mass, self.setups[setup.name].at(mass))

    def describe(self) -> str:
        return self.model.describe()

    def as_dict(self) -> dict[str, Any]:
        return self.model.as_dict()


def expected_events(
    model: Model, setups: Sequence[SignalSetup], mass: float
) -> Callable[[Any], Any]:
    """Return the signal events at one mass as a function of the coupling, of all setups together.

    Raises
    ------
    SignalError, AnalysisError
        The model or an efficiency has no value there.
    """
    responses = [(s.setup.exposure, model.response(mass, s.at(mass))) for s in setups]
    return lambda coupling: sum(exposure * found(coupling) for exposure, found in responses)


def efficiencies(
    model: Model, setups: Sequence[SignalSetup], mass: float
) -> tuple[Efficiency | None, float, float]:
    """Return the efficiency at a mass, averaged over the mediators that are made.

    The weights are the numbers of mediators of each energy, and the fractions of them that decay
    where a setup looks, at a coupling so weak that they live long. Statistical errors of setups
    with one histogram move together, other ones are independent; the further errors of all setups
    move together.

    Returns
    -------
    Efficiency or None
        With all of its error; None where no mediator is made.
    float
        The relative statistical error.
    float
        The relative further error.

    Raises
    ------
    SignalError, AnalysisError
        The model or an efficiency has no value there.
    """
    made = events = further = 0.0
    slopes: dict[tuple[str, str], Floats] = {}
    errors: dict[tuple[str, str], Floats] = {}
    for one in setups:
        setup = one.at(mass)
        found = model.response(mass, replace(setup, efficiency=1.0))
        energies, numbers = found.spectrum.energies, found.spectrum.numbers
        numbers = numbers * (energies >= setup.threshold)
        if found.fraction is not None:
            numbers = numbers * np.asarray(found.fraction(np.array([_WEAK]), energies))
        seen = numbers * setup.seen(energies)
        made += float(numbers.sum())
        events += float(seen.sum())
        further += one.error * float(seen.sum())
        if isinstance(curve := setup.efficiency, EfficiencyCurve):
            key = curve.sample, curve.histogram
            errors[key] = np.asarray(curve.errors)
            above = energies >= setup.threshold
            bins = curve.bins(energies[above])
            here = np.bincount(bins, numbers[above], minlength=len(curve.values))
            slopes[key] = np.asarray(slopes.get(key, 0.0) + here, dtype=np.float64)
    if not events:
        return (Efficiency(0.0, 0.0) if made else None), 0.0, 0.0
    variance = sum(float(((slopes[key] * errors[key]) ** 2).sum()) for key in slopes)
    statistical, further = math.sqrt(variance) / events, further / events
    value = events / made
    return Efficiency(value, value * math.hypot(statistical, further)), statistical, further


def told_apart(error: float) -> float:
    """Return a relative error with the digits by which limits in events are told apart."""
    return float(f"{error:.{_DIGITS}g}")


def model_limit(
    model: Model,
    setups: Sequence[SignalSetup],
    masses: Sequence[float],
    counted: Counted,
    *,
    refine: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> ModelLimit:
    """Return the couplings of a model that a counting experiment excludes.

    The relative error of the signal is that of its mediators at each mass, so that the limits in
    events depend on the mass where it does.

    Parameters
    ----------
    model : Model
    setups : sequence of SignalSetup
        Whose events add up.
    masses : sequence of float
        GeV.
    counted : Counted
    refine : bool
        Add masses where a limit bends or ends, as `na64ana.signal.refined` does.
    progress : callable, optional
        As for `na64ana.signal.reach`, of the masses given.

    Raises
    ------
    SignalError, AnalysisError
        The model or an efficiency has no value at a mass.
    LimitError
        No limit in events follows.
    """
    known = _LimitsByMass(model, setups, counted)
    for mass in masses:
        known.at(mass)
    # a limit of 0 events would exclude every coupling: no coupling follows from it
    names = [name for name in known.names() if all(known.at(mass)[name] for mass in masses)]
    table = _AtEachMass(model, {s.setup.name: s for s in setups})

    def look(masses: Sequence[float], progress: Any = False) -> Reach:
        limits = {name: [known.at(mass)[name] for mass in masses] for name in names}
        found = reach(table, [s.setup for s in setups], masses, limits, progress=progress)
        return replace(found, model=model)

    found = look(masses, progress)
    if refine:
        found = refined(found, again=look)
    events = {name: [known.at(mass)[name] for mass in found.masses] for name in known.names()}
    return ModelLimit(found, events, [known.efficiency[mass] for mass in found.masses])


@dataclass(frozen=True)
class _LimitsByMass:
    """Limits in events and efficiencies at masses, each computed once."""

    model: Model
    setups: Sequence[SignalSetup]
    counted: Counted
    efficiency: dict[float, Efficiency | None] = field(default_factory=dict)
    events: dict[float, dict[str, float]] = field(default_factory=dict)
    #: by the relative error of the signal
    known: dict[float, dict[str, float]] = field(default_factory=dict)

    def at(self, mass: float) -> dict[str, float]:
        if mass not in self.events:
            found, statistical, further = efficiencies(self.model, self.setups, mass)
            error = told_apart(math.hypot(statistical, further))
            if error not in self.known:
                self.known[error] = self.counted.limits(error)
            self.efficiency[mass], self.events[mass] = found, self.known[error]
        return self.events[mass]

    def names(self) -> list[str]:
        return list(next(iter(self.known.values())))


@contextmanager
def each_mass(masses: int, show: bool | None = None) -> Iterator[Callable[[int, int], None]]:
    """Show a bar over so many masses; yields what `model_limit` takes as ``progress``."""
    before = 0
    with progress_bar(masses, show, what="masses") as advance:

        def progress(done: int, _: int) -> None:
            nonlocal before
            advance(done - before)
            before = done

        yield progress
