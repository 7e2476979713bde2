"""Anomalous magnetic moments: what a boson adds in one loop, and what was measured, dated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from na64ana.errors import SignalError
from na64ana.signal.checks import Floats, known_name, numbers, one_number, plain, positive
from na64ana.signal.constants import ALPHA
from na64ana.signal.decays import LEPTONS, MEDIATORS

__all__ = [
    "MOMENTS",
    "MomentValue",
    "epsilon_for_moment",
    "loop_factor",
    "moment_band",
    "moment_bands",
    "moment_shift",
]

# Trapezoidal rule in u = log(w / (1 - w)), w the share of the integral's variable: the poles of the
# integrand stay pi/2 away from the line for all masses, so that the error is exp(-pi^2/0.1).
_U = np.arange(-45.0, 45.05, 0.1)
_W = 1 / (1 + np.exp(-_U))
_REST = 1 / (1 + np.exp(_U))  # 1 - w without cancelling
_STEP = 0.1 * _W * _REST


def loop_factor(mediator: str, mass: ArrayLike, lepton: str = "electron") -> Any:
    """Return I of Delta a = g^2/(8 pi^2) I(r), r = (M/m_l)^2.

    I_S =  Int (1-z)^2 (1+z)/[(1-z)^2 + z r]        3/2 for r -> 0
    I_P = -Int (1-z)^3/[(1-z)^2 + z r]             -1/2
    I_V =  Int 2 z (1-z)^2/[(1-z)^2 + z r]           1;  2/(3 r) for r -> infinity
    I_A = (1/r) Int [2 x (1-x)(x-4) - 4 x^3/r]/[(1-x) + x^2/r]   -2/r;  -10/(3 r)

    from 0 to 1 (F. Jegerlehner, A. Nyffeler, Phys. Rept. 477 (2009) 1; R. Leveille, Nucl. Phys.
    B 137 (1978) 63). One loop; two-loop terms of a scalar can matter and are not here. The growth
    of I_A at small masses is that of a Goldstone boson of coupling 2 m_l g/M: it asks for a
    completion of the model.

    Parameters
    ----------
    mediator : str
        One of `na64ana.signal.decays.MEDIATORS`.
    mass : float or array
        GeV; from 1e-8 to 1e5 lepton masses.
    lepton : str
        ``electron``, ``muon`` or ``tau``.

    Returns
    -------
    float or array
    """
    known_name(mediator, MEDIATORS, "mediator")
    known_name(lepton, LEPTONS, "lepton")
    heavy = positive(mass, "mass") / LEPTONS[lepton]
    if bad := heavy[(heavy < 1e-8) | (heavy > 1e5)].tolist():
        msg = f"mass is {bad[0]:g} times that of the {lepton}: computed from 1e-8 to 1e5"
        raise SignalError(msg)
    return plain(_integral(mediator, heavy**2))


def _integral(mediator: str, ratio: Floats) -> Floats:
    r = ratio[..., None]
    w, z = _W, _REST  # w = 1 - z, or x
    below = w**2 + z * r
    if mediator == "scalar":
        top = w**2 * (1 + z)
    elif mediator == "pseudoscalar":
        top = -(w**3)
    elif mediator == "vector":
        top = 2 * z * w**2
    else:
        top = 2 * w * z * (w - 4) - 4 * w**3 / r
    result: Floats = (_STEP * top / below).sum(-1)
    return result


def moment_shift(
    mediator: str, mass: ArrayLike, *, epsilon: ArrayLike = 1.0, lepton: str = "electron"
) -> Any:
    """Return Delta a of a lepton for g = epsilon e: alpha epsilon^2/(2 pi) I."""
    strength = positive(epsilon, "epsilon", zero=True) ** 2 * ALPHA / (2 * np.pi)
    return plain(strength * loop_factor(mediator, mass, lepton))


def epsilon_for_moment(
    mediator: str, mass: ArrayLike, shift: float, *, lepton: str = "electron"
) -> Any:
    """Return the epsilon at which a boson shifts the moment by ``shift``.

    Raises
    ------
    SignalError
        Where the boson shifts it the other way.
    """
    unit = np.asarray(moment_shift(mediator, mass, lepton=lepton))
    ratio = numbers(shift, "shift") / unit
    if not (ratio > 0).all():
        msg = (
            f"a {mediator} boson cannot shift the moment of the {lepton} by {shift}: its own "
            f"shift has the other sign"
        )
        raise SignalError(msg)
    return plain(np.sqrt(ratio))


@dataclass(frozen=True)
class MomentValue:
    """Measured minus predicted anomalous moment.

    Attributes
    ----------
    name : str
    lepton : str
    value, error : float
        Of a_measured - a_predicted; one standard deviation.
    year : int
        Of the last of its ingredients.
    source : str
    superseded_by : str
        Name of the one that replaces it, or "".
    """

    name: str
    lepton: str
    value: float
    error: float
    year: int
    source: str
    superseded_by: str = ""


_VALUES = (
    MomentValue(
        "electron-cs-2018", "electron", -8.8e-13, 3.6e-13, 2018,
        "alpha of Science 360 (2018) 191 (Cs), a_e of PRL 100 (2008) 120801; -2.4 sigma in the "
        "NA64 talk, numbers recalled",
        "electron-cs-2023",
    ),
    MomentValue(
        "electron-rb-2020", "electron", 4.8e-13, 3.0e-13, 2020,
        "alpha of Nature 588 (2020) 61 (Rb), a_e of PRL 100 (2008) 120801; +1.6 sigma in the "
        "NA64 talk, numbers recalled",
        "electron-rb-2023",
    ),
    MomentValue(
        "electron-cs-2023", "electron", -10.2e-13, 2.6e-13, 2023,
        "electron-cs-2018 with a_e = 0.00115965218059(13) of arXiv:2209.13084; shifted and errors "
        "combined for this project",
    ),
    MomentValue(
        "electron-rb-2023", "electron", 3.4e-13, 1.6e-13, 2023,
        "electron-rb-2020 with a_e = 0.00115965218059(13) of arXiv:2209.13084; shifted and errors "
        "combined for this project",
    ),
    MomentValue(
        "muon-2021", "muon", 2.51e-9, 0.59e-9, 2021,
        "Fermilab run 1 and Brookhaven against the white paper of 2020 (recalled)",
        "muon-wp2025",
    ),
    MomentValue(
        "muon-2023", "muon", 2.49e-9, 0.48e-9, 2023,
        "Fermilab runs 1 to 3 and Brookhaven against the white paper of 2020 (recalled)",
        "muon-wp2025",
    ),
    MomentValue(
        "muon-wp2025-runs-1-3", "muon", 0.26e-9, 0.66e-9, 2025,
        "runs 1 to 3 against the white paper of 2025: arXiv:2505.21476v1, abstract",
        "muon-wp2025",
    ),
    MomentValue(
        "muon-wp2025", "muon", 0.38e-9, 0.63e-9, 2025,
        "runs 1 to 6 against the white paper of 2025: arXiv:2505.21476, abstract",
    ),
)  # fmt: skip

#: what is known of (g-2), by name and date; the numbers of the electron follow the fine structure
#: constant taken, from rubidium or from caesium, which disagree
MOMENTS: dict[str, MomentValue] = {value.name: value for value in _VALUES}


def moment_band(
    value: MomentValue, mediator: str, masses: ArrayLike, *, sigmas: float = 1.0
) -> tuple[Floats, Floats]:
    """Return the couplings that bring the prediction to what was measured, within its error.

    Parameters
    ----------
    value : MomentValue
    mediator : str
        As in `loop_factor`.
    masses : array
        GeV; shape (mass,).
    sigmas : float
        Half the width of the band in standard deviations.

    Returns
    -------
    low, high : array
        Epsilon, shape (mass,). ``low`` is 0 where a shift of 0 lies in the band; both are NaN where
        the boson shifts the moment the other way from all of the band.

    Raises
    ------
    SignalError
        For unknown names, and masses or a number of standard deviations that are not positive.
    """
    spread = one_number(sigmas, "sigmas") * value.error
    unit = np.atleast_1d(np.asarray(moment_shift(mediator, masses, lepton=value.lepton)))
    ends = np.stack([(value.value - spread) / unit, (value.value + spread) / unit])
    low, high = np.sort(ends, axis=0)
    possible = high > 0
    return (
        np.where(possible, np.sqrt(np.maximum(low, 0.0)), np.nan),
        np.where(possible, np.sqrt(np.maximum(high, 0.0)), np.nan),
    )


def moment_bands(
    mediator: str, masses: ArrayLike, lepton: str, *, sigmas: float = 1.0
) -> dict[str, tuple[Floats, Floats]]:
    """Return the bands of all dated values of a lepton by name; see `moment_band`.

    Raises
    ------
    SignalError
        As `moment_band`, and for a lepton of which no value is here.
    """
    known_name(lepton, sorted({value.lepton for value in MOMENTS.values()}), "lepton with (g-2)")
    return {
        name: moment_band(value, mediator, masses, sigmas=sigmas)
        for name, value in MOMENTS.items()
        if value.lepton == lepton
    }
