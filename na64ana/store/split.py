"""A selection in two: what is computed from the cells of an event, and what compares the results.

The first is worth keeping: a few numbers of each event. The second reads nothing else, so that
another threshold, region or histogram, or another order of the cuts, needs no ntuple.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from na64ana.expressions import Kind, Node, Type
from na64ana.expressions.tree import Column, Literal, children, with_children
from na64ana.layouts import IDENTITY
from na64ana.selection import BoundCut, BoundSelection

__all__ = ["FLAG", "MOST_NUMBERS", "Kept", "Split", "split"]

#: an array of more numbers in an event is one of cells, and is not kept
MOST_NUMBERS = 16
#: ends the name of a column that says where a number is missing
FLAG = ".missing"


@dataclass(frozen=True)
class Kept:
    """One result that is kept of each event.

    Attributes
    ----------
    key : str
        Hash of its expression, in which observables stand with theirs.
    node : Node
        The expression; its names are those of the selection.
    type : Type
        As it is stored: a number, a whole number or a condition, and its axes.
    """

    key: str
    node: Node
    type: Type

    @property
    def shape(self) -> tuple[int, ...]:
        """Numbers in an event, by axis."""
        return tuple(axis.size or 0 for axis in self.type.axes)

    @property
    def size(self) -> int:
        """Numbers in an event."""
        return math.prod(self.shape)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the store that hold it, one for each number."""
        return tuple(f"{self.key}.{i}" for i in range(self.size))

    @property
    def flag(self) -> str:
        """Column that says for which events a number on the way is missing; often there is none."""
        return f"{self.key}{FLAG}"


@dataclass(frozen=True)
class Split:
    """The two parts of a selection.

    Attributes
    ----------
    kept : dict of str to Kept
        What is kept of each event, by the name of the column that it is in the second part.
    rest : BoundSelection
        The selection, reading these columns only.
    """

    kept: Mapping[str, Kept]
    rest: BoundSelection


def split(selection: BoundSelection) -> Split:
    """Split a selection."""
    return _Splitter(selection).split()


class _Splitter:
    def __init__(self, selection: BoundSelection) -> None:
        self.selection = selection
        self.observables = selection.observables
        self.kept: dict[str, Kept] = {}
        self.rest: dict[str, Node] = {}
        self.keys: dict[str, str] = {}

    def split(self) -> Split:
        selection = self.selection
        for name in IDENTITY:
            if name in selection.types:
                self._keep(name, Column(selection.types[name], name))
        cuts: dict[int, BoundCut] = {}

        def cut(old: BoundCut) -> BoundCut:  # one that channels share stays one
            if id(old) not in cuts:
                cuts[id(old)] = replace(old, condition=self._reduced(old.condition))
            return cuts[id(old)]

        rest = replace(
            selection,
            channels=tuple(
                replace(channel, cuts=tuple(map(cut, channel.cuts)))
                for channel in selection.channels
            ),
            regions=tuple(
                replace(
                    region,
                    cuts=tuple(map(cut, region.cuts)),
                    where=None if region.where is None else self._reduced(region.where),
                    keep={text: self._reduced(node) for text, node in region.keep.items()},
                )
                for region in selection.regions
            ),
            histograms=tuple(
                replace(
                    item,
                    axes=tuple(replace(axis, node=self._reduced(axis.node)) for axis in item.axes),
                )
                for item in selection.histograms
            ),
            closed=tuple(tuple(map(cut, box)) for box in selection.closed),
            weight=None if selection.weight is None else self._reduced(selection.weight),
        )
        rest = replace(
            rest,
            observables=self.rest,
            columns={name: selection.columns.get(name, "the selection") for name in self.kept},
            types={**selection.types, **{name: kept.type for name, kept in self.kept.items()}},
        )
        return Split(self.kept, rest)

    def _reduced(self, node: Node) -> Node:
        """Return a tree that reads what is kept; for the tree of a value per event."""
        reduced = self._from_kept(node)
        return self._cut_off(node) if reduced is None else reduced

    def _from_kept(self, node: Node) -> Node | None:
        """Return a tree that reads what is kept; None if that would be cells."""
        if isinstance(node, Literal):
            return node
        if isinstance(node, Column):
            return self._column(node)
        below = {id(child): self._from_kept(child) for child in children(node)}
        if all(tree is not None for tree in below.values()):
            return with_children(node, lambda child: below[id(child)] or child)
        return self._cut_off(node) if _is_small(node.type) else None

    def _column(self, node: Column) -> Node | None:
        """A column, or an observable: kept as it is, or one that compares what is kept."""
        name = node.name
        if name in self.kept or name in self.rest:
            return node
        if name in self.observables and node.type.kind is Kind.BOOL:
            reduced = self._from_kept(self.observables[name])
            if reduced is not None:
                self.rest[name] = reduced
                return node
        if not _is_small(node.type):
            return None
        if name in IDENTITY and name in self.observables:
            return self._cut_off(node)  # in the second part it must not name the event
        self._keep(name, node)
        return node

    def _cut_off(self, node: Node) -> Node:
        key = self._key(node)
        name = f"expression {key}"
        self._keep(name, node)
        return Column(node.type, name)

    def _keep(self, name: str, node: Node) -> None:
        if name in self.kept:
            return
        kinds = {Kind.NUMBER: Kind.NUMBER, Kind.BOOL: Kind.BOOL}
        type_ = Type(kinds.get(node.type.kind, Kind.INTEGER), node.type.unit, node.type.axes)
        self.kept[name] = Kept(self._key(node), node, type_)

    def _key(self, node: Node) -> str:
        """Hash of a tree, in which an observable stands with its expression."""
        if isinstance(node, Column) and node.name in self.observables:
            if node.name not in self.keys:
                self.keys[node.name] = self._key(self.observables[node.name])
            return self.keys[node.name]
        values = [getattr(node, field.name) for field in fields(node)]
        own = [value for value in values if not _holds_nodes(value)]
        parts = [type(node).__name__, repr(own), *(self._key(child) for child in children(node))]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _holds_nodes(value: object) -> bool:
    return isinstance(value, Node) or (
        isinstance(value, tuple) and any(isinstance(item, Node) for item in value)
    )


def _is_small(type_: Type) -> bool:
    return not type_.jagged and _size(type_) <= MOST_NUMBERS


def _size(type_: Type) -> int:
    return math.prod(axis.size or 0 for axis in type_.axes)
