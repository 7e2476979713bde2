"""A scan as a submission to HEPData, written by hepdata_lib."""

from __future__ import annotations

import contextlib
import io
import math
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from na64ana.errors import LimitError, printable
from na64ana.limits.scan_result import FLAGS, Curve, Scan, curve_names, curve_of

__all__ = ["write_hepdata"]

_FILE = "submission.tar.gz"
_DIGITS = 5  # of a coupling in the tables
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 .,+-]{0,63}")  # it becomes the name of a file
_WORDS = {
    "limit": "Limit",
    "observed": "Observed limit",
    "median": "Expected limit (median)",
    "mean": "Expected limit (mean)",
    "minus2": "Expected limit, -2 sigma",
    "minus1": "Expected limit, -1 sigma",
    "plus1": "Expected limit, +1 sigma",
    "plus2": "Expected limit, +2 sigma",
}


def write_hepdata(
    scan: Scan,
    folder: str | Path,
    *,
    description: str,
    name: str = "Limit",
    location: str = "Data from the text",
    qualifiers: Mapping[str, str | float] | None = None,
    keywords: Mapping[str, list[str]] | None = None,
) -> Path:
    """Write a scan as one table, validate the submission, and pack it.

    A column for each edge of each curve: one where everything above the limit is excluded, two
    where bands are. ``-`` stands where nothing is excluded. While it writes, the working folder of
    the process is another one: no thread should use relative paths then.

    Parameters
    ----------
    folder : path
        Made where it is missing; must hold no submission.
    description : str
        Of the table.
    name, location : str
        Of the table; ``location`` such as 'Figure 3'.
    qualifiers : dict, optional
        Said beside every column, such as ``{"CL": "90%", "EOT": "9.37e11"}``.
    keywords : dict of str to list, optional
        Such as ``{"observables": ["CLS"], "cmenergies": [13.7]}``.

    Returns
    -------
    Path
        The archive to upload.

    Raises
    ------
    LimitError
        hepdata_lib is not installed, an edge lies outside the scan, the folder holds a submission,
        or HEPData would refuse it.
    """
    lib = _library()
    target = Path(folder).absolute()
    if not _NAME.fullmatch(name):
        msg = f"'{printable(name)}' is no name for a table: letters, digits and blanks, 64 at most"
        raise LimitError(msg)
    if (target / _FILE).exists() or (target / "submission.yaml").exists():
        msg = f"{printable(str(folder))}: there is a submission already; name another folder"
        raise LimitError(msg)
    table = lib.Table(name)
    table.description, table.location = description, location
    table.keywords = dict(keywords or {})
    mass = lib.Variable("Mass", is_independent=True, is_binned=False, units=scan.unit)
    mass.digits = _DIGITS
    mass.values = [point.mass for point in scan.points]
    table.add_variable(mass)
    for label, values in _columns(scan):
        column = lib.Variable(label, is_independent=False, is_binned=False)
        column.digits = _DIGITS
        column.values = values
        for key, value in (qualifiers or {}).items():
            column.add_qualifier(key, value)
        table.add_variable(column)
    submission = lib.Submission()
    submission.comment = description
    submission.add_table(table)
    return _written(submission, target)


def _library() -> Any:
    try:
        import hepdata_lib
    except ImportError:
        msg = "a HEPData submission needs hepdata_lib: pip install 'na64ana[hepdata]'"
        raise LimitError(msg) from None
    return hepdata_lib


def _columns(scan: Scan) -> list[tuple[str, list[float | str]]]:
    """Labels and values of the edges of each curve."""
    columns: list[tuple[str, list[float | str]]] = []
    for key in curve_names(scan):
        curve = curve_of(scan, key)
        edges = _edges(key, curve)
        words = f"{_WORDS.get(key, key)} on {scan.coupling}"
        for edge, values in edges.items():
            label = f"{words}, {edge}" if edge else words
            columns.append((label, ["-" if math.isnan(x) else x for x in values]))
    return columns


def _edges(key: str, curve: Curve) -> dict[str, list[float]]:
    """One edge or two; a dash must mean one thing only: nothing is excluded at this mass."""
    flags = set(curve.flags) - {"none"}
    if flags <= {"limit"}:
        return {"": curve.low}
    if flags == {"band"}:
        return {"lower edge": curve.low, "upper edge": curve.high}
    at = next(i for i, flag in enumerate(curve.flags) if flag not in ("none", "band"))
    msg = (
        f"curve '{printable(key)}' at mass {curve.mass[at]:g}: excluded are "
        f"{FLAGS[curve.flags[at]]}. A table holds one limit for each mass, or one band with both "
        "edges inside the scan: scan wider couplings, or fewer masses"
    )
    raise LimitError(msg)


def _written(submission: Any, target: Path) -> Path:
    """Write the files in a folder of their own, and move them when they are found valid."""
    said = io.StringIO()
    # the library packs the archive in the working folder, and prints what is wrong
    with (
        tempfile.TemporaryDirectory() as work,
        contextlib.chdir(work),
        contextlib.redirect_stdout(said),
    ):
        try:
            submission.create_files("files", validate=True)
        except AssertionError:
            msg = f"HEPData would refuse this submission: {printable(said.getvalue().strip(), 500)}"
            raise LimitError(msg) from None
        made = {path.name: path.read_bytes() for path in Path("files").iterdir()}
        archive = Path(_FILE).read_bytes()
    try:
        target.mkdir(parents=True, exist_ok=True)
        for each, content in {**made, _FILE: archive}.items():
            (target / each).write_bytes(content)
    except OSError as error:
        msg = f"{printable(str(target))}: cannot be written ({error.strerror or error})"
        raise LimitError(msg) from None
    return target / _FILE
