"""Visible decays: mediators that leave the dump in which they are made, and then decay.

An electron radiates X in a dump of tungsten (WCAL), X goes through the rest of it, and decays to
e+e- in the space behind. With the decay length L(E) = (p/m) hbar c/Gamma, which goes with
1/epsilon^2,

    N(epsilon) = N_OT epsilon^2 Sum over spectrum  B [exp(-start/L) - exp(-stop/L)] efficiency

A weak coupling makes few X and lets them live long, a strong one lets them decay inside the dump: a
window of couplings is excluded, up to the mass at which its edges meet. The upper edge is the decay
length; it hardly depends on the efficiency.

Left out is what positrons of the shower make by annihilation. On resonance X has the energy
m^2/(2 m_e), which is above a threshold of 30 GeV for masses from 175 MeV only; windows end near 25
MeV. With a photon, e+ e- -> X photon, 4 pi alpha^2 epsilon^2 [ln(s/m_e^2) - 1]/s on each electron
is estimated as less than 0.1% of the bremsstrahlung at 17 MeV in a shower of electrons.

Uncertainty, on the yield: as that of `production`. X is taken as made at the front face of the
dump; an upper edge goes about with 1/sqrt(start), 5% for each 10% of its length.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from na64ana.errors import SignalError, printable
from na64ana.signal.checks import known_name
from na64ana.signal.decay_region import seen_fraction
from na64ana.signal.decays import MEDIATORS, decay_length
from na64ana.signal.production import bremsstrahlung_spectrum
from na64ana.signal.response import Response
from na64ana.signal.setups import Setup
from na64ana.signal.widths import INVISIBLE, partial_widths, total_width

__all__ = ["DECAYS", "VisibleModel"]

#: what a mediator decays to, in words; each with the models of `na64ana.signal.widths`
DECAYS = {
    "electrons": "e+e- only",
    "charged": "charged leptons and hadrons, as a dark photon",
}


@dataclass(frozen=True)
class VisibleModel:
    """A mediator with the coupling epsilon e to electrons that decays to what it was made from.

    Attributes
    ----------
    name : str
    mediator : str
        ``vector``, ``axial``, ``scalar`` or ``pseudoscalar``.
    decays : str
        ``electrons``: to e+e- only; ``charged``: a dark photon, for which muons and hadrons count
        as seen too.
    """

    name: str
    mediator: str
    decays: str = "electrons"

    coupling: ClassVar[str] = "epsilon"
    couplings: ClassVar[tuple[float, float]] = (1e-7, 10.0)

    def __post_init__(self) -> None:
        known_name(self.mediator, MEDIATORS, "mediator")
        known_name(self.decays, DECAYS, "kind of decays")
        if self.decays == "charged":
            known_name(self.mediator, ("vector",), "mediator that decays as a dark photon")

    @property
    def curves(self) -> str:
        """Published curves of this plane, by the name of their model in `na64ana curves`."""
        return "dark-photon-visible" if self.mediator == "vector" else "x17"

    def response(self, mass: float, setup: Setup) -> Response:
        """Return the events of one beam particle that a setup sees; mass in GeV.

        A setup of missing energy sees what decays behind it.

        Raises
        ------
        SignalError
            For a beam of muons, if the mediator couples to electrons only; for a dark photon from
            9 GeV on, where bottom opens.
        """
        if setup.beam == "muon" and self.decays == "electrons":
            msg = (
                f"setup '{printable(setup.name)}': {printable(self.name)} couples to electrons "
                "only, so that muons make none; take a setup with electrons or positrons"
            )
            raise SignalError(msg)
        made = bremsstrahlung_spectrum(self.mediator, mass, setup)
        kind = "dark-photon" if self.decays == "charged" else self.mediator
        widths = partial_widths(kind, mass, 1.0)
        total = total_width(widths)
        seen = sum(width for name, width in widths.items() if name not in INVISIBLE)
        share = seen / total if total else 1.0

        def fraction(epsilon: Any, energies: Any) -> Any:
            length = decay_length(mass, energies, epsilon**2 * total)
            return seen_fraction(setup, length, share)

        return Response(made * setup.seen(made.energies), fraction)

    def describe(self) -> str:
        """Return the model with its parameters, in words for a table."""
        kind = "" if self.mediator in self.name else f", {self.mediator}"
        return f"{printable(self.name)}{kind}, decays to {DECAYS[self.decays]}"

    def as_dict(self) -> dict[str, Any]:
        """Return name and parameters, as JSON can hold them."""
        return asdict(self)
