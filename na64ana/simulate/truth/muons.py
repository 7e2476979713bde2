"""What the particles of a muon event do before any detector measures it."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from na64ana.simulate.arrays import FloatArray
from na64ana.simulate.truth.event import Truth, blank, columns_of

__all__ = ["MuonTruth", "muon_blank"]


@dataclass(slots=True)
class MuonTruth(Truth):
    """True energies and directions of n events with a beam of muons.

    Of the base, `momentum` is that in the incoming spectrometer and `muon_energy[:, 0]` that of
    the muon behind the ECAL. Energies in GeV, angles in mrad, depths in radiation lengths.
    """

    ionisation: FloatArray
    """(n, 2) what the beam particle leaves in preshower and main part of the ECAL."""
    pairs: FloatArray
    """(n,) energy of e+e- pairs, along the whole ECAL."""
    photon: FloatArray
    """(n,) energy of a photon from bremsstrahlung in the ECAL."""
    photon_depth: FloatArray
    """(n,) where it is radiated."""
    outgoing: FloatArray
    """(n,) momentum of the track in the outgoing spectrometer; 0 where there is none."""
    angle_x: FloatArray
    """(n,) its angle to the beam, in the plane of the bend."""
    angle_y: FloatArray
    """(n,) the same, vertical."""
    lost: FloatArray
    """(n,) energy that no detector can see: neutrinos, hadrons beside the HCAL."""
    accidental: FloatArray
    """(n,) 1 where another muon hits the counters of the trigger."""


def muon_blank(n: int) -> MuonTruth:
    """Make n events in which nothing happens."""
    columns = columns_of(blank(n))
    for f in fields(MuonTruth):
        columns.setdefault(f.name, np.zeros((n, 2) if f.name == "ionisation" else n))
    return MuonTruth(**columns)
