"""Counting what a selection does to a chunk of events. Nothing else counts events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from na64ana import histograms
from na64ana.cutflow import Cutflow, CutLabel, InputFile, Record, Region, Tally
from na64ana.cutflow.record import open_sample, summed
from na64ana.cutflow.spills import sample_number, spill_counts
from na64ana.errors import InputError, printable
from na64ana.evaluate.chunk import Chunk
from na64ana.evaluate.values import Left, Values
from na64ana.exact import Weights
from na64ana.expressions import Type
from na64ana.layouts import IDENTITY
from na64ana.selection import BoundChannel, BoundCut, BoundHistogram, BoundSelection
from na64ana.selection.bind import BoundRegion

__all__ = ["UNKNOWN", "evaluate"]

#: stands for an unknown run, spill or event number
UNKNOWN = -1


def evaluate(
    columns: Chunk | Mapping[str, Any],
    selection: BoundSelection,
    *,
    blind: bool = True,
    counts: str = "full",
    unblinded: str | None = None,
    inputs: Iterable[InputFile] = (),
    sample_weight: float = 1.0,
    with_open_sample: bool = False,
) -> Record:
    """Count what a selection does to a chunk of events.

    Parameters
    ----------
    columns : Chunk, or mapping of str to array
        Arrays by logical name, the event first: shape (event,), (event, plane, ix, iy) and so
        on as in the layout, or a jagged awkward array; energies, times and so on in the units
        of the layout. At least the columns in ``selection.columns``. A `Chunk` gives each when
        it is needed, for the events for which it is.
    selection : BoundSelection
        From `Selection.bind`.
    blind : bool
        Take the events of blind regions out before anything is counted.
    counts : str
        ``full``, or ``sequential`` for that kind of count alone: then a cut is evaluated only for
        events that pass those before it.
    unblinded : str, optional
        The reason for an open box; kept in the record.
    inputs : iterable of InputFile
        What the columns were read from; kept in the record. If it is one file, the events
        counted are noted in it by spill.
    sample_weight : float
        A weight of all events, beside that of the selection: of simulation whose cross section
        was raised by a bias factor, 1/bias.
    with_open_sample : bool
        Count in an unblinded record the events that a prescale had opened before, too.

    Returns
    -------
    Record
        Records of disjoint chunks add up to the record of all events.

    Raises
    ------
    InputError
        A column is missing, has another shape than the layout says, or a weight is not finite.
    """
    if counts not in ("full", "sequential"):
        msg = f"counts is 'full' or 'sequential', not '{printable(counts)}'"
        raise InputError(msg)
    inputs = tuple(inputs)
    make = partial(_record, selection=selection, counts=counts, weight=sample_weight)
    chunk = columns if isinstance(columns, Chunk) else Chunk.of(columns)
    if selection.prescale is None or (not blind and (unblinded is None or with_open_sample)):
        return make(chunk, blind, unblinded, inputs)
    opened = sample_number(_identities(chunk, selection.types), selection.prescale) == 0
    name = open_sample(selection.prescale)
    if not blind:
        gone = {name: int(np.count_nonzero(opened))} if opened.any() else {}
        inputs = tuple(replace(f, left_out=summed(f.left_out, gone)) for f in inputs[:1])
        return make(chunk.subset(~opened), blind, unblinded, inputs)
    return replace(
        make(chunk, blind, unblinded, inputs, opened),
        open_sample=replace(make(chunk.subset(opened), False, name, ()), sample=name),
    )


def _record(
    chunk: Chunk,
    blind: bool,
    unblinded: str | None,
    inputs: tuple[InputFile, ...],
    opened: np.ndarray | None = None,
    *,
    selection: BoundSelection,
    counts: str,
    weight: float,
) -> Record:
    with np.errstate(all="ignore"):
        evaluation = _Evaluation(chunk, selection, blind, counts, weight)
        return evaluation.record(unblinded, inputs, opened)


def _identities(chunk: Chunk, types: Mapping[str, Type]) -> np.ndarray:
    """(run, spill, event) of every event, shape (event, 3); -1 where unknown."""
    ids = np.full((len(IDENTITY), len(chunk)), UNKNOWN, dtype=np.int64).T
    for i, name in enumerate(IDENTITY):
        if name in chunk and name in types:
            ids[:, i] = chunk.column(name)
    return ids


def _masked(ids: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return some rows, column after column in memory as all of them are."""
    return ids if mask.all() else ids.T[:, mask].T


