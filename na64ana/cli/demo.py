"""``na64ana demo``: a small run period, simulated and taken through the whole chain."""

from __future__ import annotations

from dataclasses import asdict
from importlib.resources import files
from pathlib import Path

import click

from na64ana.cli.output import console, write
from na64ana.cli.simulate import simulate_file
from na64ana.errors import printable
from na64ana.textfile import make_folder

__all__ = ["DEMO_EVENTS", "DEMO_RUNS", "DEMO_SEED", "DEMO_SELECTION", "SAMPLES", "demo"]

DEMO_SELECTION = "na64e-invisible-2023"
DEMO_EVENTS = 20_000
DEMO_RUNS = (9001, 9002)
DEMO_SEED = 2023
#: electrons on target for each recorded event; chosen, as is the rate of the simulated mixture
EOT_PER_EVENT = 100_000
#: simulated samples: each stands for so many times the events of the data
SAMPLES = {"electronuclear": 5, "upstream": 20}


@click.command()
@click.option(
    "--events", type=click.IntRange(min=2), default=DEMO_EVENTS, show_default=True, metavar="N"
)
@click.option("--out", default="na64ana-demo", show_default=True, metavar="DIR")
def demo(events: int, out: str) -> None:
    """Simulate a small run period and run the whole chain on it, to a report for the browser.

    Needs no input and no network. The events are pseudo-data: they count as data, and the
    signal box stays closed. Their exposure is made up: 1e5 electrons for each recorded event.
    """
    from na64ana.analysis import run_analysis
    from na64ana.cli.analysis import show, write_report
    from na64ana.report import text

    folder = make_folder(out)
    _simulate_all(folder, events)
    analysis = folder / "analysis.yaml"
    template = files("na64ana.analysis").joinpath("demo.yaml").read_text(encoding="utf-8")
    write(str(analysis), template)
    results = folder / "results"
    outcome = run_analysis(analysis, results)
    write_report(outcome, results)
    console().print(text.record_tables(outcome.record))
    show(outcome)
    place = printable(out)
    click.echo(
        f"\nNext: open {place}/results/report.html, or change a threshold and compare:\n"
        f"  na64ana cutflow {DEMO_SELECTION} {place}/demo.yaml --json new.json && "
        f"na64ana diff {place}/results/record.json new.json\n"
        f"and, the budget being frozen, open the box:\n"
        f"  na64ana run {place}/analysis.yaml --out {place}/results --unblind 'the demo is over'"
    )


def _simulate_all(folder: Path, events: int) -> None:
    """Write the files of the demo, with their manifests."""
    shares = _shares()
    data, totals = [], {}
    for i, run in enumerate(DEMO_RUNS):
        n = events // len(DEMO_RUNS) + (i < events % len(DEMO_RUNS))
        data.append(folder / f"tout_run{run:05d}.root")
        simulate_file("run-period", n, data[-1], DEMO_SEED, run, "ttree", "pseudo-data")
        totals[run] = n * EOT_PER_EVENT
    _manifest(folder / "demo.yaml", data, exposure=totals)
    for process, size in SAMPLES.items():
        sample = folder / f"{process}.root"
        n = round(size * events * shares[process])
        simulate_file(process, n, sample, DEMO_SEED, 1, "ttree", "simulation")
        generated = round(n / shares[process]) * EOT_PER_EVENT
        _manifest(folder / f"{process}.yaml", [sample], generated=generated)


def _shares() -> dict[str, float]:
    from na64ana.simulate.parameters import Parameters

    shares = asdict(Parameters().mixture)
    return {name: share / sum(shares.values()) for name, share in shares.items()}


def _manifest(
    path: Path, members: list[Path], *, exposure: dict[int, int] | None = None,
    generated: int | None = None,
) -> None:  # fmt: skip
    from na64ana.datasets.build import Options, build, read_facts

    options = Options(name=path.stem, exposure=exposure or {}, generated=generated)
    facts = [read_facts(str(member), options, None) for member in members]
    write(str(path), build(str(path), None, facts, options).text)
