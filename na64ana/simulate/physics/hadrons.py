"""Hadronic showers: what they leave in the ECAL and in each module of the HCAL.

Behind its first interaction a shower has an electromagnetic part that ends after some tens of
radiation lengths and a hadronic part that goes on for interaction lengths, both gamma
distributions in depth with the parameters of Bock et al. (R-M, NIM 186 (1981) 533). How the
energy is shared among the two fluctuates about Groom's mean fraction (R-H).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from na64ana.simulate.parameters.common import Parameters
from na64ana.simulate.parameters.detectors import Ecal, Hcal
from na64ana.simulate.parameters.showers import Shower
from na64ana.simulate.physics.medium import medium
from na64ana.simulate.truth.event import FloatArray

__all__ = [
    "IN_LINE",
    "ZERO_DEGREE",
    "em_fraction",
    "hadron_deposits",
    "hcal_front",
    "radiation_depth",
    "section_ends",
]

IN_LINE = 3
"""HCAL modules one behind the other on the axis of the bent beam: 0 to 2."""
ZERO_DEGREE = 3
"""The module on the undeflected axis."""


def section_ends(p: Parameters) -> tuple[FloatArray, FloatArray]:
    """Ends of preshower, ECAL and HCAL modules 0 to 2, from the face of the ECAL.

    Returns
    -------
    (5,) in interaction lengths and (5,) in radiation lengths.
    """
    return _section_ends(p.ecal, p.hcal, p.shower)


@lru_cache(maxsize=32)
def _section_ends(ecal: Ecal, hcal: Hcal, shower: Shower) -> tuple[FloatArray, FloatArray]:
    front, behind = medium(ecal, shower), medium(hcal, shower)
    early = ecal.preshower_depth * front.radiation_length
    paths = [(front, early), (front, front.depth - early)] + [(behind, behind.depth)] * IN_LINE
    nuclear = np.cumsum([path / m.interaction_length for m, path in paths])
    radiation = np.cumsum([path / m.radiation_length for m, path in paths])
    return nuclear, radiation


def hcal_front(p: Parameters) -> float:
    """Depth of the face of the HCAL behind that of the ECAL, interaction lengths."""
    return float(section_ends(p)[0][1])


def radiation_depth(p: Parameters) -> float:
    """Depth of the ECAL, radiation lengths."""
    return float(section_ends(p)[1][1])


def em_fraction(energy: FloatArray, shower: Shower) -> FloatArray:
    """Mean electromagnetic fraction of hadronic showers of an energy, GeV."""
    scale, power = shower.em_fraction
    return 1 - (np.maximum(energy, 1.5 * scale) / scale) ** (power - 1)


def hadron_deposits(
    energy: FloatArray, start: FloatArray, rng: np.random.Generator, p: Parameters
) -> FloatArray:
    """Energies that hadronic showers leave in the sections of the calorimeters.

    Parameters
    ----------
    energy : (n,) energies, GeV.
    start : (n,) depth of the first interaction behind the face of the ECAL, interaction lengths.

    Returns
    -------
    (n, 5) energies in preshower, main part of the ECAL and HCAL modules 0 to 2, GeV. What is
    missing has leaked out behind: all of it where a hadron does not interact.
    """
    from scipy.special import gammainc

    nuclear, radiation = section_ends(p)
    s = p.shower
    log_e = np.log(np.maximum(energy, 1.0))[:, None]
    alpha = s.hadron_alpha[0] + s.hadron_alpha[1] * log_e
    behind = np.maximum(nuclear - start[:, None], 0.0)
    first = np.interp(start, np.append(0.0, nuclear), np.append(0.0, radiation))
    em_behind = np.where(behind > 0, np.maximum(radiation - first[:, None], 0.0), 0.0)
    em = gammainc(alpha, s.hadron_em_slope * em_behind)
    hadronic = gammainc(alpha, (s.hadron_slope[0] + s.hadron_slope[1] * log_e) * behind)
    fraction = _drawn_fraction(energy, rng, s)[:, None]
    below = fraction * em + (1 - fraction) * hadronic
    return np.asarray(energy[:, None] * np.diff(below, axis=1, prepend=0.0))


def _drawn_fraction(energy: FloatArray, rng: np.random.Generator, s: Shower) -> FloatArray:
    """(n,) electromagnetic fractions: beta distribution about the mean."""
    mean = em_fraction(energy, s)
    if s.em_fraction_spread == 0:
        return mean
    spread = np.minimum(s.em_fraction_spread, 0.5 * np.sqrt(mean * (1 - mean)))
    weight = mean * (1 - mean) / spread**2 - 1
    return np.asarray(rng.beta(mean * weight, (1 - mean) * weight), dtype=np.float64)
