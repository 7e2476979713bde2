"""Widths, branching ratios, lifetimes and decay lengths of the bosons of the field.

All widths are at tree level, in GeV, exact in the masses of the products. Couplings: g = epsilon e
for vectors, axial vectors, scalars and pseudoscalars, L = -g X (psibar Gamma psi) with Gamma =
gamma_mu, gamma_mu gamma_5, 1, i gamma_5; L = -(g/4) a F Ftilde for an axion-like particle;
L = -(c/Lambda) G_munu T^munu for spin 2. Next orders change them by about alpha/pi; hadrons by 10%
to 30% (`na64ana.signal.hadrons`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.constants
from numpy.typing import ArrayLike

from na64ana.errors import SignalError
from na64ana.signal.checks import (
    Floats,
    check_above,
    known_name,
    numbers,
    one_number,
    plain,
    positive,
)
from na64ana.signal.constants import ALPHA, HBARC, M_ELECTRON, M_MUON, M_TAU

__all__ = [
    "DARK_MATTER",
    "LEPTONS",
    "MEDIATORS",
    "alp_width",
    "dark_width",
    "decay_length",
    "decay_probability",
    "lepton_width",
    "lifetime",
    "neutrino_width",
    "spin2_fermion_width",
    "spin2_photon_width",
]

MEDIATORS = ("vector", "axial", "scalar", "pseudoscalar")
DARK_MATTER = ("dirac", "pseudo-dirac", "majorana", "scalar")
#: masses in GeV
LEPTONS = {"electron": M_ELECTRON, "muon": M_MUON, "tau": M_TAU}

#: strength and powers of beta and of (1 + 2 m^2/M^2) in  Gamma = strength alpha M beta^a (...)^b
_FERMION_PAIRS = {
    "vector": (1 / 3, 1, 1),
    "axial": (1 / 3, 3, 0),
    "scalar": (1 / 2, 3, 0),
    "pseudoscalar": (1 / 2, 1, 0),
}


def lepton_width(
    mediator: str, mass: ArrayLike, lepton: str = "electron", *, epsilon: ArrayLike = 1.0
) -> Any:
    """Return the width to a pair of leptons; 0 where the pair is too heavy.

    With r = m_l/M, in units of epsilon^2 alpha M: vector (1 + 2 r^2) sqrt(1 - 4 r^2)/3, axial
    (1 - 4 r^2)^(3/2)/3, scalar (1 - 4 r^2)^(3/2)/2, pseudoscalar sqrt(1 - 4 r^2)/2.

    Parameters
    ----------
    mediator : str
        One of `MEDIATORS`.
    mass : float or array
        GeV.
    lepton : str
        One of `LEPTONS`.
    epsilon : float or array
        Coupling in units of e.

    Returns
    -------
    float or array
        GeV.

    Raises
    ------
    SignalError
        For an unknown name, or a mass that is not positive.
    """
    known_name(mediator, MEDIATORS, "mediator")
    known_name(lepton, LEPTONS, "lepton")
    strength = positive(epsilon, "epsilon", zero=True) ** 2 * ALPHA
    return plain(strength * _fermion_pair(mediator, positive(mass, "mass"), LEPTONS[lepton]))


def _fermion_pair(mediator: str, mass: Floats, fermion: ArrayLike) -> Floats:
    """Width to a pair of Dirac fermions for g^2/(4 pi) = 1."""
    ratio = np.asarray(fermion) ** 2 / mass**2
    beta = np.sqrt(np.maximum(1 - 4 * ratio, 0))
    strength, power, spin = _FERMION_PAIRS[mediator]
    result: Floats = strength * mass * beta**power * (1 + 2 * ratio) ** spin
    return result


def dark_width(
    mass: ArrayLike,
    dark_mass: ArrayLike,
    *,
    dark_matter: str = "dirac",
    alpha_D: float = 0.1,
    splitting: float = 0.0,
    mediator: str = "vector",
) -> Any:
    """Return the width of a mediator to dark matter; 0 where the pair is too heavy.

    For a vector, with r = m_chi/M, in units of alpha_D M: Dirac (1 + 2 r^2) sqrt(1 - 4 r^2)/3;
    complex scalar (1 - 4 r^2)^(3/2)/12; Majorana, current chibar gamma_mu gamma_5 chi/2,
    (1 - 4 r^2)^(3/2)/6; pseudo-Dirac, masses m1 and m2 = m1 (1 + splitting), momentum q of each,
    (2 q/3 M^3) [3 m1 m2 + M^2 - (m1^2 + m2^2)/2 - (m1^2 - m2^2)^2/(2 M^2)]. Other mediators decay
    to Dirac fermions, as to leptons; an axial one also to Majorana fermions, half of that.

    Parameters
    ----------
    mass, dark_mass : float or array
        GeV; of the mediator and of the (lighter) dark particle.
    dark_matter : str
        One of `DARK_MATTER`.
    alpha_D : float
        g_D^2/(4 pi).
    splitting : float
        (m2 - m1)/m1 of a pseudo-Dirac pair.
    mediator : str
        One of `MEDIATORS`.

    Returns
    -------
    float or array
        GeV.

    Raises
    ------
    SignalError
        For unknown names, a pair that the mediator does not couple to, or a splitting of what has
        none.
    """
    check_dark_matter(dark_matter, mediator, splitting)
    strength = positive(alpha_D, "alpha_D", zero=True)
    heavy, light = positive(mass, "mass"), positive(dark_mass, "dark_mass")
    if dark_matter == "pseudo-dirac":
        return plain(strength * _split_pair(heavy, light, light * (1 + splitting)))
    if dark_matter == "dirac":
        return plain(strength * _fermion_pair(mediator, heavy, light))
    share = 0.25 if dark_matter == "scalar" else 0.5
    return plain(strength * share * _fermion_pair("axial", heavy, light))


def check_dark_matter(dark_matter: str, mediator: str, splitting: float) -> None:
    """Refuse what does not fit together."""
    known_name(dark_matter, DARK_MATTER, "dark matter")
    known_name(mediator, MEDIATORS, "mediator")
    if one_number(splitting, "splitting", zero=True) and dark_matter != "pseudo-dirac":
        msg = f"{dark_matter} dark matter has no splitting: take 'pseudo-dirac' or splitting 0"
        raise SignalError(msg)
    fits = {"vector": DARK_MATTER, "axial": ("dirac", "majorana")}.get(mediator, ("dirac",))
    if dark_matter not in fits:
        msg = (
            f"the coupling of a {mediator} mediator to {dark_matter} dark matter is not defined "
            f"here; known: {', '.join(fits)}"
        )
        raise SignalError(msg)


def _split_pair(mass: Floats, first: Floats, second: Floats) -> Floats:
    """Width to two fermions of different masses for alpha_D = 1."""
    squared = (mass**2 - (first + second) ** 2) * (mass**2 - (first - second) ** 2)
    momentum = np.sqrt(np.maximum(squared, 0)) / (2 * mass)
    bracket = 3 * first * second + mass**2 - (first**2 + second**2) / 2
    bracket = bracket - (first**2 - second**2) ** 2 / (2 * mass**2)
    return np.where(mass > first + second, 2 * momentum / (3 * mass**2) * bracket, 0.0)


def neutrino_width(
    mass: ArrayLike, g: ArrayLike, *, flavours: int = 3, right_handed: bool = False
) -> Any:
    """Return the width of a vector to massless neutrinos: g^2 M/(24 pi) for each flavour.

    It is twice that where light right-handed neutrinos are charged alike.
    """
    parts = flavours * (2 if right_handed else 1)
    heavy = positive(mass, "mass")
    return plain(parts * positive(g, "g", zero=True) ** 2 * heavy / (24 * np.pi))


def alp_width(mass: ArrayLike, g: ArrayLike) -> Any:
    """Return the width to two photons, g^2 m^3/(64 pi); g in 1/GeV."""
    return plain(positive(g, "g", zero=True) ** 2 * positive(mass, "mass") ** 3 / (64 * np.pi))


def spin2_fermion_width(mass: ArrayLike, fermion_mass: ArrayLike, strength: ArrayLike) -> Any:
    """Return the width of a spin-2 boson to Dirac fermions.

    (c/Lambda)^2 M^3/(160 pi) (1 - 4 r^2)^(3/2) (1 + 8 r^2/3), r = m_f/M (arXiv:2210.00751; trace
    checked); 0 below threshold. ``strength`` is c/Lambda in 1/GeV.
    """
    heavy = positive(mass, "mass")
    ratio = positive(fermion_mass, "fermion_mass", zero=True) ** 2 / heavy**2
    shape = np.maximum(1 - 4 * ratio, 0) ** 1.5 * (1 + 8 * ratio / 3)
    coupling = positive(strength, "strength", zero=True)
    return plain(coupling**2 * heavy**3 / (160 * np.pi) * shape)


def spin2_photon_width(mass: ArrayLike, strength: ArrayLike) -> Any:
    """Return the width of a spin-2 boson to two photons, (c/Lambda)^2 M^3/(80 pi).

    The standard result for a massive graviton (T. Han, J. D. Lykken, R.-J. Zhang, Phys. Rev. D 59
    (1999) 105006), not derived again here.
    """
    coupling = positive(strength, "strength", zero=True)
    return plain(coupling**2 * positive(mass, "mass") ** 3 / (80 * np.pi))


def lifetime(width: ArrayLike) -> Any:
    """Return the lifetime in s for a width in GeV, hbar/Gamma."""
    return plain(HBARC / scipy.constants.c / positive(width, "width"))


def decay_length(mass: ArrayLike, energy: ArrayLike, width: ArrayLike) -> Any:
    """Return the mean decay length in m, (p/m) hbar c/Gamma; infinite for a width of 0.

    Parameters
    ----------
    mass, energy, width : float or array
        GeV, the energy above the mass.

    Raises
    ------
    SignalError
        For an energy that is not above the mass.
    """
    heavy, fast = positive(mass, "mass"), positive(energy, "energy")
    check_above(fast, heavy, "energy", "the mass in GeV")
    rate = positive(width, "width", zero=True)
    gamma_beta = np.sqrt((fast - heavy) * (fast + heavy)) / heavy
    with np.errstate(divide="ignore"):
        return plain(gamma_beta * HBARC / rate)


def decay_probability(start: ArrayLike, stop: ArrayLike, length: ArrayLike) -> Any:
    """Return the probability to decay between two places, exp(-start/L) - exp(-stop/L).

    Parameters
    ----------
    start, stop : float or array
        Distances from the production in m, 0 <= start <= stop; ``stop`` may be infinite.
    length : float or array
        Mean decay length L in m; infinite for what is stable.

    Raises
    ------
    SignalError
        For places out of order.
    """
    near = positive(start, "start", zero=True)
    far, mean = numbers(stop, "stop", infinite=True), numbers(length, "length", infinite=True)
    if (far < near).any():
        msg = "the decay region must not stop before it starts: start <= stop, in m"
        raise SignalError(msg)
    if not (mean > 0).all():
        msg = f"length is {mean.min():g}: a decay length must be above 0 (in m)"
        raise SignalError(msg)
    stable = np.isinf(mean)
    finite = np.where(stable, 1.0, mean)
    inside = np.exp(-near / finite) * -np.expm1(-(far - near) / finite)
    # of what is stable, nothing decays before any finite place
    return plain(np.where(stable, 0.0, inside))
