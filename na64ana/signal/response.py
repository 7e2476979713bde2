"""What a model is to a reach: events that a setup sees, as a function of the coupling."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from na64ana.signal.checks import check_below, one_number, positive
from na64ana.signal.production import Spectrum
from na64ana.signal.setups import Setup

__all__ = ["Model", "Response", "expected_events"]

Floats = NDArray[np.float64]

#: of couplings, shape (..., 1), and energies in GeV, shape (energy,): the fraction that is seen
Fraction = Callable[[Floats, Floats], Any]

_STRONGEST = 1e100


@dataclass(frozen=True, eq=False)
class Response:
    """Events of one beam particle that a setup sees.

        N(g) = g^2 Sum_i numbers_i fraction(g, E_i)

    Attributes
    ----------
    spectrum : Spectrum
        Mediators at coupling 1, times the efficiency.
    fraction : callable or None
        Of the mediators of each energy that decay where, and to what, the setup looks for; None if
        that does not depend on the coupling, and is in the spectrum.
    """

    spectrum: Spectrum = field(repr=False)
    fraction: Fraction | None = None

    def __call__(self, coupling: Any) -> Any:
        """Return the events at one coupling or at an array of them."""
        g = np.asarray(coupling, dtype=float)
        if self.fraction is None:
            found = g**2 * self.spectrum.numbers.sum()
        else:
            seen = self.fraction(g[..., np.newaxis], self.spectrum.energies)
            found = g**2 * np.sum(self.spectrum.numbers * seen, axis=-1)
        return found if np.ndim(found) else float(found)


class Model(Protocol):
    """A mediator and what it decays to."""

    @property
    def name(self) -> str:
        """As in `na64ana reach NAME`."""

    @property
    def coupling(self) -> str:
        """Name of the coupling, with its unit if it has one, as ``epsilon`` or ``g [1/GeV]``."""

    @property
    def couplings(self) -> tuple[float, float]:
        """Lowest and highest coupling at which a limit is looked for."""

    @property
    def curves(self) -> str:
        """Published curves of this plane, by the name of their model in `na64ana curves`."""

    def response(self, mass: float, setup: Setup) -> Response:
        """Return the events of one beam particle that a setup sees; mass in GeV."""

    def describe(self) -> str:
        """Return the model with its parameters, in words for a table."""

    def as_dict(self) -> dict[str, Any]:
        """Return name and parameters, as JSON can hold them."""


def expected_events(
    model: Model, mass: float, coupling: Any, setup: Setup | Iterable[Setup]
) -> Any:
    """Return the expected signal events.

    Parameters
    ----------
    model : Model
    mass : float
        Of the mediator, GeV.
    coupling : float or array
        What it is and its unit are said by ``model.coupling``.
    setup : Setup or several
        Of several, as the runs of one search, the sum.

    Returns
    -------
    float or array

    Raises
    ------
    SignalError
        For a mass or a coupling that is no number, or that makes no sense.
    """
    values = positive(coupling, "coupling", zero=True)
    check_below(values, _STRONGEST, "coupling", "beyond which nothing here has a meaning")
    heavy = one_number(mass, "mass")
    runs = (setup,) if isinstance(setup, Setup) else tuple(setup)
    return sum(run.exposure * model.response(heavy, run)(values) for run in runs)
