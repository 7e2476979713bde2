"""INPUT arguments to a list of files: files, globs, folders, ``@list.txt``, URLs."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from na64ana.errors import InputError, nearest, printable

__all__ = ["EXTENSIONS", "expand", "expand_all", "is_url", "real_path"]

#: what is taken from a folder
EXTENSIONS = (".root", ".parquet")
_URLS = ("root://", "xroot://", "http://", "https://")


def is_url(path: str) -> bool:
    """Whether a path names something on a server."""
    return path.startswith(_URLS)


def expand(inputs: Iterable[str | Path]) -> list[str]:
    """Return the files that the inputs stand for, in order.

    Parameters
    ----------
    inputs : iterable of str or Path
        Each a file, a glob such as ``run*.root``, a folder (its ``.root`` and ``.parquet``
        files, by name), a URL, or ``@list.txt`` with one of these per line (``#`` begins a
        comment; paths are relative to the list).

    Raises
    ------
    InputError
        Nothing is there, or the same file is given twice.
    """
    files = expand_all(inputs)
    seen: dict[str, str] = {}
    for file in files:
        real = real_path(file)
        if real in seen:
            other = "" if seen[real] == file else f" (also as {printable(seen[real])})"
            msg = f"{printable(file)}: given twice{other}; its events would be counted twice"
            raise InputError(msg)
        seen[real] = file
    return files


def expand_all(inputs: Iterable[str | Path], *, missing: bool = False) -> list[str]:
    """Return the files that the inputs stand for as `expand` does, those given twice as well.

    With ``missing``, a file that is named and not there is returned too.
    """
    files = [file for item in inputs for file in _guarded(str(item), missing)]
    if not files:
        msg = "no input files were given"
        raise InputError(msg)
    return files


def real_path(file: str) -> str:
    """Return what makes two paths the same file: links followed, and made absolute."""
    return file if is_url(file) else os.path.realpath(file)


def _guarded(item: str, missing: bool) -> list[str]:
    try:
        return list(_expand(item, Path(), missing))
    except OSError as error:
        msg = f"{printable(item)}: {error.strerror or error}"
        raise InputError(msg) from None


def _expand(item: str, folder: Path, missing: bool) -> Iterator[str]:
    if is_url(item):
        yield item
        return
    if item.startswith("@"):
        yield from _list(folder / item[1:], missing)
        return
    path = folder / item
    if not item or "\0" in item:
        msg = f"'{printable(item)}' is no file"
        raise InputError(msg)
    if path.is_dir():
        yield from _folder(path)
    elif path.exists():
        yield str(path)
    elif glob.has_magic(item):
        yield from _glob(path)
    elif missing:
        yield str(path)
    else:
        msg = f"{printable(str(path))}: no such file{_near(path)}"
        raise InputError(msg)


def _near(path: Path) -> str:
    try:
        return nearest(path.name, [p.name for p in path.parent.iterdir()])
    except OSError:
        return f" (there is no folder {printable(str(path.parent))})"


def _folder(path: Path) -> list[str]:
    found = sorted(str(p) for p in path.iterdir() if p.suffix in EXTENSIONS and p.is_file())
    if not found:
        held = sorted(p.name for p in path.iterdir())
        shown = ", ".join(printable(name, 40) for name in held[:5]) or "nothing"
        msg = (
            f"{printable(str(path))}: no {' or '.join(EXTENSIONS)} file in this folder "
            f"(it holds {shown}{', ...' if len(held) > 5 else ''})"
        )
        raise InputError(msg)
    return found


def _glob(path: Path) -> list[str]:
    found = sorted(p for p in glob.glob(str(path), recursive=True) if Path(p).is_file())  # noqa: PTH207
    if not found:
        msg = f"{printable(str(path))}: no file matches"
        raise InputError(msg)
    return found


def _list(path: Path, missing: bool) -> Iterator[str]:
    name = printable(str(path))
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        msg = f"@{name}: {error.strerror or error}"
        raise InputError(msg) from None
    except ValueError:
        msg = f"@{name}: not a list of files (not text)"
        raise InputError(msg) from None
    empty = True
    for number, line in enumerate(lines, 1):
        item = line.partition("#")[0].strip()
        if not item:
            continue
        if item.startswith("@"):
            msg = f"@{name}, line {number}: a list may not name another list"
            raise InputError(msg)
        empty = False
        try:
            yield from _expand(item, path.parent, missing)
        except InputError as error:
            msg = f"@{name}, line {number}: {error}"
            raise InputError(msg) from None
    if empty:
        msg = f"@{name}: the list is empty"
        raise InputError(msg)
