"""The recoil lepton: its cross section integrates to that of the boson."""

import numpy as np
import pytest

from na64ana.errors import SignalError
from na64ana.signal.bremsstrahlung import total_cross_section
from na64ana.signal.constants import M_MUON
from na64ana.signal.recoil import PSI_MAX, recoil_differential


# differences of the production notes, section 4: how good the form for small angles is
@pytest.mark.parametrize(
    ("mass", "difference"), [(0.01, 1e-5), (0.1, 5e-5), (0.5, 5e-4), (1.0, 1.4e-3)]
)
def test_integral_over_the_recoil(mass, difference):
    energy = 160.0
    nodes, weights = np.polynomial.legendre.leggauss(100)
    low, high = (np.log(y / (1 - y)) for y in (M_MUON / energy, 1 - mass / energy))
    y = 1 / (1 + np.exp(-(low + (high - low) * (1 + nodes) / 2)))
    over_y = weights * y * (1 - y) * (high - low) / 2
    start, end = np.log(1e-7), np.log(PSI_MAX)
    psi = np.exp(start + (end - start) * (1 + nodes) / 2)
    over_psi = weights * psi * (end - start) / 2
    inside = np.minimum(psi, PSI_MAX)
    y = np.clip(y, M_MUON / energy, 1 - mass / energy)
    area = over_y @ recoil_differential(y[:, np.newaxis], inside, mass, energy) @ over_psi
    sigma = total_cross_section("vector", mass, energy, lepton="muon", method="ww")
    assert area == pytest.approx(sigma, rel=difference)


def test_shape_and_sign():
    value = recoil_differential([[0.2], [0.6]], np.linspace(0, 1, 5), 0.1, 160)
    assert value.shape == (2, 5)
    assert (value[:, 0] == 0).all()
    assert (value[:, 1:] > 0).all()
    assert isinstance(recoil_differential(0.5, 0.01, 0.1, 160), float)


@pytest.mark.parametrize(
    ("y", "psi", "mass", "message"),
    [
        (0.0001, 0.01, 0.1, r"y is 0.0001: the lepton keeps from 0.00066\d* \(m/E\)"),
        (0.9999, 0.01, 0.1, "y is 0.9999"),
        (0.5, 1.1, 0.1, "psi is 1.1 rad"),
        (0.5, -0.1, 0.1, "psi is -0.1 rad"),
        (0.5, np.nan, 0.1, "psi is nan"),
        (0.5, 0.1, 200.0, "cannot radiate"),
    ],
)
def test_outside_validity(y, psi, mass, message):
    with pytest.raises(SignalError, match=message):
        recoil_differential(y, psi, mass, 160)
