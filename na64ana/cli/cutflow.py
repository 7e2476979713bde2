"""``na64ana cutflow`` and ``na64ana diff``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from na64ana.cli.counting import counting_options, keeping
from na64ana.cli.output import console, write
from na64ana.errors import InputError, nearest, printable

if TYPE_CHECKING:
    from na64ana.cutflow import Record

__all__ = ["cutflow", "diff"]


@click.command(
    epilog="Example: na64ana cutflow na64e-invisible-2023 'run*.root' --json record.json"
)
@click.argument("selection")
@click.argument("inputs", nargs=-1, metavar="INPUT...")
@click.option("--layout", help="Layout of the input, by name or path; default: the selection's.")
@click.option("--channel", help="Show this channel only.")
@click.option(
    "--counts",
    type=click.Choice(["full", "sequential"]),
    default="full",
    help="All kinds of counts, or the sequence alone.",
    show_default=True,
)
@click.option("--json", "json_", metavar="FILE", help="Write the record; '-' for standard output.")
@click.option("--latex", metavar="FILE", help="Write the table in LaTeX (booktabs).")
@click.option("--csv", "csv_", metavar="FILE", help="Write the numbers as CSV.")
@click.option("--html", metavar="FILE", help="Write a page to open in a browser.")
@click.option("--survivors", metavar="FILE", help="Write run, spill, event of the survivors (CSV).")
@click.option("--chunk-size", type=int, metavar="N", help="Events evaluated at a time.")
@counting_options
@click.option(
    "--unblind", metavar="REASON", help="Open the blind regions; the reason is in every output."
)
@click.option(
    "--with-open-sample",
    is_flag=True,
    help="With --unblind: count the events that a prescale had opened before, too.",
)
@click.option(
    "--resume", metavar="DIR", help="Keep finished files here; given again, only the rest is read."
)
def cutflow(
    selection: str,
    inputs: tuple[str, ...],
    layout: str | None,
    channel: str | None,
    counts: str,
    json_: str | None,
    latex: str | None,
    csv_: str | None,
    html: str | None,
    survivors: str | None,
    chunk_size: int | None,
    unblind: str | None,
    with_open_sample: bool,
    resume: str | None,
    **counting: Any,
) -> None:
    """Count what each cut of SELECTION does to the events of INPUT.

    SELECTION is the name of a shipped selection or a .yaml file. INPUT is a file, a glob, a
    folder, @list.txt, a URL, or the manifest of a dataset (.yaml), whose exposure is then
    accounted for. The signal box of data stays closed unless --unblind is given.
    """
    from na64ana.run.local import run

    targets = [target for target in (json_, latex, csv_, html, survivors) if target is not None]
    _check_targets(targets, selection, inputs)
    if resume is not None:
        keeping(Path(resume))
    record = run(
        selection,
        inputs,
        layout=layout,
        chunk_size=chunk_size,
        counts=counts,
        unblind=unblind,
        with_open_sample=with_open_sample,
        resume=resume,
        **counting,
    )
    shown = _channel(record, channel)
    if json_ is not None:
        write(json_, record.to_json())
    if latex is not None:
        from na64ana.report.latex import record as latex_tables

        write(latex, latex_tables(shown))
    if csv_ is not None:
        from na64ana.report.csv import record as csv_rows

        write(csv_, csv_rows(shown))
    if html is not None:
        from na64ana.report.html import page

        write(html, page(shown))
    if survivors is not None:
        from na64ana.report.csv import survivors as csv_survivors

        write(survivors, csv_survivors(shown))
    if "-" not in (json_, latex, csv_, html, survivors):
        from na64ana.report import text

        console().print(text.record_tables(shown))
    if not record.ledger.complete:
        sys.exit(1)


def _check_targets(targets: list[str], selection: str, inputs: tuple[str, ...]) -> None:
    """Refuse two outputs in one file, and an output in a file that is read."""
    from na64ana.datasets.manifest import files_of_manifest
    from na64ana.events.inputs import real_path
    from na64ana.run.intake import sources

    if len({real_path(target) for target in targets}) < len(targets):
        msg = "two outputs go to the same file; give each its own"
        raise InputError(msg)
    there = [target for target in targets if Path(target).is_file()]
    if not there:
        return
    given = [selection, *(item.removeprefix("@") for item in inputs)]
    found = sources(inputs, missing=True)
    files = [source.path for source in found]
    for manifest in {source.dataset.path for source in found if source.dataset}:
        files += files_of_manifest(manifest)
    read = {real_path(path) for path in (*given, *files)}
    for target in there:
        if real_path(target) in read:
            msg = f"{printable(target)}: is an input and would be overwritten; give another name"
            raise InputError(msg)


def _channel(record: Record, channel: str | None) -> Record:
    """Return the record with one channel only."""
    from dataclasses import replace

    if channel is None:
        return record
    if channel not in record.channels:
        known = ", ".join(record.channels)
        near = nearest(channel, record.channels)
        msg = f"no channel '{printable(channel)}' in this selection (channels: {known}){near}"
        raise InputError(msg)
    return replace(record, channels={channel: record.channels[channel]})


@click.command()
@click.argument("before", metavar="A.json")
@click.argument("after", metavar="B.json")
def diff(before: str, after: str) -> None:
    """Show what changed between two records, cut by cut; exit code 1 if anything did."""
    from na64ana.cutflow import Record
    from na64ana.cutflow import diff as compare
    from na64ana.report import text

    differences = compare(Record.load(before), Record.load(after))
    if not differences:
        click.echo("no difference")
        return
    console().print(text.diff_table(differences))
    sys.exit(1)
