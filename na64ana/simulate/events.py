"""From true energies to the branches of a `tout` ntuple."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from na64ana.simulate.counters import srd_energies, veto_energies, vhcal_energies
from na64ana.simulate.ecal import CELLS as ECAL_CELLS
from na64ana.simulate.ecal import ecal_energies, shower_chi2
from na64ana.simulate.hcal import hcal_energies
from na64ana.simulate.parameters import Parameters
from na64ana.simulate.timing import Clock, cell_times, clocks, master_times
from na64ana.simulate.tracking import (
    STRAW_PLANES,
    fit_tracks,
    straw_multiplicities,
    straw_positions,
)
from na64ana.simulate.trigger import physics_trigger, trigger_sources
from na64ana.simulate.truth import Crossing, FloatArray, Truth

if TYPE_CHECKING:
    import awkward as ak

__all__ = ["detector_branches", "identity_branches"]


def identity_branches(first_event: int, events: int, run: int, p: Parameters) -> dict[str, Any]:
    """Run, spill and number in the spill of `events` events from `first_event` on."""
    index = np.arange(first_event, first_event + events, dtype=np.int64)
    return {
        "runN": np.full(events, run, dtype=np.uint32),
        "spillN": (1 + index // p.beam.events_per_spill).astype(np.uint32),
        "spilleventtN": (index % p.beam.events_per_spill).astype(np.uint32),
    }


def detector_branches(
    crossing: Crossing, rng: np.random.Generator, p: Parameters
) -> dict[str, Any]:
    """All branches that detectors fill, in the order of the layout."""
    n = len(crossing)
    prompt = crossing.prompt
    first = _energies(prompt, rng, p)
    second = _energies(crossing.second, rng, p)
    trigger = _trigger_energies(first["ECAL"], second["ECAL"], crossing, p)
    multiplicities = straw_multiplicities(prompt.extra_hits, rng, p.tracker).astype(np.int32)
    detectors: dict[str, Any] = {}
    for name, clock in clocks(p.timing).items():
        energy, delay = _overlaid(first[name], second[name], crossing)
        time = cell_times(n, clock, p.timing, rng, delay)
        detectors |= _channels(name, clock, energy, time)
    ecal = detectors["ECAL_ene"].reshape(n, *ECAL_CELLS)
    return {
        "triggerSources": trigger_sources(physics_trigger(trigger, rng, p.trigger), rng, p.trigger),
        "masterT": master_times(n, p.timing, rng),
        **fit_tracks(prompt, rng, p.tracker),
        **{name: multiplicities[:, i].copy() for i, name in enumerate(STRAW_PLANES)},
        **detectors,
        "chi2": shower_chi2(ecal, prompt, rng, p.ecal),
        **{
            branch: _jagged(*straw_positions(prompt.extra_hits, x, rng, p.tracker))
            for branch, x in zip(("ST11x", "ST12x"), p.tracker.beam_x, strict=True)
        },
    }


def _energies(truth: Truth, rng: np.random.Generator, p: Parameters) -> dict[str, FloatArray]:
    """Energies (n, channels) in the channels of each detector, GeV."""
    n = len(truth)
    cells = {
        "ECAL": ecal_energies(truth, rng, p.ecal),
        "HCAL": hcal_energies(truth, rng, p.hcal),
        "VHCAL": vhcal_energies(truth, rng, p.vhcal),
        "SRD": srd_energies(truth, rng, p.srd),
        "VETO": veto_energies(truth, rng, p.veto),
    }
    return {name: array.reshape(n, math.prod(array.shape[1:])) for name, array in cells.items()}


def _overlaid(
    first: FloatArray, second: FloatArray, crossing: Crossing
) -> tuple[FloatArray, FloatArray]:
    """Energies with those of second particles, and the delays of the channels' times.

    Where there are two particles energies add up and the larger one gives the time (chosen).
    """
    energy = first.copy()
    energy[crossing.rows] += second
    delay = np.zeros_like(first)
    delay[crossing.rows] = (second > first[crossing.rows]) * crossing.delay[:, None]
    return energy, delay


def _channels(
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


def _trigger_energies(
    first: FloatArray, second: FloatArray, crossing: Crossing, p: Parameters
) -> FloatArray:
    """(n, 2, 5, 6) ECAL energies inside the trigger's gate, second particles included."""
    seen = first.copy()
    seen[crossing.rows] += second * (np.abs(crossing.delay) < p.trigger.gate)[:, None]
    return seen.reshape(len(crossing), *ECAL_CELLS)


def _jagged(counts: Any, values: FloatArray) -> ak.Array:
    """Make a jagged array of `counts` values per event."""
    import awkward as ak

    return ak.unflatten(values, counts)
