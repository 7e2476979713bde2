"""Configuration of the documentation."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "_ext"))

_project = tomllib.loads(HERE.parent.joinpath("pyproject.toml").read_text(encoding="utf-8"))[
    "project"
]

project = "na64ana"
author = copyright = "The na64ana developers"
version = release = _project["version"]

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx_click",
    "sphinx_copybutton",
    "sphinx_design",
    # of this project, in _ext
    "pictures",
    "yaml_keys",
]
exclude_patterns = ["_build"]
nitpicky = True
# options begin with two dashes, and quotes in commands are those of the shell
smartquotes = False

# -- pages -------------------------------------------------------------------------------------

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

# -- names of Python, from their docstrings -----------------------------------------------------

# types stand in the docstrings, in words
autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False

# -- HTML --------------------------------------------------------------------------------------

html_theme = "furo"
html_title = f"na64ana {version}"
html_static_path = ["_static"]
html_css_files = ["na64ana.css"]


def _is_field_of_tuple(
    app: Any, what: str, name: str, obj: object, skip: bool, options: Any
) -> bool | None:
    """Leave out the words of Python on fields of a NamedTuple; its docstring has better ones."""
    return True if str(obj.__doc__).startswith("Alias for field number") else None


def setup(app: Any) -> None:
    """Tell autodoc what to leave out."""
    app.connect("autodoc-skip-member", _is_field_of_tuple)
