"""What is drawn beside a reach: published curves of its plane, and relic densities computed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from na64ana.signal.couplings import convert_curve
from na64ana.signal.curves import Curve, curves
from na64ana.signal.parameters import parameters_of
from na64ana.signal.planes import InPlaneOfY
from na64ana.signal.response import Model
from na64ana.signal.thermal import HEAVIEST, LIGHTEST, SMALLEST_RATIO, relic_target

__all__ = ["ThermalLine", "published", "thermal_lines"]

Floats = NDArray[np.float64]

#: currents of dark matter with a line of their own; Dirac particles have that of pseudo-Dirac ones
CURRENTS = ("scalar", "majorana", "pseudo-dirac")
_THERMAL_POINTS = 25


def published(found: Model) -> list[Curve]:
    """Return the published curves of the plane of a model, with its alpha_D and mass ratio.

    A limit in y is drawn for one alpha_D, which it depends on; one for another is left out. Limits
    on epsilon of invisible mediators are moved into the plane of y. Lines of the relic density
    hardly depend on alpha_D (1 to 9% from 0.1 to 0.5) and are kept.
    """
    if not isinstance(found, InPlaneOfY):
        known = {curve.model for curve in curves()}
        return curves(found.curves) if found.curves in known else []
    if found.curves != "light-dark-matter":
        return []
    alpha_D, ratio = parameters_of(found.model)["alpha_D"], found.mass_ratio
    own = [curve for curve in curves(found.curves) if _fits(curve, alpha_D, ratio)]
    have = {curve.spec.arxiv for curve in own if curve.spec.arxiv}
    others = [
        convert_curve(curve, found.curves, alpha_D=alpha_D, mass_ratio=ratio)[0]
        for curve in curves("dark-photon")
        if curve.spec.arxiv not in have
    ]
    return own + others


def _fits(curve: Curve, alpha_D: float, mass_ratio: float) -> bool:
    spec = curve.spec.coupling
    return curve.kind == "target" or (spec.alpha_D, spec.mass_ratio) == (alpha_D, mass_ratio)


class ThermalLine(NamedTuple):
    """The y of the observed relic density, as `relic_target` computes it."""

    dark_matter: str
    masses: Floats
    y: Floats


def thermal_lines(found: Model, masses: Sequence[float]) -> list[ThermalLine]:
    """Return the lines of the relic density in the plane of a model, between some masses.

    Good to 50%; a check of published lines, and in place of them where there are none. None for
    planes other than that of y, mediators other than vectors, and mass ratios below 2.2.

    Parameters
    ----------
    found : Model
    masses : sequence of float
        Of dark matter, GeV; lines go from the lowest to the highest, within 1 MeV and 1 GeV.
    """
    if not isinstance(found, InPlaneOfY) or found.mass_ratio < SMALLEST_RATIO:
        return []
    parameters = parameters_of(found.model)
    low, high = max(LIGHTEST, min(masses)), min(HEAVIEST, max(masses))
    if parameters.get("mediator", "vector") != "vector" or not low < high:
        return []
    grid = np.clip(np.geomspace(low, high, _THERMAL_POINTS), LIGHTEST, HEAVIEST)
    portal = "dark-photon" if found.model.coupling == "epsilon" else "lmu-ltau"
    return [
        ThermalLine(
            current,
            grid,
            np.asarray(
                relic_target(
                    grid,
                    dark_matter=current,
                    alpha_D=parameters["alpha_D"],
                    mass_ratio=found.mass_ratio,
                    portal=portal,
                )
            ),
        )
        for current in CURRENTS
    ]
