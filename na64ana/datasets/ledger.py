"""From a dataset and the fate of its files to the ledger of its exposure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from na64ana.cutflow.ledger import (
    EXCLUDED,
    LOST,
    PROCESSED,
    Entry,
    Ledger,
    LedgerDataset,
    LostFile,
)
from na64ana.datasets.model import BadSpill, Dataset, DatasetFile, SpillId

__all__ = ["NOT_GIVEN", "NO_FILE", "dataset_ledger"]

NOT_GIVEN = "file not among the inputs"
NO_FILE = "in no file of the dataset"


def dataset_ledger(dataset: Dataset, read: Collection[str], lost: Mapping[str, str]) -> Ledger:
    """Account for every particle on target of a dataset.

    A spill is processed if all files that it is in were read; it is lost if one of them is lost
    or was not given, and excluded if it, or a file of it, is marked as bad.

    Parameters
    ----------
    dataset : Dataset
    read : collection of str
        Names of the files of which every entry was read.
    lost : dict of str to str
        Names of the files that were not read to the end, each with the reason.
    """
    lost_files = tuple(sorted(LostFile(name, lost[name], dataset.name) for name in lost))
    if dataset.kind == "simulation":
        entries = list(_files(dataset, read, lost))
    else:
        entries = list(_spills(dataset, read, lost))
    if not entries:
        return Ledger((), (), lost_files, tuple(sorted(read)))
    summary = LedgerDataset(dataset.name, dataset.sha256, dataset.unit)
    ordered = sorted(entries, key=lambda entry: (entry.account, entry.state, entry.reason))
    return Ledger(tuple(ordered), (summary,), lost_files)


def _files(dataset: Dataset, read: Collection[str], lost: Mapping[str, str]) -> Iterator[Entry]:
    """The particles simulated for each file."""
    for file in dataset.files:
        if file.generated is not None:
            state, reason = _fate([file], read, lost)
            yield Entry(dataset.name, None, None, (file.name,), file.generated, state, reason)


def _spills(dataset: Dataset, read: Collection[str], lost: Mapping[str, str]) -> Iterator[Entry]:
    files = {file.name: file for file in dataset.files}
    bad: dict[SpillId, list[BadSpill]] = {}
    for item in dataset.bad_spills:
        bad.setdefault((item.run, item.spill), []).append(item)
    for spill, recorded in dataset.exposure.items():
        amount = recorded
        names = dataset.files_of.get(spill, ())
        state, reason = _fate([files[name] for name in names], read, lost)
        if spill in dataset.excluded:
            state, reason = EXCLUDED, dataset.excluded[spill]
        parts = bad.get(spill, ()) if state == PROCESSED else ()
        for item in parts:
            if item.exposure:
                amount -= item.exposure
                yield _entry(dataset, spill, names, item.exposure, EXCLUDED,
                             f"bad events: {item.reason}")  # fmt: skip
        yield _entry(dataset, spill, names, amount, state, reason)


def _entry(
    dataset: Dataset, spill: SpillId, names: tuple[str, ...], amount: int, state: str, reason: str
) -> Entry:
    shared = spill in dataset.apportioned
    return Entry(dataset.name, *spill, names, amount, state, reason, shared)


def _fate(
    files: Iterable[DatasetFile], read: Collection[str], lost: Mapping[str, str]
) -> tuple[str, str]:
    """What became of something that all these files hold a part of."""
    files = list(files)
    if not files:
        return LOST, NO_FILE
    for file in files:
        if file.bad:
            return EXCLUDED, f"{file.name} is bad: {file.bad}"
    for file in files:
        if file.name in lost:
            return LOST, f"{file.name} is lost"
    for file in files:
        if file.name not in read:
            return LOST, NOT_GIVEN
    return PROCESSED, ""
