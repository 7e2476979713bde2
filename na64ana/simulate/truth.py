"""What the particles of an event do before any detector measures it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["BoolArray", "Crossing", "FloatArray", "IntArray", "Truth", "blank", "join"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(slots=True)
class Truth:
    """True energies and directions of n events, one particle and its secondaries each.

    Energies in GeV, lengths in mm, angles in mrad, depths in interaction lengths.
    """

    radiating_energy: FloatArray
    """(n,) energy of the electron in the bending magnets; 0 for a hadron: no radiation."""
    momentum: FloatArray
    """(n,) momentum in the upstream spectrometer."""
    angle: FloatArray
    """(n,) incoming angle."""
    extra_hits: FloatArray
    """(n,) mean number of straw hits per plane beside the beam particle's."""
    x: FloatArray
    """(n,) impact on the ECAL, from the centre of the beam cell."""
    y: FloatArray
    """(n,) like `x`, vertical."""
    em_energy: FloatArray
    """(n,) electromagnetic shower in the ECAL."""
    ecal_hadronic: FloatArray
    """(n, 2) hadronic energy left in preshower and main part of the ECAL."""
    hcal_energy: FloatArray
    """(n,) hadronic shower that enters HCAL module 0."""
    hcal_start: FloatArray
    """(n,) depth in the HCAL at which it starts."""
    hcal_x: FloatArray
    """(n,) its position at the HCAL, from the centre of the central cell."""
    hcal_y: FloatArray
    """(n,) like `hcal_x`, vertical."""
    zero_degree: FloatArray
    """(n,) energy into HCAL module 3, on the undeflected axis."""
    vhcal_energy: FloatArray
    """(n,) energy into the VHCAL."""
    charged: IntArray
    """(n,) charged hadrons through the VETO."""
    muon_energy: FloatArray
    """(n, 2) energies of muons from the ECAL; 0 where there is none."""
    mediator_energy: FloatArray
    """(n,) energy of the mediator of a signal; 0 elsewhere."""
    weight: FloatArray
    """(n,) weight of the event, 1 unless the process is biased."""

    def __len__(self) -> int:
        return len(self.momentum)

    def take(self, index: IntArray) -> Truth:
        """Return the events at `index`, in that order."""
        return Truth(**{f.name: getattr(self, f.name)[index] for f in fields(self)})


@dataclass(slots=True)
class Crossing:
    """The particle that made the trigger, and for some events a second one beside it."""

    prompt: Truth
    rows: IntArray
    """(m,) events that have a second particle, rising."""
    second: Truth
    """m entries: the second particles."""
    delay: FloatArray
    """(m,) time of the second particle after the first, ns."""

    @classmethod
    def single(cls, prompt: Truth) -> Crossing:
        """Make events without pile-up."""
        return cls(prompt, np.zeros(0, dtype=np.int64), blank(0), np.zeros(0))

    def __len__(self) -> int:
        return len(self.prompt)


def blank(n: int) -> Truth:
    """Make n events in which nothing happens."""
    pairs = {"ecal_hadronic", "muon_energy"}
    columns: dict[str, Any] = {
        f.name: np.zeros((n, 2) if f.name in pairs else n) for f in fields(Truth)
    }
    columns["charged"] = np.zeros(n, dtype=np.int64)
    columns["weight"] = np.ones(n)
    return Truth(**columns)


def join(parts: Sequence[Truth]) -> Truth:
    """Put events one after another."""
    names = [f.name for f in fields(Truth)]
    return Truth(**{name: np.concatenate([getattr(p, name) for p in parts]) for name in names})
