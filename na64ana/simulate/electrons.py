"""Modes with 100 GeV electrons on the ECAL: the search for invisible decays."""

from __future__ import annotations

from na64ana.simulate.mode import Mode
from na64ana.simulate.parameters import Parameters
from na64ana.simulate.processes import BACKGROUNDS
from na64ana.simulate.signals import SIGNALS

__all__ = ["ELECTRON_MODES"]

ELECTRON_MODES = (
    Mode(
        name="electrons-2023",
        description="100 GeV electrons, invisible mode of 2023: ECAL 5 x 6, VHCAL",
        parameters=Parameters(),
        backgrounds=BACKGROUNDS,
        signals=SIGNALS,
        setup="na64e",
    ),
)
