"""Columns of a file as arrays, for whoever looks at events: what is not said is found."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from na64ana.errors import InputError, nearest, printable
from na64ana.events.columns import Columns, missing_branch
from na64ana.events.files import EventFile, open_file
from na64ana.events.plan import fitting_layout
from na64ana.layouts import Layout, load_layout

__all__ = ["read_columns"]


def read_columns(
    file: EventFile | str | Path,
    tree: str | None = None,
    layout: Layout | str | Path | None = None,
    names: str | Iterable[str] | None = None,
    start: int = 0,
    stop: int | None = None,
) -> dict[str, Any]:
    """Read logical columns of a file as arrays: of all events, those of a blind region too.

    Parameters
    ----------
    file : EventFile, str or Path
        As `open_file` gives it, or its path or URL.
    tree : str, optional
        By default the one that the layout names.
    layout : Layout, str or Path, optional
        A layout, the name of a shipped one, or a YAML file; by default the one that fits the file.
    names : str or iterable of str, optional
        Columns of the layout; by default all that the file has.
    start, stop : int, optional
        Entries, from ``start`` to before ``stop``; by default all.

    Returns
    -------
    dict of str to array
        Shape ``(event, *axes)``, or an awkward array where jagged; int64, float64 or bool, in the
        unit of the layout.

    Raises
    ------
    InputError
        The file, a column or an entry is not there or cannot be read, or no layout fits.
    LayoutError
        The layout cannot be used.
    """
    if not isinstance(file, EventFile):
        with open_file(file) as opened:
            return read_columns(opened, tree, layout, names, start, stop)
    if layout is None:
        layout = fitting_layout(file)
    elif not isinstance(layout, Layout):
        layout = load_layout(layout)
    found = file.tree(layout.tree if tree is None else tree)
    first, last = _entries(file, found.entries, start, stop)
    columns = Columns(file, found.name, layout, first, last)
    rows = np.arange(columns.size)
    read = {name: columns.take(name, rows) for name in _names(file, found.name, layout, names)}
    file.check_unchanged()
    return read


def _entries(file: EventFile, entries: int, start: int, stop: int | None) -> tuple[int, int]:
    last = entries if stop is None else stop
    if not 0 <= start <= last <= entries:
        msg = (
            f"{printable(file.path)}: entries {start} to {last} are asked for; there are "
            f"{entries}, counted from 0"
        )
        raise InputError(msg)
    return start, last


def _names(
    file: EventFile, tree: str, layout: Layout, names: str | Iterable[str] | None
) -> list[str]:
    """The columns that are asked for, or all that are there."""
    if names is None:
        return [
            name
            for name, column in layout.columns.items()
            if missing_branch(file, tree, column) is None
        ]
    asked = [names] if isinstance(names, str) else list(names)
    for name in asked:
        if name not in layout.columns:
            near = nearest(name, layout.columns)
            msg = f"layout {printable(layout.name)} has no column '{printable(name)}'{near}"
            raise InputError(msg)
    return asked
