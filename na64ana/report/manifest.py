"""A dataset at the terminal: its files, their spills, and the exposure if all of them are read."""

from __future__ import annotations

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from na64ana.cutflow.ledger import Totals
from na64ana.datasets import Dataset, DatasetFile, dataset_ledger
from na64ana.errors import printable
from na64ana.report.table import grouped

__all__ = ["overview"]

FILES_SHOWN = 40


def overview(dataset: Dataset) -> RenderableType:
    """Return a rich renderable of a dataset."""
    good = [file.name for file in dataset.files if not file.bad]
    ledger = dataset_ledger(dataset, good, {})
    head = Text.assemble((printable(dataset.name), "bold"), f"  {dataset.sha256[:12]}")
    head.append(f"\n{_words(dataset)}", "dim")
    parts: list[RenderableType] = [head, _files(dataset, ledger.by_file())]
    if dataset.shared:
        n = len(dataset.shared)
        parts.append(
            f"{n} spill{' is' if n == 1 else 's are'} split over several files: lost if one of "
            "these is, and in the sums of each"
        )
    if ledger.entries:
        parts.append(Text(_sums(ledger.totals, dataset.unit), "bold"))
        if ledger.apportioned:
            parts.append(f"{_number(ledger.apportioned)} of it are shares of totals of runs")
        for (state, reason), amount in ledger.by_reason().items():
            parts.append(f"{state}: {_number(amount)} ({printable(reason)})")
    else:
        parts.append("no exposure is given: a record of it has events, and no particles on target")
    return Group(*parts)


def _sums(totals: Totals, unit: str) -> str:
    recorded, processed, lost, excluded = map(_number, totals)
    return (
        f"{recorded} {unit} recorded = {processed} to be processed + {lost} lost + "
        f"{excluded} excluded"
    )


def _words(dataset: Dataset) -> str:
    words = [dataset.kind, f"{len(dataset.files)} file{'' if len(dataset.files) == 1 else 's'}"]
    if dataset.period is not None:
        words.append(f"period {printable(dataset.period)}")
    if dataset.bias != 1:
        words.append(f"bias {dataset.bias:g}")
    return ", ".join(words)


def _files(dataset: Dataset, amounts: dict[str, Totals]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("file", overflow="fold")
    for name in ("entries", "runs", "spills", f"{dataset.unit} recorded"):
        table.add_column(name, justify="right")
    table.add_column("", overflow="fold")
    for file in dataset.files[:FILES_SHOWN]:
        table.add_row(*_row(file, amounts))
    more = len(dataset.files) - FILES_SHOWN
    if more > 0:
        table.add_row(f"and {more} more")
    return table


def _row(file: DatasetFile, amounts: dict[str, Totals]) -> list[str]:
    runs = {run for run, _ in file.spills}
    return [
        printable(file.name),
        "?" if file.entries is None else _number(file.entries),
        _number(len(runs)) if runs else "",
        _number(len(file.spills)) if runs else "",
        _number(amounts[file.name].recorded) if file.name in amounts else "",
        f"bad: {printable(file.bad)}" if file.bad else "",
    ]


def _number(n: int) -> str:
    return grouped(str(n), " ")
