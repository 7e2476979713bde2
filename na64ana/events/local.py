"""The bytes of a local file, for uproot: plain reads, each when it is asked for.

A memory map would be as fast, but a file that is cut while it is read would kill the process.
"""

from __future__ import annotations

import queue
from pathlib import Path
from typing import Any

import uproot

__all__ = ["LocalSource"]

Chunk = uproot.source.chunk.Chunk


class LocalSource(uproot.source.chunk.Source):  # type: ignore[misc]
    """A file on disk, open until it is closed, so that all reads see the same file."""

    def __init__(self, file_path: str, **options: Any) -> None:  # noqa: ARG002 - uproot's form
        super().__init__()
        self._file_path = file_path
        self._file = Path(file_path).open("rb", buffering=0)  # noqa: SIM115 - closed by close()
        self._num_bytes = self._file.seek(0, 2)

    def chunk(self, start: int, stop: int) -> Any:
        """Read one range of bytes; what lies beyond the end of the file is missing from it."""
        self._num_requests += 1
        self._num_requested_chunks += 1
        self._num_requested_bytes += stop - start
        self._file.seek(start)
        data = self._file.read(max(0, stop - start))
        return Chunk(self, start, stop, uproot.source.futures.TrivialFuture(data))

    def chunks(self, ranges: list[tuple[int, int]], notifications: queue.Queue[Any]) -> list[Any]:
        """Read several ranges of bytes."""
        chunks = [self.chunk(start, stop) for start, stop in ranges]
        for chunk in chunks:
            notifications.put(chunk)
        return chunks

    @property
    def closed(self) -> bool:
        """Whether the file has been closed."""
        return self._file.closed

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> LocalSource:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
