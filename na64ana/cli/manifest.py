"""``na64ana datasets add``: manifests from files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from na64ana.cli.output import write
from na64ana.cli.quantities import Whole
from na64ana.errors import printable

if TYPE_CHECKING:
    from na64ana.datasets import Dataset, SpillId
    from na64ana.datasets.build import Built, FileFacts, Options

__all__ = ["add"]

#: spills that are named one by one at the end
SHOWN = 5


def _run_totals(
    ctx: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> dict[int, int]:
    """``8747=120000000`` to run and total."""
    totals: dict[int, int] = {}
    for value in values:
        run, _, total = value.partition("=")
        if not (run.isdecimal() and total.isdecimal() and run.isascii() and total.isascii()):
            msg = f"'{printable(value, 60)}' is not RUN=N, two whole numbers such as 8747=120000000"
            raise click.BadParameter(msg, ctx, parameter)
        if int(run) in totals:
            msg = f"run {int(run)} is given twice"
            raise click.BadParameter(msg, ctx, parameter)
        totals[int(run)] = int(total)
    return totals


@click.command()
@click.argument("manifest", metavar="MANIFEST.yaml")
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True)
@click.option("--name", help="Name of the dataset; default: that of the file.")
@click.option("--layout", help="Layout of the files; recognised by default.")
@click.option(
    "--kind", type=click.Choice(["data", "pseudo-data", "simulation"]),
    help="What the files hold; default: what they say of themselves, else data.",
)  # fmt: skip
@click.option("--period", metavar="P", help="Period of the catalogue they belong to.")
@click.option("--spills", metavar="TABLE", help="Spill table with exposures: CSV or ROOT.")
@click.option(
    "--exposure", multiple=True, metavar="RUN=N", callback=_run_totals,
    help="Particles on target of a run, shared over its spills; may be repeated.",
)  # fmt: skip
@click.option(
    "--generated", type=Whole(min=1), metavar="N",
    help="Simulation: particles on target simulated for each of these files.",
)  # fmt: skip
@click.option(
    "--bias", type=float, metavar="B",
    help="Simulation: factor by which the cross section was raised.",
)  # fmt: skip
@click.option("--bad-spills", metavar="FILE", help="Bad-spill list: CSV.")
@click.option("--sha256/--no-sha256", default=True, show_default=True, help="Take checksums.")
def add(
    manifest: str,
    inputs: tuple[str, ...],
    name: str | None,
    layout: str | None,
    kind: str | None,
    period: str | None,
    spills: str | None,
    exposure: dict[int, int],
    generated: int | None,
    bias: float | None,
    bad_spills: str | None,
    sha256: bool,
) -> None:
    """Write a manifest of the files INPUT, or add them to one that is there.

    INPUT is a file, a glob, a folder, a URL or @list.txt. Runs, spills, entries, UUID and
    checksum are read from each file. The manifest is written whole or not at all; of the
    comments of one that is there, those at the top are kept.
    """
    from na64ana.datasets.build import Options, build, comment_head, start
    from na64ana.events import expand

    options = Options(
        name, kind, period, layout, spills, bad_spills, exposure, generated, bias, sha256
    )
    files = expand(inputs)
    known = start(manifest, files)
    head, comments = comment_head(Path(manifest))
    facts = _read(files, options, kind if known is None else known.kind)
    built = build(manifest, known, facts, options, head)
    write(manifest, built.text)
    for line in _summary(manifest, built):
        click.echo(line)
    if comments:
        click.echo(f"{comments} lines with comments that were not at the top are gone.")
    if sha256 and any(file.sha256 is None for file in built.dataset.files[-built.added :]):
        click.echo("Files on a server have no checksum: take it where they lie.")


def _read(files: list[str], options: Options, kind: str | None) -> list[FileFacts]:
    from na64ana.datasets.build import read_facts
    from na64ana.progress import progress_bar

    facts = []
    with progress_bar(len(files), what="files") as advance:
        for file in files:
            facts.append(read_facts(file, options, kind))
            advance(1)
    return facts


def _summary(manifest: str, built: Built) -> Iterator[str]:
    """What was added, and what the whole manifest says now."""
    dataset = built.dataset
    new = dataset.files[-built.added :]
    found = frozenset[tuple[int, int]]().union(*(file.spills for file in new))
    entries = sum(file.entries or 0 for file in new)
    yield (
        f"{printable(manifest)}: {_count(len(new), 'file')} added to dataset "
        f"'{printable(dataset.name)}' ({dataset.kind}): {_count(entries, 'entry', 'entries')}, "
        f"{_count(len({run for run, _ in found}), 'run')}, {_count(len(found), 'spill')}"
    )
    held = dataset.files_of.keys()
    yield (
        f"It now has {_count(len(dataset.files), 'file')}, "
        f"{_count(len({run for run, _ in held}), 'run')}, {_count(len(held), 'spill')}"
    )
    yield _exposure(dataset)
    yield from _spills("split over several files", dataset.shared, dataset)
    yield from _spills("with an exposure but in no file", dataset.exposure.keys() - held, dataset)
    if dataset.bad_spills:
        yield f"Bad spills, or ranges of events: {len(dataset.bad_spills)}"


def _exposure(dataset: Dataset) -> str:
    if dataset.kind == "simulation":
        generated = sum(file.generated or 0 for file in dataset.files)
        return f"Generated: {generated} {dataset.unit}, bias {dataset.bias:g}"
    if not dataset.exposure:
        return "Exposure: none given (--spills TABLE, or --exposure RUN=N); nothing is per particle"
    shares = len(dataset.apportioned)
    shared = f", {_count(shares, 'spill')} with a share of the run's total" if shares else ""
    return f"Exposure: {sum(dataset.exposure.values())} {dataset.unit} recorded{shared}"


def _spills(what: str, spills: Iterable[SpillId], dataset: Dataset) -> Iterator[str]:
    found = sorted(spills)
    if found:
        shown = ", ".join(f"{run}/{spill}" for run, spill in found[:SHOWN])
        more = ", ..." if len(found) > SHOWN else ""
        amount = sum(dataset.exposure.get(spill, 0) for spill in found)
        has = f" ({amount} {dataset.unit})" if amount else ""
        yield f"Spills {what}: {len(found)}{has}: {shown}{more} (run/spill)"


def _count(number: int, one: str, several: str = "") -> str:
    return f"{number} {one if number == 1 else several or one + 's'}"
