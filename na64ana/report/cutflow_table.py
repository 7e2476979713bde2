"""The cutflow of one channel for the terminal: as much of its table as the console has room for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.box import Box
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.table import Table as Grid
from rich.text import Text

from na64ana.cutflow import Cutflow
from na64ana.errors import printable
from na64ana.report.figures import Column, aligned
from na64ana.report.table import HEADINGS, Table, tabulate
from na64ana.report.terminal import characters_of, mark, note, ruled, rules_of

__all__ = ["CutflowTable"]

_NARROWEST = 60  # words under a table may be this wide, however narrow the table is


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


class CutflowTable:
    """A cutflow that takes the fullest shape which fits the console."""

    def __init__(self, flow: Cutflow, shared: int = 0) -> None:
        self.table = tabulate(flow)
        self.shared = shared

    @property
    def natural(self) -> int:
        """Width of the fullest shape, and of the words under it."""
        return max(_width(_columns(self.table, _SHAPES[0]), _SHAPES[0]), _NARROWEST)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        characters = characters_of(options)
        for shape in _SHAPES:
            columns = _columns(self.table, shape, characters)
            width = _width(columns, shape)
            if width <= options.max_width:
                break
        yield self._title(characters)
        yield self._grid(shape, columns, rules_of(options))
        room = options.update(width=min(options.max_width, max(width, _NARROWEST)))
        for words in self._notes(shape):
            yield from console.render(note(characters(words)), room)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(min(_NARROWEST, options.max_width), self.natural).with_maximum(
            options.max_width
        )

    def _title(self, characters: Callable[[str], str]) -> Text:
        title = Text.assemble(" ", (characters(printable(self.table.channel)), "bold"))
        if self.table.boxes:
            words = mark("BLIND") if self.table.blind else ("box open", "")
            title.append("  ").append(*words)
        return title

    def _notes(self, shape: _Shape) -> list[str]:
        shown = [kind for kind in self.table.columns if kind not in shape.drop]
        notes = self.table.notes(shown, errors=shape.share_errors)
        left_out = [" ".join(HEADINGS[kind]) for kind in self.table.columns if kind in shape.drop]
        if left_out:
            notes.append(f"too narrow for: {', '.join(left_out)}")
        return notes

    def _grid(self, shape: _Shape, columns: Sequence[Column], rules: Box) -> Grid:
        grid = ruled(rules, shape.gap)
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


def _columns(table: Table, shape: _Shape, characters: Callable[[str], str] = str) -> list[Column]:
    lines = table.lines
    wide = len(str(lines[-1].number))
    numbers = [Text((str(line.number) if line.number else "").rjust(wide)) for line in lines]
    names = [Text(characters(printable(line.label.name))) for line in lines]
    longest = max(name.cell_len for name in names)
    made = [
        Column(("#".rjust(wide),), numbers, wide),
        Column(("cut",), names, min(shape.name, longest), folds=True),
    ]
    for kind in table.columns:
        if kind not in shape.drop:
            side = shape.share_errors if kind == "share" else shape.side_errors
            cells = [line.cells.get(kind) for line in lines]
            made.append(
                aligned(HEADINGS[kind], cells, characters, errors=side or kind == "sequential")
            )
    return made


def _width(columns: Sequence[Column], shape: _Shape) -> int:
    return sum(column.width for column in columns) + shape.gap * (len(columns) - 1) + 2
