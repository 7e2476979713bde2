"""From beam particles to expected signal events: cross sections, showers, decays, reach."""

from na64ana.signal.gauge import GaugeModel
from na64ana.signal.inelastic_model import InelasticModel
from na64ana.signal.models import MODELS, InvisibleModel, model
from na64ana.signal.production import Spectrum, annihilation_spectrum, bremsstrahlung_spectrum
from na64ana.signal.reach import Reach, masses_of, reach
from na64ana.signal.response import Model, Response, expected_events
from na64ana.signal.setups import SETUPS, Setup, setup, setups
from na64ana.signal.spin2_model import Spin2Model

__all__ = [
    "MODELS",
    "SETUPS",
    "GaugeModel",
    "InelasticModel",
    "InvisibleModel",
    "Model",
    "Reach",
    "Response",
    "Setup",
    "Spectrum",
    "Spin2Model",
    "annihilation_spectrum",
    "bremsstrahlung_spectrum",
    "expected_events",
    "masses_of",
    "model",
    "reach",
    "setup",
    "setups",
]
