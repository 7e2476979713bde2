"""Modes with 100 GeV electrons on the ECAL: the search for invisible decays."""

from __future__ import annotations

from typing import Any

import numpy as np

from na64ana.simulate.detectors.branches import detector_branches, sum_branches
from na64ana.simulate.modes.mode import Mode
from na64ana.simulate.parameters.common import Parameters
from na64ana.simulate.parameters.electrons import Parameters2018
from na64ana.simulate.processes.electrons import ELECTRON_BACKGROUNDS
from na64ana.simulate.processes.semivisible import inelastic
from na64ana.simulate.processes.signals import SIGNALS
from na64ana.simulate.truth.event import Crossing

__all__ = ["ELECTRON_MODES", "without_vhcal"]


def without_vhcal(crossing: Crossing, rng: np.random.Generator, p: Parameters) -> dict[str, Any]:
    """All detectors but the VHCAL, which was added in 2023 [T]."""
    branches = detector_branches(crossing, rng, p)
    return {name: array for name, array in branches.items() if not name.startswith("VHCAL_")}


def _sums_without_vhcal(
    crossing: Crossing, rng: np.random.Generator, p: Parameters
) -> dict[str, Any]:
    """Sums of all detectors but the VHCAL."""
    sums = sum_branches(crossing, rng, p)
    del sums["evhcal"]
    return sums


def _with_36_cells(crossing: Crossing, rng: np.random.Generator, p: Parameters) -> dict[str, Any]:
    """The same with an ECAL of 6 x 6 cells, by the names of the layout na64-tout-6x6."""
    branches = without_vhcal(crossing, rng, p)
    return {name.replace("ECAL_", "ECAL66_"): array for name, array in branches.items()}


_COMMON: dict[str, Any] = {
    "backgrounds": ELECTRON_BACKGROUNDS,
    "signals": SIGNALS | {"inelastic": inelastic},
    "setup": "na64e",
}

ELECTRON_MODES = (
    Mode(
        name="electrons-2023",
        description="100 GeV electrons, invisible mode of 2023: ECAL 5 x 6, VHCAL",
        parameters=Parameters(),
        **_COMMON,
    ),
    Mode(
        name="electrons-2021-2022",
        description="100 GeV electrons, invisible mode of 2021 and 2022: ECAL 5 x 6, no VHCAL",
        parameters=Parameters(),
        detectors=without_vhcal,
        sums=_sums_without_vhcal,
        **_COMMON,
    ),
    Mode(
        name="electrons-2016-2018",
        description="100 GeV electrons, invisible mode of 2016 to 2018: ECAL 6 x 6, no VHCAL",
        parameters=Parameters2018(),
        detectors=_with_36_cells,
        sums=_sums_without_vhcal,
        layout="na64-tout-6x6",
        **_COMMON,
    ),
)
