"""Multiple scattering of muons in the ECAL."""

from __future__ import annotations

import numpy as np

from na64ana.simulate.arrays import FloatArray
from na64ana.simulate.parameters.common import Parameters
from na64ana.simulate.physics.constants import MUON_MASS
from na64ana.simulate.physics.depths import radiation_depth

__all__ = ["scattering_angle"]


def scattering_angle(
    energy: FloatArray, p: Parameters, depth: FloatArray | float = 0.0
) -> FloatArray:
    """Angle of multiple scattering in the ECAL per projection, rad (R-H Highland, PDG).

    ``13.6 MeV / p sqrt(x) (1 + 0.038 ln x)`` with x what lies behind a depth, X0.
    """
    x = np.maximum(radiation_depth(p) - depth, 0.1)
    factor = 0.0136 * np.sqrt(x) * (1 + 0.038 * np.log(x))
    return np.asarray(factor / np.maximum(energy, MUON_MASS))
