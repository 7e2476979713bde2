"""Models of a signal: the mediator, and the dark matter that it decays to."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from na64ana.errors import SignalError, nearest, printable
from na64ana.signal.setups import Setup
from na64ana.signal.yields import annihilation_yield, bremsstrahlung_yield

__all__ = ["MODELS", "InvisibleModel", "expected_events", "model", "signal_yield"]


@dataclass(frozen=True)
class InvisibleModel:
    """A mediator that decays to dark matter, all of its energy missing.

    Its coupling to leptons is epsilon e, whatever its spin.

    Attributes
    ----------
    name : str
    mediator : str
        ``vector``, ``axial``, ``scalar`` or ``pseudoscalar``.
    dark_matter : str
        As in `annihilation_cross_section`.
    alpha_D : float
    mass_ratio : float
        Mass of the mediator over that of the dark particle.
    """

    name: str
    mediator: str
    dark_matter: str = "dirac"
    alpha_D: float = 0.1
    mass_ratio: float = 3.0

    def __post_init__(self) -> None:
        for what, value, low in (("alpha_D", self.alpha_D, 0), ("mass_ratio", self.mass_ratio, 2)):
            if not (low < value < math.inf):
                msg = (
                    f"model '{printable(self.name)}': {what} is {value:g}; it must be above {low}, "
                    "or the mediator does not decay to dark matter"
                )
                raise SignalError(msg)


#: by name
MODELS = {
    found.name: found
    for found in (
        InvisibleModel("dark-photon", "vector"),
        InvisibleModel("scalar", "scalar"),
        InvisibleModel("pseudoscalar", "pseudoscalar"),
        InvisibleModel("axial", "axial"),
    )
}


def model(name: str, **changes: Any) -> InvisibleModel:
    """Return a model by name, with some of its attributes changed.

    Raises
    ------
    SignalError
        There is none of that name.
    """
    if name not in MODELS:
        known = ", ".join(MODELS)
        msg = f"no model '{printable(name)}'{nearest(name, MODELS)} (models: {known})"
        raise SignalError(msg)
    return replace(MODELS[name], **changes)


def signal_yield(this: InvisibleModel, mass: float, setup: Setup) -> float:
    """Return the events of one beam particle at epsilon = 1 that a setup sees; mass in GeV."""
    return bremsstrahlung_yield(this.mediator, mass, setup) + annihilation_yield(
        mass, setup, mediator=this.mediator, dark_matter=this.dark_matter,
        alpha_D=this.alpha_D, mass_ratio=this.mass_ratio,
    )  # fmt: skip


def expected_events(this: InvisibleModel, mass: float, coupling: float, setup: Setup) -> float:
    """Return the expected signal events.

    Parameters
    ----------
    this : InvisibleModel
    mass : float
        Of the mediator, GeV.
    coupling : float
        epsilon. Events go as its square: visible decays, which change the width of the mediator,
        are left out, as is right for epsilon^2 alpha << alpha_D.
    setup : Setup

    Raises
    ------
    SignalError
        For a mass that is no positive number, and a negative coupling.
    """
    if not coupling >= 0:
        msg = f"coupling is {coupling:g}: it must not be negative"
        raise SignalError(msg)
    return setup.exposure * coupling**2 * signal_yield(this, mass, setup)
