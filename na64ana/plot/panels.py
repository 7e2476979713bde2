"""Where the cells of each detector stand in the display of an event, in inches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from na64ana.run.detectors import Detector

__all__ = ["Panel", "panels"]

#: detectors above one another; each row from left to right
_ROWS = (
    ("srd", "vhcal", "wcal", "v2", "s4", "pkrpre", "pkrcal", "ecal"),
    ("veto", "hcal"),
)  # fmt: skip
#: a cell is at most so wide and high; all cells of a panel, so high, by row
_CELL, _HEIGHTS = 0.54, (3.1, 1.62)
#: a heading needs so much, and lies between the rows with numbers of cells
_WIDTH, _GAP, _BETWEEN = 1.2, 0.38, 0.95
_PARTS = {"ecal": {0: "preshower", 1: "ECAL"}}
_TITLES = {"pkrcal": "PKR-CAL", "pkrpre": "PKR preshower"}


@dataclass(frozen=True)
class Panel:
    """Cells on a grid.

    Attributes
    ----------
    title : str
    detector : Detector
    index : tuple of int
        Which part of the detector's arrays it is; empty for all.
    shape : tuple of int
        Columns and rows of cells.
    axes : tuple of str
        What is counted to the right and upwards; empty where there is one cell only.
    left, bottom, cell : float
        Lower left corner, and side of a cell, in inches.
    """

    title: str
    detector: Detector = field(repr=False)
    index: tuple[int, ...]
    shape: tuple[int, int]
    axes: tuple[str, str]
    left: float = 0.0
    bottom: float = 0.0
    cell: float = _CELL

    def grid(self, array: np.ndarray) -> np.ndarray:
        """Return the part of an array of the detector that is drawn; shape (column, row)."""
        return np.asarray(array[self.index]).reshape(self.shape)

    @property
    def width(self) -> float:
        """In inches."""
        return self.shape[0] * self.cell

    @property
    def height(self) -> float:
        """In inches."""
        return self.shape[1] * self.cell


def panels(
    detectors: Mapping[str, Detector], left: float, bottom: float, width: float
) -> tuple[Panel, ...]:
    """Put panels in rows: what is before the ECAL and the ECAL, and behind it.

    Parameters
    ----------
    detectors : dict of str to Detector
        Those that are there.
    left, bottom, width : float
        Room, in inches; the rows stand on its lower edge.
    """
    placed: list[Panel] = []
    for names, height in reversed(list(zip(_ROWS, _HEIGHTS, strict=True))):
        row = [part for name in names if name in detectors for part in _parts(detectors[name])]
        if row:
            placed = [*_in_a_row(row, left, bottom, width, height), *placed]
            bottom += height + _BETWEEN
    return tuple(placed)


def _in_a_row(
    row: Sequence[Panel], left: float, bottom: float, width: float, height: float
) -> list[Panel]:
    """Place panels side by side, smaller where they are many."""
    row = [replace(panel, cell=min(_CELL, height / panel.shape[1])) for panel in row]
    room = width - _GAP * (len(row) - 1)
    scale = min(1.0, room / sum(max(_WIDTH, panel.width) for panel in row))
    placed = []
    for panel in row:
        made = replace(panel, left=left, bottom=bottom, cell=panel.cell * scale)
        placed.append(replace(made, bottom=bottom + height - made.height))
        left += max(_WIDTH * scale, made.width) + _GAP
    return placed


def _parts(detector: Detector) -> list[Panel]:
    """Return the planes or modules of a detector, each a grid of cells."""
    shape, axes = detector.energy.shape, detector.axes
    title = _TITLES.get(detector.name) or detector.name.upper()
    if len(shape) <= 1:
        cells, axis = (shape[0], axes[0]) if shape else (1, "")
        return [Panel(title, detector, (), (1, cells), ("", axis))]
    if len(shape) == 2:
        return [Panel(title, detector, (), (shape[0], shape[1]), (axes[0], axes[1]))]
    return [
        Panel(
            _PARTS.get(detector.name, {}).get(i[0] if len(i) == 1 else -1)
            or f"{title} {' '.join(map(str, i))}",
            detector, i, (shape[-2], shape[-1]), (axes[-2], axes[-1]),
        )
        for i in np.ndindex(*shape[:-2])
    ]  # fmt: skip
