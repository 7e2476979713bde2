"""The JSON schema of selection files, for editors and other tools; made from the models."""

from __future__ import annotations

from typing import Any

import msgspec

from na64ana.selection.model import SelectionSpec

__all__ = ["schema"]


def schema() -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) of a selection file.

    It knows keys and types; names, units and shapes are checked by `Selection.load`.
    """
    template = "#/$defs/{name}"
    (reference,), parts = msgspec.json.schema_components([SelectionSpec], ref_template=template)
    return {
        "title": "na64ana selection",
        "description": "Observables, an ordered chain of cuts, channels, regions and histograms",
        **reference,
        "$defs": dict(sorted(parts.items())),
    }
