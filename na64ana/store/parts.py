"""Files of the store, written beside and renamed; parts of an input file put together."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from na64ana.store.columns_file import BATCH, ColumnsFile, Damaged, write_columns
from na64ana.store.split import FLAG

__all__ = ["write_joined", "write_whole"]


def write_whole(path: Path, meta: Mapping[str, Any], columns: Mapping[str, np.ndarray]) -> None:
    """Write columns, shape (row,), as one batch.

    Raises
    ------
    OSError
        They cannot be written; then nothing is left of them.
    """
    rows = len(next(iter(columns.values()), ()))
    _write(path, meta, rows, [columns])


def write_joined(
    path: Path, files: list[ColumnsFile], parts: list[ColumnsFile], entries: int
) -> None:
    """Write the columns of some files, of all entries, and of parts, which follow one another.

    Raises
    ------
    OSError
        It cannot be written; then nothing is left of it.
    Damaged
        A column is not what was written, or parts are missing.
    """
    at = 0
    numbers = [{name for name in part.names if not name.endswith(FLAG)} for part in parts]
    for part, names in zip(parts, numbers, strict=True):
        if part.meta["start"] != at or names != numbers[0]:
            raise Damaged(f"{part.path}: does not follow the part before it")
        at += part.size
    if at != entries:
        raise Damaged(f"{path}: parts are missing")
    meta = {name: value for name, value in parts[0].meta.items() if name != "start"}
    _write(path, meta, entries, _batches(files, parts, entries))


def _batches(
    files: list[ColumnsFile], parts: list[ColumnsFile], entries: int
) -> Iterator[dict[str, np.ndarray]]:
    """Yield batches of all columns."""
    names = sorted(set().union(*(part.names for part in parts)))
    for start in range(0, max(entries, 1), BATCH):
        stop = min(start + BATCH, entries)
        batch = {
            name: file.rows(name, start, stop) for file in files for name in sorted(file.names)
        }
        for name in names:
            batch[name] = np.concatenate([*_pieces(name, parts, start, stop)])
        yield batch


def _pieces(name: str, parts: list[ColumnsFile], start: int, stop: int) -> Iterator[np.ndarray]:
    """Yield a column between two entries, part by part."""
    for part in parts:
        first = int(part.meta["start"])
        begin, end = max(start, first) - first, min(stop, first + part.size) - first
        if begin > end or (begin == end and start < stop):
            continue
        if name in part.names:
            yield part.rows(name, begin, end)
        else:  # no flag of a part: none of its events is marked
            yield np.zeros(end - begin, dtype=np.uint8)


def _write(
    path: Path, meta: Mapping[str, Any], rows: int, batches: Iterable[Mapping[str, np.ndarray]]
) -> None:
    beside = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        write_columns(beside, meta, rows, batches)
        beside.replace(path)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise
