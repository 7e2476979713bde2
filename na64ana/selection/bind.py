"""A selection bound to a layout: every expression checked, every literal in its unit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NoReturn

from na64ana.errors import Na64Error, SelectionError, printable
from na64ana.expressions import Constant, Interval, Kind, Node, Type, check, parse
from na64ana.expressions.tree import Lookup, Scale, between, columns_of, levels
from na64ana.layouts import IDENTITY, Layout
from na64ana.selection.form import Where, cut_words, cuts_at, histogram_places
from na64ana.selection.model import (
    AxisSpec,
    BlindSpec,
    CutSpec,
    HistogramSpec,
    LookupSpec,
    RegionSpec,
    SelectionSpec,
)
from na64ana.selection.projection import BoxProjection, box_projections, cut_lines
from na64ana.units import DIMENSIONLESS, parse_quantity

__all__ = [
    "BoundAxis",
    "BoundChannel",
    "BoundCut",
    "BoundHistogram",
    "BoundRegion",
    "BoundSelection",
    "bind",
]

#: levels of a tree, those of the observables in it included: evaluation walks them by recursion
MAX_LEVELS = 150


@dataclass(frozen=True)
class BoundCut:
    """One cut: its condition (True for events that pass) and the runs it holds for."""

    name: str
    condition: Node
    runs: tuple[int, int] | None
    words: str
    reason: str
    reference: str


@dataclass(frozen=True)
class BoundChannel:
    """A whole chain of cuts, the shared ones included; ``blind`` are sets of cut positions."""

    name: str
    cuts: tuple[BoundCut, ...]
    blind: tuple[frozenset[int], ...]


@dataclass(frozen=True)
class BoundRegion:
    """A region to be counted: the cuts (of the main chain) and the condition that hold in it."""

    name: str
    cuts: tuple[BoundCut, ...]
    where: Node | None
    keep: Mapping[str, Node]


@dataclass(frozen=True)
class BoundAxis:
    """An axis of a histogram, edges in the unit of its values."""

    node: Node
    label: str
    edges: tuple[float, ...]
    bins: int | None


@dataclass(frozen=True)
class BoundHistogram:
    """A histogram, and the places of the chain where it is filled.

    Attributes
    ----------
    passed : tuple of frozenset of int
        For each place, the positions of the cuts that are passed there.
    boxes : tuple of tuple of BoxProjection
        For each place, the boxes that are blind there.
    lines : dict of str to tuple of Interval
        For each cut that asks something of an axis, the values of each axis that pass.
    """

    name: str
    channel: str
    axes: tuple[BoundAxis, ...]
    places: tuple[str, ...]
    passed: tuple[frozenset[int], ...]
    boxes: tuple[tuple[BoxProjection, ...], ...]
    lines: Mapping[str, tuple[Interval, ...]]


@dataclass(frozen=True)
class BoundSelection:
    """All that `evaluate` needs: checked trees and the columns they read.

    Attributes
    ----------
    observables : dict of str to Node
        Evaluated once per chunk, when first needed.
    closed : tuple of tuple of BoundCut
        Further boxes that are blind: inherited ones, before a cut of theirs was changed.
    prescale : int or None
        Of data, one event in so many is open in a sample of its own.
    columns : dict of str to str
        Logical columns that are needed, each with the first thing that needs it, in words.
    types : dict of str to Type
        Type of every column of the layout.
    """

    name: str
    sha256: str
    layout: str
    observables: Mapping[str, Node]
    channels: tuple[BoundChannel, ...]
    regions: tuple[BoundRegion, ...]
    histograms: tuple[BoundHistogram, ...]
    closed: tuple[tuple[BoundCut, ...], ...]
    weight: Node | None
    prescale: int | None
    columns: Mapping[str, str]
    types: Mapping[str, Type]


def bind(
    spec: SelectionSpec,
    closed: Iterable[Iterable[CutSpec]],
    sha256: str,
    layout: Layout,
    where: Where,
) -> BoundSelection:
    """Check a selection against the columns of a layout.

    Raises
    ------
    SelectionError
        With file, line, item and culprit.
    """
    return _Binder(spec, layout, where).bind(sha256, closed)


class _Binder:
    def __init__(self, spec: SelectionSpec, layout: Layout, where: Where) -> None:
        self.spec = spec
        self.layout = layout
        self.where = where
        self.columns = layout.types()
        self.known = [*self.columns, *spec.observables]
        self.bound: dict[str, Node | Constant] = {}
        self.under_way: list[str] = []
        self.needs: dict[str, str] = {}
        self.noted: set[str] = set()
        self.levels: dict[str, int] = {}

    def bind(self, sha256: str, closed: Iterable[Iterable[CutSpec]]) -> BoundSelection:
        for name in self.spec.observables:
            if name in self.columns:
                self._refuse(
                    f"{self.where('observables', name)}: observable '{name}'",
                    f"this is a column of layout {self.layout.name}; take another name",
                )
        trunk = [self._cut(cut, self.where("cuts", cut.name)) for cut in self.spec.cuts]
        channels = [self._channel("main", trunk)]
        for name, channel in self.spec.channels.items():
            shared = [c.name for c in trunk].index(channel.after) + 1
            own = [self._cut(c, self.where("channels", name, c.name)) for c in channel.cuts]
            channels.append(self._channel(name, trunk[:shared] + own))
        weight = self._weight()
        regions = tuple(
            self._region(name, region, channels[0])
            for name, region in self.spec.regions.items()
            if not region.blind
        )
        boxes = tuple(
            tuple(self._cut(cut, self.where("cuts", cut.name)) for cut in box) for box in closed
        )
        blind = [*([trunk[i] for i in sorted(box)] for box in channels[0].blind), *boxes]
        chains = {channel.name: channel for channel in channels}
        histograms = tuple(
            self._histogram(name, item, chains[item.channel], blind)
            for name, item in self.spec.histograms.items()
        )
        for name in self.spec.observables:  # an unused one must make sense too
            self._observable(name)
        observables = {name: node for name, node in self.bound.items() if isinstance(node, Node)}
        return BoundSelection(
            self.spec.name,
            sha256,
            self.layout.name,
            observables,
            tuple(channels),
            regions,
            histograms,
            boxes,
            weight,
            self._prescale(),
            self.needs,
            self.columns,
        )

    def _prescale(self) -> int | None:
        """One event in how many is open; its identity decides, so that must be known."""
        for name, region in self.spec.regions.items():
            if isinstance(region.blind, BlindSpec):
                missing = [column for column in IDENTITY if column not in self.columns]
                if missing:
                    self._refuse(
                        f"{self.where('regions', name)}: region '{printable(name)}'",
                        f"prescale needs {', '.join(IDENTITY)} of every event; layout "
                        f"{self.layout.name} has no {missing[0]}",
                    )
                return region.blind.prescale
        return None

    # ------------------------------------------------------------- expressions

    def _refuse(self, where: str, message: str | Na64Error) -> NoReturn:
        raise SelectionError(f"{where}: {message}") from None

    def _tree(self, text: str, where: str) -> Node | Constant:
        try:
            source = f"layout {self.layout.name}"
            tree = check(parse(text), self._scope, self.known, source)
        except SelectionError:
            raise
        except Na64Error as error:
            raise SelectionError(f"{where}: {error}") from None
        except RecursionError:
            self._too_deep(where)
        if isinstance(tree, Node) and levels(tree, self.levels) > MAX_LEVELS:
            self._too_deep(where)
        return tree

    def _too_deep(self, where: str) -> NoReturn:
        self._refuse(where, f"over {MAX_LEVELS} levels deep, with the observables that it uses")

    def _scope(self, name: str) -> Type | Constant | None:
        if name in self.spec.observables:
            found = self._observable(name)
            return found if isinstance(found, Constant) else found.type
        return self.columns.get(name)

    def _observable(self, name: str) -> Node | Constant:
        if name in self.bound:
            return self.bound[name]
        where = f"{self.where('observables', name)}: observable '{name}'"
        if name in self.under_way:
            circle = " -> ".join([*self.under_way[self.under_way.index(name) :], name])
            self._refuse(where, f"defined by itself: {circle}")
        self.under_way.append(name)
        spec = self.spec.observables[name]
        tree = self._tree(spec, where) if isinstance(spec, str) else self._lookup(spec, where)
        self.under_way.pop()
        self.bound[name] = tree
        self.levels[name] = levels(tree, self.levels) if isinstance(tree, Node) else 0
        return tree

    def _lookup(self, spec: LookupSpec, where: str) -> Node:
        operand = self._tree(spec.lookup, where)
        if isinstance(operand, Constant) or not operand.type.numeric or operand.type.jagged:
            self._refuse(where, "lookup needs a number per event or per cell")
        if len(spec.values) != len(spec.edges) - 1:
            n, m = len(spec.values), len(spec.edges)
            self._refuse(where, f"{n} values do not fit {m} edges; one fewer than edges is needed")
        values = [v for v in (*spec.values, spec.below, spec.above) if v is not None]
        try:
            edges = tuple(parse_quantity(e).to(operand.type.unit) for e in spec.edges)
            unit = parse_quantity(values[0]).unit
            outside = [
                float("nan") if v is None else parse_quantity(v).to(unit)
                for v in (spec.below, spec.above)
            ]
            inside = tuple(parse_quantity(v).to(unit) for v in spec.values)
        except Na64Error as error:
            self._refuse(where, error)
        if any(low >= high for low, high in pairwise(edges)):
            self._refuse(where, "edges must rise")
        return Lookup(Type(unit=unit, axes=operand.type.axes), operand, edges, inside, *outside)

    def _need(self, node: Node, what: str) -> None:
        """Note the columns under a tree, through the observables."""
        for name in columns_of(node):
            if name in self.spec.observables:
                found = self.bound[name]
                if isinstance(found, Node) and name not in self.noted:
                    self.noted.add(name)
                    self._need(found, what)
            else:
                self.needs.setdefault(name, what)

    def _condition(self, text: str, where: str, what: str) -> Node:
        node = self._tree(text, where)
        if isinstance(node, Node) and node.type.kind is Kind.BITS and not node.type.axes:
            node = self._tree(f"({text}) != 0", where)
        if isinstance(node, Constant) or node.type.kind is not Kind.BOOL:
            found = "a bare number" if isinstance(node, Constant) else node.type.describe()
            self._refuse(where, f"needs a condition, not {found}\n    {printable(text)}")
        if node.type.axes:
            axes = ", ".join(map(str, node.type.axes))
            self._refuse(
                where,
                f"one condition per cell ({axes}): write any(...) or all(...)\n    "
                f"{printable(text)}",
            )
        self._need(node, what)
        return node

    def _number(self, text: str, where: str, what: str) -> Node:
        node = self._tree(text, where)
        if isinstance(node, Constant):
            node = node.in_unit_of(Type(unit=node.unit))
        if not node.type.numeric or node.type.axes:
            self._refuse(
                where,
                f"needs one number per event, not {node.type.describe()}\n    {printable(text)}",
            )
        self._need(node, what)
        return node

    # -------------------------------------------------------------------- parts

    def _cut(self, cut: CutSpec, place: str) -> BoundCut:
        what = f"cut '{cut.name}'"
        where = f"{place}: cut '{printable(cut.name)}'"
        if cut.require is not None:
            condition = self._condition(cut.require, where, what)
        else:
            node = self._number(cut.observable or "", where, what)
            strict = cut.within is None
            try:
                low, high = (
                    None if bound is None else parse_quantity(bound).to(node.type.unit)
                    for bound in ([cut.above, cut.below] if strict else cut.within or [])
                )
            except Na64Error as error:
                observable = printable(cut.observable or "")
                self._refuse(where, f"{error} (the unit of {observable})")
            condition = between(node, low, high, strict=strict)
        runs = None if cut.runs is None else (cut.runs[0], cut.runs[1])
        if runs is not None:
            self._need_run(where, what)
        return BoundCut(cut.name, condition, runs, cut_words(cut), cut.reason, cut.reference)

    def _need_run(self, where: str, what: str) -> None:
        if "run" not in self.columns:
            self._refuse(where, f"runs: layout {self.layout.name} has no column 'run'")
        self.needs.setdefault("run", what)

    def _channel(self, name: str, cuts: list[BoundCut]) -> BoundChannel:
        names = [cut.name for cut in cuts]
        # a channel can show the box only if all cuts of the box are cuts of that channel
        blind = tuple(
            frozenset(names.index(cut) for cut in region.cuts)
            for region in self.spec.regions.values()
            if region.blind and region.cuts and set(region.cuts) <= set(names)
        )
        return BoundChannel(name, tuple(cuts), blind)

    def _weight(self) -> Node | None:
        if self.spec.weight is None:
            return None
        where = f"{self.where('weight')}: weight"
        node = self._number(self.spec.weight, where, "weight")
        if node.type.unit.dimension:
            self._refuse(where, f"needs a bare number, not {node.type.describe()}")
        factor = node.type.unit.ratio(DIMENSIONLESS)  # of a ratio such as GeV/MeV
        return node if factor == 1 else Scale(Type(), node, float(factor))

    def _region(self, name: str, region: RegionSpec, main: BoundChannel) -> BoundRegion:
        where = f"{self.where('regions', name)}: region '{printable(name)}'"
        what = f"region '{name}'"
        condition = None
        if region.where is not None:  # of the events that pass all but the cuts of blind regions
            condition = self._condition(region.where, where, what)
            boxed = set().union(*main.blind)
            cuts = tuple(cut for i, cut in enumerate(main.cuts) if i not in boxed)
        else:
            cuts = tuple(cut for cut in main.cuts if cut.name in (region.cuts or []))
        keep = {text: self._number(text, where, what) for text in region.keep}
        return BoundRegion(name, cuts, condition, keep)

    def _histogram(
        self,
        name: str,
        item: HistogramSpec,
        channel: BoundChannel,
        blind: list[Sequence[BoundCut]],
    ) -> BoundHistogram:
        where = f"{self.where('histograms', name)}: histogram '{printable(name)}'"
        axes = tuple(
            self._axis(axis, where, f"histogram '{name}'")
            for axis in (item.x, item.y)
            if axis is not None
        )
        chain, names = channel.cuts, [cut.name for cut in channel.cuts]
        places = tuple(histogram_places(item, names))
        passed = tuple(cuts_at(place, names, channel.blind) for place in places)
        drawn = [axis.node for axis in axes]
        trees = {name: node for name, node in self.bound.items() if isinstance(node, Node)}
        before = ([chain[i] for i in sorted(cuts)] for cuts in passed)
        boxes = tuple(box_projections(drawn, blind, cuts, trees) for cuts in before)
        lines = cut_lines(drawn, chain, trees)
        return BoundHistogram(name, item.channel, axes, places, passed, boxes, lines)

    def _axis(self, axis: AxisSpec, where: str, what: str) -> BoundAxis:
        node = self._number(axis.observable, where, what)
        try:
            ends = [parse_quantity(v).to(node.type.unit) for v in axis.range or axis.edges or []]
        except Na64Error as error:
            self._refuse(where, f"{error} (the unit of {printable(axis.observable)})")
        unit = str(node.type.unit)
        label = axis.label or " ".join(axis.observable.split())
        return BoundAxis(node, f"{label} [{unit}]" if unit else label, tuple(ends), axis.bins)
