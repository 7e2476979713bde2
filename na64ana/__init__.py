"""na64ana: from NA64 ntuples to exact cutflows.

>>> import na64ana as na
>>> selection = na.Selection.load("na64e-invisible-2023")
>>> selection.name
'na64e-invisible-2023'

Names are loaded when first used, so that ``import na64ana`` costs nothing.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from na64ana.analysis import load_analysis, run_analysis
    from na64ana.cutflow import Cutflow, Record, diff
    from na64ana.errors import Na64Error
    from na64ana.events import open_file, read_columns
    from na64ana.layouts import Layout, load_layout
    from na64ana.plot import display
    from na64ana.run import run
    from na64ana.selection import Selection

__all__ = [
    "Cutflow",
    "Layout",
    "Na64Error",
    "Record",
    "Selection",
    "__version__",
    "diff",
    "display",
    "load_analysis",
    "load_layout",
    "open_file",
    "read_columns",
    "run",
    "run_analysis",
]

_HOME = {
    "Cutflow": "cutflow",
    "Layout": "layouts",
    "Na64Error": "errors",
    "Record": "cutflow",
    "Selection": "selection",
    "diff": "cutflow",
    "display": "plot",
    "load_analysis": "analysis",
    "load_layout": "layouts",
    "open_file": "events",
    "read_columns": "events",
    "run": "run",
    "run_analysis": "analysis",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("na64ana")
    if name in _HOME:
        return getattr(import_module(f"na64ana.{_HOME[name]}"), name)
    msg = f"module 'na64ana' has no attribute '{name}'"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted(__all__)


class _Package(ModuleType):
    """The package: its `run` stays the function when the sub-package of that name is loaded."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name == "run" and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
