"""Response of the HCAL to decays to photons in it."""

from __future__ import annotations

import numpy as np

from na64ana.simulate.arrays import FloatArray
from na64ana.simulate.detectors.hcal import hcal_cells, hcal_edges
from na64ana.simulate.detectors.response import digitised, sampled
from na64ana.simulate.parameters.common import Parameters
from na64ana.simulate.physics.depths import IN_LINE, SHIELD, decay_depths
from na64ana.simulate.physics.medium import medium
from na64ana.simulate.physics.profiles import shower_shares
from na64ana.simulate.physics.showers import draw_profiles, radii, slices
from na64ana.simulate.truth.alp import AlpTruth

__all__ = ["decay_energies"]


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
