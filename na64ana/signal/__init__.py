"""From beam particles to expected signal events: cross sections, showers, decays, reach."""

from na64ana.signal.models import MODELS, InvisibleModel, model
from na64ana.signal.production import Spectrum, annihilation_spectrum, bremsstrahlung_spectrum
from na64ana.signal.reach import Reach, masses_of, reach
from na64ana.signal.response import Model, Response, expected_events
from na64ana.signal.setups import SETUPS, Setup, setup, setups

__all__ = [
    "MODELS",
    "SETUPS",
    "InvisibleModel",
    "Model",
    "Reach",
    "Response",
    "Setup",
    "Spectrum",
    "annihilation_spectrum",
    "bremsstrahlung_spectrum",
    "expected_events",
    "masses_of",
    "model",
    "reach",
    "setup",
    "setups",
]
