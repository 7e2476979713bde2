"""Running a selection over files; the engines stand around one pure `evaluate`.

``na64ana.run`` is both this package and, called, its function `run`. `SelectionProcessor` and
`coffea` run the same on coffea; they are imported when first used, since coffea is slow to load.
"""

import sys
from types import ModuleType
from typing import Any

from na64ana.run.dask_cluster import on_dask
from na64ana.run.event import Event, find_event
from na64ana.run.executors import Executor, executor_for
from na64ana.run.local import run

__all__ = [
    "Event",
    "Executor",
    "SelectionProcessor",
    "coffea",
    "executor_for",
    "fileset_of",
    "find_event",
    "on_dask",
    "run",
]

_OF_COFFEA = ("SelectionProcessor", "coffea", "fileset_of")


def __getattr__(name: str) -> Any:
    if name in _OF_COFFEA:
        from na64ana.run import processor

        return getattr(processor, name)
    msg = f"module 'na64ana.run' has no attribute '{name}'"
    raise AttributeError(msg)


class _CallableModule(ModuleType):
    """The package when it is called: ``na64ana.run(selection, inputs)``."""

    __call__ = staticmethod(run)


sys.modules[__name__].__class__ = _CallableModule
