"""From true energies to the branches of a `tout` ntuple."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from na64ana.simulate.arrays import FloatArray
from na64ana.simulate.detectors.counters import srd_energies, veto_energies, vhcal_energies
from na64ana.simulate.detectors.ecal import ecal_cells, ecal_energies, ecal_sums, shower_chi2
from na64ana.simulate.detectors.hcal import MODULES, hcal_energies, hcal_sums
from na64ana.simulate.detectors.timing import Clock, cell_times, clocks, master_times
from na64ana.simulate.detectors.tracking import (
    STRAW_PLANES,
    fit_tracks,
    straw_multiplicities,
    straw_positions,
)
from na64ana.simulate.detectors.trigger import physics_trigger, trigger_sources, window_sums
from na64ana.simulate.parameters.common import Parameters
from na64ana.simulate.truth.event import Crossing, Truth

if TYPE_CHECKING:
    import awkward as ak

__all__ = [
    "channel_branches",
    "detector_branches",
    "identity_branches",
    "in_gate",
    "overlaid",
    "sum_branches",
]


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
    others = _energies(crossing.second, rng, p)
    windows = _window(first["ECAL"], p), _window(others["ECAL"], p)
    window = in_gate(*windows, crossing, p.trigger.gate)
    multiplicities = straw_multiplicities(prompt.extra_hits, rng, p.tracker).astype(np.int32)
    detectors: dict[str, Any] = {}
    for name, clock in clocks(p).items():
        energy, delay = overlaid(first[name], others[name], crossing)
        time = cell_times(n, clock, p.timing, rng, delay)
        detectors |= channel_branches(name, clock, energy, time)
    ecal = detectors["ECAL_ene"].reshape(n, *ecal_cells(p.ecal))
    return {
        "triggerSources": trigger_sources(physics_trigger(window, rng, p.trigger), rng, p.trigger),
        "masterT": master_times(n, p.timing, rng),
        **fit_tracks(prompt, rng, p.tracker),
        **{name: multiplicities[:, i].copy() for i, name in enumerate(STRAW_PLANES)},
        **detectors,
        "chi2": shower_chi2(ecal, prompt, rng, p),
        **{
            branch: _jagged(*straw_positions(prompt.extra_hits, x, rng, p.tracker))
            for branch, x in zip(("ST11x", "ST12x"), p.tracker.beam_x, strict=True)
        },
    }


def sum_branches(crossing: Crossing, rng: np.random.Generator, p: Parameters) -> dict[str, Any]:
    """What detectors measure in all, without cells, times and shower shape.

    Other particles count where they come within the gate of the trigger; what the ECAL holds
    of those outside stands in ``eecal_late``.

    Returns
    -------
    Branches: triggerSources, masterT, the track's, the straw multiplicities, eecal0 and eecal1
    (preshower and main part), eecal_late, ehcal0 to ehcal3 (modules), evhcal, each (n,); and
    esrd (n, modules), eveto (n, 3). GeV.
    """
    n = len(crossing)
    prompt, gate = crossing.prompt, p.trigger.gate
    first = _sums(prompt, rng, p)
    others = _sums(crossing.second, rng, p)
    total = {k: in_gate(first[k], others[k], crossing, gate) for k in first}
    late = np.zeros(n)
    outside = np.abs(crossing.delay) >= gate
    np.add.at(late, crossing.rows[outside], others["ECAL"][outside].sum(axis=1))
    multiplicities = straw_multiplicities(prompt.extra_hits, rng, p.tracker).astype(np.int32)
    physics = physics_trigger(total["window"], rng, p.trigger)
    return {
        "triggerSources": trigger_sources(physics, rng, p.trigger),
        "masterT": master_times(n, p.timing, rng),
        **fit_tracks(prompt, rng, p.tracker),
        **{name: multiplicities[:, i].copy() for i, name in enumerate(STRAW_PLANES)},
        **{f"eecal{i}": total["ECAL"][:, i].copy() for i in range(2)},
        "eecal_late": late,
        **{f"ehcal{i}": total["HCAL"][:, i].copy() for i in range(MODULES)},
        "evhcal": total["VHCAL"],
        "esrd": total["SRD"],
        "eveto": total["VETO"],
    }


def _energies(truth: Truth, rng: np.random.Generator, p: Parameters) -> dict[str, FloatArray]:
    """Energies (n, channels) in the channels of each detector, GeV."""
    n = len(truth)
    cells = {
        "ECAL": ecal_energies(truth, rng, p),
        "HCAL": hcal_energies(truth, rng, p.hcal),
        "VHCAL": vhcal_energies(truth, rng, p.vhcal),
        "SRD": srd_energies(truth, rng, p),
        "VETO": veto_energies(truth, rng, p.veto),
    }
    return {name: array.reshape(n, math.prod(array.shape[1:])) for name, array in cells.items()}


def _sums(truth: Truth, rng: np.random.Generator, p: Parameters) -> dict[str, FloatArray]:
    """Sums over the channels of each detector, GeV; `window` is that of the trigger."""
    ecal, window = ecal_sums(truth, rng, p)
    return {
        "ECAL": ecal,
        "window": window,
        "HCAL": hcal_sums(truth, rng, p.hcal),
        "VHCAL": vhcal_energies(truth, rng, p.vhcal).sum(axis=(1, 2)),
        "SRD": srd_energies(truth, rng, p),
        "VETO": veto_energies(truth, rng, p.veto).reshape(len(truth), 3, 2).sum(axis=2),
    }


def in_gate(first: FloatArray, others: FloatArray, crossing: Crossing, gate: float) -> FloatArray:
    """Add what other particles give inside the gate of the trigger."""
    seen = first.copy()
    inside = np.abs(crossing.delay) < gate
    np.add.at(seen, crossing.rows[inside], others[inside])
    return seen


def _window(ecal: FloatArray, p: Parameters) -> FloatArray:
    """(n, 2) sums over the window of the trigger, from flat energies."""
    return window_sums(ecal.reshape(len(ecal), *ecal_cells(p.ecal)), p.trigger)


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


def _jagged(counts: Any, values: FloatArray) -> ak.Array:
    """Make a jagged array of `counts` values per event."""
    import awkward as ak

    return ak.unflatten(values, counts)
