"""Mesons that pions make by charge exchange: pi- p -> M n, and on nuclei.

Cross section on a proton, with x = s/(10 GeV^2), and on a nucleus (Z, A):

    sigma_p = a x^-alpha (1 + g0 + g1 ln x)/(c0 + c1 ln x)
    sigma_A = Z^(2/3) A^(-3 b ln A) sigma_p,   b = 0.0036

the fit by V. Lyubovitskij that Geant4 has in its class G4ChargeExchangeXS, whose density in -t is
(1 + g c t) exp(-c t) with g = g0 + g1 ln x and c = c0 + c1 ln x.

Uncertainty: three versions of that class are public. On a proton they agree on eta at 50 GeV to 20%
(1.0 and 1.2 microbarn). For absorption in the nucleus the two others have A^(-b' ln A), b' = 0.040,
which on lead is 2.3 times less, and for eta' a number a that is 43 times smaller. With either, the
published limits of NA64h (`na64ana.signal.mesons`) would need an efficiency above 1; with the
numbers here they need 0.75 and 0.37. So take a yield from here as good to a factor of two.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from na64ana.errors import SignalError, nearest, printable
from na64ana.signal.checks import one_number
from na64ana.signal.constants import AVOGADRO
from na64ana.signal.targets import Mixture, Target, ecal_sandwich

__all__ = ["EXCHANGES", "Exchange", "exchange_cross_section", "mean_recoil", "mesons_per_pion"]

PROTON, PION = 0.93827209, 0.13957039  # GeV, PDG
#: of the nucleus, see the text above
ABSORPTION = 0.0036
_MICROBARN = 1e-30  # cm^2
#: pion interaction lengths, g/cm^2: PDG, "Atomic and nuclear properties of materials", recalled
PION_LENGTHS = {"H": 80.3, "C": 117.8, "Fe": 160.8, "W": 218.7, "Pb": 226.2}
#: mm of lead and of scintillator in the ECAL: 150 layers of 1.5 mm, recalled from arXiv:1710.00971
ECAL_DEPTH = 450.0


@dataclass(frozen=True)
class Exchange:
    """Numbers of one meson, see the text of the module; a in microbarn, c in 1/GeV^2."""

    a: float
    alpha: float
    c0: float
    c1: float
    g0: float
    g1: float


#: by meson
EXCHANGES = {
    "pi0": Exchange(122.0, 1.23, 12.7, 1.57, 2.55, -0.23),
    "eta": Exchange(78.8, 1.53, 6.0, 1.6, 4.6, -0.5),
    "eta'": Exchange(59.4, 1.35, 6.84, 1.7, 3.7, 0.0),
}


def exchange_cross_section(meson: str, energy: float, target: Target | None = None) -> float:
    """Return the cross section of charge exchange of pi-, microbarn.

    Parameters
    ----------
    meson : str
        One of `EXCHANGES`.
    energy : float
        Of the pion, GeV.
    target : Target, optional
        A nucleus; a proton by default.

    Raises
    ------
    SignalError
        There are no numbers of this meson, or the energy is not positive.
    """
    numbers, log_x = _at(meson, energy)
    slope = numbers.c0 + numbers.c1 * log_x
    proton = numbers.a * math.exp(-numbers.alpha * log_x)
    proton *= max(1 + numbers.g0 + numbers.g1 * log_x, 0.0) / slope
    if target is None:
        return proton
    log_a = math.log(target.A)
    return float(target.Z ** (2 / 3) * math.exp(-3 * ABSORPTION * log_a**2) * proton)


def mean_recoil(meson: str, energy: float) -> float:
    """Return the mean kinetic energy of the neutron, GeV: <-t>/(2 m) of the density in -t.

    Raises
    ------
    SignalError
        As `exchange_cross_section`.
    """
    numbers, log_x = _at(meson, energy)
    slope, rise = numbers.c0 + numbers.c1 * log_x, numbers.g0 + numbers.g1 * log_x
    return (1 + 2 * rise) / (1 + rise) / slope / (2 * PROTON)


def mesons_per_pion(
    meson: str, energy: float, target: Mixture | None = None, depth: float = ECAL_DEPTH
) -> float:
    """Return the mesons that one pion makes on its way through a target.

    Only what the pion makes before it interacts counts, since behind it the beam energy is not in
    one particle.

    Parameters
    ----------
    meson, energy
        As `exchange_cross_section`.
    target : Mixture, optional
        By default the lead and the scintillator of the ECAL.
    depth : float
        mm.

    Raises
    ------
    SignalError
        As `exchange_cross_section`, and for an element whose pion interaction length is not known.
    """
    layers = ecal_sandwich() if target is None else target
    path = layers.density * one_number(depth, "depth") / 10  # g/cm^2
    made = inverse_length = 0.0
    for element, share in layers.components:
        if element.name not in PION_LENGTHS:
            known = ", ".join(PION_LENGTHS)
            msg = f"no pion interaction length of {printable(element.name)} (known: {known})"
            raise SignalError(msg)
        inverse_length += share / PION_LENGTHS[element.name]
        nuclei = AVOGADRO * share / element.A  # per g
        made += nuclei * exchange_cross_section(meson, energy, element) * _MICROBARN
    return float(made / inverse_length * -math.expm1(-path * inverse_length))


def _at(meson: str, energy: float) -> tuple[Exchange, float]:
    """Numbers of a meson, and ln x at an energy of the pion."""
    if meson not in EXCHANGES:
        known = ", ".join(EXCHANGES)
        msg = f"no meson '{printable(meson)}'{nearest(meson, EXCHANGES)} (known: {known})"
        raise SignalError(msg)
    s = PROTON**2 + PION**2 + 2 * PROTON * one_number(energy, "energy")
    return EXCHANGES[meson], math.log(s / 10)
