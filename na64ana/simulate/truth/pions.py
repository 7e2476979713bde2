"""What the particles of an event with a beam of pions do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from na64ana.simulate.arrays import FloatArray
from na64ana.simulate.truth.event import Truth, blank, columns_of

__all__ = ["PionTruth", "pion_blank"]


@dataclass(slots=True)
class PionTruth(Truth):
    """True energies of n events with a beam of pions."""

    ionisation: FloatArray
    """(n, 2) what the pion leaves in preshower and main part before it interacts, GeV."""


def pion_blank(n: int) -> PionTruth:
    """Make n events in which nothing happens."""
    return PionTruth(**columns_of(blank(n)), ionisation=np.zeros((n, 2)))
