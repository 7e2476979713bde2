"""The options that say who counts, the same for every command that counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

__all__ = ["executor_options"]

Command = TypeVar("Command", bound=Callable[..., Any])


def executor_options(command: Command) -> Command:
    """Add ``--workers``, ``--executor``, ``--scheduler`` and ``--site`` to a command."""
    options = (
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
    )
    for option in reversed(options):
        command = option(command)
    return command
