"""The coffea processor: coffea hands out ranges of files, and the same counting is done on each.

coffea's Runner never tells a processor what it dropped, so the processor is told what to expect,
and closes the ledger with that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from coffea.processor import ProcessorABC

from na64ana.cutflow import Record
from na64ana.cutflow.assembly import Assembly, suspects
from na64ana.errors import InputError, printable
from na64ana.provenance import git_commits, made
from na64ana.run.close import DROPPED, close
from na64ana.run.count import Job, count_range
from na64ana.run.fileset import Fileset, expected_of
from na64ana.run.intake import Intake, Source
from na64ana.run.planning import plan_source, without_copies
from na64ana.run.repeated import find_repeated, in_words
from na64ana.selection import Selection

__all__ = ["SelectionProcessor", "Twice"]


class SelectionProcessor(ProcessorABC):  # type: ignore[misc]
    """Count a selection under ``coffea.processor.Runner``; the result is a record a dataset.

    Parameters
    ----------
    selection : Selection, str or Path
        A selection, the name of a shipped one, or the path of a YAML file.
    fileset : dict, optional
        The fileset that Runner is given: without it, nobody knows of files that Runner drops.
        A dataset whose metadata has ``manifest``, the path of one, gets its exposure from it.
    layout, unblind, with_open_sample, counts, on_bad_file
        As for `na64ana.run`.
    repeated : dict of str to frozenset of int, optional
        Entries by path that are left out because their event stands elsewhere too.
    again : dict of str to str, optional
        Paths of files that are not given to Runner, since they are the same as those named.
    """

    def __init__(
        self,
        selection: Selection | str | Path,
        *,
        fileset: Fileset | None = None,
        layout: str | Path | None = None,
        unblind: str | None = None,
        with_open_sample: bool = False,
        counts: str = "full",
        on_bad_file: Literal["stop", "skip"] = "stop",
        repeated: Mapping[str, frozenset[int]] | None = None,
        again: Mapping[str, str] | None = None,
    ) -> None:
        chosen = selection if isinstance(selection, Selection) else Selection.load(selection)
        found = chosen.layout(layout)
        self.job = Job(chosen.bind(found), found, unblind, counts, None, with_open_sample)
        self.git = git_commits(Path(chosen.where_is()))
        self.skip = on_bad_file == "skip"
        self.repeated = dict(repeated or {})
        self.again = dict(again or {})
        self.expected = {name: expected_of(name, given) for name, given in (fileset or {}).items()}

    def process(self, events: Any) -> dict[str, Assembly]:
        """Count the entries of one range; what coffea read of them is not used."""
        meta = events.metadata
        path, name = str(meta["filename"]), str(meta["dataset"])
        try:
            intake = self._intake(name, path)
            tree = str(meta["treename"]).partition(";")[0].strip("/")
            if tree != intake.plan.file.tree:
                msg = f"{printable(path)}: the fileset says tree '{printable(tree)}', the layout "
                msg += f"'{intake.plan.file.tree}'"
                raise InputError(msg)
            ranges = _within(intake, int(meta["entrystart"]), int(meta["entrystop"]))
            parts = [count_range(self.job, intake, start, stop) for start, stop in ranges]
        except InputError as error:
            if not self.skip:
                raise
            return {name: Assembly(lost={path: str(error)})}
        return {name: sum(parts, Assembly())}

    def postprocess(self, accumulator: Mapping[str, Assembly]) -> dict[str, Record]:
        """Return the record of each dataset, with the account of all that was expected."""
        return {
            name: self._closed(name, accumulator.get(name, Assembly()))
            for name in sorted({*self.expected, *accumulator})
        }

    def all_empty(self) -> bool:
        """Whether no file has entries; raises the error of the first that cannot be planned."""
        intakes = [self._intake(name, source.path) for name, found in self.expected.items()
                   for source in found]  # fmt: skip
        return not any(intake.plan.file.entries for intake in intakes)

    def _intake(self, name: str, path: str) -> Intake:
        known = {source.path: source for source in self.expected.get(name, ())}
        intake = plan_source(known.get(path, Source(path)), self.job.layout, self.job.selection)
        intake = without_copies({path: intake}, self.again)[path]
        return replace(intake, repeated=self.repeated.get(path, frozenset()))

    def _closed(self, name: str, assembly: Assembly) -> Record:
        expected = self.expected.get(name)
        if expected is None:
            known = {*assembly.seen, *assembly.lost}
            expected = [Source(path) for path in sorted(known)]
        for source in expected:
            if source.path not in assembly.seen and source.path not in assembly.lost:
                assembly = assembly + self._never_seen(name, source)
        suspected = suspects(assembly)
        intakes = {path: self._intake(name, path) for path in suspected}
        twice = find_repeated(self.job.layout, intakes, suspected)
        if twice:
            raise Twice({e.path: [o.entry for o in twice if o.path == e.path] for e in twice},
                         in_words(twice))  # fmt: skip
        known = {source.path for source in expected}
        again = {path: kept for path, kept in self.again.items() if kept in known}
        record = close(self.job, assembly, expected, again)
        return replace(record, git=self.git, made=(made(workers=0),))

    def _never_seen(self, name: str, source: Source) -> Assembly:
        """A file that Runner dropped, or that has no entries; which of the two, it does not say."""
        try:
            intake = self._intake(name, source.path)
        except InputError as error:
            if not self.skip:
                raise
            return Assembly(lost={source.path: str(error)})
        if intake.plan.file.entries:
            return Assembly(lost={source.path: DROPPED})
        return count_range(self.job, intake, 0, 0)


class Twice(InputError):
    """Events stand twice: entries to leave out, by path."""

    def __init__(self, entries: dict[str, list[int]], words: str) -> None:
        super().__init__(words)
        self.entries = entries


def _within(intake: Intake, start: int, stop: int) -> Iterator[tuple[int, int]]:
    """Cut a range of entries into those that are read at a time."""
    file = intake.plan.file
    if stop > file.entries:
        msg = f"{printable(file.path)}: has {file.entries} entries, and coffea asks for {stop}"
        raise InputError(msg)
    for first, last in intake.plan.ranges:
        if max(first, start) < min(last, stop):
            yield max(first, start), min(last, stop)
