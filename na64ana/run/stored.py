"""Counting with a store: from what is kept of a file, and from the file only what is not."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from na64ana.cutflow import InputFile
from na64ana.evaluate import Chunk
from na64ana.events import (
    EventFile,
    FilePlan,
    file_identity,
    file_stamp,
    input_file,
    is_url,
    open_file,
    plan_file,
)
from na64ana.expressions.tree import columns_of
from na64ana.layouts import IDENTITY, Layout
from na64ana.selection import BoundSelection
from na64ana.store import (
    BATCH,
    ColumnsFile,
    Damaged,
    Kept,
    Split,
    Store,
    Window,
    check,
    split,
    unstored,
)

__all__ = ["Keeping", "keeping"]

#: what a store knows of an input file beside its numbers
_KNOWN = ("uuid", "entries", "tree", "layout", "layout_sha256", "kind", "kind_from")
#: rows of a range that is read from the store
_RANGE = 8 * BATCH
#: nanoseconds in which a second change of a file may leave its times the same: the clocks of file
#: systems go on by 10 ms at most, some only by whole seconds (of FAT by two)
_TICK, _COARSE_TICK = 20_000_000, 2_000_000_000


@dataclass(frozen=True)
class Keeping:
    """A store, and what of a selection is kept in it."""

    store: Store
    split: Split
    selection: BoundSelection
    layout: Layout

    def plan(self, path: str, identity: tuple[str | int, ...] | None) -> FilePlan | None:
        """Plan a file by the store alone; None if something of it is to be computed."""
        stored = self._open(identity)
        if stored is None or unstored(self.split, stored):
            return None
        known, absent = stored.meta["input"], stored.meta["absent"]
        if not self.selection.columns.keys().isdisjoint(absent):
            return None  # what needs it is refused when the file is looked at
        columns = dict.fromkeys((*self.selection.columns, *IDENTITY))
        entries = int(known["entries"])
        starts = range(0, max(entries, 1), _RANGE)
        return FilePlan(
            InputFile(path=path, read=(), **{name: known[name] for name in _KNOWN}),
            tuple(c for c in columns if c in self.selection.types and c not in absent),
            tuple((start, min(start + _RANGE, entries)) for start in starts),
            file_stamp(path),
            stored=True,
            identity=identity,
            absent=tuple(stored.meta["without_branch"]),
        )

    def _open(self, identity: tuple[str | int, ...] | None) -> ColumnsFile | None:
        name = self.store.name(identity, self.layout)
        return None if name is None else self.store.open(name)

    def missing(
        self, plan: FilePlan, start: int, stop: int
    ) -> tuple[ColumnsFile | None, dict[str, Kept]]:
        """Return what is kept of a range of a file, and what of it is to be computed."""
        stored = self._open(plan.identity) if _is_unchanged(plan) else None
        if stored is not None and stored.size != plan.file.entries:
            stored = None
        missing = self._missing(plan, stored)
        there = (kept for name, kept in self.split.kept.items() if name not in missing)
        try:
            if stored is not None:
                check(there, stored, start, stop)
        except Damaged:
            self.store.drop(stored.path.stem if stored is not None else "")
            return None, self._missing(plan, None)
        return stored, missing

    def _missing(self, plan: FilePlan, stored: ColumnsFile | None) -> dict[str, Kept]:
        found, absent = unstored(self.split, stored), self._absent(plan)
        return {name: kept for name, kept in found.items() if name not in absent}

    def pieces(self, plan: FilePlan, start: int, stop: int) -> list[tuple[int, int]]:
        """Cut a range into those that are counted at a time: one, if it is in the store."""
        there = plan.stored and not self.missing(plan, start, stop)[1]
        return [(start, stop)] if there else self.of_file(plan, start, stop)

    def of_file(self, plan: FilePlan, start: int, stop: int) -> list[tuple[int, int]]:
        """Cut a range into those in which the file is read."""
        if not plan.stored:
            return [(start, stop)]
        with open_file(plan.file.path) as file:  # all of it was in the store when the run began
            ranges = plan_file(file, self.layout, self.selection.columns).ranges
        return [(max(start, a), min(stop, b)) for a, b in ranges if a < stop and b > start]

    def reads(self, missing: Mapping[str, Kept]) -> list[str]:
        """Columns of the input from which results are computed."""
        found: dict[str, None] = {}
        waiting = [kept.node for kept in missing.values()]
        seen: set[str] = set()
        while waiting:
            for name in columns_of(waiting.pop()):
                if name in self.selection.observables:
                    if name not in seen:
                        seen.add(name)
                        waiting.append(self.selection.observables[name])
                else:
                    found[name] = None
        return list(found)

    def window(
        self, plan: FilePlan, stored: ColumnsFile | None, missing: dict[str, Kept],
        events: Chunk | None, start: int,
    ) -> Window:  # fmt: skip
        """Return what is kept of a range; ``events`` are those of the input, to compute from."""
        absent = self._absent(plan)
        there = {name: kept for name, kept in self.split.kept.items() if name not in absent}
        return Window(self.selection, there, stored, missing, events, start)

    @contextmanager
    def saving(self, plan: FilePlan, file: EventFile, window: Window, start: int) -> Iterator[None]:
        """Keep what was computed of a range, if the file was and is the one that was planned."""
        known = _is_known(plan, file)
        yield
        name = self.store.name(file.identity, self.layout)
        if name is None or not known or not _is_unchanged(plan):
            return
        found = asdict(input_file(file, self.layout))
        meta = {
            "input": {"path": f"{plan.file.path}", **{n: found[n] for n in _KNOWN}},
            "absent": sorted(self._absent(plan)),
            "without_branch": list(plan.absent),
        }
        self.store.save_part(name, start, meta, window.computed())

    def gather(self, plan: FilePlan) -> None:
        """Put together what ranges of a file have kept."""
        name = self.store.name(plan.identity, self.layout)
        if name is not None and not plan.stored:
            self.store.gather(name, [start for start, _ in plan.ranges], plan.file.entries)

    def _absent(self, plan: FilePlan) -> set[str]:
        """Columns that name an event, where the file has none."""
        return {n for n in IDENTITY if n in self.selection.types and n not in plan.columns}


def keeping(store: Store, selection: BoundSelection, layout: Layout) -> Keeping:
    """Return how a selection is counted with a store."""
    return Keeping(store, split(selection), selection, layout)


def _is_unchanged(plan: FilePlan) -> bool:
    """Whether a file is the one that was planned; one on a server is asked when it is read."""
    path = plan.file.path
    return is_url(path) or (plan.identity is not None and file_identity(path) == plan.identity)


def _is_known(plan: FilePlan, file: EventFile) -> bool:
    """Whether an open file is the one that was planned, and any later change of it will show."""
    if plan.stored or file.identity is None or file.identity != plan.identity:
        return False
    if is_url(plan.file.path):
        return True
    changed = int(file.identity[-1])
    tick = _TICK if changed % 10**9 else _COARSE_TICK
    return time.time_ns() - changed > tick
