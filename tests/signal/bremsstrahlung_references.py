"""Reference numbers of bremsstrahlung, from `references_bremsstrahlung.yaml`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

CONTENT = yaml.safe_load(
    (Path(__file__).parent / "references_bremsstrahlung.yaml").read_text(encoding="utf-8")
)
CONSTANTS: dict[str, float] = CONTENT["meta"]["constants"]
MEDIATORS = {"V": "vector", "A": "axial", "S": "scalar", "P": "pseudoscalar"}
EPSILON2 = 1e-8  # cross sections of the file are at epsilon = 1e-4


def references(quantity: str) -> list[Any]:
    """All entries of one quantity."""
    found = [entry for entry in CONTENT["references"] if entry["quantity"] == quantity]
    assert found, quantity
    return found


def label(entry: Any) -> str:
    """What names an entry among others: `etl_total_ours-V-100-10`."""
    inputs = entry["inputs"]
    keys = ("kind", "E0_GeV", "m_MeV")
    return "-".join([entry["quantity"], *(str(inputs[key]) for key in keys if key in inputs)])


def used() -> set[str]:
    """Return the quantities of the file."""
    return {entry["quantity"] for entry in CONTENT["references"]}
