"""One file of the store: columns of plain numbers, read through a memory map.

Arrow's file format, uncompressed: what is read is a view of the file. Nothing of a file is taken
without its checksum (XXH3-64): that of each column of each batch is checked when it is first read,
and what is said beside the numbers (names, types, lengths, these checksums) when it is opened.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import xxhash

__all__ = ["BATCH", "ColumnsFile", "Damaged", "write_columns"]

#: rows of a batch, and so of what is evaluated at a time: 0.5 MB of each column
BATCH = 65_536
_META = b"na64ana"
_SUMS, _SEAL = b"xxh3", b"seal"
_TYPES = {"double": np.float64, "int64": np.int64, "uint8": np.uint8}  # in the words of Arrow


class Damaged(Exception):
    """A file that cannot be used: not whole, or not what was written."""


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
    OSError
        There is none, or it cannot be read.
    Damaged
        It is not what was written.
    """

    def __init__(self, path: Path) -> None:
        import pyarrow as pa

        self.path = path
        self._map = pa.memory_map(str(path), "r")
        try:
            self._open()
        except Exception as error:  # noqa: BLE001 - Arrow raises what it meets
            self._map.close()
            raise Damaged(f"{path}: {error}") from None
        self._read: dict[tuple[int, str], np.ndarray] = {}

    def _open(self) -> None:
        import pyarrow as pa

        file = pa.ipc.open_file(self._map)
        text = file.schema.metadata[_META]
        found = [file.get_batch_with_custom_metadata(i) for i in range(file.num_record_batches)]
        self._batches = [batch for batch, _ in found]
        self._sums = [json.loads(custom[_SUMS]) for _, custom in found]
        seal = _sealed("", text, _described(file.schema))
        for batch, custom in found:
            batch.validate()  # no buffer is shorter than its rows
            seal = _sealed(seal, custom[_SUMS], str(batch.num_rows))
            if seal != custom[_SEAL].decode():
                raise Damaged("what is said of a batch does not match its checksum")
        self.meta: dict[str, Any] = json.loads(text)
        self.names = frozenset(file.schema.names)
        self._starts = np.cumsum([0, *(batch.num_rows for batch in self._batches)])
        self.size = int(self._starts[-1])
        if not found or self.size != self.meta["rows"]:
            raise Damaged("rows are missing")

    def rows(self, name: str, start: int, stop: int) -> np.ndarray:
        """Return some rows of a column: of one batch, as a view of the file.

        Raises
        ------
        Damaged
            They are not what was written; after `check`, never.
        """
        first = max(0, int(np.searchsorted(self._starts, start, side="right")) - 1)
        parts = []
        while start < stop:
            begin, end = int(self._starts[first]), min(stop, int(self._starts[first + 1]))
            parts.append(self._column(first, name)[start - begin : end - begin])
            start, first = end, first + 1
        if not parts:
            return self._column(0, name)[:0]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def check(self, names: Iterable[str], start: int, stop: int) -> None:
        """Compare some rows of some columns with their checksums, those not compared before.

        Raises
        ------
        Damaged
            They are not what was written.
        """
        for name in names:
            for number, (first, last) in enumerate(pairwise(self._starts)):
                if first < stop and last > start:
                    self._column(number, name)

    def _column(self, number: int, name: str) -> np.ndarray:
        key = number, name
        if key not in self._read:
            try:
                column = _numbers(self._batches[number].column(name))
            except Exception as error:  # noqa: BLE001 - Arrow raises what it meets
                raise Damaged(f"{self.path}: column {name}: {error}") from None
            if _digest(column) != self._sums[number][name]:
                raise Damaged(f"{self.path}: column {name} does not match its checksum")
            self._read[key] = column
        return self._read[key]

    def close(self) -> None:
        """Close the file; views of it stay good."""
        self._map.close()


def write_columns(
    path: Path, meta: Mapping[str, Any], rows: int, batches: Iterable[Mapping[str, np.ndarray]]
) -> None:
    """Write a file of columns.

    Parameters
    ----------
    path : Path
    meta : dict
        Kept with the columns.
    rows : int
        Of all batches.
    batches : iterable of dict of str to array
        One or more: columns of float64, int64 or uint8, shape (row,), in all the same.
    """
    import pyarrow as pa

    text = json.dumps({**meta, "rows": rows})
    writer, seal = None, ""
    with pa.OSFile(str(path), "wb") as file:
        for batch in batches:
            arrays = {name: np.ascontiguousarray(column) for name, column in batch.items()}
            made = pa.RecordBatch.from_arrays(
                [_array(column) for column in arrays.values()], names=list(arrays)
            ).replace_schema_metadata({_META: text})
            if writer is None:
                writer = pa.ipc.new_file(file, made.schema)
                seal = _sealed("", text.encode(), _described(made.schema))
            sums = json.dumps({name: _digest(column) for name, column in arrays.items()})
            seal = _sealed(seal, sums.encode(), str(made.num_rows))
            writer.write_batch(made, custom_metadata={_SUMS: sums, _SEAL: seal})
        if writer is not None:
            writer.close()


# `pa.array` and `to_numpy` would import pandas, which takes longer than a run over a store


def _array(column: np.ndarray) -> Any:
    """The numbers of an array as Arrow has them, without a copy."""
    import pyarrow as pa

    kind = pa.from_numpy_dtype(column.dtype)
    return pa.Array.from_buffers(kind, len(column), [None, pa.py_buffer(column)])


def _numbers(stored: Any) -> np.ndarray:
    """The numbers of an array of Arrow, as a view of it."""
    validity, values = stored.buffers()
    if validity is not None or stored.null_count:
        raise Damaged("numbers are missing")
    dtype = np.dtype(_TYPES[str(stored.type)])
    return np.frombuffer(values, dtype, len(stored), stored.offset * dtype.itemsize)


def _described(schema: Any) -> str:
    """Names and types of the columns, in order."""
    types = [str(field.type) for field in schema]
    if not set(types) <= set(_TYPES):
        raise Damaged(f"columns are of type {', '.join(_TYPES)}")
    return json.dumps([schema.names, types])


def _sealed(before: str, text: bytes, more: str) -> str:
    """Checksum of something, and of all before it."""
    return xxhash.xxh3_64_hexdigest(b"\n".join((before.encode(), text, more.encode())))


def _digest(column: np.ndarray) -> str:
    return xxhash.xxh3_64_hexdigest(column.data)
