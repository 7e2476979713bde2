"""Keys of a ROOT file: an object is where, and what, the list of contents says.

Keys have no checksum, but each is written twice: in the list of its folder and in front of its
object. Layout of a key: ROOT reference guide, TKey; of a compressed block: ROOT, RZip.cxx.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import uproot

from na64ana.errors import printable

__all__ = ["BLOCK", "Damaged", "check_blocks", "check_contents", "check_stored"]

#: fields of a key in which its two copies agree
_FIELDS = ("fNbytes", "fObjlen", "fKeylen", "fCycle", "fSeekKey", "fClassName", "fName")
_FOLDERS = ("TDirectory", "TDirectoryFile")
#: bytes of the header of a block: algorithm, method, compressed and uncompressed size (3 bytes
#: each, little-endian)
BLOCK = 9
_ALGORITHMS = (b"ZL", b"XZ", b"L4", b"ZS")


class Damaged(Exception):
    """What is wrong with the bytes of a file, in words."""


def check_contents(root: Any) -> None:
    """Check the lists of contents of a file against the objects themselves.

    Parameters
    ----------
    root : uproot.ReadOnlyDirectory
        The outermost folder.

    Raises
    ------
    Damaged
        A key in a list differs from the one in front of its object, or a list is not whole.
    """
    seen: set[int] = set()
    folders = [root]
    while folders:
        folder = folders.pop()
        keys = _listed(folder)
        for key in keys:
            if key.fSeekKey in seen:
                raise Damaged(f"{_words(key)} shares its place in the file with another")
            seen.add(key.fSeekKey)
        _check_records(folder, keys)
        folders += [key.get() for key in keys if key.fClassName in _FOLDERS]


def _words(key: Any) -> str:
    return f"'{printable(str(key.fName), 60)}' (byte {key.fSeekKey})"


def _key(folder: Any, chunk: Any, cursor: Any) -> Any:
    return uproot.reading.ReadOnlyKey(chunk, cursor, {}, folder.file, folder, read_strings=True)


def _listed(folder: Any) -> list[Any]:
    """Keys in the list of a folder, which fill it from end to end."""
    start, size = folder.fSeekKeys, folder.fNbytesKeys
    if not start:
        return []
    if start < 0 or size < 0 or start + size > folder.file.fEND:
        raise Damaged("its list of contents does not lie in the file")
    chunk = folder.file.chunk(start, start + size)
    cursor = uproot.source.cursor.Cursor(start)
    own = _key(folder, chunk, cursor)
    if (own.fNbytes, own.fSeekKey) != (size, start):
        raise Damaged("its list of contents is not where the folder says")
    number = int.from_bytes(bytes(cursor.bytes(chunk, 4, {})), "big")
    keys = [_key(folder, chunk, cursor) for _ in range(number)]
    # uproot leaves room for more keys, and fills it with zeros
    rest = bytes(chunk.get(cursor.index, start + size, cursor, {}))
    if rest.strip(b"\0"):
        raise Damaged("its list of contents holds more than it says")
    return keys


def _check_records(folder: Any, keys: Sequence[Any]) -> None:
    """Each key of a list is the one in front of its object."""
    for key in keys:
        end = key.fSeekKey + key.fNbytes
        if not 0 < key.fKeylen < key.fNbytes or not 0 < key.fSeekKey < end <= folder.file.fEND:
            raise Damaged(f"{_words(key)} does not lie in the file")
    ranges = [(key.fSeekKey, key.fSeekKey + key.fKeylen) for key in keys]
    chunks = folder.file.source.chunks(ranges, notifications=queue.Queue()) if ranges else []
    for key, chunk in zip(keys, chunks, strict=True):
        record = _key(folder, chunk, uproot.source.cursor.Cursor(key.fSeekKey))
        for field in _FIELDS:
            if getattr(key, field) != getattr(record, field):
                raise Damaged(f"{_words(key)} differs from its entry in the list of contents")


def check_stored(key: Any) -> None:
    """Check that the compressed blocks of an object add up to the sizes in its key."""
    start, stop = key.fSeekKey + key.fKeylen, key.fSeekKey + key.fNbytes

    def fetch(place: int) -> bytes:
        if place + BLOCK > stop:
            raise Damaged(f"{_words(key)} ends inside a compressed block")
        return bytes(key.file.source.chunk(place, place + BLOCK).raw_data)

    if key.fObjlen != stop - start:
        check_blocks(fetch, start, stop, key.fObjlen, _words(key))


def check_blocks(
    fetch: Callable[[int], bytes], start: int, stop: int, size: int, what: str
) -> None:
    """Check that compressed blocks fill a range and hold so many bytes uncompressed.

    Parameters
    ----------
    fetch : callable
        Gives the 9 bytes of the block header at a place.
    start, stop : int
        The range.
    size : int
        Bytes when uncompressed.
    what : str
        What is compressed there, for the message.

    Raises
    ------
    Damaged
        They do not.
    """
    place = start
    for compressed, uncompressed in _blocks(fetch, start, stop, what):
        place += BLOCK + compressed
        size -= uncompressed
    if place != stop or size:
        raise Damaged(f"{what}: its compressed blocks have not the size that its key says")


def _blocks(
    fetch: Callable[[int], bytes], place: int, stop: int, what: str
) -> Iterator[tuple[int, int]]:
    while place < stop:
        head = fetch(place)
        if head[:2] not in _ALGORITHMS:
            raise Damaged(f"{what}: no compressed block where one should begin")
        sizes = int.from_bytes(head[3:6], "little"), int.from_bytes(head[6:9], "little")
        yield sizes
        place += BLOCK + sizes[0]
