"""What is to be read: INPUT arguments to files, each with what its dataset says of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from na64ana.datasets import BadSpill, Dataset, DatasetFile, SpillId, load_dataset
from na64ana.errors import InputError, printable
from na64ana.events import (
    UNTAGGED,
    FilePlan,
    expand_all,
    file_stamp,
    is_url,
    open_file,
    plan_file,
    real_path,
)
from na64ana.layouts import IDENTITY, Layout
from na64ana.selection import BoundSelection
from na64ana.shipped import shipped_folder

__all__ = [
    "Intake",
    "Source",
    "datasets_of",
    "plan_source",
    "refuse_two_accounts",
    "sources",
    "unique",
    "without_copies",
]

_MANIFESTS = (".yaml", ".yml")
_NAME = re.compile(r"[\w.-]{1,100}")


@dataclass(frozen=True)
class Source:
    """A file that is expected, and where it stands in a dataset."""

    path: str
    dataset: Dataset | None = None
    listed: DatasetFile | None = None


@dataclass(frozen=True)
class Intake:
    """A file as it is to be read.

    Attributes
    ----------
    plan : FilePlan
    shared : dict of (run, spill) to tuple of str
        Spills of it that are split over several files, with the paths of all of them.
    excluded : frozenset of (run, spill)
        Spills whose events are left out.
    bad_events : tuple of BadSpill
        Events of other spills that are left out.
    repeated : frozenset of int
        Entries that are left out because their event stands elsewhere too.
    listed : frozenset of (run, spill) or None
        Spills that its dataset says are in it; None where it says nothing.
    weight : float
        Weight of all its events.
    """

    plan: FilePlan
    shared: Mapping[SpillId, tuple[str, ...]] = field(default_factory=dict)
    excluded: frozenset[SpillId] = frozenset()
    bad_events: tuple[BadSpill, ...] = ()
    repeated: frozenset[int] = frozenset()
    listed: frozenset[SpillId] | None = None
    weight: float = 1.0


def sources(
    inputs: str | Path | Dataset | Iterable[str | Path | Dataset], *, missing: bool = False
) -> list[Source]:
    """Return the files that the inputs stand for; those of datasets that are not bad.

    Parameters
    ----------
    inputs : str, Path, Dataset, or iterable of these
        What `na64ana.events.expand` takes, datasets, and manifests by name or path.
    missing : bool
        Return files that are named and not there as well.

    Raises
    ------
    InputError, DatasetError
        Nothing is there, or a manifest cannot be used.
    """
    items = [inputs] if isinstance(inputs, str | Path | Dataset) else list(inputs)
    found: list[Source] = []
    for item in items:
        dataset = _dataset(item)
        if dataset is not None:
            found += [Source(f.path, dataset, f) for f in dataset.files if not f.bad]
        else:
            found += [Source(path) for path in expand_all([str(item)], missing=missing)]
    if not found:
        msg = "no input files were given"
        raise InputError(msg)
    return found


def _dataset(item: str | Path | Dataset) -> Dataset | None:
    if isinstance(item, Dataset):
        return item
    name = str(item)
    if name.startswith("@") or is_url(name):
        return None
    is_name = _NAME.fullmatch(name) and (shipped_folder("datasets") / f"{name}.yaml").is_file()
    return load_dataset(name) if is_name or name.endswith(_MANIFESTS) else None


def datasets_of(found: Iterable[Source]) -> list[Dataset]:
    """Return the datasets of some files, each once, by name."""
    datasets: dict[str, Dataset] = {}
    for source in found:
        dataset = source.dataset
        if dataset is None:
            continue
        if datasets.setdefault(dataset.name, dataset).sha256 != dataset.sha256:
            msg = f"two datasets are named '{printable(dataset.name)}': {printable(dataset.path)}"
            raise InputError(msg)
    return [datasets[name] for name in sorted(datasets)]


def unique(found: Sequence[Source], *, once: bool) -> tuple[list[Source], dict[str, str]]:
    """Return files without those given twice, and of these the path and that of the one kept.

    Raises
    ------
    InputError
        A file is given twice, and not ``once``; or it is in two datasets.
    """
    kept: dict[str, Source] = {}
    again: dict[str, str] = {}
    # those of datasets first: their exposure is known
    for source in sorted(found, key=lambda source: source.dataset is None):
        real = real_path(source.path)
        first = kept.setdefault(real, source)
        if first is source:
            continue
        if not once:
            other = "" if first.path == source.path else f" (also as {printable(first.path)})"
            msg = f"{printable(source.path)}: given twice{other}; its events would be counted twice"
            raise InputError(msg)
        refuse_two_accounts(first, source)
        again[source.path] = first.path
    return list(kept.values()), again


def refuse_two_accounts(first: Source, second: Source) -> None:
    """Refuse one file in two datasets: its particles would be in the ledger of both.

    Raises
    ------
    InputError
        It is.
    """
    if first.dataset is not None and second.dataset is not None and (
        first.dataset.name != second.dataset.name
    ):  # fmt: skip
        msg = (
            f"{printable(second.path)} is in two datasets, '{printable(first.dataset.name)}' and "
            f"'{printable(second.dataset.name)}': its exposure would be accounted for twice; take "
            "it out of one of them"
        )
        raise InputError(msg)


def plan_source(source: Source, layout: Layout, selection: BoundSelection) -> Intake:
    """Open a file, check that it is what its dataset says, and plan its reading.

    Raises
    ------
    InputError
        It cannot be read, lacks a branch, or is not the file of the manifest.
    """
    if source.listed is not None and source.listed.sha256 is not None:
        _check_bytes(source.path, source.listed.sha256, file_stamp(source.path))
    with open_file(source.path) as file:
        plan = plan_file(file, layout, selection.columns)
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
