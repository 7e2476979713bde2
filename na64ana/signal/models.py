"""Models of a signal by name, and the simplest: a mediator that decays to dark matter."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any, ClassVar

from na64ana.errors import SignalError, nearest, printable
from na64ana.signal.alp import AlpModel
from na64ana.signal.checks import one_above
from na64ana.signal.decays import check_dark_matter
from na64ana.signal.gauge import GaugeModel
from na64ana.signal.inelastic_model import InelasticModel
from na64ana.signal.production import annihilation_spectrum, bremsstrahlung_spectrum
from na64ana.signal.response import Model, Response
from na64ana.signal.setups import Setup
from na64ana.signal.spin2_model import Spin2Model
from na64ana.signal.visible import VisibleModel

__all__ = ["MODELS", "InvisibleModel", "model"]


@dataclass(frozen=True)
class InvisibleModel:
    """A mediator that decays to dark matter, all of its energy missing.

    Its coupling to leptons is epsilon e, whatever its spin. Visible decays, which change its width,
    are left out, as is right for epsilon^2 alpha << alpha_D.

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

    coupling: ClassVar[str] = "epsilon"
    couplings: ClassVar[tuple[float, float]] = (1e-10, 10.0)

    def __post_init__(self) -> None:
        check_dark_matter(self.dark_matter, self.mediator, 0.0)
        why = "or the mediator does not decay to dark matter"
        one_above(self.alpha_D, 0.0, f"model '{printable(self.name)}': alpha_D", why)
        one_above(self.mass_ratio, 2.0, f"model '{printable(self.name)}': mass_ratio", why)

    @property
    def curves(self) -> str:
        """Published curves of this plane: of a dark photon only, none are shipped of others."""
        return "dark-photon" if self.mediator == "vector" else self.mediator

    def response(self, mass: float, setup: Setup) -> Response:
        """Return the events of one beam particle that a setup sees; mass in GeV."""
        made = bremsstrahlung_spectrum(self.mediator, mass, setup) + annihilation_spectrum(
            mass, setup, mediator=self.mediator, dark_matter=self.dark_matter,
            alpha_D=self.alpha_D, mass_ratio=self.mass_ratio,
        )  # fmt: skip
        return Response(made * setup.missing(made.energies))

    def describe(self) -> str:
        """Return the model with its parameters, in words for a table."""
        return (
            f"{printable(self.name)}, {self.dark_matter} dark matter, alpha_D = {self.alpha_D:g}, "
            f"m = {self.mass_ratio:g} m_chi"
        )

    def as_dict(self) -> dict[str, Any]:
        """Return name and parameters, as JSON can hold them."""
        return asdict(self)


#: by name
MODELS: dict[str, Model] = {
    found.name: found
    for found in (
        InvisibleModel("dark-photon", "vector"),
        InvisibleModel("scalar", "scalar"),
        InvisibleModel("pseudoscalar", "pseudoscalar"),
        InvisibleModel("axial", "axial"),
        VisibleModel("dark-photon-visible", "vector", "charged"),
        VisibleModel("x17-vector", "vector"),
        VisibleModel("x17-axial", "axial"),
        VisibleModel("x17-scalar", "scalar"),
        VisibleModel("x17-pseudoscalar", "pseudoscalar"),
        AlpModel("alp"),
        GaugeModel("b-l"),
        GaugeModel("b-l-broken"),
        GaugeModel("lmu-ltau"),
        Spin2Model(),
        InelasticModel(),
    )
}


def model(name: str, **changes: Any) -> Model:
    """Return a model by name, with some of its parameters changed.

    Raises
    ------
    SignalError
        There is none of that name, or it has no such parameter.
    """
    if name not in MODELS:
        known = ", ".join(MODELS)
        msg = f"no model '{printable(name)}'{nearest(name, MODELS)} (models: {known})"
        raise SignalError(msg)
    found: Any = MODELS[name]
    parameters = [field.name for field in fields(found) if field.name != "name"]
    for parameter in changes:
        if parameter not in parameters:
            near = nearest(parameter, parameters)
            msg = f"the model {name} has no parameter '{printable(parameter)}'{near}"
            raise SignalError(msg)
    changed: Model = replace(found, **changes)
    return changed
