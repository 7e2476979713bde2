"""What the beam hits: elements, compounds and mixtures of them, and materials by name.

Where a shower develops, it counts radiation lengths of the whole material; the mediators that it
makes there come from each nucleus of it, and from all electrons. So elements and mixtures alike
say how many of both are in one radiation length: ``nuclei`` and ``electrons_per_x0``.

Values are those of the Particle Data Group, S. Navas et al., Phys. Rev. D 110, 030001 (2024),
"Atomic and nuclear properties of materials". Radiation lengths of mixtures follow from those of
the elements by 1/X0 = sum of w_i/X0_i with mass fractions w_i (Bragg additivity, the same review,
"Passage of particles through matter"); it is good to about 1%, less for hydrogen compounds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from na64ana.errors import SignalError, nearest, printable
from na64ana.signal.checks import one_number
from na64ana.signal.constants import ATOMIC_MASS_UNIT, AVOGADRO

__all__ = [
    "MATERIALS",
    "Material",
    "Mixture",
    "Target",
    "compound",
    "ecal_sandwich",
    "lead_tungstate",
    "material",
    "mixture",
    "polystyrene",
    "target",
]

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
    def components(self) -> tuple[tuple[Target, float], ...]:
        """The element itself, with a fraction by mass of 1, as of a `Mixture`."""
        return ((self, 1.0),)

    @property
    def nuclei(self) -> tuple[tuple[Target, float], ...]:
        """The element itself, with its nuclei per cm^2 in one radiation length."""
        return ((self, self.nuclei_per_x0),)

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
    def nuclei(self) -> tuple[tuple[Target, float], ...]:
        """Each element, with its nuclei per cm^2 in one radiation length of the mixture."""
        per_mass = AVOGADRO * self.X0
        return tuple(
            (element, per_mass * fraction / element.A) for element, fraction in self.components
        )

    @property
    def electrons_per_x0(self) -> float:
        """Electrons per cm^2 in one radiation length, N_A X0 times the mean of Z/A by mass."""
        return sum(element.Z * number for element, number in self.nuclei)


#: what a beam hits
Material = Target | Mixture


# PDG 2024, "Atomic and nuclear properties of materials", one page for each element.
_ELEMENTS = {
    "H": Target("H", 1, 1.008, 63.04, 0.07080),  # liquid
    "C": Target("C", 6, 12.0107, 42.70, 2.210),  # graphite
    "O": Target("O", 8, 15.999, 34.24, 1.141),  # liquid
    "Fe": Target("Fe", 26, 55.845, 13.84, 7.874),
    "W": Target("W", 74, 183.84, 6.76, 19.30),
    "Pb": Target("Pb", 82, 207.2, 6.37, 11.35),
}


def material(name: str | Material) -> Material:
    """Return an element by its symbol, or one of `MATERIALS`: ``PbWO4`` or ``ECAL``.

    Raises
    ------
    SignalError
        If there is none of that name.
    """
    if isinstance(name, Target | Mixture):
        return name
    if name in MATERIALS:
        return MATERIALS[name]()
    if name in _ELEMENTS:
        return _ELEMENTS[name]
    names, text = [*_ELEMENTS, *MATERIALS], str(name)
    msg = (
        f"unknown target '{printable(text)}'{nearest(text, names)}; known: {', '.join(names)}. For "
        "another element make a Target(name, Z, A, X0, density), for a compound of them call "
        "compound"
    )
    raise SignalError(msg)


def target(name: str | Material) -> Target:
    """Return an element by its symbol: ``Pb``, ``W``, ``Fe``, ``O``, ``C`` or ``H``.

    Raises
    ------
    SignalError
        If the element is not known, or if it is a mixture, which has no single nucleus.
    """
    found = material(name)
    if isinstance(found, Target):
        return found
    parts = ", ".join(element.name for element, _ in found.components)
    msg = (
        f"'{printable(found.name)}' is a mixture: cross sections are for one nucleus. Ask for each "
        f"of {parts} and weight by nuclei"
    )
    raise SignalError(msg)


def mixture(name: str, fractions: Mapping[str | Material, float], *, by: str = "mass") -> Mixture:
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
    parts = [(material(part), float(fraction)) for part, fraction in fractions.items()]
    if by == "thickness":
        density = sum(fraction * part.density for part, fraction in parts)
        parts = [(part, fraction * part.density / density) for part, fraction in parts]
    else:
        density = 1 / sum(fraction / part.density for part, fraction in parts)
    masses: dict[Target, float] = {}
    for part, fraction in parts:
        for element, share in part.components:
            masses[element] = masses.get(element, 0.0) + fraction * share
    return Mixture(name, tuple(masses.items()), density)


def _check_fractions(name: str, fractions: Mapping[str | Material, float]) -> None:
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


def compound(name: str, atoms: Mapping[str | Target, float], density: float) -> Mixture:
    """Return a chemical compound by how many atoms of each element it has.

    Parameters
    ----------
    name : str
    atoms : mapping
        Elements, and how many of each are in one unit, as {"Pb": 1, "W": 1, "O": 4}.
    density : float
        In g/cm^3; yields go by radiation lengths and do not depend on it.

    Raises
    ------
    SignalError
        If a number is not positive, or an element is not known.
    """
    what = f"compound '{printable(name)}'"
    masses = [
        (element, element.A * one_number(number, f"{what}: atoms of {printable(element.name)}"))
        for element, number in ((target(part), number) for part, number in atoms.items())
    ]
    whole = sum(mass for _, mass in masses)
    shares = tuple((element, mass / whole) for element, mass in masses)
    return Mixture(name, shares, one_number(density, f"{what}: density"))


def polystyrene() -> Mixture:
    """Plastic scintillator, C8H8 with 1.060 g/cm^3 (PDG 2024, "Polystyrene")."""
    return compound("polystyrene", {"C": 8, "H": 8}, 1.060)


def lead_tungstate() -> Mixture:
    """Crystals of PbWO4 with 8.30 g/cm^3 (PDG 2024, "Lead tungstate").

    By Bragg additivity X0 is 7.388 g/cm^2 or 0.8901 cm; the PDG has 7.39 g/cm^2 and 0.8903 cm.
    """
    return compound("PbWO4", {"Pb": 1, "W": 1, "O": 4}, 8.30)


def ecal_sandwich() -> Mixture:
    """NA64's ECAL: plates of 1.5 mm lead and 1.5 mm plastic scintillator.

    Thicknesses from memory of arXiv:1710.00971, not read there again.
    """
    return mixture("ECAL", {target("Pb"): 0.5, polystyrene(): 0.5}, by="thickness")


#: materials that are no element, by the name under which a setup asks for them
MATERIALS: dict[str, Callable[[], Mixture]] = {"PbWO4": lead_tungstate, "ECAL": ecal_sandwich}
