"""Limits on a coupling against the mass: what a scan found, as plain data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from na64ana.errors import LimitError, nearest, printable
from na64ana.limits.expected import ExpectedLimits
from na64ana.limits.two_sided import Band

__all__ = [
    "CURVES",
    "FLAGS",
    "Curve",
    "Scan",
    "ScanPoint",
    "curve_names",
    "curve_of",
    "limits_in_events",
]

#: names of the curves in their order, as in ``limit.json``, each with its name in `ExpectedLimits`
CURVES = {
    "observed": "",
    "median": "median",
    "mean": "mean",
    "minus2": "minus_2",
    "minus1": "minus_1",
    "plus1": "plus_1",
    "plus2": "plus_2",
}

#: what is excluded at one mass
FLAGS = {
    "limit": "couplings from low on, up to the end of the scan",
    "band": "couplings from low to high",
    "none": "nothing: the yield stays below the limit",
    "below": "couplings from the beginning of the scan to high: the lower edge lies outside",
    "all": "every coupling of the scan: the limit lies below its beginning",
    "several": "several bands: low and high are those of the first",
}


@dataclass(frozen=True)
class ScanPoint:
    """What was found at one mass.

    Attributes
    ----------
    mass : float
    limits : dict of str to float
        In signal events, by the name of the curve.
    bands : dict of str to tuple of Band
        Excluded couplings, by the name of the curve.
    """

    mass: float
    limits: Mapping[str, float]
    bands: Mapping[str, tuple[Band, ...]]


@dataclass(frozen=True)
class Scan:
    """Limits on a coupling against the mass.

    Attributes
    ----------
    points : tuple of ScanPoint
        By rising mass.
    couplings : (float, float)
        Ends of what was looked at.
    steps : int
        Couplings between them, evenly in the logarithm, at which every yield was computed.
    coupling, unit : str
        Name of the coupling; unit of the mass.
    settings : dict
        What the caller says the yields and the limits were made with.
    sha256 : str
        Of all but the points: of a scan that is taken up again it is the same.
    """

    points: tuple[ScanPoint, ...]
    couplings: tuple[float, float]
    steps: int
    coupling: str = "epsilon"
    unit: str = "GeV"
    settings: Mapping[str, Any] = field(default_factory=dict)
    sha256: str = ""

    def __repr__(self) -> str:
        names = ", ".join(curve_names(self))
        return f"<Scan of {self.coupling}: {len(self.points)} masses, {names}>"

    def _repr_html_(self) -> str:
        from na64ana.report.notebook_limits import scan

        return scan(self)


class Curve(NamedTuple):
    """One curve of a scan, an entry for each mass.

    Attributes
    ----------
    mass : list of float
    limits : list of float
        In events.
    low, high : list of float
        Edges of what is excluded; NaN where there is none inside the scan.
    flags : list of str
        Of `FLAGS`.
    """

    mass: list[float]
    limits: list[float]
    low: list[float]
    high: list[float]
    flags: list[str]


def curve_names(scan: Scan) -> list[str]:
    """Name the curves that every mass has: a file of an unfinished scan may hold more."""
    first, *others = [list(point.bands) for point in scan.points] or [[]]
    return [name for name in first if all(name in names for names in others)]


def curve_of(scan: Scan, name: str) -> Curve:
    """Return one curve of a scan.

    Raises
    ------
    LimitError
        The scan has no such curve.
    """
    known = curve_names(scan)
    if name not in known:
        msg = f"the scan has no curve '{printable(name)}'{nearest(name, known)}"
        raise LimitError(msg)
    rows = [_edges(point.bands[name]) for point in scan.points]
    low, high, flags = (list(column) for column in zip(*rows, strict=True))
    masses = [point.mass for point in scan.points]
    return Curve(masses, [point.limits[name] for point in scan.points], low, high, flags)


def _edges(bands: tuple[Band, ...]) -> tuple[float, float, str]:
    """Lower and upper edge, and the flag; an end of the scan is no edge."""
    if not bands:
        return math.nan, math.nan, "none"
    first = bands[0]
    low = math.nan if first.low_open else first.low
    high = math.nan if first.high_open else first.high
    if len(bands) > 1:
        return low, high, "several"
    flags = {(0, 0): "band", (0, 1): "limit", (1, 0): "below", (1, 1): "all"}
    return low, high, flags[int(first.low_open), int(first.high_open)]


def limits_in_events(
    expected: ExpectedLimits | None = None, observed: float | None = None
) -> dict[str, float]:
    """Name the limits in events as curves of a scan: the expected ones and, if any, the observed.

    Parameters
    ----------
    expected : ExpectedLimits, optional
    observed : float, optional
        None while the box is blind.
    """
    found = {} if observed is None else {"observed": float(observed)}
    if expected is not None:
        found |= {key: getattr(expected, name) for key, name in CURVES.items() if name}
    return found
