"""What is in a file, and how a layout names it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from na64ana.errors import printable
from na64ana.events import Branch, EventFile, Tree, absent_columns, missing_branch
from na64ana.expressions import Kind, Type
from na64ana.layouts import ColumnSource, Layout

__all__ = ["overview"]


def overview(file: EventFile, layouts: Sequence[Layout], *, chosen: bool) -> Any:
    """Return a rich renderable of all trees of a file.

    Parameters
    ----------
    file : EventFile
    layouts : sequence of Layout
        Those that fit, the best first.
    chosen : bool
        Whether the layout was asked for; then it is compared even where it does not fit.
    """
    parts: list[Any] = [_head(file)]
    if not file.trees:
        parts.append(Text("It holds no TTree and no RNTuple.", style="bold"))
    layout = layouts[0] if layouts else None
    for tree in file.trees.values():
        fits = layout is not None and file.find_tree(layout.tree) is tree
        parts.append(_tree(file, tree, layout if fits else None))
    if layout is None:
        parts.append(Text("No shipped layout fits; describe this file in a layout of your own."))
    else:
        parts.append(_layout(file, layout, [other.name for other in layouts[1:]], chosen=chosen))
    return Group(*parts)


def _head(file: EventFile) -> Text:
    words = Text()
    words.append(printable(file.path), style="bold")
    words.append(f"  UUID {file.uuid}" if file.uuid else "  no UUID", style="dim")
    for key, value in file.tag.items():
        words.append(f"\n{printable(str(key), 40)}: {printable(str(value), 100)}")
    return words


def _tree(file: EventFile, tree: Tree, layout: Layout | None) -> Any:
    branches = file.branches(tree.name)
    columns = _columns_by_branch(file, tree.name, layout) if layout else {}
    groups = sum(branch.group for branch in branches)
    bad = sum(bool(branch.problem) for branch in branches)
    title = Text()
    title.append(f"{tree.format} {printable(tree.name)}".strip(), style="bold")
    title.append(f"  {tree.entries:,} entries, {len(branches) - groups} branches".replace(",", " "))
    title.append(f" in {groups} groups" if groups else "")
    if bad:
        title.append(f", {bad} unreadable", style="bold red")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("branch", no_wrap=True)
    table.add_column("type", overflow="fold")
    table.add_column("shape")
    if layout is not None:
        table.add_column("column")
        table.add_column("as", overflow="fold")
    for branch in branches:
        table.add_row(*_row(branch, columns.get(branch.path), layout is not None))
    return Group(Text(), title, table)


def _row(branch: Branch, column: ColumnSource | None, with_layout: bool) -> list[Text]:
    if branch.problem:
        cells = [
            Text(printable(branch.path), style="red"),
            Text(printable(branch.type)),
            Text(f"unreadable: {branch.problem}", style="red"),
        ]
    elif branch.group:
        cells = [Text(printable(branch.path), style="dim"),
                 Text(printable(branch.type), style="dim"), Text("group", style="dim")]  # fmt: skip
    else:
        cells = [Text(printable(branch.path)), Text(printable(branch.type)), Text(branch.shape)]
    if with_layout:
        cells.append(Text(column.name if column else "", style="cyan"))
        cells.append(Text(_words(column.type) if column else ""))
    return cells


def _words(type_: Type) -> str:
    """Unit and shape of a column: ``GeV (plane 2, ix 5, iy 6)``."""
    what = {Kind.NUMBER: str(type_.unit), Kind.BOOL: "flag"}.get(type_.kind, type_.kind.value)
    axes = ", ".join(map(str, type_.axes))
    return f"{what} ({axes})".strip() if axes else what


def _columns_by_branch(file: EventFile, tree: str, layout: Layout) -> dict[str, ColumnSource]:
    return {
        path: column
        for column in layout.columns.values()
        for branch in column.branches
        if (path := file.find(tree, branch)) is not None
    }


def _layout(file: EventFile, layout: Layout, others: list[str], *, chosen: bool) -> Text:
    words = Text()
    words.append(f"\nLayout {layout.name}", style="bold")
    words.append(f" (given; {layout.kind})" if chosen else f" ({layout.kind})")
    words.append(f", also {', '.join(others)}" if others else "")
    tree = file.find_tree(layout.tree)
    if tree is None:
        words.append(f": this file has no tree '{layout.tree}'", style="bold red")
        return words
    missing = {
        column.name: branch
        for column in layout.columns.values()
        if (branch := missing_branch(file, tree.name, column)) is not None
    }
    absent = absent_columns(file, tree.name, layout)
    wanted = len(layout.columns) - len(absent)
    words.append(f": {wanted - len(missing)} of {wanted} columns are here")
    for name, branch in missing.items():
        words.append(f"\n  missing {name} (branch {printable(branch)})", style="yellow")
    for name in absent:
        column = layout.columns[name]
        value = f"{column.absent:g} {column.type.unit}".strip()
        branch = printable(column.branches[0])
        words.append(f"\n  {name} is {value} in every event: no branch {branch}", style="dim")
    for fact in layout.facts:
        runs = f", runs {fact.runs[0]} to {fact.runs[1]}" if fact.runs else ""
        words.append(f"\n  {fact.name}{runs}: {fact.value}")
        words.append(f"  [{' '.join(fact.source.split())}]", style="dim")
    return words
