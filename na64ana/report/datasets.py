"""The catalogue for the terminal and as JSON: all periods in one table, one with its sources."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from na64ana.datasets import (
    Account,
    AnalysisSpec,
    Catalogue,
    Claim,
    Fact,
    PeriodSpec,
    accounts,
    agree,
    catalogue_ledger,
    chosen,
    count,
    digits,
    sources,
    table_sums,
)
from na64ana.errors import printable
from na64ana.report.terminal import INDENT

__all__ = ["as_json", "catalogue_rows", "overview", "period_rows", "period_view"]

COUNTS = ("recorded", "analysed", "rate")
#: the table of all periods has more columns from these widths on
_WITH_EXCLUDED, _WITH_PAPERS, _WITH_ALL_PAPERS = 90, 105, 140
_WIDEST_VALUE = 40
_LABELS = {
    "recorded": "recorded",
    "runs": "runs",
    "beam.particle": "beam particle",
    "beam.momentum": "momentum",
    "beam.line": "beam line",
    "beam.dates": "dates",
    "beam.spill": "spill length",
    "beam.rate": "S0 per spill",
    "detector.geometry": "geometry",
    "detector.ecal_cells": "ECAL cells",
    "detector.ecal_central_cell": "ECAL central cell",
    "detector.trigger_preshower_above": "trigger: preshower above",
    "detector.trigger_ecal_below": "trigger: ECAL below",
    "detector.hcal_modules": "HCAL modules",
    "detector.hcal_cells": "HCAL cells",
    "detector.vhcal": "VHCAL",
    "detector.srd_modules": "SRD modules",
    "detector.wcal": "WCAL",
}


# ------------------------------------------------------------------ all periods


def overview(catalogue: Catalogue) -> Any:
    """Return a rich renderable of all periods, with totals by mode."""
    return _Overview(catalogue)


class _Overview:
    """Draws as many columns as the console has room for."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = options.max_width
        with_excluded, with_papers = width >= _WITH_EXCLUDED, width >= _WITH_PAPERS
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
        table.add_column("period", no_wrap=True)
        table.add_column("beam")
        table.add_column("momentum", justify="right")
        table.add_column("S0 per spill", justify="right", no_wrap=True)
        for name in ("recorded", "analysed", *(["excluded"] if with_excluded else [])):
            table.add_column(name, justify="right", no_wrap=True)
        if with_papers:
            table.add_column("analysed in", overflow="fold")
        for mode, periods in self.catalogue.modes.items():
            for row in _mode_rows(self.catalogue, mode, periods, width):
                table.add_row(*row[: len(table.columns)])
            table.add_section()
        yield table
        yield Padding(Group(*_notes(self.catalogue)), INDENT)


def _mode_rows(
    catalogue: Catalogue, mode: str, periods: list[PeriodSpec], width: int
) -> Iterator[list[Text]]:
    yield [Text(f"{printable(mode)}  {printable(periods[0].unit)}", style="bold")]
    known = accounts(catalogue, mode)
    for period in periods:
        account = next((a for a in known if period.name in a.periods), None)
        yield [
            *_beam_cells(period),
            *_account_cells(period, account),
            _papers(catalogue, period, account, whole=width >= _WITH_ALL_PAPERS),
        ]
    totals = catalogue_ledger(catalogue, mode).totals
    sums = [digits(n) for n in (totals.recorded, totals.processed, totals.excluded)]
    yield [Text(word, style="dim") for word in ("total", "", "", "", *sums)]


def _beam_cells(period: PeriodSpec) -> list[Text]:
    beam = period.beam
    return [
        Text(printable(period.name)),
        _fact_cell(beam.particle),
        _fact_cell(beam.momentum),
        _fact_cell(beam.rate, counts=True),
        _fact_cell(period.recorded, counts=True),
    ]


def _account_cells(period: PeriodSpec, account: Account | None) -> list[Text]:
    """What is analysed and what is excluded; beside the first of several periods."""
    if account is None:
        return [Text("unknown", style="dim")] * 2
    if account.periods[0] != period.name:
        return [Text("together", style="dim")] * 2
    excluded = Text(digits(account.excluded))
    if not account.analysis:
        return [Text("-", style="dim"), excluded]
    return [Text("unknown" if account.analysed is None else digits(account.analysed)), excluded]


