"""How a file would be read, at the terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from na64ana.errors import printable
from na64ana.report.terminal import INDENT, ruled
from na64ana.run.explain import BranchRead, ReadingPlan, Step

__all__ = ["overview"]

#: columns of a console from which on there is room for the types of branches
_WIDE = 100
_PIECES = {"TTree": "baskets", "RNTuple": "pages", "Parquet": "groups"}
_LIBRARIES = {"deflate": "libdeflate", "isal": "ISA-L", "zlib": "Python's own zlib"}


def overview(plan: ReadingPlan, width: int) -> RenderableType:
    """Return a rich renderable of a plan.

    Parameters
    ----------
    plan : ReadingPlan
    width : int
        Of the console; below 100 the types of the branches are left out.
    """
    tree = f"{plan.format} {printable(plan.tree)}".strip()
    entries = _count(plan.entries, "entry", "entries")
    head = Text.assemble(
        (printable(plan.path), "bold"),
        (f"\n{tree}, layout {printable(plan.layout)}, {entries}", "dim"),
    )
    words = Text("\n".join(_words(plan)))
    table = _table(plan, with_types=width >= _WIDE)
    return Group(Padding(head, INDENT), table, Padding(words, INDENT))


def _table(plan: ReadingPlan, *, with_types: bool) -> Table:
    table = ruled(gap=2 if with_types else 1)
    table.add_column("needed first by", overflow="fold", min_width=21)
    table.add_column("branch", overflow="fold")
    if with_types:
        table.add_column("type", overflow="fold")
    table.add_column("for", no_wrap=True)
    for name in (_PIECES[plan.format], "stored", "unpacked", "share"):
        table.add_column(name, justify="right", no_wrap=True)
    total = sum(branch.size.stored for branch in plan.branches)
    for step in plan.steps:
        if step.branches or step.what == "cut":
            table.add_row(Text(_name(step), "" if step.branches else "dim"))
        for branch in step.branches:
            table.add_row(*_cells(branch, total, with_types=with_types))
    return table


def _name(step: Step) -> str:
    channel = f" ({printable(step.channel)})" if step.channel not in ("", "main") else ""
    return f"{step.what} {printable(step.name)}{channel}".strip()


def _cells(branch: BranchRead, total: int, *, with_types: bool) -> list[Text]:
    size = branch.size
    words = [Text(printable(size.type.replace("std::", "")), "dim")] if with_types else []
    return [
        Text(f"  {printable(branch.column)}"),
        Text(printable(branch.branch)),
        *words,
        Text("all", "bold") if branch.everywhere else Text("left"),
        Text(_grouped(size.pieces)),
        Text(_bytes(size.stored)),
        Text(_bytes(size.uncompressed)),
        Text(f"{100 * size.stored / total:.1f}%" if total else ""),
    ]


def _words(plan: ReadingPlan) -> list[str]:
    branches = plan.branches
    lines = [
        f"all: for all events; {_sum(b for b in branches if b.everywhere)}",
        f"left: where events are left; at most {_sum(b for b in branches if not b.everywhere)}",
    ]
    more = [s for s in plan.steps if s.what in ("histogram", "region") and not s.branches]
    if more:
        names = ", ".join(printable(step.name) for step in more)
        lines.append(f"histograms and regions that need nothing further: {names}")
    if plan.blind:
        lines.append("events of blind regions are taken out first; not with --unblind")
    longest = max(stop - start for start, stop in plan.ranges)
    ranges = f"{_count(len(plan.ranges), 'range')} of up to {_count(longest, 'entry', 'entries')}"
    chunks = f"evaluated {_count(plan.chunk_size, 'event')} at a time"
    lines += [
        f"{ranges}, {_count(plan.clusters, 'cluster')} in all; {chunks}",
        f"zlib data are decompressed by {_LIBRARIES[plan.inflater]}",
        "this is --counts sequential; with --counts full all is read for all events",
    ]
    return lines


def _sum(branches: Iterable[BranchRead]) -> str:
    sizes = [branch.size for branch in branches]
    stored, unpacked = sum(s.stored for s in sizes), sum(s.uncompressed for s in sizes)
    words = _count(len(sizes), "branch", "branches")
    return f"{words}, {_bytes(stored)} stored, {_bytes(unpacked)} unpacked"


def _count(number: int, what: str, several: str = "") -> str:
    return f"{_grouped(number)} {what if number == 1 else several or what + 's'}"


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", " ")


def _bytes(number: int) -> str:
    """Return a number of bytes with three digits, in powers of a thousand."""
    size, unit = float(number), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if size < 999.5:
            break
        size, unit = size / 1000, larger
    return f"{size:.3g} {unit}"
