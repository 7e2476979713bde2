"""Configuration of the documentation."""

from __future__ import annotations

import tomllib
from pathlib import Path

_project = tomllib.loads(
    Path(__file__).parents[1].joinpath("pyproject.toml").read_text(encoding="utf-8")
)["project"]

project = "na64ana"
author = copyright = "The na64ana developers"
version = release = _project["version"]

extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

exclude_patterns = ["_build"]
nitpicky = True

html_theme = "furo"
html_title = f"na64ana {version}"
