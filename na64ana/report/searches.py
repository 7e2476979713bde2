"""The searches that come with na64ana as a table for the terminal."""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.table import Table

from na64ana.analysis import load_analysis
from na64ana.analysis.searches import search_names, search_path
from na64ana.errors import printable

__all__ = ["searches_table"]


def searches_table() -> Table:
    """Return the searches, each with its mode and what is looked for."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("search", "simulated mode", "what"):
        table.add_column(name, no_wrap=name != "what")
    for name in search_names():
        spec = load_analysis(search_path(name)).spec
        mode = spec.simulation.mode if spec.simulation else "none"
        table.add_row(name, printable(mode), printable(spec.description.strip(), 400))
    return table
