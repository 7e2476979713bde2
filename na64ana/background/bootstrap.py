"""The error of an extrapolation from fits to replicas of the sideband."""

from __future__ import annotations

import numpy as np

from na64ana.background.fit import fit_tail
from na64ana.background.integral import in_box
from na64ana.background.likelihood import resampled
from na64ana.background.shapes import Shape
from na64ana.background.sideband import Sideband
from na64ana.background.tail_fit import TailFit
from na64ana.errors import BackgroundError, printable

__all__ = ["bootstrap_error", "check_replicas"]

#: quantiles of a normal distribution at minus and plus one standard deviation
_ONE_SIGMA = (0.15865525393145707, 0.8413447460685429)
_FAILURES = 0.1  # the largest part of the replicas that may fail to fit
_LEAST_REPLICAS = 20


def check_replicas(replicas: int) -> None:
    """Refuse so few replicas that their spread is no error.

    Raises
    ------
    BackgroundError
        There are some, and fewer than 20.
    """
    if replicas and replicas < _LEAST_REPLICAS:
        msg = f"{replicas} bootstrap replicas say nothing: give at least {_LEAST_REPLICAS}, or 0"
        raise BackgroundError(msg)


def bootstrap_error(
    shape: Shape, fit: TailFit, sideband: Sideband, rng: np.random.Generator, replicas: int
) -> tuple[float, int]:
    """Return half of the central 68.27% of the replicas, and how many failed.

    Parameters
    ----------
    shape : Shape
        That of the fit.
    fit : TailFit
        Each replica is fitted from its parameters on.

    Raises
    ------
    BackgroundError
        More than a tenth of the replicas could not be fitted, or one has no finite integral.
    """
    sample = sideband.sample(fit.window)
    best = np.array(list(fit.parameters.values()), dtype=float)
    values, failed = [], 0
    for _ in range(replicas):
        replica = resampled(sample, rng)
        try:
            refit = fit_tail(shape, replica, best, errors=False)
            values.append(in_box(shape, refit.values, replica, sideband.box))
        except BackgroundError:
            failed += 1
    if failed > _FAILURES * replicas or not np.isfinite(values).all():
        msg = (
            f"bootstrap of shape '{printable(shape.name)}': {failed} of {replicas} replicas could "
            f"not be fitted; {sample.events} events are too few for this shape"
        )
        raise BackgroundError(msg)
    low, high = np.quantile(values, _ONE_SIGMA)
    return float(high - low) / 2, failed
