"""The set-up of 2016 to 2018 as axion-like particles see it: decays to photons in the HCAL."""

from __future__ import annotations

from typing import Any

import numpy as np

from na64ana.simulate.detectors.hcal_decays import decay_energies
from na64ana.simulate.modes.electrons import ELECTRON_MODES
from na64ana.simulate.modes.mode import Mode
from na64ana.simulate.parameters.alp import AlpParameters
from na64ana.simulate.processes.alp import ALP_BACKGROUNDS, ALP_SIGNALS
from na64ana.simulate.truth.alp import AlpTruth
from na64ana.simulate.truth.event import Crossing

__all__ = ["ALP_MODES"]

_ELECTRONS = next(mode for mode in ELECTRON_MODES if mode.name == "electrons-2016-2018")


def alp_branches(crossing: Crossing, rng: np.random.Generator, p: AlpParameters) -> dict[str, Any]:
    """All branches that detectors fill, with the showers of decays in the HCAL."""
    branches = _ELECTRONS.detectors(crossing, rng, p)
    if isinstance(crossing.prompt, AlpTruth):
        energy = decay_energies(crossing.prompt, rng, p)
        branches["HCAL_ene"] = branches["HCAL_ene"] + energy.reshape(len(crossing), -1)
    return branches


ALP_MODES = (
    Mode(
        name="alp-2016-2018",
        description="100 GeV electrons, ALP to two photons in or behind the HCAL, 2016 to 2018",
        parameters=AlpParameters(),
        backgrounds=ALP_BACKGROUNDS,
        signals=ALP_SIGNALS,
        setup="na64e-alp-visible",
        layout=_ELECTRONS.layout,
        detectors=alp_branches,
        sums=None,
    ),
)
