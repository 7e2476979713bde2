"""What the particles of an event with a decay to two photons in the HCAL do."""

from __future__ import annotations

from dataclasses import dataclass

from na64ana.simulate.arrays import FloatArray
from na64ana.simulate.truth.event import Truth, columns_of

__all__ = ["AlpTruth", "with_depth"]


@dataclass(slots=True)
class AlpTruth(Truth):
    """An event with a decay to two photons in the HCAL."""

    decay_depth: FloatArray
    """(n,) of the decay behind the face of the second HCAL module, radiation lengths."""


def with_depth(truth: Truth, depth: FloatArray) -> AlpTruth:
    """Let the mediators of events decay at depths (n,), X0."""
    return AlpTruth(**columns_of(truth), decay_depth=depth)
