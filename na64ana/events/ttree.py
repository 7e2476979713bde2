"""Branches of a TTree that hold numbers, decoded as numpy views of the decompressed baskets.

A ``std::vector`` is stored in each entry as a header of 10 bytes, of which the last 4 are its
length, and its numbers. Where all entries have the length of the first, a basket is an array of
records, and the numbers are a view of it. Source: ROOT, TBufferFile and TStreamerInfo.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import uproot

from na64ana.events.baskets import BasketTable, Entries
from na64ana.events.keys import Damaged
from na64ana.events.readers import Lists

__all__ = ["entry_decoder", "vectors"]

#: byte count (with a flag), version, length
_HEADER = np.dtype([("bytes", ">u4"), ("version", ">u2"), ("length", ">u4")])


def entry_decoder(branch: Any, table: BasketTable) -> Callable[[Entries], Any] | None:
    """Return what decodes the baskets of a branch; None if only uproot can.

    Parameters
    ----------
    branch : uproot.TBranch
    table : BasketTable
    """
    if branch.embedded_baskets:
        return None
    kind = branch.interpretation
    if type(kind) is uproot.AsDtype and table.counted and _plain(kind.from_dtype):
        return lambda entries: _numbers(entries, kind.from_dtype)
    if type(kind) is uproot.AsJagged and kind.header_bytes == _HEADER.itemsize:
        content = kind.content
        if type(content) is uproot.AsDtype and _plain(content.from_dtype, ()):
            return lambda entries: vectors(entries, content.from_dtype)
    return None


def _plain(dtype: np.dtype, shape: tuple[int, ...] | None = None) -> bool:
    return dtype.base.kind in "biuf" and (shape is None or dtype.shape == shape)


def _numbers(entries: Entries, dtype: np.dtype) -> np.ndarray:
    if len(entries.data) != entries.number * dtype.itemsize:
        raise Damaged("its entries are not of the size of its type")
    shape = (entries.number, *dtype.shape)
    return entries.data.view(dtype.base).reshape(shape)


def vectors(entries: Entries, dtype: np.dtype) -> np.ndarray | Lists:
    """Return the vectors of a basket: as one array, if all are of one length.

    Parameters
    ----------
    entries : Entries
    dtype : numpy.dtype
        Of one number, as it is stored.

    Returns
    -------
    array, shape (entry, length), or Lists

    Raises
    ------
    Damaged
        The lengths are not those of the entries.
    """
    data, number = entries.data, entries.number
    if number and len(data) % number == 0 and len(data) >= number * _HEADER.itemsize:
        length, rest = divmod(len(data) // number - _HEADER.itemsize, dtype.itemsize)
        record = np.dtype([("head", _HEADER), ("numbers", dtype, (length,))])
        if not rest:
            records = data.view(record)
            # if the first has this length, the second begins where it is looked for, and so on
            if (records["head"]["length"] == length).all():
                return np.asarray(records["numbers"])
    return _jagged(entries, dtype)


def _jagged(entries: Entries, dtype: np.dtype) -> Lists:
    offsets = entries.offsets()
    sizes = np.diff(offsets)
    starts = offsets[:-1]
    if np.any(sizes < _HEADER.itemsize):
        raise Damaged("an entry is too short for a vector")
    counts, rest = np.divmod(sizes - _HEADER.itemsize, dtype.itemsize)
    if rest.any() or np.any(_at(entries.data, starts, _HEADER)["length"] != counts):
        raise Damaged("the length of a vector is not that of its entry")
    begin = starts + _HEADER.itemsize - dtype.itemsize * (np.cumsum(counts) - counts)
    places = np.repeat(begin, counts) + dtype.itemsize * np.arange(counts.sum())
    return Lists(counts, _at(entries.data, places, dtype))


def _at(data: np.ndarray, places: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Return what is stored at some bytes."""
    cells = places[:, None] + np.arange(dtype.itemsize)
    return data[cells].view(dtype)[:, 0] if len(places) else np.zeros(0, dtype)
