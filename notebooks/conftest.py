"""How the tests run the notebooks: by nbmake, with no warning and nothing left behind."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path
from unittest import mock

import pytest

FOLDER = Path(__file__).parent
#: a newcomer sees no warning; told to the kernel, which the filters of pytest do not reach
STRICT = {"PYTHONWARNINGS": "error::RuntimeWarning,error::UserWarning,error::FutureWarning"}
#: seconds for a cell on a machine that is busy with other things
PATIENCE = 600


def pytest_configure(config: pytest.Config) -> None:
    """Collect the notebooks, without an option for those who run other tests."""
    config.option.nbmake = True
    config.option.nbmake_timeout = PATIENCE


@pytest.hookimpl(tryfirst=True)
def pytest_terminal_summary(config: pytest.Config) -> None:
    """Leave out the advertisement of nbmake."""
    config.option.nbmake = False


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None]:
    """Run a notebook, and look for files that it leaves."""
    before = set(FOLDER.iterdir())
    with mock.patch.dict(os.environ, STRICT):
        yield
    left = sorted(path.name for path in set(FOLDER.iterdir()) - before)
    assert not left, f"it leaves files behind: {left}"
