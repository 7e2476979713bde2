"""Simulated events, and where they come from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from na64ana.simulate.arrays import FloatArray
from na64ana.simulate.modes import MODES
from na64ana.simulate.parameters.common import Parameters

__all__ = ["Sample"]


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Simulated events in the layout of their mode, and where they come from.

    Attributes
    ----------
    branches : arrays by branch name, in the order of the layout. Scalars (n,); cells flat:
        ECAL (n, 60) at plane*30 + ix*6 + iy, HCAL (n, 36) at module*9 + ix*3 + iy, VHCAL
        (n, 16) at ix*4 + iy, SRD (n, 3), VETO (n, 6) with its sigma (n, 3), chi2 (n, 2); ST11x
        and ST12x jagged awkward arrays. Energies GeV, times ns, angles mrad, lengths mm. Signals
        have the energy of the mediator, truth_energy, and weighted ones their weight.
    origin : (n,) index into ``origins``: the process behind each event. Not part of the layout,
        not written to files.
    truth : what is true of the events, for layouts that have it: muon_energy (n, 2) of muons made
        in the ECAL, GeV, pair_depth (n,) where, mm behind its face, and x (n,) where the beam
        particle hits it, mm.
    """

    branches: dict[str, Any] = field(repr=False)
    origin: npt.NDArray[np.int8] = field(repr=False)
    mode: str
    process: str
    seed: int
    run: int
    first_event: int
    parameters: Parameters = field(repr=False)
    truth: dict[str, FloatArray] = field(repr=False, default_factory=dict)

    def __len__(self) -> int:
        return len(self.origin)

    @property
    def origins(self) -> tuple[str, ...]:
        """Names behind the codes of `origin`."""
        return MODES[self.mode].origins

    def __repr__(self) -> str:
        return (
            f"<Sample of {self.process}, {self.mode}: {len(self)} events, seed {self.seed}, "
            f"run {self.run}>"
        )

    def _repr_html_(self) -> str:
        from na64ana.report.notebook import sample

        return sample(self)
