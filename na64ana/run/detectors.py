"""What the detectors saw in one event: energies by cell, which are in time, and other numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from na64ana.errors import InputError, printable
from na64ana.events import Columns, EventFile, constant, missing_branch
from na64ana.expressions import Type
from na64ana.layouts import Layout
from na64ana.units import Unit

__all__ = [
    "DETECTORS",
    "NUMBERS",
    "WINDOW_NS",
    "WINDOW_SIGMA",
    "Detector",
    "Number",
    "read_detectors",
    "read_numbers",
]

#: detectors by their logical names
DETECTORS = (
    "srd", "vhcal", "wcal", "v2", "s4", "pkrpre", "pkrcal", "ecal", "veto", "hcal",
)  # fmt: skip
#: columns of one or a few numbers per event; of a list of hits their number is shown
NUMBERS = (
    "master_time", "track.momentum", "track.angle", "track.p_value", "track.chi2", "shower_chi2",
    "straw3.nx", "straw3.ny", "straw4.nx", "straw4.ny", "straw11.x", "straw12.x",
    "incoming.momentum", "incoming.angle", "outgoing.tracks", "outgoing.momentum",
    "outgoing.angle",
)  # fmt: skip
#: the dump of the visible mode, the calorimeter of POKER, the two tracks of a muon beam: a layout
#: without them is of another mode, and lacks nothing
_OF_ONE_MODE = ("wcal", "v2", "s4", "pkrpre", "pkrcal", "incoming", "outgoing")
#: these are one or the other, by layout
_EITHER = {"track.chi2", "track.p_value"}
#: in time: |time - expected time| below so many sigma of the same cell, and of the HCAL below a
#: fixed time in ns. Source: as of `selections/common/na64e-observables.yaml` (public analysis code
#: Emejl07/NN-dimuon-DLS-NA64, create_experimentSet.cpp: 3 sigma; 3 x 5.5 ns)
WINDOW_SIGMA, WINDOW_NS = 3.0, {"hcal": 16.5}


@dataclass(frozen=True)
class Detector:
    """The cells of one detector in one event.

    Attributes
    ----------
    name : str
        Such as ``ecal``.
    axes : tuple of str
        Names of the axes of the arrays, such as plane, ix, iy.
    energy : array
        In GeV; NaN where there is no number.
    delay : array or None
        Time less expected time, in ns; None where the file does not have both.
    in_time : array of bool or None
        Cells inside the window; None where that cannot be told.
    """

    name: str
    axes: tuple[str, ...]
    energy: np.ndarray = field(repr=False)
    delay: np.ndarray | None = field(default=None, repr=False)
    in_time: np.ndarray | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Number:
    """Numbers of the event as a whole, in the unit given; ``hits`` if they count a list."""

    column: str
    values: tuple[float, ...]
    unit: str
    hits: bool = False


def read_detectors(
    file: EventFile, tree: str, layout: Layout, columns: Columns
) -> tuple[dict[str, Detector], dict[str, str]]:
    """Read the cells of all detectors of one event, and say which are not there.

    Parameters
    ----------
    file : EventFile
    tree : str
    layout : Layout
    columns : Columns
        Of the one entry.

    Raises
    ------
    InputError
        A branch cannot be read, is not as the layout says, or no detector is there.
    """
    found: dict[str, Detector] = {}
    left_out: dict[str, str] = {}
    for name in DETECTORS:
        column = f"{name}.energy"
        if _of_another_mode(layout, column):
            continue
        why = _absent(file, tree, layout, column)
        if not why and layout.columns[column].type.jagged:
            why = "a list of hits, no cells"
        if why:
            left_out[column] = why
            continue
        parts, without = _times(file, tree, layout, columns, name)
        left_out |= without
        type_ = layout.columns[column].type
        energy = _read(columns, layout, column, Unit.of("GeV"))
        delay = in_time = None
        if "time" in parts and "expected_time" in parts:
            delay = np.broadcast_to(parts["time"] - parts["expected_time"], energy.shape)
            in_time = _in_time(name, delay, parts.get("time_sigma"))
            if constant(file, tree, layout.columns[f"{name}.time"]) is not None:
                delay = None  # a constant of the layout, not a time that was measured
        axes = tuple(axis.name for axis in type_.axes)
        found[name] = Detector(name, axes, energy, delay, in_time)
    if not found:
        msg = (
            f"{printable(file.path)}: nothing to draw: no detector has cells in layout "
            f"{layout.name} ({'; '.join(f'{column}: {why}' for column, why in left_out.items())})"
        )
        raise InputError(msg)
    return found, left_out


def read_numbers(
    file: EventFile, tree: str, layout: Layout, columns: Columns
) -> tuple[tuple[Number, ...], dict[str, str]]:
    """Read the numbers of one event as a whole, and say which are not there; as above."""
    found: list[Number] = []
    left_out: dict[str, str] = {}
    for column in NUMBERS:
        if _of_another_mode(layout, column):
            continue
        why = _absent(file, tree, layout, column)
        if why:
            left_out[column] = why
            continue
        type_ = layout.columns[column].type
        values = np.asarray(columns.take(column, np.arange(1))[0], dtype=float).ravel()
        if type_.jagged:
            found.append(Number(column, (float(len(values)),), "", hits=True))
        else:
            found.append(Number(column, tuple(values.tolist()), _unit(type_)))
    if _EITHER & {number.column for number in found}:
        left_out = {name: why for name, why in left_out.items() if name not in _EITHER}
    return tuple(found), left_out


def _unit(type_: Type) -> str:
    return "" if type_.unit == Unit() else str(type_.unit)


def _of_another_mode(layout: Layout, column: str) -> bool:
    return column.partition(".")[0] in _OF_ONE_MODE and column not in layout.columns


def _absent(file: EventFile, tree: str, layout: Layout, column: str) -> str:
    """Say why a column is not there; nothing if it is."""
    source = layout.columns.get(column)
    if source is None:
        return f"not in layout {layout.name}"
    branch = missing_branch(file, tree, source)
    return "" if branch is None else f"branch '{branch}' is not in the file"


def _times(
    file: EventFile, tree: str, layout: Layout, columns: Columns, name: str
) -> tuple[Mapping[str, np.ndarray], Mapping[str, str]]:
    parts: dict[str, np.ndarray] = {}
    left_out: dict[str, str] = {}
    for part in ("time", "expected_time", "time_sigma"):
        column = f"{name}.{part}"
        why = _absent(file, tree, layout, column)
        if why:
            left_out[column] = why
        else:
            parts[part] = _read(columns, layout, column, Unit.of("ns"))
    return parts, left_out


def _in_time(name: str, delay: np.ndarray, sigma: np.ndarray | None) -> np.ndarray | None:
    if name in WINDOW_NS:
        return np.asarray(np.abs(delay) < WINDOW_NS[name])
    return None if sigma is None else np.asarray(np.abs(delay) < WINDOW_SIGMA * sigma)


def _read(columns: Columns, layout: Layout, column: str, unit: Unit) -> np.ndarray:
    factor = float(layout.columns[column].type.unit.ratio(unit))
    return np.asarray(columns.take(column, np.arange(1))[0], dtype=float) * factor
