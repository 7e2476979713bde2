"""A run period: a mixture of all background processes as they are recorded."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import numpy.typing as npt

from na64ana.errors import InputError
from na64ana.simulate.modes.mode import Mode
from na64ana.simulate.parameters.common import Parameters
from na64ana.simulate.truth.event import Crossing, join

__all__ = ["mixed", "shares"]


def mixed(
    n: int, rng: np.random.Generator, mode: Mode, p: Parameters
) -> tuple[Crossing, npt.NDArray[np.int8]]:
    """Draw n events from all backgrounds of a mode with the shares of ``p.mixture``.

    Returns
    -------
    the events, and (n,) for each the position of its process in `Mode.origins`.
    """
    names = list(mode.backgrounds)
    share = shares(mode, p)
    origin = rng.choice(len(names), size=n, p=[share[name] for name in names]).astype(np.int8)
    order = np.argsort(origin, kind="stable")
    place = np.argsort(order, kind="stable")
    counts = np.bincount(origin, minlength=len(names))
    parts = [
        mode.backgrounds[name](int(count), rng, p)
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


def shares(mode: Mode, p: Parameters) -> dict[str, float]:
    """Return the share of each background in a run period, by name; their sum is one.

    Raises
    ------
    InputError
        A share is below zero, or all are zero.
    """
    given: dict[str, float] = asdict(p.mixture)
    total = sum(given.values())
    if not (min(given.values()) >= 0 and total > 0):
        raise InputError(f"the shares of a run period must be >= 0 and not all 0, not {given}")
    return {name: given.get(name, 0.0) / total for name in mode.backgrounds}
