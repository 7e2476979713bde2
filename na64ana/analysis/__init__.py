"""One analysis file: from events to the budget and the limit."""

from na64ana.analysis.load import Analysis, load_analysis
from na64ana.analysis.run import Outcome, run_analysis
from na64ana.analysis.simulated import simulate_inputs

__all__ = ["Analysis", "Outcome", "load_analysis", "run_analysis", "simulate_inputs"]
