"""R(s): how often a vector boson decays to hadrons, in units of massless muons.

A small model that sums what dominates: two pions through the rho and the rho(1450) (G. J. Gounaris,
J. J. Sakurai, Phys. Rev. Lett. 21 (1968) 244), the omega and the phi as Breit-Wigner peaks, and
quarks above, switched on where more pions take over, a shape set by eye. Masses and widths are
those of the PDG. Its share of the muon's (g-2), 668e-10, is 4% below what data give; locally it is
good to about 10% below 1 GeV (without the interference of rho and omega) and 30% up to 2 GeV.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from particle import Particle

from na64ana.signal.checks import Floats, check_below, known_name, plain, positive
from na64ana.signal.constants import ALPHA, MEV_PER_GEV

__all__ = ["CURRENTS", "hadron_ratio"]

_PION = 0.1395704  # GeV; PDG
#: branching ratios to e+ e-: PDG 2024
_TO_ELECTRONS = {"omega(782)": 7.38e-5, "phi(1020)": 2.979e-4}
#: amplitude of the rho(1450) relative to the rho: fit of CMD-2, hep-ex/0112031 (recalled)
_EXCITED = -0.085
#: GeV; where many pions take over, and how fast: by eye from the PDG's plot of R
_QUARKS_FROM, _QUARKS_WIDTH = 1.35, 0.08
#: GeV; pairs of charmed mesons
_CHARM_FROM = 3.73
#: GeV^2; the lightest mesons with bottom, 10.56 GeV together
_HIGHEST_S = 10.55**2
#: 1 + alpha_s/pi at about 2 GeV
_GLUONS = 1.1

#: strength of rho, omega, phi, light quarks and charm, relative to the photon's current. For the
#: baryon number (arXiv:1801.04847): rho 0; omega twice the photon's amplitude; phi the same; quarks
#: 3 sum of (1/3)^2
CURRENTS = {
    "electromagnetic": (1.0, 1.0, 1.0, 2.0, 4 / 3),
    "baryon": (0.0, 4.0, 1.0, 1.0, 1 / 3),
}


def hadron_ratio(s: ArrayLike, *, current: str = "electromagnetic") -> Any:
    """Return R(s) = width to hadrons / width to massless muons of charge 1.

    Parameters
    ----------
    s : float or array
        GeV^2; up to (10.55 GeV)^2, where bottom opens.
    current : str
        One of `CURRENTS`: couplings to quarks as the electric charge, or 1/3 each, as B - L.

    Returns
    -------
    float or array
        0 below two (three for the baryon current) pions.
    """
    known_name(current, CURRENTS, "current")
    array = positive(s, "s")
    check_below(array, _HIGHEST_S, "s", "in GeV^2, where bottom opens")
    rho, omega, phi, light, charm = CURRENTS[current]
    energy = np.sqrt(array)
    quarks = light + charm * (energy > _CHARM_FROM)
    total = rho * _two_pions(array)
    total += omega * _peak(array, "omega(782)") + phi * _peak(array, "phi(1020)")
    total += quarks * _GLUONS / (1 + np.exp(-(energy - _QUARKS_FROM) / _QUARKS_WIDTH))
    return plain(np.where(energy > (2 if rho else 3) * _PION, total, 0.0))


def _peak(s: Floats, name: str) -> Floats:
    mass, width = _mass_and_width(name)
    electrons = _TO_ELECTRONS[name] * width
    # open below the peak to three pions only: their phase space is left out, which counts little
    return np.where(
        s > (3 * _PION) ** 2,
        9 / ALPHA**2 * s * electrons * width / ((s - mass**2) ** 2 + (mass * width) ** 2),
        0.0,
    )


def _two_pions(s: Floats) -> Floats:
    """beta^3/4 |F(s)|^2, the rho with a share of the rho(1450); F(0) = 1."""
    safe = np.maximum(s, 4 * _PION**2)
    form = _form_factor(safe, "rho(770)0") + _EXCITED * _form_factor(safe, "rho(1450)0")
    beta = np.sqrt(1 - 4 * _PION**2 / safe)
    result: Floats = beta**3 / 4 * np.abs(form / (1 + _EXCITED)) ** 2
    return result


def _form_factor(s: Floats, name: str) -> Any:
    """Form factor of Gounaris and Sakurai: a Breit-Wigner with the loop of pions in it."""
    mass, width = _mass_and_width(name)
    k, k0 = np.sqrt(s / 4 - _PION**2), np.sqrt(mass**2 / 4 - _PION**2)
    slope = _h(mass**2, k0) * (1 / (8 * k0**2) - 1 / (2 * mass**2)) + 1 / (2 * np.pi * mass**2)
    shift = (width * mass**2 / k0**3) * (
        k**2 * (_h(s, k) - _h(mass**2, k0)) + (mass**2 - s) * k0**2 * slope
    )
    log = np.log((mass + 2 * k0) / (2 * _PION))
    d = 3 / np.pi * _PION**2 / k0**2 * log + mass / (2 * np.pi * k0)
    d -= _PION**2 * mass / (np.pi * k0**3)
    running = width * (k / k0) ** 3 * mass / np.sqrt(s)
    return mass**2 * (1 + d * width / mass) / (mass**2 - s + shift - 1j * mass * running)


def _h(s: Any, k: Any) -> Any:
    return 2 / np.pi * k / np.sqrt(s) * np.log((np.sqrt(s) + 2 * k) / (2 * _PION))


@cache
def _mass_and_width(name: str) -> tuple[float, float]:
    """GeV; PDG, through particle."""
    found = Particle.from_name(name)
    assert found.mass is not None
    assert found.width is not None
    return found.mass / MEV_PER_GEV, found.width / MEV_PER_GEV
