"""``na64ana demo``: a small run period, simulated and taken through the whole chain."""

from __future__ import annotations

from pathlib import Path

import click

from na64ana.cli.output import console, when_interrupted, write
from na64ana.cli.quantities import Whole
from na64ana.errors import printable
from na64ana.textfile import make_folder

__all__ = ["demo"]


@click.command()
@click.argument("search", default="demo", metavar="[SEARCH]")
@click.option(
    "--events", type=Whole(min=2), metavar="N", help="Of the pseudo-data, instead of the "
    "number in the analysis file."
)  # fmt: skip
@click.option("--out", metavar="DIR", help="Default: na64ana-SEARCH.")
@click.option(
    "--inject", type=Whole(min=0), default=0, metavar="N",
    help="Signal events to put among the pseudo-data; open the box to find them.",
)  # fmt: skip
@click.option(
    "--recast", "others", multiple=True, metavar="MODEL",
    help="Give the limit on another model too; 'na64ana reach' lists all.",
)  # fmt: skip
@click.option("--list", "listed", is_flag=True, help="List the searches.")
def demo(
    search: str,
    events: int | None,
    out: str | None,
    inject: int,
    others: tuple[str, ...],
    listed: bool,
) -> None:
    """Simulate a small run period and run the whole chain on it, to a report for the browser.

    SEARCH is one of the searches of the experiment, see --list; without it, a quick look at the
    invisible mode of 2023. Needs no input and no network. The events are pseudo-data: they count
    as data, and the signal box stays closed. Their rate is made up, as the analysis file says.
    """
    from na64ana.analysis import recast, run_analysis, simulate_inputs
    from na64ana.analysis.searches import search_path
    from na64ana.cli.analysis import show, write_report
    from na64ana.cli.recast import show as show_limit
    from na64ana.report import text
    from na64ana.signal import model

    if listed:
        from na64ana.report.searches import searches_table

        console().print(searches_table())
        return
    models = [model(name) for name in others]
    template = search_path(search).read_text(encoding="utf-8")
    folder = make_folder(out or f"na64ana-{search}")
    analysis = folder / "analysis.yaml"
    write(str(analysis), template)
    when_interrupted(lambda: _complete(folder, analysis))
    simulate_inputs(analysis, events=events, inject=inject)
    results = folder / "results"
    when_interrupted(
        lambda: (
            f"the inputs stand; go on with: na64ana run {printable(str(analysis))} "
            f"--out {printable(str(results))}"
        )
    )
    outcome = run_analysis(analysis, results)
    write_report(outcome, results)
    console().print(text.record_tables(outcome.record))
    show(outcome)
    for other in models:
        show_limit(recast(results, other), None, None)
    place = printable(str(folder))
    spec = outcome.analysis.spec
    click.echo(
        f"\nNext: open {place}/results/report.html, or change a threshold and compare:\n"
        f"  na64ana cutflow {spec.selection} {place}/{spec.data} --json new.json && "
        f"na64ana diff {place}/results/record.json new.json\n"
        f"and, the budget being frozen, open the box:\n"
        f"  na64ana run {place}/analysis.yaml --out {place}/results --unblind 'the demo is over'"
    )


def _complete(folder: Path, analysis: Path) -> str:
    """What this call has simulated so far; what stands there from before is older."""
    began = analysis.stat().st_mtime_ns
    made = [
        file.name
        for file in sorted(folder.iterdir())
        if file.suffix in (".root", ".yaml") and file.stat().st_mtime_ns >= began
        and not file.name.startswith(".")
    ]  # fmt: skip
    place = printable(str(folder))
    return f"complete in {place}: {', '.join(made)}; the same command makes them anew"
