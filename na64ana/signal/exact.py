"""Exact tree level (ETL) of l Z -> l Z X: phase space of 2 -> 3 and its integral over t.

    d sigma/dx dU = eps^2 alpha^3 E/(2 p^2 V) Int dt G2(t)/t^2 <A>/(8 M^2),  V = |p - k|,

where U = -ut = m^2 - (p-k)^2 replaces the angle (dU = -2 p k dcos(theta)), <A> is the mean over
the azimuth of the nucleus and M its mass. Source: arXiv:1705.01633, with the differences of large
numbers removed by hand: in the frame of the target every small quantity below is a sum of
small quantities. Born approximation: on lead the Coulomb correction, left out, would lower the
limit of a massless vector by 9%.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from na64ana.signal.amplitudes import Azimuth, azimuthal_average
from na64ana.signal.constants import ALPHA
from na64ana.signal.form_factors import (
    DIPOLE_SCALE,
    form_factor_squared,
    nuclear_scale,
    screening_scale,
)
from na64ana.signal.process import Process
from na64ana.signal.quadrature import gauss_legendre

__all__ = ["angle_scale", "density", "depth_of", "forward_virtuality", "greatest_depth"]

Floats = NDArray[np.float64]

#: nodes of the integral over ln t: 96 give 1e-4 or better from 1 keV on
T_NODES = 96
#: points of x and U computed together: arrays of so many times `T_NODES` numbers stay in a
#: processor's cache, and their memory in the process; with 256 half of the time goes to getting it
POINTS_AT_ONCE = 64
#: t is integrated from this part of the screening scale (below, G2/t^2 falls like t^0)
LOWEST_T = 1e-4
#: ... to this many times the scale of the form factor or tmin (above, G2 falls like 1/t^2)
HIGHEST_T = 1e3


def forward_virtuality(process: Process, x: Floats) -> Floats:
    """Return U0 = U at angle 0, in GeV^2."""
    m2, boson = process.lepton**2, x * process.energy
    p, k = process.momentum, process.boson_momentum(x)
    product = (m2 * boson**2 + (process.mass * p) ** 2) / (process.energy * boson + p * k)
    return np.asarray(2 * product - process.mass**2)


def angle_scale(process: Process, x: Floats) -> Floats:
    """Return dU/d(4 sin^2(theta/2)) = p k, in GeV^2."""
    return np.asarray(process.momentum * process.boson_momentum(x))


def depth_of(process: Process, x: Floats, theta: Floats) -> Floats:
    """U - U0 in GeV^2 at an angle: 4 p k sin^2(theta/2)."""
    return np.asarray(4 * angle_scale(process, x) * np.sin(theta / 2) ** 2)


def greatest_depth(process: Process, x: Floats) -> Floats:
    """Return the highest U - U0: X goes backwards, or the lepton has no momentum left."""
    rest = (1 - x) * process.energy - process.lepton
    limit = 2 * process.element.nuclear_mass * rest - forward_virtuality(process, x)
    return np.clip(4 * angle_scale(process, x), 0.0, np.maximum(limit, 0.0))


def density(process: Process, x: Floats, depth: Floats) -> Floats:
    """D sigma/dx dU in GeV^-4 at epsilon = 1, for arrays x and U - U0 of one shape.

    0 outside phase space.
    """
    flat_x, flat_depth = x.ravel(), depth.ravel()
    value = np.zeros(x.size)
    for start in range(0, x.size, POINTS_AT_ONCE):
        here = slice(start, start + POINTS_AT_ONCE)
        span = _span_of(process, flat_x[here], flat_depth[here])
        if span.allowed.any():
            inside = start + np.flatnonzero(span.allowed)
            value[inside] = _integral(process, flat_x[inside], flat_depth[inside], span)
    return value.reshape(x.shape)


@dataclass(frozen=True)
class _Span:
    """The range of t, of points inside phase space only (`allowed` is of all points)."""

    allowed: NDArray[np.bool_]
    low: Floats
    high: Floats
    curvature: Floats  # sin^2 of the angle of q to V times V^2 Q^2 is this times (t-low)(high-t)


def _span_of(process: Process, x: Floats, depth: Floats) -> _Span:
    """Find tmin and tmax: the roots of t^2 - total t + ut^2 M^2/D, D = (M + E - E_X)^2 - V^2."""
    nucleus, rest = process.element.nuclear_mass, (1 - x) * process.energy
    ut = -(forward_virtuality(process, x) + depth)
    v2 = rest**2 - process.lepton**2 - ut
    width = (nucleus + rest) ** 2 - v2
    total = (v2 + ut * (1 + rest / nucleus) / 2) * 4 * nucleus**2 / width
    product = (ut * nucleus) ** 2 / width
    root2 = total**2 - 4 * product
    possible = (root2 > 0) & (total > 0) & (-ut < 2 * nucleus * (rest - process.lepton))
    allowed = possible & (process.boson_momentum(x) > 0)
    high = (total[allowed] + np.sqrt(root2[allowed])) / 2
    return _Span(allowed, product[allowed] / high, high, width[allowed] / (4 * nucleus**2))


def _integral(process: Process, x: Floats, depth: Floats, span: _Span) -> Floats:
    """Integrate over ln t by Gauss-Legendre, for points inside phase space."""
    element = process.element
    scale = DIPOLE_SCALE if process.form_factor != "elastic" else nuclear_scale(element)
    low = np.maximum(span.low, LOWEST_T * screening_scale(element))
    high = np.clip(HIGHEST_T * np.maximum(scale, low), low, span.high)
    nodes, weights = gauss_legendre(T_NODES)
    half = np.log(high / low) / 2
    t = low[:, np.newaxis] * np.exp(half[:, np.newaxis] * (1 + nodes))
    point = _azimuth_of(process, x[:, np.newaxis], depth[:, np.newaxis], t, span)
    mean = azimuthal_average(process.mediator, point, process.mass, process.lepton)
    squared = form_factor_squared(t, element, process.form_factor)
    integral = half * ((squared / t * mean) @ weights) / (8 * element.nuclear_mass**2)
    v2 = ((1 - x) * process.energy) ** 2 - process.lepton**2 - point.ut[:, 0]
    return np.asarray(
        ALPHA**3 * process.energy / (2 * process.momentum**2 * np.sqrt(v2)) * integral
    )


def _azimuth_of(process: Process, x: Floats, depth: Floats, t: Floats, span: _Span) -> Azimuth:
    """Return the invariants without the azimuth, all of them free of cancellation.

    From 2 V.q = ut - t (1 + w/M), w = E - E_X (energy conservation), and
    E + lag = w p.V/V^2 with lag = [m^2 E_X + w mX^2/2 + ut (E + E_X)/2]/V^2.
    """
    nucleus, energy, lepton2 = process.element.nuclear_mass, process.energy, process.lepton**2
    boson, rest = x * energy, (1 - x) * energy
    ut = -(forward_virtuality(process, x) + depth)
    v2 = rest**2 - lepton2 - ut
    lag = (lepton2 * boson + rest * process.mass**2 / 2 + ut * (energy + boson) / 2) / v2
    slope = lag * (1 + rest / nucleus) + boson
    excess = (t * slope - (lag + boson) * ut) / rest
    pk = angle_scale(process, x)
    across2 = pk * depth * (1 - depth / (4 * pk))  # |p x k|^2
    low, high, curve = (part[:, np.newaxis] for part in (span.low, span.high, span.curvature))
    swing2 = 4 * across2 / v2**2 * curve * np.clip((t - low) * (high - t), 0.0, None)
    return Azimuth(
        ut=ut,
        t=t,
        p2=4 * nucleus**2 + t,
        mean=excess - ut,
        swing2=swing2,
        excess=excess,
        p_p=2 * nucleus * energy - t / 2,
        p_q=2 * nucleus * rest + (ut - t) / 2,
        p_k=2 * nucleus * boson - ut / 2,
        balance=2 * nucleus * (t * slope - lag * ut) - t / 2 * excess,
    )
