"""Numbers of the search for axion-like particles: decays to two photons in the HCAL.

Sources are named as in `na64ana.simulate.parameters`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from na64ana.simulate.parameters.electrons import Parameters2018, TrackerTo2018
from na64ana.simulate.parameters.processes import Mixture
from na64ana.simulate.parameters.signals import Signal

__all__ = ["AlpMixture", "AlpParameters", "PunchThrough"]


@dataclass(frozen=True, slots=True)
class PunchThrough:
    """Leading neutral hadrons that pass ECAL and the first HCAL module."""

    share: Annotated[
        tuple[float, float], "1", "chosen; energy of n or K0 over the beam's, flat in its logarithm"
    ] = (0.15, 0.9)
    spread: Annotated[float, "mm", "chosen; of leading hadrons at the HCAL, in x and in y"] = 20.0


@dataclass(frozen=True, slots=True)
class AlpMixture(Mixture):
    """Shares of the processes among the recorded events of ``run-period``.

    Chosen such that 10000 events, which stand for the exposure after a preselection, leave a
    budget in the box like the published one.
    """

    electron: Annotated[float, "1", "chosen; kept by other triggers"] = 0.648
    radiative: Annotated[float, "1", "chosen"] = 0.20
    electronuclear: Annotated[float, "1", "chosen"] = 0.05
    hadron: Annotated[float, "1", "chosen"] = 0.03
    dimuon: Annotated[float, "1", "chosen"] = 0.05
    upstream: Annotated[float, "1", "chosen"] = 0.001
    pileup: Annotated[float, "1", "chosen"] = 0.02
    punchthrough: Annotated[float, "1", "chosen; neutral hadrons beyond the first module"] = 0.001


@dataclass(frozen=True, slots=True)
class AlpParameters(Parameters2018):
    """All parameters of the runs of 2016 to 2018, with what matters for decays in the HCAL."""

    tracker: TrackerTo2018 = field(default_factory=TrackerTo2018)
    punchthrough: PunchThrough = field(default_factory=PunchThrough)
    mixture: AlpMixture = field(default_factory=AlpMixture)
    signal: Signal = field(default_factory=lambda: Signal(least=0.1))
