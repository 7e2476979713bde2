"""Limits from several bins: CLs with the one-sided profile likelihood ratio.

The outcomes (n1, n2, ...) are ordered by the ratio q of `na64ana.limits.profile`, and their
probabilities, with the nuisances averaged out, are summed: exactly over all outcomes that matter
where these are few, else over toys. In one bin q falls with n, and the limit is that of
`upper_limit`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from na64ana.errors import LimitError
from na64ana.limits.arguments import check_cl, counts_of
from na64ana.limits.combination import Loading, Model, loading
from na64ana.limits.expected import ExpectedLimits, summary
from na64ana.limits.nuisance import Floats
from na64ana.limits.profile import Maxima, maxima, profile_ratio, reduced
from na64ana.limits.sampling import (
    Mixture,
    background_probabilities,
    bin_probabilities,
    draw,
    mixture,
    with_signal,
)

__all__ = ["CombinedLimit", "combined_limit", "expected_combined"]

MOST_OUTCOMES = 20_000
_STEP = 1.5  # between the strengths up to which outcomes are laid out
_ROOM = 4  # times as many outcomes: those of three bins at a strength one step larger
_NEGLECTED = 1e-7  # probability of outcomes beyond the largest counts looked at
_MOST_COUNT = 400
_TIE = 1e-7  # outcomes whose q agree to this are equally likely to have been meant
_HIGHEST = 1e9
_TOLERANCE = 1e-7
_TINY = 1e-250
_EXPECTED_COVER = 1e-4


class CombinedLimit(NamedTuple):
    """Limit on the strength of the signal.

    Attributes
    ----------
    strength : float
        Multiplies the signal of every bin.
    events : float
        Signal events in all bins at that strength: strength x sum of the signals.
    error : float
        On ``strength``: of the root finder and of outcomes left out, or one standard deviation of
        the toys. The quadrature over the nuisances is not in it.
    method : str
        ``enumeration`` or ``toys``.
    neglected : float
        Probability of outcomes left out in enumeration.
    toys : int
        Their number, 0 in enumeration.
    seed : int or None
        Of the toys.
    cl : float
    """

    strength: float
    events: float
    error: float
    method: str
    neglected: float
    toys: int
    seed: int | None
    cl: float

    def _repr_html_(self) -> str:
        from na64ana.report.notebook_limits import combined

        return combined(self)


class _Tails(NamedTuple):
    """P(q >= that observed) with signal and without, and what both neglect."""

    both: float
    background: float
    neglected: float


def combined_limit(
    model: Model, *, cl: float = 0.90, seed: int = 1, toys: int = 20_000, force_toys: bool = False
) -> CombinedLimit:
    """Return the CLs limit on the strength of the signal.

    Parameters
    ----------
    model : Model
        With the observed events of every bin.
    seed, toys : int
        Used only where there are too many outcomes or shared nuisances for exact sums.
    force_toys : bool
        Throw toys even so, as a check.

    Raises
    ------
    LimitError
        If a bin has no observation, or as `na64ana.limits.combination.loading` says.
    """
    level = check_cl(cl)
    if missing := [b.name for b in model.bins if b.observed is None]:
        msg = f"bin '{missing[0]}' has no observed events: it is blind; ask for expected limits"
        raise LimitError(msg)
    laid = loading(model)
    observed = counts_of([b.observed for b in model.bins]).astype(np.float64)
    nodes = None if force_toys else mixture(laid)
    guess = (observed.sum() + 4.0) / laid.signal.sum()
    if nodes is not None and _most(nodes, observed, 1.5 * guess) is not None:
        result = _exact(laid, nodes, observed, guess, level)
    else:
        result = _by_toys(laid, observed, guess, level, seed, toys)
    return result._replace(events=result.strength * sum(b.signal for b in model.bins))


class _Grid(NamedTuple):
    """The outcomes to sum over up to some strength, and what is the same at all strengths."""

    most: list[int]
    outcomes: Floats
    free: Maxima
    bins: Floats  # probabilities of the counts in each bin without signal
    background: Floats  # those of the outcomes


def _grids(
    model: Loading, nodes: Mixture, observed: Floats, guess: float
) -> Callable[[float], _Grid]:
    """Return the function that gives the outcomes for a strength: those of few serve all."""

    @cache
    def grid(step: int) -> _Grid:
        return _grid(model, nodes, observed, guess * _STEP**step)

    return lambda strength: grid(max(0, int(np.ceil(np.log(strength / guess) / np.log(_STEP)))))


def _exact(
    model: Loading, nodes: Mixture, observed: Floats, guess: float, cl: float
) -> CombinedLimit:
    few = reduced(model)
    grids = _grids(few, nodes, observed, guess)

    def tails(strength: float) -> _Tails:
        return _enumerate(few, nodes, grids(strength), observed, strength)

    def cls(strength: float) -> float:
        found = tails(strength)
        if found.background < _TINY:
            msg = (
                "the observation has no measurable probability without signal: the background does "
                "not describe the data"
            )
            raise LimitError(msg)
        return found.both / found.background

    strength, width = _root(cls, guess, 1 - cl)
    neglected = max(tails(strength).neglected, 0.0)
    return CombinedLimit(
        strength, 0.0, float(width + strength * neglected), "enumeration", neglected, 0, None, cl
    )


def _most(
    nodes: Mixture, observed: Floats, strength: float, outcomes: int = MOST_OUTCOMES
) -> list[int] | None:
    """Largest counts to look at in each bin; None where that makes too many outcomes."""
    mean = strength * nodes.signal.max(axis=(0, 2)) + nodes.background.max(axis=(0, 2))
    size = int(min(_MOST_COUNT, mean.max() + 10 * np.sqrt(mean.max()) + 20 + observed.max()))
    most = []
    probabilities = nodes.weights @ bin_probabilities(nodes, strength, size).transpose(1, 0, 2)
    for i, row in enumerate(probabilities):
        enough = np.nonzero(np.cumsum(row) > 1 - _NEGLECTED)[0]
        if not enough.size:
            return None
        most.append(int(max(enough[0], observed[i])))
    return most if np.prod([m + 1.0 for m in most]) <= outcomes else None


def _outcomes(most: list[int]) -> Floats:
    grid = np.meshgrid(*[np.arange(m + 1.0) for m in most], indexing="ij")
    return np.stack(grid, axis=-1).reshape(-1, len(most))


def _joint(nodes: Mixture, bins: Floats, most: list[int]) -> Floats:
    """Probability of each outcome, in the order of `_outcomes`, from those of each bin."""
    joint = nodes.weights[:, None]
    for i, m in enumerate(most[:-1]):
        joint = (joint[:, :, None] * bins[:, i, None, : m + 1]).reshape(len(joint), -1)
    return np.asarray(joint.T @ bins[:, len(most) - 1, : most[-1] + 1]).ravel()


def _grid(model: Loading, nodes: Mixture, observed: Floats, strength: float) -> _Grid:
    most = _most(nodes, observed, strength, _ROOM * MOST_OUTCOMES)
    if most is None:
        msg = (
            f"at strength {strength:g} there are more than {_ROOM * MOST_OUTCOMES} outcomes to sum "
            "over: ask for toys with force_toys=True"
        )
        raise LimitError(msg)
    outcomes = _outcomes(most)
    bins = background_probabilities(nodes, max(most))
    return _Grid(most, outcomes, maxima(model, outcomes), bins, _joint(nodes, bins, most))


def _at(grid: _Grid, observed: Floats) -> Any:
    """Which of the outcomes were observed."""
    return np.ravel_multi_index(observed.astype(np.int64).T, tuple(m + 1 for m in grid.most))


def _enumerate(
    model: Loading, nodes: Mixture, grid: _Grid, observed: Floats, strength: float
) -> _Tails:
    q = profile_ratio(model, grid.outcomes, strength, grid.free)
    worse = q >= q[_at(grid, observed)] - _TIE
    both = _joint(nodes, with_signal(nodes, strength, grid.bins), grid.most)
    # outcomes beyond the largest counts have q = 0 or near: they are never the worse ones
    background = float(grid.background[worse].sum())
    return _Tails(float(both[worse].sum()), background, 1 - float(both.sum()))


def _root(cls: Callable[[float], float], guess: float, alpha: float) -> tuple[float, float]:
    """Strength at which CLs passes alpha, and how far it is known.

    CLs jumps a little where two outcomes change places; Brent's method then ends at the jump.
    """
    from scipy.optimize import brentq

    low, high = 1e-6 * guess, guess
    while cls(high) > alpha:
        low, high = high, 1.5 * high
        if high > _HIGHEST * guess:
            msg = "no finite limit: the signal is too uncertain to exclude any strength"
            raise LimitError(msg)
    width = _TOLERANCE * high
    return float(brentq(lambda s: np.log(max(cls(s), _TINY) / alpha), low, high, xtol=width)), width


def _by_toys(
    model: Loading, observed: Floats, guess: float, cl: float, seed: int, toys: int
) -> CombinedLimit:
    """As `_exact` with toys; the same random numbers at each strength."""
    if toys < 1000:
        msg = f"{toys} toys are too few for a limit at cl = {cl:g}: take 1000 or more"
        raise LimitError(msg)
    few = reduced(model)
    random = np.random.default_rng(seed)
    normal = random.standard_normal((toys, few.signal_rows.shape[1]))
    uniform = (random.random((toys, observed.size)), random.random((toys, observed.size)))
    without = draw(few, 0.0, normal, uniform)

    def fractions(strength: float) -> tuple[float, float]:
        thrown = np.vstack([observed[None], draw(few, strength, normal, uniform), without])
        # one number for each outcome: to find those that repeat
        key = np.ravel_multi_index(
            thrown.astype(np.int64).T, tuple(thrown.max(axis=0).astype(int) + 1)
        )
        _, first, index = np.unique(key, return_index=True, return_inverse=True)
        q = profile_ratio(few, thrown[first], strength)[index]
        worse = q[1:] >= q[0] - _TIE
        return float(worse[:toys].mean()), float(worse[toys:].mean())

    def cls(strength: float) -> float:
        both, background = fractions(strength)
        if not background:
            msg = (
                "no toy without signal is as far from it as the observation: the background does "
                "not describe the data"
            )
            raise LimitError(msg)
        return both / background

    strength, width = _root(cls, guess, 1 - cl)
    error = _toy_error(cls, fractions(strength), strength, toys) + width
    return CombinedLimit(strength, 0.0, error, "toys", 0.0, toys, seed, cl)


def _toy_error(
    cls: Callable[[float], float], tails: tuple[float, float], strength: float, toys: int
) -> float:
    """Binomial errors of both fractions, over the slope of CLs."""
    both, background = tails
    relative = np.sqrt((1 - both) / max(both, 1 / toys) + (1 - background) / background)
    step = 0.1 * strength
    slope = (cls(strength - step) - cls(strength + step)) / (2 * step)
    return float(relative / np.sqrt(toys) * both / background / max(slope, 1e-12))


def expected_combined(
    model: Model, *, cl: float = 0.90, strengths: int | None = None
) -> ExpectedLimits:
    """Limits on the strength of every outcome that background alone can give.

    The outcomes are taken from the most likely one down until all but 1e-4 of the probability is
    covered; the rest is ``neglected``.

    Parameters
    ----------
    model : Model
    cl : float
    strengths : int, optional
        Read the limits off so many strengths, for all outcomes together: 40 give them to 1%, many
        times faster.

    Raises
    ------
    LimitError
        As `combined_limit`; also where there are too many outcomes to enumerate.
    """
    level = check_cl(cl)
    laid = loading(model)
    nodes = mixture(laid)
    none = np.zeros(laid.signal.size)
    most = None if nodes is None else _most(nodes, none, 0.0)
    if nodes is None or most is None:
        msg = "too many outcomes or shared nuisances to enumerate the expected limits"
        raise LimitError(msg)
    outcomes = _outcomes(most)
    chances = _joint(nodes, background_probabilities(nodes, max(most)), most)
    order = np.argsort(-chances, kind="stable")
    number = int(np.searchsorted(np.cumsum(chances[order]), 1 - _EXPECTED_COVER)) + 1
    kept = order[:number]
    if strengths is not None:
        return summary(_read_off(laid, nodes, outcomes[kept], level, strengths), chances[kept])
    limits = []
    for outcome in outcomes[kept]:
        guess = (outcome.sum() + 4.0) / laid.signal.sum()
        limits.append(_exact(laid, nodes, outcome, guess, level).strength)
    return summary(np.array(limits), chances[kept])


def _read_off(model: Loading, nodes: Mixture, observed: Floats, cl: float, number: int) -> Floats:
    """Return the limit of each of some outcomes, between strengths in equal ratios.

    At one strength the outcomes are ordered once, and CLs of all of them are sums over that order.
    """
    few, alpha = reduced(model), 1 - cl
    guesses = (observed.sum(axis=1) + 4.0) / model.signal.sum()
    ratio = (1.5 * guesses.max() / (0.3 * guesses.min())) ** (1 / (number - 1))
    limits = np.full(len(observed), np.nan)
    strength, above = 0.3 * float(guesses.min()), np.zeros(len(observed))
    grids = _grids(few, nodes, observed.max(axis=0), float(guesses.mean()))
    while np.isnan(limits).any():
        if strength > _HIGHEST * guesses.max():
            msg = "no finite limit: the signal is too uncertain to exclude any strength"
            raise LimitError(msg)
        here = np.log(
            np.maximum(_all_cls(few, nodes, grids(strength), observed, strength), _TINY) / alpha
        )
        found = np.isnan(limits) & (here <= 0)
        # logarithms between the last strength above and this one; a first one below is taken
        share = above[found] / np.maximum(above[found] - here[found], _TINY)
        limits[found] = strength * ratio ** (np.where(above[found] > 0, share, 1.0) - 1)
        above, strength = here, strength * ratio
    return limits


def _all_cls(
    few: Loading, nodes: Mixture, grid: _Grid, observed: Floats, strength: float
) -> Floats:
    """CLs at one strength for each of some outcomes."""
    both = _joint(nodes, with_signal(nodes, strength, grid.bins), grid.most)
    q = profile_ratio(few, grid.outcomes, strength, grid.free)
    order = np.argsort(-q, kind="stable")
    # how many outcomes are at least as far from the signal as each of those asked for
    worse = np.searchsorted(-q[order], -(q[_at(grid, observed)] - _TIE), side="right")
    signal, background = (np.cumsum(p[order])[worse - 1] for p in (both, grid.background))
    return np.asarray(signal / np.maximum(background, _TINY))
