"""Fields of an RNTuple that hold numbers, decoded page by page for the entries that are wanted.

The numbers of a column lie in pages; the lengths of the lists of a ``std::vector`` are a column of
their own, of which each entry is where its list ends in the cluster. In a "split" column the first
bytes of all numbers of a page come first, then the second, and so on; small whole numbers are
stored as zigzag, ends of lists as differences. Source: RNTuple binary format specification 1.0
(ROOT).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from na64ana.events.keys import Damaged
from na64ana.events.readers import Lists, Piece, Place, Reader, pieces_of
from na64ana.events.rntuple_checksums import place_of, stored_page

__all__ = ["field_reader", "field_size"]


class _Encoding(NamedTuple):
    dtype: str
    split: bool = False
    zigzag: bool = False
    delta: bool = False


#: by the number of the column type
_ENCODINGS = {
    0x03: _Encoding("i1"), 0x04: _Encoding("u1"), 0x05: _Encoding("<i2"), 0x06: _Encoding("<u2"),
    0x07: _Encoding("<i4"), 0x08: _Encoding("<u4"), 0x09: _Encoding("<i8"), 0x0A: _Encoding("<u8"),
    0x0C: _Encoding("<f4"), 0x0D: _Encoding("<f8"), 0x0E: _Encoding("<u4"), 0x0F: _Encoding("<u8"),
    0x11: _Encoding("<u2", split=True, zigzag=True), 0x12: _Encoding("<u2", split=True),
    0x13: _Encoding("<u4", split=True, zigzag=True), 0x14: _Encoding("<u4", split=True),
    0x15: _Encoding("<u8", split=True, zigzag=True), 0x16: _Encoding("<u8", split=True),
    0x18: _Encoding("<f4", split=True), 0x19: _Encoding("<f8", split=True),
    0x1A: _Encoding("<u4", split=True, delta=True), 0x1B: _Encoding("<u8", split=True, delta=True),
}  # fmt: skip
#: numbers put together at a time: what is on the way stays in the processor's cache
_BLOCK = 32_768
_INDEX = (0x0E, 0x0F, 0x1A, 0x1B)


def field_reader(ntuple: Any, field: Any) -> Reader | None:
    """Return what reads a field; None if it is of a kind that only uproot decodes.

    Parameters
    ----------
    ntuple : uproot.RNTuple
    field : uproot.models.RNTuple.RField
    """
    clusters = ntuple.cluster_summaries
    entries = np.cumsum([0, *(cluster.num_entries for cluster in clusters)])
    if any(c.num_first_entry != first for c, first in zip(clusters, entries, strict=False)):
        return None
    column, inside = _own_column(ntuple, field.field_id)
    if column is None:
        return None
    if column.type not in _INDEX:
        return None if inside else PagedNumbers(column, entries)
    content, deeper = _own_column(ntuple, inside[0]) if len(inside) == 1 else (None, [])
    if content is None or deeper or content.type in _INDEX:
        return None
    return PagedLists(column, content, entries)


def field_size(ntuple: Any, field: Any) -> tuple[int, int, int]:
    """Return bytes in the file, uncompressed bytes, and pages of the column that has most.

    Parameters
    ----------
    ntuple : uproot.RNTuple
    field : uproot.models.RNTuple.RField
        With all fields that are inside it.
    """
    inside = {field.field_id}
    for number, record in enumerate(ntuple.field_records):  # a field stands before those in it
        if record.parent_field_id in inside:
            inside.add(number)
    stored = bits = pages = 0
    for number, column in enumerate(ntuple.column_records):
        if column.field_id in inside:
            own = [page for cluster in ntuple.page_link_list for page in cluster[number].pages]
            stored += sum(page.locator.num_bytes for page in own)
            bits += sum(page.num_elements for page in own) * column.nbits
            pages = max(pages, len(own))
    return int(stored), int(bits) // 8, pages


def _own_column(ntuple: Any, field: int) -> tuple[PagedColumn | None, list[int]]:
    """Return the only column of a field, if it is decoded here, and the fields inside the field."""
    record = ntuple.field_records[field]
    own = [i for i, c in enumerate(ntuple.column_records) if c.field_id == field]
    inside = [
        i for i, r in enumerate(ntuple.field_records) if r.parent_field_id == field and i != field
    ]
    if len(own) != 1 or record.repetition or record.source_field_id is not None:
        return None, inside
    (number,) = own
    column = PagedColumn(ntuple, number)
    return (column if column.known() else None), inside


class PagedColumn:
    """One column of an ntuple."""

    def __init__(self, ntuple: Any, number: int) -> None:
        self.ntuple, self.number = ntuple, number
        self.type = int(ntuple.column_records[number].type)
        self.kept: dict[tuple[int, int], np.ndarray] = {}  # the last page

    def known(self) -> bool:
        """Whether the column is of a type that is decoded here, and in all clusters."""
        links = [cluster[self.number : self.number + 1] for cluster in self.ntuple.page_link_list]
        there = all(link and link[0].element_offset >= 0 for link in links)
        record = self.ntuple.column_records[self.number]
        return self.type in _ENCODINGS and not record.first_element_index and there

    def nothing(self, entries: int = 0) -> np.ndarray:
        """Return no numbers of the kind of this column, shape (entry, 0)."""
        dtype, _, zigzag, _ = _ENCODINGS[self.type]
        return np.empty((entries, 0), dtype=_signed(dtype) if zigzag else dtype)

    def starts(self, cluster: int) -> np.ndarray:
        """First element of each page of a cluster, and the number of elements in all."""
        pages = self.ntuple.page_link_list[cluster][self.number].pages
        return np.cumsum([0, *(page.num_elements for page in pages)])

    def places(self, cluster: int, first: int = 0, last: int | None = None) -> list[Place]:
        """Where in the file the pages are that hold the elements from first to before last."""
        pages = self.ntuple.page_link_list[cluster][self.number].pages
        wanted = slice(0, None)
        if last is not None:
            starts = self.starts(cluster)
            wanted = slice(
                int(np.searchsorted(starts, first, side="right")) - 1,
                int(np.searchsorted(starts, last)),
            )
        return [place_of(page) for page in pages[wanted]]

    def elements(self, cluster: int, page: int, rows: np.ndarray, size: int = 1) -> np.ndarray:
        """Decode some numbers of a page.

        Parameters
        ----------
        cluster, page : int
        rows : array of int64, shape (row,)
            The first of each run of ``size`` elements, all in this page, by number in it.
        size : int

        Returns
        -------
        array, shape (row, size)
        """
        dtype, split, zigzag, delta = _ENCODINGS[self.type]
        raw = self._page(cluster, page)
        width = np.dtype(dtype).itemsize
        # byte, element: as stored where split, else turned round
        planes = raw.reshape(width, -1) if split else raw.reshape(-1, width).T
        if delta:
            return np.asarray(np.cumsum(_joined(planes, dtype), dtype=np.int64)[rows][:, None])
        numbers = _joined(_runs(planes, rows, size), dtype)
        if zigzag:
            halves = (numbers >> 1).astype(_signed(dtype))
            numbers = halves ^ -(numbers & 1).astype(halves.dtype)
        return numbers.reshape(len(rows), size)

    def _page(self, cluster: int, page: int) -> np.ndarray:
        """Bytes of a page, kept for the next entries."""
        place = cluster, page
        if place not in self.kept:
            self.kept.clear()
            bits = self.ntuple.column_records[self.number].nbits
            self.kept[place] = stored_page(self.ntuple, cluster, self.number, page, bits // 8)
        return self.kept[place]


def _signed(dtype: str) -> str:
    return dtype.replace("u", "i")


def _runs(planes: np.ndarray, rows: np.ndarray, size: int) -> np.ndarray:
    """Take runs of elements; shape (byte, element)."""
    first = int(rows[0])
    if rows[-1] - first == (len(rows) - 1) * size:
        return planes[:, first : first + len(rows) * size]
    # runs begin a whole number of runs apart
    whole = (planes.shape[1] - first) // size
    runs = planes[:, first : first + whole * size].reshape(len(planes), whole, size)
    # copies whole runs, ten times as fast here as an index
    return np.take(runs, (rows - first) // size, axis=1).reshape(len(planes), -1)


def _joined(planes: np.ndarray, dtype: str) -> np.ndarray:
    """Put the bytes of each number together again: twos to fours to eights, a block at a time."""
    size = planes.shape[1]
    made = np.empty(size, dtype=f"<u{len(planes)}")
    for start in range(0, size, _BLOCK):
        parts = planes[:, start : start + _BLOCK]
        while len(parts) > 1:
            width = 2 * parts.dtype.itemsize
            wider = parts[1::2].astype(f"<u{width}")
            wider <<= 4 * width
            wider |= parts[0::2]
            parts = wider
        made[start : start + _BLOCK] = parts[0]
    return made.view(dtype)


class PagedNumbers(Reader):
    """Entries of so many numbers each; 1 for a plain number.

    Parameters
    ----------
    column : PagedColumn
    entries : array of int64
        First entry of each cluster, and the number of entries in all.
    size : callable
        Gives how many numbers each entry of a cluster has, by its number.
    shape : tuple of int
        Shape of an entry: empty, or ``(-1,)``.
    """

    def __init__(
        self,
        column: PagedColumn,
        entries: np.ndarray,
        size: Callable[[int], int] = lambda _: 1,
        shape: tuple[int, ...] = (),
    ) -> None:
        self.column, self.entries, self.size, self.shape = column, entries, size, shape

    def contents(self, start: int, stop: int) -> list[Place]:
        """Where in the file the entries of a range are."""
        return [
            place
            for cluster, rows in pieces_of(self.entries, np.arange(start, stop))
            for place in self.column.places(
                cluster, rows[0] * self.size(cluster), (rows[-1] + 1) * self.size(cluster)
            )
        ]

    def take(self, rows: np.ndarray) -> Iterator[Piece]:
        """Decode some entries, those of each page together."""
        for cluster, inside in pieces_of(self.entries, rows):
            for piece in self._cluster(cluster, inside):
                yield piece.reshape(len(piece), *(self.size(cluster) for _ in self.shape))

    def _cluster(self, cluster: int, rows: np.ndarray) -> Iterator[np.ndarray]:
        size = self.size(cluster)
        starts = self.column.starts(cluster)
        number = self.entries[cluster + 1] - self.entries[cluster]
        if starts[-1] != number * size:
            raise Damaged(f"cluster {cluster} has not as many numbers as its entries need")
        if not size:
            yield self.column.nothing(len(rows))
            return
        first = rows * size
        page = np.searchsorted(starts, first, side="right") - 1
        last = np.searchsorted(starts, first + size - 1, side="right") - 1
        # an entry that goes over the end of a page stands alone
        group = np.flatnonzero(np.diff(2 * page + (page != last), prepend=-1))
        for i, j in zip(group, [*group[1:], len(rows)], strict=True):
            if page[i] == last[i]:
                inside = first[i:j] - starts[page[i]]
                yield self.column.elements(cluster, int(page[i]), inside, size)
            else:
                for begin in first[i:j]:
                    yield self._over_pages(cluster, starts, int(begin), size)

    def _over_pages(self, cluster: int, starts: np.ndarray, begin: int, size: int) -> np.ndarray:
        return np.concatenate([
            self.column.elements(cluster, page, elements)
            for page, elements in pieces_of(starts, np.arange(begin, begin + size))
        ]).reshape(1, size)  # fmt: skip


class PagedLists(Reader):
    """Lists of numbers; in clusters where all are of one length, as an array.

    Parameters
    ----------
    index, content : PagedColumn
        Where the lists end, and their numbers.
    entries : array of int64
        First entry of each cluster, and the number of entries in all.
    """

    def __init__(self, index: PagedColumn, content: PagedColumn, entries: np.ndarray) -> None:
        self.content, self.entries = content, entries
        self.ends = ends = _Ends(index, entries)
        self.fixed = PagedNumbers(content, entries, lambda cluster: int(ends.of(cluster)[1]), (-1,))

    def lists(self, start: int, stop: int) -> list[Place]:
        """Where in the file it stands where the lists of a range end."""
        clusters = pieces_of(self.entries, np.arange(start, stop))
        return [place for cluster, _ in clusters for place in self.ends.places(cluster)]

    def contents(self, start: int, stop: int) -> list[Place]:
        """Where in the file the numbers of a range are."""
        places = []
        for cluster, rows in pieces_of(self.entries, np.arange(start, stop)):
            ends = self.ends.of(cluster)
            places += self.content.places(cluster, ends[rows[0]], ends[rows[-1] + 1])
        return places

    def take(self, rows: np.ndarray) -> Iterator[Piece]:
        """Decode some entries."""
        for cluster, inside in pieces_of(self.entries, rows):
            ends = self.ends.of(cluster)
            sizes = np.diff(ends)
            if (sizes == sizes[0]).all():
                yield from self.fixed.take(inside + self.entries[cluster])
            else:
                yield self._lists(cluster, ends, inside)

    def _lists(self, cluster: int, ends: np.ndarray, rows: np.ndarray) -> Lists:
        counts = ends[rows + 1] - ends[rows]
        before = np.cumsum(counts) - counts
        wanted = np.repeat(ends[rows] - before, counts) + np.arange(counts.sum())
        starts = self.content.starts(cluster)
        if starts[-1] != ends[-1]:
            raise Damaged(f"cluster {cluster} has not as many numbers as its lists need")
        values = [
            self.content.elements(cluster, page, elements)[:, 0]
            for page, elements in pieces_of(starts, wanted)
        ]
        return Lists(counts, np.concatenate(values or [self.content.nothing().reshape(0)]))


class _Ends:
    """Where the lists of a cluster end; that of the last cluster is kept."""

    def __init__(self, index: PagedColumn, entries: np.ndarray) -> None:
        self.index, self.entries = index, entries
        self.kept: dict[int, np.ndarray] = {}

    def places(self, cluster: int) -> list[Place]:
        """Where in the file they are, unless they are kept."""
        return [] if cluster in self.kept else self.index.places(cluster)

    def of(self, cluster: int) -> np.ndarray:
        """Where the lists begin and end among the numbers of the cluster, shape (entry + 1,)."""
        if cluster not in self.kept:
            starts = self.index.starts(cluster)
            number = int(self.entries[cluster + 1] - self.entries[cluster])
            if starts[-1] != number:
                raise Damaged(f"cluster {cluster} has not as many lists as entries")
            pages = [
                self.index.elements(cluster, page, np.arange(stop - start))[:, 0]
                for page, (start, stop) in enumerate(pairwise(starts))
            ]
            ends = np.concatenate([[0], *pages]).astype(np.int64)
            if np.any(np.diff(ends) < 0):
                raise Damaged(f"the lists of cluster {cluster} do not follow one another")
            self.kept = {cluster: ends}
        return self.kept[cluster]
