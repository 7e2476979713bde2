"""``na64ana simulate``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from na64ana.errors import printable

if TYPE_CHECKING:
    from na64ana.simulate import Sample

__all__ = ["simulate", "simulate_file"]


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
    written = simulate_file(process, events, Path(out), seed, run_number, format_, kind)
    click.echo(f"{written} events of '{process}' written to {printable(out)} ({kind}, seed {seed})")


def simulate_file(
    process: str,
    events: int,
    out: Path,
    seed: int,
    run: int,
    format_: Literal["ttree", "rntuple"],
    kind: Literal["simulation", "pseudo-data"],
) -> int:
    """Simulate events into a file, with a progress bar; return their number."""
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
