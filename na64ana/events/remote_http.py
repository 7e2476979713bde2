"""Bytes of a file over ``http://`` and ``https://``: range requests (RFC 9110, section 14).

Not by fsspec, which hands out the body of whatever is answered: there, the whole file in answer
to a request for a part of it is not seen, nor that the file is no longer the same.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from functools import cache
from typing import Any

import requests
import urllib3

from na64ana.errors import printable
from na64ana.events import transport
from na64ana.events.transport import Failure, Range, Stamp, check_stamp

__all__ = ["HttpFile"]

_OK, _PARTIAL, _UNSATISFIABLE = 200, 206, 416
#: too early, too many requests, and what a server says that is overloaded or starting
_PASSING = (408, 425, 429, 500, 502, 503, 504)
_CONTENT_RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)")
#: bytes taken from a connection at a time, between two looks at the clock
_PIECE = 1 << 18
#: connections kept open to each host by a process
_CONNECTIONS = 8
_TIMEOUTS = (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError)
_HINTS = {
    401: "; is the password or token in the URL right, or is it in ~/.netrc?",
    403: "; is the password or token in the URL right, or has it expired?",
    404: "; there is no such file on the server",
    407: "; the proxy wants a password",
}


@cache
def _session() -> requests.Session:
    """Connections of this process: a file that is opened anew finds one to its server open."""
    session = requests.Session()
    adapter = requests.adapters.HTTPAdapter(pool_maxsize=_CONNECTIONS)
    for scheme in ("http://", "https://"):
        session.mount(scheme, adapter)
    # a compressed answer has other bytes than the file
    session.headers["Accept-Encoding"] = "identity"
    return session


class HttpFile:
    """A file on a web server."""

    stamp: Stamp | None = None
    most_parts = 1  # several ranges in one request are refused by many servers
    largest_part = 1 << 62

    def __init__(self, url: str) -> None:
        self._url = url

    def fetch(self, parts: Sequence[Range]) -> list[bytes]:
        """Make one request, once; see `Transport`."""
        ((start, stop),) = parts
        if self.stamp is not None:
            stop = min(stop, self.stamp.size)
        if stop <= start:
            return [b""]
        deadline = time.monotonic() + transport.time_for(stop - start)
        try:
            with _session().get(
                self._url,
                headers={"Range": f"bytes={start}-{stop - 1}"},
                stream=True,
                timeout=transport.TIMEOUT,
            ) as response:
                stop, stamp = _understood(response, start, stop)
                self.stamp = stamp if self.stamp is None else check_stamp(self.stamp, stamp)
                return [_body(response, stop - start, deadline)]
        except (OSError, urllib3.exceptions.HTTPError) as error:  # those of requests are OSErrors
            raise _failure(error) from None

    def close(self) -> None:
        """Leave the connections open for the next file."""


def _understood(response: requests.Response, start: int, stop: int) -> tuple[int, Stamp]:
    """Return where the body ends in the file and the state of the file; refuse what is no part."""
    headers = response.headers
    status = response.status_code
    if status not in (_OK, _PARTIAL):
        raise _refusal(response)
    if headers.get("Content-Encoding", "identity") != "identity":
        raise Failure("the server sends the file compressed; copy the file", passing=False)
    version = headers.get("ETag") or headers.get("Last-Modified") or ""
    if status == _OK:
        size = int(length) if (length := headers.get("Content-Length", "")).isdecimal() else None
        if size is None or start or size > stop:
            msg = (
                "the server does not know range requests: it sends the whole file for a part of it "
                "(as 'python -m http.server' does); copy the file, or use another server"
            )
            raise Failure(msg, passing=False)
        return size, Stamp(size, version)
    match = _CONTENT_RANGE.fullmatch(headers.get("Content-Range", "").strip())
    if match is None or match[1] is None or match[3] == "*":
        said = printable(headers.get("Content-Range", "nothing"), 60)
        raise Failure(f"the server does not say which part it sends ({said})", passing=False)
    first, last, size = int(match[1]), int(match[2]), int(match[3])
    if (first, last + 1) != (start, min(stop, size)):
        msg = f"the server sends bytes {first} to {last + 1} instead"
        raise Failure(msg, passing=False)
    return last + 1, Stamp(size, version)


def _refusal(response: requests.Response) -> Failure:
    status = response.status_code
    reason = printable(response.reason or "", 60)
    if status == _UNSATISFIABLE:
        said = response.headers.get("Content-Range", "")
        what = "the file is empty" if said == "bytes */0" else "the file has no such bytes"
        return Failure(f"{what} (HTTP {status} {reason})", passing=False)
    pause = response.headers.get("Retry-After", "")
    return Failure(
        f"HTTP {status} {reason}{_HINTS.get(status, '')}",
        passing=status in _PASSING,
        pause=float(pause) if pause.isdecimal() else 0.0,
    )


def _body(response: requests.Response, number: int, deadline: float) -> bytes:
    """Read the body in pieces, so that a server that sends a byte now and then is noticed."""
    read: Any = response.raw.read1
    pieces = []
    missing = number
    while missing:
        piece = read(min(missing, _PIECE))
        if not piece:
            msg = f"the connection ended {missing} bytes early, of {number}"
            raise Failure(msg, passing=True)
        pieces.append(piece)
        missing -= len(piece)
        if missing and time.monotonic() > deadline:
            msg = f"the server sends too slowly: {number - missing} bytes of {number} so far"
            raise Failure(msg, passing=True)
    return b"".join(pieces)


def _failure(error: Exception) -> Failure:
    """What went wrong on the way, without the URL that the error's own text may hold."""
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        msg = "its certificate cannot be verified (REQUESTS_CA_BUNDLE names a file with others)"
        return Failure(msg, passing=False)
    if isinstance(error, requests.exceptions.TooManyRedirects):
        return Failure("the server sends from one place to the next for ever", passing=False)
    if isinstance(error, ValueError):  # as requests calls a URL that cannot be one
        return Failure("this is no URL", passing=False)
    if isinstance(error, _TIMEOUTS) or "timed out" in str(error):
        return Failure(f"no answer within {transport.TIMEOUT:g} s", passing=True)
    if "NameResolutionError" in str(error):
        return Failure("the name of the host is not known", passing=True)
    if "Connection refused" in str(error):
        return Failure("the server does not take connections", passing=True)
    return Failure("the connection broke", passing=True)
