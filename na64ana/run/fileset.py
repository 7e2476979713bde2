"""coffea's fileset: the files of datasets, by name, and what is known of them here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from na64ana.datasets import Dataset
from na64ana.errors import InputError, printable
from na64ana.run.intake import Source, sources, unique

__all__ = ["Fileset", "expected_of", "fileset_of", "sources_of"]

Fileset = Mapping[str, Any]


def fileset_of(dataset: str | Path | Dataset) -> dict[str, Any]:
    """Return coffea's fileset of a dataset; files that are marked as bad are left out."""
    found = sources(dataset)
    owner = found[0].dataset
    if owner is None:
        msg = f"'{printable(str(dataset))}' is no manifest of a dataset"
        raise InputError(msg)
    files = [source.path for source in found]
    return {owner.name: {"files": files, "metadata": {"manifest": owner.path}}}


def expected_of(name: str, given: Any) -> list[Source]:
    """The files of one dataset of a fileset, none of them twice."""
    return unique(sources_of(name, given), once=False)[0]


def sources_of(name: str, given: Any) -> list[Source]:
    """The files of one dataset of a fileset."""
    metadata = given.get("metadata") or {} if isinstance(given, Mapping) else {}
    manifest = metadata.get("manifest")
    paths = [str(path) for path in (given["files"] if isinstance(given, Mapping) else given)]
    if manifest is None:
        return [Source(path) for path in paths]
    listed = {source.path: source for source in sources([manifest])}
    for path in paths:
        if path not in listed:
            msg = (
                f"fileset, dataset '{printable(name)}': {printable(path)} is not in the manifest "
                f"{printable(str(manifest))}"
            )
            raise InputError(msg)
    return [listed[path] for path in paths]
