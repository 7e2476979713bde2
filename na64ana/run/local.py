"""The local engine: ranges of files, one after another or in processes, put together in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from na64ana.cutflow import Record
from na64ana.cutflow.assembly import Assembly, suspects
from na64ana.datasets import Dataset
from na64ana.errors import InputError, printable
from na64ana.layouts import Layout
from na64ana.provenance import git_commits, made
from na64ana.run.close import close
from na64ana.run.count import CHUNK_SIZE, Job, count_range
from na64ana.run.finished import Finished
from na64ana.run.intake import (
    Intake,
    Source,
    plan_source,
    refuse_two_accounts,
    sources,
    unique,
    without_copies,
)
from na64ana.run.progress import progress_bar
from na64ana.run.repeated import find_repeated, in_words
from na64ana.run.workers import WorkerDied, in_processes
from na64ana.selection import BoundSelection, Selection

__all__ = ["run"]


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


def run(  # noqa: PLR0913 - all but two have a default
    selection: Selection | str | Path,
    inputs: str | Path | Dataset | Iterable[str | Path | Dataset],
    *,
    layout: str | Path | None = None,
    workers: int = 1,
    chunk_size: int | None = None,
    counts: str = "full",
    unblind: str | None = None,
    with_open_sample: bool = False,
    on_bad_file: Literal["stop", "skip"] = "stop",
    duplicates: Literal["refuse", "once"] = "refuse",
    resume: str | Path | None = None,
    progress: bool | None = None,
) -> Record:
    """Run a selection over files.

    Parameters
    ----------
    selection : Selection, str or Path
        A selection, the name of a shipped one, or the path of a YAML file.
    inputs : str, Path, Dataset or iterable of these
        Files, globs, folders, ``@list.txt``, URLs, or manifests of datasets (``.yaml``), whose
        exposure is then accounted for in ``record.ledger``.
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
    with_open_sample : bool
        Count in the opened result the events that a ``prescale`` had opened before, too.
    on_bad_file : str
        ``stop`` at a file that cannot be read, or ``skip`` it: never half of it, and with it the
        spills that it shares with other files; all that is lost is in ``record.ledger``.
    duplicates : str
        ``refuse`` a file or an event that is given twice, or count it ``once``.
    resume : str or Path, optional
        Folder that keeps what was counted of each file, for a run that is interrupted; given
        again, only what is missing or has changed is read.
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
    _check_options(workers, chunk_size, unblind, on_bad_file, duplicates)
    if with_open_sample and unblind is None:
        msg = "the open sample is counted in an opened result: give a reason for unblinding too"
        raise InputError(msg)
    chosen = selection if isinstance(selection, Selection) else Selection.load(selection)
    found = chosen.layout(layout)
    job = Job(
        chosen.bind(found), found, unblind, counts, chunk_size or CHUNK_SIZE, with_open_sample
    )
    skip, once = on_bad_file == "skip", duplicates == "once"
    expected, again = unique(sources(inputs, missing=skip), once=once)
    intakes, lost = plan_all(expected, found, job.selection, skip=skip)
    copies = drop_copies(intakes, expected, once=once)
    expected = [source for source in expected if source.path not in copies]
    again = {path: copies.get(kept, kept) for path, kept in again.items()} | copies
    intakes = without_copies(intakes, again)
    engine = _Engine(job, workers, skip, None if resume is None else Finished(resume), progress)
    assembly = engine.assemble(intakes) + Assembly(lost=lost)
    twice = find_repeated(found, intakes, suspects(assembly))
    if twice and not once:
        raise InputError(in_words(twice))
    if twice:
        for path in {event.path for event in twice}:
            entries = frozenset(event.entry for event in twice if event.path == path)
            intakes[path] = replace(intakes[path], repeated=entries)
        assembly = engine.assemble(intakes) + Assembly(lost=lost)
    record = close(job, assembly, expected, again)
    commits = git_commits(Path(chosen.where_is()))
    return replace(record, git=commits, made=(made(workers),))


def _check_options(
    workers: int, chunk_size: int | None, unblind: str | None, on_bad_file: str, duplicates: str
) -> None:
    if workers < 1:
        msg = f"workers is a whole number from 1, not {workers}"
        raise InputError(msg)
    if chunk_size is not None and chunk_size < 1:
        msg = f"chunk size is a whole number from 1, not {chunk_size}"
        raise InputError(msg)
    if unblind is not None and not unblind.strip():
        msg = "unblinding needs a reason: it is written into every output"
        raise InputError(msg)
    for name, value, known in (
        ("on_bad_file", on_bad_file, ("stop", "skip")),
        ("duplicates", duplicates, ("refuse", "once")),
    ):
        if value not in known:
            msg = f"{name} is '{known[0]}' or '{known[1]}', not '{printable(value)}'"
            raise InputError(msg)


def plan_all(
    expected: Sequence[Source], layout: Layout, selection: BoundSelection, *, skip: bool
) -> tuple[dict[str, Intake], dict[str, str]]:
    """Plan the reading of all files; return the plans, and the files lost with their reasons.

    Raises
    ------
    InputError
        A file cannot be used, and not ``skip``; or the files are of different kinds.
    """
    intakes: dict[str, Intake] = {}
    lost: dict[str, str] = {}
    for source in expected:
        try:
            intakes[source.path] = plan_source(source, layout, selection)
        except InputError as error:
            if not skip:
                raise
            lost[source.path] = str(error)
    files = [intake.plan.file for intake in intakes.values()]
    for file in files[1:]:
        if file.kind != files[0].kind:
            msg = (
                f"{printable(files[0].path)} is {files[0].kind} ({files[0].kind_from}) and "
                f"{printable(file.path)} is {file.kind} ({file.kind_from}); count them apart"
            )
            raise InputError(msg)
    return intakes, lost


def drop_copies(
    intakes: dict[str, Intake], expected: Sequence[Source], *, once: bool
) -> dict[str, str]:
    """Take out copies of a file, known by its UUID; return them, each with the path that is kept.

    The file of a dataset is kept, since its exposure is known; else the first.

    Raises
    ------
    InputError
        There are copies, and not ``once``.
    """
    known: dict[tuple[str, str], str] = {}
    copies: dict[str, str] = {}
    sources_by_path = {source.path: source for source in expected}
    for source in sorted(expected, key=lambda source: source.dataset is None):
        path = source.path
        if path not in intakes:
            continue
        file = intakes[path].plan.file
        first = known.setdefault(file.identity, path)
        if first == path:
            continue
        if not once:
            msg = (
                f"{printable(path)} and {printable(first)} are the same file (UUID {file.uuid}); "
                "its events would be counted twice"
            )
            raise InputError(msg)
        refuse_two_accounts(sources_by_path[first], source)
        del intakes[path]
        copies[path] = first
    return copies


@dataclass(frozen=True)
class _Engine:
    """How ranges are counted: here or in processes, and what becomes of those that fail."""

    job: Job
    workers: int
    skip: bool
    finished: Finished | None
    progress: bool | None

    def assemble(self, intakes: dict[str, Intake]) -> Assembly:
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
        with progress_bar(sum(task.stop - task.start for task in tasks), self.progress) as advance:
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
        if workers <= 1:
            yield from (_count(self.job, task) for task in tasks)
            return
        for task, result in zip(tasks, in_processes(_count, self.job, tasks, workers), strict=True):
            yield _died(task) if isinstance(result, WorkerDied) else result


def _count(job: Job, task: _Task) -> Assembly:
    try:
        return count_range(job, task.intake, task.start, task.stop)
    except InputError as error:
        if not task.skip:
            raise
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
