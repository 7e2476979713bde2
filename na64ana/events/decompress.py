"""Decompression of what ROOT stores: the one place that chooses the library for zlib.

Nearly all of the time of a pass over an ntuple was decompression with Python's own zlib; libdeflate
and ISA-L do the same in about 0.6 and 0.7 of the time, and check the same checksum (Adler-32).
Layout of a block: ROOT, RZip.cxx; LZ4 has an XXH64 checksum in front of its data.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

import cramjam
import numpy as np
import uproot
import xxhash

from na64ana.events.keys import BLOCK, Damaged

__all__ = ["Buffer", "decompress", "inflate", "zlib_library"]

_LZ4_CHECKSUM = 8

Buffer = bytes | bytearray | memoryview

#: gives the bytes of zlib data that have a known size when uncompressed
Inflate = Callable[[Any, int], bytes | bytearray]

#: module, and how it is called; the fastest first. The first is a dependency; the others are for
#: where there is no wheel of it
_LIBRARIES: tuple[tuple[str, Callable[[Any], Inflate]], ...] = (
    ("deflate", lambda module: module.zlib_decompress),
    ("isal.isal_zlib", lambda module: lambda data, size: module.decompress(data, bufsize=size)),
    ("zlib", lambda module: lambda data, size: module.decompress(data, bufsize=size)),
)


def zlib_library() -> str:
    """Return the library that decompresses zlib data here: ``deflate``, ``isal`` or ``zlib``."""
    return _chosen()[0]


@cache
def _chosen() -> tuple[str, Inflate]:
    for name, bound in _LIBRARIES:
        try:
            return name.partition(".")[0], bound(import_module(name))
        except ImportError:
            continue
    msg = "Python has no zlib"
    raise ImportError(msg)


def inflate(data: Any, size: int) -> bytes | bytearray:
    """Decompress zlib data of a known size.

    Parameters
    ----------
    data : bytes-like
    size : int
        Bytes when uncompressed.

    Raises
    ------
    Damaged
        The data are not what was written.
    """
    try:
        made = _chosen()[1](data, size)
    except Exception as error:  # each library has an error of its own
        raise Damaged(f"its compressed data are not what was written ({error})") from error
    if len(made) != size:
        raise Damaged(f"its compressed data hold {len(made)} bytes, not {size}")
    return made


def decompress(data: memoryview, size: int) -> Buffer:
    """Decompress a run of blocks, whose headers have been checked.

    Parameters
    ----------
    data : memoryview
        The blocks, from end to end.
    size : int
        Bytes of all when uncompressed.

    Raises
    ------
    Damaged
        A block is not what was written.
    """
    parts = []
    place = 0
    while place < len(data):
        head = bytes(data[place : place + BLOCK])
        stop = place + BLOCK + int.from_bytes(head[3:6], "little")
        parts.append(_block(head, data[place + BLOCK : stop]))
        place = stop
    made = parts[0] if len(parts) == 1 else b"".join(parts)
    if len(made) != size:
        raise Damaged(f"its compressed data hold {len(made)} bytes, not {size}")
    return made


def _block(head: bytes, data: memoryview) -> Buffer:
    size = int.from_bytes(head[6:9], "little")
    algorithm = head[:2]
    if algorithm == b"ZL":
        return inflate(data, size)
    if algorithm == b"L4":
        checksum, data = data[:_LZ4_CHECKSUM], data[_LZ4_CHECKSUM:]
        if xxhash.xxh64_intdigest(data) != int.from_bytes(checksum, "big"):
            raise Damaged("a compressed block does not match its checksum")
    if algorithm not in _OTHERS:
        raise Damaged("a compressed block is of no known algorithm")
    try:
        return _OTHERS[algorithm](data, size)
    except Exception as error:  # each library has an error of its own
        raise Damaged(f"its compressed data are not what was written ({error})") from error


def _zstd(data: memoryview, size: int) -> Buffer:
    made = memoryview(np.empty(size, dtype=np.uint8).data)
    return made[: cramjam.zstd.decompress_into(data, made)]


#: by the first bytes of a block
_OTHERS: dict[bytes, Callable[[memoryview, int], Buffer]] = {
    b"L4": lambda data, size: bytes(uproot.LZ4(1).decompress(bytes(data), size)),
    b"ZS": _zstd,
    b"XZ": lambda data, size: bytes(uproot.LZMA(1).decompress(bytes(data), size)),
}
