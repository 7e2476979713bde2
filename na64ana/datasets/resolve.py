"""From the keys of a manifest to a checked dataset."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections import defaultdict
from dataclasses import replace
from typing import Any

from na64ana.datasets.badspills import bad_spills
from na64ana.datasets.exposure import recorded
from na64ana.datasets.filelist import dataset_files
from na64ana.datasets.model import Dataset, DatasetFile
from na64ana.datasets.numbers import Room
from na64ana.datasets.ranges import format_ranges, spills_by_run
from na64ana.datasets.spec import ManifestSpec
from na64ana.errors import DatasetError, nearest, printable
from na64ana.yamltext import Document

__all__ = ["KINDS", "SIMULATION", "manifest_sha256", "resolve"]

SIMULATION = "simulation"
KINDS = ("data", "pseudo-data", SIMULATION)

_UNIT = re.compile(r"[A-Za-z+]{1,20}")


def resolve(spec: ManifestSpec, document: Document, path: str) -> Dataset:
    """Return the dataset of a manifest, with its tables read and everything checked.

    Parameters
    ----------
    spec : ManifestSpec
    document : Document
        Where each key stands, for messages.
    path : str
        The manifest's file; its tables lie relative to it.

    Raises
    ------
    DatasetError
        Two keys contradict each other, a file is in it twice, a spill has no exposure, an
        exposure is no whole number, a bad spill is in no file; the message names the line.
    """
    _check_words(spec, document)
    room = Room()
    files = dataset_files(spec, document, path, room)
    exposure, shares = recorded(spec.exposure, files, document, path, room)
    dataset = Dataset(
        name=spec.name,
        path=path,
        sha256="",
        kind=spec.kind,
        unit=spec.unit,
        period=spec.period,
        files=files,
        exposure=exposure,
        apportioned=shares,
        bias=_bias(spec, document),
    )
    dataset = replace(dataset, bad_spills=bad_spills(spec, dataset, document, room))
    return replace(dataset, sha256=manifest_sha256(dataset))


def manifest_sha256(dataset: Dataset) -> str:
    """Return the SHA-256 of what a dataset holds.

    Files, exposures and bad spills count, in whatever order; its name, its period and the place
    where manifest and files lie do not.
    """
    by_run: dict[int, list[list[int]]] = defaultdict(list)
    for run, spill in sorted(dataset.exposure):
        share = int((run, spill) in dataset.apportioned)
        by_run[run].append([spill, dataset.exposure[run, spill], share])
    content = {
        "kind": dataset.kind,
        "unit": dataset.unit,
        "bias": float(dataset.bias),
        "files": sorted((_file_content(file) for file in dataset.files), key=json.dumps),
        "exposure": sorted(by_run.items()),
        "bad_spills": sorted(
            [bad.run, bad.spill, list(bad.events or ()), bad.exposure, bad.reason]
            for bad in dataset.bad_spills
        ),
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _file_content(file: DatasetFile) -> list[Any]:
    spills = {run: format_ranges(numbers) for run, numbers in spills_by_run(file.spills).items()}
    facts = [file.name, file.uuid, file.sha256, file.entries, file.generated, file.bad]
    return [*facts, sorted(spills.items())]


def _check_words(spec: ManifestSpec, document: Document) -> None:
    if spec.kind not in KINDS:
        msg = (
            f"{document.where('kind')}: kind '{printable(spec.kind, 40)}' is none of "
            f"{', '.join(KINDS)}{nearest(spec.kind, KINDS)}"
        )
        raise DatasetError(msg)
    if not _UNIT.fullmatch(spec.unit):
        msg = f"{document.where('unit')}: unit is a word such as EOT, e+OT, MOT or POT"
        raise DatasetError(msg)
    if "\0" in spec.folder:
        msg = f"{document.where('folder')}: '{printable(spec.folder)}' is no folder"
        raise DatasetError(msg)
    only_data = {
        "exposure": "its files say 'generated'",
        "bad_spills": "bad spills are of data",
        "bad_spill_table": "bad spills are of data",
    }
    for key, why in only_data.items():
        if spec.kind == SIMULATION and getattr(spec, key):
            msg = f"{document.where(key)}: simulation has no '{key}': {why}"
            raise DatasetError(msg)


def _bias(spec: ManifestSpec, document: Document) -> float:
    if spec.bias is None:
        return 1.0
    where = document.where("bias")
    if spec.kind != SIMULATION:
        msg = f"{where}: {spec.kind} has no bias; it is of simulation"
        raise DatasetError(msg)
    try:
        bias = float(spec.bias)
    except (ValueError, OverflowError):
        bias = math.nan
    if not (math.isfinite(bias) and bias > 0):
        msg = f"{where}: bias must be a number above 0, not '{printable(str(spec.bias), 60)}'"
        raise DatasetError(msg)
    return bias
