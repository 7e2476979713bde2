"""What all tasks of a run share, kept by each worker of a Dask cluster: sent to each once.

A plugin of the workers, not scattered data or a task of its own: whoever joins later gets it from
the scheduler, and no worker waits for another one that is gone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from distributed import WorkerPlugin, get_worker

from na64ana.errors import InputError, printable
from na64ana.provenance import software

__all__ = ["SharedJob", "call", "versions"]


class SharedJob(WorkerPlugin):  # type: ignore[misc]
    """A function, its job, and the versions with which they came."""

    def __init__(self, function: Callable[[Any, Any], Any], job: Any) -> None:
        self.function, self.job, self.versions = function, job, versions()


def call(name: str, task: Any) -> Any:
    """Run a task on a worker that keeps the job under a name.

    Raises
    ------
    InputError
        This worker has other versions than those with which the job came.
    """
    worker = get_worker()
    shared: SharedJob = worker.plugins[name]
    ours = versions()
    for what, version in shared.versions.items():
        if ours.get(what) != version:
            msg = (
                f"worker {worker.address} has {what} {printable(str(ours.get(what)))}, and where "
                f"the run was started it is {printable(version)}; a record is of one version: "
                "install the same"
            )
            raise InputError(msg)
    return shared.function(shared.job, task)


@cache
def versions() -> dict[str, str]:
    """Versions that a count depends on, and a hash of the source of na64ana itself."""
    digest = hashlib.sha256()
    package = Path(__file__).resolve().parents[1]
    for path in sorted(package.rglob("*.py")):
        digest.update(f"{path.relative_to(package)}\n".encode() + path.read_bytes())
    return {**software(), "na64ana source": digest.hexdigest()[:12]}
