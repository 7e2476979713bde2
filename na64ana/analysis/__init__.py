"""One analysis file: from events to the budget and the limit."""

from na64ana.analysis.combine import combine
from na64ana.analysis.load import Analysis, load_analysis
from na64ana.analysis.recast import Recast, recast
from na64ana.analysis.run import Outcome, run_analysis
from na64ana.analysis.simulated import simulate_inputs
from na64ana.analysis.survivors import MOST_SHOWN, Shown, survivors_to_show

__all__ = [
    "MOST_SHOWN",
    "Analysis",
    "Outcome",
    "Recast",
    "Shown",
    "combine",
    "load_analysis",
    "recast",
    "run_analysis",
    "simulate_inputs",
    "survivors_to_show",
]
