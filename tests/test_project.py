"""The project's own promises: what the README says and what pyproject.toml repeats."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

SET_UP = [
    "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/na64ana demo",
    'python3 -m venv .venv && .venv/bin/pip install -e ".[test]" && .venv/bin/pytest',
]


@pytest.mark.parametrize("command", SET_UP, ids=["demo", "tests"])
def test_the_readme_sets_up_in_one_command(command):
    top = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:40]
    assert [line for line in top if line == command]


def test_the_extra_and_the_group_for_tests_are_the_same():
    extra = PROJECT["project"]["optional-dependencies"]["test"]
    assert extra == PROJECT["dependency-groups"]["test"]


def test_the_changelog_knows_this_version():
    number = PROJECT["project"]["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## \[?{re.escape(number)}\b", changelog, flags=re.MULTILINE)


def test_the_installed_version_is_the_one_of_the_checkout():
    assert version("na64ana") == PROJECT["project"]["version"]
