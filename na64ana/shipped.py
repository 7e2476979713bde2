"""Where shipped YAML lies: in the wheel beside the code, in a checkout at its top level."""

from __future__ import annotations

from pathlib import Path

__all__ = ["shipped_folder"]


def shipped_folder(kind: str) -> Path:
    """Return the folder of shipped files of a kind, ``selections`` or ``datasets``."""
    package = Path(__file__).resolve().parent
    checkout = package.parent
    # only a checkout has its pyproject.toml beside the package; site-packages has not
    return (checkout if (checkout / "pyproject.toml").is_file() else package / "_data") / kind
