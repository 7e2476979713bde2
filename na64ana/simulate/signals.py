"""Signals of an electron or positron beam: energy that a mediator carries away."""

from __future__ import annotations

import numpy as np

from na64ana.errors import InputError
from na64ana.simulate.parameters import Parameters, Signal
from na64ana.simulate.processes import Process, beam_electrons
from na64ana.simulate.truth import Crossing, FloatArray

__all__ = ["SIGNALS", "invisible", "mediator_energies"]


def mediator_energies(
    n: int, rng: np.random.Generator, signal: Signal, beam_energy: FloatArray
) -> FloatArray:
    """Draw the energies of mediators, GeV.

    Parameters
    ----------
    beam_energy : (n,) energies of the beam particles, above which no mediator can be.

    Raises
    ------
    InputError
        The energies of the spectrum do not rise, or its numbers are none.
    """
    if not signal.energies:
        return np.asarray(rng.uniform(signal.least, 1.0, n) * beam_energy)
    energies, numbers = np.asarray(signal.energies), np.asarray(signal.numbers)
    rising = len(energies) == len(numbers) and np.all(np.diff(energies) > 0)
    if not (rising and np.all(numbers >= 0) and numbers.sum() > 0):
        raise InputError(
            "a spectrum of mediators: rising energies, a number >= 0 for each, not all 0"
        )
    # a point of the spectrum stands for what lies nearest to it
    middle = (energies[1:] + energies[:-1]) / 2
    edges = np.concatenate([energies[:1], middle, energies[-1:]])
    cumulative = np.concatenate([[0.0], np.cumsum(numbers)]) / numbers.sum()
    drawn = np.interp(rng.random(n), cumulative, edges)
    return np.asarray(np.minimum(drawn, beam_energy), dtype=np.float64)


def invisible(n: int, rng: np.random.Generator, p: Parameters) -> Crossing:
    """A mediator takes part of the beam energy and is not seen; the rest is a shower."""
    truth = beam_electrons(n, rng, p)
    truth.mediator_energy = mediator_energies(n, rng, p.signal, truth.em_energy)
    truth.em_energy = truth.em_energy - truth.mediator_energy
    return Crossing.single(truth)


SIGNALS: dict[str, Process] = {"invisible": invisible}
"""Signals by the names that the command line takes."""
