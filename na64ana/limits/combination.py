"""A model of several counting experiments, one bin per run period, with shared nuisances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from na64ana.errors import LimitError, printable
from na64ana.limits.arguments import counts_of, known_name, numbers_of
from na64ana.limits.nuisance import Floats, log_shift, log_sigma

__all__ = ["LOG_NORMALS", "Bin", "Loading", "Model", "loading", "signal_of"]

#: nuisances that several bins can share: their logarithm is normal
LOG_NORMALS = ("log-normal", "kappa", "mean-one")


@dataclass(frozen=True)
class Bin:
    """One counting experiment of a combination.

    Attributes
    ----------
    name : str
    observed : int or None
        None while the box is blind: only expected limits can be asked for.
    background : float
        Expected events without signal.
    signal : float
        Expected signal events at strength 1: exposure x efficiency x yield per particle, or any
        share of it.
    background_errors, signal_errors : dict of str to float
        Standard errors by the name of their nuisance: absolute, in events, for the background;
        relative for the signal. Errors of one name are fully correlated, within a bin and from bin
        to bin; a negative error moves against the others of its name. Those of different names
        are independent.
    """

    name: str
    observed: int | None
    background: float
    signal: float
    background_errors: Mapping[str, float] = field(default_factory=dict)
    signal_errors: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Model:
    """Bins, and the distribution of all nuisances (one of `LOG_NORMALS`)."""

    bins: tuple[Bin, ...]
    nuisance: str = "log-normal"


class Loading(NamedTuple):
    """The model as arrays: log mean = log of the centre + rows @ z, z independent and normal.

    Attributes
    ----------
    signal, background : array (bins)
        Means at strength 1 and z = 0.
    signal_rows, background_rows : array (bins, nuisances)
    names : tuple of str
        Of the nuisances.
    """

    signal: Floats
    background: Floats
    signal_rows: Floats
    background_rows: Floats
    names: tuple[str, ...]


def signal_of(exposure: float, efficiency: float, yield_per_particle: float) -> float:
    """Expected signal events: particles on target x efficiency x yield per particle."""
    parts = {"exposure": exposure, "efficiency": efficiency, "yield": yield_per_particle}
    return float(np.prod([float(numbers_of(v, name)) for name, v in parts.items()]))


def loading(model: Model) -> Loading:
    """Check the model and lay it out as arrays.

    Raises
    ------
    LimitError
        If a bin has a number that is negative or not finite, no bin expects signal, a background
        of 0 has an error, or the names of bins repeat.
    """
    known_name(model.nuisance, LOG_NORMALS, "nuisance of a combination")
    names = [b.name for b in model.bins]
    if not names or len(set(names)) < len(names):
        msg = f"a combination needs bins of different names, not {printable(str(names))}"
        raise LimitError(msg)
    for b in model.bins:
        _check(b)
    signal = np.array([b.signal for b in model.bins], dtype=np.float64)
    if not signal.sum() > 0:
        msg = "no bin expects any signal: there is nothing to set a limit on"
        raise LimitError(msg)
    used = tuple(sorted({n for b in model.bins for n in (*b.background_errors, *b.signal_errors)}))
    rows = np.zeros((2, len(names), len(used)))
    for i, b in enumerate(model.bins):
        for name, error in b.signal_errors.items():
            rows[0, i, used.index(name)] = _sigma(model.nuisance, error)
        for name, error in b.background_errors.items():
            if error:
                relative = error / b.background
                rows[1, i, used.index(name)] = _sigma(model.nuisance, relative)
    factor = np.exp([[log_shift(model.nuisance, np.sqrt(r @ r)) for r in part] for part in rows])
    background = np.array([b.background for b in model.bins], dtype=np.float64)
    return Loading(signal * factor[0], background * factor[1], rows[0], rows[1], used)


def _sigma(nuisance: str, relative: float) -> float:
    return float(np.copysign(log_sigma(nuisance, abs(relative)), relative))


def _check(b: Bin) -> None:
    where = f"of bin '{printable(b.name)}'"
    numbers_of(b.background, f"background {where}")
    numbers_of(b.signal, f"signal {where}")
    if b.observed is not None:
        counts_of(b.observed, f"observed {where}")
    for kind, errors in (("background", b.background_errors), ("signal", b.signal_errors)):
        for name, error in errors.items():
            what = f"size of the {kind} error '{printable(name)}' {where}"
            size = float(numbers_of(np.abs(error), what))
            if size and kind == "background" and not b.background > 0:
                msg = f"the background {where} is 0 and has an error: no log-normal has median 0"
                raise LimitError(msg)
            if size > (b.background if kind == "background" else 1.0) * 3:
                msg = f"the {what} is {size:g}: more than three times the number it belongs to"
                raise LimitError(msg)
