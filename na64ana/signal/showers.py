"""Track lengths of electrons, positrons and photons in a shower that a thick target holds.

The cascade equations of an electromagnetic shower, integrated over all depths, with complete
screening and without ionisation loss (Approximation A: B. Rossi, High-Energy Particles (1952),
chapter 5; Y.-S. Tsai, Rev. Mod. Phys. 46 (1974) 815). Per radiation length,

    an electron of energy E emits photons of energy k = y E:  dk/k (4/3 - 4/3 y + y^2)
    a photon of energy k makes electrons of E = z k:          dE/k (1 - 4/3 z (1 - z)), each sign

and a photon is lost at the rate 7/9, the integral of the second over both signs. The equations have
no scale, hence T(E) = f(E/E0)/E0; a Mellin transform, integral of E^s T(E) dE, turns them into
algebra, with three functions of s:

    A(s)  of the energy that radiating electrons lose: integral of (1 - (1 - y)^s) of the emission
    C(s)  of photons from an electron:                 integral of y^s of the emission
    B(s)  of electrons from a photon:                  integral of z^s, each sign

    electrons - positrons: 1 / A;   electrons + positrons: 1 / (A - 2 B C / (7/9));
    photons: C / (7/9) times the latter

It is inverted numerically (fixed Talbot contour: J. Abate, P. P. Valko, Int. J. Numer. Meth. Eng.
60 (2004) 979) to better than 1e-8, so that no table is needed. The physics is good to about 2%: an
independent Monte Carlo of the same processes agrees to 1% to 2%. Left out are ionisation, which
matters towards the critical energy (7.4 MeV in lead: PDG), and the LPM effect, which matters below
about 2 GeV for photons of showers of 100 GeV in lead.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from na64ana.signal.checks import (
    Floats,
    check_above,
    check_below,
    known_name,
    one_number,
    plain,
    positive,
)

__all__ = [
    "BEAMS",
    "LOWEST_ENERGY",
    "PARTICLES",
    "track_length",
    "track_length_above",
    "track_length_nodes",
]

#: particles in the shower
PARTICLES = ("e-", "e+", "gamma")
#: the particle that starts the shower
BEAMS = ("electron", "positron")
#: GeV; about ten critical energies of lead: below, ionisation takes part
LOWEST_ENERGY = 0.075

_PHOTON_LOSS = 7 / 9  # per radiation length
_CONTOUR = 24  # points; 16 and 32 differ by less than 1e-8

_Complex = NDArray[np.complex128]


def track_length(
    particle: str, energy: ArrayLike, *, beam: str = "electron", beam_energy: float = 100.0
) -> Any:
    """Return the track length per energy, T(E), of a particle in the shower of one beam particle.

    Parameters
    ----------
    particle : str
        One of `PARTICLES`.
    energy : float or array
        Of the particle, GeV; from `LOWEST_ENERGY` to below the beam energy, where T of the beam
        particle has an integrable peak, 1 / (L log^2 L) in L = log(E0/E). Sums of bins that reach
        up to there are made by `track_length_above`.
    beam : str
        One of `BEAMS`.
    beam_energy : float
        GeV.

    Returns
    -------
    float or array
        In radiation lengths per GeV.

    Raises
    ------
    SignalError
        For an unknown particle or beam, or an energy outside the range.
    """
    log, top = _logarithm(energy, beam_energy)
    check_above(log, 0, "log(beam energy / energy)", "since the beam particle has an infinite peak")
    density = _invert(_kernel(particle, beam), log)
    return plain(density * np.exp(log) / top)


def track_length_above(
    particle: str, energy: ArrayLike, *, beam: str = "electron", beam_energy: float = 100.0
) -> Any:
    """Return the track length of all particles above an energy, the integral of T(E), in X0.

    Parameters are those of `track_length`; at the beam energy itself it is 0. The share of a bin
    is the difference of two.
    """
    log, _ = _logarithm(energy, beam_energy)
    kernel = _kernel(particle, beam)
    found = np.zeros(log.shape)
    inside = log > 0
    found[inside] = _invert(lambda s: kernel(s) / s, log[inside])
    return plain(found)


def track_length_nodes(
    particle: str,
    lowest: float,
    *,
    beam: str = "electron",
    beam_energy: float = 100.0,
    count: int = 32,
) -> tuple[Floats, Floats]:
    """Return energies E_i and weights w_i: the sum of w_i g(E_i) is the integral of T(E) g(E) dE.

    The integral goes from ``lowest`` (GeV) to the beam energy. It is Gauss-Legendre in the track
    length above E, in which the peak at the beam energy is flat: g should be smooth in E, and is
    then integrated to 1e-4 by 32 nodes. For a g with narrow peaks, as a resonance, take bins by
    `track_length_above`.

    Returns
    -------
    energies, weights : array (count)
        GeV, falling; X0.
    """
    from scipy.interpolate import PchipInterpolator

    log, top = _logarithm(one_number(lowest, "lowest"), beam_energy)
    check_above(log, 0, "log(beam energy / lowest energy)", "or there is nothing to integrate")
    grid = np.concatenate([[0.0], float(log) * np.geomspace(1e-14, 1, 1500)])
    above = track_length_above(particle, top * np.exp(-grid), beam=beam, beam_energy=beam_energy)
    kept = np.concatenate([[True], np.diff(above) > 0])
    nodes, weights = np.polynomial.legendre.leggauss(count)
    total = above[-1]
    found = PchipInterpolator(above[kept], grid[kept])(total * (nodes + 1) / 2)
    return top * np.exp(-found), total * weights / 2


def _logarithm(energy: ArrayLike, beam_energy: float) -> tuple[Floats, float]:
    """Return log(beam energy / energy) and the beam energy, both checked."""
    top = one_number(beam_energy, "beam_energy")
    energies = positive(energy, "energy")
    check_below(energies, np.nextafter(top, np.inf), "energy", "the beam energy in GeV")
    lowest = np.nextafter(LOWEST_ENERGY, 0)
    check_above(energies, lowest, "energy", "ten critical energies of lead in GeV")
    return np.log(top / energies), top


def _kernel(particle: str, beam: str) -> Callable[[_Complex], _Complex]:
    """Mellin transform of T(E) for a beam energy of 1."""
    known_name(particle, PARTICLES, "particle of a shower")
    known_name(beam, BEAMS, "beam of a shower")
    if particle == "gamma":
        return lambda s: _photons(s) / (_loss(s) * _PHOTON_LOSS - 2 * _pairs(s) * _photons(s))
    if (particle == "e-") == (beam == "electron"):
        return lambda s: (1 / _loss(s)) + _other_sign(s)
    return _other_sign


def _other_sign(s: _Complex) -> _Complex:
    """Those of the sign that is not the beam's; written without a difference that cancels."""
    loop = _pairs(s) * _photons(s)
    return loop / (_loss(s) * (_loss(s) * _PHOTON_LOSS - 2 * loop))


