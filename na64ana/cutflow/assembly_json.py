"""Assemblies as plain data: what an interrupted run keeps of the files that it counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from na64ana.cutflow.assembly import Assembly, Part
from na64ana.cutflow.from_json import from_dict, input_from_dict
from na64ana.cutflow.to_json import SCHEMA, input_to_dict, to_dict

__all__ = ["assembly_from_dict", "assembly_to_dict"]


def assembly_to_dict(assembly: Assembly) -> dict[str, Any]:
    """Return an assembly as plain data, from which `assembly_from_dict` makes it again."""
    folded = assembly.folded
    return {
        "schema": SCHEMA,
        "folded": None if folded is None else to_dict(folded),
        "parts": [
            {"files": list(part.files), "spill": part.spill, "record": to_dict(record)}
            for part, record in assembly.parts.items()
        ],
        "seen": [input_to_dict(f) | {"suspect": sorted(f.suspect)} for f in assembly.seen.values()],
        "lost": dict(assembly.lost),
    }


def assembly_from_dict(content: Mapping[str, Any]) -> Assembly:
    """Return the assembly that `assembly_to_dict` was given."""
    seen = [
        replace(
            input_from_dict(item), suspect=frozenset((run, spill) for run, spill in item["suspect"])
        )
        for item in content["seen"]
    ]
    parts = {
        Part(tuple(item["files"]), None if item["spill"] is None else tuple(item["spill"])):
        from_dict(item["record"])
        for item in content["parts"]
    }  # fmt: skip
    folded = None if content["folded"] is None else from_dict(content["folded"])
    return Assembly(folded, parts, {file.path: file for file in seen}, dict(content["lost"]))
