"""Hadrons of any origin: what they leave in ECAL and HCAL, and where they hit the HCAL."""

from __future__ import annotations

import numpy as np

from na64ana.simulate.arrays import FloatArray
from na64ana.simulate.parameters.common import Parameters
from na64ana.simulate.physics.depths import IN_LINE
from na64ana.simulate.physics.hadrons import hadron_deposits
from na64ana.simulate.truth.event import Truth

__all__ = ["add_hadron", "spread_at_hcal"]


def add_hadron(
    truth: Truth, energy: FloatArray, start: FloatArray, rng: np.random.Generator, p: Parameters
) -> None:
    """Add what hadrons (n,) leave that interact at a depth behind the ECAL's face; in place."""
    left = hadron_deposits(energy, start, rng, p)
    truth.ecal_hadronic += left[:, :2]
    truth.hcal_hadronic[:, :IN_LINE] += left[:, 2:]


def spread_at_hcal(truth: Truth, sigma: float, rng: np.random.Generator) -> None:
    """Spread hadrons from the ECAL, mm in x and in y, over the face of the HCAL; in place."""
    truth.hcal_x = truth.x + rng.normal(0.0, sigma, len(truth))
    truth.hcal_y = truth.y + rng.normal(0.0, sigma, len(truth))
