"""``limit.json``: how limits on couplings stand in it, and what can be read back."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from na64ana.analysis.coupling import Counted, ModelLimit, SignalSetup
from na64ana.analysis.efficiency import EfficiencyCurve
from na64ana.analysis.model import YieldSpec
from na64ana.analysis.signal import given_of, signal_model
from na64ana.errors import AnalysisError, printable
from na64ana.limits import Band, Scan, ScanPoint
from na64ana.limits.scan_result import curve_names
from na64ana.signal import Model, Reach, Setup
from na64ana.textfile import read_json

__all__ = [
    "FILE",
    "SCHEMA",
    "SCHEMAS",
    "counted_of",
    "reach_of",
    "read_limit",
    "scan_of_reach",
    "scan_of_values",
    "setups_of",
    "signal_of",
]

FILE = "limit.json"
SCHEMA = "na64ana/limit/2"
#: those that are read: the first has no upper edges and no model
SCHEMAS = ("na64ana/limit/1", SCHEMA)
#: curves that a scan of one value a mass has: the mean stands with the limits in events alone
_CURVES = ("observed", "median", "minus1", "plus1", "minus2", "plus2")


# ----------------------------------------------------------------------- written


def signal_of(model: Model, setups: Sequence[SignalSetup]) -> dict[str, Any]:
    """Return model and setups as plain data."""
    return {
        "model": given_of(model),
        "words": model.describe(),
        "setups": [_setup(one) for one in setups],
    }


def _setup(one: SignalSetup) -> dict[str, Any]:
    setup = one.setup
    efficiency: dict[str, Any] = {"error_relative": one.error}
    if isinstance(setup.efficiency, EfficiencyCurve):
        efficiency |= setup.efficiency.as_dict()
    elif one.masses:
        efficiency["table"] = [list(row) for row in one.masses]
    else:
        efficiency["value"] = setup.efficiency
    return {
        "name": setup.name,
        "beam": setup.beam,
        "beam_energy_GeV": setup.beam_energy,
        "exposure": setup.exposure,
        "threshold_GeV": setup.threshold,
        "target": setup.target,
        "thickness_X0": setup.thickness,
        "sees": setup.sees,
        "start_m": setup.start,
        "stop_m": None if math.isinf(setup.stop) else setup.stop,
        "source": setup.source,
        "efficiency": efficiency,
    }


def scan_of_reach(found: ModelLimit) -> dict[str, Any]:
    """Return limits on the coupling of a model as plain data: edges by curve, null for none.

    The curves themselves, such as ``median``, are the lower edges, as in the first schema.
    """
    reach = found.reach
    by_mass = {point.mass: point for point in reach.scan.points}
    curves = [name for name in _CURVES if name in found.events]
    known = [name for name in curves if name in curve_names(reach.scan)]
    edges = {name: _edges(reach, name) for name in known}
    return {
        "mass": list(reach.masses),
        "mass_of": "m_chi" if reach.model.coupling == "y" else "mediator",
        "unit": reach.scan.unit,
        "coupling": reach.model.coupling,
        "observed": None,
        **{name: edges[name]["lower"] if name in edges else None for name in curves},
        "edges": edges,
        "bands": {
            name: [[_ends(band) for band in by_mass[mass].bands[name]] for mass in reach.masses]
            for name in known
        },
        "couplings": list(reach.scan.couplings),
        "events": {name: found.events[name] for name in curves},
        "efficiency": [None if e is None else e.value for e in found.efficiency],
        "efficiency_error": [None if e is None else e.error for e in found.efficiency],
        "yield": f"computed for {reach.model.describe()}",
    }


def _edges(reach: Reach, name: str) -> dict[str, list[Any]]:
    lower, upper = reach.edges(name)
    return {"lower": lower, "upper": upper, "flags": reach.flags(name)}


def _ends(band: Band) -> list[float | None]:
    return [None if band.low_open else band.low, None if band.high_open else band.high]


def scan_of_values(
    masses: Sequence[float],
    couplings: Mapping[str, list[float] | None],
    events: Mapping[str, float],
    yields: YieldSpec,
) -> dict[str, Any]:
    """Return limits that follow from a table of yields, with nothing excluded from above."""
    curves = {name: couplings[name] for name in _CURVES if name in couplings}
    return {
        "mass": list(masses),
        "mass_of": "mediator",
        "unit": "GeV",
        "coupling": yields.coupling,
        "power": yields.power,
        "observed": None,
        **curves,
        "edges": {
            name: {"lower": values, "upper": [None] * len(values), "flags": ["limit"] * len(values)}
            for name, values in curves.items()
            if values is not None
        },
        "events": {name: [events[name]] * len(masses) for name in curves},
        "yield": yields.reference,
    }


# -------------------------------------------------------------------------- read


def read_limit(folder: str | Path) -> dict[str, Any]:
    """Read ``limit.json`` of a folder of results.

    Raises
    ------
    AnalysisError
        There is none, it is not one, or the limit is missing in it.
    """
    path = Path(folder) / FILE
    place = printable(str(path))
    if not path.is_file():
        near = [found.parent for found in sorted(path.parent.glob(f"*/{FILE}"))][:1]
        hint = f"; did you mean '{printable(str(near[0]))}'?" if near else ""
        msg = f"{place}: there is no such file; 'na64ana run ANALYSIS --out DIR' writes one{hint}"
        raise AnalysisError(msg)
    content = read_json(path, "a limit", AnalysisError)
    if isinstance(content, dict) and content.get("missing"):
        msg = f"{place}: the analysis has no limit ({printable(str(content['missing'][-1]), 300)})"
        raise AnalysisError(msg)
    if not isinstance(content, dict) or content.get("schema") not in SCHEMAS:
        found = content.get("schema") if isinstance(content, dict) else None
        msg = f"{place}: not a limit (schema {printable(str(found))}, not {' or '.join(SCHEMAS)})"
        raise AnalysisError(msg)
    return content


def setups_of(limit: Mapping[str, Any], place: str) -> tuple[SignalSetup, ...]:
    """Return the setups of an analysis, with exposure and efficiency by energy.

    Raises
    ------
    AnalysisError
        The analysis had no model, its exposure was not known, or an efficiency is by mass.
    """
    where = printable(place)
    signal = limit.get("signal")
    if not signal:
        msg = (
            f"{where}: the limit came from a table of yields, which hold for one model alone; "
            "another needs signal: model and setups in the analysis file"
        )
        raise AnalysisError(msg)
    if limit["bins"][0]["exposure"] is None:
        msg = f"{where}: the exposure of the data is not known, so that no coupling follows"
        raise AnalysisError(msg)
    return tuple(_read_setup(item, where) for item in signal["setups"])


def _read_setup(item: Mapping[str, Any], where: str) -> SignalSetup:
    given = item["efficiency"]
    threshold = float(item["threshold_GeV"])
    if "table" in given:
        msg = (
            f"{where}: setup '{printable(item['name'])}' has an efficiency by mass, which holds "
            "for one model alone; another needs one by energy (sample and histogram), or a value"
        )
        raise AnalysisError(msg)
    curve = EfficiencyCurve.from_dict(given, threshold) if "edges_GeV" in given else given["value"]
    setup = Setup(
        item["name"], item["beam"], item["beam_energy_GeV"], item["exposure"], threshold, curve,
        target=item["target"], thickness=item["thickness_X0"], sees=item["sees"],
        start=item["start_m"], stop=math.inf if item["stop_m"] is None else item["stop_m"],
        source=item["source"],
    )  # fmt: skip
    return SignalSetup(setup, given["error_relative"])


def counted_of(limit: Mapping[str, Any], place: str) -> Counted:
    """Return what was counted: observation, background, and how limits are set.

    Raises
    ------
    AnalysisError
        The limit is one of several analyses together.
    """
    if len(limit["bins"]) > 1:
        msg = (
            f"{printable(place)}: this is a limit of several analyses together; give the results "
            "of each, to 'na64ana combine' for another model"
        )
        raise AnalysisError(msg)
    (one,) = limit["bins"]
    background = one["background"]
    return Counted(
        one["observed"], background["value"], background["error"], limit["cl"], limit["method"]
    )


def reach_of(limit: Mapping[str, Any]) -> Reach | None:
    """Return the limits on the coupling of a model, as a reach to be drawn; None without one."""
    signal, scan = limit.get("signal"), limit.get("scan")
    if not signal or not scan:
        return None
    ends = float(scan["couplings"][0]), float(scan["couplings"][1])
    points = [
        ScanPoint(
            mass,
            {name: scan["events"][name][i] for name in scan["bands"]},
            {name: tuple(_band(pair, ends) for pair in bands[i])
             for name, bands in scan["bands"].items()},
        )
        for i, mass in enumerate(scan["mass"])
    ]  # fmt: skip
    found = Scan(
        tuple(sorted(points, key=lambda point: point.mass)), ends, 2, scan["coupling"], scan["unit"]
    )
    setups = tuple(_drawn_setup(item) for item in signal["setups"])
    return Reach(signal_model(signal["model"]), setups, tuple(scan["mass"]), found)


def _band(pair: Sequence[float | None], ends: tuple[float, float]) -> Band:
    low, high = pair
    return Band(ends[0] if low is None else low, ends[1] if high is None else high,
                low is None, high is None)  # fmt: skip


def _drawn_setup(item: Mapping[str, Any]) -> Setup:
    """A setup of which the efficiency is not asked."""
    plain = {**item, "efficiency": {"error_relative": 0.0, "value": 1.0}}
    return _read_setup(plain, "").setup
