"""Input files: what is in them, and reading of whole branches over a range of entries."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from na64ana.errors import InputError, nearest, printable
from na64ana.events.inputs import is_url, real_path
from na64ana.events.readers import Reader, to_awkward

__all__ = [
    "ANY_TREE",
    "Branch",
    "BranchSize",
    "EventFile",
    "Tree",
    "file_identity",
    "file_stamp",
    "open_file",
]

#: the tree of a format that has none; fits every layout
ANY_TREE = ""
#: what `simulate` and other producers may write into a file, to say what it holds
TAG = "na64ana"
_ROOT_VERSIONS = 10_000_000
_LARGE_FILE = 1_000_000
#: bytes of the header of a ROOT file that matter, and of it in front of the UUID (TFile)
_ROOT_HEADER, _UUID = 100, 47


@dataclass(frozen=True)
class Branch:
    """One branch or field of a tree.

    Attributes
    ----------
    path : str
        Full path, such as ``EventHeader/eventNumber_``.
    type : str
        Type as the file names it.
    shape : str
        Shape inside the event: empty, ``60``, ``2, 5, 6``, ``var``.
    group : bool
        Whether it only holds other branches.
    problem : str
        Why it cannot be read; empty if it can.
    """

    path: str
    type: str
    shape: str = ""
    group: bool = False
    problem: str = ""


@dataclass(frozen=True)
class BranchSize:
    """How a branch is stored.

    Attributes
    ----------
    type : str
        Type as the file names it.
    stored, uncompressed : int
        Bytes in the file, and of the numbers as they are decoded.
    pieces : int
        In how many parts it can be decoded, each alone: baskets, pages or row groups.
    """

    type: str
    stored: int
    uncompressed: int
    pieces: int


@dataclass(frozen=True)
class Tree:
    """A TTree, RNTuple or table: name, format and number of entries."""

    name: str
    format: str
    entries: int


class EventFile(ABC):
    """An open input file; use it as a context manager.

    Attributes
    ----------
    path : str
    uuid : str or None
        The file's own identity.
    trees : dict of str to Tree
        By name, with folders inside the file; of several cycles the newest.
    tag : dict
        What the producer said of the file, such as ``{"kind": "simulation"}``.
    stamp : (size, time) or None
        `file_stamp` when it was opened.
    identity : tuple or None
        `file_identity` when it was opened; of a URL UUID, size and what the server says of its
        version, None if it says nothing.
    """

    path: str
    uuid: str | None
    trees: Mapping[str, Tree]
    tag: Mapping[str, Any]
    stamp: tuple[int, int] | None
    identity: tuple[str | int, ...] | None

    @abstractmethod
    def branch_paths(self, tree: str) -> list[str]:
        """Full paths of all branches of a tree, groups included."""

    @abstractmethod
    def branches(self, tree: str) -> list[Branch]:
        """All branches of a tree, with types; tries those that may be unreadable."""

    @abstractmethod
    def clusters(self, tree: str, branches: Sequence[str]) -> list[int]:
        """Entries at which reading may start at no extra cost, from 0 to the number of entries."""

    @abstractmethod
    def branch_size(self, tree: str, branch: str) -> BranchSize:
        """How one branch, with all that is inside it, is stored."""

    @abstractmethod
    def reader(self, tree: str, branch: str, start: int, stop: int) -> Reader:
        """Return what reads one branch within a range of entries."""

    def prefetch(  # noqa: B027 - nothing to be done for a local file
        self, tree: str, branches: Sequence[str], start: int, stop: int
    ) -> None:
        """Start to fetch a range of entries, where they come over a network."""

    def read(self, tree: str, branch: str, start: int, stop: int) -> Any:
        """Read one branch over a range of entries, as an awkward array."""
        array = to_awkward(self.reader(tree, branch, start, stop).take(np.arange(start, stop)))
        self.check_unchanged()
        return array

    def check_unchanged(self) -> None:
        """Refuse a file that has changed since it was opened."""
        if file_stamp(self.path) != self.stamp:
            msg = f"{printable(self.path)}: changed while it was being read"
            raise InputError(msg)

    @abstractmethod
    def close(self) -> None:
        """Close the file."""

    def find(self, tree: str, branch: str) -> str | None:
        """Return the full path of a branch given by path, or by its last part if that is unique."""
        paths = self.branch_paths(tree)
        if branch in paths:
            return branch
        ends = [path for path in paths if path.rpartition("/")[2] == branch]
        return ends[0] if len(ends) == 1 else None

    def find_tree(self, name: str) -> Tree | None:
        """Return a tree given by path inside the file, or by its last part if that is unique."""
        ends = [tree for path, tree in self.trees.items() if path.rpartition("/")[2] == name]
        if ANY_TREE in self.trees:
            return self.trees[ANY_TREE]
        return self.trees.get(name) or (ends[0] if len(ends) == 1 else None)

    def tree(self, name: str) -> Tree:
        """Return a tree by name; `InputError` names the nearest."""
        found = self.find_tree(name)
        if found is None:
            held = ", ".join(printable(t, 60) for t in self.trees) or "none"
            near = nearest(name, self.trees)
            msg = f"{printable(self.path)}: no tree '{name}' in this file (trees: {held}){near}"
            raise InputError(msg)
        return found

    def __enter__(self) -> EventFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()


def file_stamp(path: str) -> tuple[int, int] | None:
    """Size and time of the last change of a file; None where that cannot be asked."""
    if is_url(path):
        return None
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def file_identity(path: str) -> tuple[str | int, ...] | None:
    """Return UUID, size, and times of the last change of content and of state of a local file.

    The UUID is the one in the header of a ROOT file, the whole path where there is none. None for
    a URL, or if the file is not there.
    """
    if is_url(path):
        return None
    try:
        with Path(path).open("rb") as file:
            head = file.read(_ROOT_HEADER)
            found = os.fstat(file.fileno())
    except OSError:
        return None
    uuid = real_path(path)
    if head[:4] == b"root" and len(head) == _ROOT_HEADER:
        # places in files over 2 GB have 8 bytes, of which there are three in front of the UUID
        place = _UUID + (12 if int.from_bytes(head[4:8], "big") >= _LARGE_FILE else 0)
        uuid = head[place : place + 16].hex()
    return uuid, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def open_file(path: str | Path) -> EventFile:
    """Open a ROOT or Parquet file, recognised by its first bytes.

    Raises
    ------
    InputError
        The file is missing, truncated, or neither ROOT nor Parquet.
    """
    name = str(path)
    if is_url(name):
        from na64ana.events.root import RootFile

        return RootFile(name)
    try:
        if Path(name).is_dir():
            msg = f"{printable(name)}: this is a folder (Is a directory); name a file in it"
            raise InputError(msg)
        if Path(name).exists() and not Path(name).is_file():
            msg = f"{printable(name)}: not a file that can be read (a pipe or a device)"
            raise InputError(msg)
        with Path(name).open("rb") as file:
            head = file.read(8)
    except OSError as error:
        msg = f"{printable(name)}: {error.strerror or error}"
        raise InputError(msg) from None
    # after the word comes the version, such as 63400, plus a million in files over 2 GB
    if head[:4] == b"root" and int.from_bytes(head[4:], "big") < _ROOT_VERSIONS:
        from na64ana.events.root import RootFile

        return RootFile(name)
    if head[:4] == b"PAR1":
        from na64ana.events.parquet import ParquetFile

        return ParquetFile(name)
    what = "empty" if not head else f"it begins with {head[:4]!r}"
    msg = f"{printable(name)}: not a ROOT or Parquet file ({what})"
    raise InputError(msg)
