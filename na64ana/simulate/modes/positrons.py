"""Modes with positrons on the ECAL: 100 and 70 GeV, and the beam itself, for its hadrons."""

from __future__ import annotations

import numpy as np

from na64ana.simulate.detectors.branches import detector_branches
from na64ana.simulate.modes.electrons import without_vhcal
from na64ana.simulate.modes.mode import Detectors, Mode
from na64ana.simulate.parameters.common import Parameters
from na64ana.simulate.parameters.positrons import Contamination, beam_of, positron_parameters
from na64ana.simulate.processes.electrons import BACKGROUNDS, Process, beam_electrons
from na64ana.simulate.processes.signals import SIGNALS
from na64ana.simulate.truth.event import Crossing

__all__ = ["POSITRON_BACKGROUNDS", "POSITRON_MODES"]


def proton_pileup(n: int, rng: np.random.Generator, p: Parameters) -> Crossing:
    """A beam proton makes the trigger, and a positron follows that radiates.

    As in the event of arXiv:2502.04053: in time are a little energy in the ECAL and the proton's
    shower in the HCAL; the synchrotron radiation and the shower in the ECAL come late.
    """
    first = BACKGROUNDS["hadron"](n, rng, p).prompt
    delay = rng.uniform(0.0, p.timing.pileup_range[1], n)
    return Crossing(first, np.arange(n), beam_electrons(n, rng, p), delay)


POSITRON_BACKGROUNDS: dict[str, Process] = {**BACKGROUNDS, "proton_pileup": proton_pileup}
"""Processes of a positron beam by the names that the command line takes."""
_BEAM: dict[str, Process] = {name: BACKGROUNDS[name] for name in ("electron", "hadron")}
_CONTAMINATION = Contamination()


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


def _beam(name: str, description: str, electrons: float, hadrons: float) -> Mode:
    return Mode(
        name=name,
        description=description,
        parameters=beam_of(electrons, hadrons),
        backgrounds=_BEAM,
        signals={},
        setup="na64e",
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
    _beam(
        "beam-electrons",
        "100 GeV electrons as they come, with their hadrons; beam trigger",
        1.0,
        _CONTAMINATION.electrons,
    ),
    _beam(
        "beam-positrons",
        "100 GeV positrons as they come, with their hadrons; beam trigger",
        1.0,
        _CONTAMINATION.positrons,
    ),
    _beam("hadrons-only", "100 GeV hadrons, electrons being absorbed; beam trigger", 0.0, 1.0),
)
