"""The local engine: ranges of files, one after another or in processes, added up."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

from na64ana.cutflow import Record
from na64ana.errors import InputError, printable
from na64ana.evaluate import evaluate
from na64ana.events import FilePlan, expand, open_file, plan_file, read_columns
from na64ana.layouts import Layout
from na64ana.run.progress import progress_bar
from na64ana.selection import BoundSelection, Selection

__all__ = ["CHUNK_SIZE", "run"]

#: events evaluated at a time; cells of so many events stay in the processor's caches
CHUNK_SIZE = 4096


@dataclass(frozen=True)
class _Job:
    """All that is the same for every range."""

    selection: BoundSelection
    layout: Layout
    blind: bool
    unblinded: str | None
    counts: str
    chunk_size: int


@dataclass(frozen=True)
class _Task:
    """One range of one file."""

    plan: FilePlan
    start: int
    stop: int


def run(
    selection: Selection | str | Path,
    inputs: str | Path | Iterable[str | Path],
    *,
    layout: str | Path | None = None,
    workers: int = 1,
    chunk_size: int | None = None,
    counts: str = "full",
    unblind: str | None = None,
    progress: bool | None = None,
) -> Record:
    """Run a selection over files.

    Parameters
    ----------
    selection : Selection, str or Path
        A selection, the name of a shipped one, or the path of a YAML file.
    inputs : str, Path or iterable of these
        Files, globs, folders, ``@list.txt`` or URLs.
    layout : str or Path, optional
        Layout of the input instead of the selection's default.
    workers : int
        Processes; the record does not depend on it. They are spawned, so a script calls this
        under ``if __name__ == "__main__":``, as for all of Python's process pools.
    chunk_size : int, optional
        Events evaluated at a time; the record does not depend on it.
    counts : str
        ``full``, or ``sequential`` for that kind of count alone.
    unblind : str, optional
        Open the blind regions of data, for this reason; it is written into every output.
        Simulation is never blinded.
    progress : bool, optional
        Show a progress bar; by default where someone looks on.

    Returns
    -------
    Record

    Raises
    ------
    Na64Error
        The selection, the layout or an input cannot be used; the message says what to do.
    """
    _check_options(workers, chunk_size, unblind)
    chosen = selection if isinstance(selection, Selection) else Selection.load(selection)
    found = chosen.layout(layout)
    bound = chosen.bind(found)
    files = expand([inputs] if isinstance(inputs, str | Path) else inputs)
    plans = [_plan(path, found, bound) for path in files]
    _check_plans(plans)
    blind = plans[0].file.kind != "simulation" and unblind is None
    job = _Job(bound, found, blind, unblind, counts, chunk_size or CHUNK_SIZE)
    tasks = [_Task(plan, start, stop) for plan in plans for start, stop in plan.ranges]
    total = sum(task.stop - task.start for task in tasks)
    with progress_bar(total, progress) as advance:
        return _add_up(job, tasks, workers, advance)


def _check_options(workers: int, chunk_size: int | None, unblind: str | None) -> None:
    if workers < 1:
        msg = f"workers is a whole number from 1, not {workers}"
        raise InputError(msg)
    if chunk_size is not None and chunk_size < 1:
        msg = f"chunk size is a whole number from 1, not {chunk_size}"
        raise InputError(msg)
    if unblind is not None and not unblind.strip():
        msg = "unblinding needs a reason: it is written into every output"
        raise InputError(msg)


def _plan(path: str, layout: Layout, selection: BoundSelection) -> FilePlan:
    with open_file(path) as file:
        return plan_file(file, layout, selection.columns)


def _check_plans(plans: Sequence[FilePlan]) -> None:
    first = plans[0].file
    identities: dict[tuple[str, str], str] = {}
    for plan in plans:
        file = plan.file
        if file.kind != first.kind:
            msg = (
                f"{printable(first.path)} is {first.kind} ({first.kind_from}) and "
                f"{printable(file.path)} is {file.kind} ({file.kind_from}); count them apart"
            )
            raise InputError(msg)
        if file.identity in identities:
            msg = (
                f"{printable(file.path)} and {printable(identities[file.identity])} are the same "
                f"file (UUID {file.uuid}); its events would be counted twice"
            )
            raise InputError(msg)
        identities[file.identity] = file.path


def _add_up(
    job: _Job, tasks: Sequence[_Task], workers: int, advance: Callable[[int], None]
) -> Record:
    one = workers == 1 or len(tasks) == 1
    records = _here(job, tasks) if one else _in_processes(job, tasks, workers)
    total: Record | None = None
    for task, record in records:
        total = record if total is None else total + record
        advance(task.stop - task.start)
    assert total is not None  # every file has at least one range
    return total


def _here(job: _Job, tasks: Sequence[_Task]) -> Iterator[tuple[_Task, Record]]:
    for task in tasks:
        yield task, _count(job, task)


def _count(job: _Job, task: _Task) -> Record:
    """Count one range, chunk by chunk."""
    layout, plan = job.layout, task.plan
    with open_file(plan.file.path) as file:
        if file.uuid != plan.file.uuid or file.tree(layout.tree).entries != plan.file.entries:
            msg = f"{printable(plan.file.path)}: changed while it was being read"
            raise InputError(msg)
        tree = plan.file.tree
        columns = read_columns(file, tree, layout, plan.columns, task.start, task.stop)
    total: Record | None = None
    for start in range(task.start, max(task.stop, task.start + 1), job.chunk_size):
        stop = min(start + job.chunk_size, task.stop)
        part = slice(start - task.start, stop - task.start)
        record = evaluate(
            {name: array[part] for name, array in columns.items()},
            job.selection,
            blind=job.blind,
            counts=job.counts,
            unblinded=job.unblinded,
            inputs=[plan.part(start, stop)],
        )
        total = record if total is None else total + record
    assert total is not None
    return total


def _in_processes(
    job: _Job, tasks: Sequence[_Task], workers: int
) -> Iterator[tuple[_Task, Record]]:
    # spawned, not forked: the same on every system, and safe beside threads
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        min(workers, len(tasks)), mp_context=context, initializer=_start_worker, initargs=(job,)
    ) as pool:
        waiting = {pool.submit(_count_in_worker, task): task for task in tasks}
        try:
            while waiting:
                done, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    yield waiting.pop(future), future.result()
        except BrokenProcessPool:
            msg = (
                "a worker process died; nothing was counted. Is there memory enough for all "
                "workers? In a script, is the call under 'if __name__ == \"__main__\":'?"
            )
            raise InputError(msg) from None
        except BaseException:
            for process in list((pool._processes or {}).values()):
                process.terminate()  # a long chunk would be finished first
            raise
        finally:
            pool.shutdown(cancel_futures=True)


_worker_job: _Job | None = None


def _start_worker(job: _Job) -> None:
    global _worker_job  # noqa: PLW0603 - one job a process, sent once
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent to answer
    _worker_job = job


def _count_in_worker(task: _Task) -> Record:
    assert _worker_job is not None
    return _count(_worker_job, task)
