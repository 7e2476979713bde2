"""Things by name: asked for one that is not there, they say which one is near."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from na64ana.errors import UnknownNameError, nearest, printable

__all__ = ["Named", "unknown_name"]

Thing = TypeVar("Thing")


class Named(dict[str, Thing]):
    """A dict that tells what is near a name that it does not have.

    Parameters
    ----------
    things : mapping of str
        By name.
    kind : str
        What one of them is called, such as ``histogram``.
    """

    def __init__(self, things: Mapping[str, Thing], kind: str) -> None:
        super().__init__(things)
        self.kind = kind

    def __missing__(self, name: str) -> Thing:
        raise unknown_name(self.kind, name, self)


def unknown_name(kind: str, name: str, known: Iterable[str], where: str = "") -> UnknownNameError:
    """Return the error of a name that is not known: with the nearest, and with all."""
    names = list(known)
    shown = ", ".join(printable(known, 60) for known in names) or "none"
    near = nearest(str(name), names)
    return UnknownNameError(f"no {kind} '{printable(str(name))}'{where}{near} ({kind}s: {shown})")
