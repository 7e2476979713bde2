"""Signals of known size put into toys of a search, to see what comes out.

A population holds what each simulated process leaves in the box, the sidebands, the regions and the
channels of an analysis, per recorded event. A toy draws all these numbers by Poisson's law; from
there on the functions of ``na64ana run`` estimate the background and set the limit.
"""

from __future__ import annotations

import math
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from na64ana.analysis.coupling import Counted, told_apart
from na64ana.analysis.estimate import extrapolated, fit_ranges
from na64ana.analysis.load import Analysis, given
from na64ana.analysis.model import (
    AbcdSpec,
    BoundSpec,
    EfficiencySpec,
    FixedSpec,
    SidebandSpec,
    SimulatedSpec,
    SimulationPlanSpec,
    SimulationSpec,
    SourceSpec,
)
from na64ana.analysis.simulated import mode_of, parameters_of, signal_sample, simulate_file
from na64ana.background import (
    Budget,
    Count,
    Factor,
    Measured,
    Source,
    Total,
    expected,
    from_values,
    source_from,
)
from na64ana.cutflow import Record
from na64ana.datasets import figure
from na64ana.errors import AnalysisError, BackgroundError, printable
from na64ana.run.local import run as count
from na64ana.simulate import shares
from na64ana.units import parse_quantity

__all__ = ["Injected", "Population", "Process", "inject", "population"]

Floats = NDArray[np.float64]
#: bins over the range of a sideband fit; values are spread evenly within one
BINS = 400
MAIN = "main"


@dataclass(frozen=True)
class Process:
    """What one process leaves, per generated event.

    Attributes
    ----------
    generated : int
        Events simulated.
    box : float
        Events in the open box.
    sidebands : dict of str to array
        By source, the kept observable in `BINS` bins over the range of its fits.
    regions, channels : dict of str to float
        Events in a region, and at the end of a channel.
    """

    generated: int
    box: float
    sidebands: dict[str, Floats] = field(repr=False)
    regions: dict[str, float] = field(repr=False)
    channels: dict[str, float] = field(repr=False)


@dataclass(frozen=True)
class Population:
    """All that a search is made of, per recorded event of its data.

    Attributes
    ----------
    analysis : Analysis
    events : int
        Recorded events of the data.
    shares : dict of str to float
        Of the processes among them.
    processes : dict of str to Process
    signal : Process
        Per generated event of the signal.
    """

    analysis: Analysis
    events: int
    shares: dict[str, float]
    processes: dict[str, Process] = field(repr=False)
    signal: Process = field(repr=False)

    def mean(self, what: Callable[[Process], Any], signal: float = 0.0) -> Any:
        """Return the expectation of a number in the data, with so many signal events in the box."""
        found = sum(
            self.events * self.shares[name] * what(process)
            for name, process in self.processes.items()
        )
        return found + signal * what(self.signal) / self.signal.box if signal else found

    @property
    def background(self) -> float:
        """True events in the box without a signal: of all processes, and those given as fixed."""
        given = sum(s.value for s in self.analysis.sources if isinstance(s, FixedSpec))
        return float(self.mean(lambda process: process.box)) + given

    @property
    def background_error(self) -> float:
        """How well that is known: the error of the simulated events left, of one where none is."""
        terms = (
            (self.events * self.shares[name] / process.generated) ** 2
            * max(process.box * process.generated, 1.0)
            for name, process in self.processes.items()
        )
        return math.sqrt(sum(terms))


class Injected(NamedTuple):
    """What came out of toys with a signal.

    Attributes
    ----------
    signal : float
        True signal events expected in the box.
    toys : int
        Toys in which the background could be estimated.
    refused : dict of str to int
        The others, by the reason why a source could not be estimated.
    found, found_error : float
        Mean of the estimated signal, observed events minus estimated background, and its error.
    spread : float
        Its standard deviation.
    coverage, coverage_error : float
        Share of the upper limits that are not below the true signal, and its binomial error. A toy
        that is refused has no limit and does not count; it excludes nothing.
    """

    signal: float
    toys: int
    refused: dict[str, int]
    found: float
    found_error: float
    spread: float
    coverage: float
    coverage_error: float

    @property
    def bias(self) -> float:
        """Estimated minus true signal."""
        return self.found - self.signal


