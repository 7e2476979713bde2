"""Partial widths and branching ratios of the models, channel by channel."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from na64ana.errors import SignalError
from na64ana.signal.checks import Floats, check_below, known_name, one_number, plain, positive
from na64ana.signal.constants import ALPHA, ELEMENTARY_CHARGE
from na64ana.signal.decays import (
    LEPTONS,
    alp_width,
    dark_width,
    lepton_width,
    neutrino_width,
    spin2_fermion_width,
    spin2_photon_width,
)
from na64ana.signal.hadrons import hadron_ratio
from na64ana.signal.loops import loop_mixing

__all__ = ["INVISIBLE", "MODELS", "branching_ratios", "partial_widths", "total_width"]

#: what the coupling of each model means
MODELS = {
    "dark-photon": "epsilon; charged leptons and hadrons",
    "vector": "epsilon; electrons only (X17 among them)",
    "axial": "epsilon; electrons only",
    "scalar": "epsilon; electrons only",
    "pseudoscalar": "epsilon; electrons only",
    "alp": "g in 1/GeV; photons only",
    "b-l": "g; three Dirac neutrinos (B-L unbroken)",
    "b-l-broken": "g; three left-handed neutrinos, the right-handed ones heavy",
    "lmu-ltau": "g; muons, taus and their neutrinos, electrons by the loop",
    "spin-2": "c/Lambda in 1/GeV; photons and charged leptons",
}
#: channels that leave no trace in a detector
INVISIBLE = ("neutrinos", "dark matter")

#: GeV; above, spin-2 bosons decay to hadrons too, which is not computed
_TWO_PIONS = 0.279
#: GeV; above, bottom opens
_HIGHEST = 9.0
_DARK_MEDIATOR = {m: m for m in ("vector", "axial", "scalar", "pseudoscalar")}
_HAS_DARK_MATTER = {"dark-photon", "lmu-ltau", "b-l", "b-l-broken", *_DARK_MEDIATOR}


def partial_widths(
    model: str,
    mass: ArrayLike,
    coupling: ArrayLike,
    *,
    alpha_D: float = 0.0,
    dark_matter: str = "dirac",
    mass_ratio: float = 3.0,
    splitting: float = 0.0,
) -> dict[str, Any]:
    """Return the widths of a model by channel, closed channels as 0.

    Parameters
    ----------
    model : str
        One of `MODELS`, which says what the coupling is.
    mass : float or array
        Of the mediator, GeV.
    coupling : float or array
    alpha_D : float
        g_D^2/(4 pi); 0: no dark matter.
    dark_matter : str
        One of `na64ana.signal.decays.DARK_MATTER`.
    mass_ratio : float
        m_mediator/m_chi.
    splitting : float
        Of a pseudo-Dirac pair.

    Returns
    -------
    dict of str to float or array
        GeV; channels ``electron``, ``muon``, ``tau``, ``hadrons``, ``photons``, ``neutrinos``,
        ``dark matter``, those that the model has.

    Raises
    ------
    SignalError
        For unknown names, or masses outside the validity: 9 GeV for the dark photon and B-L (no
        bottom), two pions for spin 2 (no hadrons).
    """
    known_name(model, MODELS, "model")
    heavy, strength = positive(mass, "mass"), positive(coupling, "coupling", zero=True)
    found = _VISIBLE[model](heavy, strength) if model in _VISIBLE else {
        "electron": lepton_width(model, heavy, epsilon=strength)
    }  # fmt: skip
    if one_number(alpha_D, "alpha_D", zero=True):
        if model not in _HAS_DARK_MATTER:
            msg = f"the model {model} has no dark matter here: leave alpha_D at 0"
            raise SignalError(msg)
        found["dark matter"] = dark_width(
            heavy, heavy / positive(mass_ratio, "mass_ratio"), dark_matter=dark_matter,
            alpha_D=alpha_D, splitting=splitting, mediator=_DARK_MEDIATOR.get(model, "vector"),
        )  # fmt: skip
    return found


def total_width(widths: dict[str, Any]) -> Any:
    """Return the sum of partial widths, GeV."""
    return plain(np.sum(np.broadcast_arrays(*widths.values()), axis=0))


def branching_ratios(widths: dict[str, Any]) -> dict[str, Any]:
    """Return each partial width divided by their sum.

    Raises
    ------
    SignalError
        Where nothing is open: a stable particle has no branching ratios.
    """
    total = np.asarray(total_width(widths))
    if not (total > 0).all():
        msg = "no channel is open at some mass or coupling: there are no branching ratios"
        raise SignalError(msg)
    return {name: plain(np.asarray(width) / total) for name, width in widths.items()}


def _charged(mass: Floats, epsilon: Floats, leptons: Any = LEPTONS) -> dict[str, Any]:
    return {name: lepton_width("vector", mass, name, epsilon=epsilon) for name in leptons}


def _dark_photon(mass: Floats, epsilon: Floats) -> dict[str, Any]:
    check_below(mass, _HIGHEST, "mass", "in GeV, where bottom opens")
    hadrons = epsilon**2 * ALPHA / 3 * mass * hadron_ratio(mass**2)
    return {**_charged(mass, epsilon), "hadrons": plain(hadrons)}


def _b_minus_l(mass: Floats, g: Floats, *, right_handed: bool) -> dict[str, Any]:
    check_below(mass, _HIGHEST, "mass", "in GeV, where bottom opens")
    hadrons = g**2 / (12 * np.pi) * mass * hadron_ratio(mass**2, current="baryon")
    return {
        **_charged(mass, g / ELEMENTARY_CHARGE),
        "hadrons": plain(hadrons),
        "neutrinos": neutrino_width(mass, g, right_handed=right_handed),
    }


def _mu_minus_tau(mass: Floats, g: Floats) -> dict[str, Any]:
    electron = _charged(mass, g * loop_mixing(mass**2), ["electron"])
    heavy = _charged(mass, g / ELEMENTARY_CHARGE, ["muon", "tau"])
    return {**electron, **heavy, "neutrinos": neutrino_width(mass, g, flavours=2)}


def _spin2(mass: Floats, strength: Floats) -> dict[str, Any]:
    check_below(mass, _TWO_PIONS, "mass", "two pions in GeV: hadrons are not computed for spin 2")
    leptons = {name: spin2_fermion_width(mass, m, strength) for name, m in LEPTONS.items()}
    return {**leptons, "photons": spin2_photon_width(mass, strength)}


_VISIBLE = {
    "dark-photon": _dark_photon,
    "alp": lambda mass, g: {"photons": alp_width(mass, g)},
    "b-l": lambda mass, g: _b_minus_l(mass, g, right_handed=True),
    "b-l-broken": lambda mass, g: _b_minus_l(mass, g, right_handed=False),
    "lmu-ltau": _mu_minus_tau,
    "spin-2": _spin2,
}
