"""``na64ana run``: one analysis file to the limit and the report."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from na64ana.cli.counting import counting_options, keeping
from na64ana.cli.output import console, write
from na64ana.errors import printable

if TYPE_CHECKING:
    from na64ana.analysis import Outcome

__all__ = ["run", "write_report"]


@click.command()
@click.argument("analysis", metavar="ANALYSIS.yaml")
@click.option("--out", required=True, metavar="DIR", help="Folder of the results.")
@counting_options
@click.option(
    "--unblind",
    metavar="REASON",
    help="Open the box: needs the frozen budget that a blind run left in DIR.",
)
@click.option(
    "--displays",
    type=click.IntRange(min=0),
    default=4,
    show_default=True,
    metavar="N",
    help="Survivors drawn in the report; blind, events beside the box.",
)
def run(
    analysis: str,
    out: str,
    unblind: str | None,
    displays: int,
    **counting: Any,
) -> None:
    """Run ANALYSIS.yaml: cutflow, background budget, limit and one report to open in a browser.

    A blind run freezes the budget and gives the expected limit. With --unblind the box is opened
    on that budget, unchanged. Given again after an interruption, only what is missing is counted.
    """
    from na64ana.analysis.run import KEPT, run_analysis

    _refuse_search(analysis)
    keeping(Path(out) / KEPT)
    outcome = run_analysis(
        analysis,
        out,
        unblind=unblind,
        **counting,
    )
    write_report(outcome, Path(out), displays)
    show(outcome)
    click.echo(f"\nReport: {printable(str(Path(out) / 'report.html'))}")
    if not outcome.complete:
        sys.exit(1)


def _refuse_search(name: str) -> None:
    """Say how a search is run whose name was given in place of a file."""
    from na64ana.analysis.searches import search_names
    from na64ana.errors import InputError

    if not Path(name).exists() and name in search_names():
        msg = f"{name}: a search, which has no events yet; simulate and run it: na64ana demo {name}"
        raise InputError(msg)


def write_report(outcome: Outcome, folder: Path, displays: int | None = None) -> None:
    """Write the tables and the page of an analysis, with so many events drawn."""
    from na64ana.analysis import MOST_SHOWN, survivors_to_show
    from na64ana.report import analysis as page
    from na64ana.report import budget, latex

    write(str(folder / "cutflow.tex"), latex.record(outcome.record))
    write(str(folder / "budget.tex"), budget.latex(outcome.budget))
    shown = survivors_to_show(outcome, MOST_SHOWN if displays is None else displays)
    made = page.AnalysisReport(
        title=outcome.analysis.spec.name,
        record=outcome.record,
        budget_html=budget.html(outcome.budget),
        fits=outcome.fits,
        limit=outcome.limit,
        notes=_notes(outcome),
        events=shown.events,
        events_words=shown.words,
        events_notes=shown.notes,
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
        table = words.limit_table(outcome.limit)
        if table is not None:
            console().print(table)
    for missing in outcome.missing:
        click.echo(f"missing: {printable(missing, 1000)}")
