"""Errors written for the person at the terminal.

Every error a user can cause is a :class:`Na64Error`: its text says what is wrong,
where, what is near and what to do. The command line prints that text and exits
with 2; it never shows a traceback for one.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

__all__ = [
    "AnalysisError",
    "BackgroundError",
    "DatasetError",
    "ExpressionError",
    "InputError",
    "LayoutError",
    "LimitError",
    "Na64Error",
    "RecordError",
    "SelectionError",
    "SignalError",
    "UnitError",
    "UnknownNameError",
    "nearest",
    "printable",
    "redacted",
]

#: the password of a URL: up to the last "@" in front of the path (RFC 3986). Names are of bounded
#: length, so that no text, however long, takes long
_PASSWORD = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,20}://[^/?#\s:@]{0,200}):[^/?#\s]*@")
#: a parameter whose name says that it gives access: authz, access_token, X-Amz-Signature, ...
_SECRET = re.compile(
    r"([?&][^=&#\s]{0,40}(?:auth|token|sig|secret|pass|pwd|key|credential|macaroon)"
    r"[^=&#\s]{0,40}=)[^&#\s]+",
    re.IGNORECASE,
)


class Na64Error(Exception):
    """Base of all errors that wrong input can cause."""


class UnitError(Na64Error):
    """A quantity without its unit, an unknown unit, or units that do not fit."""


class ExpressionError(Na64Error):
    """An expression that is not allowed, not complete, or does not fit its columns."""


class SelectionError(Na64Error):
    """A selection file that cannot be used."""


class LayoutError(Na64Error):
    """A layout that is unknown, broken, or does not fit the file."""


class InputError(Na64Error):
    """An input file that is missing, damaged, or does not hold what a cut needs."""


class DatasetError(Na64Error):
    """A manifest, a spill table or a period of the catalogue that cannot be used."""


class LimitError(Na64Error):
    """A limit that is not defined for these numbers, or that cannot be computed."""


class AnalysisError(Na64Error):
    """An analysis file that cannot be used, or a step of an analysis that cannot be done."""


class RecordError(Na64Error):
    """A record that cannot be read, merged or compared."""


class BackgroundError(Na64Error):
    """A background that cannot be estimated from what was given."""


class SignalError(Na64Error):
    """A signal that cannot be computed."""


class UnknownNameError(Na64Error, KeyError):
    """A cut, channel, histogram or region of a name that is not there; a `KeyError` as well."""

    __str__ = Exception.__str__  # that of KeyError would quote the text


def nearest(name: str, known: Iterable[str]) -> str:
    """Say which known name is near: ``"; did you mean 'ecal_total'?"`` or ``""``."""
    lowered = {item.lower(): item for item in known}
    match = difflib.get_close_matches(name.lower()[:200], lowered, n=1, cutoff=0.5)
    return f"; did you mean '{printable(lowered[match[0]])}'?" if match else ""


def printable(text: str, limit: int = 200) -> str:
    """User text made safe for a terminal: no control characters, no secrets, bounded length."""
    safe = redacted(text)
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in safe)
    return safe if len(safe) <= limit else f"{safe[:limit]}..."


def redacted(text: str) -> str:
    """Return a text with ``***`` in place of passwords and tokens of the URLs in it.

    These are the password in front of the host, and the values of parameters whose names say
    that they give access (``authz``, ``access_token``, ``X-Amz-Signature``).
    """
    if "=" not in text and "@" not in text:  # almost all texts; there may be millions of them
        return text
    return _SECRET.sub(r"\1***", _PASSWORD.sub(r"\1:***@", text))
