"""Columns of figures for the terminal: points and errors stand under each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.text import Text

from na64ana.errors import printable
from na64ana.report.table import Cell, Missing, grouped
from na64ana.report.terminal import characters_of, ruled, rules_of

__all__ = ["WORDS", "Column", "aligned", "grid_of", "parts_of"]

#: what stands for a number that is not there, and its style
WORDS = {
    Missing.BLINDED: ("blinded", "yellow"),
    Missing.NOT_COMPUTED: ("–", "dim"),
    Missing.EMPTY: ("–", "dim"),
}


@dataclass(frozen=True)
class Column:
    """Head, cells and width of a column that is to be drawn."""

    head: tuple[str, ...]
    cells: list[Text]
    width: int
    folds: bool = False


def aligned(
    head: tuple[str, ...], cells: Sequence[Cell], characters: Callable[[str], str], *, errors: bool
) -> Column:
    """Put decimal points and errors under each other; all strings come out equally long."""
    parts = [tuple(map(characters, parts_of(cell, errors=errors))) for cell in cells]
    figures = [p for p, cell in zip(parts, cells, strict=True) if not isinstance(cell, Missing)]
    fraction, tail = (max((len(p[i]) for p in figures), default=0) for i in (1, 2))
    texts = [
        p[0] + " " * tail
        if isinstance(cell, Missing)
        else p[0] + p[1].ljust(fraction) + p[2].ljust(tail)
        for p, cell in zip(parts, cells, strict=True)
    ]
    width = max(len(text) for text in (*texts, *head))
    styles = [WORDS[cell][1] if isinstance(cell, Missing) else "" for cell in cells]
    return Column(
        tuple(line.center(width) if tail else line.rjust(width) for line in head),
        [Text(text.rjust(width), style) for text, style in zip(texts, styles, strict=True)],
        width,
    )


def parts_of(cell: Cell, *, errors: bool) -> tuple[str, str, str]:
    """Return a cell up to the decimal point, from there on, and its errors."""
    if cell is None:
        return "", "", ""
    if isinstance(cell, Missing):
        return WORDS[cell][0], "", ""
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


class _Figures:
    """Columns of figures beside names."""

    def __init__(
        self, names: Sequence[str], columns: Sequence[tuple[tuple[str, ...], Sequence[Cell]]]
    ) -> None:
        self.names = names
        self.columns = columns

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        characters = characters_of(options)
        grid = ruled(rules_of(options))
        made = [aligned(head, cells, characters, errors=True) for head, cells in self.columns]
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
