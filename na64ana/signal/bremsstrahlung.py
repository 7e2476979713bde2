"""Bremsstrahlung of a new particle, l Z -> l Z X: total and differential cross sections.

In pb for one nucleus at epsilon = 1, that is with the coupling g = e of X to the lepton (spin 2:
at c/Lambda = 1/GeV); they go with epsilon^2. Masses and energies in GeV, angles in rad.

Uncertainty of the exact tree level: form factors 2.5% up to 1 GeV, more above (another elastic
form factor changes 5 to 10% at 1 GeV); Coulomb correction on lead, left out, up to 9% for masses
near and below that of the electron. Integrals are good to 1e-4.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from na64ana.errors import SignalError
from na64ana.signal import exact, weizsaecker_williams
from na64ana.signal.constants import GEV2_TO_PB
from na64ana.signal.process import Process, check_x, process_of
from na64ana.signal.quadrature import gauss_legendre
from na64ana.signal.targets import Target
from na64ana.signal.weizsaecker_williams import improved

__all__ = [
    "differential_cross_section",
    "differential_of",
    "double_differential",
    "total_cross_section",
    "x_nodes",
]

Floats = NDArray[np.float64]

#: nodes of the integrals over ln(x/(1-x)) and over the angle
X_NODES = 56
ANGLE_NODES = 24
#: U is integrated up to this many times its value at angle 0; cross sections fall like 1/U^2
GREATEST_RATIO = 1e6


def total_cross_section(
    mediator: str,
    mass: ArrayLike,
    energy: ArrayLike,
    *,
    lepton: str = "electron",
    target: str | Target = "Pb",
    method: str = "etl",
    form_factor: str = "elastic",
    x_min: ArrayLike | None = None,
) -> Any:
    """Cross section of l Z -> l Z X in pb at epsilon = 1.

    Parameters
    ----------
    mediator : str
        ``vector``, ``axial``, ``scalar``, ``pseudoscalar``, or ``spin2`` (only with ``ww``, at
        c/Lambda = 1/GeV, for a massless lepton: a rough estimate, not verified against others).
    mass, energy : array_like
        Mass of X and energy of the lepton in GeV; they are broadcast against each other.
    lepton : str
        ``electron``, ``positron`` (the same at tree level) or ``muon``.
    target : str or Target
        The nucleus.
    method : str
        ``etl`` (exact tree level), ``ww`` or ``iww``: see the modules
        `na64ana.signal.exact` and `na64ana.signal.weizsaecker_williams` for formulas and validity.
    form_factor : str
        ``elastic`` (Tsai), ``elastic+inelastic`` or ``helm`` (elastic).
    x_min : array_like, optional
        Only X that take more than this fraction of the energy; all of them by default.

    Returns
    -------
    float or array
        In pb; a float if mass, energy and x_min are numbers. 0 where x_min leaves no room
        (above 1 - m/E).

    Raises
    ------
    SignalError
        For unknown names, below threshold, and for x_min outside 0 to 1.
    """
    masses, energies, least = np.broadcast_arrays(
        _numbers("mass", mass),
        _numbers("energy", energy),
        _numbers("x_min", 0.0 if x_min is None else x_min),
    )
    if bad := least[~((least >= 0) & (least <= 1))].tolist():
        msg = f"x_min is {bad[0]:g}: a fraction of the energy is between 0 and 1"
        raise SignalError(msg)
    sigma = np.empty(masses.shape)
    for index in np.ndindex(masses.shape):
        pair = float(masses[index]), float(energies[index])
        process = process_of(mediator, *pair, lepton, target, form_factor, method)
        sigma[index] = _total(process, float(least[index]))
    return sigma * GEV2_TO_PB if sigma.ndim else float(sigma) * GEV2_TO_PB


def differential_cross_section(
    x: ArrayLike,
    mediator: str,
    mass: float,
    energy: float,
    *,
    lepton: str = "electron",
    target: str | Target = "Pb",
    method: str = "etl",
    form_factor: str = "elastic",
) -> Any:
    """D sigma/dx in pb at epsilon = 1, x = E_X/E from mX/E to 1 - m/E.

    The other parameters are those of `total_cross_section`.

    Returns
    -------
    float or array
        Of the shape of x.

    Raises
    ------
    SignalError
        As `total_cross_section`, and for x outside its range.
    """
    process = process_of(mediator, mass, energy, lepton, target, form_factor, method)
    fractions = _numbers("x", x)
    check_x(process, fractions)
    value = differential_of(process, np.atleast_1d(fractions)) * GEV2_TO_PB
    return value.reshape(fractions.shape) if fractions.ndim else float(value[0])


def double_differential(
    x: ArrayLike,
    theta: ArrayLike,
    mediator: str,
    mass: float,
    energy: float,
    *,
    lepton: str = "electron",
    target: str | Target = "Pb",
    method: str = "etl",
    form_factor: str = "elastic",
) -> Any:
    """D sigma/dx dtheta in pb per rad at epsilon = 1, theta the angle of X to the beam.

    Integrated over the azimuth of X. x and theta are broadcast against each other; the other
    parameters are those of `total_cross_section`, ``etl`` or ``ww``.

    Raises
    ------
    SignalError
        As `differential_cross_section`; for theta outside 0 to pi (``ww``: 0 to 0.3, where the
        form for small angles ends); and for ``iww``, which has no angle.
    """
    process = process_of(mediator, mass, energy, lepton, target, form_factor, method)
    if method == "iww":
        msg = "iww has no angle: it is integrated over all angles. Use 'etl' or 'ww'"
        raise SignalError(msg)
    fractions, angles = np.broadcast_arrays(_numbers("x", x), _numbers("theta", theta))
    check_x(process, fractions)
    most = weizsaecker_williams.ANGLE_MAX if method == "ww" else np.pi
    if bad := angles[~((angles >= 0) & (angles <= most))].tolist():
        msg = f"theta is {bad[0]:g} rad: with method '{method}' it goes from 0 to {most:.4g}"
        raise SignalError(msg)
    form = _form_of(process)
    shape, fractions, angles = fractions.shape, fractions.ravel(), angles.ravel()
    # dU/dtheta: of 4 p k sin^2(theta/2), or of E^2 x theta^2
    swift = np.sin(angles) if method == "etl" else angles
    value = form.density(process, fractions, form.depth_of(process, fractions, angles))
    value = value * 2 * form.angle_scale(process, fractions) * swift * GEV2_TO_PB
    return value.reshape(shape) if shape else float(value[0])


def differential_of(process: Process, x: Floats, angles: int | None = None) -> Floats:
    """D sigma/dx in GeV^-2 of a checked process, for an array x of one axis.

    By as many nodes of the integral over the angle, `ANGLE_NODES` by default.
    """
    if process.method == "iww":
        return improved(process, x)
    form = _form_of(process)
    forward = form.forward_virtuality(process, x)
    # The graviton of a massless lepton has a pole near the forward direction
    scale = process.lepton**2 * x if process.mediator == "spin2" else forward
    deepest = np.minimum(form.greatest_depth(process, x), GREATEST_RATIO * forward)
    nodes, weights = gauss_legendre(angles or ANGLE_NODES)
    half = np.log1p(deepest / scale)[:, np.newaxis] / 2
    scale = scale[:, np.newaxis]
    depth = scale * np.expm1(half * (1 + nodes))
    density = form.density(process, np.broadcast_to(x[:, np.newaxis], depth.shape), depth)
    return np.asarray((density * (depth + scale) * half) @ weights)


def x_nodes(
    process: Process, x_min: float = 0.0, number: int | None = None
) -> tuple[Floats, Floats]:
    """Nodes and weights of an integral over x: Gauss-Legendre in ln(x/(1-x)).

    As many as asked for, `X_NODES` by default.
    """
    low, high = max(process.x_range[0], x_min), process.x_limit
    if low >= high:
        return np.empty(0), np.empty(0)
    nodes, weights = gauss_legendre(number or X_NODES)
    start, end = np.log(low / (1 - low)), np.log(high / (1 - high))
    x = 1 / (1 + np.exp(-(start + (end - start) * (1 + nodes) / 2)))
    return np.clip(x, low, high), weights * x * (1 - x) * (end - start) / 2


def _total(process: Process, x_min: float) -> float:
    """Total cross section in GeV^-2."""
    x, weights = x_nodes(process, x_min)
    return float(differential_of(process, x) @ weights) if x.size else 0.0


def _form_of(process: Process) -> ModuleType:
    return exact if process.method == "etl" else weizsaecker_williams


def _numbers(what: str, value: ArrayLike) -> Floats:
    """Return an array of numbers.

    Raises
    ------
    SignalError
        For anything else.
    """
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        msg = f"{what} must be a number or an array of numbers"
        raise SignalError(msg) from None
    if not np.isfinite(array).all():
        msg = f"{what} holds a value that is not a finite number"
        raise SignalError(msg)
    return array
