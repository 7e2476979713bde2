"""The files of a manifest: where they lie, what is known of them, and none of them twice."""

from __future__ import annotations

import os
import re

from na64ana.datasets.model import DatasetFile
from na64ana.datasets.numbers import Room, whole
from na64ana.datasets.spec import FileSpec, ManifestSpec
from na64ana.errors import DatasetError, nearest, printable, redacted
from na64ana.yamltext import Document

__all__ = ["dataset_files", "file_path", "is_remote", "real_path"]

QUALITIES = ("good", "bad")
_URL = re.compile(r"[a-z][a-z0-9+.-]*://")
_FORMS = {
    "uuid": (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "a UUID of ROOT"),
    "sha256": (re.compile(r"[0-9a-f]{64}"), "a SHA-256 of 64 hexadecimal digits"),
}


def dataset_files(
    spec: ManifestSpec, document: Document, manifest: str, room: Room
) -> tuple[DatasetFile, ...]:
    """Return the files of a manifest.

    Raises
    ------
    DatasetError
        A file is in it twice (by name, path, link, UUID or checksum), or what is said of one
        does not fit its kind.
    """
    files = tuple(
        _file(item, spec, document, i, file_path(item.path, spec.folder, manifest), room)
        for i, item in enumerate(spec.files)
    )
    _unique(files, document)
    return files


def is_remote(path: str) -> bool:
    """Whether a path is a URL."""
    return _URL.match(path) is not None


def file_path(name: str, folder: str, manifest: str) -> str:
    """Where a file of a manifest is opened: its name, relative to the manifest's `folder`."""
    if is_remote(name) or os.path.isabs(name):  # noqa: PTH117 - text in, text out
        return name
    if is_remote(folder):
        return f"{folder.rstrip('/')}/{name}"
    # joined as text, so that the path ends with the name as it is written
    return os.path.join(os.path.dirname(manifest), folder, name)  # noqa: PTH118, PTH120


def real_path(path: str, folders: dict[str, str]) -> str:
    """The path behind links; `folders` remembers folders, of which many files share one."""
    if is_remote(path):
        return path
    folder, name = os.path.split(path)
    if folder not in folders:
        folders[folder] = os.path.realpath(folder)
    real = os.path.join(folders[folder], name)  # noqa: PTH118
    return os.path.realpath(real) if name == ".." or os.path.islink(real) else real  # noqa: PTH114


def _file(
    item: FileSpec, spec: ManifestSpec, document: Document, i: int, path: str, room: Room
) -> DatasetFile:
    where = f"{document.where('files', i)}: file '{printable(item.path)}'"
    if "\0" in item.path:
        msg = f"{where}: no file is called so"
        raise DatasetError(msg)
    if is_remote(path) and (redacted(path) != path or "***" in path):
        msg = (
            f"{where}: no passwords or tokens in a manifest, which others read and every record "
            "names; for a web server ~/.netrc holds them, for XRootD BEARER_TOKEN_FILE names a file"
        )
        raise DatasetError(msg)
    _check_kind(item, spec, where)
    spills = room.spills(item.spills or {}, document, "files", i, "spills")
    entries = None if item.entries is None else whole(item.entries, "entries", where)
    if spills and entries == 0:
        msg = f"{where}: it has spills but no entries"
        raise DatasetError(msg)
    if entries and item.spills is not None and not spills:
        msg = f"{where}: it has {entries} entries but no spills"
        raise DatasetError(msg)
    return DatasetFile(
        name=item.path,
        path=path,
        uuid=_hexadecimal(item.uuid, "uuid", where),
        sha256=_hexadecimal(item.sha256, "sha256", where),
        entries=entries,
        spills=spills,
        generated=None if item.generated is None else whole(item.generated, "generated", where, 1),
        bad=_bad(item, where),
    )


def _check_kind(item: FileSpec, spec: ManifestSpec, where: str) -> None:
    """Data have spills, simulation has a number of generated particles."""
    simulated = spec.kind == "simulation"
    if simulated and item.generated is None:
        msg = f"{where}: 'generated' is missing: how many particles were simulated for it"
        raise DatasetError(msg)
    if not simulated and item.generated is not None:
        msg = f"{where}: 'generated' is for kind: simulation, and this is {spec.kind}"
        raise DatasetError(msg)
    if not simulated and item.spills is None and spec.exposure is not None:
        msg = (
            f"{where}: 'spills' are missing, so its exposure is not known "
            "('na64ana datasets add' reads them from the file)"
        )
        raise DatasetError(msg)


def _hexadecimal(text: str | None, key: str, where: str) -> str | None:
    if text is None:
        return None
    form, words = _FORMS[key]
    if not form.fullmatch(text.lower()):
        msg = f"{where}: {key} '{printable(text, 80)}' is not {words}"
        raise DatasetError(msg)
    return text.lower()


def _bad(item: FileSpec, where: str) -> str:
    if item.quality not in QUALITIES:
        near = nearest(item.quality, QUALITIES)
        msg = f"{where}: quality is good or bad, not '{printable(item.quality, 40)}'{near}"
        raise DatasetError(msg)
    if item.quality == "bad" and not item.reason.strip():
        msg = f"{where}: 'reason' is missing: why is it bad?"
        raise DatasetError(msg)
    if item.quality == "good" and item.reason:
        msg = f"{where}: 'reason' says why a file is bad; add 'quality: bad', or leave it out"
        raise DatasetError(msg)
    return item.reason


def _unique(files: tuple[DatasetFile, ...], document: Document) -> None:
    """Refuse a file that stands twice: its events would be counted twice."""
    folders: dict[str, str] = {}
    seen: dict[tuple[str, str], int] = {}
    for i, file in enumerate(files):
        marks = {
            "name": file.name,
            "path behind links": real_path(file.path, folders),
            "uuid": file.uuid,
            "sha256": file.sha256,
        }
        for what, mark in marks.items():
            if mark is None:
                continue
            first = seen.setdefault((what, mark), i)
            if first != i:
                line = document.lines.get(("files", first))
                place = f" in line {line}" if line else ""
                msg = (
                    f"{document.where('files', i)}: file '{printable(file.name)}' is the same as "
                    f"'{printable(files[first].name)}'{place} (same {what}); its events would be "
                    "counted twice"
                )
                raise DatasetError(msg)
