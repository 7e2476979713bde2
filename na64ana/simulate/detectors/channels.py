"""Channels that several particles hit: their energies, times and branches."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from na64ana.simulate.arrays import FloatArray
from na64ana.simulate.detectors.timing import Clock, cell_times
from na64ana.simulate.parameters.detectors import Timing
from na64ana.simulate.truth.event import Crossing

__all__ = ["channel_branches", "in_gate", "overlaid", "timed_branches"]


def in_gate(first: FloatArray, others: FloatArray, crossing: Crossing, gate: float) -> FloatArray:
    """Add what other particles give inside the gate of the trigger."""
    seen = first.copy()
    inside = np.abs(crossing.delay) < gate
    np.add.at(seen, crossing.rows[inside], others[inside])
    return seen


def overlaid(
    first: FloatArray, others: FloatArray, crossing: Crossing
) -> tuple[FloatArray, FloatArray]:
    """Energies with those of other particles, and the delays of the channels' times.

    Where there are several particles energies add up and the largest gives the time (chosen).
    """
    energy, largest = first.copy(), first.copy()
    delay = np.zeros_like(first)
    for nth in crossing.rounds():
        rows, part = crossing.rows[nth], others[nth]
        energy[rows] += part
        larger = part > largest[rows]
        delay[rows] = np.where(larger, crossing.delay[nth, None], delay[rows])
        largest[rows] = np.maximum(part, largest[rows])
    return energy, delay


def timed_branches(
    clocks: Mapping[str, Clock],
    first: Mapping[str, FloatArray],
    others: Mapping[str, FloatArray],
    crossing: Crossing,
    timing: Timing,
    rng: np.random.Generator,
) -> dict[str, FloatArray]:
    """Branches of detectors with clocks, from energies (n, channels) by their names.

    Parameters
    ----------
    first, others : energies of the first particles and of the others of a crossing, GeV.
    """
    branches: dict[str, FloatArray] = {}
    for name, clock in clocks.items():
        energy, delay = overlaid(first[name], others[name], crossing)
        time = cell_times(len(crossing), clock, timing, rng, delay)
        branches |= channel_branches(name, clock, energy, time)
    return branches


def channel_branches(
    name: str, clock: Clock, energy: FloatArray, time: FloatArray
) -> dict[str, FloatArray]:
    """Energy, time, expected time and sigma of one detector, by branch name."""
    veto = name == "VETO"
    sigma = clock.sigma[::2] if veto else clock.sigma
    return {
        f"{name}_enePMT" if veto else f"{name}_ene": energy,
        f"{name}_t0": time,
        f"{name}_tE": np.full_like(energy, clock.expected),
        f"{name}_tSigma": np.tile(sigma, (len(energy), 1)),
    }
