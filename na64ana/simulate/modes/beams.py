"""The beam as it comes, for its hadrons: any particle makes the trigger."""

from __future__ import annotations

import math
from dataclasses import fields, replace

from na64ana.simulate.modes.mode import Mode
from na64ana.simulate.parameters.common import Parameters
from na64ana.simulate.parameters.processes import Contamination, Mixture
from na64ana.simulate.physics.depths import section_ends
from na64ana.simulate.processes.beam import Process
from na64ana.simulate.processes.electrons import ELECTRON_BACKGROUNDS

__all__ = ["BEAM_MODES"]

_BACKGROUNDS: dict[str, Process] = {
    name: ELECTRON_BACKGROUNDS[name] for name in ("electron", "hadron")
}
_CONTAMINATION = Contamination()


def _beam(name: str, description: str, electrons: float, hadrons: float) -> Mode:
    return Mode(
        name=name,
        description=description,
        parameters=_parameters(electrons, hadrons),
        backgrounds=_BACKGROUNDS,
        signals={},
        setup="na64e",
    )


def _parameters(electrons: float, hadrons: float) -> Parameters:
    """Return the parameters of a beam of 100 GeV as it comes: any particle makes the trigger."""
    p = Parameters()
    shares = dict.fromkeys((field.name for field in fields(p.mixture)), 0.0)
    mixture = Mixture(**{**shares, "electron": electrons, "hadron": hadrons})
    trigger = replace(p.trigger, preshower_minimum=-1.0, main_maximum=1e4)
    # no trigger that favours hadrons which interact in the preshower
    natural = 1 - math.exp(-section_ends(p)[0][0])
    processes = replace(p.processes, hadron_preshower=natural)
    return replace(p, mixture=mixture, trigger=trigger, processes=processes)


BEAM_MODES = (
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
