"""Axion-like particles that decay to photons in the HCAL, and hadrons that look like them.

A photon of the shower in the ECAL turns into an axion-like particle, which takes all its energy
along. It decays behind the HCAL, as missing energy does, or in the second or third module: one
electromagnetic shower, narrow beside a hadronic one.
"""

from __future__ import annotations

import numpy as np

from na64ana.simulate.parameters.alp import AlpParameters
from na64ana.simulate.parameters.common import Parameters
from na64ana.simulate.physics.depths import SHIELD, decay_depths, section_ends
from na64ana.simulate.processes.beam import Process, beam_electrons
from na64ana.simulate.processes.draws import log_uniform
from na64ana.simulate.processes.electrons import ELECTRON_BACKGROUNDS
from na64ana.simulate.processes.hadrons import add_hadron, spread_at_hcal
from na64ana.simulate.processes.signals import SIGNALS, mediator_energies
from na64ana.simulate.truth.alp import with_depth
from na64ana.simulate.truth.event import Crossing

__all__ = ["ALP_BACKGROUNDS", "ALP_SIGNALS"]


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


def punchthrough(n: int, rng: np.random.Generator, p: AlpParameters) -> Crossing:
    """Leading neutrons and K0 from the ECAL that interact beyond the first HCAL module."""
    q = p.punchthrough
    truth = beam_electrons(n, rng, p)
    energy = truth.em_energy * log_uniform(q.share, n, rng)
    truth.em_energy = truth.em_energy - energy
    spread_at_hcal(truth, q.spread, rng)
    shield = section_ends(p)[0][1 + SHIELD]
    add_hadron(truth, energy, shield + rng.exponential(1.0, n), rng, p)
    return Crossing.single(truth)


ALP_BACKGROUNDS: dict[str, Process] = {**ELECTRON_BACKGROUNDS, "punchthrough": punchthrough}
"""Backgrounds by the names that the command line takes."""
ALP_SIGNALS: dict[str, Process] = {**SIGNALS, "alp": alp}
"""Signals by the names that the command line takes."""
