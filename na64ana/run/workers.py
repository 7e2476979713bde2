"""Worker processes: results in the order of the tasks, whatever becomes of a worker."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from multiprocessing import forkserver, resource_tracker
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

__all__ = ["LocalProcesses", "WorkerDied"]

Task = TypeVar("Task")
Result = TypeVar("Result")

#: after so many deaths of workers around it, a task runs alone in a process: is it the cause?
_DEATHS = 2
#: and so often, since the deaths before may have been those of its neighbours
_ALONE = 2
#: tasks handed out ahead of the one whose result is next, for each worker
_AHEAD = 4
#: modules that take most of the start of a worker
_PRELOADED = ("na64ana.run.engine", "na64ana.events.root", "awkward", "boost_histogram")


_ADVICE = (
    "Is there memory enough for all workers? In a script, is the call under "
    "'if __name__ == \"__main__\":'?"
)


class WorkerDied(Exception):
    """The process that ran a task died, when alone as well; with words on what to look at."""


@dataclass(frozen=True)
class LocalProcesses:
    """Processes of this machine; with one worker, or one task, this process alone.

    A worker that is killed costs nothing but time: its tasks are given to new workers. A task
    whose worker dies each time, when it is alone as well, gives a `WorkerDied`.

    Attributes
    ----------
    workers : int
        Processes.
    """

    workers: int = 1

    def prepare(self) -> None:
        """Begin what workers wait for, while this process still plans what they will do."""
        if self.workers > 1 and _context().get_start_method() == "forkserver":
            # Ctrl-C is for this process to answer: the server would show where its imports were
            resource_tracker.ensure_running()  # which would let signals through again
            before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
            try:
                forkserver.ensure_running()
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def results(
        self, function: Callable[[Any, Task], Result], job: Any, tasks: Sequence[Task]
    ) -> Iterator[Result | WorkerDied]:
        """Run tasks as an `Executor` does."""
        workers = min(self.workers, len(tasks))
        if workers <= 1:
            yield from (function(job, task) for task in tasks)
            return
        pool = _Pool(function, job, workers)
        try:
            yield from pool.results(tasks)
        finally:
            pool.stop()


class _Pool(Generic[Task, Result]):
    def __init__(self, function: Callable[[Any, Task], Result], job: Any, workers: int) -> None:
        self.function, self.job, self.workers = function, job, workers
        self.executor: ProcessPoolExecutor | None = None
        self.futures: dict[int, Future[Result]] = {}
        self.deaths: Counter[int] = Counter()

    def results(self, tasks: Sequence[Task]) -> Iterator[Result | WorkerDied]:
        for i in range(len(tasks)):
            while True:
                for ahead in range(i, min(i + _AHEAD * self.workers, len(tasks))):
                    if ahead not in self.futures and not self._suspect(ahead):
                        self._submit(ahead, tasks[ahead])
                if self._suspect(i):
                    yield self._alone(tasks[i])
                    break
                if i not in self.futures:
                    continue
                try:
                    result = self.futures[i].result()
                except BrokenProcessPool:
                    self._restart()
                    continue
                del self.futures[i]
                yield result
                break

    def _suspect(self, i: int) -> bool:
        return self.deaths[i] >= _DEATHS

    def _submit(self, i: int, task: Task) -> None:
        for _ in range(2):
            if self.executor is None:
                self.executor = _executor(self.workers, self.function, self.job)
            try:
                with _without_interrupt():  # a worker half born would be one that nobody ends
                    self.futures[i] = self.executor.submit(_call, task)
            except BrokenProcessPool:  # it died since the last result
                self.deaths[i] += 1
                self._restart()
            else:
                return

    def _restart(self) -> None:
        """Put up new workers; what the dead ones had done stays done."""
        for i, future in list(self.futures.items()):
            if not future.done() or isinstance(future.exception(), BrokenProcessPool):
                self.deaths[i] += 1
                del self.futures[i]
        self.stop()

    def _alone(self, task: Task) -> Result | WorkerDied:
        for _ in range(_ALONE):
            executor = _executor(1, self.function, self.job)
            try:
                result: Result = executor.submit(_call, task).result()
                return result
            except BrokenProcessPool:
                continue
            finally:
                _end(executor)
        return WorkerDied(_ADVICE)

    def stop(self) -> None:
        """End all workers, in the middle of a task if need be."""
        if self.executor is None:
            return
        _end(self.executor)
        self.executor = None


@contextmanager
def _without_interrupt() -> Iterator[None]:
    """Answer Ctrl-C after the block only."""
    ours = threading.current_thread() is threading.main_thread()
    if not ours or signal.getsignal(signal.SIGINT) is None:
        yield
        return
    came: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if came:
            signal.raise_signal(signal.SIGINT)


def _end(executor: ProcessPoolExecutor) -> None:
    for process in list((executor._processes or {}).values()):
        process.terminate()
    # one that dies amid a result leaves half of it; its reader would wait for the rest for ever
    results = cast(Any, executor)._result_queue
    if results is not None:
        results._writer.close()
    executor.shutdown(cancel_futures=True)


def _executor(workers: int, function: Callable[..., Any], job: Any) -> ProcessPoolExecutor:
    arguments = function, job, dict(os.environ), str(Path.cwd())
    return ProcessPoolExecutor(
        workers, mp_context=_context(), initializer=_start, initargs=arguments
    )


@cache
def _context() -> BaseContext:
    """How processes are started: never as copies of this one, which may have threads.

    Where there is one, they are copies of a server that has none and has imported what they need;
    it is started once, lives as long as this process, and makes the next workers at once.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(_PRELOADED))
    return context


_work: tuple[Callable[[Any, Any], Any], Any] | None = None


def _start(
    function: Callable[[Any, Any], Any], job: Any, environment: dict[str, str], folder: str
) -> None:
    global _work  # noqa: PLW0603 - one job a process, sent once
    # as they are now, not when the server was started
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent to answer
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _work = function, job


def _end_with_parent() -> None:
    """End this process when the one that started it is gone, killed perhaps."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _call(task: Any) -> Any:
    assert _work is not None
    function, job = _work
    return function(job, task)
