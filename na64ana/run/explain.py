"""How a file would be read: which columns in which order, for which events, and how many bytes.

With ``counts="sequential"`` a cut is evaluated for the events that pass the cuts before it, and a
basket, page or row group with no such event is not decoded. What is asked of all events is read in
full: numbers of run, spill and event, the first cut of each chain, weights, and what histograms
and regions ask before any cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from na64ana.events import EventFile, constant, plan_file
from na64ana.events.decompress import zlib_library
from na64ana.events.files import BranchSize
from na64ana.expressions import Node
from na64ana.expressions.tree import columns_of
from na64ana.layouts import IDENTITY, Layout
from na64ana.run.count import CHUNK_SIZE
from na64ana.selection import BoundCut, BoundHistogram, BoundSelection

__all__ = ["BranchRead", "ReadingPlan", "Step", "reading_plan"]


@dataclass(frozen=True)
class BranchRead:
    """A branch that a step is the first to need.

    Attributes
    ----------
    column, branch : str
    size : BranchSize
    everywhere : bool
        Whether it is read for all events, by this step or by a later one; else only where events
        are left.
    """

    column: str
    branch: str
    size: BranchSize
    everywhere: bool


@dataclass(frozen=True)
class Step:
    """One thing that is evaluated, in the order in which that happens.

    Attributes
    ----------
    what : str
        ``event numbers``, ``cut``, ``blind region``, ``weight``, ``histogram`` or ``region``.
    name : str
        Name of the cut, histogram or region; empty for the others.
    channel : str
        Of a cut; else empty.
    branches : tuple of BranchRead
        Those that no step before it needs.
    """

    what: str
    name: str
    channel: str
    branches: tuple[BranchRead, ...]


@dataclass(frozen=True)
class ReadingPlan:
    """How one file would be read.

    Attributes
    ----------
    path, tree, format, layout : str
    entries : int
    blind : bool
        Whether the events of blind regions are taken out first.
    steps : tuple of Step
    ranges : tuple of (start, stop)
        Entries that are handed out together, to one worker or another.
    clusters : int
        In how many parts the entries lie between which all of these branches are cut.
    chunk_size : int
        Events evaluated together.
    inflater : str
        What decompresses zlib data here.
    """

    path: str
    tree: str
    format: str
    layout: str
    entries: int
    blind: bool
    steps: tuple[Step, ...]
    ranges: tuple[tuple[int, int], ...]
    clusters: int
    chunk_size: int
    inflater: str

    @property
    def branches(self) -> tuple[BranchRead, ...]:
        """All branches, each once, in the order in which they are first needed."""
        return tuple(branch for step in self.steps for branch in step.branches)


class _Need(NamedTuple):
    """What a step reads: columns for all events, and columns where events are left."""

    what: str
    name: str
    channel: str
    everywhere: tuple[str, ...]
    left: tuple[str, ...]


def reading_plan(selection: BoundSelection, layout: Layout, file: EventFile) -> ReadingPlan:
    """Say how a file would be read.

    Parameters
    ----------
    selection : BoundSelection
    layout : Layout
        The one that it was bound to.
    file : EventFile

    Raises
    ------
    InputError
        The file lacks a tree or branch, or cannot be read.
    """
    plan = plan_file(file, layout, selection.columns)
    tree = file.trees[plan.file.tree]
    blind = plan.file.kind != "simulation" and bool(selection.channels[0].blind)
    steps = _steps(list(_needs(selection, plan.columns, blind=blind)), layout, file, tree.name)
    branches = [read.branch for step in steps for read in step.branches]
    return ReadingPlan(
        path=file.path,
        tree=tree.name,
        format=tree.format,
        layout=layout.name,
        entries=tree.entries,
        blind=blind,
        steps=steps,
        ranges=plan.ranges,
        clusters=len(file.clusters(tree.name, branches)) - 1,
        chunk_size=CHUNK_SIZE,
        inflater=zlib_library(),
    )


def _steps(needs: Iterable[_Need], layout: Layout, file: EventFile, tree: str) -> tuple[Step, ...]:
    """Note each branch at the step that is the first to need it."""
    needs = list(needs)
    everywhere = {name for need in needs for name in need.everywhere}
    known: set[str] = set()
    steps = []
    for need in needs:
        found = []
        for column in (*need.everywhere, *need.left):
            source = layout.columns[column]
            for written in source.branches if constant(file, tree, source) is None else ():
                branch = file.find(tree, written) or written
                if branch not in known:
                    known.add(branch)
                    size = file.branch_size(tree, branch)
                    found.append(BranchRead(column, branch, size, column in everywhere))
        steps.append(Step(need.what, need.name, need.channel, tuple(found)))
    return tuple(steps)


def _needs(selection: BoundSelection, there: Iterable[str], *, blind: bool) -> Iterator[_Need]:
    """Yield what is read, in the order in which a chunk is evaluated in sequence."""
    held = set(there)
    yield _Need("event numbers", "", "", tuple(name for name in IDENTITY if name in held), ())
    main = selection.channels[0]
    if blind:
        boxes = [tuple(main.cuts[i] for i in sorted(box)) for box in main.blind]
        for cuts in (*boxes, *selection.closed):
            yield from _chain(selection, "blind region", "", cuts)
    if selection.weight is not None:
        yield _Need("weight", "", "", _read(selection, [selection.weight]), ())
    seen: set[int] = set()
    for channel in selection.channels:
        steps = _chain(selection, "cut", channel.name, channel.cuts)
        for cut, need in zip(channel.cuts, steps, strict=True):
            if id(cut) not in seen:  # a channel shares its first cuts with the main chain
                yield need
        seen |= {id(cut) for cut in channel.cuts}
    for histogram in selection.histograms:
        yield _histogram(selection, histogram, blind=blind)
    for region in selection.regions:
        nodes = [*([] if region.where is None else [region.where]), *region.keep.values()]
        yield _after(selection, "region", region.name, region.cuts, nodes)


def _chain(
    selection: BoundSelection, what: str, channel: str, cuts: Sequence[BoundCut]
) -> Iterator[_Need]:
    """Yield cuts, each for what those before it leave: the first for all events."""
    for number, cut in enumerate(cuts):
        columns = _read_by(selection, cut)
        yield _Need(what, cut.name, channel, *((), columns) if number else (columns, ()))


def _after(
    selection: BoundSelection, what: str, name: str, cuts: Sequence[BoundCut], nodes: Iterable[Node]
) -> _Need:
    """Return what some cuts read and, of the events that they leave, some trees."""
    columns = _read(selection, nodes)
    if not cuts:
        return _Need(what, name, "", columns, ())
    first, *others = (_read_by(selection, cut) for cut in cuts)
    return _Need(what, name, "", first, (*(c for found in others for c in found), *columns))


def _histogram(selection: BoundSelection, histogram: BoundHistogram, *, blind: bool) -> _Need:
    """Return what a histogram reads at all of its places."""
    channel = next(c for c in selection.channels if c.name == histogram.channel)
    nodes = [axis.node for axis in histogram.axes]
    everywhere: list[str] = []
    left: list[str] = []
    for passed in histogram.passed:
        if blind and any(box <= passed for box in channel.blind):
            continue  # hidden
        cuts = [channel.cuts[i] for i in sorted(passed)]
        need = _after(selection, "histogram", histogram.name, cuts, nodes)
        everywhere += need.everywhere
        left += need.left
    return _Need("histogram", histogram.name, "", tuple(everywhere), tuple(left))


def _read_by(selection: BoundSelection, cut: BoundCut) -> tuple[str, ...]:
    return (*_read(selection, [cut.condition]), *(() if cut.runs is None else ("run",)))


def _read(selection: BoundSelection, nodes: Iterable[Node]) -> tuple[str, ...]:
    """Return the columns that some trees read, through the observables, each once."""
    found: dict[str, None] = {}
    for node in nodes:
        for name in columns_of(node):
            observable = selection.observables.get(name)
            names = (name,) if observable is None else _read(selection, [observable])
            found |= dict.fromkeys(names)
    return tuple(found)
