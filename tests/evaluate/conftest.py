"""The layout of the drawn selections."""

from __future__ import annotations

from pathlib import Path

import pytest

from na64ana.layouts import Layout, load_layout

from .drawn import LAYOUT


@pytest.fixture(scope="session")
def layout(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    path: Path = tmp_path_factory.mktemp("layout") / "small.yaml"
    path.write_text(LAYOUT, encoding="utf-8")
    return load_layout(path)
