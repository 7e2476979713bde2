"""Who runs the tasks of a run: this process, others of this machine, or a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any, Protocol

from na64ana.errors import InputError, nearest, printable
from na64ana.run.batch import batch_client, check_submits
from na64ana.run.dask_cluster import OnDask, connected
from na64ana.run.sites import BATCH_SYSTEMS, load_site
from na64ana.run.workers import LocalProcesses, WorkerDied

__all__ = ["EXECUTORS", "Executor", "executor_for", "workers_of"]

EXECUTORS = ("local", "dask", *BATCH_SYSTEMS)


class Executor(Protocol):
    """Runs tasks somewhere and gives their results in order."""

    def results(
        self, function: Callable[[Any, Any], Any], job: Any, tasks: Sequence[Any]
    ) -> Iterator[Any | WorkerDied]:
        """Run ``function(job, task)`` for each task; yield the results in the order of the tasks.

        Parameters
        ----------
        function : callable
            At the top level of a module; what it raises is raised here.
        job : object
            The same for all tasks; can be pickled, as the tasks can, and is sent to each worker
            once.
        tasks : sequence
            Only a few more than there are workers are handed out at a time.

        Yields
        ------
        Result of the task, or a `WorkerDied` for one whose worker dies each time.
        """
        ...


@contextmanager
def executor_for(
    executor: str | Executor = "local",
    *,
    workers: int = 1,
    scheduler: str | None = None,
    site: str | None = None,
) -> Iterator[Executor]:
    """Give the executor that a user asks for; what it starts ends with the block.

    Parameters
    ----------
    executor : str or Executor
        ``local``, ``dask``, ``slurm``, ``htcondor``, or one of the user's own.
    workers : int
        Processes of this machine, or jobs of the batch system.
    scheduler : str, optional
        Address of a Dask scheduler, such as ``tcp://host:8786``.
    site : str, optional
        Settings of a batch system: the name of shipped ones, or a YAML file.

    Raises
    ------
    InputError
        There is no such executor or site, the options do not fit it, or what it needs is not
        installed.
    """
    _check(executor, workers, scheduler, site)
    if not isinstance(executor, str):
        yield executor
    elif executor == "local":
        processes = LocalProcesses(workers)
        processes.prepare()
        yield processes
    else:
        _need_cluster_packages()
        with ExitStack() as stack:
            if scheduler is not None:
                yield OnDask(cache(lambda: stack.enter_context(connected(scheduler))))
                return
            found = load_site(site or executor, executor)
            check_submits(found)
            # submitted with the first task, once for all runs of the block
            client = cache(lambda: stack.enter_context(batch_client(found, workers)))
            yield OnDask(client, found.patience * 60, jobs=workers)


def workers_of(executor: Executor) -> int:
    """Processes or jobs of an executor; 0 of a cluster whose workers come and go."""
    if isinstance(executor, LocalProcesses):
        return executor.workers
    return executor.jobs if isinstance(executor, OnDask) else 0


def _need_cluster_packages() -> None:
    """Refuse to go on where the packages of the extra ``cluster`` are missing.

    Raises
    ------
    InputError
        They are; the message says how to install them.
    """
    try:
        import cryptography  # noqa: F401 - certificates of batch jobs
        import dask_jobqueue  # noqa: F401
        import distributed  # noqa: F401
    except ImportError as error:
        msg = (
            f"package '{printable(str(error.name))}' is not installed, which clusters need: "
            'pip install "na64ana[cluster]"'
        )
        raise InputError(msg) from None


def _check(executor: str | Executor, workers: int, scheduler: str | None, site: str | None) -> None:
    if workers < 1:
        msg = f"workers is a whole number from 1, not {workers}"
        raise InputError(msg)
    if isinstance(executor, str):
        if executor not in EXECUTORS:
            msg = (
                f"no executor '{printable(executor)}'{nearest(executor, EXECUTORS)} "
                f"(executors: {', '.join(EXECUTORS)})"
            )
            raise InputError(msg)
    elif not callable(getattr(executor, "results", None)):
        msg = (
            f"an executor is one of {', '.join(EXECUTORS)}, or an object with a method 'results', "
            f"not a {type(executor).__name__}; for a Dask client: na64ana.run.on_dask(client)"
        )
        raise InputError(msg)
    if executor == "dask" and scheduler is None:
        msg = "executor dask needs the address of its scheduler, such as tcp://host:8786"
        raise InputError(msg)
    if scheduler is not None and executor != "dask":
        msg = f"a scheduler ({printable(scheduler)}) is for executor dask only"
        raise InputError(msg)
    if site is not None and executor not in BATCH_SYSTEMS:
        msg = f"a site ({printable(site)}) is for executors {' and '.join(BATCH_SYSTEMS)} only"
        raise InputError(msg)
    if workers > 1 and (executor == "dask" or not isinstance(executor, str)):
        msg = (
            f"workers ({workers}) are for local processes and for jobs of a batch system; a Dask "
            "cluster has those that were started for it"
        )
        raise InputError(msg)
