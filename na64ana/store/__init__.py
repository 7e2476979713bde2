"""The observable store: what cuts compare is computed once for each input file, and kept."""

from na64ana.store.columns_file import BATCH, ColumnsFile
from na64ana.store.split import Kept, Split, split
from na64ana.store.store import DEFAULT_LIMIT, Store, StoredFile
from na64ana.store.window import Window, unstored

__all__ = [
    "BATCH",
    "DEFAULT_LIMIT",
    "ColumnsFile",
    "Kept",
    "Split",
    "Store",
    "StoredFile",
    "Window",
    "split",
    "unstored",
]
