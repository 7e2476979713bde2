"""Numbers of runs, spills and particles in a manifest, each checked with its place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from na64ana.datasets.model import SpillId
from na64ana.datasets.ranges import LARGEST, MAX_SPILLS, Ranges, parse_ranges
from na64ana.errors import DatasetError, printable
from na64ana.yamltext import Document

__all__ = ["Room", "number", "whole"]

_NUMBER = re.compile(r"[0-9]{1,19}")


def whole(value: object, what: str, where: str, least: int = 0) -> int:
    """Return a whole number; `DatasetError` says what else it is."""
    if type(value) is not int or not least <= value <= LARGEST:
        hint = "; write all its digits, such as 120000000" if "e" in str(value).lower() else ""
        msg = (
            f"{where}: {what} must be a whole number from {least} on, "
            f"not '{printable(str(value), 60)}'{hint}"
        )
        raise DatasetError(msg)
    return value


def number(key: str, what: str, where: str) -> int:
    """Return the number of a run or spill that is written as a key."""
    if not _NUMBER.fullmatch(key) or int(key) > LARGEST:
        msg = f"{where}: '{printable(key, 60)}' is no number of a {what}"
        raise DatasetError(msg)
    return int(key)


@dataclass
class Room:
    """How many more spills a manifest may name, so that no short text can ask for much memory."""

    left: int = MAX_SPILLS

    def numbers(self, value: Ranges, run: int, where: str) -> frozenset[int]:
        """Numbers of spills of one run."""
        try:
            found = parse_ranges(value, self.left)
        except DatasetError as error:
            msg = f"{where}: spills of run {run}: {error}"
            raise DatasetError(msg) from None
        self.left -= len(found)
        return found

    def spills(
        self, runs: Mapping[str, Ranges], document: Document, *at: str | int
    ) -> frozenset[SpillId]:
        """All spills of a mapping of runs to ranges."""
        found: dict[int, frozenset[int]] = {}
        for key, value in runs.items():
            where = document.where(*at, key)
            run = number(key, "run", where)
            if run in found:
                msg = f"{where}: run {run} stands twice"
                raise DatasetError(msg)
            found[run] = self.numbers(value, run, where)
        return frozenset((run, spill) for run, spills in found.items() for spill in spills)
