"""Recoil lepton of l Z -> l Z X, for cuts on what a spectrometer sees behind a thin target.

With y = 1 - x = E'/E, psi the angle of the recoil lepton and
T = mX^2 - (p - p')^2 = mX^2 - m^2 + y E^2 psi^2 + m^2/y x + m^2 y,

    d sigma/dy d(psi^2/2) = 8 eps^2 alpha^3 E^2 sqrt(y^2 - m^2/E^2) x/T^2
        {1/(2y) + y/2 + (mX^2 + 2m^2) x^2/(T^2 y) [m^2 x^2/y + mX^2 - T]} chi(tmin = [T/(2 E x)]^2)

in the WW approximation, for vectors. Source: arXiv:2107.13297. Its integral is that of WW over the
angle of X to 1e-5 (10 MeV) and 1.3e-3 (1 GeV) for muons of 160 GeV on lead.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from na64ana.errors import SignalError
from na64ana.signal.constants import ALPHA, GEV2_TO_PB
from na64ana.signal.form_factors import photon_flux
from na64ana.signal.process import process_of
from na64ana.signal.targets import Target
from na64ana.signal.weizsaecker_williams import greatest_t

__all__ = ["recoil_differential"]

Floats = NDArray[np.float64]

#: where the form for small angles ends, in rad
PSI_MAX = 1.0


def recoil_differential(
    y: ArrayLike,
    psi: ArrayLike,
    mass: float,
    energy: float,
    *,
    lepton: str = "muon",
    target: str | Target = "Pb",
    form_factor: str = "elastic",
) -> Any:
    """D sigma/dy dpsi of a vector in pb per rad at epsilon = 1 (WW).

    Parameters
    ----------
    y : array_like
        Fraction of the energy that the lepton keeps, from m/E to 1 - mX/E.
    psi : array_like
        Its angle to the beam in rad, from 0 to 1; broadcast against y.
    mass, energy : float
        Mass of X and energy of the lepton before, in GeV.

    Raises
    ------
    SignalError
        Below threshold, for unknown names, and outside the ranges above.
    """
    process = process_of("vector", mass, energy, lepton, target, form_factor, "ww")
    kept, angle = np.broadcast_arrays(
        np.asarray(y, dtype=np.float64), np.asarray(psi, dtype=np.float64)
    )
    low, high = process.lepton / process.energy, 1 - process.mass / process.energy
    if bad := kept[~((kept >= low) & (kept <= high))].tolist():
        msg = f"y is {bad[0]:g}: the lepton keeps from {low:g} (m/E) to {high:g} (1 - mX/E)"
        raise SignalError(msg)
    if bad := angle[~((angle >= 0) & (angle <= PSI_MAX))].tolist():
        msg = f"psi is {bad[0]:g} rad: this form goes from 0 to {PSI_MAX:g}"
        raise SignalError(msg)
    m2, l2, x, e2 = process.mass**2, process.lepton**2, 1 - kept, process.energy**2
    size = m2 - l2 + kept * e2 * angle**2 + l2 / kept + l2 * kept - l2
    bracket = (
        1 / (2 * kept) + kept / 2
        + (m2 + 2 * l2) * x**2 / (size**2 * kept) * (l2 * x**2 / kept + m2 - size)
    )  # fmt: skip
    flux = photon_flux(size**2 / (4 * e2 * x**2), greatest_t(process), process.element, form_factor)
    momentum = np.sqrt(np.maximum(kept**2 - l2 / e2, 0.0))
    value = 8 * ALPHA**3 * e2 * momentum * x / size**2 * bracket * flux * angle * GEV2_TO_PB
    return value if value.ndim else float(value)
