"""What every output on the terminal is drawn with: rules, marks, pairs, notes, plain text."""

from __future__ import annotations

import io
from collections.abc import Callable

from rich.box import Box
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from na64ana.errors import printable
from na64ana.report import exposure

__all__ = [
    "INDENT",
    "RULES",
    "as_console_can",
    "characters_of",
    "mark",
    "note",
    "pairs",
    "plain",
    "ruled",
    "rules_of",
]

#: heavy rules at top and bottom, a light one under the head, none between columns
RULES = Box(" ━━ \n    \n ── \n    \n ── \n ── \n    \n ━━ \n")
_RULES_ASCII = Box(" == \n    \n -- \n    \n -- \n -- \n    \n == \n", ascii=True)
_ASCII = str.maketrans({"±": "+-", "−": "-", "–": "-", "·": "-", "…": "..."})
INDENT = (0, 0, 0, 1)  # words begin where the words of a table do

_STATES = {
    "BLIND": "bold black on yellow",
    "UNBLINDED": "bold white on red",
    exposure.INCOMPLETE: "bold white on red",
}


def rules_of(options: ConsoleOptions) -> Box:
    """Return the rules of a table that the console can show."""
    return _RULES_ASCII if options.ascii_only else RULES


def characters_of(options: ConsoleOptions) -> Callable[[str], str]:
    """Return what makes of a text one that the console can show."""
    return _in_ascii if options.ascii_only else str


def _in_ascii(text: str) -> str:
    return text.translate(_ASCII).encode("ascii", "backslashreplace").decode()


def as_console_can(drawn: RenderableType) -> RenderableType:
    """Escape what a console without Unicode cannot show."""
    return _AsConsoleCan(drawn)


class _AsConsoleCan:
    """Escapes what a console without Unicode cannot show."""

    def __init__(self, drawn: RenderableType) -> None:
        self.drawn = drawn

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for part in console.render(self.drawn, options):
            yield part._replace(text=_in_ascii(part.text)) if options.ascii_only else part


def mark(word: str) -> tuple[str, str]:
    """Return the state of a record or of its exposure, and the style that makes it stand out."""
    return f" {word} ", _STATES[word]


def ruled(rules: Box = RULES, gap: int = 3) -> Grid:
    """Return an empty table with a head and so many blanks between its columns."""
    return Grid(box=rules, padding=(0, gap - 1, 0, 0), pad_edge=False, header_style="bold")


def pairs() -> Grid:
    """Return an empty grid of what something is called and what it is."""
    grid = Grid.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim")
    grid.add_column(overflow="fold")
    return grid


def note(words: str) -> RenderableType:
    """Return a remark to stand under a table."""
    return Padding(Text(printable(words, 2000), "dim"), INDENT)


def plain(drawn: RenderableType, width: int) -> str:
    """Draw without colours and without blanks at the ends of lines."""
    console = Console(
        file=io.StringIO(), width=width, color_system=None, force_terminal=False,
        legacy_windows=False, highlight=False, emoji=False, markup=False, _environ={},
    )  # fmt: skip
    with console.capture() as capture:
        console.print(drawn)
    return "".join(f"{line.rstrip()}\n" for line in capture.get().splitlines())
