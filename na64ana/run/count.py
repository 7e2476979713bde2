"""Counting one range of one file: read, leave out what is to be left out, evaluate in chunks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from na64ana.cutflow import Record
from na64ana.cutflow.assembly import Assembly, Part
from na64ana.datasets import SpillId
from na64ana.errors import InputError, printable
from na64ana.evaluate import UNKNOWN, Chunk, evaluate
from na64ana.events import (
    Columns,
    EventFile,
    FilePlan,
    file_stamp,
    keep_freed_memory,
)
from na64ana.expressions import Type
from na64ana.expressions.kinds import DTYPES
from na64ana.expressions.tree import Column
from na64ana.layouts import IDENTITY, Layout
from na64ana.run.intake import Intake
from na64ana.run.opened import last_opened
from na64ana.run.stored import Keeping
from na64ana.selection import BoundSelection
from na64ana.store import BATCH, ColumnsFile, Kept

__all__ = [
    "CHUNK_SIZE",
    "Job",
    "count_nothing",
    "count_range",
    "in_spills",
    "kept",
    "read_ids",
]

#: events evaluated at a time: with a quarter of it a pass takes up to a third longer, with twice
#: as many no less
CHUNK_SIZE = 16_384

BAD_SPILL, BAD_EVENTS = "bad spill", "bad events"
GIVEN_TWICE = "event given twice"


@dataclass(frozen=True)
class Job:
    """All that is the same for every range."""

    selection: BoundSelection
    layout: Layout
    unblinded: str | None = None
    counts: str = "full"
    chunk_size: int | None = None
    with_open_sample: bool = False
    keeping: Keeping | None = None

    def evaluate(self, events: Chunk, plan: FilePlan, weight: float) -> Record:
        """Count some events of a file."""
        file = plan.file
        selection = self.selection if self.keeping is None else self.keeping.split.rest
        if self._unweighted(plan):
            selection = replace(selection, weight=None)
        return evaluate(
            events,
            selection,
            blind=file.kind != "simulation" and self.unblinded is None,
            counts=self.counts,
            unblinded=self.unblinded,
            inputs=[file],
            sample_weight=weight,
            # of simulation nothing was closed, so no sample of it was opened before
            with_open_sample=self.with_open_sample or file.kind == "simulation",
        )

    def _unweighted(self, plan: FilePlan) -> bool:
        """Whether the weight is a column that the file lacks, where each event counts one."""
        weight = self.selection.weight
        if not isinstance(weight, Column) or weight.name not in plan.absent:
            return False
        return self.layout.columns[weight.name].absent == 1


def count_range(job: Job, intake: Intake, start: int, stop: int) -> Assembly:
    """Count the entries of a file from ``start`` to ``stop``.

    Raises
    ------
    InputError
        They cannot be read, or the file is no longer the one that was planned.
    """
    keep_freed_memory()
    plan, keeping = intake.plan, job.keeping
    if keeping is None:
        return _count(job, intake, start, stop)
    try:
        pieces = keeping.pieces(plan, start, stop)
        return sum((_count(job, intake, *piece) for piece in pieces), Assembly())
    except InputError:
        # the store computes more than is counted: whether it can be counted is seen without it
        job, pieces = replace(job, keeping=None), keeping.of_file(plan, start, stop)
        return sum((_count(job, intake, *piece) for piece in pieces), Assembly())


def _count(job: Job, intake: Intake, start: int, stop: int) -> Assembly:
    plan = intake.plan
    with _reading(job, intake, start, stop) as reading:
        ids = _ids(reading.named)
        _check_spills(intake, ids)
        keep, left_out = kept(intake, ids, start)
        counted = replace(plan.part(start, stop), left_out=left_out)
        parts: dict[Part, Record] = {}
        for first in range(0, max(stop - start, 1), reading.chunk_size):
            inside = slice(first, min(first + reading.chunk_size, stop - start))
            rows = np.arange(inside.start, inside.stop)
            reading.prepare(rows, bool(keep[inside].all()))
            for part, chosen in _parts(intake, ids[inside], keep[inside]):
                chunk = reading.events.subset(rows if chosen.all() else rows[chosen])
                record = job.evaluate(chunk, plan, intake.weight)
                counted = counted + record.inputs[0]
                bare = replace(record, inputs=())
                parts[part] = parts[part] + bare if part in parts else bare
    return Assembly.of(counted, parts)


class _Reading(NamedTuple):
    """A range as it is evaluated: its events, and where they are named.

    ``prepare`` is called for each chunk before it is evaluated, with its entries and whether all
    of them are counted.
    """

    events: Chunk
    named: Chunk
    prepare: Callable[[np.ndarray, bool], None]
    chunk_size: int


def _reading(job: Job, intake: Intake, start: int, stop: int) -> AbstractContextManager[_Reading]:
    keeping = job.keeping
    if keeping is None:
        return _from_file(job, intake, start, stop)
    stored, missing = keeping.missing(intake.plan, start, stop)
    if missing:
        return _into_store(job, keeping, intake, stored, missing, start, stop)
    return _from_store(job, keeping, intake, stored, start, stop)


@contextmanager
def _from_file(job: Job, intake: Intake, start: int, stop: int) -> Iterator[_Reading]:
    plan = intake.plan
    with _opened(intake, job.layout) as file:
        columns = Columns(file, plan.file.tree, job.layout, start, stop)
        columns.prefetch(plan.columns)
        events = Chunk(plan.columns, columns.take, np.arange(stop - start))

        def read_all(rows: np.ndarray, whole: bool) -> None:
            # whether a file is damaged must not depend on what is left out
            if job.counts == "full" and not whole:
                for name in plan.columns:
                    columns.take(name, rows)

        yield _Reading(events, events, read_all, job.chunk_size or CHUNK_SIZE)


@contextmanager
def _from_store(
    job: Job, keeping: Keeping, intake: Intake, stored: ColumnsFile | None, start: int, stop: int
) -> Iterator[_Reading]:
    path = intake.plan.file.path
    _check_unchanged(intake, file_stamp(path) == intake.plan.stamp)
    window = keeping.window(intake.plan, stored, {}, None, start)
    events = window.chunk(np.arange(stop - start))
    yield _Reading(events, events, lambda _, __: None, job.chunk_size or BATCH)
    _check_unchanged(intake, file_stamp(path) == intake.plan.stamp)


@contextmanager
def _into_store(
    job: Job, keeping: Keeping, intake: Intake, stored: ColumnsFile | None,
    missing: dict[str, Kept], start: int, stop: int,
) -> Iterator[_Reading]:  # fmt: skip
    plan = intake.plan
    with _opened(intake, job.layout) as file:
        columns = Columns(file, plan.file.tree, job.layout, start, stop)
        columns.prefetch(keeping.reads(missing))
        rows = np.arange(stop - start)
        named = Chunk(plan.columns, columns.take, rows)
        window = keeping.window(plan, stored, missing, named, start)
        with keeping.saving(plan, file, window, start):
            yield _Reading(
                window.chunk(rows),
                named,
                lambda rows, _: window.compute(rows),
                job.chunk_size or CHUNK_SIZE,
            )


def count_nothing(job: Job) -> Record:
    """Return the record of no events, for a run of which nothing could be read."""
    columns = {name: _empty(job.selection.types[name]) for name in job.selection.columns}
    columns = columns or {"": np.zeros(0)}
    return evaluate(
        columns, job.selection, blind=job.unblinded is None, counts=job.counts,
        unblinded=job.unblinded,
    )  # fmt: skip


def read_ids(layout: Layout, intake: Intake, start: int, stop: int) -> np.ndarray:
    """Read (run, spill, event) of some entries; shape (entry, 3), -1 where unknown."""
    with _opened(intake, layout) as file:
        columns = Columns(file, intake.plan.file.tree, layout, start, stop)
        return _ids(Chunk(intake.plan.columns, columns.take, np.arange(stop - start)))


@contextmanager
def _opened(intake: Intake, layout: Layout) -> Iterator[EventFile]:
    """Open the file that was planned; refuse what is another by now, or when it is read."""
    plan = intake.plan
    path = plan.file.path
    file = last_opened(path)
    _check_unchanged(
        intake, file.uuid == plan.file.uuid and file.tree(layout.tree).entries == plan.file.entries
    )
    yield file
    _check_unchanged(intake, same=file_stamp(path) == plan.stamp)


def _check_unchanged(intake: Intake, same: bool) -> None:
    if not same:
        msg = f"{printable(intake.plan.file.path)}: changed while it was being read"
        raise InputError(msg)


def _ids(events: Chunk) -> np.ndarray:
    ids = np.full((len(IDENTITY), len(events)), UNKNOWN, dtype=np.int64).T
    for i, name in enumerate(IDENTITY):
        if name in events and len(events):
            ids[:, i] = events.column(name)
    return ids


def _check_spills(intake: Intake, ids: np.ndarray) -> None:
    """Refuse events of spills that are not listed: nobody knows their exposure."""
    if intake.listed is None or not len(ids):
        return
    new = np.concatenate([[True], np.any(ids[1:, :2] != ids[:-1, :2], axis=1)])
    others = {(run, spill) for run, spill in ids[new, :2].tolist()} - intake.listed
    if others:
        run, spill = ("unknown" if n == UNKNOWN else n for n in min(others))
        msg = (
            f"{printable(intake.plan.file.path)}: it has events of run {run}, spill {spill}, which "
            "its manifest does not list for this file; 'na64ana datasets add' reads the spills "
            "of a file"
        )
        raise InputError(msg)


def kept(intake: Intake, ids: np.ndarray, start: int) -> tuple[np.ndarray, dict[str, int]]:
    """Return which entries from ``start`` on are counted, and how many are not, by reason."""
    keep = np.ones(len(ids), dtype=bool)
    left_out: dict[str, int] = {}

    def leave_out(which: np.ndarray, reason: str) -> None:
        n = int(np.count_nonzero(which & keep))
        if n:
            left_out[reason] = left_out.get(reason, 0) + n
        keep[which] = False

    leave_out(in_spills(ids, intake.excluded), BAD_SPILL)
    for bad in intake.bad_events:
        first, last = bad.events or (0, -1)
        inside = (ids[:, 2] >= first) & (ids[:, 2] <= last)
        leave_out(inside & in_spills(ids, {(bad.run, bad.spill)}), BAD_EVENTS)
    if intake.repeated:
        entries = np.arange(start, start + len(ids))
        leave_out(np.isin(entries, list(intake.repeated)), GIVEN_TWICE)
    return keep, dict(sorted(left_out.items()))


def in_spills(ids: np.ndarray, spills: Collection[SpillId]) -> np.ndarray:
    """Which events, by rows of (run, spill, event), belong to some of the spills."""
    inside = np.zeros(len(ids), dtype=bool)
    if not spills or not len(ids):
        return inside
    here, of = np.unique(ids[:, :2], axis=0, return_inverse=True)
    wanted = np.array([tuple(spill) in spills for spill in here.tolist()])
    return np.asarray(wanted[of.ravel()])


def _parts(intake: Intake, ids: np.ndarray, keep: np.ndarray) -> Iterator[tuple[Part, np.ndarray]]:
    """Split events into spills that other files share, each apart, and all the rest."""
    rest = keep
    for spill, paths in intake.shared.items():
        inside = in_spills(ids, {spill}) & keep
        if inside.any():
            rest = rest & ~inside
            yield Part(paths, spill), inside
    yield Part((intake.plan.file.path,)), rest


def _empty(type_: Type) -> Any:
    if type_.jagged:
        import awkward as ak

        return ak.Array(ak.contents.ListOffsetArray(
            ak.index.Index64(np.zeros(1, dtype=np.int64)),
            ak.contents.NumpyArray(np.zeros(0, dtype=DTYPES[type_.kind])),
        ))  # fmt: skip
    return np.zeros((0, *(axis.size for axis in type_.axes)), dtype=DTYPES[type_.kind])
