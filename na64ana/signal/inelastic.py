"""Inelastic dark matter: the excited state decays by three bodies, chi2 -> chi1 l+ l-."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from na64ana.errors import SignalError
from na64ana.signal.checks import Floats, known_name, plain, positive
from na64ana.signal.constants import ALPHA
from na64ana.signal.decays import LEPTONS

__all__ = ["excited_state_width", "pair_masses"]

_NODES = 80


def excited_state_width(
    mass: ArrayLike,
    splitting: ArrayLike,
    mediator_mass: ArrayLike,
    *,
    epsilon: ArrayLike = 1.0,
    alpha_D: ArrayLike = 0.1,
    lepton: str = "electron",
) -> Any:
    """Return the width of chi2 -> chi1 l+ l- through a dark photon that is not on its shell.

    Gamma = (1/pi) Int dq2 Gamma(chi2 -> chi1 V_q) q Gamma(V_q -> l l)/(q2 - M^2)^2, where V_q is a
    vector of mass q, and the first width holds the averaged amplitude
    4 pi alpha_D [2 p1.p2 - 6 m1 m2 + 4 (q.p1)(q.p2)/q2]. For small splittings and massless leptons
    it is 4 epsilon^2 alpha alpha_D (m2 - m1)^5/(15 pi M^4) (arXiv:2302.05414); at
    (m2 - m1)/m1 = 0.4 it is 0.64 of that.

    Parameters
    ----------
    mass : float or array
        m1 of the lighter state, GeV.
    splitting : float or array
        (m2 - m1)/m1.
    mediator_mass : float or array
        M, GeV; above m2 - m1, or the decay would be to two bodies.
    epsilon, alpha_D : float or array
    lepton : str
        One of `na64ana.signal.decays.LEPTONS`.

    Returns
    -------
    float or array
        GeV; exact at tree level, the width of the mediator left out.

    Raises
    ------
    SignalError
        For an unknown lepton, m2 - m1 below the pair of leptons, or a mediator that is lighter.
    """
    pair = 2 * LEPTONS[known_name(lepton, LEPTONS, "lepton")]
    m1 = positive(mass, "mass")
    gap = m1 * positive(splitting, "splitting")
    mediator = positive(mediator_mass, "mediator_mass")
    m1, gap, mediator = np.broadcast_arrays(m1, gap, mediator)
    if (closed := gap <= pair).any():
        msg = (
            f"m2 - m1 is {gap[closed][0]:g} GeV: it must be above {pair:g} GeV for a pair of "
            f"{lepton}s; below, the excited state lives far longer"
        )
        raise SignalError(msg)
    if (real := mediator <= gap).any():
        msg = (
            f"mediator_mass is {mediator[real][0]:g} GeV: above m2 - m1 = {gap[real][0]:g} GeV "
            "only; below, chi2 decays to chi1 and a real mediator"
        )
        raise SignalError(msg)
    strength = positive(epsilon, "epsilon", zero=True) ** 2 * positive(alpha_D, "alpha_D")
    return plain(strength * three_body_integral(m1, gap, mediator, pair / 2))


def pair_masses(
    mass: float, splitting: float, mediator_mass: float, *, lepton: str = "electron"
) -> tuple[Floats, Floats]:
    """Return masses of the pair in chi2 -> chi1 l+ l-, and the share of decays around each.

    Parameters
    ----------
    mass, splitting, mediator_mass, lepton
        As of `excited_state_width`, each one number.

    Returns
    -------
    masses : array
        GeV, rising; points of a quadrature in q.
    shares : array
        Their sum is 1.
    """
    half = LEPTONS[known_name(lepton, LEPTONS, "lepton")]
    m1, mediator = positive(mass, "mass"), positive(mediator_mass, "mediator_mass")
    gap = m1 * positive(splitting, "splitting")
    q2, rates = _rates(m1, gap, mediator, half)
    return np.sqrt(q2), rates / rates.sum()


def three_body_integral(m1: Floats, gap: Floats, mediator: Floats, lepton: float) -> Floats:
    """Width for epsilon = alpha_D = 1."""
    return np.asarray(_rates(m1, gap, mediator, lepton)[1].sum(-1))


def _rates(m1: Floats, gap: Floats, mediator: Floats, lepton: float) -> tuple[Floats, Floats]:
    """Return q2 and the width around it: Gauss-Legendre in an angle that takes off both edges."""
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    angle = np.pi / 4 * (nodes + 1)
    m1, gap, mediator = (np.asarray(a)[..., None] for a in (m1, gap, mediator))
    low, high = 4 * lepton**2, gap**2
    q2 = low + (high - low) * np.sin(angle) ** 2
    step = weights * np.pi / 4 * (high - low) * np.sin(2 * angle)
    m2, total = m1 + gap, 2 * m1 + gap
    momentum = np.sqrt((high - q2) * (total**2 - q2)) / (2 * m2)
    # the averaged amplitude, with its products written out: none of its terms cancels another
    amplitude = 4 * np.pi * (high * total**2 / q2 - 4 * m1 * m2 + high - 2 * q2)
    emission = momentum / (8 * np.pi * m2**2) * amplitude
    conversion = ALPHA * q2 / 3 * (1 + 2 * lepton**2 / q2) * np.sqrt(1 - low / q2)
    rates = step * emission * conversion / (q2 - mediator**2) ** 2
    return q2, rates / np.pi
