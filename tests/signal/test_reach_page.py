"""The page of the reach names what there is; that its blocks run is tested with all pages."""

import re
from pathlib import Path

from na64ana.signal.moments import MOMENTS

PAGE = (Path(__file__).parents[2] / "docs" / "reach.md").read_text(encoding="utf-8")


def test_values_of_moments_are_those_there_are():
    named = set(re.findall(r"`((?:muon|electron)-[a-z0-9-]+)`", PAGE))
    assert named
    assert named <= set(MOMENTS)
