"""Signals of an electron or positron beam: energy that a mediator carries away."""

from __future__ import annotations

import numpy as np

from na64ana.errors import InputError
from na64ana.simulate.arrays import FloatArray
from na64ana.simulate.parameters.common import Parameters
from na64ana.simulate.parameters.signals import Signal
from na64ana.simulate.processes.beam import Process, beam_electrons
from na64ana.simulate.truth.event import Crossing

__all__ = ["SIGNALS", "invisible", "mediator_energies", "mediator_weights"]


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
    if not signal.energies or signal.weighted:
        return np.asarray(rng.uniform(signal.least, 1.0, n) * beam_energy)
    edges, numbers = _spectrum(signal)
    cumulative = np.concatenate([[0.0], np.cumsum(numbers)]) / numbers.sum()
    drawn = np.interp(rng.random(n), cumulative, edges)
    return np.asarray(np.minimum(drawn, beam_energy), dtype=np.float64)


def mediator_weights(energy: FloatArray, signal: Signal, beam_energy: float) -> FloatArray:
    """Return weights that give evenly spread energies (n,), GeV, the spectrum of a signal.

    Rare energies are then as well sampled as frequent ones. The mean weight is 1.

    Raises
    ------
    InputError
        There is no spectrum, or it is none.
    """
    edges, numbers = _spectrum(signal)
    density = numbers / np.diff(edges) / numbers.sum() * (1 - signal.least) * beam_energy
    place = np.searchsorted(edges, energy, side="right") - 1
    inside = (place >= 0) & (place < len(numbers))
    return np.where(inside, density[np.clip(place, 0, len(numbers) - 1)], 0.0)


def _spectrum(signal: Signal) -> tuple[FloatArray, FloatArray]:
    """Edges (k + 1,) in energy and the numbers (k,) of mediators between them."""
    energies, numbers = np.asarray(signal.energies), np.asarray(signal.numbers)
    rising = len(energies) == len(numbers) > 1 and np.all(np.diff(energies) > 0)
    if not (rising and np.all(numbers >= 0) and numbers.sum() > 0):
        raise InputError("a spectrum of mediators has rising energies with numbers >= 0, not all 0")
    # a point of the spectrum stands for what lies nearest to it
    middle = (energies[1:] + energies[:-1]) / 2
    return np.concatenate([energies[:1], middle, energies[-1:]]), numbers


def invisible(n: int, rng: np.random.Generator, p: Parameters) -> Crossing:
    """A mediator takes part of the beam energy and is not seen; the rest is a shower."""
    truth = beam_electrons(n, rng, p)
    truth.mediator_energy = mediator_energies(n, rng, p.signal, truth.em_energy)
    truth.em_energy = truth.em_energy - truth.mediator_energy
    return Crossing.single(truth)


SIGNALS: dict[str, Process] = {"invisible": invisible}
"""Signals by the names that the command line takes."""
