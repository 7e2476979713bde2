"""Notebooks are pairs, listed in one table; those of `notebooks/signal` run from top to bottom.

The others are run by nbmake: see notebooks/conftest.py.
"""

from __future__ import annotations

import hashlib
import json
import re
import runpy
from pathlib import Path

import jupytext
import nbformat
import pytest

FOLDER = Path(__file__).parents[1] / "notebooks"
PAIRS = {path.stem: path for path in sorted(FOLDER.glob("[0-9]*.py"))}
PROGRAMS = {path.name: path for path in sorted((FOLDER / "signal").glob("*.py"))}
ENTRY = re.compile(r"^\| \[`(?P<shown>[^`]+)`\]\((?P<linked>[^)]+)\) \|", re.MULTILINE)
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def notebook_of(text: str) -> str:
    """Return the notebook of a text in the percent format: without outputs, the same every time."""
    made = jupytext.reads(text, fmt="py:percent")
    made.metadata = nbformat.from_dict(METADATA)
    seen: dict[str, int] = {}
    for cell in made.cells:
        mark = hashlib.sha256(cell.source.encode()).hexdigest()[:8]
        seen[mark] = seen.get(mark, 0) + 1
        cell.id = mark if seen[mark] == 1 else f"{mark}-{seen[mark]}"
        cell.metadata = nbformat.from_dict({})
    written: str = nbformat.writes(made)
    return written.rstrip("\n") + "\n"


@pytest.mark.parametrize("name", PAIRS)
def test_both_files_of_a_pair_hold_the_same_and_no_output(name, request):
    notebook = PAIRS[name].with_suffix(".ipynb")
    wanted = notebook_of(PAIRS[name].read_text(encoding="utf-8"))
    if request.config.getoption("--update-golden"):
        notebook.write_text(wanted, encoding="utf-8", newline="\n")
    assert notebook.is_file(), "make it with pytest tests/test_notebooks.py --update-golden"
    assert notebook.read_text(encoding="utf-8") == wanted


def test_no_notebook_is_without_its_pair():
    assert sorted(path.stem for path in FOLDER.glob("*.ipynb")) == sorted(PAIRS)


def test_a_text_and_its_notebook_say_the_same():
    text = "# %% [markdown]\n# # Title\n#\n# Words\n\n# %%\nx = 1\nx\n\n# %%\nx = 1\nx\n"
    cells = json.loads(notebook_of(text))["cells"]
    assert ["".join(cell["source"]) for cell in cells] == [
        "# Title\n\nWords",
        "x = 1\nx",
        "x = 1\nx",
    ]
    assert len({cell["id"] for cell in cells}) == 3
    assert all(cell["outputs"] == [] for cell in cells[1:])


def test_the_table_lists_them_all():
    entries = ENTRY.findall((FOLDER / "README.md").read_text(encoding="utf-8"))
    assert [linked for _, linked in entries] == [shown for shown, _ in entries]
    pairs = [f"{name}.ipynb" for name in PAIRS]
    assert sorted(linked for _, linked in entries) == pairs + [
        f"signal/{name}" for name in PROGRAMS
    ]


@pytest.mark.parametrize("name", PROGRAMS)
def test_it_runs_and_leaves_nothing_behind(name, folder):
    runpy.run_path(str(PROGRAMS[name]), run_name="notebook")
    assert list(folder.iterdir()) == []
