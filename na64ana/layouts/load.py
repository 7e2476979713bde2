"""Layout files: shipped ones by name, a user's own by path."""

from __future__ import annotations

import hashlib
import json
import keyword
from functools import cache
from pathlib import Path
from typing import Annotated, Any
from unicodedata import normalize

import msgspec
import numpy as np
from msgspec import Meta

from na64ana.errors import LayoutError, UnitError, nearest, printable
from na64ana.expressions import Axis, Kind, Type
from na64ana.expressions.kinds import of_kind
from na64ana.expressions.parse import RESERVED
from na64ana.layouts.layout import ColumnSource, Fact, Layout
from na64ana.units import DIMENSIONLESS, parse_quantity, parse_unit
from na64ana.yamltext import Document, convert, read_yaml

__all__ = ["builtin_layouts", "load_layout"]

_FOLDER = Path(__file__).parent
#: columns that name an event
IDENTITY = ("run", "spill", "event")
_KINDS = {"number": Kind.NUMBER, "integer": Kind.INTEGER, "flag": Kind.BOOL}


class ColumnSpec(msgspec.Struct, forbid_unknown_fields=True):
    """One column as written in a layout file."""

    branch: Annotated[
        str | None, Meta(description="Path of the branch, or its last part where that is unique")
    ] = None
    branches: Annotated[
        list[str] | None, Meta(description="One for each slice along the first axis")
    ] = None
    value: Annotated[
        str | float | None, Meta(description="Of every event, in place of a branch")
    ] = None
    absent: Annotated[
        str | float | None, Meta(description="Of every event, where a file has no such branch")
    ] = None
    shape: Annotated[
        list[int | str], Meta(description="Size of each axis; var for a list of hits")
    ] = []
    axes: Annotated[list[str], Meta(description="Name of each axis, the last one fastest")] = []
    unit: Annotated[str | None, Meta(description="Unit of the numbers in the file")] = None
    type: Annotated[str, Meta(description="number, integer or flag")] = "number"
    note: Annotated[str, Meta(description="Words for people")] = ""


class FactSpec(msgspec.Struct, forbid_unknown_fields=True):
    """One fact as written in a layout file."""

    name: Annotated[str, Meta(description="What is stated")]
    value: Annotated[str | int | float | list[int | str], Meta(description="What it is")]
    source: Annotated[str, Meta(description="Who says so")]
    runs: Annotated[list[int] | None, Meta(description="[first, last] run of its validity")] = None


class LayoutSpec(msgspec.Struct, forbid_unknown_fields=True):
    """A layout file."""

    name: Annotated[str, Meta(description="That of the file")]
    tree: Annotated[str, Meta(description="Name of the TTree or RNTuple")]
    columns: Annotated[
        dict[str, ColumnSpec], Meta(description="Logical columns, such as ecal.energy")
    ]
    description: Annotated[str, Meta(description="Words for people")] = ""
    source: Annotated[str, Meta(description="Where it is known from")] = ""
    kind: Annotated[
        str, Meta(description="data or simulation: what a file holds unless it says otherwise")
    ] = "data"
    marks: Annotated[list[str], Meta(description="Branches by which a file is recognised")] = []
    facts: Annotated[
        list[FactSpec], Meta(description="What else is known of the detector in such files")
    ] = []


def builtin_layouts() -> list[str]:
    """Names of the shipped layouts."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


def load_layout(name: str | Path) -> Layout:
    """Load a layout by its name, or from a YAML file by its path.

    Parameters
    ----------
    name : str or Path
        Name of a shipped layout such as ``na64-tout``, or a path ending in ``.yaml``.

    Raises
    ------
    LayoutError
        There is no such layout, or the file is not one.
    """
    text = str(name)
    if text.endswith((".yaml", ".yml")):
        return _load_file(Path(text))
    if text not in builtin_layouts():
        known = builtin_layouts()
        msg = (
            f"unknown layout '{printable(text)}'{nearest(text, known)} "
            f"(shipped: {', '.join(known)}; or give the path of a .yaml file)"
        )
        raise LayoutError(msg)
    return _load_shipped(text)


@cache
def _load_shipped(name: str) -> Layout:
    """A user's own file may change while a notebook is open; the shipped ones do not."""
    return _load_file(_FOLDER / f"{name}.yaml")


