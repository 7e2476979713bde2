"""Hadronic showers: what they leave in the ECAL and in each module of the HCAL.

Behind its first interaction a shower has an electromagnetic part that ends after some tens of
radiation lengths and a hadronic part that goes on for interaction lengths, both gamma
distributions in depth with the parameters of Bock et al. (R-M, NIM 186 (1981) 533). How the
energy is shared among the two fluctuates about Groom's mean fraction (R-H).
"""

from __future__ import annotations

import numpy as np

from na64ana.simulate.arrays import FloatArray
from na64ana.simulate.parameters.common import Parameters
from na64ana.simulate.parameters.showers import Shower
from na64ana.simulate.physics.depths import section_ends

__all__ = ["em_fraction", "hadron_deposits"]


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
