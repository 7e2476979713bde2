"""Simulated events in blocks, each with its own random stream.

Event k of a run belongs to block ``k // BLOCK``; a block's stream depends on the seed, the
process, the run and the number of the block, on nothing else. So the first N events are the
same whatever the total, and a long run needs the memory of one block.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from na64ana.errors import InputError, nearest, printable
from na64ana.progress import progress_bar
from na64ana.simulate.mixture import mixed
from na64ana.simulate.modes import DEFAULT_MODE, MODES, mode_named
from na64ana.simulate.modes.mode import RUN_PERIOD, Detectors, Mode
from na64ana.simulate.parameters.common import Parameters
from na64ana.simulate.processes.signals import mediator_weights
from na64ana.simulate.sample import Sample

__all__ = ["BLOCK", "DEFAULT_RUN", "simulate", "simulate_blocks"]

BLOCK = 2048
"""Events per random stream."""
DEFAULT_RUN = 9001
"""Run number of simulated events unless another is given; a made-up number."""


def simulate(
    process: str,
    events: int,
    *,
    seed: int,
    mode: str = DEFAULT_MODE,
    run: int = DEFAULT_RUN,
    first_event: int = 0,
    parameters: Parameters | None = None,
    cells: bool = True,
    progress: bool | None = None,
) -> Sample:
    """Simulate `events` events of one process, or of ``run-period``, the mixture.

    Parameters
    ----------
    process : one of the ``processes`` of the mode.
    events : how many.
    seed : same seed, same events, byte for byte.
    mode : one of `MODES`.
    run : number of the run; give runs of several modes different numbers, since the random stream
        follows from seed, process, run and block alone.
    first_event : number of the first event in the run; two calls that continue one another
        give the same events as one call.
    parameters : of beam, detector and processes; those of the mode if None.
    cells : if false, only sums over cells, three times as fast: the branches of
        ``na64ana.simulate.detectors.branches.sum_branches``, of the same particles. No layout has
        them.
    progress : whether to show a bar; by default, if standard error is a terminal or a notebook
        and there is more than one block to make.

    Raises
    ------
    InputError
        For an unknown mode or process, a number out of range, or a mode that has no sums.
    """
    made = simulate_blocks(
        process,
        events,
        seed=seed,
        mode=mode,
        run=run,
        first_event=first_event,
        parameters=parameters,
        cells=cells,
    )
    show = False if progress is None and events <= BLOCK else progress
    blocks = []
    with progress_bar(events, show, what=f"simulating {printable(process, 40)}") as advance:
        for block in made:
            blocks.append(block)
            advance(len(block))
    if not blocks:
        known = MODES[mode]
        number = first_event // BLOCK
        given = parameters or known.parameters
        whole = _block(known, process, seed, run, number, given, _detectors(known, cells))
        return _cut(whole, first_event, first_event)
    if len(blocks) == 1:
        return blocks[0]
    return _joined(blocks)


def simulate_blocks(
    process: str,
    events: int,
    *,
    seed: int,
    mode: str = DEFAULT_MODE,
    run: int = DEFAULT_RUN,
    first_event: int = 0,
    parameters: Parameters | None = None,
    cells: bool = True,
) -> Iterator[Sample]:
    """Simulate like :func:`simulate`, but hand out at most `BLOCK` events at a time.

    Arguments are checked at the call, not at the first block.
    """
    known = mode_named(mode)
    _check(known, process, events, seed, run, first_event)
    given = parameters or known.parameters
    measure = _detectors(known, cells)
    end = first_event + events
    numbers = range(first_event // BLOCK, (end - 1) // BLOCK + 1) if events else range(0)
    blocks = (_block(known, process, seed, run, k, given, measure) for k in numbers)
    return (_cut(whole, first_event, end) for whole in blocks)


def _detectors(mode: Mode, cells: bool) -> Detectors:
    """Choose what turns true energies into branches."""
    if cells:
        return mode.detectors
    if mode.sums is None:
        raise InputError(f"mode {mode.name} has no sums without cells; simulate it with cells")
    return mode.sums


def _block(
    mode: Mode,
    process: str,
    seed: int,
    run: int,
    number: int,
    parameters: Parameters,
    measure: Detectors,
) -> Sample:
    """Make one whole block of events."""
    key = (zlib.crc32(process.encode()), run, number)
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))
    if process == RUN_PERIOD:
        crossing, origin = mixed(BLOCK, rng, mode, parameters)
    else:
        crossing = mode.process(process)(BLOCK, rng, parameters)
        origin = np.full(BLOCK, mode.origins.index(process), dtype=np.int8)
    branches = _identity(number * BLOCK, BLOCK, run, parameters)
    branches |= measure(crossing, rng, parameters)
    if process in mode.signals:
        energy = branches["truth_energy"] = crossing.prompt.mediator_energy
        if parameters.signal.weighted:
            branches["weight"] = mediator_weights(energy, parameters.signal, parameters.beam.energy)
    truth = {name: getattr(crossing.prompt, name) for name in ("muon_energy", "x", "pair_depth")}
    first = number * BLOCK
    return Sample(branches, origin, mode.name, process, seed, run, first, parameters, truth)


def _identity(first_event: int, events: int, run: int, p: Parameters) -> dict[str, Any]:
    """Run, spill and number in the spill of `events` events from `first_event` on."""
    index = np.arange(first_event, first_event + events, dtype=np.int64)
    return {
        "runN": np.full(events, run, dtype=np.uint32),
        "spillN": (1 + index // p.beam.events_per_spill).astype(np.uint32),
        "spilleventtN": (index % p.beam.events_per_spill).astype(np.uint32),
    }


def _cut(whole: Sample, start: int, stop: int) -> Sample:
    """Keep those events of a block that lie from `start` to `stop`, numbered in the run."""
    start = max(start, whole.first_event)
    part = slice(start - whole.first_event, max(stop - whole.first_event, 0))
    branches = {name: array[part] for name, array in whole.branches.items()}
    truth = {name: array[part] for name, array in whole.truth.items()}
    origin = whole.origin[part]
    return replace(whole, branches=branches, origin=origin, first_event=start, truth=truth)


def _joined(blocks: list[Sample]) -> Sample:
    """Put consecutive blocks together."""
    import awkward as ak

    first = blocks[0]
    branches = {}
    for name, array in first.branches.items():
        parts = [block.branches[name] for block in blocks]
        join = np.concatenate if isinstance(array, np.ndarray) else ak.concatenate
        branches[name] = join(parts)
    truth = {name: np.concatenate([block.truth[name] for block in blocks]) for name in first.truth}
    origin = np.concatenate([block.origin for block in blocks])
    return replace(first, branches=branches, origin=origin, truth=truth)


def _check(mode: Mode, process: str, events: int, seed: int, run: int, first_event: int) -> None:
    """Refuse arguments that cannot be simulated."""
    if process not in mode.processes:
        raise InputError(
            f"unknown process '{printable(process)}'{nearest(process, mode.processes)} "
            f"(mode {mode.name} has: {', '.join(mode.processes)})"
        )
    limits = {
        "events": (events, 2**32),
        "seed": (seed, 2**64),
        "run": (run, 2**32),
        "first_event": (first_event, 2**32),
    }
    for name, (value, limit) in limits.items():
        if not 0 <= value < limit:
            raise InputError(f"{name} must be at least 0 and below {limit}, not {value}")
