"""Parameters of the electron modes before 2023; sources as in `na64ana.simulate.parameters`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from na64ana.simulate.parameters.common import Parameters
from na64ana.simulate.parameters.detectors import Ecal, Tracker, Trigger

__all__ = ["Ecal2018", "Parameters2018", "TrackerTo2018"]


@dataclass(frozen=True, slots=True)
class Ecal2018(Ecal):
    """ECAL of 6 x 6 cells."""

    cells: Annotated[tuple[int, int], "cells", "[C2] ECAL[2][6][6] of p348reco"] = (6, 6)
    central_cell: Annotated[tuple[int, int], "cells", "[C2] up to run 4309"] = (3, 3)


@dataclass(frozen=True, slots=True)
class Trigger2018(Trigger):
    """Physics trigger around the central cell of 6 x 6."""

    window_x: Annotated[tuple[int, int], "cells", "chosen; as in 2023 about the beam cell"] = (2, 5)
    window_y: Annotated[tuple[int, int], "cells", "chosen; as in 2023 about the beam cell"] = (2, 6)
    preshower_minimum: Annotated[float, "GeV", "[T]; R-M 1710.00971, 1906.00176"] = 0.3
    main_maximum: Annotated[float, "GeV", "R-M 1710.00971, 1906.00176; E_ECAL < 80 GeV"] = 80.0


@dataclass(frozen=True, slots=True)
class TrackerTo2018(Tracker):
    """The tracker of 2016 to 2018."""

    failure: Annotated[
        float,
        "1",
        "chosen such that a fitted track of the beam's momentum is found in about 0.83 of the "
        "events: R-H 1906.00176",
    ] = 0.10


@dataclass(frozen=True, slots=True)
class Parameters2018(Parameters):
    """All parameters of the runs of 2016 to 2018."""

    ecal: Ecal = field(default_factory=Ecal2018)
    trigger: Trigger = field(default_factory=Trigger2018)
