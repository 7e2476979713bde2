"""Manifests: found by name or path, read into datasets, and written."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from na64ana.datasets.filelist import is_remote
from na64ana.datasets.model import BadSpill, Dataset, DatasetFile, SpillId
from na64ana.datasets.ranges import Ranges, format_ranges, spills_by_run
from na64ana.datasets.resolve import resolve
from na64ana.datasets.spec import (
    BadSpillSpec,
    ExposureSpec,
    FileSpec,
    ManifestSpec,
    manifest_text,
)
from na64ana.datasets.spills import apportion
from na64ana.errors import DatasetError, nearest, printable
from na64ana.shipped import shipped_folder, yaml_files
from na64ana.yamltext import Document, convert, read_yaml, without_collecting

__all__ = [
    "builtin_manifests",
    "dump_manifest",
    "find_manifest",
    "load_dataset",
    "manifest_spec",
    "read_manifest",
    "spill_ranges",
]

#: tens of thousands of files; exposures of more spills than that belong in a table
MAX_BYTES = 20_000_000
# at the left margin, so a list of files and not a word in a description
_FILES = re.compile(rb"^files:", re.MULTILINE)


def builtin_manifests() -> list[str]:
    """Names of the shipped manifests: the files in `datasets/` that list files."""
    files = yaml_files(shipped_folder("datasets"))
    return [name for name, path in files.items() if _FILES.search(path.read_bytes())]


def find_manifest(name: str | Path) -> Path:
    """Return the file of a manifest, or of a period of the catalogue.

    Parameters
    ----------
    name : str or Path
        Name of a shipped one, or a path, such as ``mine.yaml``.

    Raises
    ------
    DatasetError
        There is none; the message names the nearest.
    """
    text = str(name)
    shipped = yaml_files(shipped_folder("datasets"))
    if text in shipped:
        return shipped[text]
    path = Path(text)
    if path.suffix in (".yaml", ".yml") or ("\0" not in text and path.is_file()):
        return path
    known = builtin_manifests()
    held = f"shipped: {', '.join(known)}; or give" if known else "give"
    msg = (
        f"unknown dataset '{printable(text)}'{nearest(text, shipped)} "
        f"({held} the path of a manifest, a .yaml file)"
    )
    raise DatasetError(msg)


@without_collecting()
def load_dataset(name: str | Path) -> Dataset:
    """Read a manifest, with its tables, and check it.

    Parameters
    ----------
    name : str or Path
        Name of a shipped manifest, or the path of one.

    Raises
    ------
    DatasetError
        It is not there or has a mistake; the message names file, line, and what to do.
    """
    path = find_manifest(name)
    spec, document = read_manifest(path)
    return resolve(spec, document, str(path))


def read_manifest(path: Path) -> tuple[ManifestSpec, Document]:
    """Read the keys of a manifest, without its tables, and where each of them stands."""
    document = read_yaml(path, DatasetError, MAX_BYTES)
    if "beam" in document.data and "files" not in document.data:
        msg = (
            f"{document.where('beam')}: this is a period of the catalogue, which has no files. "
            f"Make a manifest of the files that you have: na64ana datasets add MANIFEST.yaml "
            f"FILE... --period {printable(path.stem)}"
        )
        raise DatasetError(msg)
    return convert(document, ManifestSpec, DatasetError), document


def files_of_manifest(name: str | Path) -> list[str]:
    """Return the manifest's own file and its tables: what is read besides the data."""
    path = find_manifest(name)
    spec, _ = read_manifest(path)
    tables = (spec.exposure.table if spec.exposure else None, spec.bad_spill_table)
    return [str(path), *(str(path.parent / table) for table in tables if table is not None)]


# ----------------------------------------------------------------------- writing


def dump_manifest(dataset: Dataset, folder: str | Path) -> str:
    """Return the YAML of a manifest that holds a dataset.

    Parameters
    ----------
    dataset : Dataset
    folder : str or Path
        Where the manifest will lie. The names of the files stay as they are.

    Returns
    -------
    str
        Always the same for equal datasets. Read from that folder, it gives an equal dataset.
    """
    return manifest_text(manifest_spec(dataset, folder))


