"""The searches that come with na64ana: analyses of simulated events, by name."""

from __future__ import annotations

from pathlib import Path

from na64ana.errors import InputError, nearest, printable

__all__ = ["search_names", "search_path"]

_FOLDER = Path(__file__).with_name("searches")


def search_names() -> tuple[str, ...]:
    """Return the names of all searches, the demo first."""
    return tuple(sorted((path.stem for path in _FOLDER.glob("*.yaml")), key=_demo_first))


def search_path(name: str) -> Path:
    """Return the analysis file of a search.

    Raises
    ------
    InputError
        There is none of that name.
    """
    names = search_names()
    if name not in names:
        msg = f"no search '{printable(name)}'{nearest(name, names)} (searches: {', '.join(names)})"
        raise InputError(msg)
    return _FOLDER / f"{name}.yaml"


def _demo_first(name: str) -> tuple[bool, str]:
    return name != "demo", name
