"""What changed between two records, cut by cut."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from na64ana.cutflow.cutflow import Cutflow, Row
from na64ana.cutflow.record import InputFile, Record
from na64ana.cutflow.tally import COUNTS, Counts

__all__ = ["Difference", "Differences", "diff"]


class Difference(NamedTuple):
    """One difference: where it is, what it is about, and both sides in words."""

    where: str
    what: str
    before: str
    after: str


class Differences(list[Difference]):
    """All differences between two records, in the order of `diff`."""

    def _repr_html_(self) -> str:
        from na64ana.report.notebook import differences

        return differences(self)


def diff(before: Record, after: Record) -> Differences:
    """Return all differences between two records, those of the whole first.

    Versions of the software do not count as a difference; the counts do.
    """
    found = [
        *_whole(before, after),
        *(d for name in _keys(before.channels, after.channels)
          for d in _channel(name, before.channels.get(name), after.channels.get(name))),
        *_regions(before, after),
        *_histograms(before, after),
    ]  # fmt: skip
    return Differences(found)


def _keys(before: object, after: object) -> list[str]:
    return list(dict.fromkeys([*before, *after]))  # type: ignore[misc]


def _whole(before: Record, after: Record) -> Iterator[Difference]:
    pairs = (
        ("selection", before.selection, after.selection),
        ("sha256", before.sha256[:12], after.sha256[:12]),
        ("blind", _yes(before.blind), _yes(after.blind)),
        ("reason for unblinding", before.unblinded or "-", after.unblinded or "-"),
        ("counts", before.mode, after.mode),
        ("kind", before.kind, after.kind),
    )
    for what, a, b in pairs:
        if a != b:
            yield Difference("record", what, a, b)
    mine = {file.identity: file for file in before.inputs}
    theirs = {file.identity: file for file in after.inputs}
    for key in dict.fromkeys([*mine, *theirs]):
        a, b = _entries(mine.get(key)), _entries(theirs.get(key))
        if a != b:
            file = mine.get(key) or theirs[key]
            yield Difference("input", file.path, a, b)


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _entries(file: InputFile | None) -> str:
    if file is None:
        return "-"
    return ", ".join(f"{start}-{stop}" for start, stop in file.read) or "no entries"


def _channel(name: str, before: Cutflow | None, after: Cutflow | None) -> Iterator[Difference]:
    if before is None or after is None:
        there = ("-", "new") if before is None else ("was there", "-")
        yield Difference(name, "channel", *there)
        return
    if before.events != after.events:
        yield Difference(name, "events", _words(before.events), _words(after.events))
    mine = {row.name: row for row in before.rows}
    theirs = {row.name: row for row in after.rows}
    for cut in _keys(mine, theirs):
        yield from _cut(f"{name} / {cut}", mine.get(cut), theirs.get(cut))
    common = [cut for cut in mine if cut in theirs]
    if common != [cut for cut in theirs if cut in mine]:
        yield Difference(name, "order of cuts", ", ".join(mine), ", ".join(theirs))
    yield from _survivors(name, before.survivors, after.survivors)


def _cut(where: str, before: Row | None, after: Row | None) -> Iterator[Difference]:
    if before is None or after is None:
        row = before or after
        assert row is not None
        words = f"{row.label.condition} ({_words(row.sequential)} left)"
        yield Difference(where, "cut", *(("-", words) if before is None else (words, "-")))
        return
    if before.label.condition != after.label.condition:
        yield Difference(where, "condition", before.label.condition, after.label.condition)
    for kind in COUNTS:
        a, b = getattr(before, kind), getattr(after, kind)
        if a != b or before.hidden.get(kind) != after.hidden.get(kind):
            left = _words(a, before.hidden.get(kind, "-"))
            right = _words(b, after.hidden.get(kind, "-"))
            yield Difference(where, kind.replace("_", " "), left, right)


def _words(counts: Counts | None, hidden: str = "blinded") -> str:
    if counts is None:
        return hidden
    if counts.n == counts.sumw == counts.sumw2:
        return str(counts.n)
    return f"{counts.n} (sum w {counts.sumw!r}, sum w2 {counts.sumw2!r})"


def _survivors(
    name: str, before: np.ndarray | None, after: np.ndarray | None
) -> Iterator[Difference]:
    if before is None or after is None:
        return
    mine, theirs = (set(map(tuple, ids.tolist())) for ids in (before, after))
    for what, lost in (("survivors lost", mine - theirs), ("survivors gained", theirs - mine)):
        if lost:
            shown = ", ".join(":".join(map(str, event)) for event in sorted(lost)[:5])
            more = f" and {len(lost) - 5} more" if len(lost) > 5 else ""
            words = f"{len(lost)} events ({shown}{more})"
            yield Difference(name, what, *((words, "-") if "lost" in what else ("-", words)))


def _regions(before: Record, after: Record) -> Iterator[Difference]:
    for name in _keys(before.regions, after.regions):
        a, b = before.regions.get(name), after.regions.get(name)
        if a is None or b is None:
            words = ("-", "new") if a is None else ("was there", "-")
            yield Difference("region", name, *words)
        elif a.counts != b.counts:
            yield Difference("region", name, _words(a.counts), _words(b.counts))
        elif a != b:
            yield Difference("region", name, "events or values", "differ")


def _histograms(before: Record, after: Record) -> Iterator[Difference]:
    for name in _keys(before.booked, after.booked):
        a, b = before.booked.get(name), after.booked.get(name)
        if a is None or b is None:
            words = ("-", "new") if a is None else ("was there", "-")
            yield Difference("histogram", name, *words)
        elif (a.axes, a.places, a.blinded) != (b.axes, b.places, b.blinded):
            yield Difference("histogram", name, "axes or cuts", "differ")
        elif bins := int(np.count_nonzero((a.values != b.values) | (a.masked != b.masked))):
            yield Difference("histogram", name, f"{bins} bins", "differ")
