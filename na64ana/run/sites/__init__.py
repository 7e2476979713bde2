"""Settings of batch systems, in YAML: what a job asks for, and how its worker finds the run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from na64ana.errors import InputError, nearest, printable
from na64ana.yamltext import Document, convert, read_yaml

__all__ = ["BATCH_SYSTEMS", "Site", "builtin_sites", "load_site"]

BATCH_SYSTEMS = ("slurm", "htcondor")
_FOLDER = Path(__file__).parent

Size = Annotated[str, Meta(pattern=r"^\d+(\.\d+)? ?[kMGT]?i?B$", description="Such as '2 GB'")]
Port = Annotated[int, Meta(ge=0, le=65535)]


class _Keys(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    pass


class SchedulerSpec(_Keys):
    """Where the scheduler listens, which runs in the process of na64ana itself."""

    host: Annotated[
        str | None,
        Meta(
            description="Name or address by which the nodes reach this machine; "
            "hostname is its own name"
        ),
    ] = None
    interface: Annotated[str | None, Meta(description="Network interface instead, such as ib0")] = (
        None
    )
    port: Annotated[Port, Meta(description="0 for any that is free")] = 0


class Site(_Keys):
    """Settings of one batch system; each says what it is."""

    batch_system: Annotated[Literal["slurm", "htcondor"], Meta(description="Who takes the jobs")]
    description: Annotated[str, Meta(description="Words for people")] = ""
    reference: Annotated[str, Meta(description="Where its settings are documented")] = ""
    cores: Annotated[int, Meta(ge=1, description="Of a job; each has one worker process")] = 1
    memory: Annotated[Size, Meta(description="Of a job, such as 8 GB")] = "2 GB"
    disk: Annotated[Size, Meta(description="Of a job; HTCondor only")] = "1 GB"
    time: Annotated[str | None, Meta(description="Slurm: time limit such as 02:00:00")] = None
    queue: Annotated[str | None, Meta(description="Slurm: partition")] = None
    account: Annotated[str | None, Meta(description="Slurm: who pays")] = None
    directives: Annotated[
        list[str] | dict[str, str],
        Meta(description="More lines of the job: options of sbatch, or name: value of HTCondor"),
    ] = msgspec.field(default_factory=list)
    submit_options: Annotated[list[str], Meta(description="More arguments of condor_submit")] = (
        msgspec.field(default_factory=list)
    )
    prologue: Annotated[
        list[str],
        Meta(description="Shell commands before the worker starts, such as source .../setup.sh"),
    ] = msgspec.field(default_factory=list)
    python: Annotated[
        str | None, Meta(description="Python on the nodes; default: the one that runs na64ana")
    ] = None
    scratch: Annotated[str | None, Meta(description="Folder for the worker's own files")] = None
    logs: Annotated[str | None, Meta(description="Folder for the output of the jobs")] = None
    worker_options: Annotated[list[str], Meta(description="More arguments of dask worker")] = (
        msgspec.field(default_factory=list)
    )
    restarts: Annotated[
        bool,
        Meta(description="A watcher (a Dask nanny) in each job starts a worker again that dies"),
    ] = True
    scheduler: Annotated[SchedulerSpec, Meta(description="Where it listens")] = msgspec.field(
        default_factory=SchedulerSpec
    )
    encrypted: Annotated[
        bool,
        Meta(
            description="Only who has this run's certificate may talk to its scheduler and "
            "workers. Without it, anyone in their network can make them run any code in your name"
        ),
    ] = True
    shared: Annotated[
        str, Meta(description="Folder, seen from the nodes, for the certificate of the run")
    ] = "~"
    patience: Annotated[
        float, Meta(gt=0, description="Minutes without any worker after which the run ends")
    ] = 60.0


def builtin_sites() -> list[str]:
    """Names of the shipped sites."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


def load_site(name: str, batch_system: str) -> Site:
    """Load the settings of a site.

    Parameters
    ----------
    name : str
        Of a shipped one, or the path of a YAML file.
    batch_system : str
        What it must be for.

    Raises
    ------
    InputError
        There is none, it cannot be used, or it is for another batch system.
    """
    document = read_yaml(_path(name), InputError)
    site = convert(document, Site, InputError)
    if site.batch_system != batch_system:
        msg = (
            f"{document.where('batch_system')}: this site is for executor {site.batch_system}, "
            f"not for {printable(batch_system)}"
        )
        raise InputError(msg)
    _check_fit(site, document)
    return site


def _path(name: str) -> Path:
    known = builtin_sites()
    if name in known:
        return _FOLDER / f"{name}.yaml"
    path = Path(name)
    if path.suffix in (".yaml", ".yml") or ("\0" not in name and path.is_file()):
        return path
    msg = (
        f"unknown site '{printable(name)}'{nearest(name, known)} "
        f"(shipped: {', '.join(known)}; or give the path of a .yaml file)"
    )
    raise InputError(msg)


def _check_fit(site: Site, document: Document) -> None:
    """Refuse keys of the other batch system, which would be left out without a word."""
    slurm = site.batch_system == "slurm"
    others = ("disk", "submit_options") if slurm else ("time", "queue", "account")
    for key in others:
        if key in document.data:
            msg = f"{document.where(key)}: {site.batch_system} knows no '{key}'"
            raise InputError(msg)
    if site.directives and isinstance(site.directives, dict) == slurm:
        kind = "a list of options of sbatch" if slurm else "a mapping of names and values"
        msg = f"{document.where('directives')}: for {site.batch_system}, directives are {kind}"
        raise InputError(msg)
    if site.scheduler.host and site.scheduler.interface:
        msg = f"{document.where('scheduler')}: give its host or its interface, not both"
        raise InputError(msg)
