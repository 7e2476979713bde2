"""Files: written whole or not at all; JSON read with an error that names the file."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from na64ana.errors import InputError, Na64Error, printable

__all__ = ["make_folder", "read_json", "write_whole"]


def make_folder(path: str | Path) -> Path:
    """Make a folder, and those above it, where it is not there yet; return its path.

    Raises
    ------
    InputError
        It cannot be made there.
    """
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"{printable(str(path))}: cannot be made ({error.strerror or error})"
        raise InputError(msg) from None
    return folder


def read_json(path: str | Path, what: str, error: Callable[[str], Na64Error]) -> Any:
    """Return the content of a JSON file.

    Parameters
    ----------
    path : str or Path
    what : str
        What it should be, for messages: ``a record``.
    error : callable
        Makes the error to raise from its message.

    Raises
    ------
    Na64Error
        What ``error`` makes: the file cannot be read, or is no JSON.
    """
    name = printable(str(path))
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as cause:
        raise error(f"{name}: {cause.strerror or cause}") from None
    except (ValueError, RecursionError) as cause:
        raise error(f"{name}: not {what} (no JSON: {printable(str(cause))})") from None


def write_whole(path: str | Path, content: str | bytes) -> None:
    """Write a text, or bytes, by way of a file beside it, so that no half file is ever left.

    Raises
    ------
    InputError
        It cannot be written there.
    """
    written = content.encode() if isinstance(content, str) else content
    try:
        target = Path(path).resolve()  # of a link, what it points to is written
        if target.exists() and not target.is_file():  # a device or a pipe
            target.write_bytes(written)
            return
        with NamedTemporaryFile("wb", dir=target.parent, prefix=".", delete=False) as file:
            beside = Path(file.name)
            try:
                file.write(written)
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
