"""A spin-2 boson, coupled alike to leptons and photons, that decays to dark matter.

L = -(c/Lambda) G_munu T^munu. It is radiated by the leptons of the shower and made where positrons
annihilate, through the line

    Int sigma dE = (10 pi^2/m_e) Gamma_ee/M = (pi/16) (c/Lambda)^2 M^2/m_e

which is the pole of sigma = (c/Lambda)^4 s^3/(1280 pi [(s - M^2)^2 + M^2 Gamma^2]), the electron's
mass left out (arXiv:2210.00751; Phys. Rev. D 107 (2023) 115034).

Unverified: bremsstrahlung is the Weizsaecker-Williams form for a massless lepton. Its amplitude is
tested against Feynman rules, its use is not: for electrons and vectors the same form gives 30% to
75% too much, 15% to 30% on the coupling. Left out are the share of visible decays, as is right
where the coupling to dark matter is far stronger than c; annihilation off the resonance, where the
interaction grows with s^3 and its effective form is not to be trusted; and conversion of photons of
the shower on nuclei.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np

from na64ana.errors import SignalError
from na64ana.signal.checks import one_number
from na64ana.signal.constants import GEV2_TO_PB, M_ELECTRON
from na64ana.signal.process import LEPTONS
from na64ana.signal.production import bremsstrahlung_spectrum, line_spectrum
from na64ana.signal.response import Response
from na64ana.signal.setups import Setup

__all__ = ["Spin2Model", "spin2_line_area"]


def spin2_line_area(mass: float) -> float:
    """Return the integral of e+ e- -> G over the positron's energy, in pb GeV per electron.

    At c/Lambda = 1/GeV, for a boson of no width that decays invisibly; mass in GeV. The mass of the
    electron is left out: an error of a few (m_e/M)^2.
    """
    heavy = one_number(mass, "mass")
    return GEV2_TO_PB * np.pi / 16 * heavy**2 / M_ELECTRON


@dataclass(frozen=True)
class Spin2Model:
    """A spin-2 boson that decays to dark matter, all of its energy missing.

    Attributes
    ----------
    name : str
    """

    name: str = "spin-2"

    coupling: ClassVar[str] = "c/Lambda [1/GeV]"
    couplings: ClassVar[tuple[float, float]] = (1e-8, 1e3)
    curves: ClassVar[str] = "spin2"

    def response(self, mass: float, setup: Setup) -> Response:
        """Return the events of one beam particle that a setup sees; mass in GeV.

        Raises
        ------
        SignalError
            For a mass that is not above that of the beam particle, which is left out.
        """
        lightest = LEPTONS[setup.beam]
        if mass <= lightest:
            msg = (
                f"mass is {mass:g} GeV: a spin-2 boson is computed above the mass of the "
                f"{setup.beam}, {lightest:g} GeV, only, since that is left out of its amplitude"
            )
            raise SignalError(msg)
        made = bremsstrahlung_spectrum("spin2", mass, setup, method="ww")
        made += line_spectrum(mass, setup, spin2_line_area(mass))
        return Response(made * setup.missing(made.energies))

    def describe(self) -> str:
        """Return the model in words for a table."""
        return (
            f"{self.name}: coupled alike to leptons and photons, decays to dark matter; "
            "bremsstrahlung by Weizsaecker-Williams, UNVERIFIED"
        )

    def as_dict(self) -> dict[str, Any]:
        """Return name and parameters, as JSON can hold them."""
        return {**asdict(self), "unverified": True}
