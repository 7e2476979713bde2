"""Where the sections of the calorimeters lie in depth, one behind the other."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from na64ana.simulate.arrays import FloatArray
from na64ana.simulate.parameters.common import Parameters
from na64ana.simulate.parameters.detectors import Ecal, Hcal
from na64ana.simulate.parameters.showers import Shower
from na64ana.simulate.physics.medium import medium

__all__ = [
    "IN_LINE",
    "SHIELD",
    "ZERO_DEGREE",
    "decay_depths",
    "hcal_front",
    "radiation_depth",
    "section_ends",
]

IN_LINE = 3
"""HCAL modules one behind the other on the axis of the bent beam: 0 to 2."""
ZERO_DEGREE = 3
"""The module on the undeflected axis."""
SHIELD = 1
"""Modules in front of the first in which decays are looked for: module 0 is the veto."""


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


def decay_depths(p: Parameters) -> FloatArray:
    """Ends of the modules in which decays are looked for, from the first one's face, X0."""
    m = medium(p.hcal, p.shower)
    return np.arange(1.0, IN_LINE - SHIELD + 1) * (m.depth / m.radiation_length)
