"""Where results go: files written whole or not at all, and the terminal."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from na64ana.errors import InputError, printable

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["console", "write"]

#: width where no terminal says its own
WIDTH = 110


def write(path: str, text: str) -> None:
    """Write a text file by way of a file beside it, so that no half file is ever left.

    Raises
    ------
    InputError
        It cannot be written there.
    """
    if path == "-":
        sys.stdout.write(text)
        return
    try:
        target = Path(path).resolve()  # of a link, what it points to is written
        if target.exists() and not target.is_file():  # a device or a pipe
            target.write_text(text, encoding="utf-8")
            return
        with NamedTemporaryFile(
            "w", encoding="utf-8", newline="\n", dir=target.parent, prefix=".", delete=False
        ) as file:
            beside = Path(file.name)
            try:
                file.write(text)
                file.flush()
                beside.chmod(0o666 & ~_umask())
                beside.replace(target)
            except BaseException:
                beside.unlink(missing_ok=True)
                raise
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or error
        msg = f"{printable(path)}: cannot be written ({reason})"
        raise InputError(msg) from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def console(width: int | None = None) -> Console:
    """Return the console of standard output; wide enough for tables in a pipe."""
    from rich.console import Console

    if width is None and not sys.stdout.isatty() and "COLUMNS" not in os.environ:
        width = WIDTH
    return Console(width=width, highlight=False)