def _loss(s: _Complex) -> _Complex:
    """A(s); Rossi's A with complete screening."""
    from scipy.special import digamma

    harmonic = digamma(s + 1) + np.euler_gamma
    result: _Complex = 4 / 3 * (harmonic - s / (s + 1)) + 0.5 - 1 / ((s + 1) * (s + 2))
    return result


def _photons(s: _Complex) -> _Complex:
    """C(s)."""
    return 4 / 3 / s - 4 / 3 / (s + 1) + 1 / (s + 2)


def _pairs(s: _Complex) -> _Complex:
    """B(s)."""
    return 1 / (s + 1) - 4 / 3 * (1 / (s + 2) - 1 / (s + 3))


def _invert(transform: Callable[[_Complex], _Complex], log: Floats) -> Floats:
    """Inverse Laplace transform at log > 0, on the fixed Talbot contour.

    The contour is moved to the right of s = 1, where energy conservation puts a pole: T falls
    as 1 / E^2 deep in the shower.
    """
    angle = np.arange(1, _CONTOUR) * np.pi / _CONTOUR
    cot = 1 / np.tan(angle)
    turn = 1 + 1j * (angle + (angle * cot - 1) * cot)
    scale = 2 * _CONTOUR / (5 * log[..., None])
    s = scale * angle * (cot + 1j)
    along = (np.exp(log[..., None] * s) * transform(s + 1) * turn).real.sum(-1)
    start = np.exp(2 * _CONTOUR / 5) * transform((scale + 1).astype(np.complex128)).real / 2
    result: Floats = np.exp(log) * scale[..., 0] / _CONTOUR * (along + start[..., 0])
    return result
