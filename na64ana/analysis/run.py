"""``na64ana run``: one analysis file to record, budget, limit and report."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from na64ana.analysis.coupling import each_mass
from na64ana.analysis.estimate import estimate
from na64ana.analysis.freeze import (
    data_of,
    freeze,
    hashes_of,
    note_opening,
    openings,
    read_frozen,
    samples_of,
)
from na64ana.analysis.limit import limit_document, observed_events
from na64ana.analysis.load import Analysis, load_analysis
from na64ana.analysis.signal import masses_for
from na64ana.background import Budget
from na64ana.cutflow import Record
from na64ana.errors import AnalysisError, BackgroundError, LimitError, RecordError, SignalError
from na64ana.run.executors import Executor, executor_for
from na64ana.run.intake import datasets_of, sources
from na64ana.run.local import run as count
from na64ana.store import Store
from na64ana.textfile import make_folder, write_whole

__all__ = ["Outcome", "run_analysis"]

KEPT = "kept"
#: the local engine with the options of this analysis
Counted = Callable[..., Record]


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

    def __repr__(self) -> str:
        state = "blind" if self.record.blind else "open"
        whole = "complete" if self.complete else "incomplete"
        return f"<Outcome of {self.analysis.spec.name}: {state}, {whole}>"

    def _repr_html_(self) -> str:
        from na64ana.report.notebook_limits import outcome

        return outcome(self)


def run_analysis(  # noqa: PLR0913 - all but two have a default
    path: str | Path,
    out: str | Path,
    *,
    workers: int = 1,
    executor: str | Executor = "local",
    scheduler: str | None = None,
    site: str | None = None,
    unblind: str | None = None,
    on_bad_file: Literal["stop", "skip"] = "stop",
    duplicates: Literal["refuse", "once"] = "refuse",
    store: str | Path | Store | None = None,
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
    workers, executor, scheduler, site, on_bad_file, duplicates, store, progress
        As for `na64ana.run`.
    unblind : str, optional
        The reason for opening the box.

    Raises
    ------
    Na64Error
        The analysis or an input cannot be used, or there is no frozen budget to open with.
    """
    analysis = load_analysis(path)
    folder = make_folder(out)
    # one cluster for all that is counted
    with executor_for(executor, workers=workers, scheduler=scheduler, site=site) as who:
        counted: Counted = partial(
            count,
            analysis.selection,
            layout=analysis.spec.layout,
            executor=who,
            on_bad_file=on_bad_file,
            duplicates=duplicates,
            resume=folder / KEPT,
            store=store,
            progress=progress,
        )
        samples = {
            name: counted(analysis.inputs(sample.inputs))
            for name, sample in analysis.spec.samples.items()
        }
        work = _Work(analysis, folder, counted, samples, progress)
        outcome = _blind(work) if unblind is None else _opened(work, unblind)
    write_whole(folder / "record.json", outcome.record.to_json())
    limit = outcome.limit or {"schema": None, "missing": list(outcome.missing)}
    write_whole(folder / "limit.json", json.dumps(limit, indent=1, allow_nan=False) + "\n")
    return outcome


@dataclass(frozen=True)
class _Work:
    """An analysis under way: its samples are counted, its data not yet."""

    analysis: Analysis
    folder: Path
    counted: Counted
    samples: Mapping[str, Record]
    progress: bool | None


def _blind(work: _Work) -> Outcome:
    """Make the budget, and freeze it."""
    data = work.counted(work.analysis.inputs(work.analysis.spec.data))
    found = estimate(work.analysis, data, work.samples)
    freeze(work.folder, work.analysis, data, work.samples, found)
    outcome = _concluded(work, data, found.budget, found.fits)
    return replace(outcome, openings=tuple(openings(work.folder)))


def _opened(work: _Work, reason: str) -> Outcome:
    """Open the box on the frozen budget, if nothing has changed."""
    frozen = read_frozen(work.folder, work.analysis)
    inputs = work.analysis.inputs(work.analysis.spec.data)
    frozen.check(samples_of(work.samples) | {"datasets": hashes_of(datasets_of(sources(inputs)))})
    note_opening(frozen, reason)
    data = work.counted(inputs, unblind=reason)
    frozen.check(data_of(data))
    observed = observed_events(work.analysis, data)
    return _concluded(work, data, frozen.budget, frozen.fits, observed)


def _concluded(
    work: _Work,
    record: Record,
    budget: Budget,
    fits: Iterable[dict[str, Any]],
    observed: int | None = None,
) -> Outcome:
    missing = [f"{source.name}: {source.reason}" for source in budget.missing]
    missing += [f"sample '{name}': files are lost" for name, sample in work.samples.items()
                if not sample.ledger.complete]  # fmt: skip
    try:
        limit = _limit(work, record, budget, observed)
    except (BackgroundError, LimitError, AnalysisError, RecordError, SignalError) as error:
        limit = None
        missing.append(f"the limit: {error}")
    if limit is not None and record.unblinded is not None and record.made:
        made = record.made[0]
        limit["unblinded"] = {"who": made.user, "when": made.time, "reason": record.unblinded}
    return Outcome(work.analysis, record, budget, tuple(fits), limit, tuple(missing))


def _limit(work: _Work, record: Record, budget: Budget, observed: int | None) -> dict[str, Any]:
    """Set the limit, with a bar where it takes a while: at each mass of a model."""
    analysis = work.analysis
    if analysis.spec.signal.model is None:
        return limit_document(analysis, budget, record, work.samples, observed)
    with each_mass(len(masses_for(analysis.spec)), work.progress) as progress:
        return limit_document(analysis, budget, record, work.samples, observed, progress=progress)
