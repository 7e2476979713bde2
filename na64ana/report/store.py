"""The observable store at the terminal, and as JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from na64ana.errors import printable
from na64ana.report.table import grouped
from na64ana.store import Store, StoredFile, in_words

__all__ = ["as_json", "overview"]

FILES_SHOWN = 40


def overview(store: Store) -> RenderableType:
    """Return a rich renderable of what is kept, the file used last first."""
    files = store.files()
    total = sum(file.size for file in files)
    head = Text(printable(str(store.folder)), "bold")
    foot = Text(
        f"{len(files)} file{'' if len(files) == 1 else 's'}, "
        f"{in_words(total)} of {in_words(store.limit)}"
    )
    return Group(head, _table(files), foot) if files else Group(head, foot)


def _table(files: list[StoredFile]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("input", overflow="fold")
    table.add_column("layout", overflow="fold")
    for name in ("entries", "columns", "size", "last used"):
        table.add_column(name, justify="right", no_wrap=True)
    for file in files[:FILES_SHOWN]:
        table.add_row(
            "(of another version, or damaged)" if file.input is None else printable(file.input),
            printable(file.layout or ""),
            "" if file.entries is None else grouped(str(file.entries), " "),
            "" if file.columns is None else str(file.columns),
            in_words(file.size),
            f"{_time(file):%Y-%m-%d %H:%M}",
        )
    more = len(files) - FILES_SHOWN
    if more > 0:
        table.add_row(f"and {more} more")
    return table


def as_json(store: Store) -> str:
    """Return what is kept as JSON; times in UTC."""
    files = store.files()
    document = {
        "schema": "na64ana/store/1",
        "folder": str(store.folder),
        "limit": store.limit,
        "size": sum(file.size for file in files),
        "files": [
            {
                "file": file.path.name,
                "input": file.input,
                "layout": file.layout,
                "entries": file.entries,
                "columns": file.columns,
                "size": file.size,
                "used": f"{_time(file):%Y-%m-%dT%H:%M:%SZ}",
            }
            for file in files
        ],
    }
    return json.dumps(document, indent=1) + "\n"


def _time(file: StoredFile) -> datetime:
    return datetime.fromtimestamp(file.used, UTC)
