"""The file that was looked at last stays open: it is planned, and then read range by range."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from na64ana.events import EventFile, file_identity, open_file

__all__ = ["closing_last_file", "last_opened"]


class _LastOpened(threading.local):
    """One for each thread: two that read one file would move its place under each other."""

    def __init__(self) -> None:
        self.key: object = None
        self.kept: EventFile | None = None

    def file(self, path: str) -> EventFile:
        key = path, file_identity(path)
        if self.kept is None or self.key != key:
            self.close()
            self.kept = open_file(path)
            self.key = key
        return self.kept

    def close(self) -> None:
        if self.kept is not None:
            self.kept.close()
        self.kept = None


_last = _LastOpened()


def last_opened(path: str) -> EventFile:
    """Return a file, opened anew unless it is the last one and has not changed.

    Raises
    ------
    InputError
        It cannot be opened.
    """
    return _last.file(path)


@contextmanager
def closing_last_file() -> Iterator[None]:
    """Close in the end the file that was opened last."""
    try:
        yield
    finally:
        _last.close()
