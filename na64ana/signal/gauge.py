"""Gauge bosons of B-L and of L_mu - L_tau, that decay to neutrinos.

A Z' of gauge coupling g is made as a dark photon is, with its coupling to the beam particle in the
place of epsilon e:

    B-L:                               epsilon = g/e
    L_mu - L_tau, muons:               epsilon = g/e
    L_mu - L_tau, electrons (a loop):  epsilon = abs(Pi(q^2)), q^2 = M^2 radiated, s annihilated

and it is missing where it decays to neutrinos or dark matter, or to anything else behind the
detector:

    N(g) = N(epsilon = 1) (epsilon/g)^2 g^2 {BR_inv + (1 - BR_inv) exp[-start/L(g, E)]}

The second term matters for light ones: at 10 MeV and g = 1e-5, L of B-L is 20 m at 100 GeV.

Sources: arXiv:2207.09979 (B-L), 2206.03101 and 2404.06982 (L_mu - L_tau, electrons), 2401.01708
(muons). Uncertainty: that of the dark photon (3 to 4% on the coupling), where hadrons are open that
of their width (`na64ana.signal.hadrons`), for the loop alpha/pi.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from na64ana.errors import printable
from na64ana.signal.annihilation import narrow_width_integral
from na64ana.signal.checks import known_name, one_above, one_number
from na64ana.signal.constants import ELEMENTARY_CHARGE, M_ELECTRON
from na64ana.signal.decay_region import seen_fraction
from na64ana.signal.decays import check_dark_matter, decay_length
from na64ana.signal.loops import loop_mixing
from na64ana.signal.production import (
    NOTHING,
    Spectrum,
    annihilation_spectrum,
    bremsstrahlung_spectrum,
    line_spectrum,
)
from na64ana.signal.response import Fraction, Response
from na64ana.signal.setups import Setup
from na64ana.signal.widths import INVISIBLE, partial_widths

__all__ = ["GaugeModel"]

Floats = NDArray[np.float64]

#: coupling, model of the published curves, and what the boson is
_KINDS = {
    "b-l": ("g_BL", "b-l", "Z' of B-L with three Dirac neutrinos"),
    "b-l-broken": ("g_BL", "b-l", "Z' of B-L with three left-handed neutrinos"),
    "lmu-ltau": ("g_mutau", "l_mu-l_tau", "Z' of L_mu - L_tau, to electrons by the loop alone"),
}


@dataclass(frozen=True)
class GaugeModel:
    """A gauge boson that decays to neutrinos, charged particles and, if asked for, dark matter.

    Attributes
    ----------
    name : str
        ``b-l``, ``b-l-broken`` or ``lmu-ltau``, as in `na64ana.signal.widths.MODELS`.
    dark_matter : str
        As in `annihilation_cross_section`.
    alpha_D : float
        g_D^2/(4 pi) of the dark matter; 0: there is none.
    mass_ratio : float
        Mass of the boson over that of the dark particle.
    """

    name: str
    dark_matter: str = "dirac"
    alpha_D: float = 0.0
    mass_ratio: float = 3.0

    couplings: ClassVar[tuple[float, float]] = (1e-8, 10.0)

    def __post_init__(self) -> None:
        known_name(self.name, _KINDS, "gauge boson")
        check_dark_matter(self.dark_matter, "vector", 0.0)
        one_number(self.alpha_D, f"model '{self.name}': alpha_D", zero=True)
        one_above(
            self.mass_ratio, 2.0, f"model '{self.name}': mass_ratio",
            "or the boson does not decay to dark matter (alpha_D 0 leaves dark matter out)",
        )  # fmt: skip

    @property
    def coupling(self) -> str:
        """Name of the gauge coupling."""
        return _KINDS[self.name][0]

    @property
    def curves(self) -> str:
        """Published curves of this plane."""
        return _KINDS[self.name][1]

    def response(self, mass: float, setup: Setup) -> Response:
        """Return the events of one beam particle that a setup sees; mass in GeV.

        Raises
        ------
        SignalError
            For B-L from 9 GeV on, where bottom opens.
        """
        made = self._radiated(mass, setup) + self._annihilated(mass, setup)
        return Response(made * setup.seen(made.energies), self.fraction(mass, setup))

    def _radiated(self, mass: float, setup: Setup) -> Spectrum:
        return self._mixed(bremsstrahlung_spectrum("vector", mass, setup), mass**2, setup)

    def _annihilated(self, mass: float, setup: Setup) -> Spectrum:
        if mass <= 2 * M_ELECTRON:
            return NOTHING
        if not self.alpha_D:
            line = line_spectrum(mass, setup, narrow_width_integral(mass))
            return self._mixed(line, mass**2, setup)
        made = annihilation_spectrum(
            mass, setup, dark_matter=self.dark_matter, alpha_D=self.alpha_D,
            mass_ratio=self.mass_ratio,
        )  # fmt: skip
        s = 2 * M_ELECTRON * (made.energies + M_ELECTRON)
        return self._mixed(made, s, setup)

    def _mixed(self, made: Spectrum, q2: Any, setup: Setup) -> Spectrum:
        """Return what is made at epsilon = 1 as made at g = 1."""
        mixing: float | Floats = 1 / ELEMENTARY_CHARGE
        if self.name == "lmu-ltau" and setup.beam != "muon":
            mixing = loop_mixing(q2)
        return made * mixing**2

    def fraction(self, mass: float, setup: Setup) -> Fraction:
        """Share that a setup sees; of visible decays muons and hadrons count too."""
        unit: dict[str, float] = partial_widths(
            self.name, mass, 1.0, alpha_D=self.alpha_D, dark_matter=self.dark_matter,
            mass_ratio=self.mass_ratio,
        )  # fmt: skip
        to_dark = unit.pop("dark matter", 0.0)
        charged = sum(width for name, width in unit.items() if name not in INVISIBLE)

        def share(g: Floats, energies: Floats) -> Any:
            total = to_dark + g**2 * (unit["neutrinos"] + charged)
            # of what decays visibly; at g = 0 all widths may vanish
            visible: Any = g**2 * charged / np.where(total > 0, total, 1)
            return seen_fraction(setup, decay_length(mass, energies, total), visible)

        return share

    def describe(self) -> str:
        """Return the model with its parameters, in words for a table."""
        text = f"{printable(self.name)}: {_KINDS[self.name][2]}"
        if not self.alpha_D:
            return text
        return (
            f"{text}; {self.dark_matter} dark matter, alpha_D = {self.alpha_D:g}, "
            f"m = {self.mass_ratio:g} m_chi"
        )

    def as_dict(self) -> dict[str, Any]:
        """Return name and parameters, as JSON can hold them."""
        return asdict(self)
