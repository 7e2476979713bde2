"""Pions of 50 GeV: where they interact, what charge exchange leaves, what the detectors see."""

from dataclasses import replace
from typing import cast

import numpy as np
import pytest

from na64ana.errors import InputError
from na64ana.signal import model
from na64ana.signal.charge_exchange import exchange_cross_section, mean_recoil
from na64ana.simulate import MODES, mediators, simulate
from na64ana.simulate.parameters.pions import PionParameters
from na64ana.simulate.physics.depths import hcal_front

MODE = MODES["hadrons-50"]
P = cast("PionParameters", MODE.parameters)


def truths(process, n=20_000, parameters=P):
    rng = np.random.default_rng(3)
    return MODE.process(process)(n, rng, parameters).prompt


def seen(branches):
    """Energies in ECAL and HCAL modules 0 to 2, GeV: (n,) each."""
    hcal = branches["HCAL_ene"][:, :27]
    return branches["ECAL_ene"].sum(axis=1), np.where(hcal > 0.2, hcal, 0).sum(axis=1)


def test_the_ecal_stops_as_many_pions_as_its_length_says():
    t = truths("pion")
    mip = sum(P.ecal.muon_energy)
    passing = np.isclose(t.ionisation.sum(axis=1), mip)
    expected = np.exp(-hcal_front(P) / P.pions.pion_length)
    assert passing.mean() == pytest.approx(expected, abs=5 * np.sqrt(expected / len(t)))
    assert t.ionisation.sum(axis=1).max() <= mip + 1e-12
    # the main part comes behind the preshower
    in_main = t.ionisation[:, 1] > 0
    assert np.all(np.isclose(t.ionisation[in_main, 0], P.ecal.muon_energy[0]))


def test_of_a_meson_that_decays_invisibly_only_the_neutron_is_left():
    t = truths("invisible")
    kinetic = t.momentum - t.mediator_energy
    assert kinetic.mean() == pytest.approx(P.pions.recoil, rel=0.05)
    left = t.ecal_hadronic.sum(axis=1)
    assert np.allclose(left, P.pions.recoil_seen * kinetic)
    assert not t.hcal_hadronic.any()
    assert not t.charged.any()


def test_numbers_of_charge_exchange_are_those_of_the_signal_side():
    sigma = np.array([exchange_cross_section(m, 50.0) for m in ("pi0", "eta", "eta'")])
    assert P.pions.mesons == pytest.approx(sigma / sigma.sum(), abs=0.005)
    recoil = np.mean([mean_recoil(m, 50.0) for m in ("eta", "eta'")])
    assert P.pions.recoil == pytest.approx(recoil, rel=0.01)


def test_visible_mesons_keep_the_energy_of_the_pion():
    branches = simulate("charge_exchange", 4000, seed=2, mode=MODE.name).branches
    ecal, hcal = seen(branches)
    assert np.median(ecal + hcal) == pytest.approx(50, abs=1.5)
    assert np.mean(ecal + hcal < 10) < 1e-3


def test_what_a_leading_neutral_leaves_falls_as_a_power():
    """Of a beta distribution with 1 and k a share (E/50 GeV)^k lies below E."""
    branches = simulate("leading_neutral", 8000, seed=2, mode=MODE.name).branches
    _, hcal = seen(branches)
    k = P.pions.neutral_lost[1]
    for energy in (10, 20, 30):
        expected = (energy / 50) ** k
        tolerance = 5 * np.sqrt(expected / len(hcal)) + 0.1 * expected
        assert np.mean(hcal < energy) == pytest.approx(expected, abs=tolerance)


def test_a_muon_is_a_mip_and_an_electron_a_shower():
    muons = simulate("muon", 2000, seed=2, mode=MODE.name).branches
    ecal, hcal = seen(muons)
    assert np.median(ecal) == pytest.approx(0.57, abs=0.1)
    assert np.median(hcal) == pytest.approx(7.6, rel=0.05)
    electrons = simulate("electron", 2000, seed=2, mode=MODE.name).branches
    ecal, _ = seen(electrons)
    assert ecal.mean() == pytest.approx(50, rel=0.02)


def test_a_signal_is_nothing_in_any_detector_but_a_part_of_a_mip():
    branches = simulate("invisible", 4000, seed=2, mode=MODE.name).branches
    ecal, hcal = seen(branches)
    veto = branches["VETO_enePMT"].reshape(-1, 3, 2).sum(axis=2).max(axis=1)
    assert np.mean(ecal < 1.5) > 0.99
    assert np.mean(hcal < 1.0) == 1
    assert np.mean(veto < 0.0076) == 1
    assert branches["truth_energy"].mean() == pytest.approx(49.9, abs=0.1)


def test_there_is_no_mediator_of_a_model_here():
    with pytest.raises(InputError, match="makes no mediator of a model"):
        mediators(model("dark-photon"), 0.1, MODE)


def test_a_longer_interaction_length_lets_more_pass():
    longer = replace(P, pions=replace(P.pions, pion_length=3.0))
    mip = sum(P.ecal.muon_energy)
    passing = [
        np.isclose(truths("pion", parameters=p).ionisation.sum(axis=1), mip).mean()
        for p in (P, longer)
    ]
    assert passing[1] > 1.5 * passing[0]
