"""Tables of spills: exposure by spill, bad spills, and the sharing of a run's total."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

from na64ana.datasets.model import BadSpill, SpillId
from na64ana.datasets.ranges import LARGEST, MAX_SPILLS
from na64ana.errors import DatasetError, nearest, printable

__all__ = ["SpillTable", "apportion", "read_bad_spills", "read_spill_table"]

MAX_BYTES = 100_000_000
MAX_COLUMNS = 1000
COLUMNS = ("run", "spill", "exposure", "counts", "live_time", "weight")
BAD_COLUMNS = ("run", "spill", "first", "last", "exposure", "reason")
#: rows of a tree that are read at a time
ROWS = 100_000

_WHOLE = re.compile(r"[0-9]{1,19}")
_DECIMAL = re.compile(r"[0-9]{0,20}(\.[0-9]{0,30})?([eE][-+]?[0-9]{1,3})?")
# enough digits for any product of the two patterns above: nothing is ever rounded on the way
_EXACT = Context(prec=2000)

Row = Mapping[str, str]

Key = TypeVar("Key", int, str)
#: names of columns are shorter
_LONG_NAME = 32


@dataclass(frozen=True)
class SpillTable:
    """What a table says of the spills of its runs.

    Attributes
    ----------
    exposure : dict of (run, spill) to int
        Particles on target; empty if the table only lists spills.
    weights : dict of (run, spill) to int
        Of a table that only lists spills: their parts in the total of their run.
    """

    exposure: Mapping[SpillId, int] = field(default_factory=dict)
    weights: Mapping[SpillId, int] = field(default_factory=dict)


def apportion(
    total: int, spills: Iterable[Key], weights: Mapping[Key, float | Fraction] | None = None
) -> dict[Key, int]:
    """Share an integer over spills (or periods) in integers, by largest remainder.

    Parameters
    ----------
    total : int
        Particles on target of the run.
    spills : iterable of int or str
        Numbers of its spills, or names.
    weights : dict to number, optional
        The part of each spill; all parts are equal by default.

    Returns
    -------
    dict to int
        The sum is `total` exactly, and each share is within one of its exact part. What is left
        after rounding down goes to the largest remainders; of equal ones, to the lower number.

    Raises
    ------
    DatasetError
        There is no spill, or no positive weight, to give the total to.
    """
    numbers = sorted(set(spills))
    parts = {n: Fraction(1 if weights is None else weights[n]) for n in numbers}
    whole = sum(parts.values())
    if total < 0 or any(part < 0 for part in parts.values()) or (total and not whole):
        msg = f"{total} particles cannot be shared over {len(numbers)} spills of weight {whole}"
        raise DatasetError(msg)
    if not total:
        return dict.fromkeys(numbers, 0)
    exact = {n: total * part / whole for n, part in parts.items()}
    shares = {n: quota.numerator // quota.denominator for n, quota in exact.items()}
    left = total - sum(shares.values())
    for n in sorted(numbers, key=lambda n: (shares[n] - exact[n], n))[:left]:
        shares[n] += 1
    return shares


def read_spill_table(path: str, tree: str | None = None) -> SpillTable:
    """Read a spill table, a CSV file or a tree of a ROOT or Parquet file.

    Parameters
    ----------
    path : str
        Its columns are `run`, `spill`, and `exposure` (particles on target), or `counts` and
        `live_time` (from 0 to 1), of which the product is rounded to the nearest integer, half
        to even; or, where only totals of runs are known, nothing more or `weight`.
    tree : str, optional
        Of a file that holds several.

    Raises
    ------
    DatasetError
        The table cannot be read, a row is wrong (its line is named), or a spill stands twice.
    """
    is_tree = Path(path).suffix in (".root", ".parquet")
    if tree is not None and not is_tree:
        msg = f"{printable(path)}: 'tree' is for a table in a .root file; this is read as CSV"
        raise DatasetError(msg)
    rows = _tree_rows(path, tree) if is_tree else _csv_rows(path, COLUMNS, ("run", "spill"))
    exposure: dict[SpillId, int] = {}
    weights: dict[SpillId, int] = {}
    lines: dict[SpillId, str] = {}
    for where, row in rows:
        spill = _number(row, "run", where), _number(row, "spill", where)
        if spill in lines:
            msg = f"{where}: run {spill[0]}, spill {spill[1]} stands twice (first in {lines[spill]}"
            raise DatasetError(f"{msg})")
        if len(lines) >= MAX_SPILLS:
            msg = f"{where}: over {MAX_SPILLS} spills in one table"
            raise DatasetError(msg)
        lines[spill] = where.rpartition(", ")[2]
        if "exposure" in row or "counts" in row:
            exposure[spill] = _exposure(row, where)
        else:
            weights[spill] = _number(row, "weight", where) if "weight" in row else 1
    if not lines:
        msg = f"{printable(path)}: a spill table without a row"
        raise DatasetError(msg)
    return SpillTable(exposure, weights)


def read_bad_spills(path: str) -> list[tuple[str, BadSpill]]:
    """Read a bad-spill list from a CSV file, each with its place for messages.

    Parameters
    ----------
    path : str
        Its columns are `run`, `spill`, `reason`, and for a range of events `first`, `last` and
        `exposure`, which stay empty where the whole spill is bad.

    Raises
    ------
    DatasetError
        The list cannot be read, or a row is wrong.
    """
    found = []
    for where, row in _csv_rows(path, BAD_COLUMNS, ("run", "spill", "reason")):
        ends = [_number(row, key, where) for key in ("first", "last") if row.get(key)]
        if len(ends) == 1:
            msg = f"{where}: give both first and last of a range of events, or neither"
            raise DatasetError(msg)
        if not row["reason"]:
            msg = f"{where}: the reason is empty"
            raise DatasetError(msg)
        bad = BadSpill(
            _number(row, "run", where),
            _number(row, "spill", where),
            row["reason"],
            (ends[0], ends[1]) if ends else None,
            _number(row, "exposure", where) if row.get("exposure") else None,
        )
        found.append((where, bad))
    return found


# ----------------------------------------------------------------------- values


def _number(row: Row, key: str, where: str) -> int:
    text = row[key]
    if not _WHOLE.fullmatch(text) or int(text) > LARGEST:
        msg = f"{where}: {key} must be a whole number from 0 on, not '{printable(text, 60)}'"
        raise DatasetError(msg)
    return int(text)


def _exposure(row: Row, where: str) -> int:
    if "exposure" in row:
        return _number(row, "exposure", where)
    live_time = _live_time(row["live_time"], where)
    product = _EXACT.multiply(Decimal(_number(row, "counts", where)), live_time)
    return int(product.to_integral_value(ROUND_HALF_EVEN))


def _live_time(text: str, where: str) -> Decimal:
    try:
        if not _DECIMAL.fullmatch(text):
            raise InvalidOperation
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal(-1)
    if not 0 <= value <= 1:
        msg = f"{where}: live_time is a fraction from 0 to 1, not '{printable(text, 60)}'"
        raise DatasetError(msg)
    return value


def _check_columns(
    where: str, names: list[str], known: tuple[str, ...], must: Iterable[str]
) -> None:
    for name in must:
        if name not in names:
            near = nearest(name, [n for n in names if n not in known])
            # of a file that is no table, not a word is repeated
            held = ", ".join(n for n in names[:12] if n.isidentifier() and len(n) < _LONG_NAME)
            msg = f"{where}: no column '{name}' (columns: {held or 'none'}){near}"
            raise DatasetError(msg)
    if len(set(names)) < len(names):
        twice = next(n for n in names if names.count(n) > 1)
        msg = f"{where}: two columns are called '{printable(twice, 40)}'"
        raise DatasetError(msg)


def _check_measures(where: str, names: list[str]) -> None:
    """One way to an exposure, and a whole one."""
    given = [name for name in ("exposure", "counts", "weight") if name in names]
    if len(given) > 1:
        msg = f"{where}: columns {' and '.join(given)}: only one of these can say the exposure"
        raise DatasetError(msg)
    for one, other in (("counts", "live_time"), ("live_time", "counts")):
        if one in names and other not in names and "exposure" not in names:
            near = nearest(other, [n for n in names if n not in COLUMNS])
            msg = (
                f"{where}: column '{one}' without '{other}'{near} (exposure = counts x live_time; "
                "to share a run's total by counts, call the column weight)"
            )
            raise DatasetError(msg)
    # a misspelt 'exposure' would turn measured spills into equal shares of a total
    near = nearest("exposure", [n for n in names if n not in COLUMNS])
    if not given and near:
        msg = f"{where}: no column 'exposure'{near}"
        raise DatasetError(msg)


# ----------------------------------------------------------------------- CSV


def _csv_rows(
    path: str, known: tuple[str, ...], must: tuple[str, ...]
) -> Iterator[tuple[str, Row]]:
    """Rows of a CSV file with their places; lines that begin with # are comments."""
    name = printable(path)
    header: list[str] | None = None
    for number, line in _lines(path):
        where = f"{name}, line {number}"
        try:
            (cells,) = csv.reader([line], strict=True)
        except (csv.Error, ValueError) as cause:
            msg = f"{where}: not CSV ({printable(str(cause))})"
            raise DatasetError(msg) from None
        cells = [cell.strip() for cell in cells]
        if header is None:
            header = cells
            if len(header) > MAX_COLUMNS:
                msg = f"{where}: over {MAX_COLUMNS} columns"
                raise DatasetError(msg)
            _check_columns(where, header, known, must)
            if known is COLUMNS:
                _check_measures(where, header)
        elif len(cells) != len(header):
            msg = f"{where}: {len(cells)} values for {len(header)} columns"
            raise DatasetError(msg)
        else:
            yield where, dict(zip(header, cells, strict=True))
    if header is None:
        msg = f"{name}: an empty table; its first line names the columns, such as run,spill,..."
        raise DatasetError(msg)


