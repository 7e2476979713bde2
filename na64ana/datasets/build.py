"""Manifests built from files: runs, spills, identity and checksum are read from them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from na64ana.datasets.filelist import file_path, is_remote, real_path
from na64ana.datasets.manifest import read_manifest, spill_ranges
from na64ana.datasets.model import Dataset, SpillId
from na64ana.datasets.resolve import SIMULATION, resolve
from na64ana.datasets.spec import ExposureSpec, FileSpec, ManifestSpec, manifest_text
from na64ana.errors import DatasetError, InputError, printable
from na64ana.yamltext import Document

if TYPE_CHECKING:
    from na64ana.events import EventFile
    from na64ana.layouts import Layout

__all__ = [
    "Built",
    "FileFacts",
    "Options",
    "build",
    "comment_head",
    "read_facts",
    "read_spills",
    "relative_name",
    "start",
]


@dataclass(frozen=True)
class FileFacts:
    """What a file says of itself.

    Attributes
    ----------
    path : str
    kind, kind_from : str
        ``data``, ``pseudo-data`` or ``simulation``, and how that is known.
    uuid, sha256 : str or None
    entries : int
    spills : frozenset of (run, spill)
        Empty for simulation.
    """

    path: str
    kind: str
    kind_from: str
    uuid: str | None
    sha256: str | None
    entries: int
    spills: frozenset[SpillId]


@dataclass(frozen=True)
class Options:
    """What the files cannot say; None leaves an existing manifest as it is.

    Attributes
    ----------
    name, kind, period : str or None
    layout : str or None
        Layout of the files; recognised by default.
    spills, bad_spills : str or None
        Path of a spill table and of a bad-spill list.
    exposure : dict of int to int
        Totals of runs.
    generated : int or None
        Particles on target simulated for each of the new files.
    bias : float or None
    sha256 : bool
        Whether to take the checksum of the new files.
    unit : str or None
        Of the exposure, in a new manifest: EOT by default.
    """

    name: str | None = None
    kind: str | None = None
    period: str | None = None
    layout: str | None = None
    spills: str | None = None
    bad_spills: str | None = None
    exposure: Mapping[int, int] = field(default_factory=dict)
    generated: int | None = None
    bias: float | None = None
    sha256: bool = True
    unit: str | None = None


@dataclass(frozen=True)
class Built:
    """A manifest with new files: its text, what it says, and how many of its files are new."""

    text: str
    dataset: Dataset
    added: int


def start(manifest: str, inputs: Iterable[str]) -> ManifestSpec | None:
    """Read the manifest that is there, if any, and refuse inputs that are in it already.

    This is quick, and done before any file is read.

    Raises
    ------
    DatasetError
        The manifest has a mistake, or a file is in it.
    """
    path = Path(manifest)
    if path.suffix not in (".yaml", ".yml"):
        msg = f"{printable(manifest)}: the name of a manifest ends in .yaml"
        raise DatasetError(msg)
    if not path.exists():
        return None
    spec, document = read_manifest(path)
    resolve(spec, document, manifest)
    folders: dict[str, str] = {}
    known = {
        real_path(file_path(file.path, spec.folder, manifest), folders): i
        for i, file in enumerate(spec.files)
    }
    for item in inputs:
        i = known.get(real_path(item, folders))
        if i is not None:
            msg = (
                f"{printable(item)}: is in the manifest already ({document.where('files', i)}); "
                "nothing was added"
            )
            raise DatasetError(msg)
    return spec


def read_facts(path: str, options: Options, kind: str | None) -> FileFacts:
    """Read what a manifest needs from one file: runs and spills range by range.

    Parameters
    ----------
    path : str
    options : Options
    kind : str or None
        Kind of the dataset, if that is known.

    Raises
    ------
    InputError, LayoutError
        The file cannot be read, or no layout fits.
    DatasetError
        It has no runs or spills, is of another kind, or changed while it was read.
    """
    from na64ana.events import open_file, plan_file

    before = _stamp(path)
    with open_file(path) as file:
        layout = _layout(file, options.layout)
        plan = plan_file(file, layout, _any_column(file, layout))
        _check_kind(path, plan.file.kind, plan.file.kind_from, kind)
        simulated = (kind or plan.file.kind) == SIMULATION
        facts = FileFacts(
            path=path,
            kind=plan.file.kind,
            kind_from=plan.file.kind_from,
            uuid=file.uuid,
            sha256=_sha256(path) if options.sha256 and not is_remote(path) else None,
            entries=plan.file.entries,
            spills=frozenset() if simulated else read_spills(file, layout),
        )
    if _stamp(path) != before:
        msg = f"{printable(path)}: changed while it was read; add it when it is complete"
        raise DatasetError(msg)
    return facts


def read_spills(file: EventFile, layout: Layout) -> frozenset[SpillId]:
    """Return the spills that have events in a file; memory is that of one range of entries.

    Raises
    ------
    InputError
        The file has no run or spill numbers, or they cannot be read.
    """
    import numpy as np

    from na64ana.events import plan_file, read_columns

    names = ("run", "spill")
    for name in names:
        if name not in layout.columns:
            msg = (
                f"{printable(file.path)}: layout {layout.name} has no column '{name}', so the "
                "exposure of these events cannot be known; data need it"
            )
            raise InputError(msg)
    plan = plan_file(file, layout, dict.fromkeys(names, "a manifest of data"))
    found: set[SpillId] = set()
    for begin, end in plan.ranges:
        columns = read_columns(file, plan.file.tree, layout, names, begin, end)
        runs, spills = (columns[name] for name in names)
        # events of a spill stand together: of each stretch one event is enough
        first = np.ones(len(runs), dtype=bool)
        first[1:] = (runs[1:] != runs[:-1]) | (spills[1:] != spills[:-1])
        found.update(zip(runs[first].tolist(), spills[first].tolist(), strict=True))
    negative = min((pair for pair in found if min(pair) < 0), default=None)
    if negative is not None:
        msg = f"{printable(file.path)}: run {negative[0]}, spill {negative[1]}: no such number"
        raise InputError(msg)
    return frozenset(found)


def build(
    manifest: str,
    spec: ManifestSpec | None,
    facts: Iterable[FileFacts],
    options: Options,
    head: str = "",
) -> Built:
    """Return a manifest to which files were added, checked as a whole.

    Parameters
    ----------
    manifest : str
        Where it will lie.
    spec : ManifestSpec or None
        What is there already, from `start`.
    facts : iterable of FileFacts
        The new files.
    options : Options
    head : str
        Comment lines to begin with.

    Raises
    ------
    DatasetError
        The whole would not be a good manifest.
    """
    found = list(facts)
    kind = _kind(spec, found, options)
    folder = "" if spec is None else spec.folder
    files = [_file_spec(item, manifest, folder, kind, options) for item in found]
    whole = _merged(spec, files, kind, manifest, options)
    dataset = resolve(whole, Document(printable(manifest), {}), manifest)
    return Built(manifest_text(whole, head), dataset, len(files))


def comment_head(path: Path) -> tuple[str, int]:
    """Return the comments at the top of a manifest, and how many comments stand elsewhere."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    top = next((i for i, line in enumerate(lines) if line.strip()[:1] not in ("#", "")), 0)
    rest = sum(line.lstrip().startswith("#") or " #" in line for line in lines[top:])
    return "".join(f"{line}\n" for line in lines[:top]), rest


