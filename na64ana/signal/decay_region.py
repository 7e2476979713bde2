"""Which mediators a setup sees: by where they decay, and to what."""

from __future__ import annotations

from typing import Any

from na64ana.signal.decays import decay_probability
from na64ana.signal.setups import Setup

__all__ = ["seen_fraction"]


def seen_fraction(setup: Setup, length: Any, visible: float = 1.0) -> Any:
    """Return the fraction of mediators whose decays a setup looks for.

        visible decays:   B [exp(-start/L) - exp(-stop/L)]
        missing energy:   1 - B + B exp(-start/L)

    X flies along the beam, and all that its decays make is taken as caught.

    Parameters
    ----------
    setup : Setup
        Its efficiency and threshold are not applied.
    length : float or array
        Mean decay length L in m; infinite for what is stable.
    visible : float
        Branching ratio B to what a detector sees; the rest leaves no trace.

    Returns
    -------
    float or array

    Raises
    ------
    SignalError
        For a length that is not above 0.
    """
    if setup.sees == "visible":
        return visible * decay_probability(setup.start, setup.stop, length)
    return 1 - visible * decay_probability(0.0, setup.start, length)
