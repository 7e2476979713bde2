"""Workers as jobs of a batch system, by dask-jobqueue."""

from __future__ import annotations

import shlex
import shutil
import socket
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from na64ana.errors import InputError, printable
from na64ana.run.sites import Site

if TYPE_CHECKING:
    from dask_jobqueue import JobQueueCluster
    from distributed import Client

__all__ = ["batch_client", "batch_cluster", "check_submits"]

_COMMANDS = {"slurm": "sbatch", "htcondor": "condor_submit"}


def check_submits(site: Site) -> None:
    """Refuse a machine from which no job can be submitted.

    Raises
    ------
    InputError
        The command of the batch system is not there.
    """
    command = _COMMANDS[site.batch_system]
    if shutil.which(command) is None:
        msg = (
            f"there is no command '{command}' here; executor {site.batch_system} needs a machine "
            "that submits jobs"
        )
        raise InputError(msg)


def batch_cluster(site: Site) -> JobQueueCluster:
    """Start a scheduler in this process; jobs are submitted by its ``scale``.

    Raises
    ------
    InputError
        It cannot listen where the site says.
    """
    import dask_jobqueue

    slurm = site.batch_system == "slurm"
    kind = dask_jobqueue.SLURMCluster if slurm else dask_jobqueue.HTCondorCluster
    special = _slurm(site) if slurm else _htcondor(site)
    try:
        with warnings.catch_warnings():
            # that the dashboard's usual port is taken, and what its packages say at import
            warnings.simplefilter("ignore")
            return kind(**_common(site), **special)
    except (OSError, RuntimeError, ValueError, ImportError) as error:
        cause = error.__cause__ or error
        msg = (
            f"no scheduler can be started for {site.batch_system} jobs, host "
            f"{_host(site) or 'of this machine'}, port {site.scheduler.port or 'any'} "
            f"({printable(str(cause))})"
        )
        raise InputError(msg) from None


@contextmanager
def batch_client(site: Site, jobs: int) -> Iterator[Client]:
    """Submit jobs, and give the client of their cluster.

    Raises
    ------
    InputError
        The scheduler cannot be started, or the batch system does not take the jobs.
    """
    from distributed import Client

    cluster = batch_cluster(site)
    try:
        _submit(cluster, jobs)
        with Client(cluster, set_as_default=False) as client:
            yield client
    finally:
        cluster.close()


def _submit(cluster: Any, jobs: int) -> None:
    """Submit the first jobs here and now, to hear what the batch system says of them."""
    from distributed import Status

    # not by its `scale`, which submits behind our back, where an error is only logged
    while len(cluster.worker_spec) < jobs:
        cluster.worker_spec.update(cluster.new_worker_spec())
    try:
        cluster.sync(cluster._correct_state)
    except (OSError, RuntimeError, ValueError) as error:
        for job in cluster._created:  # those that were not taken have no end to wait for
            if job.status == Status.created:
                job.status = Status.failed
        said = " ".join(str(error).split())
        msg = f"the jobs cannot be submitted: {printable(said, 1000)}"
        raise InputError(msg) from None


def _common(site: Site) -> dict[str, Any]:
    options: dict[str, Any] = {
        "port": site.scheduler.port,
        "dashboard": False,  # one port less that anyone can look at
        "dashboard_address": ":0",
    }
    if host := _host(site):
        options["host"] = host
    elif site.scheduler.interface:
        options["interface"] = site.scheduler.interface
    return {
        "cores": site.cores,
        "processes": site.cores,  # the counting is Python: threads would wait for each other
        "memory": site.memory,
        # in the place of the job's shell, so that what ends the job ends the worker
        "python": f"exec {site.python or shlex.quote(sys.executable)}",
        "job_name": "na64ana",
        "local_directory": site.scratch,
        "log_directory": None if site.logs is None else str(Path(site.logs).expanduser()),
        "job_script_prologue": list(site.prologue),
        "job_extra_directives": site.directives,
        "worker_extra_args": list(site.worker_options),
        "nanny": site.restarts,
        "interface": site.scheduler.interface,
        "scheduler_options": options,
        "security": site.encrypted or None,
        "shared_temp_directory": site.shared if site.encrypted else None,
    }


def _slurm(site: Site) -> dict[str, Any]:
    return {"queue": site.queue, "account": site.account, "walltime": site.time}


def _htcondor(site: Site) -> dict[str, Any]:
    return {"disk": site.disk, "submit_command_extra": list(site.submit_options)}


def _host(site: Site) -> str | None:
    return socket.gethostname() if site.scheduler.host == "hostname" else site.scheduler.host
