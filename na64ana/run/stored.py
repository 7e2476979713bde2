"""Counting with a store: from what is kept of a file, and from the file only what is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from na64ana.cutflow import InputFile
from na64ana.evaluate import Chunk
from na64ana.events import EventFile, FilePlan, file_stamp, input_file
from na64ana.expressions.tree import columns_of
from na64ana.layouts import IDENTITY, Layout
from na64ana.selection import BoundSelection
from na64ana.store import BATCH, ColumnsFile, Kept, Split, Store, Window, split, unstored

__all__ = ["Keeping", "keeping"]

#: what a store knows of an input file beside its numbers
_KNOWN = ("uuid", "entries", "tree", "layout", "layout_sha256", "kind", "kind_from")
#: rows of a range that is read from the store
_RANGE = 8 * BATCH


@dataclass(frozen=True)
class Keeping:
    """A store, and what of a selection is kept in it."""

    store: Store
    split: Split
    selection: BoundSelection
    layout: Layout

    def plan(self, path: str) -> FilePlan | None:
        """Plan a file by the store alone; None if something of it is to be computed."""
        stored = self._stored(path)
        if stored is None or unstored(self.split, stored):
            return None
        known = stored.meta["input"]
        absent = stored.meta["absent"]
        columns = dict.fromkeys((*self.selection.columns, *IDENTITY))
        entries = int(known["entries"])
        starts = range(0, max(entries, 1), _RANGE)
        return FilePlan(
            InputFile(path=path, read=(), **{name: known[name] for name in _KNOWN}),
            tuple(c for c in columns if c in self.selection.types and c not in absent),
            tuple((start, min(start + _RANGE, entries)) for start in starts),
            file_stamp(path),
            stored=True,
        )

    def _stored(self, path: str) -> ColumnsFile | None:
        name = self.store.name(path, self.layout)
        return None if name is None else self.store.open(name)

    def missing(self, plan: FilePlan) -> tuple[ColumnsFile | None, dict[str, Kept]]:
        """Return what is kept of a file, and what of it is to be computed."""
        stored = self._stored(plan.file.path)
        if stored is not None and stored.size != plan.file.entries:
            stored = None
        missing = unstored(self.split, stored)
        return stored, {n: k for n, k in missing.items() if n not in _absent(plan)}

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
        there = {n: k for n, k in self.split.kept.items() if n not in _absent(plan)}
        return Window(self.selection, there, stored, missing, events, start)

    @contextmanager
    def saving(self, plan: FilePlan, file: EventFile, window: Window, start: int) -> Iterator[None]:
        """Keep what was computed of a range, if the file is the same in the end."""
        name = self.store.name(plan.file.path, self.layout)
        yield
        if name is None or name != self.store.name(plan.file.path, self.layout):
            return
        known = asdict(input_file(file, self.layout))
        meta = {
            "input": {"path": str(plan.file.path), **{n: known[n] for n in _KNOWN}},
            "absent": sorted(_absent(plan)),
        }
        self.store.save_part(name, start, meta, window.computed())

    def gather(self, plan: FilePlan) -> None:
        """Put together what ranges of a file have kept."""
        name = self.store.name(plan.file.path, self.layout)
        if name is not None:
            self.store.gather(name, plan.file.entries)


def keeping(store: Store, selection: BoundSelection, layout: Layout) -> Keeping:
    """Return how a selection is counted with a store."""
    return Keeping(store, split(selection), selection, layout)


def _absent(plan: FilePlan) -> set[str]:
    """Columns that name an event, where the file has none."""
    return set(IDENTITY) - set(plan.columns)
