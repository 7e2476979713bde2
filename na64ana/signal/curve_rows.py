"""Rows of numbers from a file of points, with the line of each for messages."""

from __future__ import annotations

import hashlib
import math
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from na64ana.errors import SignalError, printable

__all__ = ["Rows", "is_number", "read_rows"]

MAX_BYTES = 10_000_000
_BETWEEN = re.compile(r"[\s,;]+")


@dataclass(frozen=True)
class Rows:
    """Numbers of a table.

    Attributes
    ----------
    where : str
        The file, for messages.
    values : ndarray, shape (n, columns)
    lines : tuple of int
        Line of each row.
    breaks : ndarray of bool, shape (n,)
        Rows before which an empty line stands.
    """

    where: str
    values: NDArray[np.float64]
    lines: tuple[int, ...]
    breaks: NDArray[np.bool_]

    def at(self, row: int) -> str:
        """Return ``file, line N`` of a row, which counts from 0."""
        return f"{self.where}, line {self.lines[row]}"


def read_rows(path: Path, sha256: str = "") -> Rows:
    """Read a table of numbers, between blanks, tabs, commas or semicolons.

    Lines that begin with ``#`` are comments; a first line of words is a head. An empty line
    between two rows begins a new piece.

    Parameters
    ----------
    path : Path
    sha256 : str, optional
        What the hash of the file should be.

    Raises
    ------
    SignalError
        The file cannot be read, is another one, or a line of it is no row of numbers.
    """
    name = printable(str(path))
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        msg = f"{name}: {getattr(error, 'strerror', None) or error}"
        raise SignalError(msg) from None
    if len(raw) > MAX_BYTES:
        msg = f"{name}: over {MAX_BYTES} bytes; a curve is not that large"
        raise SignalError(msg)
    if sha256 and hashlib.sha256(raw).hexdigest() != sha256.lower():
        msg = f"{name}: its SHA-256 is not the one that is given for it: the file was changed"
        raise SignalError(msg)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        msg = f"{name}: not text in UTF-8"
        raise SignalError(msg) from None
    return _rows(text, name)


def _rows(text: str, name: str) -> Rows:
    rows: list[list[float]] = []
    lines: list[int] = []
    breaks: list[bool] = []
    empty = head = False
    for number, line in enumerate(text.splitlines(), 1):
        words = _BETWEEN.split(line.strip().rstrip(",;"))
        if words == [""]:
            empty = True
            continue
        if line.lstrip().startswith("#"):
            continue
        if not rows and not head and not any(map(is_number, words)):
            head = True
            continue
        rows.append(_numbers(words, f"{name}, line {number}", len(rows[0]) if rows else None))
        lines.append(number)
        breaks.append(empty and len(rows) > 1)
        empty = False
    if not rows:
        msg = f"{name}: no row of numbers"
        raise SignalError(msg)
    return Rows(name, np.array(rows), tuple(lines), np.array(breaks))


def is_number(item: float | str) -> bool:
    """Whether text, or a number, is a finite number."""
    try:
        return math.isfinite(float(item))
    except ValueError:
        return False


def _numbers(words: list[str], where: str, columns: int | None) -> list[float]:
    for word in words:
        if not is_number(word):
            msg = f"{where}: '{printable(word, 40)}' is not a number"
            raise SignalError(msg)
    if columns is not None and len(words) != columns:
        msg = f"{where}: {len(words)} numbers, where the rows above have {columns}"
        raise SignalError(msg)
    return [float(word) for word in words]
