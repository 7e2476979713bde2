"""The constants of nature that signal formulas use, in GeV, m and pb (hbar = c = 1)."""

from __future__ import annotations

import math

import hepunits.constants
import scipy.constants
from particle import Particle

__all__ = [
    "ALPHA",
    "ATOMIC_MASS_UNIT",
    "AVOGADRO",
    "CM2_TO_PB",
    "ELEMENTARY_CHARGE",
    "GEV2_TO_PB",
    "HBARC",
    "M_ELECTRON",
    "M_MUON",
    "M_PROTON",
    "M_TAU",
    "PROTON_MOMENT",
]

#: fine structure constant at zero momentum transfer (CODATA, through scipy)
ALPHA: float = scipy.constants.alpha
#: charge of the positron e = sqrt(4 pi alpha), without a unit
ELEMENTARY_CHARGE = math.sqrt(4 * math.pi * ALPHA)

MEV_PER_GEV = 1000.0


def _mass(name: str) -> float:
    """Mass of a particle in GeV (PDG, through particle)."""
    mass = Particle.from_name(name).mass
    assert mass is not None  # those below are measured
    return mass / MEV_PER_GEV


M_ELECTRON = _mass("e-")
M_MUON = _mass("mu-")
M_TAU = _mass("tau-")
M_PROTON = _mass("p")

#: magnetic moment of the proton in nuclear magnetons (CODATA, through scipy)
PROTON_MOMENT: float = scipy.constants.physical_constants[
    "proton mag. mom. to nuclear magneton ratio"
][0]
#: atomic mass unit in GeV (CODATA, through scipy)
ATOMIC_MASS_UNIT: float = (
    scipy.constants.physical_constants["atomic mass constant energy equivalent in MeV"][0]
    / MEV_PER_GEV
)

#: atoms per mol (exact since 2019, through scipy)
AVOGADRO: float = scipy.constants.N_A
#: hbar c in GeV m; hepunits gives MeV mm (exact since 2019)
HBARC = float(hepunits.constants.hbarc) * 1e-3 / MEV_PER_GEV
#: 1 cm^2 in pb: 1 barn is 1e-24 cm^2
CM2_TO_PB = 1e36
#: 1 GeV^-2 in pb, (hbar c)^2
GEV2_TO_PB = (HBARC * 100) ** 2 * CM2_TO_PB
