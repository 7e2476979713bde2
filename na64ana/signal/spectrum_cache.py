"""Spectra kept on disk between runs: what is slow to compute and needed again and again.

One file for each spectrum, in the folder ``spectra`` of $NA64ANA_CACHE, else of
$XDG_CACHE_HOME/na64ana, else of ~/.cache/na64ana; nothing is kept with NA64ANA_CACHE=off. The name
of a file is a hash of what was asked for, of the source of all modules of `na64ana.signal` and of
the constants of nature, so that no number outlives the code that it came from. A file that is
damaged, or another's, is computed anew; a folder that cannot be read or written is left alone. Any
file may be deleted at any time.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from na64ana.errors import InputError
from na64ana.signal import constants
from na64ana.textfile import make_folder, write_whole

__all__ = ["cache_folder", "kept"]

Floats = NDArray[np.float64]

#: bytes that all files may have together; beyond, those written first are deleted
MOST_BYTES = 64_000_000
#: files that a process writes between two looks at how much there is
BETWEEN_LOOKS = 100
_MAGIC = b"na64ana spectrum 1\n"
_SUFFIX = ".spectrum"

_WRITTEN = itertools.count()  # files of this process; no result depends on it


def cache_folder() -> Path | None:
    """Return the folder that spectra are kept in; None if they are not to be kept."""
    chosen = os.environ.get("NA64ANA_CACHE", "")
    if chosen == "off":
        return None
    try:
        if chosen:
            return Path(chosen).expanduser() / "spectra"
        xdg = os.environ.get("XDG_CACHE_HOME", "")
        root = Path(xdg) if Path(xdg).is_absolute() else Path.home() / ".cache"
    except RuntimeError:  # there is no home
        return None
    return root / "na64ana" / "spectra"


def kept(asked: tuple[Any, ...], compute: Callable[[], Floats]) -> Floats:
    """Return the array that was kept, or compute and keep it.

    Parameters
    ----------
    asked : tuple
        All that the array depends on besides code and constants of nature, in plain values or
        dataclasses of them: two different ones have different ``repr``.
    compute : callable
        Gives the array (2, n). What it raises is passed on, and nothing is kept.

    Returns
    -------
    array (2, n)
        The very numbers that were computed.
    """
    folder, sources = cache_folder(), _sources(Path(__file__).parent)
    if folder is None or sources is None:
        return compute()
    key = f"{sources} {asked!r}".encode()
    path = folder / (hashlib.sha256(key).hexdigest() + _SUFFIX)
    found = _read(path, key)
    if found is None:
        found = compute()
        if found.size:
            _write(path, key, found)
    return found


@lru_cache(maxsize=1)
def _sources(package: Path) -> str | None:
    """Hash of the code and the constants that numbers come from; None if there is no source."""
    files = sorted(package.glob("*.py"))
    if not files:  # installed without source: stale numbers could not be told
        return None
    found = hashlib.sha256(np.__version__.encode())
    for name in constants.__all__:
        found.update(f"{name}={getattr(constants, name)!r}\n".encode())
    for file in files:
        found.update(file.name.encode() + b"\n" + hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()


def _read(path: Path, key: bytes) -> Floats | None:
    """Return the array of a file; None if there is none, or it is not what was written."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    start = len(_MAGIC) + hashlib.sha256().digest_size
    body = content[start:]
    if content[:start] != _MAGIC + hashlib.sha256(key + body).digest():
        return None
    return np.frombuffer(body, dtype="<f8").astype(np.float64).reshape(2, -1)


def _write(path: Path, key: bytes, array: Floats) -> None:
    """Write the array to a file if that can be done."""
    body = array.astype("<f8").tobytes()
    with contextlib.suppress(InputError):
        make_folder(path.parent)
        write_whole(path, _MAGIC + hashlib.sha256(key + body).digest() + body)
        if next(_WRITTEN) % BETWEEN_LOOKS == 0:
            _make_room(path.parent)


def _make_room(folder: Path) -> None:
    """Delete what was written first until all files together have at most `MOST_BYTES`."""
    with contextlib.suppress(OSError):  # another process may do the same just now
        entries = [entry for entry in os.scandir(folder) if entry.name.endswith(_SUFFIX)]
        files = sorted((entry.stat().st_mtime, entry.stat().st_size, entry.path)
                       for entry in entries)  # fmt: skip
        excess = sum(size for _, size, _ in files) - MOST_BYTES
        for _, size, path in files:
            if excess <= 0:
                break
            Path(path).unlink(missing_ok=True)
            excess -= size
