"""A reach as a table, and as plain data for JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Group
from rich.table import Table

from na64ana.errors import printable

if TYPE_CHECKING:
    from na64ana.signal import Reach, Setup

__all__ = ["as_dict", "reach_table"]


def reach_table(found: Reach) -> Group:
    """Return masses and limits, under what they hold for."""
    coupling = printable(found.model.coupling)
    curves = found.scan.points[0].bands
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("mass [GeV]", justify="right")
    columns = []
    for curve in curves:
        name = coupling if len(curves) == 1 else f"{curve} {coupling}"
        low, high = found.edges(curve)
        table.add_column(f"{name} from" if found.two_sided else name, justify="right")
        columns.append(low)
        if found.two_sided:
            table.add_column("to", justify="right")
            columns.append(high)
    for mass, *edges in zip(found.masses, *columns, strict=True):
        table.add_row(f"{mass:.4g}", *("none" if x is None else f"{x:.3g}" for x in edges))
    limits = found.scan.points[0].limits
    events = ", ".join(f"{value:.4g}" + ("" if len(limits) == 1 else f" ({name})")
                       for name, value in limits.items())  # fmt: skip
    return Group(
        found.model.describe(),
        *(_setup_line(setup) for setup in found.setups),
        table,
        f"90% CL limits on {coupling}: {events} events expected",
    )


def _setup_line(setup: Setup) -> str:
    seen = "a function" if callable(setup.efficiency) else f"{setup.efficiency:g}"
    what = "missing" if setup.sees == "missing" else (
        f"visible from {setup.start:g} to {setup.stop:g} m"
    )  # fmt: skip
    return (
        f"{printable(setup.name)}: {setup.exposure:.3g} {setup.beam}s of {setup.beam_energy:g} GeV "
        f"on {setup.target}, more than {setup.threshold:g} GeV {what}, efficiency {seen}"
    )


def as_dict(found: Reach) -> dict[str, Any]:
    """Return plain data: edges in the order of ``masses_GeV``, null where there is none.

    ``limit`` for the upper limits, or ``lower`` and ``upper`` where strong couplings are not
    excluded; with several limits in events, these under the name of each.
    """
    curves = found.scan.points[0].bands
    edges = {}
    for curve in curves:
        low, high = found.edges(curve)
        edges[curve] = {"lower": low, "upper": high} if found.two_sided else {"limit": low}
    events = dict(found.scan.points[0].limits)
    only = next(iter(edges)) if len(edges) == 1 else None
    return {
        "masses_GeV": list(found.masses),
        **(edges if only is None else edges[only]),
        "coupling": found.model.coupling,
        "events": events if only is None else events[only],
        "model": found.model.as_dict(),
        "setups": [_setup(setup) for setup in found.setups],
    }


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
        "stop_m": None if setup.stop == float("inf") else setup.stop,
        "source": setup.source,
    }