# ----------------------------------------------------------------------- one file


def _layout(file: EventFile, name: str | None) -> Layout:
    from na64ana.events import recognise
    from na64ana.layouts import load_layout

    if name is not None:
        return load_layout(name)
    fitting = recognise(file)
    if not fitting:
        msg = (
            f"{printable(file.path)}: fits no known layout; name one with --layout, and see what "
            "is in the file with 'na64ana columns'"
        )
        raise InputError(msg)
    return fitting[0]


def _any_column(file: EventFile, layout: Layout) -> dict[str, str]:
    """Any column that the file has: enough to see its kind and its entries."""
    from na64ana.events import missing_branch

    tree = file.find_tree(layout.tree)
    there = (
        name
        for name, column in layout.columns.items()
        if tree
        and column.branches
        and column.absent is None
        and missing_branch(file, tree.name, column) is None
    )
    return dict.fromkeys([*there][:1], "a manifest")


def _check_kind(path: str, found: str, why: str, wanted: str | None) -> None:
    """What an untagged file holds is for the person to say; a tag is not overruled."""
    if wanted is not None and found != wanted and why != "untagged":
        msg = f"{printable(path)}: is {found} ({why}); the dataset is to be {wanted}"
        raise DatasetError(msg)


def _stamp(path: str) -> tuple[int, int] | None:
    if is_remote(path):
        return None
    try:
        status = os.stat(path)  # noqa: PTH116 - a text, not a Path
    except OSError as error:
        msg = f"{printable(path)}: {error.strerror or error}"
        raise InputError(msg) from None
    return status.st_size, status.st_mtime_ns


