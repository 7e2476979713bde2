"""Kinetic mixing that a loop makes: the coupling of the L_mu - L_tau boson to electrons."""

from __future__ import annotations

from math import comb
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from na64ana.signal.checks import Floats, numbers, plain
from na64ana.signal.constants import ELEMENTARY_CHARGE, M_MUON, M_TAU

__all__ = ["loop_mixing", "vacuum_polarisation"]

#: below this |q^2| / m^2 the closed form cancels, and the series is exact to 1e-15
_SERIES_BELOW = 0.1
_TERMS = 14


def vacuum_polarisation(q2: ArrayLike) -> Any:
    """Return Pi(q^2)/g of muons and taus in the loop.

    Pi(q2)/g = e/(2 pi^2) Int_0^1 dx x (1-x) ln{[m_tau^2 - x(1-x) q2] / [m_mu^2 - x(1-x) q2]},
    in closed form. Its size is the mixing epsilon of a boson with gauge coupling g, without a
    mixing of its own: electrons have the charge epsilon e.

    Parameters
    ----------
    q2 : float or array
        Squared four-momentum of the boson in GeV^2, of either sign: m_Z'^2 where it is radiated, s
        where it annihilates.

    Returns
    -------
    complex or array of complex
        Complex above 4 m_mu^2, where muons are real.

    Notes
    -----
    One loop; two-loop terms are of the order alpha/pi. Source of the formula: arXiv:2206.03101,
    with standard quantum electrodynamics checked by quadrature here.
    """
    array = numbers(q2, "q2")
    found = np.log(M_TAU**2 / M_MUON**2) / 6 + _loop(array / M_TAU**2) - _loop(array / M_MUON**2)
    result = ELEMENTARY_CHARGE / (2 * np.pi**2) * found
    return complex(result) if array.ndim == 0 else result


def loop_mixing(q2: ArrayLike) -> Any:
    """Return epsilon/g = abs(Pi(q^2))/g; parameters are those of `vacuum_polarisation`."""
    return plain(np.abs(vacuum_polarisation(q2)))


def _loop(ratio: Floats) -> NDArray[np.complex128]:
    """Int_0^1 dx x (1-x) ln(1 - x (1-x) ratio - i 0)."""
    found = np.zeros(ratio.shape, dtype=np.complex128)
    small = np.abs(ratio) < _SERIES_BELOW
    # Int x^(n+1) (1-x)^(n+1) dx = 1 / ((2n+3) binomial(2n+2, n+1))
    for n in range(1, _TERMS + 1):
        found[small] -= ratio[small] ** n / (n * (2 * n + 3) * comb(2 * n + 2, n + 1))
    tau = 4 / ratio[~small]
    root = np.sqrt(1 - tau + 0j)
    log = np.log((root + 1) / (root - 1))
    real = (-5 / 3 - tau + (1 + tau / 2) * (root * log).real) / 6
    # q^2 + i 0 above threshold; the real part of the root is 0 below
    cut = np.where(tau > 0, (1 + tau / 2) * root.real * np.pi / 6, 0.0)
    found[~small] = real - 1j * cut
    return found
