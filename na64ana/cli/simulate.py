"""``na64ana simulate`` and ``na64ana demo``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from na64ana.cli.output import console, write
from na64ana.errors import InputError, printable

if TYPE_CHECKING:
    from na64ana.simulate import Sample

__all__ = ["demo", "simulate"]

DEMO_SELECTION = "na64e-invisible-2023"
DEMO_EVENTS = 20_000
DEMO_RUNS = (9001, 9002)
DEMO_SEED = 2023


@click.command()
@click.argument("process")
@click.option("--events", type=click.IntRange(min=0), required=True, metavar="N")
@click.option("--out", required=True, metavar="F.root", help="The ROOT file to write.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True)
@click.option("--run", "run_number", type=click.IntRange(min=0), default=9001, show_default=True)
@click.option(
    "--format", "format_", type=click.Choice(["ttree", "rntuple"]), default="ttree",
    show_default=True,
)  # fmt: skip
@click.option(
    "--pseudo-data", is_flag=True, help="Tag the file as pseudo-data: it counts as data, blind."
)
def simulate(
    process: str,
    events: int,
    out: str,
    seed: int,
    run_number: int,
    format_: Literal["ttree", "rntuple"],
    pseudo_data: bool,
) -> None:
    """Simulate events of PROCESS and write them as a `tout` ntuple.

    PROCESS is one of electron, radiative, electronuclear, hadron, dimuon, upstream, pileup,
    invisible, or their mixture run-period.
    """
    kind: Literal["simulation", "pseudo-data"] = "pseudo-data" if pseudo_data else "simulation"
    written = _simulate(process, events, Path(out), seed, run_number, format_, kind)
    click.echo(f"{written} events of '{process}' written to {printable(out)} ({kind}, seed {seed})")


def _simulate(
    process: str,
    events: int,
    out: Path,
    seed: int,
    run: int,
    format_: Literal["ttree", "rntuple"],
    kind: Literal["simulation", "pseudo-data"],
) -> int:
    from na64ana.run.progress import progress_bar
    from na64ana.simulate import simulate as one_sample
    from na64ana.simulate import simulate_blocks, write_tout

    if not events:
        empty = one_sample(process, 0, seed=seed, run=run)
        return write_tout(out, empty, format=format_, kind=kind)
    with progress_bar(events, what=f"simulating {out.name}") as advance:

        def advancing() -> Iterator[Sample]:
            for sample in simulate_blocks(process, events, seed=seed, run=run):
                yield sample
                advance(len(sample.origin))

        return write_tout(out, advancing(), format=format_, kind=kind)


@click.command()
@click.option(
    "--events", type=click.IntRange(min=2), default=DEMO_EVENTS, show_default=True, metavar="N"
)
@click.option("--out", default="na64ana-demo", show_default=True, metavar="DIR")
def demo(events: int, out: str) -> None:
    """Simulate a small run period and run the whole chain on it.

    Needs no input and no network. The events are pseudo-data: they count as data, and the
    signal box stays closed.
    """
    from na64ana.report import html, text
    from na64ana.run.local import run

    folder = Path(out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"{printable(out)}: cannot be made ({error.strerror or error})"
        raise InputError(msg) from None
    files = []
    for i, number in enumerate(DEMO_RUNS):
        share = events // len(DEMO_RUNS) + (i < events % len(DEMO_RUNS))
        file = folder / f"tout_run{number:05d}.root"
        _simulate("run-period", share, file, DEMO_SEED, number, "ttree", "pseudo-data")
        files.append(file)
    record = run(DEMO_SELECTION, files)
    write(str(folder / "record.json"), record.to_json())
    write(str(folder / "cutflow.html"), html.page(record))
    console().print(text.record_tables(record))
    click.echo(
        f"\nNext: open {printable(str(folder / 'cutflow.html'))}, or copy a selection, change a "
        f"threshold and compare:\n  na64ana cutflow {DEMO_SELECTION} {printable(out)}/*.root "
        f"--json new.json && na64ana diff {printable(str(folder / 'record.json'))} new.json"
    )
