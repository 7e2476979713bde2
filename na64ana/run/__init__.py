"""Running a selection over files; the engines stand around one pure `evaluate`.

``na64ana.run`` is the function `run` of this package, which is imported as ever: ``from
na64ana.run import find_event``. What runs elsewhere stands on the function too, as
``na64ana.run.coffea``. `SelectionProcessor` is imported when first used, since coffea is slow to
load.
"""

from typing import Any

from na64ana.run.dask_cluster import on_dask
from na64ana.run.event import Event, find_event
from na64ana.run.executors import Executor, executor_for
from na64ana.run.fileset import fileset_of
from na64ana.run.local import run
from na64ana.run.with_coffea import coffea

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

for _beside in (coffea, fileset_of, on_dask):
    setattr(run, _beside.__name__, _beside)


def __getattr__(name: str) -> Any:
    if name == "SelectionProcessor":
        from na64ana.run.processor import SelectionProcessor

        return SelectionProcessor
    msg = f"module 'na64ana.run' has no attribute '{name}'"
    raise AttributeError(msg)