def population(
    analysis: Analysis,
    events: int,
    *,
    more: Mapping[str, int] | None = None,
    mass: float | None = None,
    seed: int = 1,
    progress: bool | None = None,
) -> Population:
    """Simulate and count every process of a search by itself.

    Parameters
    ----------
    analysis : Analysis
        With the key ``simulation``.
    events : int
        Of each process.
    more : mapping of str to int, optional
        Other numbers for some processes, as where few events reach the box.
    mass : float, optional
        GeV, of the mediator of the analysis' model; by default the signal is that of its sample.
    seed : int
    progress : bool, optional
        As for `na64ana.run`.

    Raises
    ------
    AnalysisError
        The analysis says nothing of a simulation, or has no simulated signal.
    Na64Error
        Something cannot be simulated or counted.
    """
    plan = _plan(analysis)
    mode = mode_of(plan)
    share = {name: s for name, s in shares(mode, mode.parameters).items() if s > 0}
    numbers = {name: (more or {}).get(name, events) for name in share}
    signal = _signal(analysis, mass)
    with tempfile.TemporaryDirectory() as folder:

        def counted(spec: SimulatedSpec, n: int) -> Process:
            file = Path(folder) / "sample.root"
            simulate_file(
                file, spec.process, n, mode=mode.name, seed=seed, run=1,
                parameters=parameters_of(spec, mode),
            )  # fmt: skip
            layout = analysis.spec.layout
            record = count(analysis.selection, [file], layout=layout, progress=progress)
            return _process(analysis, record, n)

        found = {name: counted(SimulatedSpec(process=name), n) for name, n in numbers.items()}
        return Population(analysis, plan.events, share, found, counted(signal, events))


def inject(
    drawn: Population, signal: float, toys: int, *, seed: int = 1, fit_toys: int = 100
) -> Injected:
    """Draw toys with so many signal events in the box, and run the analysis on them.

    Parameters
    ----------
    drawn : Population
    signal : float
        Expected events in the box.
    toys : int
    seed : int
    fit_toys : int
        Toys of each goodness of fit of a sideband.
    """
    found, covered, refused = [], 0, Counter[str]()
    conservative = drawn.analysis.spec.limit.total == "conservative"
    for i in range(toys):
        rng = np.random.default_rng([seed, i, round(1000 * signal)])
        toy = _Toy(drawn, signal, rng, i, fit_toys, {})
        try:
            total = _budget(toy).total(conservative=conservative)
            error = max(_signal_error(toy, one) for one in _efficiencies(drawn.analysis))
        except BackgroundError as refusal:
            refused[_reason(str(refusal))] += 1
            continue
        observed = int(rng.poisson(drawn.background + signal))
        found.append(observed - total.value)
        covered += _limit(drawn.analysis, observed, total, error) >= signal
    n = len(found)
    if not n:
        raise AnalysisError("the background could not be estimated in any toy")
    spread = float(np.std(found, ddof=1)) if n > 1 else math.nan
    coverage = covered / n
    error = math.sqrt(max(coverage * (1 - coverage), 1 / n) / n)
    return Injected(
        signal,
        n,
        dict(sorted(refused.items())),
        float(np.mean(found)),
        spread / math.sqrt(n),
        spread,
        coverage,
        error,
    )


def _plan(analysis: Analysis) -> SimulationPlanSpec:
    plan = analysis.spec.simulation
    if plan is None:
        msg = f"{printable(analysis.path)}: it has no key `simulation` that says what to simulate"
        raise AnalysisError(msg)
    return plan


def _signal(analysis: Analysis, mass: float | None) -> SimulatedSpec:
    """The signal that is injected: that of the sample, or of the model at one mass."""
    _, spec = signal_sample(analysis)
    if mass is None:
        return spec
    model = dict(analysis.spec.signal.model or {})
    if not model:
        msg = f"{printable(analysis.path)}: it has no model that would make a signal of a mass"
        raise AnalysisError(msg)
    name = model.pop("name")
    model.pop("plane", None)
    return SimulatedSpec(process=spec.process, model=name, mass=mass, parameters=model)


def _process(analysis: Analysis, record: Record, generated: int) -> Process:
    """What a record of simulation says, per event."""
    sidebands = {}
    for spec in analysis.sources:
        if isinstance(spec, SidebandSpec):
            kept = record.regions[spec.region].kept[spec.observable]
            edges = _edges(analysis, spec)
            sidebands[spec.name] = np.histogram(kept, edges)[0] / generated
    regions = {name: region.counts.n / generated for name, region in record.regions.items()}
    channels = {name: _left(record, name) / generated for name in record.channels}
    return Process(generated, channels[MAIN], sidebands, regions, channels)


def _left(record: Record, channel: str) -> float:
    counts = record.channels[channel].rows[-1].sequential
    assert counts is not None  # simulation is not blind
    return counts.n


def _edges(analysis: Analysis, spec: SidebandSpec) -> Floats:
    ranges = fit_ranges(spec, analysis.unit(spec.observable))
    low, high = min(pair[0] for pair in ranges), max(pair[1] for pair in ranges)
    return np.linspace(low, high, BINS + 1)


class _Toy(NamedTuple):
    """One toy of an analysis; a ratio of data to simulation is drawn once for all that use it."""

    drawn: Population
    signal: float
    rng: np.random.Generator
    number: int
    fit_toys: int
    ratios: dict[tuple[str, str], Measured]

    def counted(self, what: Callable[[Process], float]) -> int:
        """Draw a number of events in the data."""
        return int(self.rng.poisson(self.drawn.mean(what, self.signal)))


def _reason(text: str) -> str:
    """Why a source was refused, without the numbers of the toy."""
    known = {
        "does not describe": "central fit",
        "variation of the fit range": "other ranges",
        "variation of the shape": "other shapes",
        "for the ratio": "no event for the ratio",
    }
    return next((reason for words, reason in known.items() if words in text), text)


