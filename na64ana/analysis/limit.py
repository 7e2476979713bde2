"""From the budget to the limit: expected when blind, observed when the box is open."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from na64ana.analysis.check_signal import gev_of
from na64ana.analysis.coupling import Counted, SignalSetup, told_apart
from na64ana.analysis.efficiency import Efficiency, efficiency_curve, of_spec
from na64ana.analysis.limit_file import SCHEMA, scan_of_values
from na64ana.analysis.load import Analysis
from na64ana.analysis.model import SetupSpec
from na64ana.analysis.signal import masses_for, refines, setup_of, signal_model
from na64ana.analysis.signal_limit import SignalLimit, signal_limit
from na64ana.background import Budget, dimuon_ratio
from na64ana.cutflow import Record
from na64ana.errors import AnalysisError, printable

__all__ = ["limit_document", "observed_events", "signal_efficiency", "signal_setups"]


def signal_efficiency(
    analysis: Analysis, samples: Mapping[str, Record], mass: float | None = None
) -> Efficiency:
    """Return the signal efficiency: given, from the table at a mass in GeV, or measured.

    Measured means: sum of weights that pass the whole main chain, over the particles generated.

    Raises
    ------
    AnalysisError
        The table does not reach the mass, or the sample has no event in the box.
    """
    spec = analysis.spec.signal.efficiency
    assert spec is not None
    return of_spec(spec, samples, mass)


def signal_setups(
    analysis: Analysis, samples: Mapping[str, Record], data: Record
) -> tuple[SignalSetup, ...]:
    """Return the setups of a model with the exposure of the data and their efficiencies.

    Parameters
    ----------
    analysis : Analysis
    samples : dict of str to Record
        The simulated samples.
    data : Record
        Whose exposure it is, 0 where it is not known; and of which ratios to simulation are.

    Raises
    ------
    AnalysisError
        A sample counts as data, or has no event in the box.
    BackgroundError, RecordError
        A ratio cannot be measured.
    """
    return tuple(_setup(analysis, one, samples, data) for one in analysis.spec.signal.setups)


def _setup(
    analysis: Analysis, spec: SetupSpec, samples: Mapping[str, Record], data: Record
) -> SignalSetup:
    given = spec.efficiency
    exposure = data.ledger.totals.processed if data.ledger.known else 0.0
    setup = replace(setup_of(spec), exposure=float(exposure))
    if given.sample is not None and given.histogram is not None:
        (bound,) = (h for h in analysis.bound.histograms if h.name == given.histogram)
        record = samples[given.sample]
        curve = efficiency_curve(
            record, given.sample, given.histogram, setup.threshold, gev_of(bound)
        )
        error = given.error
        if given.ratio is not None:
            ratio = dimuon_ratio(data, samples[given.ratio.sample], channel=given.ratio.channel)
            curve = curve.scaled(ratio.value)
            error = math.hypot(error, ratio.error / ratio.value)
        return SignalSetup(replace(setup, efficiency=curve), error)
    found = of_spec(given, samples, None)
    table = tuple((row[0], row[1]) for row in given.table or ())
    return SignalSetup(replace(setup, efficiency=found.value), found.error / found.value, table)


def observed_events(analysis: Analysis, opened: Record) -> int:
    """Return the events of the open box: those that pass the whole main chain."""
    last = opened.cutflow.rows[-1].sequential
    if last is None:
        msg = f"analysis '{printable(analysis.spec.name)}': the box of the record is not open"
        raise AnalysisError(msg)
    return last.n


def limit_document(
    analysis: Analysis,
    budget: Budget,
    data: Record,
    samples: Mapping[str, Record],
    observed: int | None = None,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Return the content of ``limit.json``: limits in signal events, and the scan over masses.

    Parameters
    ----------
    analysis : Analysis
    budget : Budget
    data : Record
        Whose exposure the limit is for.
    samples : dict of str to Record
    observed : int, optional
        Events in the open box; None while it is closed.
    progress : callable, optional
        Called with the number of masses finished and that of all, for a model.

    Raises
    ------
    BackgroundError, LimitError, AnalysisError, SignalError
        A number that is needed is missing.
    """
    settings = analysis.spec.limit
    total = budget.total(conservative=settings.total == "conservative")
    counted = Counted(observed, total.value, total.error, settings.cl, settings.method)
    ledger = data.ledger
    exposure = ledger.totals.processed if ledger.known else None
    if analysis.spec.signal.model is None:
        efficiency: dict[str, Any] = signal_efficiency(analysis, samples)._asdict()
        signal, scan = None, _scan(analysis, exposure, samples, counted)
    else:
        efficiency, signal, scan = _model(analysis, data, samples, counted, progress)
    relative = efficiency["error"] / efficiency["value"]
    if signal is not None:
        relative = told_apart(relative)
    events = counted.limits(relative)
    return {
        "schema": SCHEMA,
        "analysis": {"name": analysis.spec.name, "sha256": analysis.sha256},
        "selection": {"name": data.selection, "sha256": data.sha256},
        "datasets": [dataset._asdict() for dataset in ledger.datasets],
        "budget": {"sha256": budget.sha256},
        "blind": observed is None,
        "unblinded": None,
        "cl": settings.cl,
        "method": settings.method,
        "bins": [
            {
                "name": analysis.spec.name,
                "observed": observed,
                "background": {"value": total.value, "error": total.error},
                "exposure": exposure,
                "efficiency": efficiency,
            }
        ],
        "expected": {name: value for name, value in events.items() if name != "observed"},
        "observed": events.get("observed"),
        # not even no signal is allowed: the limit shows 0, and no coupling follows from it
        "below_zero": counted.below_zero(relative),
        "signal": signal,
        "scan": scan,
    }


def _model(
    analysis: Analysis,
    data: Record,
    samples: Mapping[str, Record],
    counted: Counted,
    progress: Callable[[int, int], None] | None,
) -> SignalLimit:
    spec = analysis.spec.signal
    assert spec.model is not None
    setups = signal_setups(analysis, samples, data)
    masses = masses_for(analysis.spec)
    return signal_limit(
        signal_model(spec.model), setups, masses, counted, refine=refines(analysis.spec),
        progress=progress,
    )  # fmt: skip


def _yield(table: Sequence[Sequence[float]], mass: float) -> float:
    """Signal events per particle and coupling^power, interpolated in both logarithms."""
    masses, values = np.array(table, dtype=float).T
    if not masses[0] <= mass <= masses[-1]:
        msg = f"yields: the table has {masses[0]:g} to {masses[-1]:g} GeV, not {mass:g} GeV"
        raise AnalysisError(msg)
    return float(np.exp(np.interp(math.log(mass), np.log(masses), np.log(values))))


def _scan(
    analysis: Analysis,
    exposure: float | None,
    samples: Mapping[str, Record],
    counted: Counted,
) -> dict[str, Any] | None:
    """Limits on the coupling: signal events are exposure x efficiency x yield x coupling^power."""
    yields = analysis.spec.signal.yields
    if yields is None or not exposure:
        return None
    masses = masses_for(analysis.spec)
    per_power = [
        exposure * signal_efficiency(analysis, samples, mass).value * _yield(yields.table, mass)
        for mass in masses
    ]
    first = signal_efficiency(analysis, samples)
    events = counted.limits(first.error / first.value)
    couplings = {
        name: [(value / s) ** (1 / yields.power) for s in per_power] if value else None
        for name, value in events.items()
    }
    return scan_of_values(masses, couplings, events, yields)
