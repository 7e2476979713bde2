"""Records, their differences and their provenance for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from na64ana.cutflow import Cutflow, Difference, Record
from na64ana.errors import printable
from na64ana.report import exposure, provenance
from na64ana.report.cutflow_table import CutflowTable
from na64ana.report.figures import WORDS, parts_of
from na64ana.report.table import (
    FILES_SHOWN,
    SURVIVORS_SHOWN,
    Missing,
    entries_read,
    event_name,
    grouped,
    origin,
    region_figure,
    shared_cuts,
    state,
)
from na64ana.report.terminal import (
    INDENT,
    RULES,
    as_console_can,
    mark,
    note,
    pairs,
    plain,
    ruled,
    rules_of,
)

__all__ = ["cutflow", "diff_table", "provenance_table", "record", "record_tables"]

_WIDTH = 100  # of a whole record, where none is asked for


def cutflow(flow: Cutflow, width: int | None = None) -> str:
    """Return the cutflow of one channel as plain text.

    Parameters
    ----------
    flow : Cutflow
    width : int, optional
        Columns to fit into; as many as it needs by default. Where they are few, errors go
        first, then columns, and a line says which.
    """
    drawn = CutflowTable(flow)
    return plain(drawn, width or drawn.natural)


def record(record: Record, width: int | None = None) -> str:
    """Return a whole record as plain text, 100 columns wide by default."""
    return plain(record_tables(record), width or _WIDTH)


def record_tables(record: Record) -> RenderableType:
    """Return a whole record for `rich`: where it comes from, all channels, survivors, regions."""
    parts: list[RenderableType] = [Padding(_head(record), INDENT)]
    for name, flow in record.channels.items():
        parts += ["", CutflowTable(flow, shared_cuts(record, name))]
    parts += ["", Padding(_tail(record), INDENT)]
    if record.open_sample is not None:
        parts += ["", *_sample(record, record.open_sample)]
    if exposure.has_details(record):
        parts += ["", *_exposure(record)]
    if record.made:
        lines = [Text(printable(line, 2000), "dim") for line in provenance.made_lines(record)]
        parts += ["", Padding(Group(*lines), INDENT)]
    return as_console_can(Group(*parts))


def diff_table(differences: Sequence[Difference]) -> RenderableType:
    """Return the differences of two records for `rich`."""
    if not differences:
        return Text("no differences", "green")
    grid = Grid(box=RULES, pad_edge=False, header_style="bold")
    for name, style in (("where", ""), ("what", ""), ("before", "red"), ("after", "green")):
        grid.add_column(name, overflow="fold", style=style)
    last = None
    for difference in differences:
        where, *words = (Text(printable(word)) for word in difference)
        grid.add_row(where if difference.where != last else "", *words)
        last = difference.where
    return as_console_can(grid)


def provenance_table(content: Mapping[str, Any]) -> RenderableType:
    """Return what `na64ana.report.provenance.read` gave for `rich`."""
    grid = pairs()
    last = ""
    for label, words in provenance.overview(content):
        grid.add_row(label if label != last else "", Text(words))
        last = label
    return as_console_can(Padding(grid, INDENT))


# --------------------------------------------------------------------- record


def _head(record: Record) -> RenderableType:
    word, meaning = state(record)
    what = Text.assemble((printable(record.selection), "bold"), f"  {record.sha256[:12]}")
    box = Text.assemble(mark(word), "  ") if word else Text()
    box.append(f"reason: {printable(meaning)}" if record.unblinded else printable(meaning, 2000))
    grid = pairs()
    grid.add_row("selection", what)
    grid.add_row("box", box)
    grid.add_row("input", _inputs(record))
    grid.add_row("exposure", _headline(record))
    datasets = record.ledger.datasets
    for dataset in datasets[:FILES_SHOWN]:
        grid.add_row("dataset", f"{printable(dataset.name)}  {printable(dataset.sha256[:12])}")
    if len(datasets) > FILES_SHOWN:
        grid.add_row("", f"and {len(datasets) - FILES_SHOWN} more datasets")
    if record.mode != "full":
        grid.add_row("counts", printable(record.mode))
    versions = ", ".join(f"{name} {version}" for name, version in record.software.items())
    grid.add_row("software", Text(printable(versions, 2000), "dim"))
    if record.git:
        commits = provenance.short_git(record.git)
        grid.add_row("git", Text(printable(commits, 2000), "dim"))
    return grid


def _headline(record: Record) -> Text:
    ledger = record.ledger
    words = Text()
    if not ledger.complete:
        words = Text.assemble(mark(exposure.INCOMPLETE), "  ")
    return words.append(printable(exposure.headline(ledger, exposure.short), 2000))


def _sample(record: Record, opened: Record) -> list[RenderableType]:
    """Draw the cutflows of the events that a prescale opened."""
    title = Text(f" {printable(opened.sample)}", "bold")
    parts: list[RenderableType] = [
        title.append(f"  exposure {_headline(opened).plain}", "not bold")
    ]
    for name in record.channels:
        parts += ["", CutflowTable(opened.channels[name], shared_cuts(opened, name))]
    return parts


def _exposure(record: Record) -> list[RenderableType]:
    """Draw the account of exposure, and the lists of what is not in the record."""
    parts: list[RenderableType] = [Text(" exposure", "bold")]
    if exposure.is_partial(record.ledger):
        lines = exposure.account(record.ledger, FILES_SHOWN)
        parts.append(_ExposureTable(lines, record.ledger.unit))
    parts += [note(words) for words in exposure.notes(record.ledger)]
    grid = pairs()
    for what, items in exposure.lists(record).items():
        for i, (name, why) in enumerate(items[:FILES_SHOWN]):
            words = Text(printable(name))
            words.append(f"  {printable(why, 1000)}" if why else "", "dim")
            grid.add_row("" if i else what, words)
        if len(items) > FILES_SHOWN:
            grid.add_row("", f"and {len(items) - FILES_SHOWN} more")
    return [*parts, Padding(grid, INDENT)] if grid.row_count else parts


class _ExposureTable:
    """The account, with the rules that the console can show."""

    def __init__(self, lines: Sequence[exposure.Line], unit: str) -> None:
        self.lines = lines
        self.unit = unit

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        grid = ruled(rules_of(options))
        grid.add_column("")
        grid.add_column(printable(self.unit), justify="right", no_wrap=True)
        grid.add_column("spills", justify="right", no_wrap=True)
        grid.add_column("", overflow="fold")
        for i, line in enumerate(self.lines, 1):
            numbers = (grouped(str(n), " ") if n else "" for n in (line.amount, line.spills))
            last = i == len(self.lines)
            grid.add_row(
                line.state,
                *numbers,
                Text(printable(line.reason, 1000)),
                style="bold" if last else "" if line.state else "dim",
                end_section=i + 1 == len(self.lines),
            )
        yield grid


def _inputs(record: Record) -> RenderableType:
    files = record.inputs
    style = "bold" if record.kind == "data" else "bold cyan"
    words = Text.assemble((printable(record.kind), style), "  ")
    words.append(printable(origin(record)) if files else "no files", "dim")
    grid = Grid.grid(padding=(0, 2, 0, 0))
    for _ in range(3):
        grid.add_column(overflow="fold")
    for file in files[:FILES_SHOWN]:
        grid.add_row(Text(printable(file.path)), entries_read(file, " "), printable(file.layout))
    more = len(files) - FILES_SHOWN
    if more > 0:
        grid.add_row(f"and {more} more file{'s' if more > 1 else ''}")
    return Group(words, grid)


def _tail(record: Record) -> RenderableType:
    grid = pairs()
    for name, flow in record.channels.items():
        grid.add_row(Text(f"survivors of {printable(name)}"), _survivors(flow))
    for name, region in record.regions.items():
        digits = "".join(parts_of(region_figure(region), errors=True))
        grid.add_row(Text(f"region {printable(name)}"), digits)
    return grid


def _survivors(flow: Cutflow) -> Text:
    ids = flow.survivors
    if ids is None:
        return Text(*WORDS[Missing.BLINDED])
    words = Text(f"{grouped(str(len(ids)), ' ')}")
    if len(ids):
        words.append("  " + "  ".join(event_name(row) for row in ids[:SURVIVORS_SHOWN]), "dim")
    if len(ids) > SURVIVORS_SHOWN:
        words.append("  …", "dim")
    return words
