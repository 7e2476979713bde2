"""Materials of the calorimeters; all R-H, PDG, atomic and nuclear properties."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["IRON", "LEAD", "LEAD_TUNGSTATE", "SCINTILLATOR", "TUNGSTEN", "Material"]


@dataclass(frozen=True, slots=True)
class Material:
    """What a calorimeter is made of (all R-H, PDG, atomic and nuclear properties).

    Attributes
    ----------
    name : of the material.
    atomic_number : Z, of a compound the mean by weight.
    density : g/cm^3.
    radiation_length, interaction_length : g/cm^2; the latter of nucleons.
    critical_energy : of electrons, GeV.
    """

    name: str
    atomic_number: float
    density: float
    radiation_length: float
    interaction_length: float
    critical_energy: float

    def __str__(self) -> str:
        return self.name


LEAD = Material("lead", 82.0, 11.35, 6.37, 199.6, 7.43e-3)
IRON = Material("iron", 26.0, 7.874, 13.84, 132.1, 21.68e-3)
TUNGSTEN = Material("tungsten", 74.0, 19.30, 6.76, 191.9, 7.97e-3)
SCINTILLATOR = Material("polystyrene", 5.6, 1.06, 43.79, 81.7, 93.11e-3)
LEAD_TUNGSTATE = Material("lead tungstate", 68.3, 8.30, 7.39, 168.3, 9.64e-3)
"""PbWO4; all R-H, PDG, atomic and nuclear properties."""