class _Evaluation:
    """One chunk: events outside blind boxes are shown, and of these everything is counted."""

    def __init__(
        self,
        chunk: Chunk,
        selection: BoundSelection,
        blind: bool,
        counts: str,
        sample_weight: float,
    ) -> None:
        self.selection = selection
        self.full = counts == "full"
        self.mode = counts
        self.values = Values(chunk, selection)
        main = selection.channels[0]
        self.blind = blind and bool(main.blind)
        everything = Left(self.values.all, np.ones(len(chunk), dtype=bool))
        self.shown = self._outside_boxes(main, everything) if self.blind else everything
        self.every_id = _identities(chunk, selection.types)
        self.ids = _masked(self.every_id, self.shown.mask)
        self.weights = self._weights(sample_weight)

    def record(
        self, unblinded: str | None, inputs: tuple[InputFile, ...], opened: np.ndarray | None
    ) -> Record:
        """Count; events that are ``opened`` elsewhere are noted by spill as those shown are."""
        passed = {channel.name: self._passed(channel) for channel in self.selection.channels}
        channels = {
            channel.name: self._cutflow(channel, passed[channel.name])
            for channel in self.selection.channels
        }
        booked = {
            h.name: self._histogram(h, channels[h.channel], passed[h.channel])
            for h in self.selection.histograms
        }
        regions = {region.name: self._region(region) for region in self.selection.regions}
        if len(inputs) == 1:
            ids = self.ids
            if opened is not None and self.blind:
                ids = _masked(self.every_id, self.shown.mask | opened)
            spills, repeated = spill_counts(ids)
            inputs = (replace(inputs[0], spills=tuple(spills), suspect=frozenset(repeated)),)
        return Record(
            selection=self.selection.name,
            sha256=self.selection.sha256,
            blind=self.blind,
            unblinded=unblinded,
            mode=self.mode,
            inputs=inputs,
            channels=channels,
            booked=booked,
            regions=regions,
        )

    def _outside_boxes(self, main: BoundChannel, everything: Left) -> Left:
        inside = np.zeros(len(everything.mask), dtype=bool)
        boxes = [[main.cuts[i] for i in sorted(box)] for box in main.blind]
        for cuts in [*boxes, *self.selection.closed]:
            inside[self._passing(everything, cuts).index] = True
        return Left(everything.rows, ~inside) if inside.any() else everything

    def _weights(self, sample: float) -> Weights | None:
        if self.selection.weight is None:
            return None if sample == 1 else Weights.of(np.full(len(self.ids), sample))
        weights = sample * self.values.numbers(self.selection.weight, "weight", self.shown)
        bad = np.count_nonzero(~np.isfinite(weights))
        if bad:
            msg = f"weight: {bad} of {len(weights)} events have a weight that is no finite number"
            raise InputError(msg)
        return Weights.of(weights)

    def _passing(self, left: Left, cuts: Iterable[BoundCut]) -> Left:
        """Return those of some events that pass all of some cuts."""
        if not self.full:
            return self.values.after(left, cuts)
        masks = [self.values.cut(cut, left.rows)[0] for cut in cuts]
        return Left(left.rows, np.logical_and.reduce([left.mask, *masks]))

    def _among_shown(self, left: Left) -> np.ndarray:
        """Which of the events shown are left."""
        inside = np.zeros(len(self.shown.mask), dtype=bool)
        inside[left.index] = True
        return np.asarray(inside[self.shown.mask])

    # -------------------------------------------------------------------- cuts

    def _passed(self, channel: BoundChannel) -> np.ndarray:
        """How many cuts each event shown passes before the first that it fails."""
        if self.full:
            return _cuts_passed(self._passes(channel))
        passed = np.zeros(len(self.shown.mask), dtype=np.min_scalar_type(len(channel.cuts)))
        left = self.shown
        for cut in channel.cuts:
            left = self.values.after(left, [cut])
            if left.rows.index is None:
                passed += left.mask
            else:
                passed[left.index] += 1
        return np.asarray(passed[self.shown.mask], dtype=np.int64)

    def _passes(self, channel: BoundChannel) -> np.ndarray:
        """Which cuts each event shown passes, shape (cut, event)."""
        rows, mask = self.shown.rows, self.shown.mask
        return np.stack([self.values.cut(cut, rows)[0][mask] for cut in channel.cuts])

    def _cutflow(self, channel: BoundChannel, passed: np.ndarray) -> Cutflow:
        passes = self._passes(channel) if self.full else None
        return Cutflow(
            channel=channel.name,
            cuts=tuple(CutLabel(c.name, c.words, c.reason, c.reference) for c in channel.cuts),
            boxes=channel.blind,
            blind=self.blind,
            mode=self.mode,
            runs={
                run: self._tallies(channel, passes, passed, index)
                for run, index in _by_run(self.ids[:, 0])
            },
            ids=self.ids[passed == len(channel.cuts)],
        )

    def _tallies(
        self, channel: BoundChannel, passes: np.ndarray | None, passed: np.ndarray, index: Any
    ) -> dict[str, Tally]:
        cuts = len(channel.cuts)
        passed = passed[index]
        weights = None if self.weights is None else self.weights[index]
        chain = Tally.fill(passed, cuts + 1, weights).from_last()
        tallies = {"events": chain[:1], "sequential": chain[1:]}
        if passes is None:
            return tallies
        passes = passes[:, index]
        tallies["alone"] = Tally.passing(passes, weights)
        tallies["all_but_this"] = _all_but_this(passes, passed, weights)
        boxed = sorted(set().union(*channel.blind))
        tallies["all_but_this_open"] = tallies["all_but_this"]
        if boxed:
            opened = passes.copy()
            opened[boxed] = True
            open_counts = _all_but_this(opened, _cuts_passed(opened), weights)
            # for a cut of the box itself this number has no meaning and is not shown
            keep = np.array([int(i not in boxed) for i in range(cuts)])
            tallies["all_but_this_open"] = open_counts.each(lambda array: array * keep)
        rows, mask = self.shown.rows, self.shown.mask
        nothing = np.zeros(rows.size, dtype=bool)
        missing = [self.values.cut(cut, rows)[1] for cut in channel.cuts]
        applied = [self.values.applied(cut, rows) for cut in channel.cuts]
        for kind, masks in (
            ("nan", [nothing if m is None else m for m in missing]),
            ("not_applied", [nothing if a is None else ~a for a in applied]),
        ):
            tallies[kind] = Tally.passing(np.stack([m[mask][index] for m in masks]), weights)
        return tallies

    # ------------------------------------------------------ histograms, regions

    def _histogram(
        self, bound: BoundHistogram, cutflow: Cutflow, passed: np.ndarray
    ) -> histograms.Histogram:
        cuts_at = dict(zip(bound.places, bound.passed, strict=True))
        hidden = tuple(p for p in bound.places if cutflow.holds_box(cuts_at[p]))
        places = tuple(p for p in bound.places if p not in hidden)
        made = histograms.empty(
            bound.name,
            bound.channel,
            tuple(histograms.Binning(a.label, a.edges, a.bins) for a in bound.axes),
            places,
            hidden,
            self._boxes(bound, places),
            lines=bound.lines,
            weighted=self.weights is not None,
        )
        channel = next(c for c in self.selection.channels if c.name == bound.channel)
        chain = {
            p: len(cuts_at[p]) for p in places if max(cuts_at[p], default=-1) < len(cuts_at[p])
        }
        if chain:
            left = self._passing(self.shown, channel.cuts[: min(chain.values())])
            made = self._filled(bound, made, left, passed, chain)
        for place in places:
            if place not in chain:
                cuts = [channel.cuts[i] for i in sorted(cuts_at[place])]
                left = self._passing(self.shown, cuts)
                made = self._filled(bound, made, left, np.zeros_like(passed), {place: 0})
        return made

    def _filled(
        self,
        bound: BoundHistogram,
        made: histograms.Histogram,
        left: Left,
        passed: np.ndarray,
        depths: Mapping[str, int],
    ) -> histograms.Histogram:
        """Fill some places with events that are left, each with those that pass so many cuts."""
        what = f"histogram '{bound.name}'"
        inside = self._among_shown(left)
        return histograms.fill(
            made,
            [self.values.numbers(axis.node, what, left) for axis in bound.axes],
            passed[inside],
            depths,
            None if self.weights is None else self.weights[inside],
        )

    def _boxes(
        self, bound: BoundHistogram, places: Iterable[str]
    ) -> tuple[tuple[histograms.Box, ...], ...]:
        """Blind boxes on the axes of a histogram, for each place that is shown."""
        if not self.blind:
            return ()
        at = dict(zip(bound.places, bound.boxes, strict=True))
        return tuple(tuple((box.intervals, box.whole) for box in at[p]) for p in places)

    def _region(self, bound: BoundRegion) -> Region:
        what = f"region '{bound.name}'"
        left = self._passing(self.shown, bound.cuts)
        if bound.where is not None:
            true = self.values.condition(bound.where, what, left.rows)[0]
            left = Left(left.rows, left.mask & true)
        kept = {text: self.values.numbers(node, what, left) for text, node in bound.keep.items()}
        inside = self._among_shown(left)
        tally = Tally.fill((~inside).astype(np.int64), 1, self.weights)
        return Region(bound.name, tally, self.ids[inside], kept)


def _cuts_passed(passes: np.ndarray) -> np.ndarray:
    """How many cuts each event passes before the first that it fails; shape (event,)."""
    first_failed = np.argmin(passes, axis=0)
    return np.where(passes.all(axis=0), len(passes), first_failed)


def _all_but_this(passes: np.ndarray, left: np.ndarray, weights: Weights | None) -> Tally:
    """Events that pass all cuts but the one: those that pass all, or fail that one alone."""
    cuts = len(passes)
    failures = cuts - np.count_nonzero(passes, axis=0)
    # where one cut fails, it is the first that does
    key = np.where(failures == 0, cuts, np.where(failures == 1, left, cuts + 1))
    tally = Tally.fill(key, cuts + 1, weights)
    return tally[:cuts] + tally[[cuts] * cuts]


def _by_run(run: np.ndarray) -> Iterable[tuple[int | None, Any]]:
    one = len(run) and run[0] == run[-1] and (run == run[0]).all()
    for number in run[:1].tolist() if one else np.unique(run).tolist():
        index = slice(None) if one else np.flatnonzero(run == number)
        yield (None if number == UNKNOWN else number), index
