"""Processes of a positron beam: those of electrons, and what its protons add."""

from __future__ import annotations

import numpy as np

from na64ana.simulate.parameters.common import Parameters
from na64ana.simulate.processes.beam import Process, beam_electrons, beam_hadrons
from na64ana.simulate.processes.electrons import ELECTRON_BACKGROUNDS
from na64ana.simulate.truth.event import Crossing

__all__ = ["POSITRON_BACKGROUNDS"]


def proton_pileup(n: int, rng: np.random.Generator, p: Parameters) -> Crossing:
    """A beam proton makes the trigger, and a positron follows that radiates.

    As in the event of arXiv:2502.04053: in time are a little energy in the ECAL and the proton's
    shower in the HCAL; the synchrotron radiation and the shower in the ECAL come late.
    """
    first = beam_hadrons(n, rng, p)
    delay = rng.uniform(0.0, p.timing.pileup_range[1], n)
    return Crossing(first, np.arange(n), beam_electrons(n, rng, p), delay)


POSITRON_BACKGROUNDS: dict[str, Process] = {**ELECTRON_BACKGROUNDS, "proton_pileup": proton_pileup}
"""Processes of a positron beam by the names that the command line takes."""
