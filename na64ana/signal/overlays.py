"""What is drawn beside a reach: published curves, relic densities, and magnetic moments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from na64ana.errors import SignalError
from na64ana.signal.checks import known_name
from na64ana.signal.constants import ELEMENTARY_CHARGE
from na64ana.signal.couplings import convert_curve
from na64ana.signal.curves import Curve, curves
from na64ana.signal.moments import MOMENTS, moment_band
from na64ana.signal.parameters import parameters_of
from na64ana.signal.planes import InPlaneOfY
from na64ana.signal.response import Model
from na64ana.signal.thermal import HEAVIEST, LIGHTEST, SMALLEST_RATIO, relic_target

__all__ = ["MomentBand", "ThermalLine", "moment_overlay", "published", "thermal_lines"]

Floats = NDArray[np.float64]

#: currents of dark matter with a line of their own; Dirac particles have that of pseudo-Dirac ones
CURRENTS = ("scalar", "majorana", "pseudo-dirac")
_THERMAL_POINTS = 75  # a line bends within a tenth of the mass where muons open
#: half the width of a band of (g-2), in standard deviations
_SIGMAS = 2.0


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
    planes other than that of y, mediators other than vectors, dark matter with a splitting, and
    mass ratios below 2.2.

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
    if parameters.get("mediator", "vector") != "vector" or parameters.get("splitting"):
        return []
    if not low < high:
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


class MomentBand(NamedTuple):
    """Couplings at which a boson explains a measured magnetic moment, within two errors.

    Attributes
    ----------
    label : str
        With the year.
    masses, low, high : array, shape (n,)
        In the plane of the model; low is 0 where no boson at all would do too, both are NaN where
        the boson shifts the moment the wrong way.
    """

    label: str
    masses: Floats
    low: Floats
    high: Floats


def moment_overlay(found: Model, name: str, masses: Sequence[float]) -> MomentBand:
    """Return where a model explains a measured (g-2), in its plane.

    Parameters
    ----------
    found : Model
    name : str
        Of a dated value, one of `MOMENTS`.
    masses : sequence of float
        GeV; of the axis of the plane.

    Raises
    ------
    SignalError
        There is no value of that name, or the model's coupling is not one to that lepton.
    """
    known_name(name, MOMENTS, "value of (g-2)")
    value = MOMENTS[name]
    own = found.model if isinstance(found, InPlaneOfY) else found
    mediator = _mediator_at(own, value.lepton)
    at = np.asarray(masses, dtype=float)
    ratio = found.mass_ratio if isinstance(found, InPlaneOfY) else 1.0
    low, high = moment_band(value, mediator, at * ratio, sigmas=_SIGMAS)
    if own.coupling != "epsilon":
        low, high = low * ELEMENTARY_CHARGE, high * ELEMENTARY_CHARGE
    if isinstance(found, InPlaneOfY):
        low, high = found.per_square * low**2, found.per_square * high**2
    superseded = ", superseded" if value.superseded_by else ""
    return MomentBand(f"(g-2) {name} \u00b1 {_SIGMAS:g} \u03c3{superseded}", at, low, high)


def _mediator_at(found: Model, lepton: str) -> str:
    """Return what couples to a lepton, if by the coupling of the model."""
    if found.coupling == "epsilon":
        return str(parameters_of(found).get("mediator", "vector"))
    if found.coupling == "g_BL" or (found.coupling == "g_mutau" and lepton == "muon"):
        return "vector"
    msg = f"(g-2) of the {lepton} is not drawn for {found.name}, whose coupling is not to {lepton}s"
    raise SignalError(msg)
