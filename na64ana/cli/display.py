"""``na64ana display``: one event in a picture."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["display"]


@click.command(
    epilog="Example: na64ana display run8747.root --event 8747:1:34 "
    "--selection na64e-invisible-2023 --out event.pdf"
)
@click.argument("file")
@click.option(
    "--event",
    required=True,
    metavar="RUN:SPILL:EVENT",
    help="Which event; or entry:N, its place in the file, counted from 0.",
)
@click.option("--selection", help="Show which of its cuts pass; its blind regions stay closed.")
@click.option("--layout", help="Layout of FILE, by name or path; default: the one that fits.")
@click.option(
    "--out",
    metavar="FILE",
    help="A .png, .pdf, .svg, or .html, where values show under the pointer. "
    "Default: event-RUN-SPILL-EVENT.png",
)
@click.option("--unblind", metavar="REASON", help="Show a blind event; the picture says why.")
def display(
    file: str,
    event: str,
    selection: str | None,
    layout: str | None,
    out: str | None,
    unblind: str | None,
) -> None:
    """Draw one event of FILE: cells of all detectors, tracks, times, cuts.

    Data are blind: an event in a blind region of the selection is refused, and without a
    selection every event of data is.
    """
    from na64ana.plot import check_format, display_event, save
    from na64ana.run import find_event

    if out is not None:
        check_format(out)
        _refuse_input(out, file, selection)
    found = find_event(file, event, selection=selection, layout=layout, unblind=unblind)
    plot = display_event(found)
    named = "-".join(map(str, found.ids)) if min(found.ids) >= 0 else f"entry-{found.entry}"
    target = out or f"event-{named}.png"
    save(plot, target)
    click.echo(f"{plot.title}: {target}")
    for why in dict.fromkeys(found.left_out.values()):
        columns = [column for column, reason in found.left_out.items() if reason == why]
        click.echo(f"not there: {', '.join(columns)} ({why})")


def _refuse_input(out: str, *inputs: str | None) -> None:
    """Refuse to write over what is read."""
    from na64ana.errors import InputError, printable
    from na64ana.events import real_path

    if Path(out).exists() and real_path(out) in {real_path(item) for item in inputs if item}:
        msg = f"{printable(out)}: is an input and would be overwritten; give another name"
        raise InputError(msg)
