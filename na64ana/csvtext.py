"""Rows of CSV, with text that neither a terminal nor a spreadsheet takes for an order."""

from __future__ import annotations

from collections.abc import Iterable

from na64ana.errors import printable

__all__ = ["LONGEST", "field_of", "line_of", "text_of"]

#: characters of a text, where nothing else is asked for
LONGEST = 100_000
#: a spreadsheet takes what begins so for a formula
_FORMULA = ("=", "+", "-", "@")


def text_of(words: str, limit: int = LONGEST) -> str:
    """Return words that neither a terminal nor a spreadsheet takes for an order."""
    safe = printable(words, limit)
    return f"'{safe}" if safe.startswith(_FORMULA) else safe


def field_of(value: object) -> str:
    """Quote a field where it must be: a bare ``#`` would begin a comment for some readers."""
    text = str(value)
    if not any(c in text for c in ',"#\n\r'):
        return text
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def line_of(fields: Iterable[object]) -> str:
    """Return a row of fields."""
    return f"{','.join(map(field_of, fields))}\n"
