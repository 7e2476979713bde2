"""What made a result: versions of the software."""

from __future__ import annotations

import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version

__all__ = ["software"]

_PACKAGES = ("na64ana", "uproot", "awkward", "numpy", "boost-histogram")


@cache
def software() -> dict[str, str]:
    """Versions of Python and of the packages that a count depends on."""
    versions = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = "unknown"
    return versions
