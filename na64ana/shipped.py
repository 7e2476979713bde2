"""Where shipped YAML lies: in the wheel beside the code, in a checkout at its top level."""

from __future__ import annotations

from pathlib import Path

__all__ = ["shipped_folder", "yaml_files"]


def shipped_folder(kind: str) -> Path:
    """Return the folder of shipped files of a kind, ``selections`` or ``datasets``."""
    package = Path(__file__).resolve().parent
    checkout = package.parent
    # only a checkout has its pyproject.toml beside the package; site-packages has not
    return (checkout if (checkout / "pyproject.toml").is_file() else package / "_data") / kind


def yaml_files(folder: Path) -> dict[str, Path]:
    """Return the YAML files in a folder and below by their names, such as ``common/cuts``."""
    found = {p.relative_to(folder).with_suffix("").as_posix(): p for p in folder.rglob("*.yaml")}
    return dict(sorted(found.items()))
