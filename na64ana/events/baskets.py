"""Baskets of a TTree: where they lie, and each checked against its branch before it is decoded.

A basket's key has no checksum; the branch is protected by that of the compressed tree. Layout:
ROOT reference guide, TKey and TBasket.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import uproot

from na64ana.events.decompress import decompress
from na64ana.events.keys import BLOCK, Damaged, check_blocks

__all__ = ["BasketTable", "CheckedBaskets", "Entries"]

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
        BasketTable.of(branch).check(number, memoryview(np.asarray(chunk.raw_data).data))
        return super().submit(task, *args, **kwargs)


@dataclass(frozen=True)
class Entries:
    """The decompressed entries of one basket.

    Attributes
    ----------
    data : array of uint8
        The entries, from end to end.
    tail : array of uint8
        What is stored behind them: nothing, or where each begins.
    key : int
        From what these offsets count.
    number : int
        How many entries there are.
    """

    data: np.ndarray = field(repr=False)
    tail: np.ndarray = field(repr=False)
    key: int
    number: int

    def offsets(self) -> np.ndarray:
        """Where each entry begins, and the last ends, in the data; shape (entry + 1,)."""
        stored = self.tail[4 : 4 * (self.number + 1)].view(">i4")
        offsets = np.append(stored.astype(np.int64) - self.key, len(self.data))
        if len(stored) != self.number or offsets[0] != 0 or np.any(np.diff(offsets) < 0):
            raise Damaged("its entries do not follow one another")
        return offsets


@dataclass(frozen=True)
class BasketTable:
    """Where the baskets of a branch lie.

    Attributes
    ----------
    starts : array of int64, shape (basket + 1,)
        First entry of each, and the number of entries in all.
    places, sizes : array of int64, shape (basket,)
        Byte of the file at which each begins, and how many bytes it has there.
    counted : bool
        Whether entries may go without offsets: they have one size, or another branch counts.
    """

    starts: np.ndarray = field(repr=False)
    places: np.ndarray = field(repr=False)
    sizes: np.ndarray = field(repr=False)
    counted: bool

    @classmethod
    def of(cls, branch: Any) -> BasketTable:
        """Return the table of an `uproot.TBranch`, those that are embedded in it left out."""
        number = branch.num_baskets - len(branch.embedded_baskets)
        starts = np.asarray(branch.member("fBasketEntry"))[: number + 1].astype(np.int64)
        return cls(
            starts,
            np.asarray(branch.member("fBasketSeek"))[:number].astype(np.int64),
            np.asarray(branch.member("fBasketBytes"))[:number].astype(np.int64),
            not branch.member("fEntryOffsetLen") or branch.count_branch is not None,
        )

    @classmethod
    def checked(cls, branch: Any, entries: int) -> BasketTable:
        """Return the table of a branch that holds all entries of its tree, each once.

        Parameters
        ----------
        branch : uproot.TBranch
        entries : int
            Entries of the tree.

        Raises
        ------
        Damaged
            It does not. (Of two baskets in one place uproot would wait for the second for ever.)
        """
        if branch.num_entries != entries:
            raise Damaged(f"the branch has {branch.num_entries} entries and its tree {entries}")
        table = cls.of(branch)
        places, starts = table.places, table.starts
        ends = places + table.sizes
        outside = np.any(ends <= places) or np.any(ends > branch.file.fEND)
        if len(np.unique(places)) != len(places) or outside or np.any(places < 0):
            raise Damaged("its baskets do not lie side by side in the file")
        if np.any(starts[:1] != 0) or np.any(np.diff(starts) < 0) or np.any(starts > entries):
            raise Damaged("its baskets do not follow one another")
        return table

    def open(self, number: int, data: memoryview) -> Entries:
        """Check and decompress what is stored of a basket.

        Raises
        ------
        Damaged
            It is not what the branch says, or not what was written.
        """
        length, last = self.check(number, data)
        (size,) = struct.unpack_from(">i", data, 6)
        body = data[length:]
        raw = body if size == len(body) else decompress(body, size)
        content = np.frombuffer(raw, dtype=np.uint8)
        border = last - length
        entries = int(self.starts[number + 1] - self.starts[number])
        return Entries(content[:border], content[border:], length, entries)

    def check(self, number: int, data: memoryview) -> tuple[int, int]:
        """Check what is stored of a basket; return the length of its key, and where entries end.

        Parameters
        ----------
        number : int
            Which basket of the branch.
        data : memoryview
            The bytes of it, key included.

        Raises
        ------
        Damaged
            They are not what the branch says.
        """
        start = int(self.places[number])
        what = f"basket {number} (byte {start})"
        nbytes, version, size, _, length, _ = _KEY.unpack_from(data)
        places = _LONG_PLACES if version > _LONG_KEY else _PLACES
        place, _ = places.unpack_from(data, _KEY.size)
        classname, end = _string(data, _KEY.size + places.size)
        for _ in ("name", "title"):
            _, end = _string(data, end)
        if (nbytes, place, classname, length) != (
            len(data), start, b"TBasket", end + _BASKET.size,
        ):  # fmt: skip
            raise Damaged(f"{what}: its key is not that of this basket")
        _, _, _, entries, last, _ = _BASKET.unpack_from(data, end)
        if entries != self.starts[number + 1] - self.starts[number]:
            raise Damaged(f"{what}: has {entries} entries, not as many as its branch says")
        self._check_tail(what, size - (last - length), entries, last - length)
        if size != nbytes - length:
            check_blocks(
                lambda at: bytes(data[at : at + BLOCK]).ljust(BLOCK, b"\0"),
                length,
                nbytes,
                size,
                what,
            )
        elif last - length != size:
            _check_offsets(data[last:], what, length, last, entries)
        return length, last

    def _check_tail(self, what: str, tail: int, entries: int, border: int) -> None:
        """After the data of entries of varying length come their offsets: a list, or two."""
        one = 4 * (entries + 2)  # its own length in front, and one more than there are entries
        if border < 0 or tail not in ((0, one, 2 * one) if self.counted else (one, 2 * one)):
            raise Damaged(f"{what}: its data do not end where its key says")


def _string(data: memoryview, place: int) -> tuple[bytes, int]:
    """Return a string and where it ends; its length is one byte, or 255 and four more."""
    length, start = data[place], place + 1
    if length == _LONG_STRING:
        length, start = int.from_bytes(data[start : start + 4], "big"), start + 4
    return bytes(data[start : start + length]), start + length


def _check_offsets(tail: memoryview, what: str, length: int, last: int, entries: int) -> None:
    """Offsets begin after the key, do not decrease, and end with the data."""
    offsets = np.frombuffer(tail, ">i4")[1 : entries + 1]
    if len(offsets) and (
        offsets[0] != length or offsets[-1] > last or np.any(np.diff(offsets) < 0)
    ):
        raise Damaged(f"{what}: its entries do not follow one another")
