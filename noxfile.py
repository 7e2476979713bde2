#!/usr/bin/env -S uv run --script

# /// script
# dependencies = ["nox[uv]>=2025.10.16"]
# ///

"""Every task of a developer, each in an environment of its own: ``nox -l`` lists them."""

from __future__ import annotations

import nox

nox.needs_version = ">=2025.10.16"
nox.options.default_venv_backend = "uv|virtualenv"

PROJECT = nox.project.load_toml("pyproject.toml")


def _group(name: str) -> list[str]:
    """List the requirements of a dependency group."""
    return nox.project.dependency_groups(PROJECT, name)


@nox.session(python="3.11")
def lint(session: nox.Session) -> None:
    """Check style, format and types, as the gate does."""
    session.install("-e", ".", *_group("test"), *_group("lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")


@nox.session(python=["3.11", "3.12", "3.13"])
def tests(session: nox.Session) -> None:
    """Run the tests; what follows ``--`` goes to pytest."""
    session.install("-e", ".", *_group("test"))
    session.run("pytest", *session.posargs)


@nox.session(python="3.11", venv_backend="uv", default=False)
def minimums(session: nox.Session) -> None:
    """Run the tests with the lowest versions that pyproject.toml admits."""
    session.install("-e", ".", *_group("test"), "--resolution=lowest-direct")
    session.run("pytest", *session.posargs)


@nox.session(default=False)
def docs(session: nox.Session) -> None:
    """Build the documentation into docs/_build; a warning is an error."""
    session.install("-e", ".", *_group("docs"))
    session.run("sphinx-build", "-W", "--keep-going", "-n", "docs", "docs/_build/html")


@nox.session(default=False)
def build(session: nox.Session) -> None:
    """Build the source distribution, and from it the wheel, into dist."""
    session.install("build")
    session.run("python", "-m", "build")


@nox.session(default=False)
def review(session: nox.Session) -> None:
    """Compare the repository with the Scientific Python guide."""
    session.install("sp-repo-review[cli]>=2026.8.14")
    session.run("sp-repo-review", ".")


if __name__ == "__main__":
    nox.main()
