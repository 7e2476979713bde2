"""A selection over a fileset with coffea: whatever its Runner drops, the ledger is closed."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from na64ana.cutflow import Record
from na64ana.datasets import Dataset
from na64ana.errors import InputError, Na64Error, printable
from na64ana.run.fileset import Fileset, fileset_of, sources_of
from na64ana.run.opened import closing_last_file
from na64ana.run.planning import plan_inputs
from na64ana.selection import Selection

if TYPE_CHECKING:
    from coffea.processor import Runner

    from na64ana.run.processor import SelectionProcessor

__all__ = ["coffea"]


def coffea(
    runner: Runner,
    fileset: Fileset | str | Path | Dataset,
    selection: Selection | str | Path,
    *,
    layout: str | Path | None = None,
    unblind: str | None = None,
    with_open_sample: bool = False,
    counts: str = "full",
    on_bad_file: Literal["stop", "skip"] = "stop",
    duplicates: Literal["refuse", "once"] = "refuse",
) -> dict[str, Record]:
    """Run a selection over a fileset with coffea, and close the ledger whatever Runner drops.

    Parameters
    ----------
    runner : coffea.processor.Runner
        With any executor. Its schema is not used; with ``skip``, neither is its `skipbadfiles`.
    fileset : dict, str, Path or Dataset
        A fileset of coffea, or a dataset or its manifest.
    selection, layout, unblind, with_open_sample, counts, on_bad_file, duplicates
        As for `na64ana.run`.

    Returns
    -------
    dict of str to Record
        By dataset.

    Raises
    ------
    Na64Error
        The selection or an input cannot be used.
    """
    from coffea.nanoevents import BaseSchema

    from na64ana.run.processor import SelectionProcessor, Twice

    given = fileset if isinstance(fileset, Mapping) else fileset_of(fileset)
    skip, once = on_bad_file == "skip", duplicates == "once"
    # neither the metadata cache of coffea nor its checkpoints notice that a file or the
    # selection has changed
    runner = replace(runner, schema=BaseSchema, metadata_cache={}, use_result_type=False,
                     checkpointer=None, savemetrics=False)  # fmt: skip
    if skip:
        runner = replace(runner, skipbadfiles=(Exception,))
    again: dict[str, str] = {}
    if once:
        given, again = _once(given, selection, layout, skip=skip)
    repeated: dict[str, frozenset[int]] = {}
    while True:
        processor = SelectionProcessor(
            selection, fileset=given, layout=layout, unblind=unblind,
            with_open_sample=with_open_sample, counts=counts, on_bad_file=on_bad_file,
            repeated=repeated, again=again,
        )  # fmt: skip
        try:
            return _run(runner, given, processor)
        except Twice as error:
            if not once:
                raise
            for path, entries in error.entries.items():
                repeated[path] = repeated.get(path, frozenset()).union(entries)


def _once(
    fileset: Fileset, selection: Selection | str | Path, layout: str | Path | None, *, skip: bool
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return a fileset without files given twice, and these with the paths that are kept."""
    chosen = selection if isinstance(selection, Selection) else Selection.load(selection)
    found = chosen.layout(layout)
    bound = chosen.bind(found)
    reduced: dict[str, Any] = {}
    again: dict[str, str] = {}
    for name, given in fileset.items():
        planned = plan_inputs(sources_of(name, given), found, bound, skip=skip, once=True)
        again |= planned.again
        kept = {source.path for source in planned.expected}
        listed = given["files"] if isinstance(given, Mapping) else given
        chosen_files = (
            {path: tree for path, tree in listed.items() if path in kept}
            if isinstance(listed, Mapping)
            else [path for path in dict.fromkeys(map(str, listed)) if path in kept]
        )
        reduced[name] = (
            {**given, "files": chosen_files} if isinstance(given, Mapping) else chosen_files
        )
    return reduced, again


def _run(runner: Runner, fileset: Fileset, processor: SelectionProcessor) -> dict[str, Record]:
    tree = processor.job.layout.tree
    with closing_last_file(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Performed attempt|Skipping bad file", UserWarning)
        try:
            records: dict[str, Record] = runner(_plain(fileset), processor, treename=tree)
        except Exception as error:
            ours = _cause(error)
            if ours is not None:
                raise ours from None
            if not processor.skip and not processor.all_empty():
                msg = f"coffea's Runner: {printable(str(error) or type(error).__name__, 500)}"
                raise InputError(msg) from error
            # nothing survived, and the ledger says so; or all files are without entries
            return processor.postprocess({})
    return records


def _cause(error: BaseException | None) -> Na64Error | None:
    while error is not None and not isinstance(error, Na64Error):
        error = error.__cause__ or error.__context__
    return error


def _plain(fileset: Fileset) -> dict[str, Any]:
    return {name: dict(given) if isinstance(given, Mapping) else list(given)
            for name, given in fileset.items()}  # fmt: skip
