"""Bytes of a file over ``root://``, and which files a server has: by the client of XRootD.

The bytes do not go through fsspec-xrootd, which has no limit in time unless asked, keeps handles
of servers that are gone, tells an error by its text alone, and lists nothing where a folder cannot
be listed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from functools import cache
from importlib import import_module
from typing import Any

from na64ana.errors import InputError, printable
from na64ana.events import transport
from na64ana.events.transport import (
    Failure,
    GivenUp,
    Range,
    Stamp,
    check_stamp,
    with_retries,
)

__all__ = ["XRootDFile", "matching"]

#: kXR_ArgInvalid, ArgMissing, ArgTooLong, InvalidRequest, NotAuthorized, NotFound, Unsupported,
#: NotFile, isDirectory, AttrNotFound, AuthFailed: XRootD protocol 5.1, "Error responses"
_FINAL_ERRORS = {3000, 3001, 3002, 3006, 3010, 3011, 3013, 3015, 3016, 3027, 3030}
#: an answer of the server that is an error; and errors of the client: bad arguments, not a valid
#: address, authentication failed, redirected too often: XrdCl/XrdClStatus.hh
_ERROR_RESPONSE = 400
_FINAL_CODES = {9, 13, 15, 101, 204, 302, 306}
#: errSocketTimeout, errOperationExpired
_TIMED_OUT = {103, 206}
#: seconds between the client's looks at its clock, of waiting for a connection, attempts at one,
#: and seconds in which it refuses to try a server again that has failed; after its own 15, 120, 5
#: and 1800 a dead server would be known in hours. Tries and pauses are those of `with_retries`.
_SETTINGS = {
    "TimeoutResolution": 1,
    "ConnectionWindow": 5,
    "ConnectionRetry": 1,
    "StreamErrorWindow": 1,
}
#: seconds given to the client over a request's own limit, after which it is left alone
_GRACE = 5.0


@cache
def _client() -> Any:
    """The module of XRootD's client; `InputError` where it is not installed."""
    try:
        client: Any = import_module("XRootD.client")
    except ImportError:
        msg = 'root:// needs the client of XRootD: pip install "na64ana[xrootd]"'
        raise InputError(msg) from None
    for name, value in _SETTINGS.items():
        client.EnvPutInt(name, value)  # what the user has set as XRD_... stays
    return client


class XRootDFile:
    """A file on an XRootD server."""

    stamp: Stamp | None = None
    #: of a vector read; what servers are set to unless told otherwise (readv_iov_max, _ior_max)
    most_parts, largest_part = 1024, 2_097_136

    def __init__(self, url: str) -> None:
        self._url = url
        self._client = _client()
        self._file: Any = None
        self._opening = threading.Lock()

    def fetch(self, parts: Sequence[Range]) -> list[bytes]:
        """Make one request, once; see `Transport`."""
        file, stamp = self._open()
        clipped = [(start, min(stop, stamp.size)) for start, stop in parts]
        vector = [(start, stop - start) for start, stop in clipped if stop > start]
        if not vector:
            return [b"" for _ in parts]
        try:
            limit = transport.time_for(sum(size for _, size in vector))
            answer = _ask(file.vector_read, vector, limit=limit)
            chunks = iter([bytes(chunk.buffer) for chunk in answer.chunks])
            found = [next(chunks, b"") if stop > start else b"" for start, stop in clipped]
            short = [
                f"{len(data)} bytes of {stop - start}"
                for data, (start, stop) in zip(found, clipped, strict=True)
                if len(data) != max(0, stop - start)
            ]
            if short:
                raise Failure(f"the server sent {short[0]}", passing=True)
            self._stat(file, anew=True)
        except Failure:
            self._forget(file)
            raise
        return found

    def _open(self) -> tuple[Any, Stamp]:
        with self._opening:
            if self._file is None:
                file = self._client.File()
                flags = self._client.flags.OpenFlags.READ
                _ask(file.open, self._url, flags, limit=transport.TIMEOUT)
                self._stat(file, anew=False)
                self._file = file
            assert self.stamp is not None
            return self._file, self.stamp

    def _stat(self, file: Any, *, anew: bool) -> None:
        """Look whether the file is the same still; when it is opened its state comes with it."""
        info = _ask(file.stat, anew, limit=transport.TIMEOUT)
        now = Stamp(int(info.size), str(info.modtime))
        self.stamp = now if self.stamp is None else check_stamp(self.stamp, now)

    def _forget(self, file: Any) -> None:
        """Let the next try open the file anew."""
        with self._opening:
            if self._file is file:
                self._file = None

    def close(self) -> None:
        """Close the file; nobody waits for the server's answer."""
        with self._opening:
            if self._file is not None and self._file.is_open():
                self._file.close(callback=lambda *_: None)
            self._file = None


def _ask(function: Callable[..., Any], *arguments: Any, limit: float) -> Any:
    """Send a request and wait for the answer, not longer than a limit in seconds.

    Raises
    ------
    Failure
        There is none, or it is an error.
    """
    done = threading.Event()
    answers: list[Any] = []

    def answered(status: Any, content: Any, _: Any) -> None:
        answers[:] = status, content
        done.set()

    _check(function(*arguments, timeout=max(1, round(limit)), callback=answered))
    if not done.wait(limit + _GRACE) or answers[0].code in _TIMED_OUT:
        raise Failure(f"no answer within {limit:.0f} s", passing=True)
    status, content = answers
    _check(status)
    return content


def _check(status: Any) -> None:
    if status.ok:
        return
    final = (
        status.errno in _FINAL_ERRORS
        if status.code == _ERROR_RESPONSE
        else status.code in _FINAL_CODES
    )
    words = " ".join(status.message.split()).removeprefix("[ERROR] ")
    raise Failure(printable(words, 160), passing=not final)


def matching(host: str, path: str, *, shown: str) -> list[str]:
    """Return the paths of files on a server that match a pattern, sorted.

    Parameters
    ----------
    host : str
        With the scheme: ``root://eospublic.cern.ch``.
    path : str
        With wildcards in any of its folders: ``//eos/data/run*.root``.
    shown : str
        The whole URL as it may be shown, for errors.

    Raises
    ------
    InputError
        A folder cannot be listed.
    """
    server = _client().FileSystem(host)
    found = [""]
    *folders, name = path.split("/")
    try:
        for pattern in folders:
            found = [x for at in found for x in _inside(server, at, pattern, folder=True)]
        found = [x for at in found for x in _inside(server, at, name, folder=False)]
    except GivenUp as error:
        msg = f"{printable(shown)}: the files on the server cannot be listed: {error}"
        raise InputError(msg) from None
    return sorted(found)


def _inside(server: Any, place: str, pattern: str, *, folder: bool) -> list[str]:
    """Paths in a folder that match a pattern; those without wildcards are not looked for."""
    if not set("*[") & set(pattern):
        return [f"{place}{pattern}/" if folder else f"{place}{pattern}"]
    flags = _client().flags
    entries = with_retries(
        lambda: _ask(server.dirlist, place, flags.DirListFlags.STAT, limit=transport.TIMEOUT)
    )
    return [
        f"{place}{entry.name}/" if folder else f"{place}{entry.name}"
        for entry in entries
        if fnmatchcase(entry.name, pattern)
        and bool(entry.statinfo.flags & flags.StatInfoFlags.IS_DIR) == folder
    ]
