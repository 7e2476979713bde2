"""Checksums of an RNTuple, verified before anything is decoded.

All are XXH3-64: of the anchor, of the header, footer and page list envelopes, and of each page
as it is stored, compressed. Source: RNTuple binary format specification 1.0 (ROOT).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import uproot
import xxhash

from na64ana.errors import printable
from na64ana.events.decompress import Buffer, decompress
from na64ana.events.keys import BLOCK, Damaged, check_blocks

__all__ = ["check_anchor", "check_envelopes", "check_pages_when_read", "place_of", "stored_page"]

_CHECKSUM = 8
#: four version numbers, seven places and sizes
_ANCHOR = 4 * 2 + 7 * 8


def _matches(data: Any, checksum: bytes, order: str) -> bool:
    digest: int = xxhash.xxh3_64_intdigest(data)
    return digest == int.from_bytes(checksum, order)  # type: ignore[arg-type]


def check_anchor(key: Any) -> None:
    """Check the anchor, which says where header and footer are; its checksum is big-endian."""
    chunk, _ = key.get_uncompressed_chunk_cursor()
    data = bytes(chunk.raw_data)
    anchor, checksum = data[-_ANCHOR - _CHECKSUM : -_CHECKSUM], data[-_CHECKSUM:]
    if len(anchor) != _ANCHOR or not _matches(anchor, checksum, "big"):
        raise Damaged("its anchor does not match its checksum")


def check_envelopes(ntuple: Any) -> None:
    """Check header, footer and page lists: they say what is where, and how many entries.

    Parameters
    ----------
    ntuple : uproot.RNTuple

    Raises
    ------
    Damaged
        One of them does not match its checksum.
    """
    for name in ("Header", "Footer"):
        place, stored, size = (
            ntuple.member(f"f{part}{name}") for part in ("Seek", "NBytes", "Len")
        )
        _check_envelope(ntuple, f"its {name.lower()}", place, stored, size)
    for number, group in enumerate(ntuple.footer.cluster_group_records):
        link = group.page_list_link
        where = link.locator.offset, link.locator.num_bytes, link.env_uncomp_size
        _check_envelope(ntuple, f"its page list {number}", *where)


def _check_envelope(ntuple: Any, what: str, place: int, stored: int, size: int) -> None:
    chunk = ntuple.file.source.chunk(place, place + stored)
    data = bytes(_unpacked(chunk, stored, size).raw_data)
    if len(data) != size or not _matches(data[:-_CHECKSUM], data[-_CHECKSUM:], "little"):
        raise Damaged(f"{what} (byte {place}) does not match its checksum")


def _unpacked(chunk: Any, stored: int, size: int) -> Any:
    if stored >= size:
        return chunk
    cursor = uproot.source.cursor.Cursor(chunk.start)
    return uproot.compression.decompress(chunk, cursor, {}, stored, size)


def check_pages_when_read(ntuple: Any) -> None:
    """Make an ntuple check each page that it reads, in the same request to the file.

    uproot reads a page with its methods ``read_page``, which knows which it is, and
    ``read_locator``, which fetches and decompresses; both are replaced in this one object.
    """
    read_page: Callable[..., None] = ntuple.read_page
    read_locator: Callable[..., tuple[Any, Any]] = ntuple.read_locator
    pages: list[tuple[Any, str]] = []

    def read_checked_page(
        destination: Any, cluster: int, column: int, page: int, metadata: Any
    ) -> None:
        what = _words(ntuple, cluster, column, page)
        pages.append((ntuple.page_link_list[cluster][column].pages[page], what))
        try:
            read_page(destination, cluster, column, page, metadata)
        finally:
            pages.pop()

    def read_checked_locator(locator: Any, size: int) -> tuple[Any, Any]:
        if not pages:  # a page list, checked before
            return read_locator(locator, size)
        page, what = pages[-1]
        return _page(ntuple, page.has_checksum, locator, size, what)

    ntuple.read_page = read_checked_page
    ntuple.read_locator = read_checked_locator


def stored_page(ntuple: Any, cluster: int, column: int, page: int, width: int) -> np.ndarray:
    """Fetch, check and decompress a page whose elements have so many bytes.

    Returns
    -------
    array of uint8

    Raises
    ------
    Damaged
        It does not match its checksum, or is not of the size that the page list says.
    """
    found = ntuple.page_link_list[cluster][column].pages[page]
    what = _words(ntuple, cluster, column, page)
    data: Buffer = _checked(ntuple, found.has_checksum, found.locator, what)
    size = found.num_elements * width
    if len(data) < size:
        stored = memoryview(data)
        check_blocks(lambda at: bytes(stored[at : at + BLOCK]), 0, len(stored), size, what)
        data = decompress(stored, size)
    made = np.frombuffer(data, dtype=np.uint8)
    if len(made) != size:
        raise Damaged(f"{what} has {len(made)} bytes, not {size}")
    return made


def _words(ntuple: Any, cluster: int, column: int, page: int) -> str:
    field = ntuple.field_records[ntuple.column_records[column].field_id].field_name
    return f"page {page} of cluster {cluster} (field '{printable(field, 60)}', column {column})"


def place_of(page: Any) -> tuple[int, int]:
    """Return the first byte of a page in the file, and the one after its checksum."""
    start = page.locator.offset
    return start, start + page.locator.num_bytes + (_CHECKSUM if page.has_checksum else 0)


def _checked(ntuple: Any, has_checksum: bool, locator: Any, what: str) -> memoryview:
    """Fetch the bytes of a page with the checksum behind it, and check them."""
    start, stop = locator.offset, locator.offset + locator.num_bytes
    chunk = ntuple.file.source.chunk(start, stop + _CHECKSUM if has_checksum else stop)
    data = memoryview(np.asarray(chunk.raw_data).data)
    if not has_checksum:
        return data
    page, checksum = data[: stop - start], data[stop - start :]
    if len(checksum) != _CHECKSUM or not _matches(page, bytes(checksum), "little"):
        raise Damaged(f"{what} (byte {start}) does not match its checksum")
    return page


def _page(ntuple: Any, has_checksum: bool, locator: Any, size: int, what: str) -> tuple[Any, Any]:
    """Fetch a page, check and decompress it, in the form that uproot asks for."""
    data = _checked(ntuple, has_checksum, locator, what)
    start = locator.offset
    chunk = uproot.source.chunk.Chunk.wrap(ntuple.file.source, data, start)
    cursor = uproot.source.cursor.Cursor(start)
    if locator.num_bytes < size:
        chunk = uproot.compression.decompress(chunk, cursor, {}, locator.num_bytes, size)
        cursor.move_to(0)
    return chunk, cursor
