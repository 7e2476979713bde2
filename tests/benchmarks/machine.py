"""On what a benchmark ran: processor, memory, versions, date."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from na64ana.provenance import git_commits

PACKAGES = ("na64ana", "root", "coffea", "uproot", "awkward", "numpy")


def describe() -> dict[str, str]:
    """Return what to say about this machine and its software, in the order to say it."""
    versions = {name: _version(name) for name in PACKAGES}
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "processor": _cpuinfo("model name") or platform.processor() or platform.machine(),
        "cores": str(os.cpu_count()),
        "load average": f"{os.getloadavg()[2]:.1f}",
        "system": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
        **versions,
        "commit of na64ana": git_commits().get("na64ana", "unknown")[:12],
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _cpuinfo(key: str) -> str | None:
    """Return what Linux says about the first processor."""
    info = Path("/proc/cpuinfo")
    for line in info.read_text().splitlines() if info.exists() else ():
        name, _, value = line.partition(":")
        if name.strip() == key:
            return value.strip()
    return None
