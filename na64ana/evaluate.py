"""The heart: ``evaluate(columns, selection) -> Record``. Pure; nothing else counts events."""

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
from na64ana.expressions import Kind, Node, Type, Value
from na64ana.expressions import evaluate as evaluate_node
from na64ana.expressions.kinds import of_kind
from na64ana.layouts import IDENTITY
from na64ana.selection import BoundChannel, BoundCut, BoundHistogram, BoundSelection
from na64ana.selection.bind import BoundRegion

__all__ = ["UNKNOWN", "evaluate"]

#: stands for an unknown run, spill or event number
UNKNOWN = -1


def evaluate(
    columns: Mapping[str, Any],
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
    columns : mapping of str to array
        Arrays by logical name, the event first: shape (event,), (event, plane, ix, iy) and so
        on as in the layout, or a jagged awkward array; energies, times and so on in the units
        of the layout. At least the columns in ``selection.columns``.
    selection : BoundSelection
        From `Selection.bind`.
    blind : bool
        Take the events of blind regions out before anything is counted.
    counts : str
        ``full``, or ``sequential`` for that kind of count alone.
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
    if selection.prescale is None or (not blind and (unblinded is None or with_open_sample)):
        return make(columns, blind, unblinded, inputs)
    opened = sample_number(_identities(columns), selection.prescale) == 0
    name = open_sample(selection.prescale)
    if not blind:
        rest = {column: array[~opened] for column, array in columns.items()}
        gone = {name: int(np.count_nonzero(opened))} if opened.any() else {}
        inputs = tuple(replace(f, left_out=summed(f.left_out, gone)) for f in inputs[:1])
        return make(rest, blind, unblinded, inputs)
    sample = {column: array[opened] for column, array in columns.items()}
    return replace(
        make(columns, blind, unblinded, inputs, opened),
        open_sample=replace(make(sample, False, name, ()), sample=name),
    )


def _record(
    columns: Mapping[str, Any],
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
        evaluation = _Evaluation(columns, selection, blind, counts, weight)
        return evaluation.record(unblinded, inputs, opened)


def _identities(columns: Mapping[str, Any]) -> np.ndarray:
    """(run, spill, event) of every event, shape (event, 3); -1 where unknown."""
    size = _size(columns)
    unknown = np.full(size, UNKNOWN, dtype=np.int64)
    return np.stack(
        [np.asarray(columns.get(name, unknown), dtype=np.int64) for name in IDENTITY], axis=1
    )


class _Evaluation:
    """One chunk: every observable and cut is evaluated once, when first needed."""

    def __init__(
        self,
        columns: Mapping[str, Any],
        selection: BoundSelection,
        blind: bool,
        counts: str,
        sample_weight: float,
    ) -> None:
        self.columns = columns
        self.selection = selection
        self.full = counts == "full"
        self.mode = counts
        self.size = _size(columns)
        self.values: dict[str, Value] = {}
        self.passed: dict[int, tuple[np.ndarray, np.ndarray | None]] = {}
        main = selection.channels[0]
        self.blind = blind and bool(main.blind)
        self.shown = self._outside_boxes(main) if self.blind else slice(None)
        self.every_id = np.stack([self._identity(name) for name in IDENTITY], axis=1)
        self.ids = self.every_id[self.shown]
        self.weights = self._weights(sample_weight)

    def record(
        self, unblinded: str | None, inputs: tuple[InputFile, ...], opened: np.ndarray | None
    ) -> Record:
        """Count; events that are ``opened`` elsewhere are noted by spill as those shown are."""
        channels: dict[str, Cutflow] = {}
        passes: dict[str, np.ndarray] = {}
        for channel in self.selection.channels:
            channels[channel.name], passes[channel.name] = self._cutflow(channel)
        booked = {
            h.name: self._histogram(h, channels[h.channel], passes[h.channel])
            for h in self.selection.histograms
        }
        regions = {region.name: self._region(region) for region in self.selection.regions}
        if len(inputs) == 1:
            ids = self.ids
            if opened is not None and self.blind:
                ids = self.every_id[self.shown | opened]
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

    # ------------------------------------------------------------------ values

    def _lookup(self, name: str) -> Value:
        if name not in self.values:
            node = self.selection.observables.get(name)
            if node is not None:
                self.values[name] = self._evaluate(node, f"observable '{name}'")
            elif name in self.columns:
                array = _declared(name, self.columns[name], self.selection.types[name], self.size)
                self.values[name] = Value(array)
            else:
                needs = self.selection.columns.get(name, "the selection")
                msg = f"{needs} needs column '{name}', which is not among those given"
                raise InputError(msg)
        return self.values[name]

    def _evaluate(self, node: Node, what: str) -> Value:
        try:
            return evaluate_node(node, self._lookup)
        except InputError as error:
            msg = f"{what}: {error}"
            raise InputError(msg) from None

    def _numbers(self, node: Node, what: str) -> np.ndarray:
        """One number per shown event, as double."""
        data = np.asarray(self._evaluate(node, what).data, dtype=float)
        shown: np.ndarray = np.broadcast_to(data, (self.size,))[self.shown]
        return shown

    def _identity(self, name: str) -> np.ndarray:
        if name not in self.columns or name not in self.selection.types:
            return np.full(self.size, UNKNOWN, dtype=np.int64)
        return np.asarray(self._lookup(name).data, dtype=np.int64)

    def _weights(self, sample: float) -> np.ndarray | None:
        if self.selection.weight is None:
            return None if sample == 1 else np.full(len(self.ids), sample)
        weights = sample * self._numbers(self.selection.weight, "weight")
        bad = np.count_nonzero(~np.isfinite(weights))
        if bad:
            msg = f"weight: {bad} of {len(weights)} events have a weight that is no finite number"
            raise InputError(msg)
        return weights

    # -------------------------------------------------------------------- cuts

    def _condition(self, node: Node, what: str) -> tuple[np.ndarray, np.ndarray | None]:
        """Events for which a condition holds, and those where a number it needs is missing."""
        value = self._evaluate(node, what)
        true = np.broadcast_to(np.asarray(value.data, dtype=bool), (self.size,))
        missing = value.missing
        if missing is not None:
            missing = np.broadcast_to(missing, (self.size,))
        return (true if missing is None else true & ~missing), missing

    def _cut(self, cut: BoundCut) -> tuple[np.ndarray, np.ndarray | None]:
        """Events that pass a cut, and those that fail it because a number is missing."""
        if id(cut) not in self.passed:
            true, missing = self._condition(cut.condition, f"cut '{cut.name}'")
            applied = self._applied(cut)
            if applied is not None:
                true = true | ~applied
                missing = None if missing is None else missing & applied
            self.passed[id(cut)] = true, missing
        return self.passed[id(cut)]

    def _applied(self, cut: BoundCut) -> np.ndarray | None:
        if cut.runs is None:
            return None
        run = self._lookup("run").data
        inside: np.ndarray = (run >= cut.runs[0]) & (run <= cut.runs[1])
        return inside

    def _outside_boxes(self, main: BoundChannel) -> np.ndarray:
        inside = np.zeros(self.size, dtype=bool)
        boxes = [[main.cuts[i] for i in sorted(box)] for box in main.blind]
        for cuts in [*boxes, *self.selection.closed]:
            inside |= np.logical_and.reduce([self._cut(cut)[0] for cut in cuts])
        return ~inside

    def _cutflow(self, channel: BoundChannel) -> tuple[Cutflow, np.ndarray]:
        passes = np.stack([self._cut(cut)[0][self.shown] for cut in channel.cuts])
        left = _cuts_passed(passes)
        tallies = {
            run: self._tallies(channel, passes, left, index)
            for run, index in _by_run(self.ids[:, 0])
        }
        cutflow = Cutflow(
            channel=channel.name,
            cuts=tuple(CutLabel(c.name, c.words, c.reason, c.reference) for c in channel.cuts),
            boxes=channel.blind,
            blind=self.blind,
            mode=self.mode,
            runs=tallies,
            ids=self.ids[left == len(channel.cuts)],
        )
        return cutflow, passes

    def _tallies(
        self, channel: BoundChannel, passes: np.ndarray, left: np.ndarray, index: Any
    ) -> dict[str, Tally]:
        cuts = len(channel.cuts)
        passes, left = passes[:, index], left[index]
        weights = None if self.weights is None else self.weights[index]
        chain = Tally.fill(left, cuts + 1, weights).from_last()
        tallies = {"events": chain[:1], "sequential": chain[1:]}
        if not self.full:
            return tallies
        tallies["alone"] = Tally.passing(passes, weights)
        tallies["all_but_this"] = _all_but_this(passes, left, weights)
        boxed = sorted(set().union(*channel.blind))
        tallies["all_but_this_open"] = tallies["all_but_this"]
        if boxed:
            opened = passes.copy()
            opened[boxed] = True
            open_counts = _all_but_this(opened, _cuts_passed(opened), weights)
            # for a cut of the box itself this number has no meaning and is not shown
            keep = np.array([int(i not in boxed) for i in range(cuts)])
            tallies["all_but_this_open"] = open_counts.each(lambda array: array * keep)
        nothing = np.zeros(self.size, dtype=bool)
        missing = [self._cut(cut)[1] for cut in channel.cuts]
        applied = [self._applied(cut) for cut in channel.cuts]
        for kind, masks in (
            ("nan", [nothing if m is None else m for m in missing]),
            ("not_applied", [nothing if a is None else ~a for a in applied]),
        ):
            rows = np.stack([mask[self.shown][index] for mask in masks])
            tallies[kind] = Tally.passing(rows, weights)
        return tallies

    # ------------------------------------------------------ histograms, regions

    def _histogram(
        self, bound: BoundHistogram, cutflow: Cutflow, passes: np.ndarray
    ) -> histograms.Histogram:
        passed = dict(zip(bound.places, bound.passed, strict=True))
        hidden = tuple(p for p in bound.places if cutflow.holds_box(passed[p]))
        places = tuple(p for p in bound.places if p not in hidden)
        axes = tuple(histograms.Binning(a.label, a.edges, a.bins) for a in bound.axes)
        made = histograms.empty(
            bound.name,
            bound.channel,
            axes,
            places,
            hidden,
            self._boxes(bound, places),
            lines=bound.lines,
            weighted=self.weights is not None,
        )
        if not places:
            return made
        what = f"histogram '{bound.name}'"
        values = [self._numbers(axis.node, what) for axis in bound.axes]
        return histograms.fill(made, values, _stages(passes, passed, places), self.weights)

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
        conditions = [self._cut(cut)[0] for cut in bound.cuts]
        if bound.where is not None:
            conditions.append(self._condition(bound.where, what)[0])
        inside = np.logical_and.reduce(conditions)[self.shown]
        kept = {text: self._numbers(node, what)[inside] for text, node in bound.keep.items()}
        tally = Tally.fill((~inside).astype(np.int64), 1, self.weights)
        return Region(bound.name, tally, self.ids[inside], kept)


def _size(columns: Mapping[str, Any]) -> int:
    sizes = {name: len(array) for name, array in columns.items()}
    if len(set(sizes.values())) != 1:
        msg = (
            "columns differ in their number of events: "
            + ", ".join(f"{name} {size}" for name, size in sizes.items())
            if sizes
            else "no columns were given"
        )
        raise InputError(msg)
    return next(iter(sizes.values()))


def _declared(name: str, array: Any, type_: Type, size: int) -> Any:
    """Bring a column to its declared kind, event last."""
    try:
        if type_.jagged:
            return _jagged(array, type_.kind)
        numbers = of_kind(np.asarray(array), type_.kind)
    except ValueError as error:
        msg = f"column '{name}' {error}"
        raise InputError(msg) from None
    shape = (size, *(axis.size for axis in type_.axes))
    if numbers.shape != shape:
        msg = f"column '{name}' has shape {numbers.shape}; the layout says {shape}"
        raise InputError(msg)
    return np.moveaxis(numbers, 0, -1)


def _jagged(array: Any, kind: Kind) -> Any:
    import awkward as ak

    lists = ak.Array(array)
    flat = of_kind(np.asarray(ak.flatten(lists, axis=1)), kind)
    return ak.unflatten(flat, np.asarray(ak.num(lists, axis=1)))


def _cuts_passed(passes: np.ndarray) -> np.ndarray:
    """How many cuts each event passes before the first that it fails; shape (event,)."""
    first_failed = np.argmin(passes, axis=0)
    return np.where(passes.all(axis=0), len(passes), first_failed)


def _stages(
    passes: np.ndarray, passed: Mapping[str, frozenset[int]], places: Iterable[str]
) -> list[histograms.Stage]:
    """How many cuts each event passes, and how many it must to be counted at each place."""
    left = _cuts_passed(passes)
    stages = []
    for place in places:
        cuts = sorted(passed[place])
        if cuts == list(range(len(cuts))):
            stages.append(histograms.Stage(left, len(cuts)))
        else:
            inside = np.logical_and.reduce(passes[cuts])
            stages.append(histograms.Stage(inside.astype(np.int64), 1))
    return stages


def _all_but_this(passes: np.ndarray, left: np.ndarray, weights: np.ndarray | None) -> Tally:
    """Events that pass all cuts but the one: those that pass all, or fail that one alone."""
    cuts = len(passes)
    failures = cuts - np.count_nonzero(passes, axis=0)
    # where one cut fails, it is the first that does
    key = np.where(failures == 0, cuts, np.where(failures == 1, left, cuts + 1))
    tally = Tally.fill(key, cuts + 1, weights)
    return tally[:cuts] + tally[[cuts] * cuts]


def _by_run(run: np.ndarray) -> Iterable[tuple[int | None, Any]]:
    numbers = np.unique(run)
    for number in numbers.tolist():
        index = slice(None) if len(numbers) == 1 else np.flatnonzero(run == number)
        yield (None if number == UNKNOWN else number), index
