"""Signals of a model: energies of mediators as `na64ana.signal` computes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from na64ana.errors import InputError
from na64ana.simulate.modes.mode import Mode
from na64ana.simulate.parameters.signals import Signal

if TYPE_CHECKING:
    from na64ana.signal import Model

__all__ = ["mediators"]


def mediators(
    model: Model, mass: float, mode: Mode, *, least: float | None = None, weighted: bool = False
) -> Signal:
    """Return the energies of the mediators of a model at one mass, to draw from.

    Parameters
    ----------
    model : Model
        As `na64ana.signal.model` gives it.
    mass : float
        Of the mediator, GeV.
    mode : Mode
        Whose beam and target make them.
    least : float, optional
        Smallest energy as a share of the beam energy; default: that of the mode.
    weighted : bool
        Spread energies evenly, and put the spectrum into weights.

    Raises
    ------
    SignalError
        For a mass outside what the model holds for.
    InputError
        The mode makes none of them.
    """
    from na64ana.signal import setup

    if not mode.setup:
        msg = f"mode {mode.name} makes no mediator of a model: its signals are decays of mesons"
        raise InputError(msg)
    lowest = mode.parameters.signal.least if least is None else least
    threshold = lowest * mode.parameters.beam.energy
    made = model.response(mass, setup(mode.setup, threshold=threshold, efficiency=1.0)).spectrum
    if not made.numbers.sum() > 0:
        msg = f"mode {mode.name} makes no mediator of {mass:g} GeV above {threshold:g} GeV"
        raise InputError(msg)
    order = np.argsort(made.energies)
    return Signal(lowest, tuple(made.energies[order]), tuple(made.numbers[order]), weighted)
