"""NA64h: pions of 50 GeV in the ECAL, in the set-up of the invisible mode."""

from __future__ import annotations

from typing import Any

import numpy as np

from na64ana.simulate.detectors.branches import detector_branches
from na64ana.simulate.detectors.ecal import ecal_edges
from na64ana.simulate.detectors.response import digitised, sampled
from na64ana.simulate.modes.mode import Mode
from na64ana.simulate.parameters.pions import PionParameters
from na64ana.simulate.physics.profiles import cell_shares
from na64ana.simulate.processes.pions import PION_BACKGROUNDS, PION_SIGNALS
from na64ana.simulate.truth.event import Crossing
from na64ana.simulate.truth.pions import PionTruth

__all__ = ["PION_MODES"]


def pion_branches(
    crossing: Crossing, rng: np.random.Generator, p: PionParameters
) -> dict[str, Any]:
    """All branches of the invisible mode with electrons, and a pion's ionisation in the ECAL."""
    truth = crossing.prompt
    assert isinstance(truth, PionTruth)
    branches = detector_branches(crossing, rng, p)
    ecal = p.ecal
    shares = cell_shares(truth.x, truth.y, ecal_edges(ecal), ecal.muon_profile)
    mean = truth.ionisation[:, :, None, None] * shares[:, None]
    seen = sampled(mean.reshape(len(truth), -1), ecal.stochastic, rng)
    branches["ECAL_ene"] += digitised(seen, ecal.step)
    return branches


PION_MODES = (
    Mode(
        name="hadrons-50",
        description="50 GeV pions, NA64h of 2022: eta and eta' by charge exchange in the ECAL",
        parameters=PionParameters(),
        backgrounds=PION_BACKGROUNDS,
        signals=PION_SIGNALS,
        setup="",
        unit="piOT",
        detectors=pion_branches,
        sums=None,
    ),
)
"""Modes with a beam of pions."""
