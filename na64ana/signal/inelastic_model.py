"""Inelastic dark matter: A' -> chi1 chi2, and chi2 -> chi1 and a pair of leptons later on.

chi2 lives for long where the splitting is small: its energy is missing if it decays behind the
detector. If it decays in the target, its pair is part of the shower there, and the energy of both
chi1 is missing: semi-visible, what a setup that sees decays in the target looks for. What decays
elsewhere is vetoed.

    N(epsilon) = N(1) epsilon^2 <exp[-start/L(E2)] - exp[-stop/L(E2)]>
    L = (p2/m2) hbar c/(epsilon^2 Gamma(1)),  stop infinite for a setup that sees missing energy

chi2 gets its energy in the two-body decay of the A', isotropic in its rest frame: E2 is evenly
spread between gamma (E* - beta p*) and gamma (E* + beta p*). The A' is polarised in truth: a
distribution of 1 + cos^2 of the angle moves the upper edge by +1 to +2%, one of sin^2 by -3 to -4%,
and lower edges by less than 0.1% (splittings 0.1 and 0.4, 30 MeV to 1 GeV). A pair from
annihilation off the resonance is taken with the mass of the A' too.

Sources: arXiv:2302.05414 (the model and the width), `na64ana.signal.inelastic`. Left out: visible
decays of the A' itself, for epsilon^2 alpha << alpha_D.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np

from na64ana.errors import SignalError, printable
from na64ana.signal.annihilation import annihilation_cross_section, threshold_energy
from na64ana.signal.checks import Floats, one_above
from na64ana.signal.constants import HBARC
from na64ana.signal.decays import LEPTONS, dark_width
from na64ana.signal.inelastic import excited_state_width
from na64ana.signal.production import (
    Spectrum,
    bremsstrahlung_spectrum,
    from_disk,
    resonance_spectrum,
)
from na64ana.signal.response import Response
from na64ana.signal.setups import Setup

__all__ = ["InelasticModel", "split_pair_spectrum"]

#: nodes over the energy of chi2; 48 change no edge by 1e-6
_NODES = 6
#: GeV; above, chi2 decays to pions as well, which is not computed
_TWO_PIONS = 0.279
_MEDIATED = ("electron", "muon")


@from_disk
def split_pair_spectrum(
    mass: float, setup: Setup, *, alpha_D: float, mass_ratio: float, splitting: float
) -> Spectrum:
    """Return the annihilations to chi1 chi2 of one beam particle at epsilon = 1.

    Parameters are the fields of `InelasticModel`; otherwise as `annihilation_spectrum`.
    """
    dark: dict[str, Any] = {"dark_matter": "pseudo-dirac", "alpha_D": alpha_D,
                            "splitting": splitting}  # fmt: skip
    lowest = threshold_energy(mass, mass_ratio=mass_ratio, splitting=splitting)

    def sigma(energy: Floats) -> Any:
        return annihilation_cross_section(mass, energy, mass_ratio=mass_ratio, **dark)

    width = float(dark_width(mass, mass / mass_ratio, **dark))
    return resonance_spectrum(mass, setup, sigma, width=width, lowest=float(lowest))


@dataclass(frozen=True)
class InelasticModel:
    """A dark photon that decays to two dark states of different masses, the heavier unstable.

    Attributes
    ----------
    name : str
    alpha_D : float
    mass_ratio : float
        Mass of the mediator over m1 of the lighter state.
    splitting : float
        (m2 - m1)/m1.
    """

    name: str = "inelastic"
    alpha_D: float = 0.1
    mass_ratio: float = 3.0
    splitting: float = 0.1

    coupling: ClassVar[str] = "epsilon"
    couplings: ClassVar[tuple[float, float]] = (1e-8, 10.0)
    curves: ClassVar[str] = "dark-photon"

    def __post_init__(self) -> None:
        who = f"model '{printable(self.name)}'"
        one_above(self.alpha_D, 0.0, f"{who}: alpha_D", "the coupling to dark matter")
        split = one_above(self.splitting, 0.0, f"{who}: splitting", "since m2 lies above m1")
        why = "or the mediator does not decay to chi1 chi2"
        one_above(self.mass_ratio, 2 + split, f"{who}: mass_ratio", why)

    def response(self, mass: float, setup: Setup) -> Response:
        """Return the events of one beam particle that a setup sees; mass in GeV.

        Raises
        ------
        SignalError
            Where m2 - m1 reaches two pions: the width to hadrons is not computed.
        """
        made = bremsstrahlung_spectrum("vector", mass, setup) + split_pair_spectrum(
            mass, setup, alpha_D=self.alpha_D, mass_ratio=self.mass_ratio, splitting=self.splitting
        )
        made = made * setup.seen(made.energies)
        rate = self.decay_rate(mass)
        visible = setup.sees == "visible"
        if not rate:  # chi2 decays behind any detector
            return Response(made * 0.0 if visible else made)
        # mean decay lengths up to 1 m, for epsilon = 1 and a momentum of 1 GeV
        per_metre = rate / HBARC * self._excited(mass)

        def fraction(epsilon: Floats, energies: Floats) -> Any:
            inverse, weights = self._inverse_momenta(mass, energies)
            depth = per_metre * epsilon[..., np.newaxis] ** 2 * inverse
            behind = np.exp(-setup.start * depth)
            return (behind - np.exp(-setup.stop * depth) if visible else behind) @ weights

        return Response(made, fraction)

    def decay_rate(self, mass: float) -> float:
        """Return the width of chi2 at epsilon = 1 in GeV, for a mass of the mediator in GeV.

        To electrons and muons. 0 where m2 - m1 is below a pair of electrons: it then decays to
        neutrinos and photons only, far behind any detector.

        Raises
        ------
        SignalError
            Where m2 - m1 reaches two pions.
        """
        light = mass / self.mass_ratio
        gap = light * self.splitting
        if gap >= _TWO_PIONS:
            msg = (
                f"model '{printable(self.name)}': at {mass:g} GeV m2 - m1 is {gap:g} GeV; it must "
                f"be below {_TWO_PIONS:g}, or chi2 decays to hadrons, which is not computed"
            )
            raise SignalError(msg)
        open_to = (lepton for lepton in _MEDIATED if gap > 2 * LEPTONS[lepton])
        return float(sum(
            excited_state_width(light, self.splitting, mass, alpha_D=self.alpha_D, lepton=lepton)
            for lepton in open_to
        ))  # fmt: skip

    def _excited(self, mass: float) -> float:
        """Mass of chi2."""
        return mass / self.mass_ratio * (1 + self.splitting)

    def _inverse_momenta(self, mass: float, energies: Floats) -> tuple[Floats, Floats]:
        """Return 1/p of chi2 in 1/GeV, shape (energy, node), and the weights of the nodes."""
        m1, m2 = mass / self.mass_ratio, self._excited(mass)
        at_rest = (mass**2 + m2**2 - m1**2) / (2 * mass)
        momentum = math.sqrt(at_rest**2 - m2**2)
        nodes, weights = np.polynomial.legendre.leggauss(_NODES)
        boost = energies[:, np.newaxis] / mass
        energy = boost * at_rest + np.sqrt(boost**2 - 1) * momentum * nodes
        # chi2 may be left at rest, if hardly: it then decays at once
        return 1 / np.sqrt(np.maximum(energy**2 - m2**2, 1e-12 * m2**2)), weights / 2

    def describe(self) -> str:
        """Return the model with its parameters, in words for a table."""
        return (
            f"{printable(self.name)} dark matter, alpha_D = {self.alpha_D:g}, "
            f"m = {self.mass_ratio:g} m_1, m_2 - m_1 = {self.splitting:g} m_1; "
            "missing where chi2 decays behind the detector or its pair is part of the shower"
        )

    def as_dict(self) -> dict[str, Any]:
        """Return name and parameters, as JSON can hold them."""
        return asdict(self)
