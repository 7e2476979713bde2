"""Names that expressions in these tests may use."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from na64ana.expressions import Constant, Node, Type, check, parse
from na64ana.layouts import load_layout


@pytest.fixture(scope="session")
def names() -> dict[str, Type]:
    """The columns of an NA64e event, and the hits of an LDMX one."""
    types = load_layout("na64-tout").types()
    ldmx = load_layout("ldmx-ecal").types()
    return types | {f"ldmx.{name}": ldmx[name] for name in ("ecal.energy", "ecal.is_noise")}


@pytest.fixture(scope="session")
def checked(names: dict[str, Type]) -> Callable[[str], Node | Constant]:
    """Parse and check a text."""
    return lambda text: check(parse(text), names.get, names)
