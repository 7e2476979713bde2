"""The reach of setups: the couplings at each mass at which so many events are expected."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from na64ana.errors import SignalError, UnitError, printable
from na64ana.limits import Scan, curve_of, scan
from na64ana.progress import progress_bar
from na64ana.signal.checks import numbers
from na64ana.signal.response import Model, Response
from na64ana.signal.setups import Setup
from na64ana.units import number_in

__all__ = ["Piece", "Reach", "masses_of", "reach"]

MOST_MASSES = 10_000
#: couplings looked at in each decade
PER_DECADE = 8


class Piece(NamedTuple):
    """An excluded region without gaps, by rising mass.

    Attributes
    ----------
    masses : list of float
        GeV.
    low, high : list of float
        Edges; 0 and infinity where the region goes on beyond the couplings looked at.
    """

    masses: list[float]
    low: list[float]
    high: list[float]


@dataclass(frozen=True)
class Reach:
    """Couplings that are excluded.

    Attributes
    ----------
    model : Model
    setups : tuple of Setup
    masses : tuple of float
        GeV, in the order given.
    scan : Scan
        Excluded couplings by rising mass, for each limit in events.
    """

    model: Model
    setups: tuple[Setup, ...]
    masses: tuple[float, ...]
    scan: Scan

    def edges(self, curve: str = "limit") -> tuple[list[float | None], list[float | None]]:
        """Return lower and upper edges in the order of the masses, None where there is none."""
        found = curve_of(self.scan, curve)
        low, high = (
            dict(zip(found.mass, (None if math.isnan(x) else x for x in side), strict=True))
            for side in (found.low, found.high)
        )
        return [low[mass] for mass in self.masses], [high[mass] for mass in self.masses]

    def flags(self, curve: str = "limit") -> list[str]:
        """Return what a curve excludes in the order of the masses, one of `FLAGS` of a scan."""
        found = curve_of(self.scan, curve)
        flags = dict(zip(found.mass, found.flags, strict=True))
        return [flags[mass] for mass in self.masses]

    def pieces(self, curve: str = "limit") -> tuple[Piece, ...]:
        """Return the regions that a curve excludes; a mass with nothing excluded ends a region.

        Where several bands of couplings are excluded at a mass, the first goes on in the first of
        the next mass, and so on.
        """
        found: list[Piece] = []
        before: list[Piece] = []
        for point in self.scan.points:
            here = []
            for i, band in enumerate(point.bands[curve]):
                if i < len(before):
                    piece = before[i]
                else:
                    piece = Piece([], [], [])
                    found.append(piece)
                piece.masses.append(point.mass)
                piece.low.append(0.0 if band.low_open else band.low)
                piece.high.append(math.inf if band.high_open else band.high)
                here.append(piece)
            before = here
        return tuple(found)

    @property
    def names(self) -> list[str]:
        """Names of the limits in events, the one that counts first."""
        return list(self.scan.points[0].limits)

    @property
    def limit(self) -> tuple[float | None, ...]:
        """Lower edges, which are upper limits where all stronger couplings are excluded too."""
        return tuple(self.edges(self.names[0])[0])

    @property
    def two_sided(self) -> bool:
        """Whether the strongest couplings are not excluded at some mass."""
        return any(edge is not None for curve in self.names for edge in self.edges(curve)[1])

    def __repr__(self) -> str:
        names = ", ".join(run.name for run in self.setups)
        return f"<Reach of {self.model.name}: {len(self.masses)} masses, {names}>"

    def _repr_html_(self) -> str:
        from na64ana.report.notebook_limits import reach

        return reach(self)


def reach(
    model: Model,
    setup: Setup | Iterable[Setup],
    masses: Iterable[float],
    events: float | Mapping[str, Any],
    *,
    progress: Callable[[int, int], None] | bool | None = None,
) -> Reach:
    """Return the couplings at each mass at which more than ``events`` signal events are expected.

    Parameters
    ----------
    model : Model
    setup : Setup or several
        Whose events are added.
    masses : iterable of float
        GeV.
    events : float, or dict of str to float
        Upper limit on signal events, such as 2.30 for none seen and none expected (90% CL); or
        several by name, as `limits_in_events` gives them.
    progress : bool or callable, optional
        Whether to show a bar; by default, if standard error is a terminal or a notebook. Or what
        is called with the number of masses finished and that of all.

    Raises
    ------
    SignalError
        For no setup or no exposure, a setup that is there twice, or a mass at which the model or
        its formulas make no sense.
    LimitError
        For limits in events that are no positive numbers, and masses that are not different ones.
    """
    setups = (setup,) if isinstance(setup, Setup) else tuple(setup)
    if not setups:
        msg = "no setup was given: there is no limit"
        raise SignalError(msg)
    if not any(run.exposure for run in setups):
        names = ", ".join(printable(run.name) for run in setups)
        msg = f"setup '{names}' has no exposure: there is no limit"
        raise SignalError(msg)
    for i, run in enumerate(setups):
        if run in setups[:i]:
            msg = f"setup '{printable(run.name)}' is there twice: its events would count twice"
            raise SignalError(msg)
    found = tuple(numbers(list(masses), "masses").tolist())
    made: dict[float, list[Response]] = {}

    def expected(mass: float, coupling: Any) -> Any:
        if mass not in made:
            made.clear()  # masses are looked at one after the other
            made[mass] = [model.response(mass, run) for run in setups]
        return sum(run.exposure * made[mass][i](coupling) for i, run in enumerate(setups))

    low, high = model.couplings
    with _told(len(found), progress) as told:
        result = scan(
            expected, found, events, couplings=model.couplings,
            steps=1 + math.ceil(PER_DECADE * math.log10(high / low)),
            coupling=model.coupling, settings={"model": model.as_dict()}, progress=told,
        )  # fmt: skip
    return Reach(model, setups, found, result)


@contextmanager
def _told(
    masses: int, progress: Callable[[int, int], None] | bool | None
) -> Iterator[Callable[[int, int], None]]:
    """Yield what is to be called with the number of masses finished."""
    if callable(progress):
        yield progress
        return
    before = 0
    with progress_bar(masses, progress, what="masses") as advance:

        def told(done: int, _: int) -> None:
            nonlocal before
            advance(done - before)
            before = done

        yield told


def masses_of(text: str) -> tuple[float, ...]:
    """Return masses in GeV from ``0.001,0.01,0.1``, or from ``0.001:1:31`` in equal ratios.

    Each mass may carry a unit, as ``1 MeV:1 GeV:31``.

    Raises
    ------
    SignalError
        The text is neither, a unit is unknown, or only some masses carry one.
    """
    try:
        if ":" in text:
            low, high, number = text.split(":")
            first, last = _in_GeV(text, low, high)
            count = int(number)
            if not (0 < first < last < math.inf and 2 <= count <= MOST_MASSES):
                raise ValueError
            step = math.log(last / first) / (count - 1)
            return (*(first * math.exp(step * i) for i in range(count - 1)), last)
        masses = _in_GeV(text, *text.split(","))
        if not all(0 < mass < math.inf for mass in masses) or len(masses) > MOST_MASSES:
            raise ValueError
    except ValueError:
        msg = (
            f"masses '{printable(text)}': give numbers in GeV, as 0.001,0.01,0.1, or lowest, "
            f"highest and how many, as 0.001:1:31 or '1 MeV:1 GeV:31'; {MOST_MASSES} at most"
        )
        raise SignalError(msg) from None
    return masses


def _in_GeV(text: str, *words: str) -> tuple[float, ...]:
    """Masses in GeV; in ``1,10,100 MeV`` it would be a guess what the first ones are in."""
    with_unit = [any(map(str.isalpha, word.strip()[-1:])) for word in words]
    if any(with_unit) and not all(with_unit):
        msg = f"masses '{printable(text)}': give each a unit, or none of them; then they are in GeV"
        raise SignalError(msg)
    try:
        return tuple(number_in("GeV", word) for word in words)
    except UnitError as error:
        if not any(with_unit):
            raise ValueError from None
        raise SignalError(f"masses '{printable(text)}': {error}") from None
