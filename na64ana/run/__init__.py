"""Running a selection over files; the engines stand around one pure `evaluate`.

``na64ana.run`` is both this package and, called, its function `run`.
"""

import sys
from types import ModuleType

from na64ana.run.local import run

__all__ = ["run"]


class _CallableModule(ModuleType):
    """The package when it is called: ``na64ana.run(selection, inputs)``."""

    __call__ = staticmethod(run)


sys.modules[__name__].__class__ = _CallableModule
