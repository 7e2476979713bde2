"""Counting all files in order: here or in processes, and what becomes of those that fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from na64ana.cutflow.assembly import Assembly
from na64ana.errors import InputError, printable
from na64ana.run.count import Job, closing_last_file, count_range
from na64ana.run.finished import Finished
from na64ana.run.intake import Intake
from na64ana.run.progress import progress_bar
from na64ana.run.workers import WorkerDied, in_processes

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
    workers : int
        Processes.
    skip : bool
        A file that cannot be read is lost; otherwise it is an error.
    finished : Finished or None
        Where what was counted of each file is kept.
    progress : bool or None
        Show a progress bar; None for where someone looks on.
    """

    job: Job
    workers: int
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
        with (
            closing_last_file(),
            progress_bar(sum(task.stop - task.start for task in tasks), self.progress) as advance,
        ):
            fresh = self._by_file(tasks, advance)
            for path, intake in intakes.items():
                file = before.get(path)
                if file is None:
                    file = next(fresh)
                    if self.finished and file.is_complete(path):
                        self.finished.save(self.job, intake, file)
                total = total + file
        return total

    def _by_file(
        self, tasks: Sequence[_Task], advance: Callable[[int], None]
    ) -> Iterator[Assembly]:
        """Put the ranges of each file together, in order."""
        file = Assembly()
        for i, (task, part) in enumerate(zip(tasks, self._ranges(tasks), strict=True)):
            file = file + part
            advance(task.stop - task.start)
            if i + 1 == len(tasks) or tasks[i + 1].path != task.path:
                yield file
                file = Assembly()

    def _ranges(self, tasks: Sequence[_Task]) -> Iterator[Assembly]:
        workers = min(self.workers, len(tasks))
        counting = _Counting(self.job)
        if workers <= 1:
            yield from (_count(counting, task) for task in tasks)
            return
        for task, result in zip(tasks, in_processes(_count, counting, tasks, workers), strict=True):
            yield _died(task) if isinstance(result, WorkerDied) else result


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


def _died(task: _Task) -> Assembly:
    reason = (
        f"{printable(task.path)}: the worker process that read entries {task.start} to {task.stop} "
        "died, each time that it was tried"
    )
    if not task.skip:
        msg = (
            f"{reason}. Is there memory enough for all workers? In a script, is the call under "
            "'if __name__ == \"__main__\":'?"
        )
        raise InputError(msg)
    return Assembly(lost={task.path: reason})
