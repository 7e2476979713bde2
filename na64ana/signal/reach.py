"""The reach of a setup: the coupling against the mass at which so many events are expected."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from na64ana.errors import SignalError, printable
from na64ana.signal.models import InvisibleModel, signal_yield
from na64ana.signal.setups import Setup

__all__ = ["Reach", "masses_of", "reach"]

MOST_MASSES = 10_000


@dataclass(frozen=True)
class Reach:
    """Upper limits on a coupling.

    Attributes
    ----------
    model : InvisibleModel
    setup : Setup
    events : float
        Signal events that are excluded.
    masses : tuple of float
        GeV, in the order given.
    limit : tuple of float or None
        epsilon; None where nothing is expected, however strong the coupling.
    """

    model: InvisibleModel
    setup: Setup
    events: float
    masses: tuple[float, ...]
    limit: tuple[float | None, ...]


def reach(model: InvisibleModel, setup: Setup, masses: Iterable[float], events: float) -> Reach:
    """Return the coupling at each mass at which ``events`` signal events are expected.

    Parameters
    ----------
    model : InvisibleModel
    setup : Setup
    masses : iterable of float
        GeV.
    events : float
        Upper limit on signal events, such as 2.30 for none seen and none expected (90% CL).

    Raises
    ------
    SignalError
        For an exposure of 0, events that are no positive number, or a mass that is none.
    """
    if not (math.isfinite(events) and events > 0):
        msg = f"events is {events:g}: it must be a positive number"
        raise SignalError(msg)
    if not setup.exposure:
        msg = f"setup '{printable(setup.name)}' has no exposure: there is no limit"
        raise SignalError(msg)
    found = tuple(float(mass) for mass in masses)
    yields = [setup.exposure * signal_yield(model, mass, setup) for mass in found]
    limit = tuple(math.sqrt(events / n) if n > 0 else None for n in yields)
    return Reach(model, setup, events, found, limit)


def masses_of(text: str) -> tuple[float, ...]:
    """Return masses in GeV from ``0.001,0.01,0.1``, or from ``0.001:1:31`` in equal ratios.

    Raises
    ------
    SignalError
        The text is neither.
    """
    try:
        if ":" in text:
            low, high, number = text.split(":")
            first, last, count = float(low), float(high), int(number)
            if not (0 < first < last < math.inf and 2 <= count <= MOST_MASSES):
                raise ValueError
            step = math.log(last / first) / (count - 1)
            return (*(first * math.exp(step * i) for i in range(count - 1)), last)
        masses = tuple(float(word) for word in text.split(","))
        if not all(0 < mass < math.inf for mass in masses) or len(masses) > MOST_MASSES:
            raise ValueError
    except ValueError:
        msg = (
            f"masses '{printable(text)}': give numbers in GeV, as 0.001,0.01,0.1, or lowest, "
            "highest and how many, as 0.001:1:31"
        )
        raise SignalError(msg) from None
    return masses
