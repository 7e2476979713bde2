"""Where results go: files written whole or not at all, and the terminal.

A command says with `when_interrupted` what stands if it is stopped half-way.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from na64ana.errors import printable
from na64ana.textfile import write_whole

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["console", "interrupted", "when_interrupted", "write"]

#: width where no terminal says its own
WIDTH = 110

# keys of what commands tell the group that they are in
_WORDS = "na64ana.interrupted"
_WRITTEN = "na64ana.written"


def write(path: str, text: str) -> None:
    """Write a text file whole or not at all; ``-`` is standard output.

    Raises
    ------
    InputError
        It cannot be written there.
    """
    if path == "-":
        sys.stdout.write(text)
        return
    write_whole(path, text)
    context = click.get_current_context(silent=True)
    if context is not None:
        context.meta.setdefault(_WRITTEN, {})[path] = None


def when_interrupted(words: Callable[[], str]) -> None:
    """Say what stands when Ctrl-C stops the command; of no words, the files that were written."""
    click.get_current_context().meta[_WORDS] = words


def interrupted(context: click.Context) -> str:
    """Return the sentence for the person who stopped a command."""
    words = context.meta.get(_WORDS, str)()
    if not words and _WRITTEN in context.meta:
        words = f"written before: {', '.join(map(printable, context.meta[_WRITTEN]))}"
    return f"Interrupted; {words or 'no output was written'}."


def console(width: int | None = None) -> Console:
    """Return the console of standard output; wide enough for tables in a pipe."""
    from rich.console import Console

    if width is None and not sys.stdout.isatty() and "COLUMNS" not in os.environ:
        width = WIDTH
    return Console(width=width, highlight=False)
