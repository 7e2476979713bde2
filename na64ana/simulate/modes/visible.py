"""Modes with a dump of tungsten in front of the ECAL: decays to e+e- in the space behind it."""

from __future__ import annotations

from typing import Any

import numpy as np

from na64ana.simulate.arrays import FloatArray
from na64ana.simulate.detectors.branches import detector_branches
from na64ana.simulate.detectors.channels import in_gate, timed_branches
from na64ana.simulate.detectors.timing import Clock
from na64ana.simulate.detectors.trigger import dump_trigger, trigger_sources
from na64ana.simulate.detectors.wcal import dump_energies
from na64ana.simulate.modes.mode import Mode
from na64ana.simulate.parameters.visible import VisibleParameters, visible_parameters
from na64ana.simulate.processes.visible import VISIBLE_BACKGROUNDS, VISIBLE_SIGNALS
from na64ana.simulate.truth.event import Crossing
from na64ana.simulate.truth.visible import VisibleTruth

__all__ = ["VISIBLE_MODES", "visible_branches"]

_SRD_CHANNELS = 4
"""Of the array in the files, as in p348reco [C2] [C3]; those of no module hold 0."""
_UNUSED = (
    *(f"VHCAL_{what}" for what in ("ene", "t0", "tE", "tSigma")),
    *("mpStraw3X", "mpStraw3Y", "mpStraw4X", "mpStraw4Y", "ST11x", "ST12x"),
)
"""What the visible runs of 2017 and 2018 did not have."""


def visible_branches(
    crossing: Crossing, rng: np.random.Generator, p: VisibleParameters
) -> dict[str, Any]:
    """All branches that detectors fill, in the order of the layout."""
    branches = detector_branches(crossing, rng, p)
    for name in _UNUSED:
        del branches[name]
    for name in [name for name in branches if name.startswith("SRD_")]:
        branches[name] = _padded(branches[name])
    prompt, others = crossing.prompt, crossing.second
    assert isinstance(prompt, VisibleTruth)
    assert isinstance(others, VisibleTruth)
    first, second = dump_energies(prompt, rng, p), dump_energies(others, rng, p)
    branches |= timed_branches(_clocks(p), first, second, crossing, p.timing, rng)
    for name in [name for name in branches if name.startswith(("V2_", "S4_"))]:
        branches[name] = branches[name][:, 0]
    seen = in_gate(first["WCAL"], second["WCAL"], crossing, p.trigger.gate)
    physics = dump_trigger(seen, rng, p)
    branches["triggerSources"] = trigger_sources(physics, rng, p.trigger)
    return branches


def _clocks(p: VisibleParameters) -> dict[str, Clock]:
    """Clocks of WCAL, V2 and S4."""
    t = p.visible_timing
    return {
        "WCAL": Clock(t.wcal, np.full(3, t.wcal_sigma)),
        "V2": Clock(t.v2, np.full(1, t.v2_sigma)),
        "S4": Clock(t.s4, np.full(1, t.s4_sigma)),
    }


def _padded(channels: FloatArray) -> FloatArray:
    """Channels of modules that are not there: 0, with the sigma of the first."""
    missing = _SRD_CHANNELS - channels.shape[1]
    return np.concatenate([channels, np.zeros((len(channels), missing))], axis=1)


def _mode(name: str, description: str, setup: str, parameters: VisibleParameters) -> Mode:
    return Mode(
        name=name,
        description=description,
        parameters=parameters,
        backgrounds=VISIBLE_BACKGROUNDS,
        signals=VISIBLE_SIGNALS,
        setup=setup,
        layout="na64-visible",
        detectors=visible_branches,
        sums=None,
    )


VISIBLE_MODES = (
    _mode(
        "visible-2017",
        "100 GeV electrons on a dump of 40 X0, decays to e+e- behind: first part of 2017",
        "na64e-visible-2017",
        visible_parameters(100.0, 46, 3),
    ),
    _mode(
        "visible-2017-30x0",
        "the same with a dump of 30 X0: second part of 2017",
        "na64e-visible-2017-30x0",
        visible_parameters(100.0, 35, 3),
    ),
    _mode(
        "visible-2018",
        "150 GeV electrons on a dump of 30 X0, two SRD modules: 2018",
        "na64e-visible-2018",
        visible_parameters(150.0, 35, 2),
    ),
)
