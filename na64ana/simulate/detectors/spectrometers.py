"""Tracks of muons in the incoming spectrometer (BMS, MS1) and in the outgoing one (MS2)."""

from __future__ import annotations

from typing import Any

import numpy as np

from na64ana.simulate.arrays import BoolArray, FloatArray
from na64ana.simulate.parameters.muons import Spectrometers
from na64ana.simulate.truth.muons import MuonTruth

__all__ = ["incoming_track", "outgoing_track"]


def incoming_track(
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


def outgoing_track(
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
