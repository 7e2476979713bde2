"""``na64ana store``: what is kept of input files; and which store a command uses."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from na64ana.cli.output import console
from na64ana.errors import InputError, printable

if TYPE_CHECKING:
    from na64ana.store import Store

__all__ = ["chosen_store", "store"]

#: the environment variable with the folder of the store
VARIABLE = "NA64ANA_STORE"


def chosen_store(folder: str | None, *, none: bool) -> Store | None:
    """Return the store of a command that counts: as it is given, or as the environment says.

    A folder of the environment that cannot be used is told of, and nothing is kept.

    Raises
    ------
    InputError
        The folder that is given cannot be used, or the limit is no size.
    """
    if none and folder is not None:
        msg = "--store and --no-store: give one of them"
        raise InputError(msg)
    named = os.environ.get(VARIABLE, "")
    if none or (folder is None and not named):
        return None
    from na64ana.store import Store, store_limit

    limit = store_limit()
    if folder is not None:
        return Store.at(folder, limit)
    try:
        return Store.at(named, limit)
    except InputError as error:
        click.echo(f"{VARIABLE}: {error}; nothing is kept", err=True)
        return None


@click.group()
def store() -> None:
    """Look at the store of what cuts compare, or make room in it.

    The store is a folder of your choice: of each input file it keeps the numbers that cuts,
    regions and histograms compare, so that another threshold needs no ntuple.
    """


_FOLDER = click.option(
    "--store", "folder", metavar="DIR", help=f"The folder; default: that in {VARIABLE}."
)


@store.command("list")
@_FOLDER
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def list_(folder: str | None, as_json: bool) -> None:
    """List what is kept, the file used last first."""
    from na64ana.report import store as report

    found = _store(folder)
    if as_json:
        click.echo(report.as_json(found), nl=False)
    else:
        console().print(report.overview(found))


@store.command()
@_FOLDER
@click.option("--to", metavar="SIZE", help="Such as 5 GB; default: the limit of the store.")
def prune(folder: str | None, to: str | None) -> None:
    """Remove what was used longest ago, until the rest is no larger than SIZE.

    What a run has left that was killed goes after a day.
    """
    from na64ana.store import parse_bytes

    found = _store(folder)
    _tell_freed(found.prune(None if to is None else parse_bytes(to, "--to")))


@store.command()
@_FOLDER
@click.option("--yes", is_flag=True, help="Do not ask.")
def clear(folder: str | None, yes: bool) -> None:
    """Remove all that is kept; other files in the folder are left alone."""
    found = _store(folder)
    if not yes:
        number = len(found.files())
        files = "1 file" if number == 1 else f"{number} files"
        click.confirm(f"Remove {files} from {printable(str(found.folder))}?", abort=True)
    _tell_freed(found.clear())


def _store(folder: str | None) -> Store:
    """Return a store that is there, to look at it."""
    from na64ana.store import Store, store_limit

    named = folder or os.environ.get(VARIABLE, "")
    if not named:
        msg = f"no store is named: give --store DIR, or set {VARIABLE}"
        raise InputError(msg)
    if not Path(named).is_dir():
        msg = f"{printable(named)}: no such folder; a run with --store makes it"
        raise InputError(msg)
    return Store(Path(named), store_limit())


def _tell_freed(freed: int) -> None:
    from na64ana.store import in_words

    click.echo(f"{in_words(freed)} freed")
