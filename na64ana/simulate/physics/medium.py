"""A sandwich of absorber and scintillator as one effective medium.

Means by weight, as Grindhammer and Peters take them for sampling calorimeters
(hep-ex/0001020); interaction lengths add up along the way.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from na64ana.simulate.parameters.materials import Material
from na64ana.simulate.parameters.showers import Shower

__all__ = ["Medium", "Sandwich", "medium"]


class Sandwich(Protocol):
    """A calorimeter of layers."""

    @property
    def absorber(self) -> Material:
        """Material of the first part of a layer."""

    @property
    def active(self) -> Material:
        """Material of the second part."""

    @property
    def thickness(self) -> tuple[float, float]:
        """Of both parts, mm."""

    @property
    def layers(self) -> int:
        """How many."""


@dataclass(frozen=True, slots=True)
class Medium:
    """What a shower sees of a calorimeter.

    Attributes
    ----------
    radiation_length, interaction_length, moliere_radius : mm.
    critical_energy : GeV.
    atomic_number : mean by weight.
    sampling : radiation length over the thickness of a layer, F_S.
    signal_ratio : e/mip, the response to electrons over that to minimum-ionising particles.
    depth : thickness of the calorimeter or module, mm.
    """

    radiation_length: float
    interaction_length: float
    moliere_radius: float
    critical_energy: float
    atomic_number: float
    sampling: float
    signal_ratio: float
    depth: float


@lru_cache(maxsize=32)
def medium(calorimeter: Sandwich, shower: Shower) -> Medium:
    """Compute the effective medium of a calorimeter."""
    parts = list(
        zip((calorimeter.absorber, calorimeter.active), calorimeter.thickness, strict=True)
    )
    layer = sum(thickness for _, thickness in parts)
    mass = sum(part.density * thickness for part, thickness in parts) / 10  # g/cm^2
    share = {part: part.density * thickness / 10 / mass for part, thickness in parts}
    inverse_length = sum(w / part.radiation_length for part, w in share.items())  # cm^2/g
    ionisation = sum(w * part.critical_energy / part.radiation_length for part, w in share.items())
    millimetres = layer / mass  # per g/cm^2
    charge = calorimeter.absorber.atomic_number - calorimeter.active.atomic_number
    return Medium(
        radiation_length=millimetres / inverse_length,
        interaction_length=millimetres / sum(w / m.interaction_length for m, w in share.items()),
        moliere_radius=millimetres * shower.moliere_energy / ionisation,
        critical_energy=ionisation / inverse_length,
        atomic_number=sum(w * part.atomic_number for part, w in share.items()),
        sampling=millimetres / inverse_length / layer,
        signal_ratio=1 / (1 + shower.signal_ratio * charge),
        depth=calorimeter.layers * layer,
    )
