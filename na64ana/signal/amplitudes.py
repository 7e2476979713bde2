"""Squared amplitudes of l Z -> l Z X at tree level, X = vector, axial, scalar, pseudoscalar.

Exact (2 -> 3): p + Pi -> p' + Pf + k, with the photon of momentum q = Pi - Pf and

    ut = (p - k)^2 - m^2,  st = (p' + k)^2 - m^2,  t = -q^2 > 0,  t2 = (p - p')^2,
    st + ut + t2 + t = mX^2,  P = Pi + Pf,  P^2 = 4 M^2 + t,

m the lepton, M the nucleus. With B = [(st+ut)/(st ut)]^2 P^2 t - 4 [(ut P.p + st P.p')/(st ut)]^2:

    A_S = (st+ut)^2/(st ut) P^2 - 4t/(st ut) (P.k)^2 + (mX^2 - 4m^2) B
    A_P = the same with mX^2 B
    A_V = 2(st^2+ut^2)/(st ut) P^2 - 8t/(st ut) [(P.p)^2 + (P.p')^2 + (t2 + mX^2) P^2/2]
          + 2(mX^2 + 2m^2) B
    A_A = A_V with 2(mX^2 - 4m^2) B, + 32 m^2 t P^2/(st ut)
          + (4m^2/mX^2) [(st+ut)^2/(st ut) P^2 - 4t/(st ut) (P.k)^2]

Half the trace of Dirac matrices contracted with P twice, summed over all spins: tests compare
them with traces written out. Source: Y.-S. Liu and G. A. Miller, Phys. Rev. D 96, 016004 (2017),
arXiv:1705.01633. The azimuth of the nucleus around p - k enters through st
alone, so that its average is known in closed form (`azimuthal_average`).

Weizsaecker-Williams (2 -> 2): the same at t = tmin, in `photon_amplitude`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from na64ana.signal.constants import ALPHA

__all__ = [
    "MEDIATORS",
    "Azimuth",
    "Invariants",
    "azimuthal_average",
    "exact_amplitude",
    "photon_amplitude",
]

Floats = NDArray[np.float64]

#: mediators with an exact amplitude
MEDIATORS = ("vector", "axial", "scalar", "pseudoscalar")


@dataclass(frozen=True)
class Invariants:
    """The invariants of a point of phase space, in GeV^2 (products with P: also GeV^2).

    Attributes
    ----------
    st, ut, t : array
        As in the head of this module; t > 0, ut < 0.
    p_p, p_k : array
        P.p and P.k.
    p2 : array
        P^2 = 4 M^2 + t.
    """

    st: Floats
    ut: Floats
    t: Floats
    p_p: Floats
    p_k: Floats
    p2: Floats


def exact_amplitude(mediator: str, point: Invariants, mass: float, lepton: float) -> Floats:
    """Squared amplitude of 2 -> 3 (in GeV^2), of a mediator with `mass` on a lepton (both GeV)."""
    st, ut, t, p2 = point.st, point.ut, point.t, point.p2
    m2, l2 = mass**2, lepton**2
    product = st * ut
    p_p, p_q = point.p_p, point.p_p - point.p_k
    eikonal = ((st + ut) / product) ** 2 * p2 * t - 4 * ((ut * p_p + st * p_q) / product) ** 2
    spinless = ((st + ut) ** 2 * p2 - 4 * t * point.p_k**2) / product
    if mediator == "scalar":
        return spinless + (m2 - 4 * l2) * eikonal
    if mediator == "pseudoscalar":
        return spinless + m2 * eikonal
    t2 = m2 - t - st - ut
    squares = p_p**2 + p_q**2 + (t2 + m2) * p2 / 2
    vector = (2 * (st**2 + ut**2) * p2 - 8 * t * squares) / product
    if mediator == "vector":
        return vector + 2 * (m2 + 2 * l2) * eikonal
    assert mediator == "axial"
    helicity_0 = 4 * l2 / m2 * spinless
    return vector + 2 * (m2 - 4 * l2) * eikonal + 32 * l2 * t * p2 / product + helicity_0


@dataclass(frozen=True)
class Azimuth:
    """What the average over the azimuth of the nucleus needs: st = mean + swing cos(phi).

    All of them are in GeV^2 (`balance` in GeV^4) and computed without cancellation: see
    `na64ana.signal.exact`.

    Attributes
    ----------
    ut, t, p2 : array
        As in `Invariants`.
    mean, swing2 : array
        Mean of st, and swing^2.
    excess : array
        mean + ut, small against both terms where X takes little of the energy.
    p_p, p_q, p_k : array
        P.p + st/2, P.p' and P.k + st/2, which do not depend on the azimuth.
    balance : array
        (P.p + st/2) ut + (P.p' - ut/2) mean, small against both terms.
    """

    ut: Floats
    t: Floats
    p2: Floats
    mean: Floats
    swing2: Floats
    excess: Floats
    p_p: Floats
    p_q: Floats
    p_k: Floats
    balance: Floats


def azimuthal_average(mediator: str, point: Azimuth, mass: float, lepton: float) -> Floats:
    """Mean of `exact_amplitude` over the azimuth, in closed form.

    Every amplitude is a sum of st, 1, 1/st and 1/st^2 whose means are mean, 1, 1/root and
    mean/root^3 with root^2 = mean^2 - swing^2. In B, P.p/st + P.p'/ut nearly cancels: the mean
    of its square is the square of its mean plus the variance of 1/st, both free of cancellation.
    """
    m2, l2 = mass**2, lepton**2
    ut, t, p2, p_p = point.ut, point.t, point.p2, point.p_p
    root = np.sqrt(point.mean**2 - point.swing2)
    inverse = 1 / root
    droop = point.swing2 / (point.mean + root)  # mean - root
    variance = droop * inverse**3  # of 1/st
    balance = point.balance - (point.p_q - ut / 2) * droop
    spread = p_p**2 * variance + (balance * inverse / ut) ** 2
    excess = point.excess - droop  # root + ut
    eikonal = p2 * t * (variance + (excess * inverse / ut) ** 2) - 4 * spread
    # of (st + ut)^2/st and (P.k)^2/st
    sums = droop + excess**2 * inverse
    p_k = point.p_k**2 * inverse - point.p_k + point.mean / 4
    spinless = (sums * p2 - 4 * t * p_k) / ut
    if mediator == "scalar":
        return spinless + (m2 - 4 * l2) * eikonal
    if mediator == "pseudoscalar":
        return spinless + m2 * eikonal
    fixed = p_p**2 + point.p_q**2 + (2 * m2 - t - ut) * p2 / 2
    squares = fixed * inverse - p_p - p2 / 2 + point.mean / 4
    vector = (2 * (point.mean + ut**2 * inverse) * p2 - 8 * t * squares) / ut
    if mediator == "vector":
        return vector + 2 * (m2 + 2 * l2) * eikonal
    assert mediator == "axial"
    helicity_0 = 4 * l2 / m2 * spinless
    return vector + 2 * (m2 - 4 * l2) * eikonal + 32 * l2 * t * p2 * inverse / ut + helicity_0


def photon_amplitude(
    mediator: str, x: Floats, virtuality: Floats, mass: float, lepton: float
) -> Floats:
    """Squared amplitude of 2 -> 2 at t = tmin, without a unit (spin 2: at c/Lambda = 1/GeV).

    With U = `virtuality` = -ut in GeV^2, b = [-U x + mX^2 (1-x) + m^2 x^2]/U^2 and
    v = 2(2 - 2x + x^2)/(1-x), s = x^2/(1-x):

        A_V = v + 4(mX^2 + 2m^2) b,    A_A = 4 m^2/mX^2 s + v + 4(mX^2 - 4m^2) b,
        A_S = s + 2(mX^2 - 4m^2) b,    A_P = s + 2 mX^2 b

    Source: arXiv:1705.01633. Spin 2, L = -(c/Lambda) G_mn T^mn with the same c for lepton and
    photon (arXiv:2210.00751), is of a massless lepton; tests compare it with Feynman rules written
    out. What is unverified is its use: its pole in t, cut off by m^2 in U alone, and WW itself.
    """
    if mediator == "spin2":
        return _spin2_amplitude(x, virtuality, mass)
    m2, l2 = mass**2, lepton**2
    b = (-virtuality * x + m2 * (1 - x) + l2 * x**2) / virtuality**2
    scalar, vector = x**2 / (1 - x), 2 * (2 - 2 * x + x**2) / (1 - x)
    if mediator == "scalar":
        return scalar + 2 * (m2 - 4 * l2) * b
    if mediator == "pseudoscalar":
        return scalar + 2 * m2 * b
    if mediator == "vector":
        return vector + 4 * (m2 + 2 * l2) * b
    assert mediator == "axial"
    return 4 * l2 / m2 * scalar + vector + 4 * (m2 - 4 * l2) * b


def _spin2_amplitude(x: Floats, virtuality: Floats, mass: float) -> Floats:
    """M/e^2 with M of s, t, u of the 2 -> 2 process l gamma -> l G, the lepton massless."""
    m2, u = mass**2, -virtuality
    s = virtuality / (1 - x)
    t = m2 - x * s
    numerator = ((u + t) ** 2 + (u - m2) ** 2) * (4 * u * (u + t - m2) - m2 * t)
    return np.asarray(numerator / (4 * t * s * u) / (4 * np.pi * ALPHA))
