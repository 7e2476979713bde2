"""One file of the store: columns of plain numbers, read through a memory map.

Arrow's file format, uncompressed: what is read is a view of the file. Each column of each batch has
a checksum (XXH3-64), checked when it is first read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xxhash

__all__ = ["BATCH", "ColumnsFile", "write_columns"]

#: rows of a batch, and so of what is evaluated at a time: 0.5 MB of each column
BATCH = 65_536
_META = b"na64ana"
_SUMS = b"xxh3"


class ColumnsFile:
    """A file of columns.

    Attributes
    ----------
    path : Path
    meta : dict
        What was written with the columns.
    names : frozenset of str
    size : int
        Number of rows.

    Raises
    ------
    OSError, ValueError, KeyError
        There is none that can be used.
    """

    def __init__(self, path: Path) -> None:
        import pyarrow as pa

        self.path = path
        self._map = pa.memory_map(str(path), "r")
        self._file = pa.ipc.open_file(self._map)
        self.meta: dict[str, Any] = json.loads(self._file.schema.metadata[_META])
        self.names = frozenset(self._file.schema.names)
        number = self._file.num_record_batches
        self._batches = [self._file.get_batch_with_custom_metadata(i) for i in range(number)]
        self._sums = [json.loads(found.custom_metadata[_SUMS]) for found in self._batches]
        sizes = [found.batch.num_rows for found in self._batches]
        self._starts = np.cumsum([0, *sizes])
        self.size = int(self._starts[-1])
        self._read: dict[tuple[int, str], np.ndarray] = {}

    def rows(self, name: str, start: int, stop: int) -> np.ndarray:
        """Return some rows of a column: of one batch, as a view of the file."""
        first = int(np.searchsorted(self._starts, start, side="right")) - 1
        parts = []
        while start < stop:
            begin, end = int(self._starts[first]), min(stop, int(self._starts[first + 1]))
            parts.append(self._column(first, name)[start - begin : end - begin])
            start, first = end, first + 1
        return parts[0] if len(parts) == 1 else np.concatenate(parts or [np.empty(0)])

    def _column(self, number: int, name: str) -> np.ndarray:
        key = number, name
        if key not in self._read:
            stored = self._batches[number].batch.column(name)
            column: np.ndarray = stored.to_numpy(zero_copy_only=True)
            if _digest(column) != self._sums[number][name]:
                msg = f"column {name} of batch {number} does not match its checksum"
                raise ValueError(msg)
            self._read[key] = column
        return self._read[key]

    def close(self) -> None:
        """Close the file; views of it stay good."""
        self._map.close()


def write_columns(
    path: Path, meta: Mapping[str, Any], batches: Iterable[Mapping[str, np.ndarray]]
) -> None:
    """Write a file of columns: one or more batches of float64, int64 or uint8, shape (row,)."""
    import pyarrow as pa

    writer = None
    with pa.OSFile(str(path), "wb") as file:
        for batch in batches:
            arrays = {name: np.ascontiguousarray(column) for name, column in batch.items()}
            made = pa.RecordBatch.from_arrays(
                [pa.array(column) for column in arrays.values()], names=list(arrays)
            )
            if writer is None:
                schema = made.schema.with_metadata({_META: json.dumps(dict(meta))})
                writer = pa.ipc.new_file(file, schema)
            sums = {name: _digest(column) for name, column in arrays.items()}
            writer.write_batch(
                made.replace_schema_metadata(schema.metadata),
                custom_metadata={_SUMS: json.dumps(sums)},
            )
        if writer is not None:
            writer.close()


def _digest(column: np.ndarray) -> str:
    return xxhash.xxh3_64_hexdigest(column.data)