def _papers(
    catalogue: Catalogue, period: PeriodSpec, account: Account | None, *, whole: bool
) -> Text:
    if account is None or not account.analysis or account.periods[0] != period.name:
        return Text()
    first, *more = catalogue.analyses[account.analysis].papers
    if whole:
        return Text(printable(", ".join((first, *more))))
    return Text(printable(f"{first} +{len(more)}" if more else first))


def _fact_cell(fact: Fact, *, counts: bool = False) -> Text:
    claim = chosen(fact)
    if claim is None:
        return Text("unknown", style="dim")
    star = "*" if _conflicts(fact, counts=counts) else ""
    return Text(_value(claim, counts=counts) + star, style="yellow" if star else "")


def _conflicts(fact: Fact, *, counts: bool) -> list[Claim]:
    """The claims that cannot be right if the chosen one is."""
    main = chosen(fact)
    if main is None:
        return []
    return [claim for claim in fact if not agree(main, claim, counts=counts)]


def _value(claim: Claim, *, counts: bool = False) -> str:
    about = "~" if claim.about else ""
    if not isinstance(claim.value, list):
        text = digits(count(claim).count) if counts else printable(str(claim.value))
        error = "" if claim.error is None else f" +- {printable(str(claim.error))}"
        return f"{about}{text}" if counts else f"{about}{text}{error}"
    first, last = ("..." if end is None else printable(str(end)) for end in claim.value)
    return f"{about}{first} to {last}" if not counts else f"{about}{first}-{last}"


def _notes(catalogue: Catalogue) -> Iterator[Text]:
    yield Text("* sources disagree: 'na64ana datasets NAME' shows every value and why one is taken")
    yield Text("together: the analysis gives one number for this period and those above it")
    yield Text("excluded: recorded, and not in a published analysis")
    for total in catalogue.totals:
        first, last = total.years
        for item in table_sums(catalogue, total):
            words = Text(f"{printable(total.mode)} {first}-{last}: ")
            words.append(f"{digits(item.quoted.count)} quoted, {digits(item.total)} by ")
            words.append(f"'{printable(item.table)}': ")
            words.append(*(("agrees", "green") if item.agrees else ("disagrees", "yellow")))
            yield words
    yield Text("a quoted total agrees if it is within half a unit of its last digit", style="dim")


def catalogue_rows(catalogue: Catalogue) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    """Yield the name of each mode with its unit, and the rows of its table; the last is the sum."""
    for mode, periods in catalogue.modes.items():
        _, *rows = _mode_rows(catalogue, mode, periods, 0)
        texts = [tuple(cell.plain for cell in row[:7]) for row in rows]
        yield f"{mode}, {periods[0].unit}", texts


# ------------------------------------------------------------------ one period


def period_view(catalogue: Catalogue, name: str) -> Any:
    """Return a rich renderable of one period: every value, its sources, and the account.

    Raises
    ------
    DatasetError
        There is no such period.
    """
    period = catalogue.period(name)
    head = Text()
    head.append(printable(period.name), style="bold")
    head.append(f"  {printable(period.mode)}, {period.year}, exposure in {printable(period.unit)}")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("", overflow="fold")
    table.add_column("value", overflow="fold", max_width=_WIDEST_VALUE)
    table.add_column("source", overflow="fold")
    for key, fact in period.facts.items():
        for row in _fact_rows(key, fact):
            table.add_row(*row)
    for analysis in _analyses(catalogue, period):
        table.add_section()
        for row in _fact_rows("analysed", analysis.analysed, _whereabouts(analysis, period)):
            table.add_row(*row)
    return Group(head, table, *_account_lines(catalogue, period), _legend(catalogue, period))


def period_rows(period: PeriodSpec) -> Iterator[tuple[str, str, str]]:
    """Yield what each fact of a period is called, its values and their sources."""
    for key, fact in period.facts.items():
        for label, value, source in _fact_rows(key, fact):
            yield label.plain.strip(), value.plain, source.plain.replace("\n", "; ")


