"""One limit from several finished analyses: a bin for each, as run periods or beam energies.

The limit in signal events of a multi-bin model depends on how the signal is shared by the bins,
which the model says at each mass. Couplings follow from it as from that of one analysis.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from na64ana.analysis.coupling import (
    MOST_LOG_NORMAL,
    Counted,
    ModelLimit,
    SignalSetup,
    each_mass,
    efficiencies,
    expected_events,
)
from na64ana.analysis.limit_file import (
    SCHEMA,
    counted_of,
    reach_of,
    read_limit,
    scan_of_reach,
    setups_of,
    signal_of,
)
from na64ana.analysis.recast import Recast, chosen_model
from na64ana.errors import AnalysisError, printable
from na64ana.limits import (
    Bin,
    Scan,
    ScanPoint,
    combined_limit,
    expected_combined,
    limits_in_events,
    scan,
)
from na64ana.limits import Model as BinModel
from na64ana.signal import Model, Reach

__all__ = ["Period", "bins_at", "combine"]

#: bins that are told apart; further ones are added up, those with the least signal first
MOST_BINS = 3
#: signal shares are told apart by so much, and a bin with less than it is left out
_SHARE = 0.01
#: relative errors of the signal are told apart by so much
_ERROR = 0.005
#: strengths from which expected limits are read off
_STRENGTHS = 40
#: couplings looked at in each decade, as in a reach
_PER_DECADE = 8


class Period(NamedTuple):
    """A finished analysis, to be combined with others.

    Attributes
    ----------
    name : str
    counted : Counted
    setups : tuple of SignalSetup
    limit : dict
        The content of its ``limit.json``.
    """

    name: str
    counted: Counted
    setups: tuple[SignalSetup, ...]
    limit: Mapping[str, Any]


def combine(
    folders: Iterable[str | Path],
    model: Model | str | Mapping[str, Any] | None = None,
    *,
    masses: Sequence[float] | None = None,
    progress: bool | None = None,
) -> Recast:
    """Return the limit that several analyses set together on a model, by CLs.

    Each is a bin with its observation, background, exposure and efficiency. Backgrounds and
    statistical errors of efficiencies are independent; the further errors of the efficiencies
    (``error`` in the analysis files) move together. The limit is observed if all boxes are open.

    Parameters
    ----------
    folders : iterable of str or Path
        Results of ``na64ana run``, with ``limit.json``.
    model : Model, str or dict, optional
        As for `recast`; by default that of the analyses, if it is one.
    masses : sequence of float, optional
        GeV; by default those of the first analysis.
    progress : bool, optional
        Show a bar over the masses; by default where someone looks on.

    Raises
    ------
    AnalysisError
        A folder has no limit, or no efficiency that holds for the model; events would count
        twice; or the analyses differ in how limits are set.
    SignalError, LimitError
        As `recast`; or there are too many outcomes to sum over.
    """
    periods = _periods([str(folder) for folder in folders])
    chosen = _common_model(periods) if model is None else chosen_model(model)
    first = periods[0].limit
    at = tuple(masses) if masses is not None else tuple((first["scan"] or {}).get("mass", ()))
    with each_mass(len(at), progress) as advance:
        result = _limit(periods, chosen, at, advance)
    everything = tuple(
        replace(one, setup=replace(one.setup, name=f"{period.name}: {one.setup.name}"))
        for period in periods
        for one in period.setups
    )
    limit = {
        "schema": SCHEMA,
        "analysis": [period.limit["analysis"] for period in periods],
        "selection": [period.limit["selection"] for period in periods],
        "datasets": [dataset for period in periods for dataset in period.limit["datasets"]],
        "budget": [period.limit["budget"] for period in periods],
        "blind": any(period.counted.observed is None for period in periods),
        "unblinded": [period.limit["unblinded"] for period in periods],
        "cl": periods[0].counted.cl,
        "method": periods[0].counted.method,
        "bins": [
            {**period.limit["bins"][0], "name": period.name} for period in periods
        ],
        # in events they depend on the mass, and stand in the scan
        "expected": None,
        "observed": None,
        "below_zero": False,
        "signal": signal_of(chosen, everything),
        "scan": scan_of_reach(result),
    }  # fmt: skip
    drawn = reach_of(limit)
    assert drawn is not None
    return Recast(limit, drawn)


def _periods(folders: Sequence[str]) -> list[Period]:
    """Read analyses whose limits can be combined."""
    if len(set(folders)) < len(folders) or len(folders) < 2:
        msg = "a combination needs the results of several analyses, each given once"
        raise AnalysisError(msg)
    found: list[Period] = []
    data: dict[str, str] = {}
    for folder in folders:
        limit = read_limit(folder)
        where = printable(folder)
        counted = counted_of(limit, folder)
        setups = setups_of(limit, folder)
        period = Period(str(limit["analysis"]["name"]), counted, setups, limit)
        if period.counted.method != "cls" or period.counted.cl != _cl(found, period):
            msg = f"{where}: limits are combined by CLs at one level; say limit: {{method: cls}}"
            raise AnalysisError(msg)
        for dataset in limit["datasets"]:
            other = data.setdefault(dataset["sha256"], folder)
            if other != folder:
                msg = (
                    f"{where} and {printable(other)} are of the same dataset "
                    f"'{printable(dataset['name'])}': its events would count twice"
                )
                raise AnalysisError(msg)
        if period.name in (one.name for one in found):
            period = period._replace(name=f"{period.name} ({Path(folder).resolve().name})")
        found.append(period)
    if len({period.name for period in found}) < len(found):
        msg = "analyses of one name in folders of one name are not told apart: rename one"
        raise AnalysisError(msg)
    return found


def _cl(found: Sequence[Period], period: Period) -> float:
    return found[0].counted.cl if found else period.counted.cl


def _common_model(periods: Sequence[Period]) -> Model:
    models = [period.limit["signal"]["model"] for period in periods]
    if any(other != models[0] for other in models):
        words = " and ".join(printable(str(period.limit["signal"]["words"])) for period in periods)
        msg = f"the analyses are of several models ({words}): say which one"
        raise AnalysisError(msg)
    return chosen_model(models[0])


# ------------------------------------------------------------------------- limit


@dataclass
class _Limits:
    """Limits in events by the shares of the bins in the signal, each computed once."""

    periods: Sequence[Period]
    errors: dict[int, tuple[float, float]] = field(default_factory=dict)
    known: dict[Any, dict[str, float]] = field(default_factory=dict)

    def of(self, signals: Sequence[float]) -> dict[str, float]:
        total = math.fsum(signals)
        if not total > 0:
            shares = tuple(float(i == 0) for i in range(len(signals)))
        else:
            shares = tuple(round(s / total / _SHARE) * _SHARE for s in signals)
        key = shares, tuple(self.errors.items())
        if key not in self.known:
            cl = self.periods[0].counted.cl
            self.known[key] = _events(_model(self.periods, shares, self.errors), cl)
        return self.known[key]


def _limit(
    periods: Sequence[Period],
    model: Model,
    masses: Sequence[float],
    progress: Callable[[int, int], None],
) -> ModelLimit:
    """Scan each curve: the signal over the limit in events is 1 at the edges."""
    table = _Limits(periods)
    points: list[ScanPoint] = []
    events: list[dict[str, float]] = []
    efficiency = []
    low, high = model.couplings
    steps = 1 + math.ceil(_PER_DECADE * math.log10(high / low))
    for done, mass in enumerate(masses, start=1):
        functions = [expected_events(model, period.setups, mass) for period in periods]
        found = [efficiencies(model, period.setups, mass) for period in periods]
        table.errors = {i: (_rounded(s), _rounded(f)) for i, (_, s, f) in enumerate(found)}
        efficiency.append(_average(found, [f(low) for f in functions]))

        weak = table.of([float(f(low)) for f in functions])
        events.append(weak)
        bands = {}
        for name in weak:
            one = scan(
                partial(_strength, table, functions, name), [mass], 1.0,
                couplings=model.couplings, steps=steps, coupling=model.coupling,
            )  # fmt: skip
            bands[name] = one.points[0].bands["limit"]
        points.append(ScanPoint(mass, weak, bands))
        progress(done, len(masses))
    ordered = tuple(sorted(points, key=lambda point: point.mass))
    setups = tuple(one.setup for period in periods for one in period.setups)
    result = Scan(ordered, (float(low), float(high)), steps, model.coupling)
    by_curve = {name: [point[name] for point in events] for name in events[0]}
    return ModelLimit(Reach(model, setups, tuple(masses), result), by_curve, efficiency)


def _strength(
    table: _Limits, functions: Sequence[Callable[[Any], Any]], name: str, _: float, coupling: Any
) -> Any:
    """Signal over the limit in events, at one coupling or several, each with a limit of its own."""
    if np.ndim(coupling):
        return [_strength(table, functions, name, _, one) for one in np.ravel(coupling)]
    signals = [float(f(coupling)) for f in functions]
    return math.fsum(signals) / table.of(signals)[name]


def _rounded(error: float) -> float:
    """Return a relative error by which limits in events are told apart: half a percent."""
    return round(error / _ERROR) * _ERROR


def _average(found: Sequence[tuple[Any, float, float]], signals: Sequence[float]) -> Any:
    """The efficiency of all periods together, as that of the mediators of all; None without any."""
    known = [(one[0], s) for one, s in zip(found, signals, strict=True) if one[0] and one[0].value]
    if not known:
        return found[0][0]
    made = math.fsum(s / one.value for one, s in known)
    total = math.fsum(s for _, s in known)
    if not made:
        return known[0][0]
    error = math.fsum(one.error / one.value * s for one, s in known) / total
    return type(known[0][0])(total / made, total / made * error)


def bins_at(
    folders: Iterable[str | Path],
    model: Model | str | Mapping[str, Any],
    mass: float,
    coupling: float,
) -> BinModel:
    """Return the multi-bin model of several analyses at one mass and coupling.

    `na64ana.limits.combined_limit` and `write_pyhf_workspace` take it; strength 1 is the coupling.

    Raises
    ------
    AnalysisError, SignalError
        As `combine`.
    """
    periods = _periods([str(folder) for folder in folders])
    chosen = chosen_model(model)
    signals = [float(expected_events(chosen, p.setups, mass)(coupling)) for p in periods]
    found = [efficiencies(chosen, period.setups, mass) for period in periods]
    return _model(periods, signals, {i: (s, f) for i, (_, s, f) in enumerate(found)})


def _model(
    periods: Sequence[Period], signals: Sequence[float], errors: Mapping[int, tuple[float, float]]
) -> BinModel:
    """Return a bin for each period that expects any signal; beyond `MOST_BINS` they are added up.

    To add up two bins loses what tells them apart, and nothing else: the limit stays right.
    """
    bins = []
    for i, (period, signal) in enumerate(zip(periods, signals, strict=True)):
        if not signal > 0:
            continue
        statistical, further = errors[i]
        one = period.counted
        # in several bins all nuisances are log-normal
        error = min(one.background_error, MOST_LOG_NORMAL * one.background)
        found = {f"efficiency {period.name}": statistical, "signal": further}
        bins.append(
            Bin(
                period.name, one.observed, one.background, signal,
                {f"background {period.name}": error} if error else {},
                {name: error for name, error in found.items() if error},
            )
        )  # fmt: skip
    bins.sort(key=lambda b: -b.signal)
    while len(bins) > MOST_BINS:
        bins[-2:] = [_together(bins[-2], bins[-1])]
    return BinModel(tuple(bins))


def _together(a: Bin, b: Bin) -> Bin:
    """Add up two bins."""
    total = a.signal + b.signal
    seen = None if a.observed is None or b.observed is None else a.observed + b.observed
    signal = {
        name: math.fsum(one.signal_errors.get(name, 0.0) * one.signal for one in (a, b)) / total
        for name in {*a.signal_errors, *b.signal_errors}
    }
    return Bin(
        f"{a.name} + {b.name}", seen, a.background + b.background, total,
        {**a.background_errors, **b.background_errors}, dict(sorted(signal.items())),
    )  # fmt: skip


def _events(model: BinModel, cl: float) -> dict[str, float]:
    """Limits in signal events of all bins together, by curve; observed if all are open."""
    signal = math.fsum(b.signal for b in model.bins)
    seen = None
    if all(b.observed is not None for b in model.bins):
        seen = combined_limit(model, cl=cl).events
    found = limits_in_events(expected_combined(model, cl=cl, strengths=_STRENGTHS))
    expected = {name: value * signal for name, value in found.items()}
    return expected if seen is None else {"observed": seen, **expected}
