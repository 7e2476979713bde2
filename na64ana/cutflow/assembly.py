"""Records of parts of files on their way to one record: only whole files and spills get in.

A file counts when all of its entries are in; a spill split over several files when all of these
are. What stands or falls together is a `Part`; its record is kept apart until its files are
complete, and is dropped whole if one of them never is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from na64ana.cutflow.record import InputFile, Record, summed
from na64ana.cutflow.spills import SpillCount, SpillId, may_share_events
from na64ana.errors import InputError, printable

__all__ = ["SHARED_SPILL", "Assembly", "Part", "suspects"]

#: why events of a complete file are left out
SHARED_SPILL = "spill shared with a lost file"


class Part(NamedTuple):
    """Events that get in together, when all entries of all these files are in.

    Attributes
    ----------
    files : tuple of str
        Paths, sorted.
    spill : (run, spill) or None
        The spill that the files share; None for all the rest of one file.
    """

    files: tuple[str, ...]
    spill: SpillId | None = None


@dataclass(frozen=True, eq=False)
class Assembly:
    """Parts of records that add up in any order.

    Attributes
    ----------
    folded : Record or None
        The record of all parts whose files are complete; without inputs.
    parts : dict of Part to Record
        Those that still wait; without inputs.
    seen : dict of str to InputFile
        What was read of each file, by path.
    lost : dict of str to str
        Paths of files that cannot be read, each with the reason.
    """

    folded: Record | None = field(default=None, repr=False)
    parts: Mapping[Part, Record] = field(default_factory=dict, repr=False)
    seen: Mapping[str, InputFile] = field(default_factory=dict)
    lost: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, file: InputFile, parts: Mapping[Part, Record]) -> Assembly:
        """Return what a range of one file gave; the records have no inputs of their own."""
        return cls(None, parts, {file.path: file})._settled()

    def __add__(self, other: Assembly) -> Assembly:
        """Put two assemblies together.

        Raises
        ------
        RecordError
            An entry is in both, or their records do not fit.
        """
        seen = dict(self.seen)
        for path, file in other.seen.items():
            seen[path] = seen[path] + file if path in seen else file
        parts = dict(self.parts)
        for part, record in other.parts.items():
            parts[part] = parts[part] + record if part in parts else record
        lost = {**other.lost, **self.lost}
        return Assembly(_sum([self.folded, other.folded]), parts, seen, lost)._settled()

    def _settled(self) -> Assembly:
        """Fold the parts whose files are complete."""
        ready = [part for part in self.parts if all(map(self.is_complete, part.files))]
        if not ready:
            return self
        folded = _sum([self.folded, *(self.parts[part] for part in ready)])
        waiting = {part: r for part, r in self.parts.items() if part not in ready}
        return replace(self, folded=folded, parts=waiting)

    def is_complete(self, path: str) -> bool:
        """Whether all entries of a file are in."""
        return path not in self.lost and path in self.seen and self.seen[path].complete

    @property
    def incomplete(self) -> dict[str, str]:
        """Files that did not get in, each with the reason; sorted by path."""
        reasons = dict(self.lost)
        for path, file in self.seen.items():
            if not file.complete and path not in reasons:
                read = sum(stop - start for start, stop in file.read)
                reasons[path] = f"only {read} of {file.entries} entries were read"
        return dict(sorted(reasons.items()))

    def close(self, empty: Record) -> Record:
        """Return the record of what is complete; what still waits is dropped whole.

        Parameters
        ----------
        empty : Record
            The record of no events, for when nothing is complete.

        Raises
        ------
        InputError
            The files are of different kinds or layouts, or two are the same file.
        """
        dropped: dict[str, set[SpillId]] = {}
        for part in self.parts:
            for path in part.files:
                if part.spill is not None:
                    dropped.setdefault(path, set()).add(part.spill)
        inputs = [
            _without(file, dropped.get(path, set()))
            for path, file in sorted(self.seen.items())
            if self.is_complete(path)
        ]
        _alike(inputs)
        record = empty if self.folded is None else self.folded
        return replace(record, inputs=tuple(inputs))


def suspects(assembly: Assembly) -> dict[str, set[SpillId]]:
    """Return spills in which an event may stand twice, by the paths of the files they are in.

    A spill is one if the event numbers of two parts of it, of one file or of two, overlap.
    Simulation numbers its events anew in each file and is not looked at.
    """
    found: dict[str, set[SpillId]] = {}
    parts: dict[SpillId, list[tuple[SpillCount, str]]] = {}
    for path, file in assembly.seen.items():
        if file.kind == "simulation" or not assembly.is_complete(path):
            continue
        for spill in file.suspect:
            if spill[0] >= 0:
                found.setdefault(path, set()).add(spill)
        for count in file.spills:
            parts.setdefault(count.key, []).append((count, path))
    for spill, counts in parts.items():
        for path in _overlapping(counts):
            found.setdefault(path, set()).add(spill)
    return found


def _overlapping(parts: list[tuple[SpillCount, str]]) -> set[str]:
    """Paths of the parts of a spill whose event numbers overlap those of another part."""
    parts = sorted(parts, key=lambda part: part[0].first)
    paths: set[str] = set()
    widest = parts[0]
    for part in parts[1:]:
        if may_share_events(widest[0], part[0]):
            paths |= {widest[1], part[1]}
        widest = max(widest, part, key=lambda p: p[0].last)
    return paths


def _sum(records: Iterable[Record | None]) -> Record | None:
    total: Record | None = None
    for record in records:
        if record is not None:
            total = record if total is None else total + record
    return total


def _without(file: InputFile, spills: set[SpillId]) -> InputFile:
    """Return a file without the events of some spills."""
    gone = sum(count.n for count in file.spills if count.key in spills)
    return replace(
        file,
        spills=tuple(count for count in file.spills if count.key not in spills),
        left_out=summed(file.left_out, {SHARED_SPILL: gone} if gone else {}),
        suspect=frozenset(),
    )


def _alike(files: Iterable[InputFile]) -> None:
    """Refuse files of which the same number would mean different things."""
    first: InputFile | None = None
    known: dict[tuple[str, str], InputFile] = {}
    for file in files:
        first = first or file
        twin = known.setdefault(file.identity, file)
        if twin is not file:
            msg = (
                f"{printable(twin.path)} and {printable(file.path)} are the same file "
                f"(UUID {file.uuid}); its events would be counted twice"
            )
            raise InputError(msg)
        for what in ("kind", "layout", "layout_sha256"):
            a, b = getattr(first, what), getattr(file, what)
            if a != b:
                msg = (
                    f"{printable(first.path)} is of {what} {printable(a)} and "
                    f"{printable(file.path)} of {what} {printable(b)}; count them apart"
                )
                raise InputError(msg)
