"""Spill numbers as people write them: ``1-10, 12``."""

from __future__ import annotations

import re
from collections.abc import Iterable

from na64ana.datasets.model import SpillId
from na64ana.errors import DatasetError, printable

__all__ = ["LARGEST", "MAX_SPILLS", "Ranges", "format_ranges", "parse_ranges", "spills_by_run"]

#: what a manifest may hold: 12, '1-10', '1-10, 12' or [1-10, 12]
Ranges = int | str | list[int | str]

#: numbers of runs and spills and amounts of particles fit into 64 bits, as in the files
LARGEST = 2**63 - 1
#: spills in one manifest, all its files together; an analysis of years has fewer
MAX_SPILLS = 2_000_000

_PART = re.compile(r"([0-9]{1,19})(?:\s*-\s*([0-9]{1,19}))?")


def parse_ranges(value: Ranges, room: int = MAX_SPILLS) -> frozenset[int]:
    """Return the numbers that a text such as ``1-10, 12`` stands for; both ends are included.

    Parameters
    ----------
    value : int, str, or list of these
    room : int
        How many numbers there may be.

    Raises
    ------
    DatasetError
        A part is no number and no range, a range runs backwards, a number stands twice, or
        there are too many; the message has no place in it.
    """
    numbers: set[int] = set()
    for part in _parts(value):
        first, last = _ends(part)
        if last - first >= room - len(numbers):
            msg = f"'{printable(part, 60)}' is over {MAX_SPILLS} spills for one manifest"
            raise DatasetError(msg)
        more = range(first, last + 1)
        twice = numbers.intersection(more)
        if twice:
            msg = f"number {min(twice)} stands twice"
            raise DatasetError(msg)
        numbers.update(more)
    return frozenset(numbers)


def format_ranges(numbers: Iterable[int]) -> list[str]:
    """Write numbers as ranges: ``["1-10", "12"]``, sorted."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return [f"{first}-{last}" if last > first else str(first) for first, last in runs]


def spills_by_run(spills: Iterable[SpillId]) -> dict[int, list[int]]:
    """Numbers of the spills of each run, both sorted."""
    found: dict[int, list[int]] = {}
    for run, spill in sorted(spills):
        found.setdefault(run, []).append(spill)
    return found


def _parts(value: Ranges) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [part.strip() for item in items for part in str(item).split(",")]


def _ends(part: str) -> tuple[int, int]:
    match = _PART.fullmatch(part)
    if match is None:
        msg = f"'{printable(part, 60)}' is neither a number nor a range such as 1-10"
        raise DatasetError(msg)
    first, last = int(match[1]), int(match[2] or match[1])
    if last < first:
        msg = f"'{printable(part, 60)}' runs backwards"
        raise DatasetError(msg)
    if last > LARGEST:
        msg = f"'{printable(part, 60)}' is too large for a number of a run or spill"
        raise DatasetError(msg)
    return first, last
