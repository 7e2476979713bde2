"""Closing a run: the record of what was read to the end, and the account of all expected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from na64ana.cutflow import Record
from na64ana.cutflow.assembly import Assembly
from na64ana.cutflow.ledger import Ledger, LostFile
from na64ana.cutflow.record import open_sample
from na64ana.datasets import dataset_ledger
from na64ana.errors import printable
from na64ana.run.count import Job, count_nothing
from na64ana.run.intake import Source, datasets_of

__all__ = ["close"]

DROPPED = "dropped before it was read"


def close(
    job: Job, assembly: Assembly, expected: Sequence[Source], again: Mapping[str, str]
) -> Record:
    """Return the record of all complete files, with the account of all that were expected.

    Parameters
    ----------
    job : Job
    assembly : Assembly
        What was read.
    expected : list of Source
        All files that were to be read.
    again : dict of str to str
        Files that were given twice and counted once, with the path that was counted.
    """
    record = assembly.close(count_nothing(job))
    reasons = assembly.incomplete
    read = {file.path for file in record.inputs}
    lost = {
        source.path: _reason(source.path, reasons.get(source.path, DROPPED))
        for source in expected
        if source.path not in read
    }
    plain = [source.path for source in expected if source.dataset is None]
    ledger = Ledger(
        lost_files=tuple(sorted(LostFile(path, lost[path]) for path in plain if path in lost)),
        unaccounted=tuple(sorted(path for path in plain if path in read)),
        repeated_files=tuple(sorted(_repeated(path, kept) for path, kept in again.items())),
    )
    for dataset in datasets_of(expected):
        # a copy of a file was read when the file was
        named = {file.name: again.get(file.path, file.path) for file in dataset.files}
        ledger += dataset_ledger(
            dataset,
            {name for name, path in named.items() if path in read},
            {name: lost[path] for name, path in named.items() if path in lost},
        )
    return _sampled(job, replace(record, ledger=ledger))


def _sampled(job: Job, record: Record) -> Record:
    """Give the open sample, or what is left without it, its share of the exposure."""
    prescale = job.selection.prescale
    if prescale is None or record.kind == "simulation":
        return record
    name = open_sample(prescale)
    if record.open_sample is not None:
        share = record.ledger.share(prescale, name, rest=False)
        return replace(record, open_sample=replace(record.open_sample, ledger=share))
    if job.unblinded is not None and not job.with_open_sample:
        return replace(record, ledger=record.ledger.share(prescale, name, rest=True))
    return record


def _repeated(path: str, kept: str) -> LostFile:
    return LostFile(path, "given twice" if path == kept else f"the same file as {kept}")


def _reason(path: str, text: str) -> str:
    """An error says which file it is about; in the ledger that stands beside it."""
    return text.removeprefix(f"{printable(path)}: ")
