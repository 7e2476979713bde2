"""Axion-like particles that couple to photons: made by photons of the shower, decaying to two.

    N(g) = N_OT g^2 Int dk T_gamma(k) Sum_i n_i [sigma_i(k)/g^2] seen(g, k) efficiency
    Gamma = g^2 m^3/(64 pi),   L = -(g/4) a F Ftilde

with T_gamma the track length of photons (`showers`), sigma_i the Primakoff cross section off the
element i of the target, n_i its nuclei per cm^2 in one radiation length, E_a = k, and as seen
either what decays behind the last HCAL module, as missing energy, or between HCAL modules (arXiv:
2005.02710, which has one limit for scalars, -(g/4) s F F, and pseudoscalars).

Uncertainty, on the yield: form factors 2%, track lengths 2%. The efficiency, and for the upper edge
of the window where the HCAL modules are, matter more.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, ClassVar

from na64ana.errors import SignalError, printable
from na64ana.signal.checks import Floats
from na64ana.signal.decay_region import seen_fraction
from na64ana.signal.decays import alp_width, decay_length
from na64ana.signal.primakoff import primakoff_cross_section
from na64ana.signal.production import NOTHING, PB_TO_CM2, Spectrum, check_mass
from na64ana.signal.response import Response
from na64ana.signal.setups import Setup
from na64ana.signal.showers import track_length_nodes
from na64ana.signal.targets import material

__all__ = ["AlpModel", "primakoff_spectrum"]

#: energies of photons; with twice as many, no edge of the window of `na64e-alp` changes by 1e-4
_NODES = 32


def primakoff_spectrum(mass: float, setup: Setup, *, form_factor: str = "elastic") -> Spectrum:
    """Return the axion-like particles that the shower of one beam particle makes at g = 1/GeV.

    Parameters
    ----------
    mass : float
        GeV.
    setup : Setup
        Its efficiency is not applied, its threshold is.
    form_factor : str
        As in `primakoff_cross_section`.

    Returns
    -------
    Spectrum
        Empty where the mass is above the beam energy.

    Raises
    ------
    SignalError
        For a mass outside `MASSES` of `production`, unknown names, and a beam of muons, whose
        photons are not computed.
    """
    if setup.beam == "muon":
        msg = (
            f"setup '{printable(setup.name)}': photons of a muon are not computed, so there is no "
            "yield of axion-like particles; take a setup with electrons or positrons"
        )
        raise SignalError(msg)
    check_mass(mass)
    # a photon of the energy of the mass itself makes nothing
    lowest = max(setup.threshold, mass * (1 + 1e-9))
    if lowest >= setup.beam_energy:
        return NOTHING
    energies, lengths = _photons(setup.beam, setup.beam_energy, lowest, _NODES)
    sigma = sum(
        nuclei * primakoff_cross_section(mass, energies, target=element, form_factor=form_factor)
        for element, nuclei in material(setup.target).nuclei
    )
    return Spectrum(energies, lengths * sigma * PB_TO_CM2)


@lru_cache(maxsize=64)
def _photons(beam: str, energy: float, lowest: float, count: int) -> tuple[Floats, Floats]:
    """Energies of photons of a shower, and their track length around each."""
    return track_length_nodes("gamma", lowest, beam=beam, beam_energy=energy, count=count)


@dataclass(frozen=True)
class AlpModel:
    """An axion-like particle that couples to photons and decays to two of them.

    Attributes
    ----------
    name : str
    """

    name: str

    coupling: ClassVar[str] = "g [1/GeV]"
    couplings: ClassVar[tuple[float, float]] = (1e-7, 10.0)
    curves: ClassVar[str] = "alp"

    def response(self, mass: float, setup: Setup) -> Response:
        """Return the events of one beam particle that a setup sees; mass in GeV."""
        made = primakoff_spectrum(mass, setup)
        width = alp_width(mass, 1.0)

        def fraction(g: Any, energies: Any) -> Any:
            return seen_fraction(setup, decay_length(mass, energies, g**2 * width))

        return Response(made * setup.seen(made.energies), fraction)

    def describe(self) -> str:
        """Return the model with its parameters, in words for a table."""
        return f"{printable(self.name)}, coupled to two photons"

    def as_dict(self) -> dict[str, Any]:
        """Return name and parameters, as JSON can hold them."""
        return asdict(self)
