"""Text files written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

from na64ana.errors import InputError, printable

__all__ = ["write_whole"]


def write_whole(path: str | Path, text: str) -> None:
    """Write a text file by way of a file beside it, so that no half file is ever left.

    Raises
    ------
    InputError
        It cannot be written there.
    """
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
        msg = f"{printable(str(path))}: cannot be written ({reason})"
        raise InputError(msg) from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
