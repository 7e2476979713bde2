"""Mesons that decay invisibly: from counts to a limit on a branching ratio.

A beam of pions makes eta and eta' by charge exchange, pi- A -> eta n A', and all of its energy is
missing if they decay invisibly: N = BR (mesons made) efficiency, so that

    BR < (upper limit on events)/(mesons made x efficiency)

How many are made in the target and the efficiency of NA64h are not published: `mesons_seen` says
what product the published limits stand for.
"""

from __future__ import annotations

from dataclasses import dataclass

from na64ana.errors import SignalError
from na64ana.signal.checks import one_number

__all__ = ["MESON_LIMITS", "MesonLimit", "branching_limit", "mesons_seen"]


@dataclass(frozen=True)
class MesonLimit:
    """A published limit on an invisible decay.

    Attributes
    ----------
    meson : str
    branching_ratio : float
        Upper limit.
    cl : float
        Confidence level.
    exposure : float
        Pions on target.
    source : str
    """

    meson: str
    branching_ratio: float
    cl: float
    exposure: float
    source: str


_NA64H = (
    "arXiv:2406.01990, abstract: pi- of 50 GeV, no event; that no background is expected, and the "
    "confidence level, are taken from the convention of the field"
)
#: by meson
MESON_LIMITS = {
    "eta": MesonLimit("eta", 1.1e-4, 0.9, 2.9e9, _NA64H),
    "eta'": MesonLimit("eta'", 2.1e-4, 0.9, 2.9e9, _NA64H),
}


def branching_limit(events: float, mesons: float, efficiency: float = 1.0) -> float:
    """Return the upper limit on a branching ratio.

    Parameters
    ----------
    events : float
        Upper limit on signal events, as `na64ana.limits.upper_limit` gives it.
    mesons : float
        Made on the target.
    efficiency : float
        Of an event with an invisible decay, from 0 to 1.

    Returns
    -------
    float
        1 where nothing is excluded. Its relative error is that of the product of mesons and
        efficiency.

    Raises
    ------
    SignalError
        For numbers that are not positive, and an efficiency above 1.
    """
    seen = one_number(mesons, "mesons") * one_number(efficiency, "efficiency")
    if efficiency > 1:
        msg = f"efficiency is {efficiency:g}: it must not be above 1"
        raise SignalError(msg)
    return min(one_number(events, "events") / seen, 1.0)


def mesons_seen(limit: MesonLimit, events: float) -> float:
    """Return mesons made times efficiency, per beam particle, that a published limit stands for.

    Parameters
    ----------
    limit : MesonLimit
    events : float
        Upper limit on signal events that it rests on.
    """
    return one_number(events, "events") / (limit.branching_ratio * limit.exposure)
