"""Pairs of semi-visible decays: energies of two decays in a row, and what the ECAL sees."""

from dataclasses import replace

import numpy as np
import pytest

from na64ana.signal.inelastic import pair_masses
from na64ana.simulate import MODES, simulate
from na64ana.simulate.parameters.signals import Inelastic
from na64ana.simulate.processes.semivisible import pair_energies

N = 50_000


@pytest.mark.parametrize("splitting", [0.05, 0.4])
def test_the_mean_energy_is_that_of_two_isotropic_decays(splitting):
    split = Inelastic(splitting=splitting)
    pairs = pair_energies(np.full(N, 70.0), np.random.default_rng(1), split)
    light = split.mass / split.mass_ratio
    heavy = light * (1 + splitting)
    masses, shares = pair_masses(light, splitting, split.mass)
    excited = (split.mass**2 + heavy**2 - light**2) / (2 * split.mass**2)
    at_rest = (heavy**2 + masses**2 - light**2) / (2 * heavy**2)
    expected = 70.0 * excited * (shares @ at_rest)
    assert pairs.mean() == pytest.approx(expected, abs=5 * pairs.std() / np.sqrt(N))
    assert pairs.min() > 0
    # both forward, the pair without a mass
    momentum = np.sqrt((excited * split.mass) ** 2 - heavy**2) / split.mass
    most = 70.0 * (excited + momentum) * (1 - (light / heavy) ** 2)
    assert 0.8 * most < pairs.max() < most * (1 + 1e-4)


def test_a_small_splitting_leaves_the_signal_of_invisible_decays():
    mode = MODES["electrons-2016-2018"]
    parameters = replace(mode.parameters, inelastic=Inelastic(splitting=0.05))
    branches = simulate("inelastic", 4000, seed=1, mode=mode.name, parameters=parameters).branches
    seen = branches["ECAL66_ene"].sum(axis=1)
    back = (seen + branches["truth_energy"]).mean() - 100.0
    assert 0.5 < back < 0.04 * branches["truth_energy"].mean() + 0.5


def test_pairs_and_mediators_share_the_beam_energy():
    branches = simulate("inelastic", 4000, seed=1, mode="electrons-2023").branches
    back = branches["ECAL_ene"].sum(axis=1) + branches["truth_energy"] - 100.0
    assert back.mean() == pytest.approx(0.142 * branches["truth_energy"].mean(), rel=0.05)
