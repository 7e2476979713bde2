"""From beam particles to expected signal events: cross sections, showers, decays, reach."""

from na64ana.signal.alp import AlpModel, primakoff_spectrum
from na64ana.signal.counting import Counting
from na64ana.signal.error_budget import Uncertainty, error_budget, on_coupling
from na64ana.signal.gauge import GaugeModel
from na64ana.signal.inelastic import pair_masses
from na64ana.signal.inelastic_model import InelasticModel
from na64ana.signal.models import MODELS, InvisibleModel, model
from na64ana.signal.overlays import moment_overlay, published, thermal_lines
from na64ana.signal.parameters import model_from_text
from na64ana.signal.planes import in_plane
from na64ana.signal.production import Spectrum, annihilation_spectrum, bremsstrahlung_spectrum
from na64ana.signal.reach import Reach, masses_of, reach
from na64ana.signal.refine import refined
from na64ana.signal.response import Model, Response, expected_events
from na64ana.signal.setups import SEARCHES, SETUPS, Setup, setup, setups
from na64ana.signal.spin2_model import Spin2Model
from na64ana.signal.visible import VisibleModel

__all__ = [
    "MODELS",
    "SEARCHES",
    "SETUPS",
    "AlpModel",
    "Counting",
    "GaugeModel",
    "InelasticModel",
    "InvisibleModel",
    "Model",
    "Reach",
    "Response",
    "Setup",
    "Spectrum",
    "Spin2Model",
    "Uncertainty",
    "VisibleModel",
    "annihilation_spectrum",
    "bremsstrahlung_spectrum",
    "error_budget",
    "expected_events",
    "in_plane",
    "masses_of",
    "model",
    "model_from_text",
    "moment_overlay",
    "on_coupling",
    "pair_masses",
    "primakoff_spectrum",
    "published",
    "reach",
    "refined",
    "setup",
    "setups",
    "thermal_lines",
]
