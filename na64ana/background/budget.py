"""The background budget: sources with their errors, correlations, and the total.

A source is a number with errors, or a bound. The conservative total adds a bound linearly to the
central value, not to the error; so does the table of 2021-22 shown by the collaboration in 2023
(0.04 + 0.30 + 0.16 and < 0.01 make 0.51 +- 0.13; that it is so is inferred from these numbers).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from na64ana.errors import BackgroundError, nearest, printable

__all__ = ["Budget", "Correlation", "MissingSource", "SharedFactor", "Source", "Total"]

_PARTS = ("total", "statistical", "systematic")
#: an eigenvalue may be below zero by rounding
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Source:
    """One source of background in the signal box.

    Attributes
    ----------
    name : str
    value : float
        Expected events, zero or more; of a bound, zero.
    statistical, systematic : float
        Standard errors, in events.
    upper : float, optional
        A bound on the expected events instead of a value with errors.
    upper_cl : float, optional
        Confidence level of the bound; None where its origin states none, and then the tables say
        so.
    exact : bool
        Says that an error of zero is meant.
    method, reference : str
        How the number was made, and where it comes from.
    inputs : dict of str to str
        SHA-256 of each input, by its name.

    Raises
    ------
    BackgroundError
        A number is negative or not finite, the error is zero and not declared exact, or there is
        both a bound and a value.
    """

    name: str
    value: float
    statistical: float = 0.0
    systematic: float = 0.0
    upper: float | None = None
    upper_cl: float | None = None
    exact: bool = False
    method: str = ""
    reference: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if wrong := _fault(self):
            msg = f"background source '{printable(self.name)}': {wrong}"
            raise BackgroundError(msg)

    @property
    def error(self) -> float:
        """Statistical and systematic error in quadrature."""
        return math.hypot(self.statistical, self.systematic)


@dataclass(frozen=True)
class Correlation:
    """How the errors of two sources go together.

    Attributes
    ----------
    first, second : str
        Names of sources.
    value : float
        Between -1 and 1.
    part : str
        Which of their errors: ``total``, ``statistical`` or ``systematic``.
    """

    first: str
    second: str
    value: float
    part: str = "total"


@dataclass(frozen=True)
class SharedFactor:
    """A measured factor in several sources, and perhaps in the signal efficiency.

    Its error is part of their systematic errors already; naming it here makes them move together.

    Attributes
    ----------
    name : str
    value, error : float
        The factor and its standard error.
    sources : tuple of str
        Names of the sources that were multiplied by it.
    signal : bool
        Whether the signal efficiency was multiplied by it too.
    method, reference : str
    """

    name: str
    value: float
    error: float
    sources: tuple[str, ...] = ()
    signal: bool = False
    method: str = ""
    reference: str = ""

    def __post_init__(self) -> None:
        numbers = (self.value, self.error)
        if not (all(map(math.isfinite, numbers)) and self.value > 0 and self.error >= 0):
            msg = (
                f"factor '{printable(self.name)}': {self.value} +- {self.error} is no factor with "
                "an error: the one is above zero, the other not below"
            )
            raise BackgroundError(msg)

    @property
    def relative(self) -> float:
        """Relative error."""
        return self.error / self.value


@dataclass(frozen=True)
class MissingSource:
    """A source that could not be estimated, and why; the total is then not known."""

    name: str
    reason: str


class Total(NamedTuple):
    """The sum of all sources.

    Attributes
    ----------
    value, error : float
        In events.
    bounds : float
        What bounds add to the value.
    """

    value: float
    error: float
    bounds: float


@dataclass(frozen=True)
class Budget:
    """All sources of background in the signal box.

    Attributes
    ----------
    sources : tuple of Source
    correlations : tuple of Correlation
        Pairs not named, by themselves or by a shared factor, are independent.
    factors : tuple of SharedFactor
    missing : tuple of MissingSource

    Raises
    ------
    BackgroundError
        Two sources have one name, a correlation does not fit, or the errors have no possible
        covariance.
    """

    sources: tuple[Source, ...]
    correlations: tuple[Correlation, ...] = ()
    factors: tuple[SharedFactor, ...] = ()
    missing: tuple[MissingSource, ...] = ()

    def __post_init__(self) -> None:
        _check_names(self)
        for correlation in self.correlations:
            _check_correlation(correlation, self)
        for factor in self.factors:
            _check_factor(factor, self)
        pairs = Counter(_pair(c.first, c.second) for c in self.correlations)
        pairs.update(pair for factor in self.factors for pair in _pairs(factor.sources))
        if twice := next((pair for pair, n in pairs.items() if n > 1), None):
            msg = f"the correlation of {_names(twice)} is given twice"
            raise BackgroundError(msg)
        for part in _PARTS:
            stated = [c for c in self.correlations if c.part == part]
            _check_positive(self._stated(stated), self, f"the correlation matrix ({part} errors)")
        _check_positive(self.correlation_matrix, self, "the correlation matrix of the budget")

    def __getitem__(self, name: str) -> Source:
        return self.sources[_index(name, self)]

    def total(self, *, conservative: bool = True) -> Total:
        """Sum the sources.

        Parameters
        ----------
        conservative : bool
            Add bounds linearly to the value; they do not add to the error. Otherwise they are
            left out.

        Raises
        ------
        BackgroundError
            A source is missing.
        """
        if self.missing:
            first = self.missing[0]
            msg = (
                f"the total background is not known: '{printable(first.name)}' is missing "
                f"({printable(first.reason, 1000)})"
            )
            raise BackgroundError(msg)
        bounds = math.fsum(source.upper or 0.0 for source in self.sources) if conservative else 0.0
        value = math.fsum([*(source.value for source in self.sources), bounds])
        # fsum, so that the order of the sources does not matter
        variance = math.fsum(self.covariance.ravel().tolist())
        return Total(value, math.sqrt(max(variance, 0.0)), bounds)

    @cached_property
    def covariance(self) -> np.ndarray:
        """Covariance of the sources, array of shape (source, source), in events squared."""
        matrix = np.diag([source.error**2 for source in self.sources]).astype(float)
        for c in self.correlations:
            i, j = (_index(name, self) for name in (c.first, c.second))
            errors = [_error(self.sources[k], c.part) for k in (i, j)]
            matrix[i, j] = matrix[j, i] = c.value * errors[0] * errors[1]
        for factor in self.factors:
            for first, second in _pairs(factor.sources):
                i, j = _index(first, self), _index(second, self)
                product = self.sources[i].value * self.sources[j].value
                matrix[i, j] = matrix[j, i] = product * factor.relative**2
        matrix.flags.writeable = False
        return matrix

    @property
    def correlation_matrix(self) -> np.ndarray:
        """Correlations of the total errors, shape (source, source); one on the diagonal."""
        errors = np.array([source.error for source in self.sources])
        scale = np.where(errors > 0, errors, 1.0)
        matrix = self.covariance / np.multiply.outer(scale, scale)
        np.fill_diagonal(matrix, 1.0)
        return matrix

    def _stated(self, correlations: Iterable[Correlation]) -> np.ndarray:
        matrix = np.eye(len(self.sources))
        for c in correlations:
            i, j = _index(c.first, self), _index(c.second, self)
            matrix[i, j] = matrix[j, i] = c.value
        return matrix

    @property
    def sha256(self) -> str:
        """Hash of everything but the totals, which follow from it."""
        from na64ana.background.budget_file import sha256

        return sha256(self)

    def to_dict(self) -> dict[str, Any]:
        """Return the content of ``budget.json``."""
        from na64ana.background.budget_file import to_dict

        return to_dict(self)

    def to_text(self) -> str:
        """Return the table as plain text."""
        from na64ana.report import budget as view

        return view.text(self)

    def to_latex(self) -> str:
        """Return the table in LaTeX, for booktabs."""
        from na64ana.report import budget as view

        return view.latex(self)

    def _repr_html_(self) -> str:
        from na64ana.report import budget as view

        return view.html(self)

    def __rich__(self) -> Any:
        from na64ana.report import budget as view

        return view.table(self)


# --------------------------------------------------------------------- checks


def _fault(source: Source) -> str:
    numbers = {
        "value": source.value,
        "statistical": source.statistical,
        "systematic": source.systematic,
        "upper": 0.0 if source.upper is None else source.upper,
    }
    for key, number in numbers.items():
        if not math.isfinite(number) or number < 0:
            what = "error" if key in _PARTS else "number of events"
            return f"{key} is {number}; an expected {what} is finite and not negative"
    if not source.name:
        return "it has no name"
    if source.upper is None:
        if source.upper_cl is not None:
            return "a confidence level without a bound ('upper')"
        if not source.error and not source.exact:
            return (
                "its error is zero; give 'statistical' or 'systematic', or 'upper' for a bound, "
                "or say 'exact: true'"
            )
        return "it is exact and has an error" if source.error and source.exact else ""
    if source.value or source.error or source.exact:
        return "give a value with its errors, or a bound ('upper'), not both"
    if source.upper_cl is not None and not 0 < source.upper_cl < 1:
        return f"upper_cl is {source.upper_cl}; a confidence level is between 0 and 1"
    return ""


def _check_names(budget: Budget) -> None:
    names = Counter([*(s.name for s in budget.sources), *(m.name for m in budget.missing)])
    twice = next((name for name, n in names.items() if n > 1), None)
    if twice is not None:
        msg = f"two background sources are called '{printable(twice)}'"
        raise BackgroundError(msg)
    if not names:
        msg = "the background budget has no source; a background of zero is a source too"
        raise BackgroundError(msg)


def _check_correlation(correlation: Correlation, budget: Budget) -> None:
    first, second = correlation.first, correlation.second
    value, part = correlation.value, correlation.part
    pair = _names((first, second))
    for name in (first, second):
        if budget[name].upper is not None:
            msg = f"correlation of {pair}: '{printable(name)}' is a bound and has no error"
            raise BackgroundError(msg)
    if first == second:
        msg = f"correlation of {pair}: they are the same source"
        raise BackgroundError(msg)
    if part not in _PARTS:
        msg = (
            f"correlation of {pair}: '{printable(str(part))}' is none of {', '.join(_PARTS)}"
            f"{nearest(str(part), _PARTS)}"
        )
        raise BackgroundError(msg)
    if not -1 <= value <= 1:
        msg = f"correlation of {pair} is {value}; it must lie between -1 and 1"
        raise BackgroundError(msg)


def _check_factor(factor: SharedFactor, budget: Budget) -> None:
    what = f"factor '{printable(factor.name)}'"
    if len(set(factor.sources)) < len(factor.sources):
        msg = f"{what}: a source is named twice"
        raise BackgroundError(msg)
    for name in factor.sources:
        source = budget[name]
        share = source.value * factor.relative
        if source.systematic < share * (1 - _ROUNDING):
            msg = (
                f"{what}: its error makes {share:.3g} events of '{printable(name)}', whose "
                f"systematic error is {source.systematic:.3g}; the error of a shared factor must "
                "be part of it"
            )
            raise BackgroundError(msg)


def _check_positive(matrix: np.ndarray, budget: Budget, what: str) -> None:
    if not len(matrix):
        return
    values, vectors = np.linalg.eigh(matrix)
    if values[0] >= -_ROUNDING * len(matrix):
        return
    culprits = [s.name for s, x in zip(budget.sources, vectors[:, 0], strict=True) if abs(x) > 0.1]
    msg = (
        f"{what} is not positive semidefinite (eigenvalue {values[0]:.3g}): no errors can be "
        f"correlated so; look at {_names(culprits)}"
    )
    raise BackgroundError(msg)


def _index(name: str, budget: Budget) -> int:
    names = [source.name for source in budget.sources]
    if name not in names:
        known = ", ".join(map(printable, names))
        near = nearest(name, names)
        msg = f"no background source '{printable(name)}' (sources: {known}){near}"
        raise BackgroundError(msg)
    return names.index(name)


def _error(source: Source, part: str) -> float:
    return {
        "total": source.error,
        "statistical": source.statistical,
        "systematic": source.systematic,
    }[part]


def _pair(first: str, second: str) -> tuple[str, str]:
    return (first, second) if first <= second else (second, first)


def _pairs(names: tuple[str, ...]) -> list[tuple[str, str]]:
    return [_pair(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]


def _names(names: Iterable[str]) -> str:
    return " and ".join(f"'{printable(name)}'" for name in names)
