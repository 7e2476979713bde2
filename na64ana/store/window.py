"""What is kept of a range of entries: read from the store, or computed and put there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from na64ana.evaluate import Chunk, Values
from na64ana.expressions import Kind
from na64ana.selection import BoundSelection
from na64ana.store.columns_file import ColumnsFile
from na64ana.store.split import Kept, Split

__all__ = ["Window", "check", "unstored"]

#: to compare single numbers costs so much less than to pick them out: by measurement
_THINNED = 8
#: how numbers of a kind are stored
_STORED = {Kind.NUMBER: np.float64, Kind.INTEGER: np.int64, Kind.BOOL: np.uint8}


def unstored(split: Split, stored: ColumnsFile | None) -> dict[str, Kept]:
    """Return what a file of the store lacks, by name."""
    if stored is None:
        return dict(split.kept)
    absent = stored.meta["absent"]  # columns that name an event, where the input has none
    return {
        name: kept
        for name, kept in split.kept.items()
        if not stored.names.issuperset(kept.columns) and name not in absent
    }


def check(kept: Iterable[Kept], stored: ColumnsFile, start: int, stop: int) -> None:
    """Compare what a file of the store has of some results, and entries, with its checksums.

    Raises
    ------
    Damaged
        It is not what was written.
    """
    there = {column for item in kept for column in (*item.columns, item.flag)}
    stored.check(there & stored.names, start, stop)


class Window:
    """The kept results of a range of entries of a file.

    Parameters
    ----------
    selection : BoundSelection
        Whole: what is not in the store is computed by its expressions.
    kept : dict of str to Kept
        What is there, by name.
    stored : ColumnsFile or None
    missing : dict of str to Kept
        What of it is to be computed.
    events : Chunk or None
        The range in the input; None if nothing is to be computed.
    start : int
        First entry of the range.
    """

    def __init__(
        self,
        selection: BoundSelection,
        kept: Mapping[str, Kept],
        stored: ColumnsFile | None,
        missing: Mapping[str, Kept],
        events: Chunk | None,
        start: int,
    ) -> None:
        self.selection, self.kept, self.stored, self.missing = selection, kept, stored, missing
        self.events, self.start = events, start
        self.first = 0
        self.fresh: dict[str, np.ndarray] = {}
        self.flags: dict[str, np.ndarray | None] = {}
        self.done: list[dict[str, np.ndarray]] = []

    def compute(self, rows: np.ndarray) -> None:
        """Compute what is missing for some entries in a row; they are read after this."""
        if self.events is None:
            return
        values = Values(self.events.subset(rows), self.selection)
        self.first = int(rows[0]) if len(rows) else 0
        columns: dict[str, np.ndarray] = {}
        for name, kept in self.missing.items():
            with np.errstate(all="ignore"):
                value = values.of(kept.node, f"'{name}'", values.all)
            shape = (*kept.shape, len(rows))
            dtype = _STORED[kept.type.kind]
            data = np.broadcast_to(np.asarray(value.data), shape).astype(dtype, copy=False)
            self.fresh[name] = data
            self.flags[name] = (
                None
                if value.missing is None
                else np.broadcast_to(value.missing, (len(rows),)).astype(bool)
            )
            columns.update(zip(kept.columns, data.reshape(kept.size, len(rows)), strict=True))
            if self.flags[name] is not None:
                columns[kept.flag] = np.asarray(self.flags[name], dtype=np.uint8)
        self.done.append(columns)

    def read(self, name: str, rows: np.ndarray) -> np.ndarray:
        """Return a result for some entries, the event first."""
        kept = self.kept[name]
        if name in self.missing:
            data = self.fresh[name][..., rows - self.first]
        else:
            parts = [self._stored(column, rows) for column in kept.columns]
            data = np.stack(parts).reshape(*kept.shape, len(rows)) if kept.shape else parts[0]
        data = np.moveaxis(data, -1, 0)
        return data.view(bool) if kept.type.kind is Kind.BOOL else data

    def flagged(self, name: str, rows: np.ndarray) -> np.ndarray | None:
        """Return for which entries a number on the way to a result is missing."""
        if name in self.missing:
            flags = self.flags[name]
            return None if flags is None else np.asarray(flags[rows - self.first])
        flag = self.kept[name].flag
        if self.stored is None or flag not in self.stored.names:
            return None
        return self._stored(flag, rows).view(bool)

    def _stored(self, column: str, rows: np.ndarray) -> np.ndarray:
        assert self.stored is not None
        if not len(rows):
            return self.stored.rows(column, 0, 0)
        first, last = int(rows[0]), int(rows[-1])
        found = self.stored.rows(column, self.start + first, self.start + last + 1)
        return found if len(found) == len(rows) else np.asarray(found[rows - first])

    def chunk(self, rows: np.ndarray) -> Chunk:
        """Return some entries of the range as a chunk of the second part of the selection."""
        return Chunk(self.kept.keys(), self.read, rows, _THINNED, self.flagged)

    def computed(self) -> dict[str, np.ndarray]:
        """Return all that was computed, by column of the store."""
        names = dict.fromkeys(name for columns in self.done for name in columns)
        return {
            name: np.concatenate([
                # no flag of a chunk: none of its events is marked
                columns.get(name, np.zeros(len(next(iter(columns.values()))), dtype=np.uint8))
                for columns in self.done
            ])
            for name in names
        }  # fmt: skip
