"""The limit of a finished analysis on another model of the same signature, without any event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from na64ana.analysis.coupling import each_mass, told_apart
from na64ana.analysis.limit_file import SCHEMA, counted_of, reach_of, read_limit, setups_of
from na64ana.analysis.signal import signal_model
from na64ana.analysis.signal_limit import signal_limit
from na64ana.errors import AnalysisError, printable
from na64ana.signal import Model, Reach

__all__ = ["Recast", "chosen_model", "recast"]


@dataclass(frozen=True)
class Recast:
    """A limit on another model.

    Attributes
    ----------
    limit : dict
        As the content of ``limit.json``.
    reach : Reach
        Couplings that are excluded; `na64ana.plot.plot_reach` draws it.
    """

    limit: dict[str, Any]
    reach: Reach

    def __repr__(self) -> str:
        return f"<Recast to {self.reach.model.name}: {len(self.reach.masses)} masses>"

    def _repr_html_(self) -> str:
        from na64ana.report.notebook_limits import recast

        return recast(self)


def recast(
    folder: str | Path,
    model: Model | str | Mapping[str, Any],
    *,
    masses: Sequence[float] | None = None,
    progress: bool | None = None,
) -> Recast:
    """Return the limit that the results of an analysis set on another model.

    Exposure, background, observation and efficiencies by energy are those of the analysis. Whether
    its events would look the same to all cuts but the energy is for the person to judge.

    Parameters
    ----------
    folder : str or Path
        Results of ``na64ana run``, with ``limit.json``.
    model : Model, str or dict
        From `na64ana.signal.model`, a name, or name and parameters as in an analysis file.
    masses : sequence of float, optional
        GeV; by default those of the analysis.
    progress : bool, optional
        Show a bar over the masses; by default where someone looks on.

    Raises
    ------
    AnalysisError
        There is no limit in the folder, or it has no efficiency that holds for another model.
    SignalError
        The model makes no sense, or needs an efficiency at energies where there is none.
    """
    before = read_limit(folder)
    place = str(Path(folder))
    setups, counted = setups_of(before, place), counted_of(before, place)
    found = chosen_model(model)
    at = tuple(masses) if masses is not None else tuple((before["scan"] or {}).get("mass", ()))
    with each_mass(len(at), progress) as advance:
        result = signal_limit(found, setups, at, counted, progress=advance)
    relative = told_apart(result.efficiency["error"] / result.efficiency["value"])
    events = counted.limits(relative)
    limit = {
        **before,
        "schema": SCHEMA,
        "bins": [{**before["bins"][0], "efficiency": result.efficiency}],
        "expected": {name: value for name, value in events.items() if name != "observed"},
        "observed": events.get("observed"),
        "below_zero": counted.below_zero(relative),
        "signal": result.signal,
        "scan": result.scan,
        "recast_of": before["signal"]["words"],
    }
    drawn = reach_of(limit)
    if drawn is None:
        msg = f"{printable(place)}: the exposure of the data is 0, so that no coupling follows"
        raise AnalysisError(msg)
    return Recast(limit, drawn)


def chosen_model(model: Model | str | Mapping[str, Any]) -> Model:
    """Return a model from its name, from name and parameters, or as it is."""
    if isinstance(model, str):
        return signal_model({"name": model})
    return signal_model(model) if isinstance(model, Mapping) else model
