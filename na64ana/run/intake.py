"""What is to be read: INPUT arguments to files, each with what its dataset says of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from na64ana.datasets import BadSpill, Dataset, DatasetFile, SpillId, load_dataset
from na64ana.errors import InputError, printable
from na64ana.events import FilePlan, expand_all, is_url, real_path
from na64ana.shipped import shipped_folder

__all__ = [
    "Intake",
    "Source",
    "datasets_of",
    "refuse_two_accounts",
    "sources",
    "unique",
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
