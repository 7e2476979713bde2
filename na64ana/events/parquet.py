"""Parquet files through pyarrow; a Parquet file has no tree and no identity of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate
from typing import Any

from na64ana.errors import InputError, printable
from na64ana.events.files import (
    ANY_TREE,
    TAG,
    Branch,
    BranchSize,
    EventFile,
    Tree,
    file_identity,
    file_stamp,
)
from na64ana.events.readers import Reader, WholeReader

__all__ = ["ParquetFile"]


class ParquetFile(EventFile):
    """A Parquet file; its row groups are the clusters."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.uuid = None
        self.stamp, self.identity = file_stamp(path), file_identity(path)
        import pyarrow.parquet as pq

        with _translated(path, "cannot be opened"):
            self._file = pq.ParquetFile(path, page_checksum_verification=True)
            metadata = self._file.metadata
            self._starts = [
                0,
                *accumulate(metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)),
            ]
            raw = (self._file.schema_arrow.metadata or {}).get(TAG.encode())
            self.tag = json.loads(raw) if raw else {}
        self.trees = {ANY_TREE: Tree(ANY_TREE, "Parquet", metadata.num_rows)}

    def branch_paths(self, tree: str) -> list[str]:  # noqa: ARG002 - one table a file
        """Names of the columns."""
        return list(self._file.schema_arrow.names)

    def branches(self, tree: str) -> list[Branch]:
        """All columns, with their types."""
        return [
            Branch(name, str(self._file.schema_arrow.field(name).type), self._shape(name))
            for name in self.branch_paths(tree)
        ]

    def _shape(self, name: str) -> str:
        array = self._whole(name, 0, 0)
        return ", ".join(part.lstrip("?") for part in str(array.type).split(" * ")[1:-1])

    def clusters(self, tree: str, branches: Sequence[str]) -> list[int]:  # noqa: ARG002
        """First rows of the row groups, and the number of rows."""
        return sorted({0, *self._starts})

    def branch_size(self, tree: str, branch: str) -> BranchSize:  # noqa: ARG002 - one table a file
        """How one column, with all that is inside it, is stored."""
        chunks = list(self._chunks([branch]))
        return BranchSize(
            str(self._file.schema_arrow.field(branch).type),
            sum(chunk.total_compressed_size for chunk in chunks),
            sum(chunk.total_uncompressed_size for chunk in chunks),
            self._file.metadata.num_row_groups,
        )

    def _chunks(self, columns: Sequence[str]) -> Iterator[Any]:
        """Yield what the file says of each of some columns, in each row group."""
        metadata = self._file.metadata
        for i in range(metadata.num_row_groups):
            group = metadata.row_group(i)
            for j in range(group.num_columns):
                if group.column(j).path_in_schema.split(".")[0] in columns:
                    yield group.column(j)

    def reader(self, tree: str, branch: str, start: int, stop: int) -> Reader:  # noqa: ARG002
        """Return what reads one column within a range of rows."""
        return WholeReader(start, lambda: self._whole(branch, start, stop))

    def _whole(self, branch: str, start: int, stop: int) -> Any:
        import awkward as ak

        groups = [
            i
            for i, (first, after) in enumerate(zip(self._starts, self._starts[1:], strict=False))
            if first < stop and after > start
        ]
        what = f"column '{branch}', rows {start} to {stop}: cannot be read"
        with _translated(self.path, what):
            table = self._file.read_row_groups(groups, columns=[branch])
            array = ak.from_arrow(table[branch])
            first = self._starts[groups[0]] if groups else 0
            array = array[start - first : stop - first]
            if ak.any(ak.is_none(array, axis=-1), axis=None):
                msg = f"{printable(self.path)}: column '{branch}': holds nulls; write NaN instead"
                raise InputError(msg)
            return ak.drop_none(array, axis=-1)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


@contextmanager
def _translated(path: str, what: str) -> Iterator[None]:
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        msg = f"{printable(path)}: {what} ({printable(reason)})"
        raise InputError(msg) from error
