"""How bytes come from a server: what a way of fetching offers, how it fails, and what is retried.

A request that fails for a reason that may pass is made again after a pause, which doubles each
time and is not the same for all: many workers whose server is back must not come all at once.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol, TypeVar

__all__ = [
    "FIRST_PAUSE",
    "SLOWEST",
    "TIMEOUT",
    "TRIES",
    "Failure",
    "GivenUp",
    "Range",
    "Stamp",
    "Transport",
    "check_stamp",
    "time_for",
    "with_retries",
]

#: first byte and the one after the last
Range = tuple[int, int]
Result = TypeVar("Result")

#: seconds in which a server must answer, or send the next bytes
TIMEOUT = 30.0
#: bytes per second; a server that sends less, if only a byte now and then, counts as hanging
SLOWEST = 50_000
#: how often a request is made; with pauses of 1, 2 and 4 s, a restart of a server is sat out
TRIES = 4
#: seconds before the second try
FIRST_PAUSE = 1.0
#: what a server asks for (Retry-After) is granted up to this, in seconds
_LONGEST_PAUSE = 10.0
#: pauses are longer by a part of themselves, up to this
_JITTER = 0.25


class Failure(Exception):
    """Why a request failed, in words.

    Attributes
    ----------
    passing : bool
        Whether another try may help.
    pause : float
        Seconds that the server asks to wait.
    """

    def __init__(self, reason: str, *, passing: bool, pause: float = 0.0) -> None:
        super().__init__(reason)
        self.passing = passing
        self.pause = pause


class GivenUp(Exception):
    """A request was not answered; the text says why, how often it was made and for how long."""


class Stamp(NamedTuple):
    """State of a file on a server: bytes, and what the server says of its version, or nothing."""

    size: int
    version: str


class Transport(Protocol):
    """A file on a server.

    Attributes
    ----------
    stamp : Stamp or None
        Its state at the first request; None before it.
    most_parts, largest_part : int
        Ranges in a request, and bytes in each of these.
    """

    stamp: Stamp | None
    most_parts: int
    largest_part: int

    def fetch(self, parts: Sequence[Range]) -> list[bytes]:
        """Make one request, once; parts that go beyond the end of the file end there.

        Raises
        ------
        Failure
            There is no answer, or not the right one.
        """

    def close(self) -> None:
        """Close what is open."""


def check_stamp(first: Stamp, now: Stamp) -> Stamp:
    """Return the first state of a file; `Failure` if it is now another."""
    if first.size != now.size:
        reason = f"the file changed on the server: it had {first.size} bytes, now {now.size}"
        raise Failure(reason, passing=False)
    if first.version != now.version:
        raise Failure("the file changed on the server while it was being read", passing=False)
    return first


def time_for(number: int) -> float:
    """Seconds that so many bytes may take."""
    return TIMEOUT + number / SLOWEST


def with_retries(
    request: Callable[[], Result], pause: Callable[[float], object] = time.sleep
) -> Result:
    """Make a request until it is answered.

    Parameters
    ----------
    request : callable
        Makes it once.
    pause : callable
        Waits some seconds.

    Raises
    ------
    GivenUp
        It failed for good, or too often.
    """
    began = time.monotonic()
    for number in range(1, TRIES + 1):
        try:
            return request()
        except Failure as failure:
            if not failure.passing:
                raise GivenUp(str(failure)) from None
            if number == TRIES:
                seconds = time.monotonic() - began
                msg = f"{failure} (tried {number} times in {seconds:.0f} s)"
                raise GivenUp(msg) from None
            asked = min(failure.pause, _LONGEST_PAUSE)
        wanted = max(FIRST_PAUSE * 2 ** (number - 1), asked)
        pause(wanted * (1 + _JITTER * random.random()))  # noqa: S311 - nothing to guess
    raise AssertionError  # the last try returns or raises
