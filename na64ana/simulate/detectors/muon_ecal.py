"""Response of the ECAL to muons: their ionisation, and the photons that they radiate."""

from __future__ import annotations

import numpy as np

from na64ana.simulate.arrays import FloatArray
from na64ana.simulate.detectors.ecal import ecal_containment, ecal_edges
from na64ana.simulate.detectors.response import digitised, noisy, sampled
from na64ana.simulate.parameters.detectors import Ecal, LateralProfile
from na64ana.simulate.parameters.muons import MuonParameters
from na64ana.simulate.physics.depths import radiation_depth
from na64ana.simulate.physics.medium import medium
from na64ana.simulate.physics.profiles import cell_shares, shower_shares
from na64ana.simulate.physics.showers import draw_profiles, radii, slices
from na64ana.simulate.truth.muons import MuonTruth

__all__ = ["muon_ecal_energies", "photon_energies"]


def photon_energies(
    truth: MuonTruth, rng: np.random.Generator, p: MuonParameters
) -> tuple[FloatArray, FloatArray]:
    """Energy of the photon in the cells (n, 2, nx, ny), and what leaks out behind (n,), GeV.

    A shower that begins deep in the ECAL leaves less in it.
    """
    m = medium(p.ecal, p.shower)
    ends = np.array([p.ecal.preshower_depth, radiation_depth(p)])
    profiles = draw_profiles(truth.photon, rng, m, p.shower)
    share, tau = slices(profiles, np.maximum(ends - truth.photon_depth[:, None], 1e-6))
    cells = np.stack(
        [
            shower_shares(
                truth.x,
                truth.y,
                ecal_edges(p.ecal),
                radii(truth.photon, tau[:, plane], m, p.shower),
                m.moliere_radius,
            )
            for plane in range(2)
        ],
        axis=1,
    )
    seen = truth.photon[:, None] * share
    return seen[:, :, None, None] * cells, truth.photon - seen.sum(axis=1)


def muon_ecal_energies(
    truth: MuonTruth, photons: FloatArray, rng: np.random.Generator, p: MuonParameters
) -> FloatArray:
    """Measured energies (n, 2, nx, ny) of the ECAL cells, GeV: ionisation, showers, hadrons."""
    ecal = p.ecal
    early = ecal.preshower_depth / radiation_depth(p)
    track = truth.ionisation + truth.pairs[:, None] * np.array([early, 1 - early])
    energy = sampled(photons + _spread(track, truth, ecal, ecal.muon_profile), ecal.stochastic, rng)
    hadrons = _spread(truth.ecal_hadronic, truth, ecal, ecal.hadron_profile)
    energy += sampled(hadrons, ecal.hadron_stochastic, rng)
    return digitised(noisy(energy, ecal.noise, rng), ecal.step)


def _spread(
    deposit: FloatArray, truth: MuonTruth, ecal: Ecal, profile: LateralProfile
) -> FloatArray:
    """(n, 2, nx, ny) shares of deposits (n, 2), on the scale of the centre of the beam cell."""
    shares = cell_shares(truth.x, truth.y, ecal_edges(ecal), profile)
    whole = ecal_containment(ecal, profile)
    return np.asarray(deposit[:, :, None, None] * shares[:, None] / whole)
