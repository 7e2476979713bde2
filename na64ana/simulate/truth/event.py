"""What the particles of an event do before any detector measures it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np

from na64ana.simulate.arrays import FloatArray, IntArray
from na64ana.simulate.physics.constants import ELECTRON_MASS

__all__ = ["Crossing", "Truth", "blank", "columns_of", "join"]


@dataclass(slots=True)
class Truth:
    """True energies and directions of n events, one particle and its secondaries each.

    Energies in GeV, lengths in mm, angles in mrad.
    """

    radiating_energy: FloatArray
    """(n,) energy of the charged particle in the bending magnets; 0 where there is none."""
    radiating_mass: FloatArray
    """(n,) its mass, GeV: a hadron or muon hardly radiates."""
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
    hcal_hadronic: FloatArray
    """(n, 4) hadronic energy left in the HCAL modules; module 3 is on the undeflected axis."""
    hcal_x: FloatArray
    """(n,) position of hadrons at the HCAL, from the centre of the central cell."""
    hcal_y: FloatArray
    """(n,) like `hcal_x`, vertical."""
    vhcal_energy: FloatArray
    """(n,) energy into the VHCAL."""
    charged: IntArray
    """(n,) charged hadrons through the VETO."""
    muon_energy: FloatArray
    """(n, 2) energies of muons behind the ECAL; 0 where there is none."""
    muon_x: FloatArray
    """(n, 2) their positions at the HCAL, from the centre of the central cell."""
    muon_y: FloatArray
    """(n, 2) like `muon_x`, vertical."""
    pair_depth: FloatArray
    """(n,) where in the ECAL they are made, mm behind its face; 0 for muons from in front."""
    mediator_energy: FloatArray
    """(n,) energy of the mediator of a signal; 0 elsewhere."""

    def __len__(self) -> int:
        return len(self.momentum)

    def take(self, index: IntArray) -> Self:
        """Return the events at `index`, in that order."""
        return type(self)(**{name: array[index] for name, array in columns_of(self).items()})


@dataclass(slots=True)
class Crossing:
    """The particle that made the trigger, and for some events others beside it."""

    prompt: Truth
    rows: IntArray
    """(m,) the event of each other particle, never falling; an event may have several."""
    second: Truth
    """m entries: the other particles."""
    delay: FloatArray
    """(m,) time of each other particle after the first, ns."""

    @classmethod
    def single(cls, prompt: Truth) -> Crossing:
        """Make events without pile-up."""
        none = np.zeros(0, dtype=np.int64)
        return cls(prompt, none, prompt.take(none), np.zeros(0))

    def __len__(self) -> int:
        return len(self.prompt)

    def rounds(self) -> Iterator[IntArray]:
        """Yield positions of other particles, so that none of a round share an event."""
        nth = np.arange(len(self.rows)) - np.searchsorted(self.rows, self.rows)
        for k in range(int(nth.max(initial=-1)) + 1):
            yield np.flatnonzero(nth == k)


def blank(n: int) -> Truth:
    """Make n events in which nothing happens."""
    width = dict.fromkeys(("ecal_hadronic", "muon_energy", "muon_x", "muon_y"), 2)
    width["hcal_hadronic"] = 4
    columns: dict[str, Any] = {
        f.name: np.zeros((n, width[f.name]) if f.name in width else n) for f in fields(Truth)
    }
    columns["radiating_mass"] += ELECTRON_MASS
    columns["charged"] = np.zeros(n, dtype=np.int64)
    return Truth(**columns)


def columns_of(truth: Truth) -> dict[str, Any]:
    """Return the arrays of events by name, to make events of another class of them."""
    return {f.name: getattr(truth, f.name) for f in fields(truth)}


def join(parts: Sequence[Truth]) -> Truth:
    """Put events one after another, all of one class."""
    columns = [columns_of(part) for part in parts]
    return type(parts[0])(**{k: np.concatenate([c[k] for c in columns]) for k in columns[0]})
