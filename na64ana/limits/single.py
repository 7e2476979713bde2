"""Upper limits of one counting experiment, by the name of the method."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from na64ana.errors import LimitError
from na64ana.limits import bayes, counting
from na64ana.limits.arguments import check_cl, counts_of, known_name, numbers_of
from na64ana.limits.counting import Start, background_probabilities, experiment
from na64ana.limits.feldman_cousins import feldman_cousins_interval
from na64ana.limits.nuisance import NUISANCES

__all__ = ["METHODS", "LimitResult", "limit_result", "upper_limit"]

METHODS = ("cls", "classical", "feldman-cousins", "bayes")

_CLOSE = 1e-7  # relative: what twice as many nodes change, and less
_SLACK = 0.05  # of the rise from one limit to the next: how well a line meets it

_SOLVERS = {
    "cls": counting.cls_limit,
    "classical": counting.classical_limit,
    "bayes": bayes.bayes_limit,
}


class LimitResult(NamedTuple):
    """Upper limits with what they mean. Arrays have the shape of the broadcast input.

    Attributes
    ----------
    limit : float or array
        In events.
    lower : float or array
        Lower edge of the interval: not 0 only with Feldman-Cousins.
    below_zero : bool or array of bool
        No signal is allowed, not even 0; the limit shows 0. Only in the classical method.
    numerical_error : float or array
        In events: of the quadrature over nuisances and of the root finder.
    observed, background, background_error, signal_error : as given
    cl : float
    method, nuisance, background_nuisance : str
    """

    limit: Any
    lower: Any
    below_zero: Any
    numerical_error: Any
    observed: Any
    background: Any
    background_error: Any
    signal_error: Any
    cl: float
    method: str
    nuisance: str
    background_nuisance: str

    def _repr_html_(self) -> str:
        from na64ana.report.notebook_limits import limit_result

        return limit_result(self)


class _Answer(NamedTuple):
    limit: float
    lower: float
    below_zero: bool
    numerical_error: float


def upper_limit(
    observed: ArrayLike,
    background: ArrayLike,
    *,
    cl: float = 0.90,
    background_error: ArrayLike = 0,
    signal_error: ArrayLike = 0,
    method: str = "cls",
    nuisance: str = "log-normal",
    background_nuisance: str | None = None,
) -> Any:
    """Return the upper limit on the number of signal events.

    Parameters
    ----------
    observed : int or array of int
        Events in the box.
    background : float or array
        Events expected there without signal.
    cl : float
        Confidence level.
    background_error : float or array
        Standard error of the background, absolute, in events; 0: exactly known.
    signal_error : float or array
        Standard error of the signal efficiency, relative; 0: exactly known.
    method : str
        ``cls``, ``classical``, ``feldman-cousins`` (exactly known means only) or ``bayes`` (flat
        prior in s >= 0).
    nuisance : str
        Distribution of the uncertain means: ``log-normal`` of median 1, ``kappa``, ``mean-one``,
        ``gamma`` or ``truncated-normal``; see `na64ana.limits.nuisance.nodes`.
    background_nuisance : str, optional
        Another one for the background.

    Returns
    -------
    float, or array where one of the inputs is an array

    Raises
    ------
    LimitError
        For numbers that are negative, not finite or, if observed, not whole; for unknown names;
        where there is no limit.

    Examples
    --------
    >>> round(upper_limit(0, 0.51, background_error=0.13), 4)
    2.3026
    >>> round(upper_limit(1, 0.51), 3)
    3.502
    """
    return limit_result(
        observed,
        background,
        cl=cl,
        background_error=background_error,
        signal_error=signal_error,
        method=method,
        nuisance=nuisance,
        background_nuisance=background_nuisance,
    ).limit


def limit_result(
    observed: ArrayLike,
    background: ArrayLike,
    *,
    cl: float = 0.90,
    background_error: ArrayLike = 0,
    signal_error: ArrayLike = 0,
    method: str = "cls",
    nuisance: str = "log-normal",
    background_nuisance: str | None = None,
) -> LimitResult:
    """Return the limit of `upper_limit` with flags and numerical errors."""
    known_name(method, METHODS, "method")
    names = (
        known_name(nuisance, NUISANCES, "nuisance"),
        known_name(background_nuisance or nuisance, NUISANCES, "nuisance"),
    )
    level = check_cl(cl)
    counts, *means = _broadcast(
        counts_of(observed),
        numbers_of(background, "background"),
        numbers_of(background_error, "background_error"),
        numbers_of(signal_error, "signal_error"),
    )
    shape = counts.shape
    rows = list(zip(counts.flat, *(m.flat for m in means), strict=True))
    solved = _solve_all(set(rows), level, method, names)
    answers = [solved[row] for row in rows]
    columns = [[answer[i] for answer in answers] for i in range(len(_Answer._fields))]
    given = [list(array.flat) for array in (counts, *means)]
    shaped = [_shaped(values, shape) for values in (*columns, *given)]
    return LimitResult._make([*shaped, level, method, *names])


def _broadcast(*arrays: NDArray[Any]) -> tuple[NDArray[Any], ...]:
    try:
        return np.broadcast_arrays(*arrays)
    except ValueError:
        shapes = ", ".join(str(a.shape) for a in arrays)
        msg = (
            "observed, background, background_error and signal_error have shapes that do not fit "
            f"each other: {shapes}"
        )
        raise LimitError(msg) from None


def _shaped(values: list[Any], shape: tuple[int, ...]) -> Any:
    array = np.array(values).reshape(shape)
    return array if shape else array.item()


def _solve_all(
    rows: set[tuple[Any, ...]], cl: float, method: str, names: tuple[str, str]
) -> dict[tuple[Any, ...], _Answer]:
    """Return the answer of each row; arrays of toys hold the same few rows again and again."""
    found: dict[tuple[Any, ...], _Answer] = {}
    for means in {row[1:] for row in rows}:
        counts = sorted(int(row[0]) for row in rows if row[1:] == means)
        if method == "feldman-cousins":
            answers = [_interval(n, means, cl) for n in counts]
        else:
            answers = _solve(counts, means, cl, method, names)
        found |= {(n, *means): answer for n, answer in zip(counts, answers, strict=True)}
    return found


def _interval(observed: int, means: tuple[Any, ...], cl: float) -> _Answer:
    background, background_error, signal_error = map(float, means)
    if background_error or signal_error:
        msg = (
            "the Feldman-Cousins construction is for exactly known background and signal; "
            "take 'cls' or 'bayes' where they have errors"
        )
        raise LimitError(msg)
    lower, upper = feldman_cousins_interval(observed, background, cl)
    return _Answer(upper, lower, False, 1e-9 * (1 + upper))


def _solve(
    counts: list[int], means: tuple[Any, ...], cl: float, method: str, names: tuple[str, str]
) -> list[_Answer]:
    """Return the answers of counts that rise, for the same means.

    They share the probabilities of the background, and the limit of a count is looked for where
    those of the two counts before it point.
    """
    background, background_error, signal_error = map(float, means)
    if method == "bayes":
        bayes.check_proper(names[0], signal_error)
    finest = 2 if background_error or signal_error else 1
    tables = {
        fineness: background_probabilities(
            counts[-1], background, background_error, names[1], fineness
        )
        for fineness in (1, finest)
    }

    def limit(observed: int, fineness: int, start: Start | None) -> float:
        ready = experiment(observed, tables[fineness], background, signal_error, names[0], fineness)
        return _SOLVERS[method](ready, cl, start)

    answers: list[_Answer] = []
    for n in counts:
        fine = limit(n, finest, _pointed_at(n, counts, answers))
        if fine < 0:
            answers.append(_Answer(0.0, 0.0, True, 0.0))
            continue
        coarse = limit(n, 1, Start(fine, _CLOSE * fine)) if finest > 1 else fine
        answers.append(_Answer(fine, 0.0, False, abs(fine - coarse) + 1e-10 * (1 + fine)))
    return answers


def _pointed_at(observed: int, counts: list[int], answers: list[_Answer]) -> Start | None:
    """Go on along the line through the two limits before."""
    if len(answers) < 2 or answers[-2].below_zero:
        return None
    a, b = counts[len(answers) - 2 : len(answers)]
    slope = (answers[-1].limit - answers[-2].limit) / (b - a)
    rise = max(slope * (observed - b), _CLOSE * answers[-1].limit)
    return Start(answers[-1].limit + rise, _SLACK * rise)
