"""Where results go: files written whole or not at all, and the terminal."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from na64ana.textfile import write_whole

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["console", "write"]

#: width where no terminal says its own
WIDTH = 110


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


def console(width: int | None = None) -> Console:
    """Return the console of standard output; wide enough for tables in a pipe."""
    from rich.console import Console

    if width is None and not sys.stdout.isatty() and "COLUMNS" not in os.environ:
        width = WIDTH
    return Console(width=width, highlight=False)
