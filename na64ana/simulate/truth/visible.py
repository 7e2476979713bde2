"""What the particles of an event of the visible mode do, in the dump and behind it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from na64ana.simulate.arrays import FloatArray, IntArray
from na64ana.simulate.truth.event import Truth, columns_of

__all__ = ["VisibleTruth", "in_dump"]


@dataclass(slots=True)
class VisibleTruth(Truth):
    """What happens in an event of the visible mode.

    ``em_energy`` and the hadronic energies are what reaches ECAL and HCAL.
    """

    dump_energy: FloatArray
    """(n,) electromagnetic shower in WCAL, GeV."""
    dump_hadronic: FloatArray
    """(n,) hadronic energy left in WCAL, GeV."""
    dump_charged: IntArray
    """(n,) charged particles that leave WCAL: through catcher and V2."""
    decay_charged: IntArray
    """(n,) charged particles through S4."""


def in_dump(truth: Truth) -> VisibleTruth:
    """Put the electromagnetic shower of the ECAL into the dump; charged particles cross all."""
    charged = truth.charged + np.count_nonzero(truth.muon_energy > 0, axis=1)
    own = {
        "dump_energy": truth.em_energy,
        "em_energy": np.zeros(len(truth)),
        "pair_depth": np.zeros(len(truth)),
        "dump_hadronic": np.zeros(len(truth)),
        "dump_charged": charged,
        "decay_charged": charged.copy(),
    }
    return VisibleTruth(**(columns_of(truth) | own))
