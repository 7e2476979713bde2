"""A selection in words: its chain, what it needs, and its hash."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from na64ana.errors import printable
from na64ana.layouts import Layout
from na64ana.selection import BoundChannel, BoundSelection, Selection

__all__ = ["overview"]


def overview(selection: Selection, bound: BoundSelection, layout: Layout) -> Any:
    """Return a rich renderable of a checked selection."""
    words = Text()
    words.append(f"{printable(selection.name)}", style="bold")
    words.append(f"  {selection.sha256}\n", style="dim")
    if selection.spec.description:
        words.append(f"{printable(' '.join(selection.spec.description.split()), 1000)}\n")
    words.append(f"layout {layout.name}; needs {len(bound.columns)} columns: ")
    words.append(", ".join(bound.columns), style="dim")
    regions = [
        f"{printable(name)}{' (blind)' if region.blind else ''}"
        for name, region in selection.spec.regions.items()
    ]
    for what, names in (
        ("regions", regions),
        ("histograms", [printable(name) for name in selection.spec.histograms]),
    ):
        if names:
            words.append(f"\n{what}: {', '.join(names)}")
    main, *others = bound.channels
    shared = {id(cut) for cut in main.cuts}
    tables = [_chain(main, 0)]
    tables += [_chain(c, sum(id(cut) in shared for cut in c.cuts)) for c in others]
    return Group(words, *tables, Text("fine", style="bold green"))


def _chain(channel: BoundChannel, shared: int) -> Table:
    after = f", after '{printable(channel.cuts[shared - 1].name)}'" if shared else ""
    table = Table(
        title=f"channel {printable(channel.name)}{after}",
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    table.add_column("no.", justify="right")
    table.add_column("cut", no_wrap=True)
    table.add_column("condition", overflow="fold")
    for number, cut in enumerate(channel.cuts[shared:], shared + 1):
        runs = f"  (runs {cut.runs[0]} to {cut.runs[1]})" if cut.runs else ""
        table.add_row(
            str(number), Text(printable(cut.name)), Text(printable(cut.words, 1000) + runs)
        )
    return table
