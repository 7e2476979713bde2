"""Draws of energy fraction and angle of X from the double differential cross section."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from na64ana.errors import SignalError
from na64ana.signal import exact, weizsaecker_williams
from na64ana.signal.bremsstrahlung import GREATEST_RATIO
from na64ana.signal.process import Process, process_of
from na64ana.signal.targets import Target

__all__ = ["sample"]

Floats = NDArray[np.float64]

#: grid of ln(x/(1-x)) and ln(U): between its points the density is linear in both
X_POINTS = 192
ANGLE_POINTS = 96


@dataclass(frozen=True, eq=False)
class _Grid:
    """Density over places in x and in angle, both from 0 to 1, and what leads back from them."""

    process: Process
    density: Floats  # [x, angle], not normalised
    start: float  # ln(x/(1-x)) at place 0
    width: float  # and its whole range


def sample(
    n: int,
    mediator: str,
    mass: float,
    energy: float,
    *,
    rng: np.random.Generator,
    lepton: str = "electron",
    target: str | Target = "Pb",
    method: str = "etl",
    form_factor: str = "elastic",
    x_min: float = 0.0,
) -> tuple[Floats, Floats]:
    """Draw energy fractions and angles of X from d sigma/dx dtheta.

    The density is tabulated once for a process (0.3 s; the last ones are kept) and linear between
    the points of the table; means agree with those of the cross section to 1e-3.

    Parameters
    ----------
    n : int
        How many.
    rng : numpy.random.Generator
        Gives the same draws for the same seed.
    x_min : float
        Only X that take more than this fraction of the energy.

    Returns
    -------
    x, theta : array
        E_X/E, and the angle to the beam in rad; the azimuth is uniform.

    Raises
    ------
    SignalError
        As `double_differential`; for n below 0, and for x_min outside 0 to the highest x.
    """
    if n < 0:
        msg = f"cannot draw {n} values: n must not be negative"
        raise SignalError(msg)
    process = process_of(mediator, mass, energy, lepton, target, form_factor, method)
    if method == "iww":
        msg = "iww has no angle: it is integrated over all angles. Use 'etl' or 'ww'"
        raise SignalError(msg)
    if not 0 <= x_min < process.x_limit:
        msg = f"x_min is {x_min:g}: X takes less than {process.x_limit:g} of the energy"
        raise SignalError(msg)
    grid = _grid_of(process, float(x_min))
    rows = (grid.density[:, 1:] + grid.density[:, :-1]).sum(axis=1)
    row, part = _draw(rows[np.newaxis], np.zeros(n, dtype=np.int64), rng.random(n))
    # Between two rows the density is a mixture of both: take one of them
    above = part * rows[row + 1]
    upper = rng.random(n) * ((1 - part) * rows[row] + above) < above
    column, rest = _draw(grid.density, row + upper, rng.random(n))
    z = grid.start + grid.width * (row + part) / (X_POINTS - 1)
    x = 1 / (1 + np.exp(-z))
    return x, _angle_of(process, x, (column + rest) / (ANGLE_POINTS - 1))


def _draw(
    density: Floats, row: NDArray[np.int64], chance: Floats
) -> tuple[NDArray[np.int64], Floats]:
    """Draw from rows of a density that is linear between points: the cell, and the place in it.

    The integral of first + (last - first) s from 0 on is set to what is left of the chance.
    """
    steps = (density[:, 1:] + density[:, :-1]) / 2
    sums = np.cumsum(steps, axis=1)
    share = sums / np.maximum(sums[:, -1:], np.finfo(float).tiny)  # edges of x have no density
    # All rows behind each other, each one higher than the last, make one search for all draws
    ladder = (share + np.arange(len(share))[:, np.newaxis]).ravel()
    cells = steps.shape[1]
    cell = np.clip(np.searchsorted(ladder, row + chance, side="right") - row * cells, 0, cells - 1)
    left = chance * sums[row, -1] - (sums[row, cell] - steps[row, cell])
    left = np.clip(left, 0.0, steps[row, cell])
    first, last = density[row, cell], density[row, cell + 1]
    root = np.sqrt(np.maximum(first**2 + 2 * (last - first) * left, 0.0))
    return cell, np.clip(2 * left / np.maximum(first + root, np.finfo(float).tiny), 0.0, 1.0)


def _steps(process: Process, x: Floats) -> tuple[Floats, Floats]:
    """Scale of U - U0 in GeV^2, and the whole range of ln(1 + (U - U0)/scale), at each x."""
    form = exact if process.method == "etl" else weizsaecker_williams
    forward = form.forward_virtuality(process, x)
    scale = process.lepton**2 * x if process.mediator == "spin2" else forward
    deepest = np.minimum(form.greatest_depth(process, x), GREATEST_RATIO * forward)
    return scale, np.log1p(deepest / scale)


def _angle_of(process: Process, x: Floats, place: Floats) -> Floats:
    """Angle in rad at places from 0 (forward) to 1."""
    scale, width = _steps(process, x)
    depth = scale * np.expm1(place * width)
    if process.method == "ww":
        return np.asarray(np.sqrt(depth / weizsaecker_williams.angle_scale(process, x)))
    sine2 = depth / np.maximum(4 * exact.angle_scale(process, x), np.finfo(float).tiny)
    return np.asarray(2 * np.arcsin(np.sqrt(np.clip(sine2, 0.0, 1.0))))


@lru_cache(maxsize=16)  # a simulation draws from the same process again and again
def _grid_of(process: Process, x_min: float) -> _Grid:
    form = exact if process.method == "etl" else weizsaecker_williams
    low, high = max(process.x_range[0], x_min), process.x_limit
    start, end = np.log(low / (1 - low)), np.log(high / (1 - high))
    z = np.linspace(start, end, X_POINTS)
    x = np.clip(1 / (1 + np.exp(-z)), low, high)
    scale, width = (part[:, np.newaxis] for part in _steps(process, x))
    depth = scale * np.expm1(width * np.linspace(0, 1, ANGLE_POINTS))
    density = form.density(process, np.broadcast_to(x[:, np.newaxis], depth.shape), depth)
    density = density * (depth + scale) * width * (x * (1 - x))[:, np.newaxis]
    density.flags.writeable = False
    return _Grid(process, density, float(start), float(end - start))
