"""Constants that several kinds of physics use."""

from __future__ import annotations

__all__ = ["ELECTRON_MASS", "ELECTRON_RADIUS", "FINE_STRUCTURE", "MUON_MASS"]

ELECTRON_MASS = 0.000511
"""GeV (R-H, PDG)."""
MUON_MASS = 0.10566
"""GeV (R-H, PDG)."""
FINE_STRUCTURE = 1 / 137.036
"""Of QED (R-H, PDG)."""
ELECTRON_RADIUS = 2.8179403e-13
"""Classical radius of the electron, cm (R-H, PDG)."""