def _budget(toy: _Toy) -> Budget:
    """Estimate every source of one toy.

    Raises
    ------
    BackgroundError
        One of them cannot be estimated.
    """
    return Budget(tuple(_source(toy, spec) for spec in toy.drawn.analysis.sources))


def _source(toy: _Toy, spec: SourceSpec) -> Source:
    if isinstance(spec, FixedSpec):
        return given(spec)
    if isinstance(spec, BoundSpec):
        return Source(spec.name, 0.0, upper=spec.upper, upper_cl=spec.cl)
    if isinstance(spec, SidebandSpec):
        return _sideband(toy, spec)
    if isinstance(spec, SimulationSpec):
        return _simulated(toy, spec)
    assert isinstance(spec, AbcdSpec)
    b, c, d = (_region(toy, name) for name in (spec.b, spec.c, spec.d))
    return source_from(spec.name, [b, c, Count(d.n, -1)], non_closure=spec.systematic)


def _region(toy: _Toy, name: str) -> Count:
    return Count(toy.counted(lambda process: process.regions[name]))


def _sideband(toy: _Toy, spec: SidebandSpec) -> Source:
    drawn, rng = toy.drawn, toy.rng
    analysis = drawn.analysis
    unit = analysis.unit(spec.observable)
    edges = _edges(analysis, spec)
    mean = drawn.mean(lambda process: process.sidebands[spec.name], toy.signal)
    filled = np.repeat(np.arange(BINS), rng.poisson(mean))
    values = edges[filled] + np.diff(edges)[filled] * rng.random(len(filled))
    low, high = (parse_quantity(value).to(unit) for value in spec.box)
    window = float(edges[0]), float(edges[-1])
    band = from_values(values, window, (low, high), observable=spec.observable)
    found = extrapolated(
        spec, band, fit_ranges(spec, unit), seed=toy.number, bootstrap=0, toys=toy.fit_toys,
        enough=1,
    )  # fmt: skip
    return Source(**found.as_source(spec.name))


def _simulated(toy: _Toy, spec: SimulationSpec) -> Source:
    process, size, scale = _sample(toy.drawn, spec.sample)
    factors: list[Factor] = [Count(int(toy.rng.poisson(process.box * size))), Measured(scale)]
    if spec.systematic:
        factors.append(Measured(1.0, spec.systematic))
    if spec.ratio is not None:
        factors.append(_ratio(toy, spec.sample, spec.ratio))
    return source_from(spec.name, factors)


def _ratio(toy: _Toy, sample: str, channel: str) -> Measured:
    """Data over simulation in a channel, with the error of `na64ana.background.dimuon_ratio`."""
    key = sample, channel
    if key not in toy.ratios:
        process, size, scale = _sample(toy.drawn, sample)
        data = toy.counted(lambda one: one.channels[channel])
        simulated = int(toy.rng.poisson(process.channels[channel] * size))
        if not (data and simulated):
            raise BackgroundError(f"'{printable(channel)}': no event for the ratio")
        value = data / (simulated * scale)
        statistical = expected([Count(data)]).statistical / data
        toy.ratios[key] = Measured(value, value * math.hypot(statistical, simulated**-0.5))
    return toy.ratios[key]


def _sample(drawn: Population, name: str) -> tuple[Process, int, float]:
    """The process of a sample, its generated events, and what scales it to the data."""
    plan = _plan(drawn.analysis)
    spec = plan.samples[name]
    process = drawn.processes[spec.process]
    if spec.times is not None:
        size = round(spec.times * drawn.events * drawn.shares[spec.process])
        return process, size, 1 / spec.times
    assert spec.events is not None
    return process, spec.events, figure(plan.exposure).count * drawn.events / spec.events


def _efficiencies(analysis: Analysis) -> list[EfficiencySpec]:
    signal = analysis.spec.signal
    every = [signal.efficiency, *(one.efficiency for one in signal.setups)]
    return [one for one in every if one is not None]


def _signal_error(toy: _Toy, spec: EfficiencySpec) -> float:
    """Relative error of an efficiency: its own, that of its sample, and that of its ratio."""
    errors = [spec.error]
    if spec.sample is not None:
        generated = _plan(toy.drawn.analysis).samples[spec.sample].events
        box = toy.drawn.signal.box
        errors.append(math.sqrt((1 - box) / (box * (generated or math.inf))))
    if spec.ratio is not None:
        ratio = _ratio(toy, spec.ratio.sample, spec.ratio.channel)
        errors.append(ratio.error / ratio.value)
    return math.hypot(*errors)


def _limit(analysis: Analysis, observed: int, background: Total, error: float) -> float:
    """The observed limit in signal events, by what sets that of ``na64ana run``."""
    settings = analysis.spec.limit
    counted = Counted(
        observed, background.value, background.error, settings.cl, settings.method
    )  # fmt: skip
    return float(counted.result(told_apart(error)).limit)
