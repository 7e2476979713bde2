"""From beam particles to expected signal events: cross sections, showers, decays, yields."""

from na64ana.signal.models import MODELS, InvisibleModel, expected_events, model, signal_yield
from na64ana.signal.reach import Reach, masses_of, reach
from na64ana.signal.setups import SETUPS, Setup, setup

__all__ = [
    "MODELS",
    "SETUPS",
    "InvisibleModel",
    "Reach",
    "Setup",
    "expected_events",
    "masses_of",
    "model",
    "reach",
    "setup",
    "signal_yield",
]
