"""What all tests share: the reference data and the golden files."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
SHARED = Path(os.environ.get("NA64ANA_SHARED", HERE.parents[1] / "shared"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that writes golden files instead of comparing with them."""
    parser.addoption("--update-golden", action="store_true", help="write tests/golden anew")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference data; the test is skipped where there is none."""
    if not SHARED.is_dir():
        pytest.skip("no folder of reference data beside the checkout (or in NA64ANA_SHARED)")
    return SHARED


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with a file of tests/golden: ``golden("cutflow.tex", text)``."""
    update: bool = request.config.getoption("--update-golden")

    def compare(name: str, text: str) -> None:
        path = HERE / "golden" / name
        if update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        if not path.is_file():
            pytest.fail(f"there is no golden file {name}: make it with pytest --update-golden")
        assert text == path.read_text(encoding="utf-8")

    return compare


@pytest.fixture(scope="session")
def tout_columns() -> Callable[[Path], dict[str, Any]]:
    """Read all logical columns of a `tout` file by uproot alone, without `na64ana.events`."""

    def read(path: Path) -> dict[str, Any]:
        import numpy as np
        import uproot

        from na64ana.layouts import load_layout

        columns: dict[str, Any] = {}
        with uproot.open(path) as file:
            tree = file["tout"]
            for name, source in load_layout("na64-tout").columns.items():
                array = tree[source.branches[0]].array()
                if not source.type.jagged:
                    sizes = [axis.size or 0 for axis in source.type.axes]
                    array = np.asarray(array).reshape(len(array), *sizes)
                columns[name] = array
        return columns

    return read
