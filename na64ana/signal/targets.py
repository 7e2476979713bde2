"""What the beam hits: elements, mixtures of them, and the lead-scintillator sandwich of the ECAL.

Values are those of the Particle Data Group, S. Navas et al., Phys. Rev. D 110, 030001 (2024),
"Atomic and nuclear properties of materials". Radiation lengths of mixtures follow from those of
the elements by 1/X0 = sum of w_i/X0_i with mass fractions w_i (Bragg additivity, the same review,
"Passage of particles through matter"); it is good to about 1%, less for hydrogen compounds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from na64ana.errors import SignalError, nearest, printable
from na64ana.signal.constants import ATOMIC_MASS_UNIT, AVOGADRO

__all__ = ["Mixture", "Target", "ecal_sandwich", "mixture", "polystyrene", "target"]

#: how far fractions may be from a sum of 1
FRACTION_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Target:
    """An element as a target.

    Attributes
    ----------
    name : str
        Chemical symbol.
    Z : int
        Charge of the nucleus.
    A : float
        Molar mass in g/mol.
    X0 : float
        Radiation length in g/cm^2.
    density : float
        In g/cm^3.
    """

    name: str
    Z: int
    A: float
    X0: float
    density: float

    @property
    def nuclear_mass(self) -> float:
        """Mass of the nucleus in GeV: A atomic mass units (electrons and binding are < 1e-3)."""
        return self.A * ATOMIC_MASS_UNIT

    @property
    def nuclei_per_x0(self) -> float:
        """Nuclei per cm^2 in one radiation length, N_A X0/A."""
        return AVOGADRO * self.X0 / self.A

    @property
    def electrons_per_x0(self) -> float:
        """Electrons per cm^2 in one radiation length, Z N_A X0/A."""
        return self.Z * self.nuclei_per_x0


@dataclass(frozen=True)
class Mixture:
    """Elements mixed, or in layers so thin that a shower does not see them apart.

    Attributes
    ----------
    name : str
    components : tuple of (Target, float)
        Elements with their fractions by mass; these sum to 1.
    density : float
        Mean density in g/cm^3.
    """

    name: str
    components: tuple[tuple[Target, float], ...]
    density: float

    @property
    def X0(self) -> float:
        """Radiation length in g/cm^2 by Bragg additivity."""
        return 1 / sum(fraction / element.X0 for element, fraction in self.components)

    @property
    def nuclei_per_x0(self) -> dict[str, float]:
        """Nuclei of each element per cm^2 in one radiation length."""
        return {
            element.name: AVOGADRO * self.X0 * fraction / element.A
            for element, fraction in self.components
        }

    @property
    def electrons_per_x0(self) -> float:
        """Electrons per cm^2 in one radiation length."""
        nuclei = self.nuclei_per_x0
        return sum(element.Z * nuclei[element.name] for element, _ in self.components)


# PDG 2024, "Atomic and nuclear properties of materials", one page for each element.
_ELEMENTS = {
    "H": Target("H", 1, 1.008, 63.04, 0.07080),  # liquid
    "C": Target("C", 6, 12.0107, 42.70, 2.210),  # graphite
    "Fe": Target("Fe", 26, 55.845, 13.84, 7.874),
    "W": Target("W", 74, 183.84, 6.76, 19.30),
    "Pb": Target("Pb", 82, 207.2, 6.37, 11.35),
}


def target(name: str | Target | Mixture) -> Target:
    """Return an element by its symbol: ``Pb``, ``W``, ``Fe``, ``C`` or ``H``.

    Raises
    ------
    SignalError
        If the element is not known, or if it is a mixture, which has no single nucleus.
    """
    if isinstance(name, Target):
        return name
    if isinstance(name, Mixture):
        parts = ", ".join(element.name for element, _ in name.components)
        msg = (
            f"'{printable(name.name)}' is a mixture: cross sections are for one nucleus. Ask for "
            f"each of {parts} and weight by nuclei_per_x0"
        )
        raise SignalError(msg)
    if name not in _ELEMENTS:
        text = str(name)
        msg = (
            f"unknown target '{printable(text)}'{nearest(text, _ELEMENTS)}; "
            f"known: {', '.join(_ELEMENTS)}. For another element make a Target(name, Z, A, X0, "
            "density)"
        )
        raise SignalError(msg)
    return _ELEMENTS[name]


def mixture(
    name: str, fractions: Mapping[str | Target | Mixture, float], *, by: str = "mass"
) -> Mixture:
    """Mix elements or other mixtures.

    Parameters
    ----------
    name : str
        What to call it.
    fractions : mapping
        Elements, or mixtures, and the fraction of each; these sum to 1.
    by : str
        Whether fractions are of the ``"mass"`` or, as in a stack of plates, of the
        ``"thickness"``.

    Raises
    ------
    SignalError
        If fractions are not positive or do not sum to 1, or an element is not known.
    """
    if by not in ("mass", "thickness"):
        msg = f"fractions by '{printable(str(by))}' are not known; known: mass, thickness"
        raise SignalError(msg)
    _check_fractions(name, fractions)
    parts = [
        (part if isinstance(part, Mixture) else target(part), float(fraction))
        for part, fraction in fractions.items()
    ]
    if by == "thickness":
        density = sum(fraction * part.density for part, fraction in parts)
        parts = [(part, fraction * part.density / density) for part, fraction in parts]
    else:
        density = 1 / sum(fraction / part.density for part, fraction in parts)
    masses: dict[Target, float] = {}
    for part, fraction in parts:
        inner = part.components if isinstance(part, Mixture) else ((part, 1.0),)
        for element, share in inner:
            masses[element] = masses.get(element, 0.0) + fraction * share
    return Mixture(name, tuple(masses.items()), density)


def _check_fractions(name: str, fractions: Mapping[str | Target | Mixture, float]) -> None:
    for part, fraction in fractions.items():
        label = part if isinstance(part, str) else part.name
        if not (math.isfinite(fraction) and fraction > 0):
            msg = (
                f"mixture '{printable(name)}': the fraction of {printable(label)} is "
                f"{fraction:g}; it must be positive"
            )
            raise SignalError(msg)
    if abs((total := sum(fractions.values())) - 1) > FRACTION_TOLERANCE:
        msg = f"mixture '{printable(name)}': the fractions sum to {total:g} and not to 1"
        raise SignalError(msg)


def polystyrene() -> Mixture:
    """Plastic scintillator, C8H8 with 1.060 g/cm^3 (PDG 2024, "Polystyrene")."""
    carbon, hydrogen = target("C"), target("H")
    share = carbon.A / (carbon.A + hydrogen.A)
    plastic = mixture("polystyrene", {carbon: share, hydrogen: 1 - share})
    return Mixture(plastic.name, plastic.components, 1.060)


def ecal_sandwich() -> Mixture:
    """NA64's ECAL: plates of 1.5 mm lead and 1.5 mm plastic scintillator.

    Thicknesses from memory of arXiv:1710.00971, not read there again.
    """
    return mixture("ECAL", {target("Pb"): 0.5, polystyrene(): 0.5}, by="thickness")
