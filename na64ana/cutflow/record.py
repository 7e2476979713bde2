"""The record of a run: inputs, cutflows, histograms and regions; adding is associative."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from na64ana.cutflow.cutflow import Cutflow
from na64ana.cutflow.ledger import Ledger
from na64ana.cutflow.spills import SpillCount, SpillId, added, may_share_events, overlapping
from na64ana.cutflow.tally import Counts, Tally
from na64ana.errors import RecordError, printable
from na64ana.histograms import Histogram
from na64ana.named import Named
from na64ana.provenance import Made, software

if TYPE_CHECKING:
    import hist

    from na64ana.cutflow.exposure import Yield

__all__ = ["InputFile", "Record", "Region"]

Range = tuple[int, int]


@dataclass(frozen=True)
class InputFile:
    """A file and the entries of it that are in a record.

    Attributes
    ----------
    path : str
    uuid : str or None
        The file's own identity, None where it has none.
    entries : int
        All entries of the tree.
    read : tuple of (start, stop)
        The ranges in the record, sorted, disjoint and as long as possible.
    tree, layout, layout_sha256 : str
    kind : str
        ``data``, ``pseudo-data`` (simulated, treated as data) or ``simulation``.
    kind_from : str
        How that was recognised.
    spills : tuple of SpillCount
        The events counted, by spill; sorted.
    left_out : dict of str to int
        Entries that were read and left out before the first count, by reason.
    suspect : frozenset of (run, spill)
        Spills in which an event may stand twice: to be settled before a record is closed.
    """

    path: str
    uuid: str | None
    entries: int
    read: tuple[Range, ...]
    tree: str = ""
    layout: str = ""
    layout_sha256: str = ""
    kind: str = "data"
    kind_from: str = ""
    spills: tuple[SpillCount, ...] = field(default=(), repr=False)
    left_out: Mapping[str, int] = field(default_factory=dict)
    suspect: frozenset[SpillId] = field(default=frozenset(), repr=False, compare=False)

    @property
    def identity(self) -> tuple[str, str]:
        """What makes two inputs the same file."""
        return (self.uuid or self.path, self.tree)

    @property
    def complete(self) -> bool:
        """Whether all entries were read."""
        return sum(stop - start for start, stop in self.read) == self.entries

    def __add__(self, other: InputFile) -> InputFile:
        """Merge what was read of one file.

        Raises
        ------
        RecordError
            An entry would be counted twice.
        """
        return replace(
            self,
            path=min(self.path, other.path),
            read=_joined(other, [*self.read, *other.read]),
            spills=added(self.spills, other.spills),
            left_out=summed(self.left_out, other.left_out),
            suspect=self.suspect | other.suspect | overlapping([*self.spills, *other.spills]),
        )


@dataclass(frozen=True, eq=False)
class Region:
    """Events in a region, and the values kept of them.

    Attributes
    ----------
    tally : Tally
        One group: all events of the region.
    ids : array of int64, shape (event, 3)
        (run, spill, event).
    kept : dict of str to array of float, shape (event,)
        Values of the observables under ``keep``.
    """

    name: str
    tally: Tally
    ids: np.ndarray = field(repr=False)
    kept: Mapping[str, np.ndarray] = field(repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "kept", Named(self.kept, "kept observable"))

    @property
    def counts(self) -> Counts:
        """Events and weights in the region."""
        return self.tally.counts(0)

    def __add__(self, other: Region) -> Region:
        return Region(
            self.name,
            self.tally + other.tally,
            np.concatenate([self.ids, other.ids]),
            {name: np.concatenate([v, other.kept[name]]) for name, v in self.kept.items()},
        )

    def in_order(self) -> Region:
        """Return the same with events in the order of (run, spill, event), then of values."""
        keys = [*reversed([self.kept[name] for name in sorted(self.kept)]), *self.ids.T[::-1]]
        order = np.lexsort(keys) if len(self.ids) else slice(0)
        kept = {name: values[order] for name, values in self.kept.items()}
        return Region(self.name, self.tally, self.ids[order], kept)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Region):
            return NotImplemented
        a, b = self.in_order(), other.in_order()
        return (
            a.name == b.name
            and a.tally == b.tally
            and np.array_equal(a.ids, b.ids)
            and a.kept.keys() == b.kept.keys()
            and all(np.array_equal(v, b.kept[k], equal_nan=True) for k, v in a.kept.items())
        )

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, eq=False, repr=False)
class Record:
    """What a selection counted on some entries of some files.

    Attributes
    ----------
    selection, sha256 : str
        Name and hash of the selection.
    blind : bool
        Whether events of blind regions were taken out before anything was counted.
    unblinded : str or None
        The reason given for opening the box.
    mode : str
        ``full`` or ``sequential``: which counts were made.
    inputs : tuple of InputFile
        Sorted by path.
    channels : dict of str to Cutflow
        ``main`` and the channels of the selection.
    booked : dict of str to Histogram
    regions : dict of str to Region
    ledger : Ledger
        Exposure of what was processed, lost and excluded; and the files that were lost.
    sample : str
        Which of the events these are; empty for all of them.
    open_sample : Record or None
        Of a blind record, that of the fixed fraction of events that ``prescale`` opens.
    software : dict of str to str
        Versions of Python and of the packages that counted; several where records were merged
        that different versions had made.
    git : dict of str to str
        Commits of ``na64ana`` and of the folder of the ``selection``, where they are known.
    made : tuple of Made
        Who counted, when, where and how; sorted. It says nothing about the counts, and no two
        runs have the same.
    """

    selection: str
    sha256: str
    blind: bool
    unblinded: str | None
    mode: str
    inputs: tuple[InputFile, ...]
    channels: Mapping[str, Cutflow]
    booked: Mapping[str, Histogram] = field(default_factory=dict)
    regions: Mapping[str, Region] = field(default_factory=dict)
    software: Mapping[str, str] = field(default_factory=software)
    ledger: Ledger = field(default_factory=Ledger)
    sample: str = ""
    open_sample: Record | None = None
    git: Mapping[str, str] = field(default_factory=dict)
    made: tuple[Made, ...] = ()

    def __post_init__(self) -> None:
        kinds = {"channels": "channel", "booked": "histogram", "regions": "region"}
        for name, kind in kinds.items():
            object.__setattr__(self, name, Named(getattr(self, name), kind))

    def __repr__(self) -> str:
        files = "1 file" if len(self.inputs) == 1 else f"{len(self.inputs)} files"
        state = "blind" if self.blind else "open"
        return f"<Record of {self.selection}: {self.events} events, {files}, {self.kind}, {state}>"

    @property
    def cutflow(self) -> Cutflow:
        """The cutflow of the main chain."""
        return self.channels["main"]

    @property
    def histograms(self) -> Mapping[str, hist.Hist[Any]]:
        """The histograms, as `hist.Hist`."""
        drawn = {name: histogram.to_hist() for name, histogram in self.booked.items()}
        return Named(drawn, "histogram")

    @property
    def events(self) -> int:
        """Events counted (without those of a blind region)."""
        return self.cutflow.events.n

    @property
    def left_out(self) -> dict[str, int]:
        """Entries that were read and left out before the first count, by reason."""
        return reduce(summed, (file.left_out for file in self.inputs), {})

    @property
    def kind(self) -> str:
        """``data`` or ``simulation``."""
        return self.inputs[0].kind if self.inputs else "data"

    def __add__(self, other: Record) -> Record:
        """Merge two records of the same selection over different entries.

        Raises
        ------
        RecordError
            The selections or the counts differ, one is blind and the other open, data meet
            simulation, or an entry or an event would be counted twice.
        """
        self._same(other)
        _no_event_twice(self.inputs, other.inputs)
        reasons = {r for record in (self, other) if record.unblinded
                   for r in record.unblinded.split("; ")}  # fmt: skip
        return replace(
            self,
            selection=min(self.selection, other.selection),
            unblinded="; ".join(sorted(reasons)) or None,
            inputs=_merged(self.inputs, other.inputs),
            channels={name: flow + other.channels[name] for name, flow in self.channels.items()},
            booked={name: h + other.booked[name] for name, h in self.booked.items()},
            regions={name: r + other.regions[name] for name, r in self.regions.items()},
            software=_versions(self.software, other.software),
            ledger=self.ledger + other.ledger,
            open_sample=_both(self.open_sample, other.open_sample),
            git=_versions(self.git, other.git),
            made=tuple(sorted({*self.made, *other.made})),
        )

    def _same(self, other: Record) -> None:
        if self.sha256 != other.sha256:
            msg = (
                f"records of different selections do not merge: '{self.selection}' "
                f"({self.sha256[:12]}) and '{other.selection}' ({other.sha256[:12]})"
            )
            raise RecordError(msg)
        if self.blind != other.blind:
            msg = "a blind record does not merge with an unblinded one"
            raise RecordError(msg)
        if self.sample != other.sample:
            samples = [sample or "all events" for sample in (self.sample, other.sample)]
            msg = f"records of '{samples[0]}' and '{samples[1]}' do not merge"
            raise RecordError(msg)
        if self.mode != other.mode:
            msg = f"records with counts {self.mode} and {other.mode} do not merge"
            raise RecordError(msg)
        layouts = {file.layout_sha256 for file in (*self.inputs, *other.inputs)}
        if len(layouts) > 1:
            msg = "records read through different layouts do not merge: their units may differ"
            raise RecordError(msg)
        if self.inputs and other.inputs and self.kind != other.kind:
            msg = f"a record of {self.kind} does not merge with one of {other.kind}"
            raise RecordError(msg)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Record):
            return NotImplemented
        from na64ana.cutflow.to_json import to_dict

        return to_dict(self, origin=False) == to_dict(other, origin=False)

    __hash__ = None  # type: ignore[assignment]

    def per_exposure(self, per: float | None = None, *, channel: str = "main") -> list[Yield]:
        """Return what is left after each cut, for so many particles on target.

        Parameters
        ----------
        per : float, optional
            Particles on target; by default those that were processed.
        channel : str

        Raises
        ------
        RecordError
            The exposure of the record is not known, or is zero.
        """
        from na64ana.cutflow.exposure import per_exposure

        return per_exposure(self, per, channel=channel)

    # ------------------------------------------------------------------- views

    def to_json(self) -> str:
        """Return the record as JSON (schema ``na64ana/record/1``); `load` reads it back."""
        from na64ana.cutflow.to_json import dumps

        return dumps(self)

    @classmethod
    def load(cls, path: str | Path) -> Record:
        """Read a record from its JSON file.

        Raises
        ------
        RecordError
            The file is missing or holds no record.
        """
        from na64ana.cutflow.from_json import load

        return load(Path(path))

    def to_html(self) -> str:
        """Return all cutflows as an HTML fragment."""
        from na64ana.report.html import record

        return record(self)

    def _repr_html_(self) -> str:
        return self.to_html()

    def __rich__(self) -> Any:
        from na64ana.report.text import record_tables

        return record_tables(self)


def open_sample(prescale: int) -> str:
    """Name of the sample that is open before the box is."""
    return f"open sample (1 in {prescale})"


def _both(mine: Record | None, theirs: Record | None) -> Record | None:
    return mine + theirs if mine is not None and theirs is not None else mine or theirs


def _versions(mine: Mapping[str, str], theirs: Mapping[str, str]) -> dict[str, str]:
    return {
        package: ", ".join(
            sorted({v for side in (mine, theirs) if package in side
                    for v in side[package].split(", ")})
        )
        for package in dict.fromkeys([*mine, *theirs])
    }  # fmt: skip


def _merged(mine: Iterable[InputFile], theirs: Iterable[InputFile]) -> tuple[InputFile, ...]:
    files = {file.identity: file for file in mine}
    for file in theirs:
        have = files.get(file.identity)
        files[file.identity] = file if have is None else have + file
    return tuple(sorted(files.values(), key=lambda file: (file.path, *file.identity)))


def _no_event_twice(mine: Iterable[InputFile], theirs: Iterable[InputFile]) -> None:
    """Refuse records that may share an event: event ids are no longer there to be compared."""
    known: dict[SpillId, list[tuple[SpillCount, InputFile]]] = {}
    for file in mine:
        for count in file.spills:
            known.setdefault(count.key, []).append((count, file))
    for file in theirs:
        for count in file.spills:
            for have, other in known.get(count.key, ()):
                if file.kind == "simulation" or file.identity == other.identity:
                    continue  # of one file the entries are compared
                if may_share_events(have, count):
                    raise RecordError(_shared(count, have, file, other))


def _shared(a: SpillCount, b: SpillCount, file: InputFile, other: InputFile) -> str:
    same = (a.n, a.digest) == (b.n, b.digest)
    return (
        f"{printable(file.path)} and {printable(other.path)}: run {a.run}, spill {a.spill}: "
        f"events {a.first} to {a.last} of the one and {b.first} to {b.last} of the other "
        + ("are the same; they would be counted twice" if same else
           "may be the same; give both files to one run, which compares them")
    )  # fmt: skip


def summed(mine: Mapping[str, int], theirs: Mapping[str, int]) -> dict[str, int]:
    """Add numbers by their names."""
    return {key: mine.get(key, 0) + theirs.get(key, 0) for key in sorted({*mine, *theirs})}


def _joined(file: InputFile, ranges: list[Range]) -> tuple[Range, ...]:
    joined: list[Range] = []
    for start, stop in sorted(r for r in ranges if r[0] < r[1]):
        if joined and start < joined[-1][1]:
            msg = (
                f"{file.path}: entries {start} to {min(stop, joined[-1][1])} are in both records; "
                "they would be counted twice"
            )
            raise RecordError(msg)
        if joined and start == joined[-1][1]:
            joined[-1] = (joined[-1][0], stop)
        else:
            joined.append((start, stop))
    return tuple(joined)
