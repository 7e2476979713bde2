"""Cutflows per exposure: data and simulation of one selection, side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from na64ana.cutflow.record import Record
from na64ana.cutflow.tally import Counts
from na64ana.errors import RecordError, nearest, printable

__all__ = [
    "Comparison",
    "Ratio",
    "Yield",
    "per_exposure",
    "processed_exposure",
    "ratio",
    "side_by_side",
]


class Yield(NamedTuple):
    """What is left after a cut, scaled to an exposure.

    Attributes
    ----------
    cut : str
        Empty for all events, before the first cut.
    value, error : float or None
        Sum of weights (events, where there are none) and root of the sum of squared weights,
        times the same factor; None where the number is blinded.
    """

    cut: str
    value: float | None
    error: float | None


class Ratio(NamedTuple):
    """A ratio of two yields, relative errors added in quadrature."""

    value: float
    error: float


class Comparison(NamedTuple):
    """One channel of several records.

    Attributes
    ----------
    channel : str
    per : float
        Particles on target that all yields are for.
    unit : str
        ``EOT``, ``MOT`` and so on.
    yields : tuple of list of Yield
        For each record, in the order given.
    """

    channel: str
    per: float
    unit: str
    yields: tuple[list[Yield], ...]


def per_exposure(record: Record, per: float | None = None, *, channel: str = "main") -> list[Yield]:
    """Return what is left after each cut of a record, for so many particles on target.

    Each number is multiplied by ``per / processed``, where ``processed`` are the particles on
    target of what was counted: of data those of its spills, of simulation those generated. What
    raises a cross section there (bias) is in the weights of the events already.

    Parameters
    ----------
    record : Record
    per : float, optional
        Particles on target; by default those that were processed.
    channel : str

    Returns
    -------
    list of Yield
        All events first, then each cut in its order.

    Raises
    ------
    RecordError
        The exposure of the record is not known or is zero, or it has no such channel.
    """
    factor = _factor(record, per)
    if channel not in record.channels:
        known = ", ".join(printable(name) for name in record.channels)
        near = nearest(channel, record.channels)
        msg = f"no channel '{printable(channel)}' in the record (channels: {known}){near}"
        raise RecordError(msg)
    flow = record.channels[channel]
    rows = [("", flow.events), *((row.name, row.sequential) for row in flow.rows)]
    return [_scaled(cut, counts, factor) for cut, counts in rows]


def side_by_side(
    records: Sequence[Record],
    per: float | None = None,
    *,
    channel: str = "main",
    names: Sequence[str] = (),
) -> Comparison:
    """Return the cutflows of several records of one selection for the same exposure.

    Parameters
    ----------
    records : sequence of Record
    per : float, optional
        Particles on target; by default those processed in the first record.
    channel : str
    names : sequence of str
        What messages call the records, such as their files.

    Raises
    ------
    RecordError
        The records are of different selections, an exposure is not known, or their units differ.
    """
    first = records[0]
    for other in records[1:]:
        if other.sha256 != first.sha256:
            msg = (
                f"records of different selections do not stand side by side: "
                f"'{printable(first.selection)}' ({first.sha256[:12]}) and "
                f"'{printable(other.selection)}' ({other.sha256[:12]})"
            )
            raise RecordError(msg)
    for record, name in zip(records, names or [""] * len(records), strict=True):
        _factor(record, per, name)
    units = list(dict.fromkeys(record.ledger.unit for record in records))
    if len(units) > 1:
        msg = f"exposures in {' and '.join(map(printable, units))} cannot be compared"
        raise RecordError(msg)
    common = float(first.ledger.totals.processed) if per is None else per
    yields = tuple(per_exposure(record, common, channel=channel) for record in records)
    return Comparison(channel, common, units[0], yields)


def ratio(a: Yield, b: Yield) -> Ratio | None:
    """Return a / b; None where one is blinded or b is zero."""
    if a.value is None or b.value is None or a.error is None or b.error is None or not b.value:
        return None
    value = a.value / b.value
    return Ratio(value, math.hypot(a.error / b.value, value * b.error / b.value))


def processed_exposure(record: Record, name: str = "") -> int:
    """Return the particles on target of the events of a record.

    Raises
    ------
    RecordError
        That is not known, or nothing was processed; ``name`` says which record is meant.
    """
    ledger = record.ledger
    what = f"the record of '{printable(record.selection)}' on {record.kind}"
    what = f"{printable(name)}: {what}" if name else what
    if not ledger.datasets:
        msg = (
            f"{what} has no exposure: its files were given by themselves; give the manifest of "
            "their dataset (.yaml) to 'na64ana cutflow' instead"
        )
        raise RecordError(msg)
    if not ledger.known:
        n = len(ledger.unaccounted)
        msg = (
            f"{what}: the exposure of {n} of its files is not known "
            f"({printable(ledger.unaccounted[0])}{', ...' if n > 1 else ''}); add them to the "
            "manifest, or count without them"
        )
        raise RecordError(msg)
    processed = ledger.totals.processed
    if not processed:
        msg = f"{what}: nothing was processed of {ledger.totals.recorded} {printable(ledger.unit)}"
        raise RecordError(msg)
    return processed


def _factor(record: Record, per: float | None, name: str = "") -> float:
    processed = processed_exposure(record, name)
    if per is None:
        return 1.0
    if not (math.isfinite(per) and per > 0):
        msg = f"the exposure to compare at is a number above zero, such as 1e11, not {per}"
        raise RecordError(msg)
    return per / processed


def _scaled(cut: str, counts: Counts | None, factor: float) -> Yield:
    if counts is None:
        return Yield(cut, None, None)
    return Yield(cut, counts.sumw * factor, math.sqrt(counts.sumw2) * factor)
