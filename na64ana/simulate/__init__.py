"""Fast detector simulation of NA64: events in the `tout` layout, in pure numpy.

``simulate("run-period", 20_000, seed=7)`` gives a run period as it might be recorded;
``write_tout`` puts it into a ROOT file, ``write_anatree`` into one of the layout of the public
simulation. Every number stands in `Parameters` with its unit and its source, or is marked as chosen
there: the simulation shows how an analysis works, it does not predict rates.
"""

from na64ana.simulate.mediators import mediators
from na64ana.simulate.mixture import shares
from na64ana.simulate.modes import DEFAULT_MODE, MODES, mode_named
from na64ana.simulate.modes.mode import RUN_PERIOD, Mode
from na64ana.simulate.parameters.changes import changed
from na64ana.simulate.parameters.common import Parameters, described_numbers
from na64ana.simulate.sample import Sample
from na64ana.simulate.streams import BLOCK, DEFAULT_RUN, simulate, simulate_blocks
from na64ana.simulate.writer import write_anatree, write_tout

__all__ = [
    "BLOCK",
    "DEFAULT_MODE",
    "DEFAULT_RUN",
    "MODES",
    "RUN_PERIOD",
    "Mode",
    "Parameters",
    "Sample",
    "changed",
    "described_numbers",
    "mediators",
    "mode_named",
    "shares",
    "simulate",
    "simulate_blocks",
    "write_anatree",
    "write_tout",
]
