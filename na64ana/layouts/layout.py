"""The layout: tree, branches, shapes and units behind the logical columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from na64ana.expressions import Type

__all__ = ["ColumnSource", "Fact", "Layout"]


@dataclass(frozen=True)
class ColumnSource:
    """Where one logical column comes from.

    Attributes
    ----------
    name : str
        The logical name, such as ``ecal.energy``.
    type : Type
        Kind, unit and named axes. The flat order of the cells in the file is that of the
        axes: for (plane 2, ix 5, iy 6) the cell (p, ix, iy) is number p*30 + ix*6 + iy.
    branches : tuple of str
        Branches in the file; several are the slices along the first axis.
    value : float or None
        The value of every event, in ``type.unit``, of a column without a branch.
    absent : float or None
        The value of every event, in ``type.unit``, where a file lacks the branch; None for a
        branch that a file must have.
    """

    name: str
    type: Type
    branches: tuple[str, ...] = ()
    value: float | None = None
    note: str = ""
    absent: float | None = None


@dataclass(frozen=True)
class Fact:
    """A sourced fact of a run range, such as the central cell; for people, not for cuts."""

    name: str
    value: str
    runs: tuple[int, int] | None
    source: str


@dataclass(frozen=True)
class Layout:
    """How one kind of ntuple names its columns.

    Attributes
    ----------
    name, description, source : str
    kind : str
        ``data`` or ``simulation``: what files of this layout hold unless they say otherwise.
    tree : str
        Name of the TTree or RNTuple.
    marks : tuple of str
        Branches by which a file of this layout is recognised.
    columns : dict of str to ColumnSource
    facts : tuple of Fact
    sha256 : str
        Hash of what changes the meaning of a column.
    """

    name: str
    description: str
    source: str
    kind: str
    tree: str
    marks: tuple[str, ...]
    columns: Mapping[str, ColumnSource]
    sha256: str
    facts: tuple[Fact, ...] = field(default=())

    def types(self) -> dict[str, Type]:
        """Type of every logical column."""
        return {name: column.type for name, column in self.columns.items()}

    def __repr__(self) -> str:
        return f"<Layout {self.name}: {len(self.columns)} columns, tree {self.tree}>"

    def _repr_html_(self) -> str:
        from na64ana.report.notebook import layout

        return layout(self)
