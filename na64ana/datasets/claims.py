"""What a claim of the catalogue must be: a value of the right kind, a source, one chosen."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from na64ana.datasets.figures import figure
from na64ana.datasets.period import Claim, Fact, count, sources
from na64ana.errors import DatasetError, UnitError, nearest, printable
from na64ana.units import parse_quantity, parse_unit
from na64ana.yamltext import Document

__all__ = ["UNKNOWN", "check_fact", "check_source"]

UNKNOWN = "unknown"


def check_fact(
    document: Document, path: tuple[str | int, ...], fact: Fact, references: dict[str, str]
) -> None:
    """Check a fact of a document; its last key says what kind of value it is.

    Raises
    ------
    DatasetError
        A value is of the wrong kind, its source is unknown, or of several none is chosen.
    """
    for i, claim in enumerate(fact):
        where = f"{document.where(*path, i)}: {path[-1]}"
        try:
            CHECKS.get(str(path[-1]), _words)(claim)
        except (DatasetError, UnitError) as error:
            msg = f"{where}: {error}"
            raise DatasetError(msg) from None
        for source in sources(claim):
            check_source(where, source, references)
    reasons = sum(bool(claim.because) for claim in fact)
    if len(fact) > 1 and reasons != 1:
        msg = (
            f"{document.where(*path)}: {path[-1]}: of {len(fact)} values one is chosen: "
            f"give exactly one of them a reason, 'because' (here {reasons})"
        )
        raise DatasetError(msg)


def check_source(where: str, source: str, references: dict[str, str]) -> None:
    """Check that what stands before the first comma of a source is a known reference."""
    key = source.partition(",")[0]
    if key not in references:
        near = nearest(key, references)
        msg = f"{where}: source '{printable(key)}' is not in references.yaml{near}"
        raise DatasetError(msg)


def _words(claim: Claim) -> None:
    if claim.value in ("", []) or claim.value == UNKNOWN:
        msg = "the value is empty or unknown; write the word unknown in place of value and source"
        raise DatasetError(msg)


def _ends(claim: Claim) -> list[Any]:
    if not isinstance(claim.value, list):
        return [claim.value]
    if len(claim.value) != 2:
        msg = "a range is [first, last]"
        raise DatasetError(msg)
    return claim.value


def _quantity(unit: str) -> Callable[[Claim], None]:
    def check(claim: Claim) -> None:
        ends = [parse_quantity(end) for end in _ends(claim) if end is not None]
        _rising([end.value * end.unit.ratio(parse_unit(unit)) for end in ends])

    return check


def _count(claim: Claim) -> None:
    count(claim)


def _counts(claim: Claim) -> None:
    _rising([figure(end if end is not None else "none").count for end in _ends(claim)])


def _runs(claim: Claim) -> None:
    ends = [end for end in _ends(claim) if end is not None]
    if not isinstance(claim.value, list) or not all(type(end) is int and end >= 0 for end in ends):
        msg = "runs are [first, last], whole numbers; null leaves one open"
        raise DatasetError(msg)
    _rising(ends)


def _dates(claim: Claim) -> None:
    if isinstance(claim.value, list):  # otherwise words, such as 'summer 2023'
        try:
            _rising([datetime.date.fromisoformat(str(end)) for end in _ends(claim)])
        except ValueError:
            msg = "dates are [first, last], written as 2016-10-12"
            raise DatasetError(msg) from None


def _rising(ends: list[Any]) -> None:
    if len(ends) == 2 and ends[0] > ends[1]:
        msg = "the first of a range is above the last"
        raise DatasetError(msg)


CHECKS: dict[str, Callable[[Claim], None]] = {
    "recorded": _count,
    "analysed": _count,
    "quoted": _count,
    "rate": _counts,
    "momentum": _quantity("GeV"),
    "spill": _quantity("s"),
    "trigger_preshower_above": _quantity("GeV"),
    "trigger_ecal_below": _quantity("GeV"),
    "runs": _runs,
    "dates": _dates,
}
