"""The bytes of a local file, for uproot: plain reads, each when it is asked for.

A memory map would be as fast, but a file that is cut while it is read would kill the process.
"""

from __future__ import annotations

import queue
from pathlib import Path
from typing import Any

import uproot

from na64ana.events.keys import Damaged

__all__ = ["LocalSource"]

Chunk = uproot.source.chunk.Chunk


class LocalSource(uproot.source.chunk.Source):  # type: ignore[misc]
    """A file on disk, open until it is closed, so that all reads see the same file.

    Parameters
    ----------
    file_path : str
    options
        Those of `uproot.open`; to a list ``made``, if it is one of them, the source adds itself.
    """

    def __init__(self, file_path: str, **options: Any) -> None:
        super().__init__()
        self._file_path = file_path
        self._file = Path(file_path).open("rb", buffering=0)  # noqa: SIM115 - closed by close()
        self._num_bytes = self._file.seek(0, 2)
        options.get("made", []).append(self)

    def chunk(self, start: int, stop: int) -> Any:
        """Read one range of bytes; what lies beyond the end of the file is missing from it."""
        if start < 0:
            raise Damaged(f"it asks for its byte {start}")
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
