"""What to read of a file: its layout, its kind, and ranges of entries of bounded size."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from na64ana.cutflow import InputFile
from na64ana.errors import InputError, nearest, printable
from na64ana.events.columns import constant, missing_branch
from na64ana.events.files import EventFile, file_stamp
from na64ana.layouts import IDENTITY, Layout, builtin_layouts, load_layout

__all__ = [
    "READ_BYTES",
    "UNTAGGED",
    "FilePlan",
    "absent_columns",
    "fitting_layout",
    "input_file",
    "plan_file",
    "recognise",
]

#: uncompressed bytes read at a time; peak memory is a small multiple of it
READ_BYTES = 64_000_000
#: how the kind of a file is known that says nothing of itself: it counts as data
UNTAGGED = "untagged"


@dataclass(frozen=True)
class FilePlan:
    """How to read one file.

    Attributes
    ----------
    file : InputFile
        Identity, kind and layout; nothing read yet.
    columns : tuple of str
        Logical columns to read.
    ranges : tuple of (start, stop)
        Ranges of entries, whole clusters where these are not too large.
    stamp : (size, time) or None
        Of the file when it was planned, to notice that it changes.
    size : int
        Bytes of these columns in the file, all entries together.
    stored : bool
        Whether all that is needed of it is in a store; the ranges are then those of the store.
    identity : tuple or None
        What its content is known by, as `EventFile.identity`.
    absent : tuple of str
        Columns of the layout whose branch the file may lack, and does lack.
    """

    file: InputFile
    columns: tuple[str, ...]
    ranges: tuple[tuple[int, int], ...]
    stamp: tuple[int, int] | None = None
    size: int = 0
    stored: bool = False
    identity: tuple[str | int, ...] | None = None
    absent: tuple[str, ...] = ()

    def bytes_of(self, start: int, stop: int) -> int:
        """Bytes of a range of entries in the file, by the mean of all."""
        return self.size * (stop - start) // max(1, self.file.entries)

    def part(self, start: int, stop: int) -> InputFile:
        """Return the file with these entries as read."""
        return replace(self.file, read=((start, stop),) if stop > start else ())


def recognise(file: EventFile, layouts: Iterable[Layout] | None = None) -> list[Layout]:
    """Return the layouts that fit a file, the one with most of its columns there first."""
    known = [load_layout(n) for n in builtin_layouts()] if layouts is None else list(layouts)
    fitting = []
    for layout in known:
        tree = file.find_tree(layout.tree)
        if tree and all(file.find(tree.name, mark) is not None for mark in layout.marks):
            absent = absent_columns(file, tree.name, layout)
            there = sum(
                missing_branch(file, tree.name, column) is None and name not in absent
                for name, column in layout.columns.items()
            )
            fitting.append((there, layout))
    return [layout for _, layout in sorted(fitting, key=lambda pair: -pair[0])]


def fitting_layout(file: EventFile) -> Layout:
    """Return the layout that fits a file best.

    Raises
    ------
    InputError
        None does.
    """
    fitting = recognise(file)
    if not fitting:
        msg = (
            f"{printable(file.path)}: no layout fits it; 'na64ana columns FILE' shows what is in "
            "it, --layout (in Python, layout=) names a layout of yours"
        )
        raise InputError(msg)
    return fitting[0]


def plan_file(file: EventFile, layout: Layout, needs: Mapping[str, str]) -> FilePlan:
    """Check that a file has what is needed, and plan its reading.

    Parameters
    ----------
    file : EventFile
    layout : Layout
    needs : dict of str to str
        Needed columns, each with what needs it in words, such as ``cut 'SRD'``.

    Raises
    ------
    InputError
        The tree or a needed branch is missing; the message names cut, column, branch, file
        and the nearest branch.
    """
    tree = _tree(file, layout)
    branches: list[str] = []
    for name, who in needs.items():
        column = layout.columns[name]
        missing = missing_branch(file, tree, column)
        if missing is not None:
            near = nearest(missing, file.branch_paths(tree))
            msg = (
                f"{printable(file.path)}: {who} needs column '{name}', which is branch "
                f"'{missing}' in layout {layout.name}; this file does not have it{near}"
            )
            raise InputError(msg)
        if constant(file, tree, column) is None:
            branches += [file.find(tree, branch) or branch for branch in column.branches]
    # an event is named by these where the file has them; no cut needs them
    extra = [
        name
        for name in IDENTITY
        if name not in needs
        and name in layout.columns
        and missing_branch(file, tree, layout.columns[name]) is None
    ]
    for name in extra:
        branches += [file.find(tree, b) or b for b in layout.columns[name].branches]
    sizes = [file.branch_size(tree, branch) for branch in dict.fromkeys(branches)]
    return FilePlan(
        input_file(file, layout),
        (*needs, *extra),
        _ranges(file, tree, branches, sum(size.uncompressed for size in sizes)),
        file_stamp(file.path),
        sum(size.stored for size in sizes),
        identity=file.identity,
        absent=absent_columns(file, tree, layout),
    )


def absent_columns(file: EventFile, tree: str, layout: Layout) -> tuple[str, ...]:
    """Return the columns whose branch a file may lack, and does lack."""
    return tuple(
        name
        for name, column in layout.columns.items()
        if column.absent is not None and constant(file, tree, column) is not None
    )


def input_file(file: EventFile, layout: Layout) -> InputFile:
    """Return what a record says of a file: its identity, its kind, and nothing read yet."""
    kind, kind_from = _kind(file, layout)
    found = file.trees[_tree(file, layout)]
    return InputFile(
        path=file.path,
        uuid=file.uuid,
        entries=found.entries,
        read=(),
        tree=found.name,
        layout=layout.name,
        layout_sha256=layout.sha256,
        kind=kind,
        kind_from=kind_from,
    )


def _tree(file: EventFile, layout: Layout) -> str:
    try:
        return file.tree(layout.tree).name
    except InputError as error:
        others = [other.name for other in recognise(file)]
        hint = f"; it looks like layout {others[0]}: try --layout {others[0]}" if others else ""
        msg = f"{error}{hint}"
        raise InputError(msg) from None


def _kind(file: EventFile, layout: Layout) -> tuple[str, str]:
    """Data or simulation, and how that is known; whatever is not tagged counts as data."""
    tagged = file.tag.get("kind")
    if tagged in ("simulation", "pseudo-data"):
        return tagged, "tag in the file"
    if tagged is not None:
        return "data", f"tag in the file ({printable(str(tagged), 40)})"
    if layout.kind == "simulation":
        return "simulation", f"layout {layout.name}"
    return "data", UNTAGGED


def _ranges(
    file: EventFile, tree: str, branches: list[str], size: int
) -> tuple[tuple[int, int], ...]:
    """Cut the entries into runs of whole clusters of at most `READ_BYTES`; ``size`` is of all."""
    entries = file.trees[tree].entries
    if not entries:
        return ((0, 0),)
    most = max(1, int(READ_BYTES * entries / max(entries, size)))
    ranges: list[tuple[int, int]] = []
    start = 0
    bounds = file.clusters(tree, branches)
    for bound, after in zip(bounds[1:], [*bounds[2:], None], strict=False):
        if after is not None and after - start <= most:
            continue
        # a cluster larger than the limit is read in pieces
        pieces = -(-(bound - start) // most)
        edges = [start + (bound - start) * i // pieces for i in range(pieces + 1)]
        ranges += pairwise(edges)
        start = bound
    return tuple(ranges)
