"""Modes with positrons of 100 and 70 GeV on the ECAL: the search for invisible decays."""

from __future__ import annotations

from na64ana.simulate.detectors.branches import detector_branches
from na64ana.simulate.modes.electrons import without_vhcal
from na64ana.simulate.modes.mode import Detectors, Mode
from na64ana.simulate.parameters.common import Parameters
from na64ana.simulate.parameters.positrons import positron_parameters
from na64ana.simulate.processes.positrons import POSITRON_BACKGROUNDS
from na64ana.simulate.processes.signals import SIGNALS

__all__ = ["POSITRON_MODES"]


def _positrons(
    energy: float, setup: str, description: str, detectors: Detectors = detector_branches
) -> Mode:
    return Mode(
        name=f"positrons-{energy:g}",
        description=description,
        parameters=positron_parameters(energy, Parameters()),
        backgrounds=POSITRON_BACKGROUNDS,
        signals=SIGNALS,
        setup=setup,
        detectors=detectors,
    )


POSITRON_MODES = (
    _positrons(
        100.0,
        "na64e-positrons",
        "100 GeV positrons, invisible mode of 2022: ECAL 5 x 6, no VHCAL",
        without_vhcal,
    ),
    _positrons(
        70.0, "na64e-positrons-70", "70 GeV positrons, invisible mode of 2023: ECAL 5 x 6, VHCAL"
    ),
)