def _lines(path: str) -> Iterator[tuple[int, str]]:
    name = printable(path)
    try:
        with Path(path).open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            msg = f"{name}: over {MAX_BYTES} bytes; a table of spills is not that large"
            raise DatasetError(msg)
        text = raw.decode("utf-8-sig")
    except OSError as cause:
        msg = f"{name}: {cause.strerror or cause}"
        raise DatasetError(msg) from None
    except UnicodeDecodeError:
        msg = f"{name}: not text in UTF-8"
        raise DatasetError(msg) from None
    except ValueError as cause:
        msg = f"{name}: {printable(str(cause))}"
        raise DatasetError(msg) from None
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield number, line


# ----------------------------------------------------------------------- trees


def _tree_rows(path: str, tree: str | None) -> Iterator[tuple[str, Row]]:
    """Rows of a tree as text; floating-point numbers by their shortest decimal form."""
    from na64ana.events import open_file

    with open_file(path) as file:
        found = tree if tree is not None else _only_tree(path, list(file.trees))
        table = file.tree(found)
        where = f"{printable(path)}, tree '{printable(table.name)}'" if table.name else path
        names = file.branch_paths(table.name)
        _check_columns(where, names, COLUMNS, ("run", "spill"))
        _check_measures(where, names)
        names = [name for name in names if name in COLUMNS]
        for start in range(0, table.entries, ROWS):
            stop = min(start + ROWS, table.entries)
            columns = [
                _texts(where, name, file.read(table.name, name, start, stop)) for name in names
            ]
            for i, values in enumerate(zip(*columns, strict=True), start):
                yield f"{where}, entry {i}", dict(zip(names, values, strict=True))


def _only_tree(path: str, trees: list[str]) -> str:
    if len(trees) == 1:
        return trees[0]
    held = ", ".join(printable(tree, 60) for tree in trees) or "none"
    msg = f"{printable(path)}: name the tree with the spills ('tree: ...'; trees: {held})"
    raise DatasetError(msg)


def _texts(where: str, name: str, array: Any) -> list[str]:
    import numpy as np

    if array.ndim != 1 or array.fields or "string" in str(array.type):
        msg = f"{where}: branch '{name}': one number a row is needed, not '{array.type.content}'"
        raise DatasetError(msg)
    numbers = np.asarray(array)
    if numbers.dtype.kind == "f" and name != "live_time":
        # runs and counts are written as doubles by some; beyond 2^53 they would not be whole
        whole = np.isfinite(numbers) & (np.floor(numbers) == numbers) & (abs(numbers) <= 2**53)
        return [
            str(int(n)) if ok else str(n) for n, ok in zip(numbers, whole.tolist(), strict=True)
        ]
    return [str(number) for number in numbers]
