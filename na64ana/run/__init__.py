"""Running a selection over files; the engines stand around one pure `evaluate`."""

from na64ana.run.local import run

__all__ = ["run"]
