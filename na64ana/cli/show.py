"""``na64ana show``: records and other outputs, read back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from na64ana.cli.output import console
from na64ana.cli.quantities import particles
from na64ana.errors import InputError, printable

if TYPE_CHECKING:
    from na64ana.cutflow import Record

__all__ = ["show"]


@click.command(epilog="Example: na64ana show data.json simulation.json --per 1e11")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--per", type=particles, metavar="N", help="Particles on target to compare at; "
              "default: those processed in the first record.")  # fmt: skip
@click.option("--channel", help="Compare this channel only.")
def show(files: tuple[str, ...], per: float | None, channel: str | None) -> None:
    """Read back what FILE holds: a record, or where another output comes from.

    Of a record (JSON), cutflows, ledger and provenance are printed; of LaTeX, CSV and HTML the
    provenance. Several records of one selection, such as data and simulation, stand side by
    side for the same exposure, with the ratio of the first to each of the others.
    """
    from na64ana.report import text
    from na64ana.report.compare import comparison

    read = [_read(Path(file)) for file in files]
    records = [item for item in read if not isinstance(item, dict)]
    if 1 < len(records) == len(read):
        console().print(comparison(dict(zip(_names(files), records, strict=True)), per, channel))
        return
    if per is not None or channel is not None:
        msg = "--per and --channel compare records: give two or more of them, and nothing else"
        raise InputError(msg)
    for file, item in zip(files, read, strict=True):
        if len(files) > 1:
            click.echo(f"\n{printable(file)}")
        drawn = text.provenance_table(item) if isinstance(item, dict) else text.record_tables(item)
        console().print(drawn)


def _read(path: Path) -> Record | dict[str, Any]:
    """Read a record, or the provenance in an output of another form."""
    from na64ana.cutflow import Record
    from na64ana.report import provenance

    try:
        with path.open("rb") as file:
            begins = file.read(64).lstrip()
    except OSError:
        begins = b"{"  # what reads it says why it cannot
    if begins.startswith((b"root", b"PAR1")):
        msg = f"{printable(str(path))}: an ntuple, not an output; see 'na64ana columns'"
        raise InputError(msg)
    return Record.load(path) if begins.startswith(b"{") else provenance.read(path)


def _names(files: tuple[str, ...]) -> list[str]:
    """Name files by their last part, whole where that does not tell them apart."""
    if len(set(files)) < len(files):
        msg = "a record is given twice"
        raise InputError(msg)
    names = [Path(file).stem for file in files]
    return names if len(set(names)) == len(names) else list(files)
