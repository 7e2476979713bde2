"""``na64ana run``: one analysis file to the limit and the report."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from na64ana.cli.executor import executor_options
from na64ana.cli.output import console, write
from na64ana.errors import printable

if TYPE_CHECKING:
    from na64ana.analysis import Outcome

__all__ = ["run", "write_report"]


@click.command()
@click.argument("analysis", metavar="ANALYSIS.yaml")
@click.option("--out", required=True, metavar="DIR", help="Folder of the results.")
@executor_options
@click.option(
    "--unblind",
    metavar="REASON",
    help="Open the box: needs the frozen budget that a blind run left in DIR.",
)
@click.option(
    "--on-bad-file",
    type=click.Choice(["stop", "skip"]),
    default="stop",
    help="Stop at a file that cannot be read, or go on without it; exit code 1 tells of that.",
    show_default=True,
)
@click.option(
    "--duplicates",
    type=click.Choice(["refuse", "once"]),
    default="refuse",
    help="Refuse files and events that are given twice, or count each once.",
    show_default=True,
)
@click.option(
    "--progress/--no-progress", default=None, help="Progress bar; default: in a terminal."
)
def run(
    analysis: str,
    out: str,
    workers: int,
    executor: str,
    scheduler: str | None,
    site: str | None,
    unblind: str | None,
    on_bad_file: Literal["stop", "skip"],
    duplicates: Literal["refuse", "once"],
    progress: bool | None,
) -> None:
    """Run ANALYSIS.yaml: cutflow, background budget, limit and one report to open in a browser.

    A blind run freezes the budget and gives the expected limit. With --unblind the box is opened
    on that budget, unchanged. Given again after an interruption, only what is missing is counted.
    """
    from na64ana.analysis import run_analysis

    outcome = run_analysis(
        analysis,
        out,
        workers=workers,
        executor=executor,
        scheduler=scheduler,
        site=site,
        unblind=unblind,
        on_bad_file=on_bad_file,
        duplicates=duplicates,
        progress=progress,
    )
    write_report(outcome, Path(out))
    show(outcome)
    click.echo(f"\nReport: {printable(str(Path(out) / 'report.html'))}")
    if not outcome.complete:
        sys.exit(1)


def write_report(outcome: Outcome, folder: Path) -> None:
    """Write the tables and the page of an analysis."""
    from na64ana.report import analysis as page
    from na64ana.report import budget, latex

    write(str(folder / "cutflow.tex"), latex.record(outcome.record))
    write(str(folder / "budget.tex"), budget.latex(outcome.budget))
    made = page.AnalysisReport(
        title=outcome.analysis.spec.name,
        record=outcome.record,
        budget_html=budget.html(outcome.budget),
        fits=outcome.fits,
        limit=outcome.limit,
        notes=_notes(outcome),
    )
    write(str(folder / "report.html"), page.page(made))


def _notes(outcome: Outcome) -> tuple[str, ...]:
    notes = [f"missing: {words}" for words in outcome.missing]
    notes += [
        f"the box had been opened before, by {opening['who']} on {opening['when']} "
        f"({opening['reason']}): this budget was made afterwards"
        for opening in outcome.openings
    ]
    if outcome.record.unblinded is not None:
        notes.append(
            f"the budget was frozen before the box was opened ({outcome.budget.sha256[:12]}) and "
            "is unchanged"
        )
    return tuple(notes)


def show(outcome: Outcome) -> None:
    """Print the budget and the limit."""
    from na64ana.report import limit as words

    console().print(outcome.budget)
    if outcome.limit is not None:
        click.echo(words.sentence(outcome.limit))
    for missing in outcome.missing:
        click.echo(f"missing: {printable(missing, 1000)}")
