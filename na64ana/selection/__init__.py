"""Selections: observables and an ordered chain of cuts, written in YAML."""

from na64ana.selection.bind import BoundChannel, BoundCut, BoundHistogram, BoundSelection
from na64ana.selection.load import builtin_selections, find_selection
from na64ana.selection.model import CutSpec, SelectionSpec
from na64ana.selection.selection import Selection

__all__ = [
    "BoundChannel",
    "BoundCut",
    "BoundHistogram",
    "BoundSelection",
    "CutSpec",
    "Selection",
    "SelectionSpec",
    "builtin_selections",
    "find_selection",
]
