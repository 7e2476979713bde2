"""From the budget to the limit: expected when blind, observed when the box is open."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from na64ana.analysis.load import Analysis
from na64ana.background import Budget
from na64ana.cutflow import Record, per_exposure
from na64ana.errors import AnalysisError, printable
from na64ana.limits import expected_limits, limit_result

__all__ = ["SCHEMA", "Efficiency", "limit_document", "observed_events", "signal_efficiency"]

SCHEMA = "na64ana/limit/1"

_BANDS = {
    "median": "median",
    "mean": "mean",
    "minus1": "minus_1",
    "plus1": "plus_1",
    "minus2": "minus_2",
    "plus2": "plus_2",
}


class Efficiency(NamedTuple):
    """Signal efficiency, with its absolute error; arrays where it depends on the mass."""

    value: float
    error: float


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
    if spec.sample is not None:
        record = samples[spec.sample]
        left = per_exposure(record, 1.0)[-1]
        if not left.value or left.error is None:
            msg = f"signal efficiency: sample '{printable(spec.sample)}' has no event in the box"
            raise AnalysisError(msg)
        return Efficiency(left.value, math.hypot(left.error, left.value * spec.error))
    if spec.table is not None:
        value = _interpolated(spec.table, mass, "signal efficiency")
    else:
        assert spec.value is not None
        value = spec.value
    return Efficiency(value, value * spec.error)


def _interpolated(table: Sequence[Sequence[float]], mass: float | None, what: str) -> float:
    """Interpolate linearly in the logarithm of the mass; no table is extended beyond its ends."""
    masses, values = np.array(table, dtype=float).T
    if mass is None:
        return float(values[0])
    if not masses[0] <= mass <= masses[-1]:
        msg = f"{what}: the table has {masses[0]:g} to {masses[-1]:g} GeV, not {mass:g} GeV"
        raise AnalysisError(msg)
    return float(np.interp(math.log(mass), np.log(masses), values))


def _yield(table: Sequence[Sequence[float]], mass: float) -> float:
    """Signal events per particle and coupling squared, interpolated in both logarithms."""
    masses, values = np.array(table, dtype=float).T
    if not masses[0] <= mass <= masses[-1]:
        msg = f"yields: the table has {masses[0]:g} to {masses[-1]:g} GeV, not {mass:g} GeV"
        raise AnalysisError(msg)
    return float(np.exp(np.interp(math.log(mass), np.log(masses), np.log(values))))


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

    Raises
    ------
    BackgroundError, LimitError, AnalysisError
        A number that is needed is missing.
    """
    settings = analysis.spec.limit
    total = budget.total(conservative=settings.total == "conservative")
    efficiency = signal_efficiency(analysis, samples)
    options: dict[str, Any] = {
        "cl": settings.cl,
        "method": settings.method,
        "background_error": total.error,
        "signal_error": efficiency.error / efficiency.value,
    }
    bands = expected_limits(total.value, **options)
    expected = {key: getattr(bands, name) for key, name in _BANDS.items()}
    result = None if observed is None else limit_result(observed, total.value, **options)
    found = None if result is None else float(result.limit)
    ledger = data.ledger
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
                "exposure": ledger.totals.processed if ledger.known else None,
                "efficiency": efficiency._asdict(),
            }
        ],
        "expected": expected,
        "observed": found,
        # not even no signal is allowed: the limit shows 0, and no coupling follows from it
        "below_zero": result is not None and bool(result.below_zero),
        "scan": _scan(analysis, data, samples, expected, found),
    }


def _scan(
    analysis: Analysis,
    data: Record,
    samples: Mapping[str, Record],
    expected: Mapping[str, float],
    observed: float | None,
) -> dict[str, Any] | None:
    """Limits on the coupling: signal events are exposure x efficiency x yield x coupling^2."""
    yields = analysis.spec.signal.yields
    if yields is None or not data.ledger.known:
        return None
    masses = analysis.spec.limit.masses or [row[0] for row in yields.table]
    per_square = [
        data.ledger.totals.processed
        * signal_efficiency(analysis, samples, mass).value
        * _yield(yields.table, mass)
        for mass in masses
    ]

    def coupling(events: float | None) -> list[float] | None:
        return [math.sqrt(events / s) for s in per_square] if events else None

    return {
        "mass": list(masses),
        "unit": "GeV",
        "coupling": yields.coupling,
        "observed": coupling(observed),
        **{key: coupling(value) for key, value in expected.items() if key != "mean"},
        "yield": yields.reference,
    }
