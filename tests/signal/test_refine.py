"""Masses added for a plot: where edges bend or end, and nowhere else."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from na64ana import signal
from na64ana.signal.refine import _MOST, refined
from na64ana.signal.response import Response

SETUP = signal.setup("na64e", exposure=1e10, efficiency=1.0)


@dataclass(frozen=True)
class _Stub:
    """N = 1e10 (g/mass)^2 up to a mass, of couplings below 1; with a step at a mass."""

    end: float = math.inf
    step: float = math.inf
    name: str = "stub"

    curves: ClassVar[str] = "spin2"
    coupling: ClassVar[str] = "g"
    couplings: ClassVar[tuple[float, float]] = (1e-8, 10.0)

    def response(self, mass, setup):
        number = (100 if mass > self.step else 1) / mass**2 * (mass < self.end)
        made = signal.Spectrum(np.array([90.0]), np.array([number]))
        return Response(made, lambda g, _: np.where(g < 1, 1.0, 0.0))

    def describe(self):
        return self.name

    def as_dict(self):
        return {"name": self.name}


def test_a_straight_line_needs_no_more():
    found = signal.reach(_Stub(), SETUP, [0.01, 0.1, 0.3, 1.0], 2.3)
    assert refined(found) is found


def test_an_end_is_found_to_a_thirty_second():
    found = refined(signal.reach(_Stub(end=0.5), SETUP, [0.01, 0.1, 1.0], 2.3))
    last = found.pieces()[0].masses[-1]
    assert last < 0.5 <= last * 10 ** (1 / 32)
    assert list(found.masses) == sorted(found.masses)
    assert {0.01, 0.1, 1.0} <= set(found.masses)


def test_a_step_is_found_and_the_number_is_bounded():
    found = refined(signal.reach(_Stub(step=0.05), SETUP, signal.masses_of("0.01:1:31"), 2.3))
    edges = np.log(np.array(found.limit, float))
    i = int(np.argmin(np.diff(edges)))
    assert found.masses[i] <= 0.05 < found.masses[i + 1]
    assert found.masses[i + 1] / found.masses[i] == pytest.approx(100 ** (1 / 30 / 32))
    assert 31 < len(found.masses) <= 31 + _MOST


def test_every_curve_is_looked_at():
    """The end of a weaker curve comes at a lower mass."""
    events = {"median": 2.3, "plus2": 1e10 / 0.03**2 * 0.99}
    found = refined(signal.reach(_Stub(), SETUP, [0.01, 0.1, 1.0], events))
    weak = found.pieces("plus2")[0].masses[-1]
    assert 0.03 / 10 ** (1 / 32) <= weak <= 0.031
