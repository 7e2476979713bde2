"""Cutflows as CSV: every number without loss, one row for each cut.

After the rows come comment lines, each with ``#`` first: the ledger, and where it all comes from.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from na64ana.csvtext import LONGEST, line_of, text_of
from na64ana.cutflow import COUNTS, Counts, Cutflow, Efficiency, Record
from na64ana.cutflow.ledger import Totals
from na64ana.errors import printable
from na64ana.report import exposure, provenance
from na64ana.report.table import ALL_EVENTS

__all__ = ["COLUMNS", "cutflow", "record", "survivors"]

_SUMS = ("n", "sumw", "sumw2")
_ENDS = ("", "_low", "_high")

COLUMNS = (
    "channel",
    "number",
    "cut",
    "condition",
    *(f"{kind}_{part}" for kind in COUNTS for part in _SUMS),
    *(f"{share}{end}" for share in ("share", "relative") for end in _ENDS),
    "hidden",
)


def cutflow(flow: Cutflow) -> str:
    """Return the cutflow of one channel as CSV, with a head line.

    Row 0 is that of all events, its numbers under ``sequential``. ``n`` are events, ``sumw`` and
    ``sumw2`` sums of weights and of their squares (equal to n without weights). ``share`` is of
    all events, ``relative`` of the events left by the cut before, both with the ends of the 68%
    Clopper-Pearson interval, to 12 digits and of unweighted events. Counts and sums are written
    without loss. A field without a number is empty;
    ``hidden`` says which are so because they are blinded or not computed. Text that a
    spreadsheet would take for a formula has an apostrophe before it.
    """
    return _written([flow])


def record(record: Record) -> str:
    """Return the cutflows of all channels as CSV, as `cutflow` does, under one head line.

    The comment lines after them hold the ledger, and the provenance as JSON.
    """
    return _written(record.channels.values()) + "".join(_comments(record))


def survivors(record: Record) -> str:
    """Return run, spill and event of the survivors of each channel, one row for each.

    An unknown number is an empty field. Of a channel whose survivors are in the blind box
    there is no row: the record holds none to show.
    """
    lines = [line_of(("channel", "run", "spill", "event"))]
    for name, flow in record.channels.items():
        rows = [] if flow.survivors is None else flow.survivors.tolist()
        lines += [line_of((text_of(name), *("" if n < 0 else n for n in row))) for row in rows]
    return "".join([*lines, *_comments(record)])


def _written(flows: Iterable[Cutflow]) -> str:
    rows = (line_of(row.get(column, "") for column in COLUMNS) for flow in flows
            for row in _rows(flow))  # fmt: skip
    return "".join([line_of(COLUMNS), *rows])


def _comments(record: Record) -> Iterator[str]:
    ledger = record.ledger
    incomplete = "" if ledger.complete else f"{exposure.INCOMPLETE}, "
    words = printable(exposure.headline(ledger, exposure.short), LONGEST)
    yield f"# exposure: {incomplete}{words}\n"
    if ledger.datasets:
        yield _comment("state", printable(ledger.unit), "spills", "reason")
        for line in exposure.account(ledger):
            yield _comment(line.state, line.amount, line.spills, line.reason)
    for what, table in exposure.breakdowns(ledger).items():
        yield _comment(exposure.BREAKDOWNS[what], *Totals._fields)
        for name, sums in table.items():
            yield _comment(name, *sums)
    for what, items in exposure.lists(record).items():
        for name, why in items:
            yield _comment(what, name, why)
    yield from (f"{line}\n" for line in provenance.comments(record, "#"))


def _comment(*fields: object) -> str:
    """Write a row as a comment."""
    return f"# {line_of(text_of(f) if isinstance(f, str) else f for f in fields)}"


def _rows(flow: Cutflow) -> Iterator[dict[str, object]]:
    channel = {"channel": text_of(flow.channel)}
    yield {**channel, "number": 0, "cut": ALL_EVENTS, **_counts("sequential", flow.events)}
    for number, row in enumerate(flow.rows, 1):
        fields: dict[str, object] = {
            **channel,
            "number": number,
            "cut": text_of(row.name),
            "condition": text_of(row.label.condition),
        }
        for kind in COUNTS:
            fields |= _counts(kind, getattr(row, kind))
        fields |= _share("share", flow.efficiency(row.name))
        fields |= _share("relative", flow.efficiency(row.name, relative=True))
        fields["hidden"] = "; ".join(f"{kind}: {why}" for kind, why in row.hidden.items())
        yield fields


def _counts(kind: str, counts: Counts | None) -> dict[str, object]:
    if counts is None:
        return {}
    return {f"{kind}_{part}": repr(x) for part, x in zip(_SUMS, counts, strict=True)}


def _share(name: str, share: Efficiency | None) -> dict[str, object]:
    if share is None or math.isnan(share.value):
        return {}
    return {f"{name}{end}": f"{x:.12g}" for end, x in zip(_ENDS, share, strict=True)}
