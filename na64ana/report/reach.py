"""The reach of a setup as a table, and as plain data for JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Group
from rich.table import Table

from na64ana.errors import printable

if TYPE_CHECKING:
    from na64ana.signal import Reach

__all__ = ["as_dict", "reach_table"]


def reach_table(found: Reach) -> Group:
    """Return masses and limits, under what they hold for."""
    setup, model = found.setup, found.model
    seen = "a function" if callable(setup.efficiency) else f"{setup.efficiency:g}"
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("mass [GeV]", justify="right")
    table.add_column("epsilon", justify="right")
    for mass, limit in zip(found.masses, found.limit, strict=True):
        table.add_row(f"{mass:.4g}", "none" if limit is None else f"{limit:.3g}")
    return Group(
        f"{printable(model.name)}, {model.dark_matter} dark matter, alpha_D = {model.alpha_D:g}, "
        f"m = {model.mass_ratio:g} m_chi",
        f"{printable(setup.name)}: {setup.exposure:.3g} {setup.beam}s of {setup.beam_energy:g} GeV "
        f"on {setup.target}, more than {setup.threshold:g} GeV missing, efficiency {seen}",
        table,
        f"90% CL upper limits on the coupling epsilon e: {found.events:.4g} events expected",
    )


def as_dict(found: Reach) -> dict[str, Any]:
    """Return plain data: ``masses_GeV`` and ``limit`` in the order given, null where is none."""
    setup, model = found.setup, found.model
    return {
        "masses_GeV": list(found.masses),
        "limit": list(found.limit),
        "coupling": "epsilon",
        "events": found.events,
        "model": {
            "name": model.name,
            "mediator": model.mediator,
            "dark_matter": model.dark_matter,
            "alpha_D": model.alpha_D,
            "mass_ratio": model.mass_ratio,
        },
        "setup": {
            "name": setup.name,
            "beam": setup.beam,
            "beam_energy_GeV": setup.beam_energy,
            "exposure": setup.exposure,
            "target": setup.target,
            "threshold_GeV": setup.threshold,
            "efficiency": None if callable(setup.efficiency) else setup.efficiency,
            "source": setup.source,
        },
    }
