"""The options that say how it is counted, the same for every command that counts."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from na64ana.cli.output import when_interrupted
from na64ana.errors import printable

__all__ = ["counting_options", "keeping"]

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--workers",
        type=int,
        default=1,
        metavar="N",
        help="Processes, or jobs of the batch system.",
        show_default=True,
    ),
    click.option(
        "--executor",
        type=click.Choice(["local", "dask", "slurm", "htcondor"]),
        default="local",
        help="Who counts: processes here, a Dask cluster, or jobs of a batch system.",
        show_default=True,
    ),
    click.option(
        "--scheduler", metavar="ADDRESS", help="Of the Dask cluster, such as tcp://host:8786."
    ),
    click.option(
        "--site",
        metavar="NAME|FILE",
        help="Settings of the batch system: a YAML file, or shipped ones such as cern-lxbatch.",
    ),
    click.option(
        "--store",
        metavar="DIR",
        help="Keep here what cuts compare, so that the next selection need not read the files; "
        "default: the folder in NA64ANA_STORE, if it is set.",
    ),
    click.option("--no-store", is_flag=True, help="Keep nothing, whatever NA64ANA_STORE says."),
    click.option(
        "--on-bad-file",
        type=click.Choice(["stop", "skip"]),
        default="stop",
        help="Stop at a file that cannot be read, or go on without it; exit code 1 tells of that.",
        show_default=True,
    ),
    click.option(
        "--duplicates",
        type=click.Choice(["refuse", "once"]),
        default="refuse",
        help="Refuse files and events that are given twice, or count each once.",
        show_default=True,
    ),
    click.option(
        "--progress/--no-progress", default=None, help="Progress bar; default: in a terminal."
    ),
)


def counting_options(command: Command) -> Command:
    """Add the options of `na64ana.run` to a command, which gets them by the names they have there.

    These are ``workers``, ``executor``, ``scheduler``, ``site``, ``store``, ``on_bad_file``,
    ``duplicates`` and ``progress``.
    """

    @functools.wraps(command)
    def counting(*args: Any, store: str | None, no_store: bool, **options: Any) -> Any:
        from na64ana.cli.store import chosen_store

        return command(*args, store=chosen_store(store, none=no_store), **options)

    made: Any = counting
    for option in reversed(_OPTIONS):
        made = option(made)
    return made  # type: ignore[no-any-return]


def keeping(folder: Path) -> None:
    """Say, if Ctrl-C stops the command, that finished files are kept in a folder."""

    def words() -> str:
        if not (folder.is_dir() and any(folder.iterdir())):
            return ""
        place = printable(str(folder))
        return f"what was counted is kept in {place}; the same command counts the rest"

    when_interrupted(words)
