"""A dataset: files of one run period, and the exposure of every spill in them. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

__all__ = ["BadSpill", "Dataset", "DatasetFile", "SpillId"]

#: (run, spill)
SpillId = tuple[int, int]


@dataclass(frozen=True)
class DatasetFile:
    """One file of a dataset.

    Attributes
    ----------
    name : str
        As the manifest writes it; the same on every machine.
    path : str
        Where it is opened: `name`, relative to the folder of the manifest, or a URL.
    uuid : str or None
        The identity that ROOT wrote into it.
    sha256 : str or None
        Checksum of its bytes; checked before it is read, where given.
    entries : int or None
        Entries of its tree, where known.
    spills : frozenset of (run, spill)
        The spills that have events in it (data).
    generated : int or None
        Particles on target that were simulated for it (simulation).
    bad : str
        Why it is not to be used; empty for a good file.
    """

    name: str
    path: str
    uuid: str | None = None
    sha256: str | None = None
    entries: int | None = None
    spills: frozenset[SpillId] = frozenset()
    generated: int | None = None
    bad: str = ""


@dataclass(frozen=True)
class BadSpill:
    """A spill that is not to be used, or some of its events.

    Attributes
    ----------
    run, spill : int
    reason : str
    events : (first, last) or None
        Event numbers, both ends included; None for all of them.
    exposure : int or None
        Particles on target of these events, by the scalers; None for a whole spill, whose
        exposure is that of the spill table.
    """

    run: int
    spill: int
    reason: str
    events: tuple[int, int] | None = None
    exposure: int | None = None


@dataclass(frozen=True)
class Dataset:
    """Files of one run period with their exposure.

    Attributes
    ----------
    name : str
    path : str
        The manifest's file.
    sha256 : str
        Of the canonical content: files, exposures and bad spills, not their order or comments.
    kind : str
        ``data``, ``pseudo-data`` or ``simulation``.
    unit : str
        What is counted on target: ``EOT``, ``MOT``, ...
    period : str or None
        The period of the catalogue that it belongs to.
    files : tuple of DatasetFile
    exposure : dict of (run, spill) to int
        Recorded particles on target; empty for simulation, whose files have ``generated``.
    apportioned : frozenset of (run, spill)
        Spills whose exposure is a share of a total of their run.
    bad_spills : tuple of BadSpill
    bias : float
        Factor by which the cross section was raised in the simulation; an event counts 1/bias.
    """

    name: str
    path: str
    sha256: str
    kind: str = "data"
    unit: str = "EOT"
    period: str | None = None
    files: tuple[DatasetFile, ...] = ()
    exposure: Mapping[SpillId, int] = field(default_factory=dict)
    apportioned: frozenset[SpillId] = frozenset()
    bad_spills: tuple[BadSpill, ...] = ()
    bias: float = 1.0

    @cached_property
    def files_of(self) -> Mapping[SpillId, tuple[str, ...]]:
        """Names of the files that each spill is in."""
        found: dict[SpillId, list[str]] = {}
        for file in sorted(self.files, key=lambda file: file.name):
            for spill in file.spills:
                found.setdefault(spill, []).append(file.name)
        return {spill: tuple(names) for spill, names in found.items()}

    @cached_property
    def shared(self) -> frozenset[SpillId]:
        """Spills that are split over several files."""
        return frozenset(spill for spill, names in self.files_of.items() if len(names) > 1)

    @cached_property
    def excluded(self) -> Mapping[SpillId, str]:
        """Spills of which no event is to be used, each with the reason."""
        reasons = {
            spill: f"{file.name} is bad: {file.bad}"
            for file in sorted(self.files, key=lambda file: file.name, reverse=True)
            if file.bad
            for spill in file.spills
        }
        reasons |= {
            (bad.run, bad.spill): f"bad spill: {bad.reason}"
            for bad in self.bad_spills
            if bad.events is None
        }
        return reasons

    def __repr__(self) -> str:
        files = f"{len(self.files)} file{'' if len(self.files) == 1 else 's'}"
        return f"<Dataset {self.name}: {files}, {self.kind}, sha256 {self.sha256[:12]}>"

    def _repr_html_(self) -> str:
        from na64ana.report.notebook import dataset

        return dataset(self)
