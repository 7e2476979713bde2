"""A run period: a mixture of all background processes as they are recorded."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import numpy.typing as npt

from na64ana.errors import InputError
from na64ana.simulate.parameters import Mixture, Parameters
from na64ana.simulate.processes import SINGLE_PROCESSES
from na64ana.simulate.truth import Crossing, join

__all__ = ["RUN_PERIOD", "mixed"]

RUN_PERIOD = "run-period"
"""The name of the mixture on the command line."""


def mixed(n: int, rng: np.random.Generator, p: Parameters) -> tuple[Crossing, npt.NDArray[np.int8]]:
    """Draw n events from all processes with the shares of :class:`Mixture`.

    Returns
    -------
    the events, and (n,) for each the position of its process in `SINGLE_PROCESSES`.
    """
    names = list(SINGLE_PROCESSES)
    origin = rng.choice(len(names), size=n, p=_shares(p.mixture)).astype(np.int8)
    order = np.argsort(origin, kind="stable")
    place = np.argsort(order, kind="stable")
    counts = np.bincount(origin, minlength=len(names))
    parts = [
        SINGLE_PROCESSES[name](int(count), rng, p)
        for name, count in zip(names, counts, strict=True)
    ]
    starts = np.cumsum(counts) - counts
    rows = [order[start + part.rows] for start, part in zip(starts, parts, strict=True)]
    unsorted = np.concatenate(rows)
    rising = np.argsort(unsorted)
    crossing = Crossing(
        prompt=join([part.prompt for part in parts]).take(place),
        rows=unsorted[rising],
        second=join([part.second for part in parts]).take(rising),
        delay=np.concatenate([part.delay for part in parts])[rising],
    )
    return crossing, origin


def _shares(mixture: Mixture) -> npt.NDArray[np.float64]:
    """Shares in the order of `SINGLE_PROCESSES`, scaled to a sum of one; no signal."""
    given = asdict(mixture)
    shares = np.array([given.get(name, 0.0) for name in SINGLE_PROCESSES])
    if not (np.all(shares >= 0) and shares.sum() > 0):
        raise InputError(f"the shares of a run period must be >= 0 and not all 0, not {given}")
    return np.asarray(shares / shares.sum(), dtype=np.float64)
