"""The modes of the simulation as a table for the terminal."""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.table import Table

from na64ana.errors import printable
from na64ana.simulate import MODES

__all__ = ["modes_table"]


def modes_table() -> Table:
    """Return the modes with what can be simulated in each."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("mode", "what", "backgrounds", "signals"):
        table.add_column(name, no_wrap=name == "mode")
    for mode in MODES.values():
        table.add_row(
            printable(mode.name), printable(mode.description, 400),
            ", ".join(mode.backgrounds), ", ".join(mode.signals),
        )  # fmt: skip
    return table
