"""Tasks on the workers of a Dask cluster, which may come and go."""

from __future__ import annotations

import re
import time
import warnings
from asyncio import CancelledError as TaskCancelled
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from na64ana.errors import InputError, printable
from na64ana.run.workers import WorkerDied

if TYPE_CHECKING:
    from distributed import Client, Future

__all__ = ["PATIENCE", "OnDask", "connected", "on_dask"]

#: seconds in which a scheduler must answer
_ANSWER = 10
#: seconds without any worker after which a run ends: clusters that grow on demand take minutes
PATIENCE = 600.0
#: seconds between looks at the cluster while a result is awaited
_LOOK = 2.0
#: seconds in which a result must arrive that is there
_FETCH = 60.0
#: tasks handed out ahead of the one whose result is next, for each thread of a worker
_AHEAD = 4
#: packages that must be the same for client, scheduler and workers to understand each other
_SPEAK = ("dask", "distributed", "msgpack", "cloudpickle")
_ADVICE = "Is there memory enough for all workers? Their logs say more."
#: how an error of an import, or of unpickling, reads that comes as text
_UNKNOWN = re.compile(r"ModuleNotFoundError|ImportError|Can't get attribute")
_GONE = (CancelledError, TaskCancelled, OSError)


@dataclass(frozen=True)
class OnDask:
    """An `Executor` on a Dask cluster.

    Dask gives the tasks of a worker that is gone to another. A task that Dask gives up, since its
    workers died, is tried once more when no other of this run is there: the deaths before may
    have been those of its neighbours.

    Attributes
    ----------
    client : callable
        Gives the client; called when there is a first task.
    patience : float
        Seconds without any worker after which the run ends.
    jobs : int
        Jobs of a batch system that are kept up: others take the place of those that are gone.
    """

    client: Callable[[], Client]
    patience: float = PATIENCE
    jobs: int = 0

    def results(
        self, function: Callable[[Any, Any], Any], job: Any, tasks: Sequence[Any]
    ) -> Iterator[Any | WorkerDied]:
        """Run tasks as an `Executor` does.

        Raises
        ------
        InputError
            The scheduler is gone, there are no workers, or they have other versions.
        """
        if not tasks:
            return
        client = self.client()
        where = printable(client.scheduler.address if client.scheduler else "")
        try:
            _check_versions(client)
            with _shared(client, function, job) as name:
                yield from _Run(self, client, name).results(tasks)
        except _GONE as error:
            if client.status != "running":
                msg = f"{where}: the Dask scheduler is gone, and with it what was being counted"
            elif isinstance(error, OSError):
                raise
            else:
                msg = f"{where}: the Dask scheduler dropped a task ({printable(str(error))})"
            raise InputError(msg) from None
        except Exception as error:
            lacking = _import_error(error)
            if lacking is None:
                raise
            msg = (
                f"{where}: the Dask scheduler or its workers cannot load what na64ana needs "
                f"({printable(str(lacking))}); install there what is installed here"
            )
            raise InputError(msg) from None


def on_dask(client: Client, *, patience: float = PATIENCE) -> OnDask:
    """Run on a Dask cluster of your own: ``na64ana.run(..., executor=on_dask(client))``.

    Parameters
    ----------
    client : distributed.Client
        Of any cluster; it is left open.
    patience : float
        Seconds without any worker after which a run ends with an error.

    Returns
    -------
    OnDask
    """
    return OnDask(lambda: client, patience)


