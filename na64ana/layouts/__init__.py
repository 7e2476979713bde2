"""Layouts: how one kind of ntuple names its columns. Pure description, no file access."""

from na64ana.layouts.layout import ColumnSource, Fact, Layout
from na64ana.layouts.load import IDENTITY, builtin_layouts, load_layout

__all__ = ["IDENTITY", "ColumnSource", "Fact", "Layout", "builtin_layouts", "load_layout"]
