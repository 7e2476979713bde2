"""The function behind ``na64ana.run``: files to one record, whoever counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Literal

from na64ana.cutflow import Record
from na64ana.cutflow.assembly import Assembly, suspects
from na64ana.datasets import Dataset
from na64ana.errors import InputError, printable
from na64ana.provenance import git_commits, made
from na64ana.run.close import close
from na64ana.run.count import Job
from na64ana.run.engine import Engine
from na64ana.run.executors import Executor, executor_for, workers_of
from na64ana.run.finished import Finished
from na64ana.run.intake import sources
from na64ana.run.opened import closing_last_file
from na64ana.run.planning import Planned, plan_inputs
from na64ana.run.repeated import find_repeated, in_words
from na64ana.run.stored import keeping
from na64ana.selection import Selection
from na64ana.store import Store

__all__ = ["run"]


def run(  # noqa: PLR0913 - all but two have a default
    selection: Selection | str | Path,
    inputs: str | Path | Dataset | Iterable[str | Path | Dataset],
    *,
    layout: str | Path | None = None,
    workers: int = 1,
    executor: str | Executor = "local",
    scheduler: str | None = None,
    site: str | None = None,
    chunk_size: int | None = None,
    counts: str = "full",
    unblind: str | None = None,
    with_open_sample: bool = False,
    on_bad_file: Literal["stop", "skip"] = "stop",
    duplicates: Literal["refuse", "once"] = "refuse",
    resume: str | Path | None = None,
    store: str | Path | Store | None = None,
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
        Processes, or jobs of a batch system; the record does not depend on it. Processes are
        spawned, so a script calls this under ``if __name__ == "__main__":``, as for all of
        Python's process pools.
    executor : str or Executor
        Who counts: ``local`` processes, the workers of a ``dask`` cluster, or jobs on ``slurm``
        or ``htcondor``; or an object such as `na64ana.run.on_dask` gives. The record does not
        depend on it.
    scheduler : str, optional
        Address of the scheduler for ``dask``, such as ``tcp://host:8786``.
    site : str, optional
        Settings of the batch system: the name of shipped ones, or a YAML file.
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
    store : str, Path or Store, optional
        Folder that keeps of each input file the observables that cuts, regions and histograms
        compare, so that another threshold, region, histogram or order of cuts reads only these;
        what is not there, or of another file, layout or version, is computed and put there.
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
    _check_numbers(chunk_size)
    _check_words(unblind, with_open_sample, on_bad_file, duplicates)
    chosen = selection if isinstance(selection, Selection) else Selection.load(selection)
    found = chosen.layout(layout)
    bound = chosen.bind(found)
    skip, once = on_bad_file == "skip", duplicates == "once"
    if isinstance(store, str | Path):
        store = Store.at(store)
    kept = None if store is None else keeping(store, bound, found)
    with (
        closing_last_file(),
        executor_for(executor, workers=workers, scheduler=scheduler, site=site) as who,
    ):
        given = sources(inputs, missing=skip)
        planned = plan_inputs(given, found, bound, skip=skip, once=once, keeping=kept)
        job = Job(bound, found, unblind, counts, chunk_size, with_open_sample, kept)
        engine = Engine(job, who, skip, None if resume is None else Finished(resume), progress)
        assembly = _assembled(engine, planned, once=once)
    record = close(job, assembly, planned.expected, planned.again)
    commits = git_commits(Path(chosen.where_is()))
    return replace(record, git=commits, made=(made(workers_of(who)),))


def _assembled(engine: Engine, planned: Planned, *, once: bool) -> Assembly:
    """Count all files; where an event stands twice, refuse, or count again with it once."""
    intakes, lost = dict(planned.intakes), Assembly(lost=planned.lost)
    assembly = engine.assemble(intakes) + lost
    twice = find_repeated(engine.job.layout, intakes, suspects(assembly))
    if not twice:
        return assembly
    if not once:
        raise InputError(in_words(twice))
    for path in {event.path for event in twice}:
        entries = frozenset(event.entry for event in twice if event.path == path)
        intakes[path] = replace(intakes[path], repeated=entries)
    return engine.assemble(intakes) + lost


def _check_numbers(chunk_size: int | None) -> None:
    if chunk_size is not None and chunk_size < 1:
        msg = f"chunk size is a whole number from 1, not {chunk_size}"
        raise InputError(msg)


def _check_words(
    unblind: str | None, with_open_sample: bool, on_bad_file: str, duplicates: str
) -> None:
    if unblind is not None and not unblind.strip():
        msg = "unblinding needs a reason: it is written into every output"
        raise InputError(msg)
    if with_open_sample and unblind is None:
        msg = "the open sample is counted in an opened result: give a reason for unblinding too"
        raise InputError(msg)
    for name, value, known in (
        ("on_bad_file", on_bad_file, ("stop", "skip")),
        ("duplicates", duplicates, ("refuse", "once")),
    ):
        if value not in known:
            msg = f"{name} is '{known[0]}' or '{known[1]}', not '{printable(value)}'"
            raise InputError(msg)
