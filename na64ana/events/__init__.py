"""Events: input files through layouts to arrays by logical name."""

from na64ana.events.columns import Columns, constant, missing_branch
from na64ana.events.files import Branch, EventFile, Tree, file_identity, file_stamp, open_file
from na64ana.events.inputs import expand, expand_all, is_url, real_path
from na64ana.events.memory import keep_freed_memory
from na64ana.events.plan import (
    UNTAGGED,
    FilePlan,
    absent_columns,
    fitting_layout,
    input_file,
    plan_file,
    recognise,
)
from na64ana.events.read import read_columns

__all__ = [
    "UNTAGGED",
    "Branch",
    "Columns",
    "EventFile",
    "FilePlan",
    "Tree",
    "absent_columns",
    "constant",
    "expand",
    "expand_all",
    "file_identity",
    "file_stamp",
    "fitting_layout",
    "input_file",
    "is_url",
    "keep_freed_memory",
    "missing_branch",
    "open_file",
    "plan_file",
    "read_columns",
    "real_path",
    "recognise",
]
