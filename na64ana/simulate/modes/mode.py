"""What a mode of the experiment is to the simulation: beam, detectors, processes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from na64ana.simulate.detectors.branches import detector_branches, sum_branches
from na64ana.simulate.parameters.common import Parameters
from na64ana.simulate.processes.beam import Process
from na64ana.simulate.truth.event import Crossing

__all__ = ["RUN_PERIOD", "Detectors", "Mode"]

RUN_PERIOD = "run-period"
"""The name of the mixture of all background processes as they are recorded."""

Detectors = Callable[[Crossing, np.random.Generator, Any], dict[str, Any]]
"""True energies to branches: what all detectors of a mode measure."""


@dataclass(frozen=True, eq=False)
class Mode:
    """A beam and a set-up, with all that can happen in it.

    Attributes
    ----------
    name : str
        As in `na64ana simulate PROCESS --mode NAME`.
    description : str
    parameters : Parameters
        Of this mode; a subclass where it has detectors of its own.
    backgrounds : mapping of str to process
        By name; their shares of a run period are the fields of ``parameters.mixture``.
    signals : mapping of str to process
        By name; files of them have the branch ``truth_energy``.
    setup : str
        The beam, target and geometry of this mode in `na64ana.signal`; empty where no mediator
        is made there.
    layout : str
        Of the files.
    unit : str
        Of the exposure: EOT, electrons on target, and for other beams as in the catalogue.
    detectors : callable
    sums : callable or None
        The same without cells, from which `simulate` with ``cells=False`` takes its branches.
    """

    name: str
    description: str
    parameters: Parameters
    backgrounds: Mapping[str, Process] = field(repr=False)
    signals: Mapping[str, Process] = field(repr=False)
    setup: str
    layout: str = "na64-tout"
    unit: str = "EOT"
    detectors: Detectors = field(default=detector_branches, repr=False)
    sums: Detectors | None = field(default=sum_branches, repr=False)

    @property
    def origins(self) -> tuple[str, ...]:
        """Names behind the codes of `Sample.origin`."""
        return (*self.backgrounds, *self.signals)

    @property
    def processes(self) -> tuple[str, ...]:
        """What can be simulated."""
        return (*self.origins, RUN_PERIOD)

    def process(self, name: str) -> Process:
        """Return a process by name."""
        return {**self.backgrounds, **self.signals}[name]
