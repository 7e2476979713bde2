"""NA64mu: muons of 160 GeV through the ECAL, their momentum before and behind it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from na64ana.simulate.detectors.channels import channel_branches
from na64ana.simulate.detectors.hcal import hcal_energies
from na64ana.simulate.detectors.muon_ecal import muon_ecal_energies, photon_energies
from na64ana.simulate.detectors.spectrometers import incoming_track, outgoing_track
from na64ana.simulate.detectors.timing import cell_times, clocks, master_times
from na64ana.simulate.detectors.trigger import displaced_trigger
from na64ana.simulate.detectors.veto import veto_energies
from na64ana.simulate.modes.mode import Mode
from na64ana.simulate.parameters.muons import MuonParameters
from na64ana.simulate.processes.muons import MUON_BACKGROUNDS, MUON_SIGNALS
from na64ana.simulate.truth.event import Crossing
from na64ana.simulate.truth.muons import MuonTruth

__all__ = ["MUON_MODES"]


def muon_branches(
    crossing: Crossing, rng: np.random.Generator, p: MuonParameters
) -> dict[str, Any]:
    """All branches that detectors fill, in the order of the layout."""
    truth = crossing.prompt
    assert isinstance(truth, MuonTruth)
    n = len(truth)
    photons, leaked = photon_energies(truth, rng, p)
    energies = {"ECAL": muon_ecal_energies(truth, photons, rng, p)}
    # behind the ECAL a shower is charged particles in the VETO, and all of its energy in HCAL 0
    particles = rng.poisson(leaked / p.loss.leaking_particle)
    behind = replace(
        truth,
        charged=truth.charged + particles,
        hcal_hadronic=truth.hcal_hadronic + leaked[:, None] * np.array([1.0, 0.0, 0.0, 0.0]),
        hcal_x=np.where(truth.photon > 0, truth.x - p.muon_hcal.offset, truth.hcal_x),
    )
    energies |= {
        "HCAL": hcal_energies(behind, rng, p.hcal),
        "VETO": veto_energies(behind, rng, p.veto),
    }
    detectors: dict[str, Any] = {}
    for name, clock in clocks(p).items():
        if name in energies:
            flat = energies[name].reshape(n, -1)
            time = cell_times(n, clock, p.timing, rng, np.zeros_like(flat))
            detectors |= channel_branches(name, clock, flat, time)
    return {
        "triggerSources": displaced_trigger(truth, p.displaced, p.spectrometers),
        "masterT": master_times(n, p.timing, rng),
        **incoming_track(truth, rng, p.spectrometers),
        **outgoing_track(truth, rng, p.spectrometers),
        **detectors,
    }


MUON_MODES = (
    Mode(
        name="muons-160",
        description="160 GeV muons, NA64mu of 2022: momentum before and behind the ECAL",
        parameters=MuonParameters(),
        backgrounds=MUON_BACKGROUNDS,
        signals=MUON_SIGNALS,
        setup="na64mu",
        layout="na64-tout-muon",
        unit="MOT",
        detectors=muon_branches,
        sums=None,
    ),
)
"""Modes with a beam of muons."""
