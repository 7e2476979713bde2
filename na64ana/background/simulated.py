"""Simulated events in the box, scaled to the exposure of the data."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from na64ana.background.budget import Source
from na64ana.background.estimate import BOUND_CL, source_from
from na64ana.background.product import Count, Measured, expected
from na64ana.cutflow import Record, per_exposure
from na64ana.cutflow.tally import Counts
from na64ana.errors import BackgroundError, printable

__all__ = ["simulated_source"]

_SIMULATION = "simulation"


def simulated_source(
    name: str,
    simulation: Record,
    factors: Sequence[Measured] = (),
    *,
    exposure: float,
    channel: str = "main",
    cl: float = BOUND_CL,
    method: str = "simulation",
    reference: str = "",
    inputs: Mapping[str, str] | None = None,
) -> Source:
    """Return what simulation leaves at the end of a channel, for the exposure of the data.

    Parameters
    ----------
    name : str
    simulation : Record
        With its exposure, counted with the whole selection.
    factors : sequence of Measured
        Such as a data/simulation ratio, or one with a relative error for the simulation itself.
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
    if simulation.kind != _SIMULATION:
        msg = f"'{printable(name)}': the record is of {printable(simulation.kind)}, not simulation"
        raise BackgroundError(msg)
    left = per_exposure(simulation, exposure, channel=channel)[-1]
    flow = simulation.channels[channel]
    counts = flow.rows[-1].sequential if flow.rows else None
    if left.value is None or left.error is None or counts is None:
        msg = f"'{printable(name)}': what is left of channel '{printable(channel)}' is blinded"
        raise BackgroundError(msg)
    method = f"{method} ({counts.n} simulated events left)"
    weight = _weight(flow.events)
    if weight is not None:
        scale = weight * exposure / simulation.ledger.totals.processed
        return source_from(
            name, [Count(counts.n), Measured(scale), *factors], cl=cl, method=method,
            reference=reference, inputs=inputs,
        )  # fmt: skip
    if not left.value > 0:
        msg = (
            f"'{printable(name)}': no simulated event is left and their weights vary, so that no "
            "bound follows; simulate more"
        )
        raise BackgroundError(msg)
    together = expected([Measured(1.0), *factors])
    return Source(
        name, left.value * together.value, left.error * together.value,
        left.value * together.systematic, method=method, reference=reference, inputs=inputs or {},
    )  # fmt: skip


def _weight(counts: Counts) -> float | None:
    """The weight of every event, if all have the same."""
    if not counts.n:
        return None
    weight = counts.sumw / counts.n
    # by Cauchy and Schwarz, equal only then
    return weight if math.isclose(counts.sumw2, weight * counts.sumw, rel_tol=1e-9) else None
