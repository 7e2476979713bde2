"""Modes of POKER: positrons of 60 and 40 GeV on PKR-CAL, as planned."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from na64ana.simulate.arrays import FloatArray
from na64ana.simulate.detectors.branches import detector_branches
from na64ana.simulate.detectors.channels import in_gate, timed_branches
from na64ana.simulate.detectors.pkrcal import pkrcal_energies
from na64ana.simulate.detectors.response import digitised
from na64ana.simulate.detectors.timing import Clock
from na64ana.simulate.detectors.trigger import physics_trigger, trigger_sources
from na64ana.simulate.modes.mode import Mode
from na64ana.simulate.parameters.poker import PokerParameters
from na64ana.simulate.parameters.positrons import positron_parameters
from na64ana.simulate.processes.positrons import POSITRON_BACKGROUNDS
from na64ana.simulate.processes.signals import SIGNALS
from na64ana.simulate.truth.event import Crossing, Truth

__all__ = ["POKER_MODES", "poker_branches"]


def poker_branches(
    crossing: Crossing, rng: np.random.Generator, p: PokerParameters
) -> dict[str, Any]:
    """All branches that detectors fill, in the order of the layout."""
    branches = {
        name: values
        for name, values in detector_branches(crossing, rng, p).items()
        if not (name.startswith("ECAL_") or name == "chi2")
    }
    first, others = _crystals(crossing.prompt, rng, p), _crystals(crossing.second, rng, p)
    branches |= timed_branches(_clocks(p), first, others, crossing, p.timing, rng)
    sums = in_gate(_sums(first), _sums(others), crossing, p.trigger.gate)
    physics = physics_trigger(sums, rng, p.trigger)
    return branches | {"triggerSources": trigger_sources(physics, rng, p.trigger)}


def _crystals(truth: Truth, rng: np.random.Generator, p: PokerParameters) -> dict[str, FloatArray]:
    """Energies (n, channels) of the layers in front and of the matrix, GeV."""
    parts = zip(("PKRPRE", "PKRCAL"), pkrcal_energies(truth, rng, p), strict=True)
    return {name: energy.reshape(len(truth), math.prod(energy.shape[1:])) for name, energy in parts}


def _sums(crystals: dict[str, FloatArray]) -> FloatArray:
    """Sums (n, 2) over the layers in front, and over everything."""
    front = crystals["PKRPRE"].sum(axis=1)
    return np.stack([front, front + crystals["PKRCAL"].sum(axis=1)], axis=1)


def _clocks(p: PokerParameters) -> dict[str, Clock]:
    """Clocks of the crystals: times as in the ECAL (chosen)."""
    c, timing = p.pkrcal, p.timing
    mean = sum(timing.ecal_sigma) / 2
    channels = {"PKRPRE": c.layers * c.cells[0], "PKRCAL": c.cells[0] * c.cells[1]}
    return {
        name: Clock(timing.ecal, digitised(np.full(count, mean), timing.step))
        for name, count in channels.items()
    }


def _poker(energy: float) -> Mode:
    return Mode(
        name=f"positrons-{energy:g}",
        description=f"{energy:g} GeV positrons on PKR-CAL, as POKER plans",
        parameters=positron_parameters(energy, PokerParameters()),
        backgrounds=POSITRON_BACKGROUNDS,
        signals=SIGNALS,
        setup=f"poker-{energy:g}",
        layout="na64-poker",
        detectors=poker_branches,
        sums=None,
    )


POKER_MODES = (_poker(60.0), _poker(40.0))