def _sha256(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        msg = f"{printable(path)}: {error.strerror or error}"
        raise InputError(msg) from None


# ----------------------------------------------------------------------- the whole


def _kind(spec: ManifestSpec | None, facts: list[FileFacts], options: Options) -> str:
    wanted = options.kind if spec is None else spec.kind
    if wanted is not None:
        return wanted
    first = facts[0]
    for other in facts:
        if other.kind != first.kind:
            msg = (
                f"{printable(other.path)} is {other.kind} ({other.kind_from}), but "
                f"{printable(first.path)} is {first.kind} ({first.kind_from}); a dataset is of "
                "one kind"
            )
            raise DatasetError(msg)
    return first.kind


def _file_spec(
    facts: FileFacts, manifest: str, folder: str, kind: str, options: Options
) -> FileSpec:
    return FileSpec(
        path=relative_name(facts.path, file_path("", folder, manifest)),
        uuid=facts.uuid,
        sha256=facts.sha256,
        entries=facts.entries,
        spills=None if kind == SIMULATION else spill_ranges(facts.spills),
        generated=options.generated,
    )


def relative_name(path: str, folder: str) -> str:
    """Name a file as seen from a folder; absolute where they have nothing in common."""
    try:
        path.encode()
    except UnicodeEncodeError:
        msg = f"{printable(path)}: the name is not text in UTF-8; rename the file"
        raise InputError(msg) from None
    if is_remote(path) or is_remote(folder):
        return path.removeprefix(folder) if is_remote(path) else os.path.abspath(path)  # noqa: PTH100
    whole, base = os.path.abspath(path), os.path.abspath(folder or ".")  # noqa: PTH100
    if whole.startswith(base.rstrip("/") + "/"):
        return os.path.relpath(whole, base)
    # '..' goes up from where links lead
    base = os.path.realpath(base)
    whole = os.path.join(os.path.realpath(os.path.dirname(whole)), os.path.basename(whole))  # noqa: PTH118, PTH119, PTH120
    return whole if os.path.commonpath([whole, base]) == "/" else os.path.relpath(whole, base)


def _merged(
    spec: ManifestSpec | None, files: list[FileSpec], kind: str, manifest: str, options: Options
) -> ManifestSpec:
    """The manifest with the new files; what was said before is not silently changed."""
    if spec is None:
        spec = ManifestSpec(
            name=options.name or Path(manifest).stem, kind=kind, unit=options.unit or "EOT",
            files=files,
        )  # fmt: skip
    else:
        spec = msgspec.structs.replace(spec, files=[*spec.files, *files])
    beside = os.path.dirname(manifest)  # noqa: PTH120
    given = {
        "name": options.name,
        "kind": options.kind,
        "period": options.period,
        "bias": options.bias,
        "bad_spill_table": options.bad_spills and relative_name(options.bad_spills, beside),
    }
    for key, value in given.items():
        _set(spec, key, value, manifest)
    if options.spills or options.exposure:
        spec.exposure = spec.exposure or ExposureSpec(runs={}, spills={}, apportioned={})
        table = options.spills and relative_name(options.spills, beside)
        _set(spec.exposure, "table", table, manifest)
        spec.exposure.runs = dict(spec.exposure.runs)
        for run, total in options.exposure.items():
            known = spec.exposure.runs.setdefault(str(run), total)
            if known != total:
                msg = f"{printable(manifest)}: run {run} has {known} already, not {total}"
                raise DatasetError(msg)
    return spec


def _set(spec: ManifestSpec | ExposureSpec, key: str, value: str | float | None, path: str) -> None:
    """Set a key that is not set; refuse another value for one that is."""
    if value is None:
        return
    known = getattr(spec, key)
    if known not in (None, value):
        msg = (
            f"{printable(path)}: {key} is '{printable(str(known))}' there, not "
            f"'{printable(str(value))}'; change it by hand if that is meant"
        )
        raise DatasetError(msg)
    setattr(spec, key, value)