def _fact_rows(key: str, fact: Fact, words: str = "") -> Iterator[list[Text]]:
    label = Text(_LABELS.get(key, key))
    main = chosen(fact)
    if main is None:
        yield [label, Text("unknown", style="dim"), Text(words)]
        return
    conflicts = _conflicts(fact, counts=key.rpartition(".")[2] in COUNTS)
    source = _source(main, "chosen" if conflicts else "taken")
    yield [label, Text(_value(main)), source.append(f"\n{words}" if words else "")]
    for claim in fact:
        if claim is not main:
            wrong = claim in conflicts
            style = "yellow" if wrong else "dim"
            word = Text("  disagrees" if wrong else "  agrees", style=style)
            yield [word, Text(_value(claim), style=style), _source(claim, "")]


def _source(claim: Claim, word: str) -> Text:
    text = Text("; ".join(printable(source) for source in sources(claim)))
    if claim.because:
        text.append(f"\n{word}: {printable(claim.because)}", style="italic")
    if claim.note:
        text.append(f"\n{printable(claim.note)}", style="dim")
    return text


def _analyses(catalogue: Catalogue, period: PeriodSpec) -> list[AnalysisSpec]:
    return [a for a in catalogue.analyses.values() if period.name in a.periods]


def _whereabouts(analysis: AnalysisSpec, period: PeriodSpec) -> str:
    """Where it was analysed, and together with what."""
    others = [printable(name) for name in analysis.periods if name != period.name]
    together = f"; together with {', '.join(others)}" if others else ""
    return f"analysed in {printable(', '.join(analysis.papers))}{together}"


def _account_lines(catalogue: Catalogue, period: PeriodSpec) -> Iterator[Text]:
    for account in accounts(catalogue, period.mode):
        if period.name in account.periods:
            done = "unknown" if account.analysed is None else digits(account.analysed)
            words = Text("account: ", style="bold")
            words.append(f"{digits(account.recorded)} {printable(period.unit)} recorded = ", "none")
            words.append(f"{done} analysed + {digits(account.excluded)} excluded", "none")
            words.append(f" ({account.reason})" if account.excluded else "", "none")
            if len(account.periods) > 1:
                words.append(f", in {', '.join(map(printable, account.periods))}", "none")
            yield words.append("\n")


def _legend(catalogue: Catalogue, period: PeriodSpec) -> Table:
    """What the sources are."""
    analyses = _analyses(catalogue, period)
    facts = [*period.facts.values(), *(analysis.analysed for analysis in analyses)]
    named = [source for fact in facts for claim in fact for source in sources(claim)]
    named += [paper for analysis in analyses for paper in analysis.papers]
    table = Table.grid(padding=(0, 2))
    for key in sorted({name.partition(",")[0] for name in named}, key=str.lower):
        words = Text(printable(catalogue.references[key], 1000), style="dim")
        table.add_row(Text(printable(key)), words)
    return table


# ------------------------------------------------------------------------- JSON


def as_json(catalogue: Catalogue, name: str | None = None) -> str:
    """Return one period, or all with their accounts and totals, as JSON text.

    An empty list of claims means unknown; of several the one with ``because`` is chosen.

    Raises
    ------
    DatasetError
        There is no such period.
    """
    modes = list(catalogue.modes) if name is None else [catalogue.period(name).mode]
    periods = list(catalogue.periods.values()) if name is None else [catalogue.period(name)]
    names = {period.name for period in periods}
    found = [account for mode in modes for account in accounts(catalogue, mode)]
    content: dict[str, Any] = {
        "schema": "na64ana/catalogue/1",
        "periods": [msgspec.to_builtins(period) for period in periods],
        "analyses": [
            msgspec.to_builtins(analysis)
            for analysis in catalogue.analyses.values()
            if names.intersection(analysis.periods)
        ],
        "accounts": [
            {**msgspec.to_builtins(account), "excluded": account.excluded, "reason": account.reason}
            for account in found
            if names.intersection(account.periods)
        ],
    }
    if name is None:
        content["totals"] = [
            {"mode": total.mode, "years": total.years, "quoted": item.quoted.count,
             "table": item.table, "sum": item.total, "agrees": item.agrees}
            for total in catalogue.totals
            for item in table_sums(catalogue, total)
        ]  # fmt: skip
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"
