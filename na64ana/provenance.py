"""What made a result: versions of the software, commits, and who ran it when and where."""

from __future__ import annotations

import getpass
import os
import platform
import shlex
import subprocess
import sys
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

from na64ana.errors import redacted

__all__ = ["Made", "git_commit", "git_commits", "made", "software"]

_PACKAGES = ("na64ana", "uproot", "awkward", "numpy", "boost-histogram")
_PACKAGE = Path(__file__).resolve().parent
_GIT_TIMEOUT = 2.0  # seconds; a hanging network folder must not hold up a run
#: nothing of a repository's own settings is run: a folder may come from anybody
_GIT = ("git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null")


class Made(NamedTuple):
    """One run that counted: the block of an output that differs from run to run.

    Attributes
    ----------
    time : str
        When it ended, in UTC, ISO 8601 to the second.
    user, host : str
    command : str
        The command line, or ``python`` for a session or a notebook.
    workers : int
        Processes or jobs that counted; 0 where coffea or a Dask cluster had them.
    """

    time: str
    user: str
    host: str
    command: str
    workers: int


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


def made(workers: int = 1) -> Made:
    """Say who is counting, where, when and how."""
    return Made(_now(), _user(), platform.node() or "unknown", _command(sys.argv), workers)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # no account of that number, as in some containers
        return f"uid {os.getuid()}" if hasattr(os, "getuid") else "unknown"


def _command(argv: list[str]) -> str:
    """The command line without folders of the program and secrets; ``python`` if there is none."""
    program = Path(argv[0]) if argv else Path()
    if program.name in ("", "-", "-c", "-m") or program.name.startswith("ipykernel"):
        return "python"
    if program.name == "__main__.py":  # python -m package
        return shlex.join(["python", "-m", program.parent.name, *map(redacted, argv[1:])])
    return shlex.join([program.name, *map(redacted, argv[1:])])


def git_commits(selection: Path | None = None) -> dict[str, str]:
    """Commits of what counted: of na64ana, if it runs from a checkout, and of the selection.

    Parameters
    ----------
    selection : Path, optional
        The selection's file.

    Returns
    -------
    dict of str to str
        ``na64ana`` and ``selection``, each only where there is a repository.
    """
    commits = {}
    if (_PACKAGE.parent / ".git").exists():  # not the repository of a project around a venv
        commits["na64ana"] = git_commit(_PACKAGE)
    if selection is not None and selection.is_file():
        commits["selection"] = git_commit(selection.resolve().parent)
    return {what: commit for what, commit in commits.items() if commit}


@cache
def git_commit(folder: Path) -> str:
    """Return the commit of the repository that a folder is in.

    ``+changes`` follows where a file in the folder that the repository knows was changed. Empty
    where there is no repository, no commit or no git; it never fails.
    """
    command = (*_GIT, "-C", str(folder), "status", "--porcelain=v2", "--branch",
               "--untracked-files=no", "--ignore-submodules=all", "--", ".")  # fmt: skip
    environment = os.environ | {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(  # noqa: S603 - no shell, fixed arguments
            command, capture_output=True, timeout=_GIT_TIMEOUT, check=False, env=environment,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return ""
    lines = done.stdout.decode(errors="replace").splitlines()
    commit = next((x.split()[-1] for x in lines if x.startswith("# branch.oid ")), "")
    if done.returncode or not set(commit) <= set("0123456789abcdef"):  # "(initial)": no commit yet
        return ""
    changed = any(not line.startswith("#") for line in lines)
    return f"{commit}{'+changes' if changed else ''}"
