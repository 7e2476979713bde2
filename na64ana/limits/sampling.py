"""Probabilities of the outcomes of several bins, averaged over the nuisances."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from na64ana.errors import LimitError
from na64ana.limits.combination import Loading
from na64ana.limits.counting import poisson
from na64ana.limits.nuisance import Floats

__all__ = [
    "Mixture",
    "background_probabilities",
    "bin_probabilities",
    "draw",
    "mixture",
    "with_signal",
]

#: nodes per shared direction, by how many directions there are
_SHARED_NODES = {0: 1, 1: 41, 2: 31, 3: 23}
_PRIVATE_NODES = 41
_REACH = 7.0


class Mixture(NamedTuple):
    """The nuisances apart: those shared by several means, and those of one mean alone.

    Attributes
    ----------
    weights : array (nodes)
        Of the shared nuisances' nodes.
    signal, background : array (nodes, bins, private nodes)
        Means there, at strength 1.
    private : array (private nodes)
        Weights.
    """

    weights: Floats
    signal: Floats
    background: Floats
    private: Floats


def mixture(model: Loading, fineness: int = 1) -> Mixture | None:
    """Lay out the nodes; None where the shared nuisances have too many directions for a grid."""
    rows = np.vstack([model.signal_rows, model.background_rows])
    shared = (rows != 0).sum(axis=0) > 1
    private = np.sqrt((rows[:, ~shared] ** 2).sum(axis=1))
    axes = _directions(rows[:, shared])
    dimension = axes.shape[1]
    if dimension not in _SHARED_NODES:
        return None
    line, weight = _line(_SHARED_NODES[dimension] * fineness if dimension else 1)
    grid = np.indices((line.size,) * dimension).reshape(dimension, line.size**dimension)
    z = line[grid.T]
    weights = np.ones(1)
    for _ in range(dimension):
        weights = np.outer(weights, weight).ravel()
    own, own_weights = _line(_PRIVATE_NODES * fineness if private.any() else 1)
    means = np.concatenate([model.signal, model.background])
    logs = (z @ axes.T)[:, :, None] + private[:, None] * own
    values = means[:, None] * np.exp(logs)
    half = model.signal.size
    return Mixture(weights, values[:, :half], values[:, half:], own_weights)


def _directions(rows: Floats) -> Floats:
    """As few columns as give the same covariance of the log means."""
    if not rows.size:
        return np.zeros((len(rows), 0))
    u, size, _ = np.linalg.svd(rows, full_matrices=False)
    kept = size > 1e-12 * max(size.max(), 1e-300)
    return np.asarray(u[:, kept] * size[kept])


def _line(number: int) -> tuple[Floats, Floats]:
    if number == 1:
        return np.zeros(1), np.ones(1)
    z = np.linspace(-_REACH, _REACH, number)
    weights = np.exp(-z * z / 2)
    return z, weights / weights.sum()


def bin_probabilities(this: Mixture, strength: float, most: int) -> Floats:
    """Probability of 0 to ``most`` events by node of the shared nuisances and bin.

    Returns
    -------
    array (nodes, bins, most + 1)
    """
    return with_signal(this, strength, background_probabilities(this, most))


def background_probabilities(this: Mixture, most: int) -> Floats:
    """As `bin_probabilities` without signal."""
    return _averaged(this.background, this.private, most)


def with_signal(this: Mixture, strength: float, background: Floats) -> Floats:
    """Add the events of the signal to those of the background."""
    if not strength:
        return background
    counts = background.shape[-1]
    signal = _averaged(strength * this.signal, this.private, counts - 1)
    result: Floats = np.zeros(signal.shape)
    for n in range(counts):
        result[..., n:] += background[..., n : n + 1] * signal[..., : counts - n]
    return result


def _averaged(means: Floats, private: Floats, most: int) -> Floats:
    """Poisson probabilities of 0 to ``most`` events, averaged over the private nodes."""
    found = private @ poisson(np.arange(most + 1.0), means[..., None])
    return np.asarray(found)


def draw(model: Loading, strength: float, normal: Floats, uniform: tuple[Floats, Floats]) -> Floats:
    """Toys from given random numbers, so that a little more signal gives a little more events.

    Parameters
    ----------
    normal : array (toys, nuisances)
    uniform : two arrays (toys, bins)
        For signal and background.
    """
    from scipy.special import pdtrik

    means = (
        strength * model.signal * np.exp(normal @ model.signal_rows.T),
        model.background * np.exp(normal @ model.background_rows.T),
    )
    total = np.zeros(uniform[0].shape)
    for mean, u in zip(means, uniform, strict=True):
        with np.errstate(invalid="ignore"):
            found = np.ceil(pdtrik(u, np.maximum(mean, 1e-12)) - 1e-9)
        # below P(0) there is no solution: no event
        total += np.where(u <= np.exp(-mean), 0.0, np.maximum(found, 0.0))
    if not np.isfinite(total).all():
        msg = "a toy has no finite number of events: the nuisances are too large"
        raise LimitError(msg)
    return total
