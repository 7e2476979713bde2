"""Scalar, pseudoscalar, vector and axial bosons from 1 keV to 3 GeV: laws between them."""

from __future__ import annotations

import numpy as np
import pytest

from na64ana import signal
from na64ana.signal.constants import M_ELECTRON
from na64ana.signal.moments import MOMENTS, moment_band, moment_shift
from na64ana.signal.production import annihilation_spectrum

MODELS = {"dark-photon": "vector", "scalar": "scalar", "pseudoscalar": "pseudoscalar",
          "axial": "axial"}  # fmt: skip
SETUP = signal.setup("na64e")
EVENTS = 2.302585


def made(name, mass):
    return signal.model(name).response(mass, SETUP)(1.0)


@pytest.mark.parametrize("name", MODELS)
def test_there_is_a_limit_from_1_kev_to_3_gev(name):
    masses = [1e-6, 1e-4, 2 * M_ELECTRON, 0.01, 0.3, 3.0]
    found = signal.reach(signal.model(name), SETUP, masses, EVENTS)
    limit = np.array(found.limit, dtype=float)
    assert np.all(limit > signal.model(name).couplings[0])
    assert limit[-1] < 1
    # heavier bosons are harder to make: only annihilation, here at 300 MeV, turns it round
    assert np.all(np.diff(limit[:-2]) >= -1e-9)


@pytest.mark.parametrize("mediator", MODELS.values())
def test_below_two_electrons_nothing_annihilates(mediator):
    setup = signal.setup("na64e", threshold=0.1)
    light, heavy = (annihilation_spectrum(mass, setup, mediator=mediator).numbers.sum()
                    for mass in (2 * M_ELECTRON, 0.02))  # fmt: skip
    assert light == 0
    assert heavy > 0


@pytest.mark.parametrize("name", ["dark-photon", "scalar", "pseudoscalar"])
def test_far_below_the_electron_the_mass_does_not_matter(name):
    assert made(name, 1e-6) == pytest.approx(made(name, 1e-5), rel=1e-3)


def test_a_light_axial_boson_is_mostly_its_helicity_0():
    """A pseudoscalar of coupling 2 m_e g/M, and beside it the transverse part, as of a vector."""
    for mass, rel in ((1e-6, 2e-3), (1e-4, 0.02)):
        goldstone = (2 * M_ELECTRON / mass) ** 2 * made("pseudoscalar", mass)
        assert made("axial", mass) == pytest.approx(goldstone + made("dark-photon", mass), rel=rel)


def test_far_above_the_electron_parity_does_not_matter():
    assert made("scalar", 1.0) == pytest.approx(made("pseudoscalar", 1.0), rel=1e-3)
    assert made("dark-photon", 1.0) == pytest.approx(made("axial", 1.0), rel=1e-3)


def test_the_moment_of_the_electron_that_na64_still_allows():
    """With 2.84e11 electrons a vector shifts it by less than 1e-14 (arXiv:2102.01885: 1e-15 to
    1e-13), far below the band of rubidium."""
    setup = signal.setup("na64e", exposure=2.84e11)
    masses = [0.001, 0.01, 0.5]
    found = signal.reach(signal.model("dark-photon"), setup, masses, EVENTS)
    shifts = moment_shift("vector", masses, epsilon=np.array(found.limit, dtype=float))
    # 9e-15, 3e-15 and 6e-15 in an independent calculation
    assert shifts == pytest.approx([9e-15, 3e-15, 6e-15], rel=0.15)
    low, _ = moment_band(MOMENTS["electron-rb-2023"], "vector", masses)
    assert np.all(np.array(found.limit, dtype=float) < low)
