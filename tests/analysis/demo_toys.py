"""Pseudo-experiments of the demo at the level of counts: sideband, samples and observation.

The truth is demo_truth.json, what the generator leaves in the box (make_demo_truth.py). A toy draws
by Poisson's law the sideband histogram, the events left of each simulated sample, and the events
observed; from there on the functions of ``na64ana run`` do the work.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from na64ana.analysis import Analysis, load_analysis
from na64ana.analysis.coupling import Counted
from na64ana.analysis.estimate import extrapolated, fit_ranges
from na64ana.analysis.model import SidebandSpec, SimulationSpec
from na64ana.analysis.searches import search_path
from na64ana.background import (
    Budget,
    Count,
    Factor,
    Measured,
    Source,
    expected,
    from_values,
    source_from,
)
from na64ana.errors import BackgroundError

HERE = Path(__file__).parent
DEMO = search_path("demo")
SIDEBAND_PROCESS = "radiative"
EVENTS = 20_000


class Truth(NamedTuple):
    """Expected events in the box, and the error of that expectation."""

    value: float
    error: float


@dataclass(frozen=True)
class Experiment:
    """What one toy gave.

    Attributes
    ----------
    pulls : dict of str to float
        Of each source; not there where it could not be estimated.
    budget : Budget or None
    """

    pulls: dict[str, float]
    budget: Budget | None


@cache
def content() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((HERE / "demo_truth.json").read_text(encoding="utf-8"))
    return found


@cache
def analysis() -> Analysis:
    return load_analysis(DEMO)


@cache
def samples() -> dict[str, float]:
    """How many times the data's exposure each simulated sample stands for."""
    plan = analysis().spec.simulation
    assert plan is not None
    assert plan.events == EVENTS
    return {name: sample.times for name, sample in plan.samples.items() if sample.times}


def truth(process: str | None = None, events: float = EVENTS) -> Truth:
    """The expectation of one process or of all, for so many recorded events."""
    found = content() if process is None else content()["processes"][process]
    return Truth(found["per_event"] * events, found["error"] * events)


def process_of(source: Any) -> str:
    """The process whose expectation a source of the demo estimates."""
    return source.sample if isinstance(source, SimulationSpec) else SIDEBAND_PROCESS


def experiment(seed: int, events: float = EVENTS) -> Experiment:
    """Draw and estimate one toy of the demo."""
    rng = np.random.default_rng([20_261, seed])
    sources, pulls = [], {}
    for spec in analysis().sources:
        true = truth(process_of(spec), events)
        try:
            source, error = _estimated(spec, rng, events, seed)
        except BackgroundError:
            continue
        sources.append(source)
        pulls[spec.name] = (source.value - true.value) / math.hypot(error, true.error)
    complete = len(sources) == len(analysis().sources)
    return Experiment(pulls, Budget(tuple(sources)) if complete else None)


def _estimated(
    spec: Any, rng: np.random.Generator, events: float, seed: int
) -> tuple[Source, float]:
    """A source and its error; where it is a bound, the error of nothing counted."""
    if isinstance(spec, SidebandSpec):
        source = Source(**_extrapolated(spec, rng, events, seed).as_source(spec.name))
        return source, source.error
    size = samples()[spec.sample]
    n = int(rng.poisson(truth(spec.sample, events).value * size))
    factors: list[Factor] = [Count(n), Measured(1 / size)]
    source = source_from(spec.name, factors)
    return source, expected(factors).statistical if source.upper is not None else source.error


def _extrapolated(spec: SidebandSpec, rng: np.random.Generator, events: float, seed: int) -> Any:
    """The sideband of all processes, filled by Poisson's law and fitted as the demo says."""
    edges = np.array(content()["sideband_edges"])
    mean = sum(
        np.array(p["sideband"]) * p["share"] / p["simulated"]
        for p in content()["processes"].values()
    )
    mean = events * mean / sum(p["share"] for p in content()["processes"].values())
    filled = np.repeat(np.arange(len(mean)), rng.poisson(mean))
    values = edges[filled] + np.diff(edges)[filled] * rng.random(len(filled))
    ranges = fit_ranges(spec, analysis().unit(spec.observable))
    window = min(low for low, _ in ranges), max(high for _, high in ranges)
    band = from_values(values, window, (0.0, 50.0), observable=spec.observable)
    return extrapolated(spec, band, ranges, seed=seed, bootstrap=0, toys=100, enough=1)


def observed(seed: int, signal: float = 0.0, events: float = EVENTS) -> int:
    """Events in the open box."""
    return int(np.random.default_rng([20_262, seed]).poisson(truth(None, events).value + signal))


def limit(budget: Budget, n: int) -> float:
    """The observed limit, as ``na64ana run`` sets it."""
    found: float = _counted(budget, n).result(_signal_error()).limit
    return found


def band(budget: Budget) -> tuple[float, float]:
    """The 2 sigma band of the expected limit."""
    found = _counted(budget).limits(_signal_error())
    return found["minus2"], found["plus2"]


def _counted(budget: Budget, n: int | None = None) -> Counted:
    settings = analysis().spec.limit
    total = budget.total(conservative=settings.total == "conservative")
    return Counted(n, total.value, total.error, settings.cl, settings.method)


def _signal_error() -> float:
    efficiency = analysis().spec.signal.efficiency
    assert efficiency is not None
    return efficiency.error
