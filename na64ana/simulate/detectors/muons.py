"""What the detectors of NA64mu measure: two spectrometers, ECAL, VETO, HCAL and the trigger."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from na64ana.simulate.arrays import BoolArray, FloatArray
from na64ana.simulate.detectors.branches import channel_branches
from na64ana.simulate.detectors.counters import veto_energies
from na64ana.simulate.detectors.hcal import hcal_energies
from na64ana.simulate.detectors.response import digitised, noisy, sampled
from na64ana.simulate.detectors.timing import cell_times, clocks, master_times
from na64ana.simulate.parameters.detectors import Ecal, LateralProfile
from na64ana.simulate.parameters.muons import DisplacedTrigger, MuonParameters, Spectrometers
from na64ana.simulate.physics.depths import radiation_depth
from na64ana.simulate.physics.medium import medium
from na64ana.simulate.physics.profiles import cell_edges, cell_shares, shower_shares
from na64ana.simulate.physics.showers import draw_profiles, radii, slices
from na64ana.simulate.truth.event import Crossing
from na64ana.simulate.truth.muons import MuonTruth

__all__ = ["muon_branches"]


def muon_branches(
    crossing: Crossing, rng: np.random.Generator, p: MuonParameters
) -> dict[str, Any]:
    """All branches that detectors fill, in the order of the layout."""
    truth = crossing.prompt
    assert isinstance(truth, MuonTruth)
    n = len(truth)
    photons, leaked = _photons(truth, rng, p)
    energies = {"ECAL": _ecal(truth, photons, rng, p)}
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
        "triggerSources": _trigger(truth, p.displaced, p.spectrometers),
        "masterT": master_times(n, p.timing, rng),
        **_incoming(truth, rng, p.spectrometers),
        **_outgoing(truth, rng, p.spectrometers),
        **detectors,
    }


# --------------------------------------------------------------- spectrometers


def _incoming(
    truth: MuonTruth, rng: np.random.Generator, spectrometers: Spectrometers
) -> dict[str, FloatArray]:
    """Momentum (GeV), p-value and angle (mrad) of the track in BMS and MS1, each (n,)."""
    n = len(truth)
    momentum = truth.momentum * (1 + spectrometers.incoming_resolution * rng.standard_normal(n))
    failed = rng.random(n) < spectrometers.incoming_failure
    found, p_value = _fitted(momentum, failed, rng, spectrometers)
    return {
        "mom_genfit_MS1": found,
        "pvalue_genfit_MS1": p_value,
        "inangle_genfit_MS1": truth.angle.copy(),
    }


def _outgoing(
    truth: MuonTruth, rng: np.random.Generator, spectrometers: Spectrometers
) -> dict[str, Any]:
    """Tracks in MS2: their number; of the first, momentum (GeV), p-value and angle (mrad)."""
    n = len(truth)
    s = spectrometers
    p = truth.outgoing
    sigma = p * np.hypot(s.outgoing_resolution * p, s.outgoing_scattering)
    momentum = p + sigma * rng.standard_normal(n)
    # a fit that takes hits of the second muon gives too little momentum, whatever the first has
    wrong = (truth.accidental > 0) & (rng.random(n) < s.tail)
    mixed = s.tail_end - rng.exponential(s.tail_width, n)
    momentum = np.maximum(np.where(wrong, np.minimum(mixed, momentum), momentum), 0.1)
    angle = np.hypot(truth.angle_x, truth.angle_y)
    seen = (p > 0) & (angle < s.aperture)
    failed = ~seen | (rng.random(n) < s.outgoing_failure)
    found, p_value = _fitted(momentum, failed, rng, s)
    others = np.maximum(truth.charged - 1, 0) + (rng.random(n) < s.extra_track)
    return {
        "nTracks_MS2": (seen + others).astype(np.int32),
        "mom_genfit_MS2": found,
        "pvalue_genfit_MS2": p_value,
        "angle_genfit_MS2": np.where(failed, 0.0, angle),
    }


def _fitted(
    momentum: FloatArray, failed: BoolArray, rng: np.random.Generator, s: Spectrometers
) -> tuple[FloatArray, FloatArray]:
    """Momenta and p-values with those of fits that fail, +9999 or -9999 GeV and 0."""
    n = len(momentum)
    poor = rng.random(n) < s.bad_fit
    p_value = np.where(poor, np.minimum(rng.exponential(s.bad_fit_p_value, n), 1.0), rng.random(n))
    sign = np.where(rng.random(n) < 0.5, -1.0, 1.0)
    return (
        np.where(failed, sign * s.failed_momentum, momentum),
        np.where(failed, 0.0, p_value),
    )


def _trigger(truth: MuonTruth, trigger: DisplacedTrigger, spectrometers: Spectrometers) -> Any:
    """(n,) trigger bits: the physics trigger takes muons that the displaced counters see."""
    momentum = np.maximum(truth.outgoing, 0.1)
    way = trigger.ecal_distance * 1e-3
    x = trigger.lever * trigger.kick / momentum + truth.x + way * truth.angle_x
    y = truth.y + way * truth.angle_y
    angle = np.hypot(truth.angle_x, truth.angle_y)
    low, high = trigger.window
    hit = (truth.outgoing > 0) & (x > low) & (x < high) & (np.abs(y) < trigger.half_height)
    physics = (hit & (angle < spectrometers.aperture)) | (truth.accidental > 0)
    return np.where(physics, trigger.physics_bit, trigger.other_bit).astype(np.int32)


# ------------------------------------------------------------------------ ECAL


def _photons(
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
                _edges(p.ecal),
                radii(truth.photon, tau[:, plane], m, p.shower),
                m.moliere_radius,
            )
            for plane in range(2)
        ],
        axis=1,
    )
    seen = truth.photon[:, None] * share
    return seen[:, :, None, None] * cells, truth.photon - seen.sum(axis=1)


def _ecal(
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
    edges, centre = _edges(ecal), np.zeros(1)
    shares = cell_shares(truth.x, truth.y, edges, profile)
    whole = cell_shares(centre, centre, edges, profile).sum()
    return np.asarray(deposit[:, :, None, None] * shares[:, None] / whole)


def _edges(ecal: Ecal) -> tuple[FloatArray, FloatArray]:
    """Edges of the cells around the beam cell, mm."""
    x, y = (
        cell_edges(cells, central, ecal.pitch)
        for cells, central in zip(ecal.cells, ecal.central_cell, strict=True)
    )
    return x, y
