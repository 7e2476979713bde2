"""From true energies to the branches of a `tout` ntuple."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from na64ana.simulate.arrays import FloatArray
from na64ana.simulate.detectors.channels import in_gate, timed_branches
from na64ana.simulate.detectors.ecal import ecal_cells, ecal_energies, ecal_sums, shower_chi2
from na64ana.simulate.detectors.hcal import MODULES, hcal_energies, hcal_sums
from na64ana.simulate.detectors.srd import srd_energies
from na64ana.simulate.detectors.timing import clocks, master_times
from na64ana.simulate.detectors.tracking import (
    STRAW_PLANES,
    fit_tracks,
    straw_multiplicities,
    straw_positions,
)
from na64ana.simulate.detectors.trigger import physics_trigger, trigger_sources, window_sums
from na64ana.simulate.detectors.veto import veto_energies
from na64ana.simulate.detectors.vhcal import vhcal_energies
from na64ana.simulate.parameters.common import Parameters
from na64ana.simulate.truth.event import Crossing, Truth

if TYPE_CHECKING:
    import awkward as ak

__all__ = ["detector_branches", "sum_branches"]


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
    detectors = timed_branches(clocks(p), first, others, crossing, p.timing, rng)
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


def _window(ecal: FloatArray, p: Parameters) -> FloatArray:
    """(n, 2) sums over the window of the trigger, from flat energies."""
    return window_sums(ecal.reshape(len(ecal), *ecal_cells(p.ecal)), p.trigger)


def _jagged(counts: Any, values: FloatArray) -> ak.Array:
    """Make a jagged array of `counts` values per event."""
    import awkward as ak

    return ak.unflatten(values, counts)
