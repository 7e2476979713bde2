"""Primakoff production of an axion-like particle in the field of a nucleus: gamma Z -> a Z.

One photon of the field is exchanged, L = -(g/4) a F Ftilde. For a nucleus that takes momentum and
no energy (its recoil energy t/2M is below 1 MeV), with t the squared momentum transfer and p the
momentum of the particle, E_a = k,

    d sigma/dt = (alpha g^2/8) G2(t) (t - tmin)(tmax - t)/(4 k p t^2),
    tmin = [m^2/(k + p)]^2,  tmax = (k + p)^2

(G. Raffelt, Phys. Rev. D 33 (1986) 897, with form factors; arXiv:2004.04469). Where tmax is far
above the scale d of the nucleus this is (alpha g^2/8) chi(tmin), with the flux of `form_factors`;
for tmin far below d it has the closed form (alpha g^2 Z^2/8) {ln[(d + tmin)/(1/a^2 + tmin)] - 2}.

Uncertainty: about 2% from the form factors; photons are not absorbed, Coulomb corrections left out.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from na64ana.errors import SignalError
from na64ana.signal.checks import Floats, check_above, known_name, plain, positive
from na64ana.signal.constants import ALPHA, GEV2_TO_PB
from na64ana.signal.form_factors import (
    check_form_factor,
    form_factor_squared,
    nuclear_scale,
    screening_scale,
)
from na64ana.signal.targets import Target
from na64ana.signal.targets import target as _element

__all__ = ["METHODS", "primakoff_cross_section"]

METHODS = ("exact", "closed")

#: the closed form misses terms of the order tmin/d times a logarithm: up to here they are below 3%
_CLOSED_UP_TO = 0.003
_NODES = 32
#: GeV^2; panels of a decade end here, where G2 has fallen by 1e-20
_LARGEST_T = 1e4


def primakoff_cross_section(
    mass: ArrayLike,
    energy: ArrayLike,
    *,
    target: str | Target = "Pb",
    form_factor: str = "elastic",
    method: str = "exact",
) -> Any:
    """Return sigma/g^2 of gamma Z -> a Z in pb GeV^2, for one nucleus.

    Parameters
    ----------
    mass : float or array
        Of the particle, GeV.
    energy : float or array
        Of the photon, GeV; it is that of the particle.
    target : str or Target
        An element.
    form_factor : str
        ``elastic`` (Tsai), ``elastic+inelastic`` or ``helm`` (elastic).
    method : str
        ``exact``, the integral over t to 1e-8; ``closed``, the limit for light particles, elastic.

    Returns
    -------
    float or array
        Multiply by g^2, g in 1/GeV, for pb.

    Raises
    ------
    SignalError
        For an energy not above the mass, unknown names, or a mass that is too large for the closed
        form, which needs m^2 << 2 k sqrt(d).
    """
    element = _element(target)
    check_form_factor(form_factor)
    known_name(method, METHODS, "method")
    heavy, k = np.broadcast_arrays(positive(mass, "mass"), positive(energy, "energy"))
    check_above(k, heavy, "energy", "the mass in GeV")
    p = np.sqrt((k - heavy) * (k + heavy))
    if method == "closed":
        return plain(_closed((heavy**2 / (k + p)) ** 2, element, form_factor))
    return plain(_exact(heavy, k, p, element, form_factor))


def _exact(mass: Floats, k: Floats, p: Floats, element: Target, form_factor: str) -> Floats:
    """Gauss-Legendre in ln t, in panels that end at tmin, at tmax and in each decade between."""
    low, high = (mass**2 / (k + p)) ** 2, (k + p) ** 2
    # far below the screening scale G2 goes with t^2, and nothing is left
    first = np.clip(screening_scale(element) * 1e-8, low, high)
    decades = np.geomspace(1e-7, _LARGEST_T / screening_scale(element), 22)
    edges = [low, first, *np.clip(decades[:, None] * screening_scale(element), first.ravel(),
                                  high.ravel()).reshape(-1, *low.shape), high]  # fmt: skip
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    total = np.zeros(low.shape)
    for lower, upper in pairwise(edges):
        half = np.log(upper / lower)[..., None] / 2
        t = lower[..., None] * np.exp(half * (1 + nodes))
        shape = (t - low[..., None]) * ((k + p)[..., None] ** 2 - t) / t
        squared = form_factor_squared(t, element, form_factor)
        total += (half * weights * shape * squared).sum(-1)
    result: Floats = GEV2_TO_PB * ALPHA / 8 * total / (4 * k * p)
    return result


def _closed(low: Floats, element: Target, form_factor: str) -> Floats:
    if form_factor != "elastic":
        msg = "the closed form is for elastic form factors: take the method 'exact'"
        raise SignalError(msg)
    size = nuclear_scale(element)
    if (low > _CLOSED_UP_TO * size).any():
        msg = (
            f"the closed form needs m^4/(4 k^2) below {_CLOSED_UP_TO * size:.2g} GeV^2 on "
            f"{element.name}, where the nucleus is a point: take the method 'exact'"
        )
        raise SignalError(msg)
    log = np.log((size + low) / (screening_scale(element) + low))
    return np.asarray(GEV2_TO_PB * ALPHA / 8 * element.Z**2 * (log - 2))
