"""The ledger: particles on target that were recorded, and what became of each of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple, TypeVar

from na64ana.errors import RecordError, printable

__all__ = [
    "EXCLUDED",
    "LOST",
    "PROCESSED",
    "STATES",
    "Entry",
    "Fate",
    "Ledger",
    "LedgerDataset",
    "LostFile",
    "Totals",
]

Key = TypeVar("Key")
PROCESSED, LOST, EXCLUDED = "processed", "lost", "excluded"
STATES = (PROCESSED, LOST, EXCLUDED)
#: dataset, run, spill, files
Account = tuple[str, int, int, tuple[str, ...]]


class Entry(NamedTuple):
    """Some particles on target, and what became of them.

    Attributes
    ----------
    dataset : str
        Name of the dataset or period.
    run, spill : int or None
        None where the account is kept of a whole period, or of simulated files.
    files : tuple of str
        The files that hold events of them; of a spill split over two files, both.
    amount : int
        Particles on target.
    state : str
        ``processed``, ``lost`` or ``excluded``.
    reason : str
        Why they are lost or excluded; empty for processed.
    apportioned : bool
        Whether the amount is a share of a total, not the spill's own measurement.
    """

    dataset: str
    run: int | None
    spill: int | None
    files: tuple[str, ...]
    amount: int
    state: str
    reason: str = ""
    apportioned: bool = False

    @property
    def account(self) -> Account:
        """What the particles belong to; unknown numbers sort first."""
        run = -1 if self.run is None else self.run
        return self.dataset, run, -1 if self.spill is None else self.spill, self.files


class Totals(NamedTuple):
    """Sums of amounts; ``recorded`` is the sum of the other three."""

    recorded: int
    processed: int
    lost: int
    excluded: int


class Fate(NamedTuple):
    """What one state, or one reason of it, sums up to.

    Attributes
    ----------
    state, reason : str
        An empty reason is the whole state.
    amount : int
        Particles on target.
    spills : int
        Spills that they belong to; one that is partly excluded is in two states.
    """

    state: str
    reason: str
    amount: int
    spills: int


class LedgerDataset(NamedTuple):
    """A dataset whose account is in the ledger: ``sha256`` is that of its manifest."""

    name: str
    sha256: str
    unit: str


class LostFile(NamedTuple):
    """An input that was not counted, with the reason; ``dataset`` is empty if it has none."""

    path: str
    reason: str
    dataset: str = ""


@dataclass(frozen=True)
class Ledger:
    """The account of exposure of a record: recorded = processed + lost + excluded.

    Attributes
    ----------
    entries : tuple of Entry
        Sorted by dataset, run, spill and file. Every particle recorded is in exactly one.
    datasets : tuple of LedgerDataset
        Sorted by name.
    lost_files : tuple of LostFile
        Sorted by path.
    unaccounted : tuple of str
        Files in the record whose exposure nobody gave; sorted.
    repeated_files : tuple of LostFile
        Files given twice and counted once, with what they are the same as; nothing is lost.
    """

    entries: tuple[Entry, ...] = field(default=(), repr=False)
    datasets: tuple[LedgerDataset, ...] = ()
    lost_files: tuple[LostFile, ...] = ()
    unaccounted: tuple[str, ...] = ()
    repeated_files: tuple[LostFile, ...] = ()

    @cached_property
    def totals(self) -> Totals:
        """Sums over everything, in particles on target."""
        return _totals(self.entries)

    @property
    def unit(self) -> str:
        """``EOT``, ``MOT`` and so on; empty where no exposure is known."""
        return self.datasets[0].unit if self.datasets else ""

    @property
    def known(self) -> bool:
        """Whether the exposure of every file in the record is known."""
        return bool(self.datasets) and not self.unaccounted

    @property
    def complete(self) -> bool:
        """Whether nothing that was to be processed is lost."""
        return not self.lost_files and not self.totals.lost

    @property
    def apportioned(self) -> int:
        """Processed particles whose amount is a share of a total."""
        return sum(e.amount for e in self.entries if e.apportioned and e.state == PROCESSED)

    def by_dataset(self) -> dict[str, Totals]:
        """Sums by dataset (or period)."""
        return _grouped((e.dataset, e) for e in self.entries)

    def by_run(self) -> dict[int | None, Totals]:
        """Sums by run."""
        return _grouped((e.run, e) for e in self.entries)

    def by_file(self) -> dict[str, Totals]:
        """Sums by file; a spill split over two files is in the sums of both."""
        return _grouped((file, e) for e in self.entries for file in e.files)

    def by_reason(self) -> dict[tuple[str, str], int]:
        """Amounts lost and excluded, by (state, reason)."""
        sums: dict[tuple[str, str], int] = defaultdict(int)
        for entry in self.entries:
            if entry.state != PROCESSED and entry.amount:
                sums[entry.state, entry.reason] += entry.amount
        return dict(sorted(sums.items()))

    def share(self, prescale: int, name: str, *, rest: bool) -> Ledger:
        """Return the ledger of one event in so many, or of the ``rest``.

        The identity of an event decides, not when it came: so the exposure is shared in
        proportion, in integers whose sum is the share of the total rounded down. What is not of
        the part is ``excluded``.
        """
        entries: list[Entry] = []
        before = 0
        for entry in self.entries:
            after = before + entry.amount
            opened = after // prescale - before // prescale
            before = after
            if entry.state != PROCESSED:
                entries.append(entry)
                continue
            amounts = (entry.amount - opened, opened) if rest else (opened, entry.amount - opened)
            reason = name if rest else f"not of the {name}"
            entries.append(entry._replace(amount=amounts[0], apportioned=True))
            entries.append(entry._replace(amount=amounts[1], apportioned=True, state=EXCLUDED,
                                          reason=reason))  # fmt: skip
        ordered = sorted(entries, key=lambda entry: (entry.account, entry.state, entry.reason))
        return replace(self, entries=tuple(ordered))

    def fates(self) -> list[Fate]:
        """Return each state that has any, and after it its reasons, the largest first."""
        groups: dict[tuple[str, str], list[Entry]] = defaultdict(list)
        for entry in self.entries:
            if entry.amount:
                groups[entry.state, ""].append(entry)
                if entry.reason:
                    groups[entry.state, entry.reason].append(entry)
        fates = [_fate(*key, entries) for key, entries in groups.items()]
        order = {state: i for i, state in enumerate(STATES)}
        return sorted(fates, key=lambda f: (order[f.state], f.reason != "", -f.amount, f.reason))

    @property
    def spills(self) -> int:
        """Number of spills that the account is kept of."""
        return _spills(self.entries)

    def __repr__(self) -> str:
        sums = ", ".join(f"{n} {what}" for what, n in self.totals._asdict().items())
        return f"<Ledger: {f'{sums} {self.unit}' if self.datasets else 'unknown'}>"

    def _repr_html_(self) -> str:
        from na64ana.report.notebook import ledger

        return ledger(self)

    def __add__(self, other: Ledger) -> Ledger:
        """Merge the ledgers of records over different files.

        Raises
        ------
        RecordError
            A spill is processed in both, their units differ, or they are of two versions of the
            manifest of one dataset.
        """
        datasets = _merged_datasets(self.datasets, other.datasets)
        accounts = _accounts(self.entries)
        for account, theirs in _accounts(other.entries).items():
            mine = accounts.get(account)
            accounts[account] = theirs if mine is None else _one_of(mine, theirs)
        entries = tuple(entry for account in sorted(accounts) for entry in accounts[account])
        return Ledger(
            entries,
            datasets,
            _still_lost({*self.lost_files, *other.lost_files}, entries),
            tuple(sorted({*self.unaccounted, *other.unaccounted})),
            tuple(sorted({*self.repeated_files, *other.repeated_files})),
        )


def _still_lost(files: Iterable[LostFile], entries: Iterable[Entry]) -> tuple[LostFile, ...]:
    """Of the files that one of two records lost, those that the other has not counted either."""
    states: dict[tuple[str, str], set[str]] = defaultdict(set)
    for entry in entries:
        for file in entry.files:
            states[entry.dataset, file].add(entry.state)

    def counted(file: LostFile) -> bool:
        known = states.get((file.dataset, file.path), set())
        return PROCESSED in known and LOST not in known

    return tuple(sorted(file for file in files if not counted(file)))


def _merged_datasets(
    mine: Iterable[LedgerDataset], theirs: Iterable[LedgerDataset]
) -> tuple[LedgerDataset, ...]:
    known = {dataset.name: dataset for dataset in mine}
    for dataset in theirs:
        have = known.setdefault(dataset.name, dataset)
        if have != dataset:
            msg = (
                f"dataset '{printable(dataset.name)}': the records were made with two versions of "
                f"its manifest ({have.sha256[:12]} and {dataset.sha256[:12]})"
            )
            raise RecordError(msg)
    units = sorted({dataset.unit for dataset in known.values()})
    if len(units) > 1:
        msg = f"exposures in {' and '.join(units)} do not add up"
        raise RecordError(msg)
    return tuple(sorted(known.values()))


def _accounts(entries: Iterable[Entry]) -> dict[Account, list[Entry]]:
    accounts: dict[Account, list[Entry]] = defaultdict(list)
    for entry in entries:
        accounts[entry.account].append(entry)
    return accounts


def _one_of(mine: list[Entry], theirs: list[Entry]) -> list[Entry]:
    """Of two accounts of the same particles, the one in which they were processed."""
    counted = [any(e.state == PROCESSED and e.amount for e in side) for side in (mine, theirs)]
    if all(counted):
        place = mine[0]
        msg = (
            f"dataset '{printable(place.dataset)}', run {place.run}, spill {place.spill} is "
            "processed in both records; its exposure would be counted twice"
        )
        raise RecordError(msg)
    if any(counted):
        return mine if counted[0] else theirs
    # by state and reason, so that the order of merging does not matter
    return min(mine, theirs, key=lambda side: [(e.state, e.reason, e.amount) for e in side])


def _fate(state: str, reason: str, entries: list[Entry]) -> Fate:
    return Fate(state, reason, sum(entry.amount for entry in entries), _spills(entries))


def _spills(entries: Iterable[Entry]) -> int:
    return len({(e.dataset, e.run, e.spill) for e in entries if e.spill is not None})


def _totals(entries: Iterable[Entry]) -> Totals:
    sums = dict.fromkeys(STATES, 0)
    for entry in entries:
        sums[entry.state] += entry.amount
    return Totals(sum(sums.values()), *(sums[state] for state in STATES))


def _grouped(pairs: Iterable[tuple[Key, Entry]]) -> dict[Key, Totals]:
    groups: dict[Key, list[Entry]] = defaultdict(list)
    for key, entry in pairs:
        groups[key].append(entry)
    return {key: _totals(entries) for key, entries in groups.items()}
