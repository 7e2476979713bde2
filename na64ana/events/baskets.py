"""Baskets of a TTree, each checked against its branch before it is decompressed.

A basket's key has no checksum; the branch is protected by that of the compressed tree. Layout:
ROOT reference guide, TKey and TBasket.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import uproot

from na64ana.events.keys import Damaged, check_blocks

__all__ = ["CheckedBaskets", "check_basket", "check_branch"]

#: bytes in all, version, uncompressed bytes, date, length of the key, cycle
_KEY = struct.Struct(">ihiIhh")
#: place of the key and of its folder: 8 bytes each where the version is above 1000
_PLACES, _LONG_PLACES, _LONG_KEY = struct.Struct(">ii"), struct.Struct(">qq"), 1000
#: version, buffer size, size of an entry or of the offsets, entries, end of the data; one flag
_BASKET = struct.Struct(">HiiiiB")
_LONG_STRING = 255


class CheckedBaskets(uproot.source.futures.TrivialExecutor):  # type: ignore[misc]
    """Hands the baskets that uproot has fetched to its decompression, each after a check."""

    def submit(self, task: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Check one basket, then decompress it; `Damaged` if they do not fit together."""
        chunk, branch, number = args
        check_basket(chunk, branch, number)
        return super().submit(task, *args, **kwargs)


def check_branch(branch: Any, entries: int) -> None:
    """Check that the baskets of a branch hold all entries of its tree, each once.

    Parameters
    ----------
    branch : uproot.TBranch
    entries : int
        Entries of the tree.

    Raises
    ------
    Damaged
        They do not. (Of two baskets in one place uproot would wait for the second for ever.)
    """
    if branch.num_entries != entries:
        raise Damaged(f"the branch has {branch.num_entries} entries and its tree {entries}")
    seeks = np.asarray(branch.member("fBasketSeek"))
    number = branch.num_baskets - len(branch.embedded_baskets)
    starts = np.asarray(branch.member("fBasketEntry"))[: number + 1]
    places = seeks[:number].astype("i8")
    ends = places + np.asarray(branch.member("fBasketBytes"))[:number]
    outside = np.any(ends <= places) or np.any(ends > branch.file.fEND)
    if len(np.unique(places)) != number or outside or np.any(places < 0):
        raise Damaged("its baskets do not lie side by side in the file")
    if np.any(starts[:1] != 0) or np.any(np.diff(starts) < 0) or np.any(starts > entries):
        raise Damaged("its baskets do not follow one another")


def check_basket(chunk: Any, branch: Any, number: int) -> None:
    """Check what is stored of a basket against what its branch says.

    Parameters
    ----------
    chunk : uproot.source.chunk.Chunk
        The bytes of the basket, key included.
    branch : uproot.TBranch
    number : int
        Which basket of the branch.

    Raises
    ------
    Damaged
        They do not fit together.
    """
    what = f"basket {number} (byte {chunk.start})"
    data = np.asarray(chunk.raw_data).tobytes()
    nbytes, version, size, _, length, _ = _KEY.unpack_from(data)
    places = _LONG_PLACES if version > _LONG_KEY else _PLACES
    place, _ = places.unpack_from(data, _KEY.size)
    classname, end = _string(data, _KEY.size + places.size)
    for _ in ("name", "title"):
        _, end = _string(data, end)
    if (nbytes, place, classname, length) != (
        len(data), chunk.start, b"TBasket", end + _BASKET.size,
    ):  # fmt: skip
        raise Damaged(f"{what}: its key is not that of this basket")
    _, _, _, entries, last, _ = _BASKET.unpack_from(data, end)
    starts = branch.member("fBasketEntry")
    if entries != starts[number + 1] - starts[number]:
        raise Damaged(f"{what}: has {entries} entries, not as many as its branch says")
    _check_tail(branch, what, size - (last - length), entries, last - length)
    if size != nbytes - length:
        check_blocks(lambda at: data[at : at + 9].ljust(9, b"\0"), length, nbytes, size, what)
    elif last - length != size:
        _check_offsets(data[last:], what, length, last, entries)


def _string(data: bytes, place: int) -> tuple[bytes, int]:
    """Return a string and where it ends; its length is one byte, or 255 and four more."""
    length, start = data[place], place + 1
    if length == _LONG_STRING:
        length, start = int.from_bytes(data[start : start + 4], "big"), start + 4
    return data[start : start + length], start + length


def _check_tail(branch: Any, what: str, tail: int, entries: int, border: int) -> None:
    """After the data of entries of varying length come their offsets: a list, or two."""
    one = 4 * (entries + 2)  # with its own length in front, and one more than there are entries
    counted = not branch.member("fEntryOffsetLen") or branch.count_branch is not None
    if border < 0 or tail not in ((0, one, 2 * one) if counted else (one, 2 * one)):
        raise Damaged(f"{what}: its data do not end where its key says")


def _check_offsets(tail: bytes, what: str, length: int, last: int, entries: int) -> None:
    """Offsets begin after the key, do not decrease, and end with the data."""
    offsets = np.frombuffer(tail, ">i4")[1 : entries + 1]
    if len(offsets) and (
        offsets[0] != length or offsets[-1] > last or np.any(np.diff(offsets) < 0)
    ):
        raise Damaged(f"{what}: its entries do not follow one another")
