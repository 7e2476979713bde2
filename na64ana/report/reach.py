"""A reach as a table, and as plain data for JSON; the models and setups that there are."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Group
from rich.table import Table

from na64ana.errors import printable

if TYPE_CHECKING:
    from na64ana.signal import Reach, Setup
    from na64ana.signal.counting import Counting

__all__ = ["as_dict", "mass_name", "overview", "reach_rows", "reach_table", "setup_words"]

#: curves in the table: all of them for one edge, some for two
_COLUMNS = {
    "limit": "", "observed": "observed", "median": "median",
    "minus2": "-2 sigma", "minus1": "-1 sigma", "plus1": "+1 sigma", "plus2": "+2 sigma",
}  # fmt: skip
_NONE = "none"
_FEWER = ("limit", "observed", "median")


def reach_table(found: Reach, counting: Counting) -> Group:
    """Return masses and limits, under what they hold for."""
    coupling = printable(found.model.coupling)
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    head, rows = reach_rows(found)
    for name in (f"{mass_name(found)} [GeV]", *head):
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(*row)
    nothing = any(_NONE in row for row in rows)
    return Group(
        found.model.describe(),
        *(setup_words(setup) for setup in found.setups),
        f"{counting.describe()}: {_events(found)}",
        table,
        f"90% CL limits on {coupling}" + (f"; {_NONE}: nothing is excluded" if nothing else ""),
        *_hint(found),
    )


def reach_rows(found: Reach) -> tuple[list[str], list[tuple[str, ...]]]:
    """Return the heads of the columns of limits, and for each mass it and them in words."""
    coupling = printable(found.model.coupling)
    heads, columns = [], []
    for curve in (c for c in _COLUMNS if c in found.names):
        if found.two_sided and curve not in _FEWER:
            continue
        name = f"{_COLUMNS[curve]} {coupling if curve in _FEWER else ''}".strip()
        heads += [f"{name} from", "to"] if found.two_sided else [name]
        columns.append(_cells(found, curve))
    rows = [(f"{mass:.4g}", *(cell for row in cells for cell in row))
            for mass, *cells in zip(found.masses, *columns, strict=True)]  # fmt: skip
    return heads, rows


def _hint(found: Reach) -> list[str]:
    """Return what to look at where nothing is excluded at all."""
    if any(point.bands[name] for point in found.scan.points for name in found.names):
        return []
    names = ", ".join(dict.fromkeys(printable(run.name) for run in found.setups))
    words = (
        f"Nothing is excluded at any mass: does {names} see what {printable(found.model.name)} "
        "decays to, and is the beam energy enough? 'na64ana reach' lists all setups."
    )
    return [words]


def _cells(found: Reach, curve: str) -> list[tuple[str, ...]]:
    """Return the edges at each mass in words; two where strong couplings are not excluded."""
    low, high = (f"{end:.3g}" for end in found.scan.couplings)
    bands = {point.mass: point.bands[curve] for point in found.scan.points}
    cells = []
    for mass in found.masses:
        words = [_NONE, _NONE]
        if bands[mass]:
            first, more = bands[mass][0], " ..." if len(bands[mass]) > 1 else ""
            words = [f"< {low}" if first.low_open else f"{first.low:.3g}",
                     (f"> {high}" if first.high_open else f"{first.high:.3g}") + more]  # fmt: skip
        cells.append(tuple(words if found.two_sided else words[:1]))
    return cells


def _events(found: Reach) -> str:
    """Say how many signal events are excluded."""
    limits = found.scan.points[0].limits
    words = [f"{limits[name]:.4g} events ({words})" if words else f"{limits[name]:.4g} events"
             for name, words in _COLUMNS.items() if name in limits and name in _FEWER]  # fmt: skip
    return "limit of " + ", ".join(words)


def mass_name(found: Reach) -> str:
    """Return what the mass is that of."""
    return "m_chi" if found.model.coupling == "y" else "mass"


def setup_words(setup: Setup) -> str:
    """Return beam, target and signature of a setup in one line."""
    seen = "a function" if callable(setup.efficiency) else f"{setup.efficiency:g}"
    what = "missing" if setup.sees == "missing" else (
        f"visible from {setup.start:g} to {setup.stop:g} m"
    )  # fmt: skip
    return (
        f"{printable(setup.name)}: {setup.exposure:.3g} {setup.beam}s of {setup.beam_energy:g} GeV "
        f"on {setup.target}, more than {setup.threshold:g} GeV {what}, efficiency {seen}"
    )


def as_dict(found: Reach, counting: Counting) -> dict[str, Any]:
    """Return plain data: edges in the order of ``masses_GeV``, null where there is none.

    ``lower`` and ``upper`` edges, and ``limit``, which is ``lower``, where no strong coupling is
    left over at any mass: those observed, or the median of those expected. With a background all
    are in ``curves``, by name. ``flags`` say which regions the edges bound, as those of a scan.
    """
    edges = {curve: _edges(found, curve) for curve in found.names}
    events = dict(found.scan.points[0].limits)
    return {
        "masses_GeV": list(found.masses),
        **edges[found.names[0]],
        **({"curves": edges} if len(edges) > 1 else {}),
        "coupling": found.model.coupling,
        "mass": "m_chi" if found.model.coupling == "y" else "mediator",
        "cl": 0.9,
        "events": events if len(events) > 1 else events[found.names[0]],
        "counting": counting.as_dict(),
        "model": found.model.as_dict(),
        "setups": [_setup(setup) for setup in found.setups],
    }


def _edges(found: Reach, curve: str) -> dict[str, Any]:
    low, high = found.edges(curve)
    sides = {"lower": low, "upper": high, "flags": found.flags(curve)}
    return sides if found.two_sided else {"limit": low, **sides}


def _setup(setup: Setup) -> dict[str, Any]:
    return {
        "name": setup.name,
        "beam": setup.beam,
        "beam_energy_GeV": setup.beam_energy,
        "exposure": setup.exposure,
        "target": setup.target,
        "threshold_GeV": setup.threshold,
        "efficiency": None if callable(setup.efficiency) else setup.efficiency,
        "sees": setup.sees,
        "start_m": setup.start,
        "stop_m": None if math.isinf(setup.stop) else setup.stop,
        "source": setup.source,
    }


# ------------------------------------------------------------------- what there is


def overview() -> Group:
    """Return the models with their parameters, and the setups with their sources."""
    from na64ana.signal import MODELS
    from na64ana.signal.parameters import parameters_of
    from na64ana.signal.setups import SEARCHES, SETUPS

    models = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("model", "coupling", "parameters (--set)"):
        models.add_column(name, no_wrap=name != "parameters (--set)")
    for found in MODELS.values():
        values = ", ".join(f"{key}={_plain(value)}" for key, value in parameters_of(found).items())
        models.add_row(printable(found.name), printable(found.coupling), values or "none")
    setups = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("setup", "on target", "beam", "sees", "source"):
        setups.add_column(name, no_wrap=name != "source")
    for setup in SETUPS.values():
        setups.add_row(
            printable(setup.name), f"{setup.exposure:.3g}",
            f"{setup.beam}, {setup.beam_energy:g} GeV", setup.sees, printable(setup.source, 400),
        )  # fmt: skip
    for name, parts in SEARCHES.items():
        setups.add_row(printable(name), "", "", "", f"together: {', '.join(parts)}")
    return Group(models, setups)


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else printable(str(value))
