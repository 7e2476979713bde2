"""The store: a folder with one file of kept results for each input file.

The name of each is the hash of all that its numbers depend on but the expressions, which name the
columns in it: what the input file is, the layout, and the code and libraries that computed them. So
a change of any of these is computed anew, and nothing that is found is stale. Files are written
beside and renamed: several processes may use one folder at once, and a crash leaves no half file.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from na64ana.events import file_identity
from na64ana.layouts import Layout
from na64ana.provenance import software
from na64ana.store.columns_file import BATCH, ColumnsFile, write_columns
from na64ana.textfile import make_folder

__all__ = ["DEFAULT_LIMIT", "Store", "StoredFile"]

#: bytes of all files; those used longest ago go first
DEFAULT_LIMIT = 20 * 10**9
#: parts that a killed run has left are removed after a day
_FORGOTTEN = 24 * 3600
_SUFFIX, _PART = ".kept", ".part"
#: what decides the number that an expression gives
_CODE = ("events", "evaluate", "expressions", "store", "units.py")


@dataclass(frozen=True)
class StoredFile:
    """One file of the store, as `Store.files` lists it.

    Attributes
    ----------
    path : Path
    size : int
        Bytes.
    used : float
        When it was last used, in seconds since 1970.
    input, layout : str
        Path of the input file when it was computed, and its layout.
    entries, columns : int
    """

    path: Path
    size: int
    used: float
    input: str
    layout: str
    entries: int
    columns: int


@dataclass(frozen=True)
class Store:
    """A folder of kept results.

    Attributes
    ----------
    folder : Path
    limit : int
        Bytes above which the files that were used longest ago are removed.
    run : str
        Marks the parts of one run, which are put together when a file is complete.
    """

    folder: Path
    limit: int = DEFAULT_LIMIT
    run: str = ""

    @classmethod
    def at(cls, folder: str | Path, limit: int = DEFAULT_LIMIT) -> Store:
        """Return the store in a folder, which is made if need be, for one run.

        Raises
        ------
        InputError
            The folder cannot be made.
        """
        return cls(make_folder(folder), limit, uuid.uuid4().hex)

    def name(self, path: str, layout: Layout) -> str | None:
        """Return what an input file is called here; None if its identity is not known."""
        identity = file_identity(path)
        if identity is None:
            return None
        depends = [*identity, layout.sha256, software(), _code()]
        return hashlib.sha256(json.dumps(depends).encode()).hexdigest()[:40]

    def open(self, name: str) -> ColumnsFile | None:
        """Open what is kept of an input file; None if there is nothing, or not whole."""
        path = self._path(name)
        try:
            os.utime(path)
            found = path.stat()
            return _opened(path, found.st_ino, found.st_size)
        except (OSError, ValueError, LookupError, TypeError):
            return None

    def save_part(
        self, name: str, start: int, meta: Mapping[str, Any], columns: Mapping[str, np.ndarray]
    ) -> None:
        """Keep the columns of some entries, from ``start`` on, until the file is complete.

        What cannot be written is not kept: the store saves time, and costs no result.
        """
        path = self.folder / f"{name}-{self.run}-{start:012d}{_PART}"
        _write(path, {**meta, "start": start}, [columns])

    def gather(self, name: str, entries: int) -> None:
        """Put the parts of an input file together, with what was kept of it before."""
        paths = sorted(self.folder.glob(f"{name}-{self.run}-*{_PART}"))
        try:
            parts = [ColumnsFile(path) for path in paths]
            if parts and _cover(parts, entries):
                before = self.open(name)
                files = [before] if before is not None and before.size == entries else []
                _write(self._path(name), parts[0].meta, _joined(files, parts, entries))
                for part in parts:
                    part.close()
        except (OSError, ValueError, LookupError):
            pass
        for path in paths:
            path.unlink(missing_ok=True)
        self.prune()

    def files(self) -> list[StoredFile]:
        """Return all files, the one used last first."""
        found = [_described(path) for path in self.folder.glob(f"*{_SUFFIX}")]
        return sorted((f for f in found if f is not None), key=lambda f: -f.used)

    def prune(self, limit: int | None = None) -> int:
        """Remove what was used longest ago until the limit is kept; return the bytes freed."""
        limit = self.limit if limit is None else limit
        total = freed = 0
        for path, size, _ in sorted(self._sizes(), key=lambda item: -item[2]):
            total += size
            if total > limit:
                path.unlink(missing_ok=True)
                freed += size
        for path in self.folder.glob(f"*{_PART}"):
            if _age(path) > _FORGOTTEN:
                path.unlink(missing_ok=True)
        return freed

    def clear(self) -> int:
        """Remove everything; return the bytes freed."""
        freed = 0
        for suffix in (_SUFFIX, _PART):
            for path in self.folder.glob(f"*{suffix}"):
                freed += path.stat().st_size
                path.unlink(missing_ok=True)
        return freed

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}{_SUFFIX}"

    def _sizes(self) -> Iterator[tuple[Path, int, float]]:
        for path in self.folder.glob(f"*{_SUFFIX}"):
            try:
                found = path.stat()
            except OSError:  # removed by another process
                continue
            yield path, found.st_size, found.st_mtime


@lru_cache(maxsize=128)
def _opened(path: Path, inode: int, size: int) -> ColumnsFile:  # noqa: ARG001 - name its content
    """Open a file once for each content: it is replaced, never changed, and checked once."""
    return ColumnsFile(path)


def _write(path: Path, meta: Mapping[str, Any], batches: Any) -> None:
    beside = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        write_columns(beside, meta, batches)
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _cover(parts: list[ColumnsFile], entries: int) -> bool:
    """Whether parts follow one another from the first entry to the last, with the same columns."""
    at = 0
    for part in parts:
        if part.meta["start"] != at or part.names != parts[0].names:
            return False
        at += part.size
    return at == entries


def _joined(
    files: list[ColumnsFile], parts: list[ColumnsFile], entries: int
) -> Iterator[dict[str, np.ndarray]]:
    """Yield batches of all columns."""
    starts = [part.meta["start"] for part in parts]
    for start in range(0, max(entries, 1), BATCH):
        stop = min(start + BATCH, entries)
        batch = {name: file.rows(name, start, stop) for file in files for name in file.names}
        for name in parts[0].names:
            pieces = [
                part.rows(name, max(start, first) - first, min(stop, first + part.size) - first)
                for part, first in zip(parts, starts, strict=True)
                if first < stop and first + part.size > start
            ]
            batch[name] = np.concatenate(pieces or [parts[0].rows(name, 0, 0)])
        yield batch


def _described(path: Path) -> StoredFile | None:
    try:
        found = path.stat()
        file = ColumnsFile(path)
    except (OSError, ValueError, LookupError):
        return None
    meta = file.meta
    described = StoredFile(
        path,
        found.st_size,
        found.st_mtime,
        str(meta["input"]["path"]),
        str(meta["input"]["layout"]),
        file.size,
        len(file.names),
    )
    file.close()
    return described


def _age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return 0.0


@cache
def _code() -> str:
    """Hash of the source that decides what an expression gives."""
    package = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for place in _CODE:
        found = package / place
        for path in sorted(found.rglob("*.py")) if found.is_dir() else [found]:
            digest.update(str(path.relative_to(package)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
