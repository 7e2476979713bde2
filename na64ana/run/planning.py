"""From files that are expected to how each is read: checked, and none of them twice."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from na64ana.datasets import Dataset, DatasetFile
from na64ana.errors import InputError, printable
from na64ana.events import (
    UNTAGGED,
    FilePlan,
    file_identity,
    file_stamp,
    is_url,
    plan_file,
)
from na64ana.layouts import IDENTITY, Layout
from na64ana.run.intake import Intake, Source, refuse_two_accounts, unique
from na64ana.run.opened import last_opened
from na64ana.run.stored import Keeping
from na64ana.selection import BoundSelection

__all__ = ["Planned", "plan_inputs", "plan_source", "without_copies"]


@dataclass(frozen=True)
class Planned:
    """What is to be read.

    Attributes
    ----------
    intakes : dict of str to Intake
        By path.
    lost : dict of str to str
        Paths of files that cannot be planned, each with the reason.
    expected : tuple of Source
        The files of both; none of them twice.
    again : dict of str to str
        Paths of files that are not read, since they are the same as those named.
    """

    intakes: dict[str, Intake]
    lost: dict[str, str]
    expected: tuple[Source, ...]
    again: dict[str, str]


def plan_inputs(
    found: Sequence[Source],
    layout: Layout,
    selection: BoundSelection,
    *,
    skip: bool,
    once: bool,
    keeping: Keeping | None = None,
) -> Planned:
    """Plan the reading of all files.

    Parameters
    ----------
    found : sequence of Source
    layout : Layout
    selection : BoundSelection
    skip : bool
        A file that cannot be used is lost; otherwise it is an error.
    once : bool
        A file that is given twice is read once; otherwise it is an error.
    keeping : Keeping, optional
        A store, from which files are planned of which it has all that is needed.

    Raises
    ------
    InputError
        A file cannot be used or is given twice, or the files are of different kinds.
    """
    files, again = unique(found, once=once)
    intakes, lost = _plan_all(files, layout, selection, keeping, skip=skip)
    copies = _drop_copies(intakes, files, once=once)
    again = {path: copies.get(kept, kept) for path, kept in again.items()} | copies
    expected = tuple(source for source in files if source.path not in copies)
    return Planned(without_copies(intakes, again), lost, expected, again)


def _plan_all(
    expected: Sequence[Source],
    layout: Layout,
    selection: BoundSelection,
    keeping: Keeping | None,
    *,
    skip: bool,
) -> tuple[dict[str, Intake], dict[str, str]]:
    """Return the plans by path, and the files lost with their reasons."""
    intakes: dict[str, Intake] = {}
    lost: dict[str, str] = {}
    for source in expected:
        try:
            intakes[source.path] = plan_source(source, layout, selection, keeping)
        except InputError as error:
            if not skip:
                raise
            lost[source.path] = str(error)
    files = [intake.plan.file for intake in intakes.values()]
    for file in files[1:]:
        if file.kind != files[0].kind:
            msg = (
                f"{printable(files[0].path)} is {files[0].kind} ({files[0].kind_from}) and "
                f"{printable(file.path)} is {file.kind} ({file.kind_from}); count them apart"
            )
            raise InputError(msg)
    return intakes, lost


def _drop_copies(
    intakes: dict[str, Intake], expected: Sequence[Source], *, once: bool
) -> dict[str, str]:
    """Take out copies of a file, known by its UUID; return them, each with the path that is kept.

    The file of a dataset is kept, since its exposure is known; else the first.
    """
    known: dict[tuple[str, str], str] = {}
    copies: dict[str, str] = {}
    sources_by_path = {source.path: source for source in expected}
    for source in sorted(expected, key=lambda source: source.dataset is None):
        path = source.path
        if path not in intakes:
            continue
        file = intakes[path].plan.file
        first = known.setdefault(file.identity, path)
        if first == path:
            continue
        if not once:
            msg = (
                f"{printable(path)} and {printable(first)} are the same file (UUID {file.uuid}); "
                "its events would be counted twice"
            )
            raise InputError(msg)
        refuse_two_accounts(sources_by_path[first], source)
        del intakes[path]
        copies[path] = first
    return copies


def plan_source(
    source: Source, layout: Layout, selection: BoundSelection, keeping: Keeping | None = None
) -> Intake:
    """Open a file, check that it is what its dataset says, and plan its reading.

    Raises
    ------
    InputError
        It cannot be read, lacks a branch, or is not the file of the manifest.
    """
    if source.listed is not None and source.listed.sha256 is not None:
        _check_bytes(source.path, source.listed.sha256, file_stamp(source.path))
    plan = _planned(source.path, layout, selection, keeping)
    _check_numbers(plan, layout, selection)
    dataset, listed = source.dataset, source.listed
    if dataset is None or listed is None:
        return Intake(plan)
    _check_listed(plan, dataset, listed)
    if plan.file.kind_from == UNTAGGED:
        kind_from = f"dataset {dataset.name}"
        plan = replace(plan, file=replace(plan.file, kind=dataset.kind, kind_from=kind_from))
    paths = {file.name: file.path for file in dataset.files}
    return Intake(
        plan,
        shared={
            spill: tuple(sorted(paths[name] for name in dataset.files_of[spill]))
            for spill in listed.spills & dataset.shared
        },
        excluded=frozenset(listed.spills & dataset.excluded.keys()),
        bad_events=tuple(
            bad
            for bad in dataset.bad_spills
            if bad.events is not None and (bad.run, bad.spill) in listed.spills
        ),
        listed=listed.spills if listed.spills or dataset.exposure else None,
        weight=1 / dataset.bias if dataset.kind == "simulation" else 1.0,
    )


def without_copies(intakes: Mapping[str, Intake], again: Mapping[str, str]) -> dict[str, Intake]:
    """Let no spill wait for a copy of a file that is read: ``again`` has what it is a copy of."""
    return {
        path: replace(intake, shared={
            spill: files for spill, paths in intake.shared.items()
            if len(files := tuple(sorted({again.get(p, p) for p in paths}))) > 1
        })
        for path, intake in intakes.items()
    }  # fmt: skip


def _planned(
    path: str, layout: Layout, selection: BoundSelection, keeping: Keeping | None
) -> FilePlan:
    """Plan a file by the store alone if all is there, else by what the file says."""
    if keeping is not None and not is_url(path):
        plan = keeping.plan(path, file_identity(path))
        if plan is not None:
            return plan
    file = last_opened(path)
    # what is on a server must be opened to be known
    kept = keeping.plan(path, file.identity) if keeping is not None and is_url(path) else None
    return kept or plan_file(file, layout, selection.columns)


@cache
def _check_bytes(path: str, sha256: str, stamp: tuple[int, int] | None) -> None:  # noqa: ARG001
    """Compare a file with its checksum, once for each state that it is in."""
    if is_url(path):
        return  # it would be fetched twice; its UUID and entries are compared
    try:
        with Path(path).open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        msg = f"{printable(path)}: {error.strerror or error}"
        raise InputError(msg) from None
    if found != sha256:
        msg = (
            f"{printable(path)}: its SHA-256 is {found[:12]}..., in the manifest it is "
            f"{sha256[:12]}...: the file was damaged or replaced"
        )
        raise InputError(msg)


def _check_numbers(plan: FilePlan, layout: Layout, selection: BoundSelection) -> None:
    """Refuse to open a sample where events have no number: all of a spill would be in it."""
    missing = [name for name in IDENTITY if name not in plan.columns]
    if selection.prescale is None or not missing:
        return
    branch = layout.columns[missing[0]].branches[0]
    msg = (
        f"{printable(plan.file.path)}: prescale needs column '{missing[0]}' of every event, which "
        f"is branch '{branch}' in layout {layout.name}; this file does not have it"
    )
    raise InputError(msg)


def _check_listed(plan: FilePlan, dataset: Dataset, listed: DatasetFile) -> None:
    file = plan.file
    wrong = ""
    if listed.uuid is not None and file.uuid != listed.uuid:
        wrong = f"its UUID is {file.uuid}, in the manifest it is {listed.uuid}"
    elif listed.entries is not None and file.entries != listed.entries:
        wrong = f"it has {file.entries} entries, in the manifest {listed.entries}"
    elif file.kind != dataset.kind and file.kind_from != UNTAGGED:
        wrong = f"it is {file.kind} ({file.kind_from}), the manifest says {dataset.kind}"
    if wrong:
        msg = f"{printable(file.path)}: not the file of {printable(dataset.path)}: {wrong}"
        raise InputError(msg)
