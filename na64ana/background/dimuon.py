"""Dimuons: the ratio of data to simulation, and the background that simulation gives.

Muon pairs from e- Z -> e- Z gamma, gamma -> mu+ mu- are made as the signal is, in the target, and
are seen. What simulation gets wrong for them (normalisation, losses to pile-up, efficiencies), it
gets wrong for the signal: their ratio multiplies the signal efficiency and the dimuon background,
and its error moves both together. That the collaboration does so is recalled from
arXiv:1710.00971 and 1906.00176, not read there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from na64ana.background.budget import SharedFactor, Source
from na64ana.background.estimate import BOUND_CL
from na64ana.background.product import Count, Measured, expected
from na64ana.background.simulated import simulated_source
from na64ana.cutflow import Cutflow, Record, Yield, side_by_side
from na64ana.errors import BackgroundError, nearest, printable

__all__ = ["DimuonRatio", "corrected", "dimuon_ratio", "dimuon_source"]

_SIMULATION = "simulation"


class DimuonRatio(NamedTuple):
    """Dimuons in data over dimuons in simulation, for the same particles on target.

    Attributes
    ----------
    value : float
    statistical : float
        From the events of data (exact Poisson interval, its longer side) and of simulation.
    systematic : float
        From the exposure of the data.
    data, simulation : Yield
        After the same cut, for the exposure of the data.
    channel : str
    """

    value: float
    statistical: float
    systematic: float
    data: Yield
    simulation: Yield
    channel: str

    @property
    def error(self) -> float:
        """Both errors in quadrature."""
        return math.hypot(self.statistical, self.systematic)

    @property
    def measured(self) -> Measured:
        """The ratio with its error, as a factor."""
        return Measured(self.value, self.error)

    def shared(self, *sources: str, signal: bool = True) -> SharedFactor:
        """Return it as the factor that a budget's sources, and the signal, have in common."""
        method = f"data / simulation in channel '{self.channel}' after '{self.data.cut}'"
        return SharedFactor("dimuon ratio", self.value, self.error, tuple(sources), signal, method)


def dimuon_ratio(
    data: Record,
    simulation: Record,
    *,
    channel: str = "dimuon",
    cut: str = "",
    exposure_error: float = 0.0,
) -> DimuonRatio:
    """Measure the ratio of data to simulation in the dimuon channel.

    Parameters
    ----------
    data, simulation : Record
        Of one selection, with their exposures.
    channel : str
    cut : str
        After which to compare; by default the last of the channel.
    exposure_error : float
        Relative error of the particles on target of the data.

    Raises
    ------
    BackgroundError
        The records are not data and simulation, the number is blinded, or one side has no event.
    RecordError
        The records cannot be compared: of different selections, or without exposure.
    """
    if data.kind == _SIMULATION or simulation.kind != _SIMULATION:
        msg = (
            f"dimuon ratio: it is of data to simulation, not of {printable(data.kind)} to "
            f"{printable(simulation.kind)}"
        )
        raise BackgroundError(msg)
    if not (math.isfinite(exposure_error) and exposure_error >= 0):
        msg = f"dimuon ratio: the relative error of the exposure is {exposure_error}"
        raise BackgroundError(msg)
    found = side_by_side([data, simulation], channel=channel, names=["data", "simulation"])
    i = _place(data.channels[channel], cut)
    observed, simulated = (rows[i + 1] for rows in found.yields)  # the first is all events
    counts = data.channels[channel].rows[i].sequential
    if observed.value is None or simulated.value is None or counts is None:
        msg = (
            f"dimuon ratio: what is left of channel '{printable(channel)}' after "
            f"'{printable(observed.cut)}' is blinded"
        )
        raise BackgroundError(msg)
    if not (counts.n and simulated.value > 0):
        msg = (
            f"dimuon ratio: {counts.n} events of data and {simulated.value:.3g} simulated after "
            f"'{printable(observed.cut)}'; both are needed"
        )
        raise BackgroundError(msg)
    value = observed.value / simulated.value
    relative = math.hypot(
        expected([Count(counts.n)]).statistical / counts.n,
        (simulated.error or 0.0) / simulated.value,
    )
    return DimuonRatio(
        value, value * relative, value * exposure_error, observed, simulated, channel
    )


def corrected(efficiency: Measured, ratio: DimuonRatio) -> Measured:
    """Return a simulated efficiency times the ratio, with the errors of both.

    Name the ratio as a `SharedFactor` of the budget (`DimuonRatio.shared`): its part of this
    error is common to the signal and to the dimuon background.

    Raises
    ------
    BackgroundError
        The efficiency or its error is negative or not finite.
    """
    made = expected([efficiency, ratio.measured])
    return Measured(made.value, made.systematic)


def dimuon_source(
    name: str,
    simulation: Record,
    ratio: DimuonRatio,
    *,
    exposure: float,
    channel: str = "main",
    cl: float = BOUND_CL,
    reference: str = "",
    inputs: Mapping[str, str] | None = None,
) -> Source:
    """Return the dimuons, lost or decayed, that simulation leaves in the box.

    Parameters
    ----------
    name : str
    simulation : Record
        Of simulated dimuons with their exposure, counted with the whole signal selection.
    ratio : DimuonRatio
    exposure : float
        Particles on target of the data.
    channel : str
        The last cut of which is that of the box.
    cl, reference, inputs
        As in `source_from`. Where no simulated event is left, and all have one weight, the source
        is a bound.

    Raises
    ------
    BackgroundError
        The record is not of simulation, or no event of varying weight is left: then no bound
        follows.
    RecordError
        The exposure of the record is not known, or it has no such channel.
    """
    return simulated_source(
        name, simulation, [ratio.measured], exposure=exposure, channel=channel, cl=cl,
        method="simulation x dimuon ratio", reference=reference, inputs=inputs,
    )  # fmt: skip


def _place(flow: Cutflow, cut: str) -> int:
    names = [label.name for label in flow.cuts]
    if not cut:
        return len(names) - 1
    if cut not in names:
        msg = (
            f"dimuon ratio: no cut '{printable(cut)}' in channel '{printable(flow.channel)}'"
            f"{nearest(cut, names)}"
        )
        raise BackgroundError(msg)
    return names.index(cut)
