"""Cutflows and records: numbers that merge exactly. Rendering is in `na64ana.report`."""

from na64ana.cutflow.compare import Difference, Differences, diff
from na64ana.cutflow.cutflow import Cutflow, CutLabel, Row
from na64ana.cutflow.exposure import (
    Ratio,
    Yield,
    per_exposure,
    processed_exposure,
    ratio,
    side_by_side,
)
from na64ana.cutflow.intervals import Efficiency, efficiency, poisson_interval
from na64ana.cutflow.record import InputFile, Record, Region
from na64ana.cutflow.tally import COUNTS, Counts, Tally

__all__ = [
    "COUNTS",
    "Counts",
    "CutLabel",
    "Cutflow",
    "Difference",
    "Differences",
    "Efficiency",
    "InputFile",
    "Ratio",
    "Record",
    "Region",
    "Row",
    "Tally",
    "Yield",
    "diff",
    "efficiency",
    "per_exposure",
    "poisson_interval",
    "processed_exposure",
    "ratio",
    "side_by_side",
]
