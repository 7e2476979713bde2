"""The ledger in words and lines, before any format; all sums are the ledger's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import groupby
from typing import NamedTuple

from na64ana.cutflow import Record
from na64ana.cutflow.ledger import Ledger, LostFile, Totals
from na64ana.report.table import Figure, grouped

__all__ = [
    "BREAKDOWNS",
    "INCOMPLETE",
    "SPLIT",
    "Line",
    "account",
    "amount",
    "breakdowns",
    "has_details",
    "headline",
    "is_partial",
    "lists",
    "notes",
    "short",
]

INCOMPLETE = "INCOMPLETE"
RECORDED = "processed + lost + excluded"
#: what the account is broken down by, each with the heading of its first column
BREAKDOWNS = {"by dataset": "dataset", "by run": "run", "by file": "file"}
SPLIT = "a spill split over several files is in the sums of each of them"
_EXACT_BELOW = 100_000
_DIGITS, _MOST_DIGITS = 3, 15


class Line(NamedTuple):
    """One line of the account; a line of one reason alone has no state."""

    state: str
    amount: int
    spills: int
    reason: str


def headline(ledger: Ledger, write: Callable[[Figure], str]) -> str:
    """Say in one line how much was processed, and what is missing.

    Parameters
    ----------
    ledger : Ledger
    write : callable
        How the format writes a number with a power of ten.
    """
    parts = [_processed(ledger, write)] if ledger.datasets else []
    if not ledger.datasets:
        parts.append("unknown")
    elif ledger.unaccounted:
        parts.append(f"not known for {_files(len(ledger.unaccounted))}")
    if ledger.lost_files:
        parts.append(f"{_files(len(ledger.lost_files))} lost")
    if ledger.repeated_files:
        parts.append(f"{_files(len(ledger.repeated_files))} given twice and counted once")
    return ", ".join(parts)


def _processed(ledger: Ledger, write: Callable[[Figure], str]) -> str:
    recorded, processed, *_ = ledger.totals
    if processed == recorded:
        return f"{write(amount(recorded))} {ledger.unit}, all processed"
    digits = _DIGITS  # more where a small loss would not show
    while digits < _MOST_DIGITS and amount(processed, digits) == amount(recorded, digits):
        digits += 1
    shown = [write(amount(n, digits)) for n in (processed, recorded)]
    return f"{shown[0]} of {shown[1]} {ledger.unit} processed"


def _files(n: int) -> str:
    return f"{n} file{'' if n == 1 else 's'}"


def amount(n: int, digits: int = _DIGITS) -> Figure:
    """Return a number of particles: exact where it is short, else to that many digits."""
    if abs(n) < _EXACT_BELOW:
        return Figure(grouped(str(n), " "))
    mantissa, _, exponent = f"{n:.{digits - 1}e}".partition("e")
    return Figure(mantissa, exponent=int(exponent))


def short(figure: Figure) -> str:
    """Write a number as ``2.81e11``."""
    return f"{figure.value}e{figure.exponent}" if figure.exponent else figure.value


def account(ledger: Ledger, most: int | None = None) -> list[Line]:
    """Return processed, lost and excluded with their reasons, and last what was recorded.

    Empty where no exposure is known. Of many reasons, ``most`` are listed for each state.
    """
    if not ledger.datasets:
        return []
    lines: list[Line] = []
    for state, group in groupby(ledger.fates(), key=lambda fate: fate.state):
        whole, *reasons = group
        if len(reasons) == 1 and reasons[0].amount == whole.amount:  # one line for both
            lines.append(Line(state, whole.amount, whole.spills, reasons[0].reason))
            continue
        lines.append(Line(state, whole.amount, whole.spills, ""))
        lines += [Line("", fate.amount, fate.spills, fate.reason) for fate in reasons[:most]]
        if len(reasons) > len(reasons[:most]):
            lines.append(Line("", 0, 0, f"and {len(reasons[most:])} more reasons"))
    return [*lines, Line("recorded", ledger.totals.recorded, ledger.spills, RECORDED)]


def has_details(record: Record) -> bool:
    """Whether there is more to say than the headline says."""
    return bool(is_partial(record.ledger) or lists(record) or record.ledger.apportioned)


def is_partial(ledger: Ledger) -> bool:
    """Whether something of what was recorded was not processed."""
    return ledger.totals.processed < ledger.totals.recorded


def breakdowns(ledger: Ledger) -> dict[str, Mapping[str, Totals]]:
    """Return the sums by dataset, where there are several, by run and by file."""
    tables: dict[str, Mapping[str, Totals]] = {
        "by dataset": ledger.by_dataset() if len(ledger.datasets) > 1 else {},
        "by run": {str(run): sums for run, sums in ledger.by_run().items() if run is not None},
        "by file": ledger.by_file(),
    }
    return {what: table for what, table in tables.items() if table}


def notes(ledger: Ledger) -> list[str]:
    """Return what a reader of the account must know."""
    found = []
    if ledger.apportioned:
        found.append(
            f"{grouped(str(ledger.apportioned), ' ')} {ledger.unit} of the processed are "
            "apportioned: shares of the total of a run, not measured spill by spill"
        )
    return found


def lists(record: Record) -> dict[str, list[tuple[str, str]]]:
    """Return the lists under the account: each line has what it is about and why."""
    ledger = record.ledger
    found = {
        "lost files": [(_of(file), file.reason) for file in ledger.lost_files],
        "given twice": [(_of(file), file.reason) for file in ledger.repeated_files],
        # where nothing is known of any file, the headline says so
        "exposure not known": [(path, "") for path in ledger.unaccounted if ledger.datasets],
        "left out": [(_entries(n), why) for why, n in record.left_out.items()],
    }
    return {what: items for what, items in found.items() if items}


def _entries(n: int) -> str:
    return f"{grouped(str(n), ' ')} entr{'y' if n == 1 else 'ies'}"


def _of(file: LostFile) -> str:
    return f"{file.path} ({file.dataset})" if file.dataset else file.path
