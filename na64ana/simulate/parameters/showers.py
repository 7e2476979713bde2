"""Shapes of showers; sources as in `na64ana.simulate.parameters`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

__all__ = ["Shower"]

_GP = "hep-ex/0001020, checked in public code (Geant4 GFlash, CMS fast simulation)"
_BOCK = "R-M Bock et al., NIM 186 (1981) 533"


@dataclass(frozen=True, slots=True)
class Shower:
    """Shapes of showers, as published; y = E/E_c, depths in X0, radii in Moliere radii.

    Electromagnetic: Grindhammer and Peters, for sampling calorimeters. Hadronic: Bock et al.,
    with an electromagnetic fraction that fluctuates.
    """

    maximum: Annotated[tuple[float, float, float], "X0", f"{_GP}; mean of ln T"] = (
        -0.812, -0.55, -0.69,
    )  # fmt: skip
    maximum_spread: Annotated[tuple[float, float], "1", f"{_GP}; sigma of ln T"] = (-2.5, 1.25)
    alpha: Annotated[tuple[float, float, float, float], "1", f"{_GP}; mean of ln alpha"] = (
        0.81, 0.458, 2.26, -0.476,
    )  # fmt: skip
    alpha_spread: Annotated[tuple[float, float], "1", f"{_GP}; sigma of ln alpha"] = (-0.82, 0.79)
    correlation: Annotated[tuple[float, float], "1", f"{_GP}; of ln T and ln alpha"] = (
        0.784, -0.023,
    )  # fmt: skip
    core_radius: Annotated[tuple[float, ...], "R_M", f"{_GP}; core at depth tau"] = (
        0.0251, 0.00319, 0.1162, -0.000381, -0.0203, 0.0397,
    )  # fmt: skip
    tail_radius: Annotated[
        tuple[float, ...], "R_M", f"{_GP}; tail at depth tau (0.0421: Geant4 has 0.0412)"
    ] = (0.659, -0.00309, 0.645, -2.59, 0.3585, 0.0421, -0.14, -0.495)
    core_share: Annotated[tuple[float, ...], "1", f"{_GP}; share of the core at depth tau"] = (
        2.632, -0.00094, 0.401, 0.00187, 1.313, -0.0686, 0.348, -0.642,
    )  # fmt: skip
    moliere_energy: Annotated[float, "GeV", f"{_GP}; R_M = X0 * this / E_c"] = 0.0212
    signal_ratio: Annotated[float, "1", f"{_GP}; e/mip = 1/(1 + this (Z_absorber - Z_active))"] = (
        0.007
    )
    slice_end: Annotated[
        float, "X0", "chosen; cells see the main part in two slices, this is between them"
    ] = 12.0
    hadron_alpha: Annotated[tuple[float, float], "1", f"{_BOCK}; of ln(E/GeV)"] = (0.6165, 0.3183)
    hadron_em_slope: Annotated[float, "1/X0", _BOCK] = 0.2198
    hadron_slope: Annotated[tuple[float, float], "1/lambda", f"{_BOCK}; of ln(E/GeV)"] = (
        0.9099, -0.0237,
    )  # fmt: skip
    em_fraction: Annotated[
        tuple[float, float], "GeV, 1", "R-H Groom, 1 - (E/E0)^(k-1), pions in iron; E0 and k"
    ] = (0.7, 0.82)
    em_fraction_spread: Annotated[float, "1", "chosen; sigma of the em fraction"] = 0.15
