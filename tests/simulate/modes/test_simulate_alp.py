"""Axion-like particles: one electromagnetic shower in the second or third HCAL module."""

import numpy as np
import pytest

from na64ana.simulate import MODES, simulate
from na64ana.simulate.detectors.hcal_decays import decay_energies
from na64ana.simulate.processes.alp import alp
from na64ana.simulate.truth.alp import AlpTruth

MODE = MODES["alp-2016-2018"]
N = 2000


def modules(branches):
    """(n, 4) energies of the modules, cells above 0.2 GeV."""
    cells = branches["HCAL_ene"].reshape(-1, 4, 3, 3)
    return np.where(cells > 0.2, cells, 0.0).sum(axis=(2, 3))


@pytest.fixture(scope="module")
def decays():
    return simulate("alp", N, seed=1, mode=MODE.name).branches


def at_depth(depth, energy):
    truth = alp(200, np.random.default_rng(1), MODE.parameters).prompt
    assert isinstance(truth, AlpTruth)
    truth.decay_depth[:] = depth
    truth.mediator_energy[:] = energy
    truth.hcal_x[:] = truth.hcal_y[:] = 0.0
    return decay_energies(truth, np.random.default_rng(2), MODE.parameters)


def test_a_decay_gives_its_energy_to_the_hcal_and_the_rest_is_in_the_ecal(decays):
    energy, found = decays["truth_energy"], modules(decays)
    ecal = decays["ECAL66_ene"].sum(axis=1)
    assert (ecal + energy).mean() == pytest.approx(100, abs=0.4)
    # those of the third module leak where they are late
    contained = found[:, 1] > 0.5 * energy
    assert found[contained].sum(axis=1).mean() == pytest.approx(energy[contained].mean(), rel=0.05)


def test_no_decay_is_in_the_first_module(decays):
    assert np.all(modules(decays)[:, 0] < 1.0)
    assert np.all(modules(decays)[:, 3] < 1.0)


@pytest.mark.parametrize(("depth", "inside"), [(0.0, (0.97, 1.01)), (125.0, (0.05, 0.95))])
def test_what_is_deeper_than_the_last_module_leaks(depth, inside):
    share = at_depth(depth, 50.0).sum(axis=(1, 2, 3)).mean() / 50.0
    assert inside[0] < share < inside[1]


def test_a_decay_is_narrow_and_a_hadron_is_not(decays):
    hadrons = simulate("punchthrough", N, seed=1, mode=MODE.name).branches

    def outside(branches):
        cells = branches["HCAL_ene"].reshape(-1, 4, 3, 3)[:, 1:3]
        cells = np.where(cells > 0.2, cells, 0.0)
        total = cells.sum(axis=(1, 2, 3))
        ratio = 1 - cells[:, :, 1, 1].sum(axis=1) / np.maximum(total, 1e-9)
        return ratio[total > 15]

    assert np.mean(outside(decays) < 0.06) > 0.95
    assert np.mean(outside(hadrons) < 0.06) < 0.02
    assert np.all(modules(hadrons)[:, 0] < 2.0)