@contextmanager
def connected(address: str) -> Iterator[Client]:
    """Connect to the scheduler at an address.

    Raises
    ------
    InputError
        Nothing answers there in time, or it is no address.
    """
    from distributed import Client
    from distributed.versions import VersionMismatchWarning

    try:
        with warnings.catch_warnings():
            # what matters of it is an error of our own
            warnings.simplefilter("ignore", VersionMismatchWarning)
            client = Client(address, timeout=_ANSWER, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        msg = (
            f"{printable(address)}: no Dask scheduler answers there within {_ANSWER} s "
            f"({printable(str(error))}). Is it running, and is its address as tcp://host:8786?"
        )
        raise InputError(msg) from None
    try:
        yield client
    finally:
        with suppress(*_GONE):
            client.close(timeout=_ANSWER)


@contextmanager
def _shared(client: Client, function: Callable[[Any, Any], Any], job: Any) -> Iterator[str]:
    """Have each worker keep the job while the block lasts; yields its name there."""
    from na64ana.run.dask_job import SharedJob

    name = f"na64ana-{uuid4().hex}"
    client.register_plugin(SharedJob(function, job), name=name)
    try:
        yield name
    finally:
        if client.status == "running":
            with suppress(*_GONE):
                client.unregister_worker_plugin(name)


@dataclass(frozen=True)
class _Raised:
    """What a task raised, kept until it is its turn."""

    error: Exception


class _Run:
    """The tasks of one run, by their number.

    What is done is fetched at once: on a worker, it would be lost with it and be counted anew.
    """

    def __init__(self, how: OnDask, client: Client, name: str) -> None:
        self.how, self.client, self.name = how, client, name
        self.futures: dict[int, Future] = {}
        self.outcomes: dict[int, Any] = {}
        self.ended: SimpleQueue[tuple[int, Future]] = SimpleQueue()
        self.last_worker = time.monotonic()

    def results(self, tasks: Sequence[Any]) -> Iterator[Any | WorkerDied]:
        try:
            for i, task in enumerate(tasks):
                bound = i + _AHEAD * max(1, sum(self.client.nthreads().values()))
                for ahead in range(i, min(bound, len(tasks))):
                    if ahead not in self.futures and ahead not in self.outcomes:
                        self._submit(ahead, tasks[ahead])
                while i in self.futures:
                    self._collect()
                if isinstance(self.outcomes[i], WorkerDied):
                    self._alone(i, task)
                outcome = self.outcomes.pop(i)
                if isinstance(outcome, _Raised):
                    raise outcome.error
                yield outcome
        finally:
            # the scheduler drops what nobody waits for
            for future in self.futures.values():
                future.release()

    def _submit(self, i: int, task: Any) -> None:
        from na64ana.run.dask_job import call

        future = self.client.submit(call, self.name, task, pure=False)
        self.futures[i] = future
        future.add_done_callback(lambda done: self.ended.put((i, done)))

    def _alone(self, i: int, task: Any) -> None:
        """Try a task once more when no other of this run is there."""
        while self.futures:
            self._collect()
        self._submit(i, task)
        while i in self.futures:
            self._collect()

    def _collect(self) -> None:
        """Fetch the outcome of a task that ended, or look at the cluster when none does."""
        from distributed import KilledWorker

        try:
            i, future = self.ended.get(timeout=_LOOK)
        except Empty:
            self._look()
            return
        try:
            self.outcomes[i] = future.result(timeout=_FETCH)
        except KilledWorker:
            self.outcomes[i] = WorkerDied(_ADVICE)
        except (CancelledError, TaskCancelled):
            raise
        except TimeoutError:
            if future.status != "error":  # its worker died meanwhile; Dask runs it again
                self._look()
                self.ended.put((i, future))
                return
            self.outcomes[i] = _Raised(future.exception())
        except Exception as error:  # noqa: BLE001 - raised when it is its turn
            self.outcomes[i] = _Raised(error)
        future.release()
        del self.futures[i]

    def _look(self) -> None:
        if self.client.status != "running":
            raise CancelledError
        if self.how.jobs:
            self.client.cluster.scale(jobs=self.how.jobs)
        if self.client.nthreads():
            self.last_worker = time.monotonic()
        elif time.monotonic() - self.last_worker > self.how.patience:
            msg = (
                f"{printable(self.client.scheduler.address)}: no worker has been there for "
                f"{self.how.patience:g} s; do the jobs wait in a queue, or do they fail? "
                "Their logs say more"
            )
            raise InputError(msg)


def _check_versions(client: Client) -> None:
    """Refuse a cluster that does not speak as this client does, in words of our own."""
    found = client.get_versions()
    sides = {"the scheduler": found["scheduler"]}
    sides |= {f"worker {address}": versions for address, versions in found["workers"].items()}
    here = _versions(found["client"])
    for who, theirs in sides.items():
        for what, version in _versions(theirs).items():
            if version != here[what]:
                msg = (
                    f"{printable(who)} has {what} {printable(str(version))}, and here it is "
                    f"{printable(str(here[what]))}; install the same on both sides"
                )
                raise InputError(msg)


def _versions(side: Any) -> dict[str, Any]:
    """Python to its minor version, and the packages by which Dask speaks."""
    python = ".".join(str(side["host"]["python"]).split(".")[:2])
    return {"Python": python} | {name: side["packages"].get(name) for name in _SPEAK}


def _import_error(error: BaseException | None) -> BaseException | None:
    """The error of an import, or of unpickling, that is behind an error; None if there is none."""
    while error is not None:
        if isinstance(error, ImportError) or _UNKNOWN.search(str(error)):
            return error
        error = error.__cause__ or error.__context__
    return None
