"""ROOT files through uproot: TTree and RNTuple.

All that is particular to uproot is here and in the modules that check the bytes of a file:
`keys`, `baskets` and `rntuple_checksums`.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import uproot

from na64ana.errors import InputError, printable
from na64ana.events.baskets import BasketTable, CheckedBaskets
from na64ana.events.files import (
    TAG,
    Branch,
    BranchSize,
    EventFile,
    Tree,
    file_identity,
    file_stamp,
)
from na64ana.events.inputs import is_url, url
from na64ana.events.keys import Damaged, check_contents, check_stored
from na64ana.events.local import LocalSource
from na64ana.events.readers import Piece, PieceReader, Place, Reader, WholeReader
from na64ana.events.remote import RemoteSource
from na64ana.events.rntuple import field_reader, field_size
from na64ana.events.rntuple_checksums import (
    check_anchor,
    check_envelopes,
    check_pages_when_read,
)
from na64ana.events.ttree import entry_decoder

__all__ = ["RootFile"]

#: "root", version, first record, end of the file (in files over 2 GB as 8 bytes)
_HEADER = struct.Struct(">4sIIII")
_LONG_FILE = 1_000_000
_NO_UUID = "00000000-0000-0000-0000-000000000000"
_TTREE, _RNTUPLE = "TTree", "RNTuple"
_CLASSES = {"TTree": _TTREE, "TChain": _TTREE, "TNtuple": _TTREE, "TNtupleD": _TTREE,
            "ROOT::RNTuple": _RNTUPLE}  # fmt: skip


class RootFile(EventFile):
    """A ROOT file."""

    def __init__(self, path: str) -> None:
        self.path = path = url(path)
        self._objects: dict[str, Any] = {}
        self._paths: dict[str, list[str]] = {}
        self._readers: dict[tuple[str, str], Reader | None] = {}
        self.stamp, self.identity = file_stamp(path), file_identity(path)
        with _translated(path, "cannot be opened"):
            if not is_url(path):
                _check_length(Path(path))
            # as a mapping, since in plain text a colon would separate file and object; absolute,
            # since "file:tout" would be taken for a URL
            place = path if is_url(path) else str(Path(path).absolute())
            handler = RemoteSource if is_url(path) else LocalSource
            self._file = _opened(place, handler)
        try:
            with _translated(path, "its list of contents cannot be read"):
                check_contents(self._file)
                uuid = str(self._file.file.uuid)
                self._classes: dict[str, str] = self._file.classnames(cycle=False)
            self.uuid = None if uuid == _NO_UUID else uuid
            if is_url(path):
                self.identity = self._remote_identity()
            self.tag = self._tag()
        except BaseException:
            self.close()
            raise

    def _remote_identity(self) -> tuple[str | int, ...] | None:
        source = self._file.file.source
        if self.uuid is None or not isinstance(source, RemoteSource) or not source.stamp.version:
            return None
        return self.uuid, *source.stamp

    def _tag(self) -> Mapping[str, Any]:
        if self._classes.get(TAG) != "TObjString":
            return {}
        with _translated(self.path, f"its tag '{TAG}' cannot be read"):
            check_stored(self._file.key(TAG))
            tag = json.loads(str(self._file[TAG]))
        if not isinstance(tag, dict):
            msg = f"{printable(self.path)}: its tag '{TAG}' is no mapping"
            raise InputError(msg)
        return tag

    @cached_property
    def trees(self) -> Mapping[str, Tree]:  # type: ignore[override]
        """All trees, with their numbers of entries."""
        found = {}
        for name, classname in self._classes.items():
            if classname in _CLASSES:
                with _translated(self.path, f"tree '{printable(name)}' cannot be read"):
                    entries = int(self._object(name).num_entries)
                    if entries < 0:
                        raise Damaged(f"it has {entries} entries")
                found[name] = Tree(name, _CLASSES[classname], entries)
        return found

    def _object(self, tree: str) -> Any:
        if tree not in self._objects:
            key = self._file.key(tree)
            check_stored(key)
            if _CLASSES[self._classes[tree]] == _RNTUPLE:
                check_anchor(key)
                ntuple = key.get()
                check_envelopes(ntuple)
                check_pages_when_read(ntuple)
                self._objects[tree] = ntuple
            else:
                self._objects[tree] = key.get()
        return self._objects[tree]

    def _is_ttree(self, tree: str) -> bool:
        return self.trees[tree].format == _TTREE

    def branch_paths(self, tree: str) -> list[str]:
        """Full paths of all branches of a tree, groups included."""
        if tree not in self._paths:
            with _translated(self.path, f"tree '{tree}': its branches cannot be listed"):
                keys = self._object(tree).keys
                self._paths[tree] = list(keys(full_paths=True) if self._is_ttree(tree) else keys())
        return self._paths[tree]

    def branches(self, tree: str) -> list[Branch]:
        """All branches of a tree, with types; tries those that may be unreadable."""
        describe = self._describe_branch if self._is_ttree(tree) else self._describe_field
        return [describe(tree, path) for path in self.branch_paths(tree)]

    def _describe_branch(self, tree: str, path: str) -> Branch:
        branch = self._object(tree)[path]
        if branch.branches:
            return Branch(path, str(branch.typename), group=True)
        try:
            # objects are decoded by their class's streamer: only reading shows whether that works
            plain = isinstance(branch.interpretation, uproot.AsDtype | uproot.AsJagged)
            array = branch.array(entry_stop=0 if plain else 1, library="ak")
        except Exception as error:  # noqa: BLE001 - uproot raises what it meets
            return Branch(path, str(branch.typename), problem=_reason(error))
        return Branch(path, str(branch.typename), _shape(array))

    def _describe_field(self, tree: str, path: str) -> Branch:
        field = self._object(tree)[path]
        try:
            shape = _shape(field.array(entry_stop=min(1, self.trees[tree].entries)))
        except Exception as error:  # noqa: BLE001 - uproot raises what it meets
            return Branch(path, str(field.typename), problem=_reason(error))
        return Branch(path, str(field.typename), shape, group=bool(field.keys()))

    def clusters(self, tree: str, branches: Sequence[str]) -> list[int]:
        """Entries at which reading may start at no extra cost, from 0 to the number of entries."""
        entries = self.trees[tree].entries
        with _translated(self.path, f"tree '{tree}': its clusters cannot be read"):
            if self._is_ttree(tree):
                names = {id(self._object(tree)[name]) for name in branches}
                starts = self._object(tree).common_entry_offsets(
                    filter_branch=lambda branch: id(branch) in names
                )
            else:
                starts = [c.num_first_entry for c in self._object(tree).cluster_summaries]
        return sorted({0, *(int(s) for s in starts if 0 < s < entries), entries})

    def branch_size(self, tree: str, branch: str) -> BranchSize:
        """How one branch, with all that is inside it, is stored."""
        found = self._object(tree)[branch]
        what = f"tree '{printable(tree)}', branch '{printable(branch)}'"
        with _translated(self.path, f"{what}: its size cannot be read"):
            if not self._is_ttree(tree):
                return BranchSize(str(found.typename), *field_size(self._object(tree), found))
            parts = [found, *found.itervalues(recursive=True)]
            return BranchSize(
                str(found.typename),
                sum(int(part.compressed_bytes) for part in parts),
                sum(int(part.uncompressed_bytes) for part in parts),
                max(int(part.num_baskets) for part in parts),
            )

    def reader(self, tree: str, branch: str, start: int, stop: int) -> Reader:
        """Return what reads one branch within a range of entries."""
        key = tree, branch
        if key not in self._readers:
            what = f"tree '{printable(tree)}', branch '{printable(branch)}'"
            made = self._basket_reader if self._is_ttree(tree) else self._field_reader
            with _translated(self.path, f"{what}: cannot be read"):
                self._readers[key] = made(tree, branch, what)
        reader = self._readers[key]
        if reader is None or start == stop:
            return WholeReader(start, lambda: self._whole(tree, branch, start, stop))
        return reader

    def prefetch(self, tree: str, branches: Sequence[str], start: int, stop: int) -> None:
        """Start to fetch a range of entries of a file on a server, in few requests."""
        source = self._file.file.source
        if not isinstance(source, RemoteSource):
            return
        readers = [self.reader(tree, branch, start, stop) for branch in branches]
        with _translated(self.path, f"tree '{printable(tree)}': cannot be read"):
            source.prefetch([place for reader in readers for place in reader.lists(start, stop)])
            contents = [place for reader in readers for place in reader.contents(start, stop)]
            source.prefetch(sorted(set(contents)))

    def _basket_reader(self, tree: str, branch: str, what: str) -> Reader | None:
        found, entries = self._object(tree)[branch], self.trees[tree].entries
        table = BasketTable.checked(found, entries)
        decode = entry_decoder(found, table)
        if decode is None or table.starts[-1] != entries:
            return None

        def piece(number: int) -> Any:
            first, last = table.starts[number : number + 2]
            with _translated(self.path, f"{what}, entries {first} to {last}: cannot be read"):
                chunk = self._file.file.source.chunk(*places[number])
                return decode(table.open(number, memoryview(chunk.raw_data)))

        places = [(int(a), int(a + n)) for a, n in zip(table.places, table.sizes, strict=True)]
        return PieceReader(table.starts, places, piece)

    def _field_reader(self, tree: str, branch: str, what: str) -> Reader | None:
        ntuple = self._object(tree)
        reader = field_reader(ntuple, ntuple[branch])
        return reader and _Translating(reader, self.path, what)

    def _whole(self, tree: str, branch: str, start: int, stop: int) -> Any:
        """Read a range of entries with uproot, as an awkward array."""
        what = f"tree '{tree}', branch '{branch}', entries {start} to {stop}: cannot be read"
        with _translated(self.path, what):
            found = self._object(tree)[branch]
            array = found.array(entry_start=start, entry_stop=stop, library="ak")
            if len(array) != stop - start:
                raise Damaged(f"there are {len(array)} of them")
        return array

    def close(self) -> None:
        """Close the file."""
        # what a reader keeps of the file refers to it, and would wait for the garbage collector
        self._readers.clear()
        self._file.close()


def _opened(place: str, handler: type[Any]) -> Any:
    made: list[Any] = []
    try:
        return uproot.open(
            {place: None}, handler=handler, decompression_executor=CheckedBaskets(), made=made
        )
    except BaseException:
        for source in made:  # uproot leaves it to the garbage collector
            source.close()
        raise


class _Translating(Reader):
    """A reader whose errors name the file, the branch and the entries."""

    def __init__(self, reader: Reader, path: str, what: str) -> None:
        self.reader, self.path, self.what = reader, path, what

    def lists(self, start: int, stop: int) -> list[Place]:
        return self.reader.lists(start, stop)

    def contents(self, start: int, stop: int) -> list[Place]:
        with _translated(self.path, f"{self.what}, entries {start} to {stop}: cannot be read"):
            return self.reader.contents(start, stop)

    def take(self, rows: np.ndarray) -> Iterator[Piece]:
        where = f"entries {rows[0]} to {rows[-1] + 1}" if len(rows) else "no entries"
        with _translated(self.path, f"{self.what}, {where}: cannot be read"):
            yield from self.reader.take(rows)


def _check_length(path: Path) -> None:
    """A file shorter than its own header says was cut off, or is still being written."""
    with path.open("rb") as file:
        _, version, _, end, long_end = _HEADER.unpack(
            file.read(_HEADER.size).ljust(_HEADER.size, b"\0")
        )
    size = path.stat().st_size
    if version >= _LONG_FILE:
        end = end << 32 | long_end
    if not end:
        msg = f"{printable(str(path))}: not a ROOT file (its header says that it has no end)"
        raise InputError(msg)
    if size < end:
        msg = f"{printable(str(path))}: truncated: {size} bytes of {end}"
        raise InputError(msg)


def _shape(array: Any) -> str:
    """Shape inside the event, from the type of an array: ``var, 3`` of ``1 * var * 3 * float``."""
    parts = str(array.type).split(" * ")[1:-1]
    return ", ".join(parts)


def _reason(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return printable(f"{type(error).__name__}: {' '.join(lines) or 'no reason given'}", 160)


@contextmanager
def _translated(path: str, what: str) -> Iterator[None]:
    """Turn whatever uproot meets in a damaged file into an error that names the place."""
    try:
        yield
    except InputError:
        raise
    except Damaged as error:
        msg = f"{printable(path)}: {what}: the file is damaged: {error}; copy it again"
        raise InputError(msg) from error
    except zlib.error as error:
        words = str(error).rpartition(": ")[2]
        damage = f"its compressed data are not what was written ({words})"
        msg = f"{printable(path)}: {what}: the file is damaged: {damage}; copy it again"
        raise InputError(msg) from error
    except Exception as error:
        msg = f"{printable(path)}: {what} ({_reason(error)})"
        raise InputError(msg) from error
