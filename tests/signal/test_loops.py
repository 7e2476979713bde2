"""The mixing of the L_mu - L_tau boson by its loop."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from na64ana.errors import SignalError
from na64ana.signal.constants import ELEMENTARY_CHARGE, M_MUON, M_TAU
from na64ana.signal.loops import loop_mixing, vacuum_polarisation
from tests.signal.processes import references


def test_references():
    (entry,) = references("Lmu_Ltau_loop_mixing_over_g")
    found = loop_mixing(entry["inputs"]["q2_GeV2"])
    assert found == pytest.approx(np.array(entry["value"]), rel=entry["tolerance"])


def test_at_rest():
    expected = ELEMENTARY_CHARGE / (12 * np.pi**2) * np.log(M_TAU**2 / M_MUON**2)
    assert loop_mixing(0.0) == pytest.approx(expected, rel=1e-12)
    assert 1 / loop_mixing(0.0) == pytest.approx(69.3, abs=0.05)


@pytest.mark.parametrize("ratio", [-1e4, -30.0, -0.101, -0.099, 1e-3, 0.099, 0.101, 3.9])
def test_the_integral_itself(ratio):
    q2 = ratio * M_MUON**2
    found, _ = quad(
        lambda x: x * (1 - x) * np.log((M_TAU**2 - x * (1 - x) * q2) / (M_MUON**2 - x * (1 - x) * q2)),
        0, 1, epsabs=0, epsrel=1e-11,
    )  # fmt: skip
    pi = vacuum_polarisation(q2)
    assert pi.real == pytest.approx(ELEMENTARY_CHARGE / (2 * np.pi**2) * found, rel=1e-8)
    assert pi.imag == 0


@pytest.mark.parametrize("ratio", [4.2, 10.0, 1e3, 1e5])
def test_above_threshold(ratio):
    q2 = ratio * M_MUON**2

    def real(x):
        top, below = (m**2 - x * (1 - x) * q2 for m in (M_TAU, M_MUON))
        return x * (1 - x) * np.log(abs(top / below))

    def beta(mass):
        return np.sqrt(max(1 - 4 * mass**2 / q2, 0))

    edges = [(1 + sign * beta(m)) / 2 for m in (M_MUON, M_TAU) for sign in (-1, 1)]
    found, _ = quad(real, 0, 1, epsrel=1e-10, points=edges, limit=500)
    pi = vacuum_polarisation(q2) / (ELEMENTARY_CHARGE / (2 * np.pi**2))
    assert pi.real == pytest.approx(found, rel=1e-6)
    # the cut of ln(-x - i 0), where x (1-x) q2 > m^2; it is the width to muons, and that to taus
    cut = sum(
        sign * beta(m) * (3 - beta(m) ** 2) / 12 for sign, m in ((1, M_MUON), (-1, M_TAU))
    )  # fmt: skip
    assert pi.imag == pytest.approx(np.pi * cut, rel=1e-9)


def test_shapes_and_refusals():
    assert isinstance(vacuum_polarisation(0.01), complex)
    assert loop_mixing(np.full((2, 3), 0.01)).shape == (2, 3)
    with pytest.raises(SignalError, match="q2 is nan"):
        loop_mixing(float("nan"))