def manifest_spec(dataset: Dataset, folder: str | Path) -> ManifestSpec:
    """Return the keys of the manifest of a dataset; its exposures are written out."""
    return ManifestSpec(
        name=dataset.name,
        kind=dataset.kind,
        unit=dataset.unit,
        period=dataset.period,
        folder=_common_folder(dataset.files, str(folder)),
        bias=None if dataset.bias == 1 else float(dataset.bias),
        exposure=_exposure_spec(dataset) if dataset.exposure else None,
        bad_spills=list(_bad_spill_specs(dataset.bad_spills)),
        files=[_file_spec(file, dataset) for file in dataset.files],
    )


def _common_folder(files: tuple[DatasetFile, ...], folder: str) -> str:
    """The folder that all relative names are in, as seen from the manifest."""
    roots = {file.path.removesuffix(file.name) for file in files if file.path != file.name}
    if not roots:
        return ""
    if len(roots) > 1 or not all(file.path.endswith(file.name) for file in files):
        msg = "the files of a dataset that is written to a manifest lie in one folder"
        raise DatasetError(msg)
    (root,) = roots
    if is_remote(root):
        return root.rstrip("/")
    found = os.path.relpath(root, folder or ".")
    if found.startswith(".."):  # it goes up from where links lead
        found = os.path.relpath(os.path.realpath(root), os.path.realpath(folder or "."))
    return "" if found == "." else found


def _exposure_spec(dataset: Dataset) -> ExposureSpec:
    """Totals where loading shares them out again in the same way; else spill by spill."""
    spec = ExposureSpec(runs={}, spills={}, apportioned={})
    held = spills_by_run(dataset.files_of)
    for run, spills in spills_by_run(dataset.exposure).items():
        amounts = {spill: dataset.exposure[run, spill] for spill in spills}
        shares = [spill for spill in spills if (run, spill) in dataset.apportioned]
        total = sum(amounts.values())
        if shares == spills == held.get(run) and apportion(total, spills) == amounts:
            spec.runs[str(run)] = total
            continue
        spec.spills[str(run)] = {str(spill): amount for spill, amount in amounts.items()}
        if shares:
            spec.apportioned[str(run)] = _ranges(shares)
    return spec


def _bad_spill_specs(bad_spills: tuple[BadSpill, ...]) -> Iterator[BadSpillSpec]:
    """Whole spills of one run and reason together, then the ranges of events."""
    whole: dict[tuple[int, str], list[int]] = {}
    for bad in bad_spills:
        if bad.events is None:
            whole.setdefault((bad.run, bad.reason), []).append(bad.spill)
    for (run, reason), spills in sorted(whole.items()):
        yield BadSpillSpec(run=run, spill=_ranges(spills), reason=reason)
    for bad in bad_spills:
        if bad.events is not None:
            yield BadSpillSpec(
                run=bad.run,
                spill=bad.spill,
                reason=bad.reason,
                events=list(bad.events),
                exposure=bad.exposure,
            )


def _file_spec(file: DatasetFile, dataset: Dataset) -> FileSpec:
    return FileSpec(
        path=file.name,
        uuid=file.uuid,
        sha256=file.sha256,
        entries=file.entries,
        # with exposures, a file without spills says so; without, nothing may be known of them
        spills=spill_ranges(file.spills) if file.spills or dataset.exposure else None,
        generated=file.generated,
        quality="bad" if file.bad else "good",
        reason=file.bad,
    )


def spill_ranges(spills: frozenset[SpillId]) -> dict[str, Ranges]:
    """Spills as the keys of a manifest: ``{"8747": ["1-10", "12"]}``."""
    return {str(run): _ranges(numbers) for run, numbers in spills_by_run(spills).items()}


def _ranges(numbers: list[int]) -> Ranges:
    return list(format_ranges(numbers))
