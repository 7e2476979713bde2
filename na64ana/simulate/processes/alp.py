"""The set-up of 2016 to 2018 as axion-like particles see it: decays to photons in the HCAL.

A photon of the shower in the ECAL turns into an axion-like particle, which takes all its energy
along. It decays behind the HCAL, as missing energy does, or in the second or third module: one
electromagnetic shower, narrow beside a hadronic one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from na64ana.simulate.arrays import FloatArray
from na64ana.simulate.detectors.hcal import hcal_cells, hcal_edges
from na64ana.simulate.detectors.response import digitised, sampled
from na64ana.simulate.modes.electrons import ELECTRON_MODES
from na64ana.simulate.modes.mode import Mode
from na64ana.simulate.parameters.alp import AlpParameters
from na64ana.simulate.parameters.common import Parameters
from na64ana.simulate.physics.depths import IN_LINE, SHIELD, decay_depths, section_ends
from na64ana.simulate.physics.medium import medium
from na64ana.simulate.physics.profiles import shower_shares
from na64ana.simulate.physics.showers import draw_profiles, radii, slices
from na64ana.simulate.processes.beam import add_hadron, beam_electrons
from na64ana.simulate.processes.electrons import BACKGROUNDS
from na64ana.simulate.processes.signals import invisible, mediator_energies
from na64ana.simulate.truth.alp import AlpTruth, with_depth
from na64ana.simulate.truth.event import Crossing

__all__ = ["ALP_MODES", "decay_energies"]

_ELECTRONS = next(mode for mode in ELECTRON_MODES if mode.name == "electrons-2016-2018")


def alp(n: int, rng: np.random.Generator, p: Parameters) -> Crossing:
    """Axion-like particles that decay in the second or third HCAL module, wherever in them.

    Both photons make one shower: they open by some 2 m/E, millimetres after metres.
    """
    truth = beam_electrons(n, rng, p)
    truth.mediator_energy = mediator_energies(n, rng, p.signal, truth.em_energy)
    truth.em_energy = truth.em_energy - truth.mediator_energy
    truth.hcal_x, truth.hcal_y = truth.x.copy(), truth.y.copy()
    depth = rng.uniform(0.0, decay_depths(p)[-1], n)
    return Crossing.single(with_depth(truth, depth))


def punchthrough(n: int, rng: np.random.Generator, p: Parameters) -> Crossing:
    """Leading neutrons and K0 from the ECAL that interact beyond the first HCAL module."""
    assert isinstance(p, AlpParameters)
    q = p.punchthrough
    truth = beam_electrons(n, rng, p)
    low, high = np.log(q.share)
    energy = truth.em_energy * np.exp(rng.uniform(float(low), float(high), n))
    truth.em_energy = truth.em_energy - energy
    truth.hcal_x = truth.x + rng.normal(0.0, q.spread, n)
    truth.hcal_y = truth.y + rng.normal(0.0, q.spread, n)
    shield = section_ends(p)[0][1 + SHIELD]
    add_hadron(truth, energy, shield + rng.exponential(1.0, n), rng, p)
    return Crossing.single(truth)


def alp_branches(crossing: Crossing, rng: np.random.Generator, p: AlpParameters) -> dict[str, Any]:
    """All branches that detectors fill, with the showers of decays in the HCAL."""
    branches = _ELECTRONS.detectors(crossing, rng, p)
    if isinstance(crossing.prompt, AlpTruth):
        energy = decay_energies(crossing.prompt, rng, p)
        branches["HCAL_ene"] = branches["HCAL_ene"] + energy.reshape(len(crossing), -1)
    return branches


def decay_energies(truth: AlpTruth, rng: np.random.Generator, p: Parameters) -> FloatArray:
    """Energies (n, 4, nx, ny) in the HCAL cells from electromagnetic showers of decays, GeV.

    What is deeper than the last module has leaked out. The scale is that of hadrons (chosen).
    """
    m = medium(p.hcal, p.shower)
    energy = np.zeros((len(truth), *hcal_cells(p.hcal)))
    ends = np.maximum(decay_depths(p) - truth.decay_depth[:, None], 1e-6)
    share, tau = slices(draw_profiles(truth.mediator_energy, rng, m, p.shower), ends)
    for i in range(IN_LINE - SHIELD):
        width = radii(truth.mediator_energy, tau[:, i], m, p.shower)
        lateral = shower_shares(
            truth.hcal_x, truth.hcal_y, hcal_edges(p.hcal), width, m.moliere_radius
        )
        mean = (truth.mediator_energy * share[:, i])[:, None, None] * lateral
        energy[:, SHIELD + i] = sampled(mean, p.hcal.stochastic, rng)
    return digitised(energy, p.hcal.step)


ALP_MODES = (
    Mode(
        name="alp-2016-2018",
        description="100 GeV electrons, ALP to two photons in or behind the HCAL, 2016 to 2018",
        parameters=AlpParameters(),
        backgrounds={**BACKGROUNDS, "punchthrough": punchthrough},
        signals={"invisible": invisible, "alp": alp},
        setup="na64e-alp-visible",
        layout=_ELECTRONS.layout,
        detectors=alp_branches,
        sums=None,
    ),
)
