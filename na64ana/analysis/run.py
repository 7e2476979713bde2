"""``na64ana run``: one analysis file to record, budget, limit and report."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from na64ana.analysis.estimate import Estimate, estimate
from na64ana.analysis.limit import limit_document, observed_events
from na64ana.analysis.load import Analysis, load_analysis
from na64ana.background import Budget
from na64ana.background.budget_file import dumps as budget_text
from na64ana.background.budget_file import load as load_budget
from na64ana.cutflow import Record
from na64ana.cutflow.ledger import LedgerDataset
from na64ana.datasets import Dataset
from na64ana.errors import AnalysisError, BackgroundError, LimitError, RecordError, printable
from na64ana.run.intake import datasets_of, sources
from na64ana.run.local import run as count
from na64ana.textfile import write_whole

__all__ = ["Outcome", "run_analysis"]

FROZEN_SCHEMA = "na64ana/frozen/1"
KEPT, OPENINGS = "kept", "openings.json"


@dataclass(frozen=True)
class Outcome:
    """What an analysis gave.

    Attributes
    ----------
    analysis : Analysis
    record : Record
        Blind, or open after unblinding.
    budget : Budget
    fits : tuple of dict
        The sideband fits, as plain data.
    limit : dict or None
        The content of ``limit.json``; None where a number that it needs is missing.
    missing : tuple of str
        What is missing, and why.
    openings : tuple of dict
        Of a blind run: who had opened the box before, when, why, and on which budget.
    """

    analysis: Analysis
    record: Record
    budget: Budget
    fits: tuple[dict[str, Any], ...]
    limit: dict[str, Any] | None
    missing: tuple[str, ...]
    openings: tuple[dict[str, Any], ...] = ()

    @property
    def complete(self) -> bool:
        """Whether nothing is lost or missing."""
        return self.record.ledger.complete and not self.missing


def run_analysis(
    path: str | Path,
    out: str | Path,
    *,
    workers: int = 1,
    unblind: str | None = None,
    on_bad_file: Literal["stop", "skip"] = "stop",
    duplicates: Literal["refuse", "once"] = "refuse",
    progress: bool | None = None,
) -> Outcome:
    """Run an analysis, and write ``record.json``, ``budget.json`` and ``limit.json``.

    Finished files are kept in the folder ``kept`` of ``out``: after an interruption, or after a
    change of the background or the limit, only what is missing is counted.

    Blind, the budget is made and frozen, and the limit is the expected one. With ``unblind`` the
    frozen budget is read, not made anew: it must be there, of the same analysis, selection and
    manifests. Then the box is opened and the observation added.

    Parameters
    ----------
    path : str or Path
        The analysis file.
    out : str or Path
        Folder of the results.
    workers, on_bad_file, duplicates, progress
        As for `na64ana.run`.
    unblind : str, optional
        The reason for opening the box.

    Raises
    ------
    Na64Error
        The analysis or an input cannot be used, or there is no frozen budget to open with.
    """
    analysis = load_analysis(path)
    folder = Path(out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"{printable(str(out))}: cannot be made ({error.strerror or error})"
        raise AnalysisError(msg) from None
    options: dict[str, Any] = {
        "layout": analysis.spec.layout,
        "workers": workers,
        "on_bad_file": on_bad_file,
        "duplicates": duplicates,
        "resume": folder / KEPT,
        "progress": progress,
    }
    samples = {
        name: count(analysis.selection, analysis.inputs(sample.inputs), **options)
        for name, sample in analysis.spec.samples.items()
    }
    inputs = analysis.inputs(analysis.spec.data)
    if unblind is None:
        data = count(analysis.selection, inputs, **options)
        made = estimate(analysis, data, samples)
        outcome = _concluded(analysis, data, made.budget, made.fits, samples)
        outcome = replace(outcome, openings=tuple(_openings(folder)))
        _write_blind(folder, outcome, made, samples)
        return outcome
    budget, frozen = _frozen(folder, analysis)
    _same_data(folder, frozen, {"datasets": _hashes(datasets_of(sources(inputs)))})
    _same_data(folder, frozen, _simulated(samples))
    opened = count(analysis.selection, inputs, unblind=unblind, **options)
    _same_data(folder, frozen, _data(opened))
    observed = observed_events(analysis, opened)
    outcome = _concluded(analysis, opened, budget, frozen["fits"], samples, observed)
    _write(folder, outcome)
    maker = opened.made[0]
    opening = {"who": maker.user, "when": maker.time, "reason": unblind, "budget": budget.sha256}
    write_whole(folder / OPENINGS, json.dumps([*_openings(folder), opening], indent=1) + "\n")
    return outcome


def _concluded(
    analysis: Analysis,
    record: Record,
    budget: Budget,
    fits: Iterable[dict[str, Any]],
    samples: Mapping[str, Record],
    observed: int | None = None,
) -> Outcome:
    missing = [f"{source.name}: {source.reason}" for source in budget.missing]
    missing += [f"sample '{name}': files are lost" for name, sample in samples.items()
                if not sample.ledger.complete]  # fmt: skip
    try:
        limit = limit_document(analysis, budget, record, samples, observed)
    except (BackgroundError, LimitError, AnalysisError, RecordError) as error:
        limit = None
        missing.append(f"the limit: {error}")
    if limit is not None and record.unblinded is not None and record.made:
        made = record.made[0]
        limit["unblinded"] = {"who": made.user, "when": made.time, "reason": record.unblinded}
    return Outcome(analysis, record, budget, tuple(fits), limit, tuple(missing))


# ------------------------------------------------------------- files and freeze


def _write_blind(
    folder: Path, outcome: Outcome, made: Estimate, samples: Mapping[str, Record]
) -> None:
    """Write the results, and what the frozen budget was made of."""
    frozen = {
        "schema": FROZEN_SCHEMA,
        "budget": made.budget.sha256,
        "analysis": outcome.analysis.sha256,
        "selection": outcome.record.sha256,
        **_data(outcome.record),
        **_simulated(samples),
        "fits": list(made.fits),
    }
    write_whole(folder / "budget.json", budget_text(made.budget))
    write_whole(folder / "frozen.json", json.dumps(frozen, indent=1) + "\n")
    _write(folder, outcome)


def _data(record: Record) -> dict[str, Any]:
    """The data that must be the same when the box is opened."""
    return {
        "datasets": _hashes(record.ledger.datasets),
        "inputs": sorted([file.uuid or file.path, file.entries] for file in record.inputs),
    }


def _simulated(samples: Mapping[str, Record]) -> dict[str, Any]:
    """The simulation that must be the same."""
    return {"samples": {name: _data(sample) for name, sample in sorted(samples.items())}}


def _hashes(datasets: Iterable[Dataset | LedgerDataset]) -> dict[str, str]:
    return {dataset.name: dataset.sha256 for dataset in datasets}


def _write(folder: Path, outcome: Outcome) -> None:
    write_whole(folder / "record.json", outcome.record.to_json())
    limit = outcome.limit or {"schema": None, "missing": list(outcome.missing)}
    write_whole(folder / "limit.json", json.dumps(limit, indent=1, allow_nan=False) + "\n")


def _frozen(folder: Path, analysis: Analysis) -> tuple[Budget, dict[str, Any]]:
    """Read the frozen budget and what it was made of; refuse one of another analysis."""
    place = printable(str(folder))
    first = "run the analysis blind first: the budget is frozen before the box is opened"
    if not (folder / "frozen.json").is_file() or not (folder / "budget.json").is_file():
        msg = f"{place}: no frozen budget here; {first}"
        raise AnalysisError(msg)
    budget = load_budget(folder / "budget.json")
    frozen = _read_frozen(folder)
    if frozen.get("budget") != budget.sha256:
        msg = f"{place}: budget.json is not the budget that was frozen; {first}"
        raise AnalysisError(msg)
    for what, sha256 in (("analysis", analysis.sha256), ("selection", analysis.selection.sha256)):
        if frozen.get(what) != sha256:
            msg = (
                f"{place}: the {what} has changed since the budget was frozen "
                f"({str(frozen.get(what))[:12]}, now {sha256[:12]}); {first}"
            )
            raise AnalysisError(msg)
    return budget, frozen


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        msg = f"{printable(str(path))}: cannot be read ({printable(str(error))})"
        raise AnalysisError(msg) from None


def _read_frozen(folder: Path) -> dict[str, Any]:
    path = folder / "frozen.json"
    content = _read_json(path)
    if not isinstance(content, dict) or content.get("schema") != FROZEN_SCHEMA:
        msg = f"{printable(str(path))}: not a frozen budget (schema {FROZEN_SCHEMA})"
        raise AnalysisError(msg)
    return content


def _openings(folder: Path) -> list[dict[str, Any]]:
    """Who opened the box of these results before, when, why, and on which budget."""
    path = folder / OPENINGS
    return list(_read_json(path)) if path.is_file() else []


def _same_data(folder: Path, frozen: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Refuse to open other data than those the budget was made of."""
    for what, found in now.items():
        if frozen.get(what) != found:
            msg = (
                f"{printable(str(folder))}: the {what} are not those that the budget was frozen "
                "with; run the analysis blind again"
            )
            raise AnalysisError(msg)
