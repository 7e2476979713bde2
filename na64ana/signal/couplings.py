"""Couplings turned into each other, and curves moved into another plane.

========== ============================================ ==================================
coupling   definition                                   to epsilon
========== ============================================ ==================================
epsilon    a fermion of charge Q couples by epsilon e Q
epsilon2   epsilon^2                                    sqrt(epsilon2)
y          epsilon^2 alpha_D (m_chi/m_A')^4             sqrt(y/alpha_D) (m_A'/m_chi)^2
g          coupling to the lepton, g = epsilon e        g/e
g_bl       gauge coupling of B-L                        g_bl/e
g_mutau    gauge coupling of L_mu - L_tau               g_mutau/e
g_agamma   of an ALP to two photons, 1/GeV              none: another interaction
========== ============================================ ==================================

e = sqrt(4 pi alpha) = 0.3028, with alpha of CODATA at q^2 = 0 from scipy; it runs by 7% up to
the mass of the Z boson, which is not taken into account. Definitions: the talk of 2023 and
production.md of the project, sections 0, 7 and 9.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.constants import alpha as ALPHA

from na64ana.errors import SignalError, nearest, printable
from na64ana.signal.curve_model import COUPLINGS, MODELS
from na64ana.signal.curve_record import Curve

__all__ = ["ELEMENTARY_CHARGE", "Converted", "convert_coupling", "convert_curve"]

#: e = sqrt(4 pi alpha)
ELEMENTARY_CHARGE = math.sqrt(4 * math.pi * ALPHA)
#: below, the mediator cannot decay into a pair of dark matter, and y says nothing of such a search
LOWEST_RATIO = 2.0

Values = float | NDArray[np.float64]

_CHARGE = ("g", "g_bl", "g_mutau")
_ASSUMED = {
    "g": "g = epsilon e: the mediator couples to the lepton of the beam alone as much",
    "g_bl": "g_bl = epsilon e: production off electrons or muons; the same efficiency and the "
    "same branching ratio into what is searched for",
    "g_mutau": "g_mutau = epsilon e: production off muons; the same efficiency and the same "
    "branching ratio into what is searched for",
}


@dataclass(frozen=True)
class Converted:
    """A coupling in another definition, with what was assumed.

    Attributes
    ----------
    value : float or ndarray
    coupling : str
        Its definition, a key of `COUPLINGS`.
    assumptions : tuple of str
        In words, for a caption.
    alpha_D, mass_ratio : float or None
        What y was made with: g_D^2 / 4 pi, and m_A' / m_chi.
    """

    value: Values
    coupling: str
    assumptions: tuple[str, ...] = ()
    alpha_D: float | None = None
    mass_ratio: float | None = None


def convert_coupling(
    value: Values, source: str, target: str, *, alpha_D: float | None = None,
    mass_ratio: float | None = None,
) -> Converted:  # fmt: skip
    """Return a coupling in another definition; the table at the top of the module has them.

    Parameters
    ----------
    value : float or ndarray
        Positive.
    source, target : str
        Definitions: ``epsilon``, ``epsilon2``, ``y``, ``g``, ``g_bl``, ``g_mutau``, ``g_agamma``.
    alpha_D, mass_ratio : float, optional
        g_D^2 / 4 pi and m_A' / m_chi, above 2; needed where one of the two is ``y``.

    Raises
    ------
    SignalError
        A definition is unknown, the two are of different interactions, a value is not positive,
        or y lacks what it needs.

    Examples
    --------
    >>> convert_coupling(1e-4, "epsilon", "y", alpha_D=0.5, mass_ratio=3).value
    6.17283950617284e-11
    """
    for name in (source, target):
        if name not in COUPLINGS:
            msg = f"unknown coupling '{printable(name)}'{nearest(name, COUPLINGS)}"
            raise SignalError(f"{msg} (known: {', '.join(COUPLINGS)})")
    if not np.all(np.isfinite(value) & (np.asarray(value) > 0)):
        msg = "a coupling is a positive number"
        raise SignalError(msg)
    if source == target:
        return Converted(value, target)
    if "g_agamma" in (source, target):
        msg = f"'{source}' cannot be turned into '{target}': an ALP is another interaction"
        raise SignalError(msg)
    words = [_ASSUMED[name] for name in (source, target) if name in _ASSUMED]
    if "y" not in (source, target):
        return Converted(_of_epsilon(_epsilon(value, source, 1), target, 1), target, tuple(words))
    factor = _y_factor(alpha_D, mass_ratio)
    words.append(f"alpha_D = {alpha_D:g}, m_A' = {mass_ratio:g} m_chi")
    result = _of_epsilon(_epsilon(value, source, factor), target, factor)
    return Converted(result, target, tuple(words), alpha_D, mass_ratio)


def _y_factor(alpha_D: float | None, mass_ratio: float | None) -> float:
    """Return y / epsilon^2."""
    if alpha_D is None or mass_ratio is None:
        msg = "y needs alpha_D and mass_ratio, which is m_A' / m_chi"
        raise SignalError(msg)
    if not (math.isfinite(alpha_D) and alpha_D > 0):
        msg = f"alpha_D is positive; this is {alpha_D:g}"
        raise SignalError(msg)
    if not (math.isfinite(mass_ratio) and mass_ratio > LOWEST_RATIO):
        msg = f"mass_ratio, m_A' / m_chi, is above {LOWEST_RATIO:g}; this is {mass_ratio:g}"
        raise SignalError(f"{msg}: such a mediator cannot decay into a pair of dark matter")
    return alpha_D / mass_ratio**4


def _epsilon(value: Values, source: str, y_factor: float) -> Values:
    if source in _CHARGE:
        return value / ELEMENTARY_CHARGE
    if source == "epsilon2":
        return value**0.5
    return (value / y_factor) ** 0.5 if source == "y" else value


def _of_epsilon(epsilon: Values, target: str, y_factor: float) -> Values:
    if target in _CHARGE:
        return epsilon * ELEMENTARY_CHARGE
    if target == "epsilon2":
        return epsilon**2
    return epsilon**2 * y_factor if target == "y" else epsilon


def convert_curve(
    found: Curve, model: str, *, coupling: str | None = None, alpha_D: float | None = None,
    mass_ratio: float | None = None,
) -> tuple[Curve, tuple[str, ...]]:  # fmt: skip
    """Return a curve in the plane of another model, and what was assumed.

    Between ``light-dark-matter`` and the others the mass is that of dark matter or that of the
    mediator, m_A' = mass_ratio m_chi. A curve in y is turned with the values that it was drawn
    for; others are refused. The conversion is of axes only: a search for visible decays remains
    one.

    Parameters
    ----------
    found : Curve
    model : str
        A key of `MODELS`.
    coupling : str, optional
        Default: the first one of the model.
    alpha_D, mass_ratio : float, optional
        Needed to go to y.

    Raises
    ------
    SignalError
        The model is unknown, or its coupling is not one that the curve's can be turned into.
    """
    if model not in MODELS:
        msg = f"unknown model '{printable(model)}'{nearest(model, MODELS)}"
        raise SignalError(msg)
    target = coupling or MODELS[model][0]
    if target not in MODELS[model]:
        msg = f"of {model} no '{printable(target)}' is drawn, but {' or '.join(MODELS[model])}"
        raise SignalError(msg)
    spec = found.spec.coupling
    if spec.of == "y":
        _check_own("alpha_D", alpha_D, spec.alpha_D, found)
        _check_own("mass_ratio", mass_ratio, spec.mass_ratio, found)
        alpha_D, mass_ratio = spec.alpha_D, spec.mass_ratio
    values = np.concatenate([found.couplings, *(piece[1] for piece in found.pieces)])
    result = convert_coupling(
        values, spec.of, target, alpha_D=alpha_D, mass_ratio=mass_ratio
    )  # fmt: skip
    power = (target == "y") - (spec.of == "y")  # of 1 / mass_ratio
    scale = float(mass_ratio or 1) ** -power
    return _moved(found, model, result, scale), result.assumptions


def _check_own(name: str, asked: float | None, own: float | None, found: Curve) -> None:
    if asked is not None and asked != own:
        msg = f"curve '{printable(found.name)}' was drawn for {name} = {own:g}, not {asked:g}"
        raise SignalError(msg)


def _moved(found: Curve, model: str, result: Converted, scale: float) -> Curve:
    """Return a curve with its couplings replaced and its masses scaled."""
    values = np.asarray(result.value)
    ends = np.cumsum([len(found.couplings), *(len(piece[1]) for piece in found.pieces)])
    parts = np.split(values, ends[:-1])
    masses = (piece[0] * scale for piece in found.pieces)
    of = {"y": "m_chi"}.get(result.coupling, found.spec.mass.of if scale == 1 else "m_A'")
    spec = msgspec.structs.replace(
        found.spec,
        model=model,
        mass=msgspec.structs.replace(found.spec.mass, of=of, unit="GeV"),
        coupling=msgspec.structs.replace(
            found.spec.coupling, of=result.coupling, alpha_D=result.alpha_D,
            mass_ratio=result.mass_ratio,
        ),
    )  # fmt: skip
    return replace(
        found, spec=spec, masses=found.masses * scale, couplings=parts[0],
        pieces=tuple(zip(masses, parts[1:], strict=True)),
    )  # fmt: skip
