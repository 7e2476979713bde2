"""Cutflows, records and differences for the terminal."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.box import Box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from na64ana.cutflow import Cutflow, Difference, Record
from na64ana.errors import printable
from na64ana.report import exposure, provenance
from na64ana.report.table import (
    FILES_SHOWN,
    HEADINGS,
    SURVIVORS_SHOWN,
    Cell,
    Missing,
    Table,
    entries_read,
    event_name,
    grouped,
    origin,
    region_figure,
    shared_cuts,
    state,
    tabulate,
)

__all__ = [
    "RULES",
    "as_console_can",
    "cutflow",
    "cutflow_table",
    "diff_table",
    "grid_of",
    "plain",
    "provenance_table",
    "record",
    "record_tables",
]

#: heavy rules at top and bottom, a light one under the head, none between columns
RULES = Box(" ━━ \n    \n ── \n    \n ── \n ── \n    \n ━━ \n")
RULES_ASCII = Box(" == \n    \n -- \n    \n -- \n -- \n    \n == \n", ascii=True)
_ASCII = str.maketrans({"±": "+-", "−": "-", "–": "-", "·": "-", "…": "..."})
_NARROWEST = 60  # words under a table may be this wide, however narrow the table is
_INDENT = (0, 0, 0, 1)  # as the tables have it
_WIDTH = 100  # of a whole record, where none is asked for

_WORDS = {
    Missing.BLINDED: ("blinded", "yellow"),
    Missing.NOT_COMPUTED: ("–", "dim"),
    Missing.EMPTY: ("–", "dim"),
}
_STATES = {
    "BLIND": "bold black on yellow",
    "UNBLINDED": "bold white on red",
    exposure.INCOMPLETE: "bold white on red",
}


def cutflow(flow: Cutflow, width: int | None = None) -> str:
    """Return the cutflow of one channel as plain text.

    Parameters
    ----------
    flow : Cutflow
    width : int, optional
        Columns to fit into; as many as it needs by default. Where they are few, errors go
        first, then columns, and a line says which.
    """
    drawn = _CutflowTable(flow)
    return plain(drawn, width or drawn.natural)


def cutflow_table(flow: Cutflow) -> RenderableType:
    """Return the cutflow of one channel for `rich`; it fits itself to the console."""
    return _CutflowTable(flow)


def record(record: Record, width: int | None = None) -> str:
    """Return a whole record as plain text, 100 columns wide by default."""
    return plain(record_tables(record), width or _WIDTH)


def record_tables(record: Record) -> RenderableType:
    """Return a whole record for `rich`: where it comes from, all channels, survivors, regions."""
    parts: list[RenderableType] = [Padding(_head(record), _INDENT)]
    for name, flow in record.channels.items():
        parts += ["", _CutflowTable(flow, shared_cuts(record, name))]
    parts += ["", Padding(_tail(record), _INDENT)]
    if record.open_sample is not None:
        parts += ["", *_sample(record, record.open_sample)]
    if exposure.has_details(record):
        parts += ["", *_exposure(record)]
    if record.made:
        lines = [Text(printable(line, 2000), "dim") for line in provenance.made_lines(record)]
        parts += ["", Padding(Group(*lines), _INDENT)]
    return _AsConsoleCan(Group(*parts))


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
    return _AsConsoleCan(grid)


def provenance_table(content: Mapping[str, Any]) -> RenderableType:
    """Return what `na64ana.report.provenance.read` gave for `rich`."""
    grid = _pairs()
    last = ""
    for label, words in provenance.overview(content):
        grid.add_row(label if label != last else "", Text(words))
        last = label
    return _AsConsoleCan(Padding(grid, _INDENT))


def as_console_can(drawn: RenderableType) -> RenderableType:
    """Escape what a console without Unicode cannot show."""
    return _AsConsoleCan(drawn)


def grid_of(
    names: Sequence[str], columns: Sequence[tuple[tuple[str, ...], Sequence[Cell]]]
) -> RenderableType:
    """Return a table of numbers by cut, all events first; points and errors stand aligned.

    Parameters
    ----------
    names : sequence of str
    columns : sequence of (head lines, cells)
    """
    return _Figures(names, columns)


class _AsConsoleCan:
    """Escapes what a console without Unicode cannot show."""

    def __init__(self, drawn: RenderableType) -> None:
        self.drawn = drawn

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for part in console.render(self.drawn, options):
            yield part._replace(text=_ascii(part.text)) if options.ascii_only else part


# -------------------------------------------------------------------- cutflow


@dataclass(frozen=True)
class _Shape:
    """How much of a table is drawn; the first shape that fits is taken."""

    gap: int
    name: int
    side_errors: bool = True
    share_errors: bool = True
    drop: tuple[str, ...] = ()


_N_MINUS_1 = ("all_but_this", "all_but_this_open")
_SHAPES = (
    _Shape(3, 32),
    _Shape(2, 32),
    _Shape(2, 32, side_errors=False),
    _Shape(2, 20, side_errors=False),
    _Shape(2, 24, side_errors=False, share_errors=False),
    _Shape(1, 20, side_errors=False, share_errors=False),
    _Shape(2, 20, side_errors=False, share_errors=False, drop=("relative",)),
    _Shape(2, 20, side_errors=False, share_errors=False, drop=("relative", *_N_MINUS_1)),
    _Shape(1, 16, False, False, tuple(kind for kind in HEADINGS if kind != "sequential")),
)


@dataclass(frozen=True)
class _Column:
    head: tuple[str, ...]
    cells: list[Text]
    width: int
    folds: bool = False


class _CutflowTable:
    """A cutflow that takes the fullest shape which fits the console."""

    def __init__(self, flow: Cutflow, shared: int = 0) -> None:
        self.table = tabulate(flow)
        self.shared = shared

    @property
    def natural(self) -> int:
        """Width of the fullest shape, and of the words under it."""
        return max(_width(_columns(self.table, _SHAPES[0]), _SHAPES[0]), _NARROWEST)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        characters = _ascii if options.ascii_only else _unchanged
        for shape in _SHAPES:
            columns = _columns(self.table, shape, characters)
            width = _width(columns, shape)
            if width <= options.max_width:
                break
        yield self._title(characters)
        yield self._grid(shape, columns, RULES_ASCII if options.ascii_only else RULES)
        room = options.update(width=min(options.max_width, max(width, _NARROWEST)))
        for note in self._notes(shape):
            words = Text(characters(printable(note, 2000)), "dim")
            yield from console.render(Padding(words, _INDENT), room)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(min(_NARROWEST, options.max_width), self.natural).with_maximum(
            options.max_width
        )

    def _title(self, characters: Callable[[str], str]) -> Text:
        title = Text.assemble(" ", (characters(printable(self.table.channel)), "bold"))
        if self.table.boxes:
            words = (" BLIND ", _STATES["BLIND"]) if self.table.blind else ("box open", "")
            title.append("  ").append(*words)
        return title

    def _notes(self, shape: _Shape) -> list[str]:
        shown = [kind for kind in self.table.columns if kind not in shape.drop]
        notes = self.table.notes(shown, errors=shape.share_errors)
        left_out = [" ".join(HEADINGS[kind]) for kind in self.table.columns if kind in shape.drop]
        if left_out:
            notes.append(f"too narrow for: {', '.join(left_out)}")
        return notes

    def _grid(self, shape: _Shape, columns: Sequence[_Column], rules: Box) -> Grid:
        grid = Grid(
            box=rules, padding=(0, shape.gap - 1, 0, 0), pad_edge=False, header_style="bold"
        )
        height = max(len(column.head) for column in columns)
        for column in columns:
            # the name gives way where there is no room; a number is never cut short
            grid.add_column(
                Text("\n" * (height - len(column.head)) + "\n".join(column.head)),
                overflow="fold",
                no_wrap=not column.folds,
                min_width=None if column.folds else column.width,
                max_width=column.width,
            )
        last = len(self.table.lines) - 1
        for i in range(last + 1):
            style = "bold" if i in (0, last) else "dim" if i <= self.shared else ""
            section = i < last and i in (0, self.shared)
            grid.add_row(*(c.cells[i] for c in columns), style=style, end_section=section)
        return grid


class _Figures:
    """Columns of figures beside names."""

    def __init__(
        self, names: Sequence[str], columns: Sequence[tuple[tuple[str, ...], Sequence[Cell]]]
    ) -> None:
        self.names = names
        self.columns = columns

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        characters = _ascii if options.ascii_only else _unchanged
        rules = RULES_ASCII if options.ascii_only else RULES
        grid = Grid(box=rules, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
        made = [_aligned(head, cells, characters, errors=True) for head, cells in self.columns]
        height = max(len(column.head) for column in made)
        grid.add_column("\n" * (height - 1) + "cut", overflow="fold", max_width=32)
        for column in made:
            lines = "\n" * (height - len(column.head)) + "\n".join(column.head)
            grid.add_column(Text(lines), no_wrap=True, min_width=column.width)
        for i, name in enumerate(self.names):
            words = Text(characters(printable(name)))
            style = "bold" if i in (0, len(self.names) - 1) else ""
            grid.add_row(words, *(c.cells[i] for c in made), style=style, end_section=not i)
        yield grid


def _unchanged(text: str) -> str:
    return text


def _ascii(text: str) -> str:
    return text.translate(_ASCII).encode("ascii", "backslashreplace").decode()


def _columns(
    table: Table, shape: _Shape, characters: Callable[[str], str] = _unchanged
) -> list[_Column]:
    lines = table.lines
    wide = len(str(lines[-1].number))
    numbers = [Text((str(line.number) if line.number else "").rjust(wide)) for line in lines]
    names = [Text(characters(printable(line.label.name))) for line in lines]
    longest = max(name.cell_len for name in names)
    made = [
        _Column(("#".rjust(wide),), numbers, wide),
        _Column(("cut",), names, min(shape.name, longest), folds=True),
    ]
    for kind in table.columns:
        if kind not in shape.drop:
            side = shape.share_errors if kind == "share" else shape.side_errors
            cells = [line.cells.get(kind) for line in lines]
            made.append(
                _aligned(HEADINGS[kind], cells, characters, errors=side or kind == "sequential")
            )
    return made


def _width(columns: Sequence[_Column], shape: _Shape) -> int:
    return sum(column.width for column in columns) + shape.gap * (len(columns) - 1) + 2


def _aligned(
    head: tuple[str, ...], cells: Sequence[Cell], characters: Callable[[str], str], *, errors: bool
) -> _Column:
    """Put decimal points and errors under each other; all strings come out equally long."""
    parts = [tuple(map(characters, _parts(cell, errors=errors))) for cell in cells]
    figures = [p for p, cell in zip(parts, cells, strict=True) if not isinstance(cell, Missing)]
    fraction, tail = (max((len(p[i]) for p in figures), default=0) for i in (1, 2))
    texts = [
        p[0] + " " * tail
        if isinstance(cell, Missing)
        else p[0] + p[1].ljust(fraction) + p[2].ljust(tail)
        for p, cell in zip(parts, cells, strict=True)
    ]
    width = max(len(text) for text in (*texts, *head))
    styles = [_WORDS[cell][1] if isinstance(cell, Missing) else "" for cell in cells]
    return _Column(
        tuple(line.center(width) if tail else line.rjust(width) for line in head),
        [Text(text.rjust(width), style) for text, style in zip(texts, styles, strict=True)],
        width,
    )


def _parts(cell: Cell, *, errors: bool) -> tuple[str, str, str]:
    """Return a cell up to the decimal point, from there on, and its errors."""
    if cell is None:
        return "", "", ""
    if isinstance(cell, Missing):
        return _WORDS[cell][0], "", ""
    digits, point, fraction = grouped(cell.value, " ").replace("-", "−").partition(".")
    plus, minus = (grouped(error, " ") if error and errors else "" for error in
                   (cell.plus, cell.minus))  # fmt: skip
    if plus and plus == minus:
        tail = f" ±{plus}"
    else:
        tail = (f" +{plus}" if plus else "") + (f" −{minus}" if minus else "")
    if cell.exponent:
        power = f"e{cell.exponent}".replace("-", "−")
        digits, tail = (f"({digits}", f"{tail}){power}") if tail else (digits, power)
    return digits, point + fraction, tail


# --------------------------------------------------------------------- record


def _head(record: Record) -> RenderableType:
    word, meaning = state(record)
    what = Text.assemble((printable(record.selection), "bold"), f"  {record.sha256[:12]}")
    box = Text.assemble((f" {word} ", _STATES[word]), "  ") if word else Text()
    box.append(f"reason: {printable(meaning)}" if record.unblinded else printable(meaning, 2000))
    grid = _pairs()
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
        word = exposure.INCOMPLETE
        words = Text.assemble((f" {word} ", _STATES[word]), "  ")
    return words.append(printable(exposure.headline(ledger, exposure.short), 2000))


def _sample(record: Record, opened: Record) -> list[RenderableType]:
    """Draw the cutflows of the events that a prescale opened."""
    title = Text(f" {printable(opened.sample)}", "bold")
    parts: list[RenderableType] = [
        title.append(f"  exposure {_headline(opened).plain}", "not bold")
    ]
    for name in record.channels:
        parts += ["", _CutflowTable(opened.channels[name], shared_cuts(opened, name))]
    return parts


def _exposure(record: Record) -> list[RenderableType]:
    """Draw the account of exposure, and the lists of what is not in the record."""
    parts: list[RenderableType] = [Text(" exposure", "bold")]
    if exposure.is_partial(record.ledger):
        lines = exposure.account(record.ledger, FILES_SHOWN)
        parts.append(_ExposureTable(lines, record.ledger.unit))
    parts += [
        Padding(Text(printable(note, 2000), "dim"), _INDENT)
        for note in exposure.notes(record.ledger)
    ]
    grid = _pairs()
    for what, items in exposure.lists(record).items():
        for i, (name, why) in enumerate(items[:FILES_SHOWN]):
            words = Text(printable(name))
            words.append(f"  {printable(why, 1000)}" if why else "", "dim")
            grid.add_row("" if i else what, words)
        if len(items) > FILES_SHOWN:
            grid.add_row("", f"and {len(items) - FILES_SHOWN} more")
    return [*parts, Padding(grid, _INDENT)] if grid.row_count else parts


class _ExposureTable:
    """The account, with the rules that the console can show."""

    def __init__(self, lines: Sequence[exposure.Line], unit: str) -> None:
        self.lines = lines
        self.unit = unit

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        rules = RULES_ASCII if options.ascii_only else RULES
        grid = Grid(box=rules, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
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
    grid = _pairs()
    for name, flow in record.channels.items():
        grid.add_row(Text(f"survivors of {printable(name)}"), _survivors(flow))
    for name, region in record.regions.items():
        digits = "".join(_parts(region_figure(region), errors=True))
        grid.add_row(Text(f"region {printable(name)}"), digits)
    return grid


def _survivors(flow: Cutflow) -> Text:
    ids = flow.survivors
    if ids is None:
        return Text(*_WORDS[Missing.BLINDED])
    words = Text(f"{grouped(str(len(ids)), ' ')}")
    if len(ids):
        words.append("  " + "  ".join(event_name(row) for row in ids[:SURVIVORS_SHOWN]), "dim")
    if len(ids) > SURVIVORS_SHOWN:
        words.append("  …", "dim")
    return words


def _pairs() -> Grid:
    grid = Grid.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim")
    grid.add_column(overflow="fold")
    return grid


def plain(drawn: RenderableType, width: int) -> str:
    """Draw without colours and without blanks at the ends of lines."""
    console = Console(
        file=io.StringIO(), width=width, color_system=None, force_terminal=False,
        legacy_windows=False, highlight=False, emoji=False, markup=False, _environ={},
    )  # fmt: skip
    with console.capture() as capture:
        console.print(drawn)
    return "".join(f"{line.rstrip()}\n" for line in capture.get().splitlines())
