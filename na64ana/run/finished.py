"""What was counted of each file, kept in a folder for a run that is interrupted."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import msgspec

from na64ana.cutflow.assembly import Assembly
from na64ana.cutflow.assembly_json import assembly_from_dict, assembly_to_dict
from na64ana.provenance import software
from na64ana.run.count import Job
from na64ana.run.intake import Intake
from na64ana.textfile import make_folder, write_whole

__all__ = ["Finished"]


class Finished:
    """A folder with one file for each input file that was counted to the end.

    Its first line is a checksum of its name and of its second line, the assembly as JSON.
    The name of each is the hash of all that its numbers depend on: selection, layout, options,
    versions, the file's identity, size and time, and what its dataset says of it. So a change of
    any of these is counted anew; the folder may be used for many runs, and by several at once.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = make_folder(folder)

    def load(self, job: Job, intake: Intake) -> Assembly | None:
        """Return what is kept of a file; None if there is nothing, or not whole."""
        try:
            path = self._path(job, intake)
            head, _, body = path.read_text(encoding="utf-8").partition("\n")
            if head != _checksum(path, body):
                return None
            return assembly_from_dict(json.loads(body))
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return None

    def save(self, job: Job, intake: Intake, assembly: Assembly) -> None:
        """Keep what was counted of a file.

        Raises
        ------
        InputError
            It cannot be written.
        """
        body = json.dumps(assembly_to_dict(assembly))
        path = self._path(job, intake)
        write_whole(path, f"{_checksum(path, body)}\n{body}")

    def _path(self, job: Job, intake: Intake) -> Path:
        plan = intake.plan
        depends: list[Any] = [
            job.selection.sha256,
            job.selection.name,
            [(c.words, c.reason, c.reference) for ch in job.selection.channels for c in ch.cuts],
            job.layout.sha256,
            job.unblinded,
            job.counts,
            job.with_open_sample,
            software(),
            plan.file,
            plan.stamp,
            sorted(intake.shared.items()),
            sorted(intake.excluded),
            sorted(map(repr, intake.bad_events)),
            sorted(intake.repeated),
            None if intake.listed is None else sorted(intake.listed),
            intake.weight,
        ]
        text = msgspec.json.encode(depends, order="deterministic", enc_hook=_as_text)
        return self.folder / f"{hashlib.sha256(text).hexdigest()}.counted"


def _as_text(path: Any) -> str:
    """Take the text of a `SecretUrl`, which is of a type that msgspec does not know."""
    if not isinstance(path, str):
        msg = f"a {type(path).__name__} is nothing that counts depend on"
        raise TypeError(msg)
    return f"{path}"


def _checksum(path: Path, body: str) -> str:
    return hashlib.sha256(f"{path.name}\n{body}".encode()).hexdigest()
