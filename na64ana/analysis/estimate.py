"""From records to the background budget: each source by its method; what fails is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from na64ana.analysis.load import Analysis, given
from na64ana.analysis.model import (
    AbcdSpec,
    BoundSpec,
    FixedSpec,
    SidebandSpec,
    SimulationSpec,
    SourceSpec,
)
from na64ana.analysis.sideband import drawn, validated
from na64ana.background import (
    Budget,
    Correlation,
    Count,
    DimuonRatio,
    Extrapolation,
    Measured,
    MissingSource,
    SharedFactor,
    Sideband,
    Source,
    dimuon_ratio,
    extrapolate,
    from_region,
    named_shape,
    region_count,
    simulated_source,
    source_from,
)
from na64ana.cutflow import Record, processed_exposure
from na64ana.errors import BackgroundError, RecordError, printable
from na64ana.units import Unit, parse_quantity

__all__ = ["Estimate", "estimate", "extrapolated", "fit_ranges"]


@dataclass(frozen=True)
class Estimate:
    """The background budget, and the sideband fits in it as plain data for drawing.

    ``ratios`` are the data/simulation ratios that were measured, by sample and channel.
    """

    budget: Budget
    fits: tuple[dict[str, Any], ...]
    ratios: Mapping[tuple[str, str], DimuonRatio]


def estimate(analysis: Analysis, data: Record, samples: Mapping[str, Record]) -> Estimate:
    """Estimate every background source of an analysis.

    A source that cannot be estimated is missing from the budget, with the reason; no number is
    put in its place.

    Parameters
    ----------
    analysis : Analysis
    data : Record
        Blind.
    samples : dict of str to Record
        The simulated samples.
    """
    inputs = {"selection": data.sha256} | {d.name: d.sha256 for d in data.ledger.datasets}
    work = _Work(analysis, data, samples, inputs, [], {})
    found: list[Source | MissingSource] = [_attempt(work, source) for source in analysis.sources]
    sources = tuple(source for source in found if isinstance(source, Source))
    named = {source.name for source in sources}
    # an estimate may turn out to be a bound, whose error nothing is correlated with
    valued = {source.name for source in sources if source.upper is None}
    correlations = tuple(
        Correlation(pair.between[0], pair.between[1], pair.coefficient)
        for pair in analysis.spec.background.correlations
        if valued.issuperset(pair.between)
    )
    missing = tuple(source for source in found if isinstance(source, MissingSource))
    budget = Budget(sources, correlations, _factors(work, named), missing)
    return Estimate(budget, tuple(work.fits), work.ratios)


@dataclass(frozen=True)
class _Work:
    analysis: Analysis
    data: Record
    samples: Mapping[str, Record]
    inputs: Mapping[str, str]
    fits: list[dict[str, Any]]
    ratios: dict[tuple[str, str], DimuonRatio]


def _attempt(work: _Work, spec: SourceSpec) -> Source | MissingSource:
    try:
        return _estimate(work, spec)
    except (BackgroundError, RecordError) as error:
        return MissingSource(spec.name, str(error))


def _estimate(work: _Work, spec: SourceSpec) -> Source:
    if isinstance(spec, FixedSpec):
        return given(spec)
    if isinstance(spec, BoundSpec):
        return Source(
            spec.name, 0.0, upper=spec.upper, upper_cl=spec.cl, method="given",
            reference=spec.reference,
        )  # fmt: skip
    if isinstance(spec, SidebandSpec):
        return _sideband(work, spec)
    if isinstance(spec, SimulationSpec):
        return _simulation(work, spec)
    assert isinstance(spec, AbcdSpec)
    b, c, d = (region_count(work.data, name) for name in (spec.b, spec.c, spec.d))
    return source_from(
        spec.name, [b, c, Count(d.n, -1)], non_closure=spec.systematic,
        method=f"ABCD: {spec.b} x {spec.c} / {spec.d}", reference=spec.reference,
        inputs=work.inputs,
    )  # fmt: skip


# -------------------------------------------------------------------- sideband


def _sideband(work: _Work, spec: SidebandSpec) -> Source:
    unit = work.analysis.unit(spec.observable)
    ranges = fit_ranges(spec, unit)
    window = min(low for low, _ in ranges), max(high for _, high in ranges)
    box = _span(spec.box, unit)
    threshold = None if spec.trigger is None else parse_quantity(spec.trigger).to(unit)
    band = from_region(
        work.data, spec.region, spec.observable, window, box, unit=str(unit), threshold=threshold
    )
    found = extrapolated(spec, band, ranges)
    fields = found.as_source(spec.name, work.inputs)
    beside = validated(work.analysis, spec, work.data, found)
    if beside is not None:
        fields["method"] += f"; {beside[1].describe(printable(band.unit))}"
    work.fits.append(drawn(work.analysis, spec, band, found, beside))
    return Source(**fields, reference=spec.reference)


def fit_ranges(spec: SidebandSpec, unit: Unit) -> list[tuple[float, float]]:
    """Return the fit ranges in a unit, the central one first."""
    return [_span(pair, unit) for pair in spec.ranges]


def _span(pair: Sequence[Any], unit: Unit) -> tuple[float, float]:
    low, high = (parse_quantity(value).to(unit) for value in pair)
    return low, high


def extrapolated(
    spec: SidebandSpec, band: Sideband, ranges: Sequence[tuple[float, float]], **options: int
) -> Extrapolation:
    """Extrapolate a sideband as the analysis file says; options are those of `extrapolate`."""
    shapes = [named_shape(name) for name in spec.shapes]
    return extrapolate(
        band, shapes[0], window=ranges[0], ranges=ranges[1:], shapes=shapes[1:],
        **{"seed": spec.seed, **options},
    )  # fmt: skip


# ------------------------------------------------------------------ simulation


def _simulation(work: _Work, spec: SimulationSpec) -> Source:
    sample = work.samples[spec.sample]
    factors = [Measured(1.0, spec.systematic)] if spec.systematic else []
    if spec.ratio is not None:
        factors.append(_ratio(work, spec.sample, spec.ratio).measured)
    return simulated_source(
        spec.name, sample, factors, exposure=processed_exposure(work.data, "data"),
        reference=spec.reference, inputs={**work.inputs, spec.sample: _hash(sample)},
    )  # fmt: skip


def _hash(sample: Record) -> str:
    return ", ".join(dataset.sha256 for dataset in sample.ledger.datasets)


def _ratio(work: _Work, sample: str, channel: str) -> DimuonRatio:
    key = sample, channel
    if key not in work.ratios:
        work.ratios[key] = dimuon_ratio(work.data, work.samples[sample], channel=channel)
    return work.ratios[key]


def _factors(work: _Work, named: set[str]) -> tuple[SharedFactor, ...]:
    """The measured ratios that several sources have in common."""
    factors = []
    for (sample, channel), ratio in work.ratios.items():
        sources = [
            spec.name
            for spec in work.analysis.sources
            if isinstance(spec, SimulationSpec) and (spec.sample, spec.ratio) == (sample, channel)
            and spec.name in named
        ]  # fmt: skip
        if sources:
            factors.append(ratio.shared(*sources))
    return tuple(factors)
