"""The frozen budget: what it was made of, and that the box is opened on nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from na64ana.analysis.estimate import Estimate
from na64ana.analysis.load import Analysis
from na64ana.background import Budget
from na64ana.background.budget_file import dumps, load
from na64ana.cutflow import Record
from na64ana.cutflow.ledger import LedgerDataset
from na64ana.datasets import Dataset
from na64ana.errors import AnalysisError, printable
from na64ana.provenance import made
from na64ana.textfile import read_json, write_whole

__all__ = [
    "Frozen",
    "data_of",
    "freeze",
    "hashes_of",
    "note_opening",
    "openings",
    "read_frozen",
    "samples_of",
]

SCHEMA = "na64ana/frozen/1"
BUDGET, FROZEN, OPENINGS = "budget.json", "frozen.json", "openings.json"
_FIRST = "run the analysis blind first: the budget is frozen before the box is opened"


class Frozen(NamedTuple):
    """A budget that was made blind, and the content of ``frozen.json``."""

    folder: Path
    budget: Budget
    content: Mapping[str, Any]

    @property
    def fits(self) -> list[dict[str, Any]]:
        """The sideband fits in the budget, as plain data."""
        return list(self.content["fits"])

    def check(self, now: Mapping[str, Any]) -> None:
        """Refuse other data or simulation than the budget was made of.

        Raises
        ------
        AnalysisError
            They are others.
        """
        for what, found in now.items():
            if self.content.get(what) != found:
                msg = (
                    f"{printable(str(self.folder))}: the {what} are not those that the budget was "
                    "frozen with; run the analysis blind again"
                )
                raise AnalysisError(msg)


def freeze(
    folder: Path, analysis: Analysis, data: Record, samples: Mapping[str, Record], found: Estimate
) -> None:
    """Write the budget, and what it was made of."""
    content = {
        "schema": SCHEMA,
        "budget": found.budget.sha256,
        "analysis": analysis.sha256,
        "selection": data.sha256,
        **data_of(data),
        **samples_of(samples),
        "fits": list(found.fits),
    }
    write_whole(folder / BUDGET, dumps(found.budget))
    write_whole(folder / FROZEN, json.dumps(content, indent=1) + "\n")


def read_frozen(folder: Path, analysis: Analysis) -> Frozen:
    """Read the frozen budget of an analysis.

    Raises
    ------
    AnalysisError
        There is none, it was changed, or it is of another analysis or selection.
    """
    place = printable(str(folder))
    if not (folder / FROZEN).is_file() or not (folder / BUDGET).is_file():
        msg = f"{place}: no frozen budget here; {_FIRST}"
        raise AnalysisError(msg)
    budget = load(folder / BUDGET)
    content = read_json(folder / FROZEN, "a frozen budget", AnalysisError)
    if not isinstance(content, dict) or content.get("schema") != SCHEMA or "fits" not in content:
        msg = f"{printable(str(folder / FROZEN))}: not a frozen budget (schema {SCHEMA})"
        raise AnalysisError(msg)
    if content.get("budget") != budget.sha256:
        msg = f"{place}: {BUDGET} is not the budget that was frozen; {_FIRST}"
        raise AnalysisError(msg)
    for what, sha256 in (("analysis", analysis.sha256), ("selection", analysis.selection.sha256)):
        if content.get(what) != sha256:
            msg = (
                f"{place}: the {what} has changed since the budget was frozen "
                f"({str(content.get(what))[:12]}, now {sha256[:12]}); {_FIRST}"
            )
            raise AnalysisError(msg)
    return Frozen(folder, budget, content)


def data_of(record: Record) -> dict[str, Any]:
    """Return what names the data of a record: hashes of the manifests, and the files."""
    return {
        "datasets": hashes_of(record.ledger.datasets),
        "inputs": sorted([file.uuid or file.path, file.entries] for file in record.inputs),
    }


def samples_of(samples: Mapping[str, Record]) -> dict[str, Any]:
    """Return what names the simulation."""
    return {"samples": {name: data_of(sample) for name, sample in sorted(samples.items())}}


def hashes_of(datasets: Iterable[Dataset | LedgerDataset]) -> dict[str, str]:
    """Return the hashes of manifests by the names of their datasets."""
    return {dataset.name: dataset.sha256 for dataset in datasets}


def openings(folder: Path) -> list[dict[str, Any]]:
    """Return who opened the box of these results, when, why, and on which budget."""
    path = folder / OPENINGS
    return list(read_json(path, "a list of openings", AnalysisError)) if path.is_file() else []


def note_opening(frozen: Frozen, reason: str) -> None:
    """Note that the box is being opened; before it is, so that no opening is without a note."""
    maker = made()
    opening = {"who": maker.user, "when": maker.time, "reason": reason,
               "budget": frozen.budget.sha256}  # fmt: skip
    noted = [*openings(frozen.folder), opening]
    write_whole(frozen.folder / OPENINGS, json.dumps(noted, indent=1) + "\n")
