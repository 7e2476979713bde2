"""Modes with 100 GeV electrons on the ECAL: the search for invisible decays."""

from __future__ import annotations

from typing import Any

import numpy as np

from na64ana.simulate.events import detector_branches
from na64ana.simulate.mode import Mode
from na64ana.simulate.parameters import Parameters
from na64ana.simulate.processes import BACKGROUNDS
from na64ana.simulate.signals import SIGNALS
from na64ana.simulate.truth import Crossing

__all__ = ["ELECTRON_MODES"]


def _without_vhcal(crossing: Crossing, rng: np.random.Generator, p: Parameters) -> dict[str, Any]:
    """All detectors but the VHCAL, which was added in 2023 [T]."""
    branches = detector_branches(crossing, rng, p)
    return {name: array for name, array in branches.items() if not name.startswith("VHCAL_")}


ELECTRON_MODES = (
    Mode(
        name="electrons-2023",
        description="100 GeV electrons, invisible mode of 2023: ECAL 5 x 6, VHCAL",
        parameters=Parameters(),
        backgrounds=BACKGROUNDS,
        signals=SIGNALS,
        setup="na64e",
    ),
    Mode(
        name="electrons-2021-2022",
        description="100 GeV electrons, invisible mode of 2021 and 2022: ECAL 5 x 6, no VHCAL",
        parameters=Parameters(),
        backgrounds=BACKGROUNDS,
        signals=SIGNALS,
        setup="na64e",
        detectors=_without_vhcal,
    ),
)
