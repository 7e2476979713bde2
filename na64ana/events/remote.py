"""Files on servers as uproot reads them: few large requests, and an end to waiting.

What is asked of a file lies scattered in it: the header, the list of keys, the trees, the baskets
of the needed branches. Over a network each request costs a round trip, so ranges near each other
are fetched as one, and what uproot looks at while it opens a file comes from a few blocks.
"""

from __future__ import annotations

import queue
import threading
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from functools import partial
from typing import Any

from uproot.source.chunk import Chunk, Source, notifier

from na64ana.errors import InputError, printable
from na64ana.events.inputs import SecretUrl, is_xrootd, url
from na64ana.events.transport import Failure, GivenUp, Range, Stamp, Transport, with_retries

__all__ = ["RemoteSource", "merged", "requests_for"]

#: ranges are fetched as one if at most so many bytes lie between them. Measured on loopback with
#: 20 ms put into each answer and 25 MB/s into each connection: joined is faster up to 300 kB; less
#: is right where servers are nearer
GAP = 128_000
#: bytes of a request at most. In the same measurement 80 MB took 1.3 s in requests of 1 MB (round
#: trips), 0.95 s of 4 MB and 1.4 s of 16 MB (some connections wait for the last)
LARGEST = 4_000_000
#: requests under way at once for one file
CONNECTIONS = 4
#: bytes of a block, and blocks kept, for the small reads while a file is opened
BLOCK, BLOCKS = 256_000, 32
#: reads of more bytes than this go past the blocks
_SMALL = BLOCK * BLOCKS // 4


class RemoteSource(Source):  # type: ignore[misc]
    """A file on a server: ``uproot.open({url: None}, handler=RemoteSource)``.

    Of uproot it uses `Source`, which it replaces in all but its counters, `Chunk` and `notifier`.

    Parameters
    ----------
    file_path : str
        A URL, or a `SecretUrl`.
    **options
        Those of `uproot.open`; to a list ``made``, if it is one of them, the source adds itself.

    Raises
    ------
    InputError
        The file cannot be opened.
    """

    def __init__(self, file_path: str, **options: Any) -> None:
        super().__init__()
        self._file_path = url(file_path)
        self._transport = _transport(self._file_path)
        self._threads: ThreadPoolExecutor | None = None
        self._closed = threading.Event()
        self._failed: InputError | None = None
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        self._filling = threading.Lock()
        self._ahead: dict[Range, Chunk] = {}
        self._from_blocks(0, 1)  # so that what cannot be opened is known now
        options.get("made", []).append(self)

    def __repr__(self) -> str:
        return f"<RemoteSource {printable(self._file_path)}>"

    def __enter__(self) -> RemoteSource:
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
        self._transport.close()
        self._blocks.clear()
        self._ahead.clear()

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._closed.is_set()

    @property
    def stamp(self) -> Stamp:
        """State of the file when it was opened: size, and what the server says of its version."""
        assert self._transport.stamp is not None
        return self._transport.stamp

    @property
    def num_bytes(self) -> int:
        """Size of the file."""
        return self.stamp.size

    def chunk(self, start: int, stop: int) -> Chunk:
        """Read a range of bytes, through blocks if it is small."""
        ahead = self._ahead.pop((start, stop), None)
        if ahead is not None:
            return ahead
        self._count([(start, stop)])
        data: Future[Any] = Future()
        small = stop - start <= _SMALL
        data.set_result(self._from_blocks(start, stop) if small else self._span(start, stop))
        return Chunk(self, start, stop, data)

    def chunks(self, ranges: Sequence[Range], notifications: queue.Queue[Chunk]) -> list[Chunk]:
        """Read many ranges in few requests, in the background.

        Returns
        -------
        list of Chunk
            One for each range, in order; each is also put into ``notifications`` when it is
            there, or when it is known that it will not be.
        """
        self._count(ranges)
        chunks, missing = [], []
        for start, stop in ranges:
            wanted = _Wanted(start, stop)
            chunk = Chunk(self, start, stop, wanted.data)
            wanted.data.add_done_callback(notifier(chunk, notifications))
            chunks.append(chunk)
            held = self._held(start, stop)
            if held is None:
                missing.append(wanted)
            else:
                wanted.data.set_result(held)
        self._fetch_all(missing)
        return chunks

    def prefetch(self, ranges: Sequence[Range]) -> None:
        """Start to read ranges that `chunk` will be asked for; those of before are dropped."""
        chunks = self.chunks(ranges, queue.Queue())
        self._ahead = {(chunk.start, chunk.stop): chunk for chunk in chunks}

    def _count(self, ranges: Sequence[Range]) -> None:
        self._num_requested_chunks += len(ranges)
        self._num_requested_bytes += sum(stop - start for start, stop in ranges)

    def _fetch_all(self, missing: Sequence[_Wanted]) -> None:
        """Start the requests for some ranges; each gets its bytes as they come."""
        if not missing:
            return
        if self._threads is None:
            self._threads = ThreadPoolExecutor(CONNECTIONS, "na64ana-remote")
        requests = requests_for([(w.start, w.stop) for w in missing], self._transport)
        pieces = [piece for request in requests for piece in request]
        takers: dict[Range, list[_Wanted]] = {piece: [] for piece in pieces}
        starts = [start for start, _ in pieces]
        for wanted in missing:
            first = bisect_right(starts, wanted.start) - 1
            mine = pieces[first : bisect_left(starts, wanted.stop)]
            wanted.missing = len(mine)
            for piece in mine:
                takers[piece].append(wanted)
        for request in requests:
            answer = self._threads.submit(self._fetch, request)
            answer.add_done_callback(partial(_deliver, [(p, takers[p]) for p in request]))

    def _span(self, start: int, stop: int) -> bytes:
        requests = requests_for([(start, stop)], self._transport)
        return b"".join(data for request in requests for data in self._fetch(request))

    def _fetch(self, request: Sequence[Range]) -> list[bytes]:
        """Make a request, again if need be; what failed for good is not asked anything more."""
        if self._failed is not None:
            raise InputError(str(self._failed))
        self._num_requests += 1

        def once() -> list[bytes]:
            if self.closed:
                raise Failure("it was closed", passing=False)
            return self._transport.fetch(request)

        try:
            return with_retries(once, self._closed.wait)
        except GivenUp as error:
            place = f"bytes {request[0][0]} to {request[-1][1]}"
            self._failed = InputError(f"{printable(self._file_path)}: {place}: {error}")
            raise self._failed from None

    def _from_blocks(self, start: int, stop: int) -> bytes:
        numbers = _blocks_of(start, stop)
        with self._filling:
            missing = [i for i in numbers if i not in self._blocks]
            if missing:
                first = missing[0] * BLOCK
                data = self._span(first, (missing[-1] + 1) * BLOCK)
                for i in range(missing[0], missing[-1] + 1):
                    self._blocks[i] = data[i * BLOCK - first : (i + 1) * BLOCK - first]
            found = self._taken(numbers, start, stop)
            while len(self._blocks) > BLOCKS:
                self._blocks.popitem(last=False)
        return found

    def _held(self, start: int, stop: int) -> bytes | None:
        """Bytes that are in the blocks, or None."""
        numbers = _blocks_of(start, stop)
        with self._filling:
            there = len(numbers) <= BLOCKS and all(i in self._blocks for i in numbers)
            return self._taken(numbers, start, stop) if there else None

    def _taken(self, numbers: range, start: int, stop: int) -> bytes:
        for i in numbers:
            self._blocks.move_to_end(i)
        first = numbers.start * BLOCK
        return b"".join(self._blocks[i] for i in numbers)[start - first : stop - first]


