"""Electromagnetic showers: how deep and how wide each one is.

Along depth the energy follows a gamma distribution whose maximum T and shape alpha fluctuate
together; sideways it follows a core and a tail whose radii grow with depth. All after
Grindhammer and Peters, hep-ex/0001020, formulas for sampling calorimeters; their coefficients
are those of :class:`na64ana.simulate.parameters.showers.Shower`. Depths are in radiation lengths.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from na64ana.simulate.arrays import FloatArray
from na64ana.simulate.parameters.showers import Shower
from na64ana.simulate.physics.medium import Medium

__all__ = ["Profiles", "Radii", "draw_profiles", "mean_profiles", "radii", "slices"]

_LEAST_LOG_Y = 3.0
"""The formulas hold for showers above some 20 critical energies; smaller ones are taken so."""


@dataclass(frozen=True, slots=True)
class Profiles:
    """Depth profiles of n showers: dE/dt = E beta (beta t)^(alpha - 1) exp(-beta t)/Gamma(alpha).

    Attributes
    ----------
    alpha : (n,) shape.
    beta : (n,) slope, 1/X0.
    scale : (n,) what turns a depth into tau, 1/X0: 1 at the maximum of the mean shower.
    """

    alpha: FloatArray
    beta: FloatArray
    scale: FloatArray


@dataclass(frozen=True, slots=True)
class Radii:
    """Core and tail of showers at some depth; radii in Moliere radii, share of the core."""

    core: FloatArray
    tail: FloatArray
    share: FloatArray


def _means(energy: FloatArray, m: Medium, s: Shower) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return ln(E/E_c), and the means of ln T and ln alpha."""
    log_y = np.maximum(
        np.log(np.maximum(energy, m.critical_energy) / m.critical_energy), _LEAST_LOG_Y
    )
    shift, by_sampling, by_signal = s.maximum
    maximum = log_y + shift + by_sampling / m.sampling + by_signal * (1 - m.signal_ratio)
    constant, slope, by_charge, by_layers = s.alpha
    alpha = constant + (slope + by_charge / m.atomic_number) * log_y + by_layers / m.sampling
    return log_y, np.log(np.maximum(maximum, 0.5)), np.log(np.maximum(alpha, 1.2))


def _profiles(log_t: FloatArray, log_alpha: FloatArray, mean_log_alpha: FloatArray) -> Profiles:
    alpha = np.maximum(np.exp(log_alpha), 1.1)
    maximum = np.exp(log_t)
    mean = np.exp(mean_log_alpha)
    scale = (alpha - 1) / alpha * mean / (mean - 1) / maximum
    return Profiles(alpha, (alpha - 1) / maximum, scale)


def mean_profiles(energy: FloatArray, m: Medium, s: Shower) -> Profiles:
    """Profiles (n,) of showers that do not fluctuate, from their energies (n,), GeV."""
    _, log_t, log_alpha = _means(energy, m, s)
    return _profiles(log_t, log_alpha, log_alpha)


def draw_profiles(energy: FloatArray, rng: np.random.Generator, m: Medium, s: Shower) -> Profiles:
    """Draw profiles (n,) of showers, from their energies (n,), GeV.

    ln T and ln alpha are normal, each with its spread, and correlated.
    """
    log_y, log_t, log_alpha = _means(energy, m, s)
    rho = np.clip(s.correlation[0] + s.correlation[1] * log_y, 0.0, 1.0)
    first, second = rng.standard_normal((2, len(energy)))
    common, apart = np.sqrt((1 + rho) / 2) * first, np.sqrt((1 - rho) / 2) * second
    t_spread = 1 / np.maximum(s.maximum_spread[0] + s.maximum_spread[1] * log_y, 2.0)
    alpha_spread = 1 / np.maximum(s.alpha_spread[0] + s.alpha_spread[1] * log_y, 2.0)
    return _profiles(
        log_t + t_spread * (common + apart), log_alpha + alpha_spread * (common - apart), log_alpha
    )


def slices(profiles: Profiles, ends: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Cut showers in depth.

    Parameters
    ----------
    profiles : of n showers.
    ends : (k,) or (n, k) rising depths, X0; the first slice begins at 0.

    Returns
    -------
    the share of the energy in each slice (n, k), below one in all by what leaks out behind; and
    the mean depth of that energy as tau, (n, k).
    """
    from scipy.special import gammainc, gammaln

    alpha = profiles.alpha[:, None]
    x = profiles.beta[:, None] * np.asarray(ends)
    below = gammainc(alpha, x)
    # P(alpha + 1, x) by recurrence: it gives the mean depth
    moment = below - np.exp(alpha * np.log(x) - x - gammaln(alpha + 1))
    share = np.diff(below, axis=1, prepend=0.0)
    mean = np.diff(moment, axis=1, prepend=0.0) / np.maximum(share, 1e-12)
    tau = mean * alpha / profiles.beta[:, None] * profiles.scale[:, None]
    return share, np.clip(tau, 0.0, 5.0)


def radii(energy: FloatArray, tau: FloatArray, m: Medium, s: Shower) -> Radii:
    """Radii of the lateral profile at a depth.

    ``f(r) = p 2 r R_C^2 / (r^2 + R_C^2)^2 + (1 - p) 2 r R_T^2 / (r^2 + R_T^2)^2``.

    Parameters
    ----------
    energy : of the showers, GeV; broadcasts with `tau`.
    tau : depth over that of the maximum.
    """
    log_e = np.log(np.maximum(energy, 0.1))
    z, weak = m.atomic_number, 1 - m.signal_ratio
    c = s.core_radius
    core = c[0] + c[1] * log_e + (c[2] + c[3] * z) * tau
    core = core + c[4] * weak + c[5] / m.sampling * np.exp(-tau)
    k = s.tail_radius
    behind = tau - k[2]
    tail = (k[0] + k[1] * z) * (np.exp(k[3] * behind) + np.exp((k[4] + k[5] * log_e) * behind))
    tail = tail + k[6] * weak + k[7] / m.sampling * np.exp(-tau)
    q = s.core_share
    u = (q[2] + q[3] * z - tau) / (q[4] + q[5] * log_e)
    share = (q[0] + q[1] * z) * np.exp(u - np.exp(u))
    share = share + weak * (q[6] + q[7] / m.sampling * np.exp(-((tau - 1) ** 2)))
    core = np.maximum(core, 0.01)
    return Radii(core, np.maximum(tail, core), np.clip(share, 0.0, 1.0))
