"""The cutflow of one channel: what each cut did, exact and mergeable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from typing import Any

import numpy as np

from na64ana.cutflow.intervals import Efficiency, efficiency
from na64ana.cutflow.tally import COUNTS, Counts, Tally
from na64ana.errors import printable
from na64ana.named import unknown_name

__all__ = ["BLINDED", "NOT_COMPUTED", "CutLabel", "Cutflow", "Row", "sorted_ids"]

BLINDED = "blinded"
NOT_COMPUTED = "not computed"


@dataclass(frozen=True, order=True)
class CutLabel:
    """What a cut is called and what it asks, in words."""

    name: str
    condition: str = ""
    reason: str = ""
    reference: str = ""


@dataclass(frozen=True)
class Row:
    """The numbers of one cut; a number that is None has its reason in ``hidden``.

    Attributes
    ----------
    sequential : Counts or None
        Events left after this cut and all before it.
    alone : Counts or None
        Events that pass this cut, whatever the others say.
    all_but_this : Counts or None
        Events that pass all other cuts.
    all_but_this_open : Counts or None
        Events that pass all other cuts except those of blind regions.
    nan : Counts or None
        Events that fail because a number that the cut compares is missing.
    not_applied : Counts or None
        Events that pass because the cut does not hold for their run.
    hidden : dict of str to str
        For each number that is None: ``blinded`` or ``not computed``.
    """

    label: CutLabel
    sequential: Counts | None
    alone: Counts | None
    all_but_this: Counts | None
    all_but_this_open: Counts | None
    nan: Counts | None
    not_applied: Counts | None
    hidden: Mapping[str, str]

    @property
    def name(self) -> str:
        """Name of the cut."""
        return self.label.name


@dataclass(frozen=True, eq=False, repr=False)
class Cutflow:
    """What the cuts of one channel did to the events.

    Attributes
    ----------
    channel : str
        ``main``, or the name of the channel.
    cuts : tuple of CutLabel
        The whole chain, shared cuts included.
    boxes : tuple of frozenset of int
        For each blind region, the positions of its cuts in the chain.
    blind : bool
        Whether the events of those regions were taken out before counting.
    mode : str
        ``full``, or ``sequential`` where only that kind of count was made.
    runs : dict of int or None to dict of str to Tally
        Per run number: ``events`` and the kinds of `COUNTS`.
    ids : array of int64, shape (survivor, 3)
        (run, spill, event) of the events that pass the whole chain; -1 where unknown.
    """

    channel: str
    cuts: tuple[CutLabel, ...]
    boxes: tuple[frozenset[int], ...]
    blind: bool
    mode: str
    runs: Mapping[int | None, Mapping[str, Tally]] = field(repr=False)
    ids: np.ndarray = field(repr=False)

    def __add__(self, other: Cutflow) -> Cutflow:
        runs = {run: dict(tallies) for run, tallies in self.runs.items()}
        for run, tallies in other.runs.items():
            have = runs.setdefault(run, {})
            for kind, tally in tallies.items():
                have[kind] = have[kind] + tally if kind in have else tally
        # words may differ where the counts are the same: either side gives the same choice
        cuts = tuple(map(min, self.cuts, other.cuts))
        return replace(self, cuts=cuts, runs=runs, ids=np.concatenate([self.ids, other.ids]))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Cutflow):
            return NotImplemented
        mine = (self.channel, self.cuts, self.boxes, self.blind, self.mode, self.runs)
        theirs = (other.channel, other.cuts, other.boxes, other.blind, other.mode, other.runs)
        return mine == theirs and np.array_equal(sorted_ids(self.ids), sorted_ids(other.ids))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        state = ", blind" if self.blind else ""
        return f"<Cutflow {self.channel}: {len(self.cuts)} cuts, {self.events.n} events{state}>"

    @cached_property
    def total(self) -> Mapping[str, Tally]:
        """The tallies of all runs together."""
        kinds = {kind for tallies in self.runs.values() for kind in tallies}
        return {
            kind: reduce(lambda a, b: a + b, [t[kind] for t in self.runs.values() if kind in t])
            for kind in kinds
        }

    @property
    def events(self) -> Counts:
        """Events before the first cut (without those of a blind region, if blind)."""
        return self.total["events"].counts(0) if self.runs else Counts(0, 0.0, 0.0)

    @property
    def rows(self) -> list[Row]:
        """The numbers of every cut, over all runs."""
        return [self._row(i, self.total) for i in range(len(self.cuts))]

    def run_rows(self, run: int | None) -> list[Row]:
        """Return the numbers of every cut for one run."""
        return [self._row(i, self.runs[run]) for i in range(len(self.cuts))]

    def __getitem__(self, name: str) -> Row:
        names = [cut.name for cut in self.cuts]
        if name not in names:
            raise unknown_name("cut", name, names, f" in channel '{printable(self.channel)}'")
        return self.rows[names.index(name)]

    def _row(self, i: int, tallies: Mapping[str, Tally]) -> Row:
        numbers: dict[str, Counts | None] = {}
        hidden: dict[str, str] = {}
        for kind in COUNTS:
            why = self._hidden(kind, i)
            if why is not None:
                numbers[kind], hidden[kind] = None, why
            else:
                empty = Counts(0, 0.0, 0.0)
                numbers[kind] = tallies[kind].counts(i) if kind in tallies else empty
        return Row(self.cuts[i], **numbers, hidden=hidden)

    def is_hidden(self, kind: str, i: int) -> bool:
        """Whether a number is not shown."""
        return self._hidden(kind, i) is not None

    def _hidden(self, kind: str, i: int) -> str | None:
        if self.mode == "sequential" and kind != "sequential":
            return NOT_COMPUTED
        everything = frozenset(range(len(self.cuts)))
        if kind == "all_but_this_open":
            if any(i in box for box in self.boxes):
                return BLINDED if self.blind else NOT_COMPUTED
            return None
        used = {
            "sequential": frozenset(range(i + 1)),
            "all_but_this": everything - {i},
        }.get(kind, frozenset({i}))
        return BLINDED if self.holds_box(used) else None

    def holds_box(self, used: frozenset[int]) -> bool:
        """Whether a number made with these cuts would show a blind region."""
        return self.blind and any(box <= used for box in self.boxes)

    @property
    def survivors(self) -> np.ndarray | None:
        """(run, spill, event) of the survivors, sorted; None where that would be the blind box."""
        if self.holds_box(frozenset(range(len(self.cuts)))):
            return None
        return sorted_ids(self.ids)

    def efficiency(self, name: str, *, relative: bool = False) -> Efficiency | None:
        """Return the share of events left after a cut, with its Clopper-Pearson interval.

        Parameters
        ----------
        name : str
            Name of the cut.
        relative : bool
            Relative to the events before this cut instead of to all events.

        Returns
        -------
        Efficiency or None
            None where the number is blinded. For weighted events it is that of the counts.
        """
        row = self[name]
        before: Counts | None = self.events
        if relative:
            i = self.cuts.index(row.label)
            before = self.rows[i - 1].sequential if i else before
        if row.sequential is None or before is None:
            return None
        return efficiency(row.sequential.n, before.n)

    # ------------------------------------------------------------------- views

    def to_text(self, width: int | None = None) -> str:
        """Return the table as plain text."""
        from na64ana.report.text import cutflow

        return cutflow(self, width)

    def to_latex(self) -> str:
        """Return the table as LaTeX (booktabs)."""
        from na64ana.report.latex import cutflow

        return cutflow(self)

    def to_csv(self) -> str:
        """Return the numbers as CSV."""
        from na64ana.report.csv import cutflow

        return cutflow(self)

    def to_html(self) -> str:
        """Return the table as an HTML fragment."""
        from na64ana.report.html import cutflow

        return cutflow(self)

    def _repr_html_(self) -> str:
        return self.to_html()

    def __str__(self) -> str:
        return self.to_text()

    def __rich__(self) -> Any:
        from na64ana.report.cutflow_table import CutflowTable

        return CutflowTable(self)


def sorted_ids(ids: np.ndarray) -> np.ndarray:
    """Return (run, spill, event) rows in rising order."""
    return ids[np.lexsort(ids.T[::-1])] if len(ids) else ids
