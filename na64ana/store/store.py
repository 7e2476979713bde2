"""The store: a folder with one file of kept results for each input file.

The name of each is the hash of all that its numbers depend on but the expressions, which name the
columns in it: what the input file is, the layout, and the code and libraries that computed them. So
a change of any of these is computed anew, and nothing that is found is stale. Files are written
beside and renamed: several processes may use one folder at once, and a crash leaves no half file.
What is damaged is removed and computed anew. Files of other names are never touched.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from na64ana.errors import InputError, printable
from na64ana.layouts import Layout
from na64ana.provenance import software
from na64ana.store import size
from na64ana.store.columns_file import ColumnsFile, Damaged
from na64ana.store.parts import write_joined, write_whole
from na64ana.textfile import make_folder

__all__ = ["Store", "StoredFile"]

#: seconds after which what a killed run has left is removed
_FORGOTTEN = 24 * 3600
#: seconds after which the use of a file is noted again
_NOTED = 3600
#: names of files: what is kept of an input, a part of it, and one that is being written
_KEPT, _PART, _BESIDE = (
    re.compile(pattern)
    for pattern in (
        r"([0-9a-f]{40})\.kept",
        r"[0-9a-f]{40}-[0-9a-f]{32}-[0-9]{12}\.part",
        r"\.[0-9a-f]{40}(-[0-9a-f]{32}-[0-9]{12}\.part|\.kept)\.[0-9a-f]{32}",
    )
)
#: what decides the number that an expression gives
_CODE = ("events", "evaluate", "expressions", "layouts", "store", "units.py")


@dataclass(frozen=True)
class StoredFile:
    """One file of the store, as `Store.files` lists it.

    Attributes
    ----------
    path : Path
    size : int
        Bytes.
    used : float
        When it was last used, to the hour, in seconds since 1970.
    input, layout : str or None
        Path of the input file when it was computed, and its layout; None where that cannot be
        read, as of a file of another version.
    entries, columns : int or None
    """

    path: Path
    size: int
    used: float
    input: str | None = None
    layout: str | None = None
    entries: int | None = None
    columns: int | None = None


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
    limit: int = size.DEFAULT_LIMIT
    run: str = ""

    @classmethod
    def at(cls, folder: str | Path, limit: int | None = None) -> Store:
        """Return the store in a folder, which is made if need be, for one run.

        Parameters
        ----------
        folder : str or Path
        limit : int, optional
            Bytes; default: that of the variable ``NA64ANA_STORE_LIMIT``, or 20 GB.

        Raises
        ------
        InputError
            The folder cannot be made or written, or the variable is no size.
        """
        most = size.store_limit() if limit is None else limit
        found = make_folder(folder).absolute()  # workers may run elsewhere
        if not os.access(found, os.W_OK | os.X_OK):
            msg = f"{printable(str(folder))}: nothing can be kept in this folder (not writable)"
            raise InputError(msg)
        return cls(found, most, uuid.uuid4().hex)

    def name(self, identity: Sequence[str | int] | None, layout: Layout) -> str | None:
        """Return what an input file is called here; None if its identity is not known."""
        if identity is None:
            return None
        depends = [*identity, layout.sha256, software(), _code()]
        return hashlib.sha256(json.dumps(depends).encode()).hexdigest()[:40]

    def open(self, name: str) -> ColumnsFile | None:
        """Open what is kept of an input file; None if there is nothing that can be used."""
        path = self._path(name)
        try:
            found = path.stat()
            if time.time() - found.st_mtime > _NOTED:
                with suppress(OSError):  # a folder of others
                    os.utime(path)
                found = path.stat()
            file = _opened(path, found.st_ino, found.st_size, found.st_mtime_ns)
            if file.meta["name"] != name:
                raise Damaged(f"{path}: is that of another file")
        except OSError:
            return None
        except Damaged:
            self.drop(name)
            return None
        return file

    def drop(self, name: str) -> None:
        """Remove what is kept of an input file."""
        with suppress(OSError):
            self._path(name).unlink()

    def save_part(
        self, name: str, start: int, meta: Mapping[str, Any], columns: Mapping[str, np.ndarray]
    ) -> None:
        """Keep the columns of some entries, from ``start`` on, until the file is complete.

        What cannot be written is not kept: the store saves time, and costs no result.
        """
        with suppress(OSError):
            write_whole(self._part(name, start), {**meta, "name": name, "start": start}, columns)

    def gather(self, name: str, starts: Sequence[int], entries: int) -> None:
        """Put the parts of an input file together, with what was kept of it before."""
        paths = [self._part(name, start) for start in starts]
        if not any(path.exists() for path in paths):
            return
        try:
            parts = [ColumnsFile(path) for path in paths]
            self._join(name, parts, entries)
            for part in parts:
                part.close()
        except (OSError, Damaged):
            pass
        for path in paths:
            with suppress(OSError):
                path.unlink()
        self.prune()

    def _join(self, name: str, parts: list[ColumnsFile], entries: int) -> None:
        before = self.open(name)
        if before is not None and before.size == entries:
            try:
                write_joined(self._path(name), [before], parts, entries)
            except Damaged:
                self.drop(name)
            else:
                return
        write_joined(self._path(name), [], parts, entries)

    def files(self) -> list[StoredFile]:
        """Return all files, the one used last first."""
        found = [_described(*item) for item in self._found(_KEPT)]
        return sorted(found, key=lambda file: (-file.used, file.path))

    def prune(self, limit: int | None = None) -> int:
        """Remove what was used longest ago until the limit is kept; return the bytes freed.

        What a run has left that was killed goes after a day.
        """
        limit = self.limit if limit is None else limit
        total = freed = 0
        for path, found in sorted(self._found(_KEPT), key=lambda item: -item[1].st_mtime):
            total += found.st_size
            if total > limit:
                freed += _removed(path, found)
        for path, found in self._found(_PART, _BESIDE):
            if time.time() - found.st_mtime > _FORGOTTEN:
                freed += _removed(path, found)
        return freed

    def clear(self) -> int:
        """Remove everything that is the store's own; return the bytes freed."""
        return sum(_removed(*item) for item in list(self._found(_KEPT, _PART, _BESIDE)))

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.kept"

    def _part(self, name: str, start: int) -> Path:
        return self.folder / f"{name}-{self.run}-{start:012d}.part"

    def _found(self, *patterns: re.Pattern[str]) -> Iterator[tuple[Path, os.stat_result]]:
        """Files of these names, and their state."""
        try:
            with os.scandir(self.folder) as entries:
                for entry in entries:
                    if any(pattern.fullmatch(entry.name) for pattern in patterns):
                        with suppress(OSError):  # removed by another process
                            if entry.is_file(follow_symlinks=False):
                                yield Path(entry.path), entry.stat(follow_symlinks=False)
        except OSError:
            return


@lru_cache(maxsize=128)
def _opened(path: Path, *_state: int) -> ColumnsFile:
    """Open a file once for each content: it is replaced, never changed, and checked once."""
    return ColumnsFile(path)


def _removed(path: Path, found: os.stat_result) -> int:
    """Remove a file; return the bytes freed."""
    try:
        path.unlink()
    except OSError:
        return 0
    return found.st_size


def _described(path: Path, found: os.stat_result) -> StoredFile:
    known = StoredFile(path, found.st_size, found.st_mtime)
    try:
        file = ColumnsFile(path)
        described = StoredFile(
            path,
            found.st_size,
            found.st_mtime,
            str(file.meta["input"]["path"]),
            str(file.meta["input"]["layout"]),
            file.size,
            len(file.names),
        )
    except (OSError, Damaged, LookupError, TypeError):
        return known
    file.close()
    return described


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