def _load_file(path: Path) -> Layout:
    document = read_yaml(path, LayoutError)
    spec = convert(document, LayoutSpec, LayoutError)
    if spec.kind not in ("data", "simulation"):
        msg = f"{document.where('kind')}: kind is 'data' or 'simulation', not '{spec.kind}'"
        raise LayoutError(msg)
    columns = {name: _column(document, name, column) for name, column in spec.columns.items()}
    facts = tuple(
        Fact(fact.name, str(fact.value), _runs(document, i, fact), fact.source)
        for i, fact in enumerate(spec.facts)
    )
    return Layout(
        name=spec.name,
        description=" ".join(spec.description.split()),
        source=" ".join(spec.source.split()),
        kind=spec.kind,
        tree=spec.tree,
        marks=tuple(spec.marks),
        columns=columns,
        facts=facts,
        sha256=_hash(spec),
    )


def _runs(document: Document, i: int, fact: FactSpec) -> tuple[int, int] | None:
    if fact.runs is None:
        return None
    if len(fact.runs) != 2 or fact.runs[0] > fact.runs[1]:
        msg = f"{document.where('facts', i, 'runs')}: runs is [first, last]"
        raise LayoutError(msg)
    return fact.runs[0], fact.runs[1]


def _column(document: Document, name: str, spec: ColumnSpec) -> ColumnSource:
    where = f"{document.where('columns', name)}: column '{printable(name)}'"

    def refuse(message: str) -> LayoutError:
        return LayoutError(f"{where}: {message}")

    parts = name.split(".")
    if (
        name in RESERVED
        or not all(part.isidentifier() for part in parts)
        or any(
            # what the parser of expressions would never find
            keyword.iskeyword(part) or part.startswith("__") or part != normalize("NFKC", part)
            for part in parts
        )
    ):
        raise refuse("the name must be words joined by dots, and no unit or function")
    given = [x for x in (spec.branch, spec.branches, spec.value) if x is not None]
    if len(given) != 1:
        raise refuse("needs exactly one of branch, branches, value")
    if spec.type not in _KINDS:
        raise refuse(f"type is one of {', '.join(_KINDS)}, not '{printable(spec.type)}'")
    if spec.unit and spec.type != "number":
        raise refuse(f"type {spec.type} has no unit; with a unit, write type: number")
    if len(spec.shape) != len(spec.axes) or len(set(spec.axes)) != len(spec.axes):
        raise refuse("needs one axis name for each length in shape, all different")
    axes = tuple(_axis(n, a, refuse) for n, a in zip(spec.shape, spec.axes, strict=True))
    if any(axis.size is None for axis in axes[1:]) or (axes and axes[0].size is None and axes[1:]):
        raise refuse("a list of hits has the shape [var]")
    branches = tuple([spec.branch] if spec.branch is not None else spec.branches or [])
    if spec.value is None and not all(branches or [""]):
        raise refuse("the name of a branch is empty")
    if name in IDENTITY and (spec.type != "integer" or axes):
        raise refuse("this names an event, and so is one integer: write type: integer, no shape")
    if (spec.value, spec.absent) != (None, None) and any(axis.size is None for axis in axes):
        raise refuse("a value has a fixed shape, not [var]")
    if spec.absent is not None and spec.branch is None:
        raise refuse("absent is the value where a file lacks the branch, and needs branch")
    if spec.absent is not None and name in IDENTITY:
        raise refuse("this names an event, and no value stands for all of them: no absent")
    if spec.branches is not None and (not axes or axes[0].size != len(branches)):
        raise refuse("branches are the slices along the first axis; their numbers differ")
    try:
        unit = parse_unit(spec.unit) if spec.unit else DIMENSIONLESS
        value, absent = (
            None if given is None else parse_quantity(given).to(unit)
            for given in (spec.value, spec.absent)
        )
    except UnitError as error:
        raise refuse(str(error)) from None
    type_ = Type(_KINDS[spec.type], unit, axes)
    for key, number in (("value", value), ("absent", absent)):
        try:
            of_kind(np.array([] if number is None else [number]), type_.kind)
        except ValueError as error:
            raise refuse(f"{key} {error}") from None
    return ColumnSource(name, type_, branches, value, spec.note, absent)


def _axis(size: int | str, name: str, refuse: Any) -> Axis:
    if size == "var":
        return Axis(name, None)
    if not isinstance(size, int) or size < 1:
        raise refuse(f"a length in shape is a whole number from 1, or var, not '{size}'")
    return Axis(name, size)


def _hash(spec: LayoutSpec) -> str:
    columns = {
        name: {
            # a key that came later leaves the hashes of layouts without it as they were
            k: v
            for k, v in msgspec.to_builtins(column).items()
            if k != "note" and (k != "absent" or v is not None)
        }
        for name, column in sorted(spec.columns.items())
    }
    content = json.dumps({"tree": spec.tree, "columns": columns}, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()
