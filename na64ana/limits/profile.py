"""The one-sided profile likelihood ratio, for many outcomes at a time.

q(s) = 2 [max over 0 <= s' <= s of log L(s', z) - max of log L(s, z)], each maximum over the
nuisances z as well, L being Poisson in every bin times a standard normal for each nuisance. Since
s' ends at s, q is 0 where the best signal is larger: only a lack of events speaks against s. The
maxima in s' do not depend on s: they are found once, and serve all strengths above them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from na64ana.limits.combination import Loading
from na64ana.limits.nuisance import Floats

__all__ = ["Maxima", "maxima", "profile_ratio", "reduced"]

_ROUNDS = 60
_ENOUGH = 1e-10  # in log L
_HALVINGS = 12
_FLOOR = 1e-12  # of a mean, in events
_LEAST = 1e-3  # curvature along s' that is taken for one
_SAFE = 0.9  # curvature taken off a matrix whose eigenvalues are 1 or more


class Maxima(NamedTuple):
    """Maxima of log L over s' >= 0 and the nuisances: where they are, and how large."""

    strength: Floats
    value: Floats


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


def maxima(model: Loading, outcomes: Floats) -> Maxima:
    """Return the maxima of each outcome, shape (2, outcomes); they serve all strengths.

    Wide errors make two of them, as signal and background may each explain the same counts: one is
    looked for from next to no signal, the other from that of the sum of counts.

    Parameters
    ----------
    outcomes : array (outcomes, bins)
        Counts.
    """
    total = model.signal.sum()
    # not from 0, where a bin without background has log L = -inf
    least = np.full(len(outcomes), 1e-3 / total)
    guess = (outcomes.sum(axis=1) - model.background.sum()) / total
    start = np.concatenate([least, np.maximum(guess, least)])
    value, point = _maximum(model, np.concatenate([outcomes, outcomes]), start, fixed=False)
    return Maxima(point[:, 0].reshape(2, -1), value.reshape(2, -1))


def profile_ratio(
    model: Loading, outcomes: Floats, strength: float, free: Maxima | None = None
) -> Floats:
    """Return q at a strength for each outcome.

    Parameters
    ----------
    outcomes : array (outcomes, bins)
        Counts.
    free : Maxima, optional
        Of these outcomes, where they are known from another strength.
    """
    found = maxima(model, outcomes) if free is None else free
    best = np.where(found.strength < strength, found.value, -np.inf).max(axis=0)
    below = np.isfinite(best)
    start = np.full(np.count_nonzero(below), strength)
    fixed, _ = _maximum(model, outcomes[below], start, fixed=True)
    q = np.zeros(len(outcomes))
    q[below] = np.maximum(2 * (best[below] - fixed), 0)
    return q


def _maximum(
    model: Loading, outcomes: Floats, strength: Floats, *, fixed: bool
) -> tuple[Floats, Floats]:
    """Largest log L and where it is, by Newton steps, halved where they overshoot; s' >= 0."""
    point = np.zeros((len(outcomes), 1 + model.signal_rows.shape[1]))
    point[:, 0] = strength
    value = _log_likelihood(model, outcomes, point)
    todo = np.arange(len(outcomes) if point.shape[1] > 1 or not fixed else 0)
    for _ in range(_ROUNDS):
        if not todo.size:
            break
        here, before, start = outcomes[todo], value[todo], point[todo]
        step = _step(model, here, start, fixed=fixed)
        left = np.arange(todo.size)
        for halving in range(_HALVINGS):
            trial = start[left] + step[left] / 2**halving
            trial[:, 0] = np.maximum(trial[:, 0], 0)
            there = _log_likelihood(model, here[left], trial)
            taken = there >= before[left]
            point[todo[left[taken]]] = trial[taken]
            value[todo[left[taken]]] = there[taken]
            left = left[~taken]
            if not left.size:
                break
        todo = todo[value[todo] - before >= _ENOUGH]
    return value, point


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


def _step(model: Loading, outcomes: Floats, point: Floats, *, fixed: bool) -> Floats:
    """One Newton step, with s' at rest where it is fixed, and down to 0 at most."""
    a, r = model.signal_rows, model.background_rows
    unit, background = _means(model, point)
    signal = point[:, :1] * unit
    mean = np.maximum(signal + background, _FLOOR)
    pull, weight = outcomes / mean - 1, outcomes / mean**2
    gradient = (pull * signal) @ a + (pull * background) @ r - point[:, 1:]
    mixed = (unit * (weight * signal - pull)) @ a + (unit * weight * background) @ r
    matrix = _curvature(model, signal, background, pull, weight)
    steps = np.linalg.solve(matrix, np.stack([gradient, mixed], axis=2))
    if fixed:
        first = np.zeros(len(point))
    else:
        # along s', the nuisances following
        slope = (pull * unit).sum(axis=1) - (mixed * steps[..., 0]).sum(axis=1)
        alone = (np.maximum(weight, 1e-3 / mean) * unit**2).sum(axis=1)
        curved = alone - (mixed * steps[..., 1]).sum(axis=1)
        first = slope / np.where(curved > _LEAST * alone, curved, alone)
        first = np.maximum(first, -point[:, 0])
    return np.column_stack([first, steps[..., 0] - first[:, None] * steps[..., 1]])


def _curvature(
    model: Loading, signal: Floats, background: Floats, pull: Floats, weight: Floats
) -> Floats:
    """Minus the second derivatives of log L by the nuisances, kept positive.

    Where counts are above the mean, the second derivative of the mean makes log L less curved: as
    much of it is taken as cannot turn the sign.
    """
    a, r = model.signal_rows, model.background_rows
    above = np.maximum(pull, 0)
    turned = above * (signal * (a * a).sum(axis=1) + background * (r * r).sum(axis=1))
    share = _SAFE / np.maximum(turned.sum(axis=1, keepdims=True), _SAFE)
    bent = np.maximum(-pull, 0) - share * above
    weights = np.column_stack(
        [
            (weight * signal + bent) * signal,
            (weight * background + bent) * background,
            weight * signal * background,
        ]
    )
    products = np.concatenate([_outer(a, a), _outer(r, r), _outer(a, r) + _outer(r, a)])
    size = a.shape[1]
    # not by @: for so few columns the threads of BLAS cost more than they bring
    found = np.einsum("ow,wp->op", weights, products).reshape(len(weights), size, size)
    return np.asarray(found + np.eye(size))


def _outer(left: Floats, right: Floats) -> Floats:
    """Products of two rows, one line for each bin."""
    return np.asarray((left[:, :, None] * right[:, None, :]).reshape(len(left), left.shape[1] ** 2))
