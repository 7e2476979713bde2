"""What the tests of datasets share: manifests as text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def manifest(tmp_path: Path) -> Callable[..., Path]:
    """Write files into a folder: ``manifest(text, **tables)`` gives the path of the manifest."""

    def write(text: str, name: str = "m.yaml", **tables: str) -> Path:
        for stem, rows in tables.items():
            (tmp_path / f"{stem}.csv").write_text(rows, encoding="utf-8")
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write
