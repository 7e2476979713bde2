"""Counting all files in order, whoever runs the tasks, and what becomes of those that fail."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from na64ana.cutflow.assembly import Assembly
from na64ana.errors import InputError, printable
from na64ana.progress import Progress, counting
from na64ana.run.count import Job, count_range
from na64ana.run.executors import Executor
from na64ana.run.finished import Finished
from na64ana.run.intake import Intake
from na64ana.run.workers import WorkerDied

__all__ = ["Engine"]


@dataclass(frozen=True)
class _Task:
    """One range of one file; ``skip`` makes an unreadable one a loss, not an error."""

    intake: Intake
    start: int
    stop: int
    skip: bool

    @property
    def path(self) -> str:
        return self.intake.plan.file.path


@dataclass(frozen=True)
class Engine:
    """How ranges are counted.

    Attributes
    ----------
    job : Job
    executor : Executor
        Runs the tasks.
    skip : bool
        A file that cannot be read is lost; otherwise it is an error.
    finished : Finished or None
        Where what was counted of each file is kept.
    progress : bool or None
        Show a progress bar; None for where someone looks on.
    """

    job: Job
    executor: Executor
    skip: bool
    finished: Finished | None
    progress: bool | None

    def assemble(self, intakes: Mapping[str, Intake]) -> Assembly:
        """Count all files, in order; what was finished before is taken as it is."""
        before = {
            path: kept
            for path, intake in intakes.items()
            if self.finished and (kept := self.finished.load(self.job, intake)) is not None
        }
        tasks = [
            _Task(intake, start, stop, self.skip)
            for path, intake in intakes.items()
            if path not in before
            for start, stop in intake.plan.ranges
        ]
        total = Assembly()
        events = sum(task.stop - task.start for task in tasks)
        with (
            counting(events, self.progress) as bar,
            closing(self._by_file(tasks, bar)) as fresh,
        ):
            for path, intake in intakes.items():
                file = before.get(path)
                if file is None:
                    file = next(fresh)
                    if self.job.keeping is not None:
                        self.job.keeping.gather(intake.plan)
                    if self.finished and file.is_complete(path):
                        self.finished.save(self.job, intake, file)
                total = total + file
                bar.survivors(_survivors(total))
        return total

    def _by_file(self, tasks: Sequence[_Task], bar: Progress) -> Generator[Assembly]:
        """Put the ranges of each file together, in order."""
        file = Assembly()
        # closed at once when this is, so that an interrupted run leaves no workers behind
        with closing(
            _iterator(self.executor.results(_count, _Counting(self.job), tasks))
        ) as results:
            for i, (task, result) in enumerate(zip(tasks, results, strict=True)):
                part = _died(task, result) if isinstance(result, WorkerDied) else result
                file = file + part
                size = task.intake.plan.bytes_of(task.start, task.stop)
                bar.advance(task.stop - task.start, size)
                if i + 1 == len(tasks) or tasks[i + 1].path != task.path:
                    yield file
                    file = Assembly()


def _iterator(results: Iterable[Any]) -> Generator[Any]:
    """A generator, which can be closed, of what any executor gives."""
    yield from results


def _survivors(total: Assembly) -> int | None:
    """Survivors of the first chain in what is complete; None where there are none to show.

    The record is blind where the result will be, so this never tells more than the result.
    """
    if total.folded is None:
        return None
    rows = total.folded.cutflow.rows
    counts = rows[-1].sequential if rows else None
    return None if counts is None else counts.n


@dataclass(frozen=True)
class _Counting:
    """What a process knows while it counts: the job, and where and why files were lost to it."""

    job: Job
    lost: dict[str, tuple[int, str]] = field(default_factory=dict)


def _count(counting: _Counting, task: _Task) -> Assembly:
    start, reason = counting.lost.get(task.path, (task.stop, ""))
    if start < task.start:  # a dead server is not waited for again at each range
        return Assembly(lost={task.path: reason})
    try:
        return count_range(counting.job, task.intake, task.start, task.stop)
    except InputError as error:
        if not task.skip:
            raise
        counting.lost[task.path] = task.start, str(error)
        return Assembly(lost={task.path: str(error)})


def _died(task: _Task, died: WorkerDied) -> Assembly:
    reason = (
        f"{printable(task.path)}: the worker process that read entries {task.start} to {task.stop} "
        "died, each time that it was tried"
    )
    if not task.skip:
        msg = f"{reason}. {died}".rstrip()
        raise InputError(msg)
    return Assembly(lost={task.path: reason})
