"""Upstream track fit and straw chambers."""

from __future__ import annotations

import numpy as np

from na64ana.simulate.arrays import FloatArray, IntArray
from na64ana.simulate.parameters.detectors import Tracker
from na64ana.simulate.truth.event import Truth

__all__ = ["STRAW_PLANES", "fit_tracks", "straw_multiplicities", "straw_positions"]

STRAW_PLANES = ("mpStraw3X", "mpStraw3Y", "mpStraw4X", "mpStraw4Y")
"""Branches of the straw multiplicities, in the order of the columns."""


def fit_tracks(truth: Truth, rng: np.random.Generator, tracker: Tracker) -> dict[str, FloatArray]:
    """Momentum (GeV), p-value and incoming angle (mrad) of the upstream track, each (n,).

    A fit that fails has the momentum +9999 or -9999 GeV and the p-value 0, as in the data.
    """
    n = len(truth)
    momentum = truth.momentum * (1 + tracker.momentum_resolution * rng.standard_normal(n))
    wrong = rng.random(n) < tracker.tail
    momentum += wrong * rng.laplace(0.0, tracker.tail_width, n)
    p_value = rng.random(n)
    poor = rng.random(n) < tracker.bad_fit
    p_value = np.where(poor, rng.exponential(tracker.bad_fit_p_value, n), p_value)
    failed = rng.random(n) < tracker.failure + tracker.failure_per_hit * truth.extra_hits
    sign = np.where(rng.random(n) < 0.5, -1.0, 1.0)
    return {
        "mom_genfit_upMM": np.where(failed, sign * tracker.failed_momentum, momentum),
        "pvalue_genfit_upMM": np.where(failed, 0.0, np.minimum(p_value, 1.0)),
        "inangle_genfit_upMM": truth.angle.copy(),
    }


def straw_multiplicities(
    extra_hits: FloatArray, rng: np.random.Generator, tracker: Tracker
) -> IntArray:
    """(n, 4) hits in the planes of `STRAW_PLANES`: the beam particle's and others."""
    shape = (len(extra_hits), len(STRAW_PLANES))
    own = rng.random(shape) < tracker.straw_efficiency
    return own + rng.poisson(tracker.straw_extra + extra_hits[:, None], shape)


def straw_positions(
    extra_hits: FloatArray, beam_x: float, rng: np.random.Generator, tracker: Tracker
) -> tuple[IntArray, FloatArray]:
    """Hits in a straw plane behind the magnets: (n,) counts, and their positions x, mm.

    Positions are the tubes' centres, event after event, the beam particle's first.
    """
    n = len(extra_hits)
    own = rng.random(n) < tracker.straw_efficiency
    counts = own + rng.poisson(tracker.straw_extra + extra_hits)
    first = np.cumsum(counts) - counts
    total = int(counts.sum())
    x = beam_x + tracker.straw_spread * rng.standard_normal(total)
    beam = beam_x + tracker.straw_pitch * rng.standard_normal(n)
    x[first[own]] = beam[own]
    return counts, np.rint(x / tracker.straw_pitch) * tracker.straw_pitch
