"""Every notebook runs from top to bottom."""

import re
import runpy
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = {path.relative_to(FOLDER).as_posix(): path for path in sorted(FOLDER.rglob("*.py"))}
ENTRY = re.compile(r"^\| \[`(?P<shown>[^`]+)`\]\((?P<linked>[^)]+)\) \|", re.MULTILINE)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_table_lists_them_all():
    entries = ENTRY.findall((FOLDER / "README.md").read_text(encoding="utf-8"))
    assert [linked for _, linked in entries] == [shown for shown, _ in entries]
    assert sorted(linked for _, linked in entries) == sorted(NOTEBOOKS)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_it_runs_and_leaves_nothing_behind(name, folder):
    runpy.run_path(str(NOTEBOOKS[name]), run_name="notebook")
    assert list(folder.iterdir()) == []
