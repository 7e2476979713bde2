"""Planes of light dark matter: y against the mass of the dark particle.

    y = epsilon^2 alpha_D (m_chi/M)^4          of a mediator with the coupling epsilon e
    y = (g_chi g_mu)^2 (m_chi/M)^4             of L_mu - L_tau; g_chi^2 = 4 pi alpha_D

The rate at which dark matter annihilates goes as y for M well above 2 m_chi, whatever its parts, so
that its observed density is one line there. A model in a plane is a model: its mass is that of the
dark particle, its coupling is y, and the events are those of the model itself.

Sources: the talk of 2023; arXiv:1801.10448 and 1804.03144 for the portal of muons.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from na64ana.errors import SignalError, printable
from na64ana.signal.couplings import convert_coupling
from na64ana.signal.parameters import parameters_of
from na64ana.signal.response import Model, Response
from na64ana.signal.setups import Setup

__all__ = ["PLANES", "InPlaneOfY", "in_plane"]

#: by name, beside that of the coupling and the mass of the mediator itself
PLANES = ("y",)


@dataclass(frozen=True)
class InPlaneOfY:
    """A model with y as its coupling, against the mass of the dark particle.

    Attributes
    ----------
    model : Model
        With the parameters ``alpha_D``, positive, and ``mass_ratio``, and the coupling ``epsilon``
        or ``g_mutau``.
    """

    model: Model

    coupling: ClassVar[str] = "y"

    @property
    def name(self) -> str:
        """That of the model."""
        return self.model.name

    @property
    def curves(self) -> str:
        """Published curves of this plane; those of the muon portal are a name of their own."""
        if self.model.coupling != "epsilon":
            return "muon-portal"
        return "light-dark-matter" if self.model.curves == "dark-photon" else self.model.curves

    @property
    def couplings(self) -> tuple[float, float]:
        """Lowest and highest y at which a limit is looked for."""
        low, high = self.model.couplings
        return self.per_square * low**2, self.per_square * high**2

    @property
    def mass_ratio(self) -> float:
        """M/m_chi."""
        return float(parameters_of(self.model)["mass_ratio"])

    @property
    def per_square(self) -> float:
        """Y over the square of the coupling of the model."""
        alpha_D = parameters_of(self.model)["alpha_D"]
        if self.model.coupling == "epsilon":
            found = convert_coupling(
                1.0, "epsilon", "y", alpha_D=alpha_D, mass_ratio=self.mass_ratio
            )
            return float(found.value)
        return float(4 * math.pi * alpha_D / self.mass_ratio**4)

    def response(self, mass: float, setup: Setup) -> Response:
        """Return the events of one beam particle that a setup sees; mass of dark matter in GeV."""
        found = self.model.response(mass * self.mass_ratio, setup)
        return _InY(found.spectrum, found.fraction, self.per_square)

    def describe(self) -> str:
        """Return the model with its parameters, in words for a table."""
        return self.model.describe()

    def as_dict(self) -> dict[str, Any]:
        """Return name and parameters of the model."""
        return self.model.as_dict()


@dataclass(frozen=True, eq=False)
class _InY(Response):
    per_square: float = 1.0

    def __call__(self, coupling: Any) -> Any:
        return super().__call__(np.sqrt(np.asarray(coupling, dtype=float) / self.per_square))


def in_plane(found: Model, plane: str) -> Model:
    """Return a model in the plane of that name.

    Raises
    ------
    SignalError
        There is no such plane, or the model has no dark matter, or another coupling.
    """
    if plane not in PLANES:
        msg = f"no plane '{printable(plane)}' (planes: {', '.join(PLANES)})"
        raise SignalError(msg)
    parameters = parameters_of(found)
    if found.coupling not in ("epsilon", "g_mutau") or "alpha_D" not in parameters:
        msg = (
            f"there is no plane of y for {found.name}: it is for mediators that decay to dark "
            "matter and have the coupling epsilon or g_mutau"
        )
        raise SignalError(msg)
    if not parameters["alpha_D"] > 0:
        msg = f"y of {found.name} needs dark matter: set alpha_D, as alpha_D=0.1"
        raise SignalError(msg)
    return InPlaneOfY(found)