class _Wanted:
    """A range that is being fetched: what came of it, and how many pieces are to come."""

    def __init__(self, start: int, stop: int) -> None:
        self.start, self.stop = start, stop
        self.data: Future[Any] = Future()
        self.missing = 0
        self._pieces: list[tuple[int, bytes]] = []
        self._lock = threading.Lock()

    def take(self, start: int, data: bytes) -> None:
        """Take a piece of the file; with the last one, the range is there."""
        with self._lock:
            self._pieces.append((start, data))
            self.missing -= 1
            if self.missing or self.data.done():
                return
            whole = b"".join(
                memoryview(piece)[max(0, self.start - begin) : max(0, self.stop - begin)]
                for begin, piece in sorted(self._pieces)
            )
            self._pieces.clear()
        self.data.set_result(whole)

    def fail(self, error: BaseException) -> None:
        """Tell who waits that it will not come."""
        with self._lock:
            if self.data.done():
                return
        self.data.set_exception(error)


def _deliver(pieces: Sequence[tuple[Range, list[_Wanted]]], answer: Future[list[bytes]]) -> None:
    """Hand what came of a request to those who want it, or why nothing came."""
    error = CancelledError() if answer.cancelled() else answer.exception()
    for i, ((start, _), takers) in enumerate(pieces):
        for wanted in takers:
            if error is not None:
                wanted.fail(error)
            else:
                wanted.take(start, answer.result()[i])


def _blocks_of(start: int, stop: int) -> range:
    return range(start // BLOCK, -(-stop // BLOCK))


def _transport(path: str) -> Transport:
    full = path.full if isinstance(path, SecretUrl) else path
    if "***" in full:
        msg = (
            f"{printable(path)}: the password or token of this URL was not written down; give the "
            "URL with it again"
        )
        raise InputError(msg)
    if is_xrootd(full):
        from na64ana.events.remote_xrootd import XRootDFile

        return XRootDFile(full)
    from na64ana.events.remote_http import HttpFile

    return HttpFile(full)


def requests_for(ranges: Iterable[Range], transport: Transport) -> list[list[Range]]:
    """Return requests that cover some ranges, in order: each a list of parts in the file.

    Parameters
    ----------
    ranges : iterable of (start, stop)
    transport : Transport
        Says how many parts a request may have, and how large one may be.
    """
    largest = min(LARGEST, transport.largest_part)
    requests: list[list[Range]] = []
    room = 0
    for start, stop in merged(ranges):
        for first in range(start, stop, largest):
            part = first, min(first + largest, stop)
            size = part[1] - part[0]
            if not requests or size > room or len(requests[-1]) == transport.most_parts:
                requests.append([])
                room = LARGEST
            requests[-1].append(part)
            room -= size
    return requests


def merged(ranges: Iterable[Range], gap: int | None = None) -> Iterator[Range]:
    """Join ranges that overlap or lie at most ``gap`` bytes (`GAP`) apart; drop empty ones."""
    most = GAP if gap is None else gap
    last: Range | None = None
    for start, stop in sorted(r for r in ranges if r[1] > r[0]):
        if last is None:
            last = start, stop
        elif start <= last[1] + most:
            last = last[0], max(last[1], stop)
        else:
            yield last
            last = start, stop
    if last is not None:
        yield last
