"""Amounts of bytes in words, and the size that a store may have."""

from __future__ import annotations

import os
import re

from na64ana.errors import InputError, printable

__all__ = ["DEFAULT_LIMIT", "LIMIT", "in_words", "parse_bytes", "store_limit"]

#: bytes of all files of a store, where nobody says otherwise
DEFAULT_LIMIT = 20 * 10**9
#: the environment variable that says otherwise
LIMIT = "NA64ANA_STORE_LIMIT"
#: as disks and quotas are counted: powers of 1000
_UNITS = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_SIZE = re.compile(r"\s*(\d{1,15}(?:\.\d{1,15})?)\s*([a-z]{1,2})\s*", re.IGNORECASE | re.ASCII)


def parse_bytes(text: str, where: str) -> int:
    """Return a number of bytes such as ``50 GB``.

    Parameters
    ----------
    text : str
        A number and one of B, kB, MB, GB, TB (powers of 1000); ``0`` needs none.
    where : str
        Where it stands, for the message.

    Raises
    ------
    InputError
        It is no size.
    """
    found = _SIZE.fullmatch("0 B" if text.strip() == "0" else text)
    units = {unit.lower(): size for unit, size in _UNITS.items()}
    if found is None or found[2].lower() not in units:
        msg = (
            f"{where}: '{printable(text, 40)}' is no size: write a number and one of "
            f"{', '.join(_UNITS)}, such as 50 GB"
        )
        raise InputError(msg)
    return int(float(found[1]) * units[found[2].lower()])


def in_words(size: int) -> str:
    """Return a number of bytes to three digits, such as ``1.25 GB``."""
    unit = next((u for u in reversed(_UNITS) if size >= _UNITS[u]), "B")
    number = size / _UNITS[unit]
    if unit != "B" and round(number) < 100:
        return f"{number:.{1 if number >= 9.995 else 2}f} {unit}"
    return f"{number:.0f} {unit}"


def store_limit() -> int:
    """Return how many bytes a store may have: as the environment says, or the default.

    Raises
    ------
    InputError
        The environment says what is no size.
    """
    text = os.environ.get(LIMIT, "")
    return parse_bytes(text, LIMIT) if text.strip() else DEFAULT_LIMIT
