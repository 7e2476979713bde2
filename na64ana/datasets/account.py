"""The account of the catalogue: what was recorded, what was analysed of it, what is quoted."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import msgspec

from na64ana.cutflow.ledger import EXCLUDED, PROCESSED, Entry, Ledger, LedgerDataset
from na64ana.datasets.figures import Figure, digits
from na64ana.datasets.period import (
    AnalysisSpec,
    Catalogue,
    Fact,
    PeriodSpec,
    TotalSpec,
    chosen,
    count,
    sources,
)
from na64ana.datasets.spills import apportion
from na64ana.errors import DatasetError, printable

__all__ = [
    "NOT_PUBLISHED",
    "Account",
    "TableSum",
    "accounts",
    "catalogue_ledger",
    "table_sums",
]

NOT_PUBLISHED = "not published"
UNKNOWN_EXPOSURE = "analysed, exposure unknown"


@dataclass(frozen=True)
class Account:
    """Periods that were analysed together: recorded = analysed + excluded.

    Attributes
    ----------
    periods : tuple of str
    recorded : int
        Particles on target, the sum of the chosen values.
    analysed : int or None
        Of an analysis that includes others, the rest; None where its exposure is unknown.
    analysis : str
        Name of the analysis; empty for a period that none has published.
    """

    periods: tuple[str, ...]
    recorded: int
    analysed: int | None = 0
    analysis: str = ""

    @property
    def excluded(self) -> int:
        """What was recorded and is not in a published analysis."""
        return self.recorded - (self.analysed or 0)

    @property
    def reason(self) -> str:
        """Why it is excluded."""
        return NOT_PUBLISHED if self.analysed is not None else UNKNOWN_EXPOSURE


def accounts(catalogue: Catalogue, mode: str) -> list[Account]:
    """Return the accounts of a mode; every period whose exposure is known is in one.

    Raises
    ------
    DatasetError
        More was analysed than recorded, or a period is in two accounts.
    """
    periods = [p for p in catalogue.periods.values() if p.mode == mode and p.recorded]
    known = {period.name: period for period in periods}
    taken: set[str] = set()
    found = []
    for analysis in catalogue.analyses.values():
        whole, analysed = _own(analysis, catalogue.analyses)
        names = tuple(name for name in known if name in whole)
        if analysis.within is not None or not names:
            continue
        if twice := taken.intersection(names):
            msg = f"{printable(min(twice))} is in the account of two analyses; let one include or "
            raise DatasetError(f"{msg}be within the other (the second: {printable(analysis.name)})")
        taken.update(names)
        mine = [known[name] for name in names]
        account = Account(names, sum(map(_recorded, mine)), analysed, analysis.name)
        if account.excluded < 0:
            msg = (
                f"analysis '{printable(analysis.name)}': {digits(analysed or 0)} analysed of "
                f"{digits(account.recorded)} recorded in {', '.join(map(printable, names))}"
            )
            raise DatasetError(msg)
        found.append(account)
    found += [
        Account((name,), _recorded(period)) for name, period in known.items() if name not in taken
    ]
    places = {period.name: i for i, period in enumerate(periods)}
    return sorted(found, key=lambda account: places[account.periods[0]])


def _own(
    analysis: AnalysisSpec, known: dict[str, AnalysisSpec]
) -> tuple[tuple[str, ...], int | None]:
    """Return the periods and the exposure of an analysis that no included one has."""
    parts = [known[name] for name in analysis.includes]
    inside = {name for part in parts for name in part.periods}
    names = tuple(name for name in analysis.periods if name not in inside)
    amounts = [_amount(part.analysed) for part in (analysis, *parts)]
    if None in amounts:
        return names, None
    whole, *included = [amount for amount in amounts if amount is not None]
    return names, whole - sum(included)


def _amount(fact: Fact) -> int | None:
    claim = chosen(fact)
    return None if claim is None else count(claim).count


def _recorded(period: PeriodSpec) -> int:
    return _amount(period.recorded) or 0


# --------------------------------------------------------------------- ledger


def catalogue_ledger(catalogue: Catalogue, mode: str) -> Ledger:
    """Return the ledger of a mode: of each period what is analysed and what is not published.

    Where periods were analysed together, nobody has published how much of each: the amount is
    shared over them in proportion to what was recorded, by largest remainder, and marked
    ``apportioned``. The sums over the periods of one analysis are exact.

    Parameters
    ----------
    catalogue : Catalogue
    mode : str
        Such as ``NA64e invisible``; the unit is one within a mode.
    """
    entries: list[Entry] = []
    known: list[str] = []
    for account in accounts(catalogue, mode):
        recorded = {name: _recorded(catalogue.periods[name]) for name in account.periods}
        shares = apportion(account.analysed or 0, recorded, recorded)
        for name, amount in recorded.items():
            shared = len(recorded) > 1
            processed = Entry(name, None, None, (), shares[name], PROCESSED, apportioned=shared)
            excluded = Entry(
                name, None, None, (), amount - shares[name], EXCLUDED, account.reason, shared
            )
            entries += [entry for entry in (processed, excluded) if entry.amount]
            known.append(name)
    datasets = tuple(
        LedgerDataset(name, _sha256(catalogue.periods[name]), catalogue.periods[name].unit)
        for name in sorted(known)
    )
    silent = [p.name for p in catalogue.periods.values() if p.mode == mode and p.name not in known]
    entries.sort(key=lambda entry: entry.account)
    return Ledger(tuple(entries), datasets, unaccounted=tuple(sorted(silent)))


def _sha256(period: PeriodSpec) -> str:
    return hashlib.sha256(msgspec.json.encode(period, order="sorted")).hexdigest()


# --------------------------------------------------------------- quoted totals


@dataclass(frozen=True)
class TableSum:
    """The sum of one table of a source, beside the total that is quoted.

    Attributes
    ----------
    table : str
        The source of its figures.
    total : int
        Their sum.
    quoted : Figure
    """

    table: str
    total: int
    quoted: Figure

    @property
    def agrees(self) -> bool:
        """Whether the quoted total is this sum, printed with fewer digits."""
        return self.quoted.agrees(Figure(self.total, 1))


def table_sums(catalogue: Catalogue, total: TotalSpec) -> list[TableSum]:
    """Return the sums of the tables that a total is compared with.

    Raises
    ------
    DatasetError
        A table lacks a period of these years.
    """
    claim = chosen(total.quoted)
    if claim is None:
        return []
    return [
        TableSum(table, _table_sum(catalogue, total, table), count(claim)) for table in total.tables
    ]


def _table_sum(catalogue: Catalogue, total: TotalSpec, table: str) -> int:
    """Sum what a table says of each period, and of periods that it gives together."""
    first, last = total.years
    periods = [
        p for p in catalogue.periods.values() if p.mode == total.mode and first <= p.year <= last
    ]
    own = {p.name: amount for p in periods if (amount := _said(p.recorded, table)) is not None}
    rest = {p.name for p in periods} - own.keys()
    together = [
        amount
        for analysis in catalogue.analyses.values()
        if rest and set(analysis.periods) == rest
        if (amount := _said(analysis.analysed, table)) is not None
    ]
    if not periods or (rest and not together):
        lacks = ", ".join(map(printable, sorted(rest))) or f"any period of {printable(total.mode)}"
        msg = f"total of {printable(total.mode)}: '{printable(table)}' does not give {lacks}"
        raise DatasetError(msg)
    return sum(own.values()) + sum(together[:1])


def _said(fact: Fact, table: str) -> int | None:
    found = [count(claim).count for claim in fact if table in sources(claim)]
    return found[0] if found else None
