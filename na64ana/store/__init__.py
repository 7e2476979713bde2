"""The observable store: what cuts compare is computed once for each input file, and kept."""

from na64ana.store.columns_file import BATCH, ColumnsFile, Damaged
from na64ana.store.size import DEFAULT_LIMIT, LIMIT, in_words, parse_bytes, store_limit
from na64ana.store.split import Kept, Split, split
from na64ana.store.store import Store, StoredFile
from na64ana.store.window import Window, check, unstored

__all__ = [
    "BATCH",
    "DEFAULT_LIMIT",
    "LIMIT",
    "ColumnsFile",
    "Damaged",
    "Kept",
    "Split",
    "Store",
    "StoredFile",
    "Window",
    "check",
    "in_words",
    "parse_bytes",
    "split",
    "store_limit",
    "unstored",
]
