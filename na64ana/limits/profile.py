"""The one-sided profile likelihood ratio, for many outcomes at a time.

q(s) = 2 [max over 0 <= s' <= s of log L(s', z) - max of log L(s, z)], each maximum over the
nuisances z as well, L being Poisson in every bin times a standard normal for each nuisance. Since
s' ends at s, q is 0 where the best signal is larger: only a lack of events speaks against s.
"""

from __future__ import annotations

import numpy as np

from na64ana.limits.combination import Loading
from na64ana.limits.nuisance import Floats

__all__ = ["profile_ratio", "reduced"]

_ROUNDS = 60
_ENOUGH = 1e-9  # in log L
_HALVINGS = 12
_FLOOR = 1e-6  # of the mean at full strength


def reduced(model: Loading) -> Loading:
    """Turn the nuisances into as few as give the same covariance of the log means."""
    rows = np.vstack([model.signal_rows, model.background_rows])
    if not rows.size:
        return model
    u, size, _ = np.linalg.svd(rows, full_matrices=False)
    kept = size > 1e-12 * max(size.max(), 1e-300)
    rows = u[:, kept] * size[kept]
    half = model.signal.size
    return model._replace(signal_rows=rows[:half], background_rows=rows[half:])


def profile_ratio(model: Loading, outcomes: Floats, strength: float) -> Floats:
    """Return q at a strength for each outcome.

    Parameters
    ----------
    outcomes : array (outcomes, bins)
        Counts.
    """
    free = _maximum(model, outcomes, strength, fixed=False)
    fixed = _maximum(model, outcomes, strength, fixed=True)
    return np.asarray(np.maximum(2 * (free - fixed), 0))


def _maximum(model: Loading, outcomes: Floats, strength: float, *, fixed: bool) -> Floats:
    """Largest log L by Newton steps, halved where they overshoot; s' stays within [0, strength]."""
    size = model.signal_rows.shape[1]
    point = np.zeros((len(outcomes), 1 + size))
    point[:, 0] = strength if fixed else _start(model, outcomes, strength)
    value = _log_likelihood(model, outcomes, point)
    if fixed and not size:
        return value
    for _ in range(_ROUNDS):
        step = _step(model, outcomes, point, strength, fixed=fixed)
        scale = np.ones((len(outcomes), 1))
        todo = np.ones(len(outcomes), dtype=np.bool_)
        before, start = value, point
        for _ in range(_HALVINGS):
            trial = start + scale * step
            trial[:, 0] = np.clip(trial[:, 0], 0, strength)
            there = _log_likelihood(model, outcomes, trial)
            taken = todo & (there >= before)
            point = np.where(taken[:, None], trial, point)
            value = np.where(taken, there, value)
            todo &= ~taken
            scale = scale / 2
            if not todo.any():
                break
        if (value - before).max() < _ENOUGH:
            break
    return value


def _start(model: Loading, outcomes: Floats, strength: float) -> Floats:
    """Signal from the sum of counts; off 0, where the slope may vanish with the background."""
    guess = (outcomes.sum(axis=1) - model.background.sum()) / model.signal.sum()
    return np.asarray(np.clip(guess, 1e-3 * strength, strength))


def _means(model: Loading, point: Floats) -> tuple[Floats, Floats]:
    """Signal at strength 1 and background, shape (outcomes, bins) each."""
    z = point[:, 1:]
    signal = model.signal * np.exp(z @ model.signal_rows.T)
    background = model.background * np.exp(z @ model.background_rows.T)
    return signal, background


def _log_likelihood(model: Loading, outcomes: Floats, point: Floats) -> Floats:
    from scipy.special import xlogy

    signal, background = _means(model, point)
    mean = point[:, :1] * signal + background
    penalty = (point[:, 1:] ** 2).sum(axis=1) / 2
    return np.asarray((xlogy(outcomes, mean) - mean).sum(axis=1) - penalty)


def _step(
    model: Loading, outcomes: Floats, point: Floats, strength: float, *, fixed: bool
) -> Floats:
    """One Newton step; s' rests where it is fixed or pushes against its bounds."""
    signal, background = _means(model, point)
    s = point[:, :1]
    # a floor for bins without background, of which the signal may go to 0
    mean = np.maximum(s * signal + background, _FLOOR * (strength * signal + background))
    mean = np.maximum(mean, _FLOOR * _FLOOR)
    slopes = np.concatenate(
        [
            signal[..., None],
            (s * signal)[..., None] * model.signal_rows
            + background[..., None] * model.background_rows,
        ],
        axis=2,
    )
    pull = outcomes / mean - 1
    gradient = np.einsum("ob,obk->ok", pull, slopes)
    gradient[:, 1:] -= point[:, 1:]
    weight = np.maximum(outcomes / mean**2, 1e-3 / mean)
    matrix = np.einsum("ob,obk,obl->okl", weight, slopes, slopes)
    # the second derivative of the means, where it keeps the matrix positive
    for rows, part in ((model.signal_rows, s * signal), (model.background_rows, background)):
        curved = np.maximum(-pull, 0) * part
        matrix[:, 1:, 1:] += np.einsum("ob,bk,bl->okl", curved, rows, rows)
    index = np.arange(1, point.shape[1])
    matrix[:, index, index] += 1
    bound = np.full(len(point), fixed)
    bound |= (point[:, 0] <= 0) & (gradient[:, 0] < 0)
    bound |= (point[:, 0] >= strength) & (gradient[:, 0] > 0)
    matrix[bound, 0, :] = 0
    matrix[bound, :, 0] = 0
    matrix[bound, 0, 0] = 1
    gradient[bound, 0] = 0
    return np.asarray(np.linalg.solve(matrix, gradient[..., None])[..., 0])
