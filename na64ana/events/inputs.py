"""INPUT arguments to a list of files: files, globs, folders, ``@list.txt``, URLs."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from na64ana.errors import InputError, nearest, printable, redacted

__all__ = [
    "EXTENSIONS",
    "SecretUrl",
    "expand",
    "expand_all",
    "is_url",
    "is_xrootd",
    "real_path",
    "url",
]

#: what is taken from a folder
EXTENSIONS = (".root", ".parquet")
_XROOTD = ("root://", "xroot://", "roots://", "xroots://")
_URLS = (*_XROOTD, "http://", "https://")
#: scheme and host of a URL, its path, and what follows a question mark
_PARTS = re.compile(r"([^/]*//[^/?#]*)([^?#]*)(.*)", re.DOTALL)


class SecretUrl(str):
    """A URL whose password or token is not in its text: ``***`` stands there.

    So it can be compared, written and printed like any path; ``full`` is for the request alone.
    It keeps the secret when it is sent to another process.
    """

    full: str

    def __new__(cls, full: str) -> SecretUrl:
        """Make one of a whole URL."""
        made = super().__new__(cls, redacted(full))
        made.full = full
        return made

    def __str__(self) -> str:
        return self

    def __format__(self, how: str) -> str:
        return format(str.__str__(self), how)

    def __getnewargs__(self) -> tuple[str]:
        return (self.full,)


def url(path: str) -> str:
    """Return a URL as it may be kept and shown: a `SecretUrl` where there is a secret in it."""
    return path if isinstance(path, SecretUrl) or redacted(path) == path else SecretUrl(path)


def is_url(path: str) -> bool:
    """Whether a path names something on a server."""
    return path.startswith(_URLS)


def is_xrootd(path: str) -> bool:
    """Whether a URL is one of XRootD."""
    return path.startswith(_XROOTD)


def expand(inputs: Iterable[str | Path]) -> list[str]:
    """Return the files that the inputs stand for, in order.

    Parameters
    ----------
    inputs : iterable of str or Path
        Each a file, a glob such as ``run*.root``, a folder (its ``.root`` and ``.parquet``
        files, by name), a URL, or ``@list.txt`` with one of these per line (``#`` begins a
        comment; paths are relative to the list). In the path of a ``root://`` URL, ``*`` and
        ``[...]`` are wildcards.

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
        yield from _url(item)
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


def _url(item: str) -> Iterator[str]:
    """Return a URL, or those that match one with wildcards in its path.

    A question mark begins the parameters of a URL, so it is no wildcard.
    """
    match = _PARTS.fullmatch(item)
    if match is None or not set("*[") & set(match[2]):
        yield url(item)
        return
    if not is_xrootd(item):
        msg = (
            f"{printable(item)}: no wildcards over http: such a server cannot say which files it "
            "has; name them, or put their URLs into a list and give @list.txt (a '*' in the name "
            "of a file is written %2A, a '[' %5B)"
        )
        raise InputError(msg)
    from na64ana.events.remote_xrootd import matching

    host, path, parameters = match.groups()
    found = matching(host, path, shown=redacted(item))
    if not found:
        msg = f"{printable(item)}: no file matches"
        raise InputError(msg)
    for name in found:
        yield url(f"{host}{name}{parameters}")


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
