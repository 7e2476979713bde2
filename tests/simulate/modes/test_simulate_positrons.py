"""Positron beams: what goes with their energy, their hadrons, and the crystals of POKER."""

from dataclasses import replace

import numpy as np
import pytest

from na64ana.layouts import load_layout
from na64ana.simulate import MODES, shares, simulate
from na64ana.simulate.detectors.pkrcal import pkrcal_energies
from na64ana.simulate.parameters.materials import LEAD_TUNGSTATE
from na64ana.simulate.parameters.poker import PkrCal, PokerParameters
from na64ana.simulate.parameters.positrons import positron_parameters
from na64ana.simulate.truth.event import blank

ENERGIES = {
    "positrons-100": 100.0,
    "positrons-70": 70.0,
    "positrons-60": 60.0,
    "positrons-40": 40.0,
}
POKER = ("positrons-60", "positrons-40")


def crystals(branches):
    """Energy (n,) of all crystals."""
    return branches["PKRPRE_ene"].sum(axis=1) + branches["PKRCAL_ene"].sum(axis=1)


@pytest.fixture(scope="module")
def positrons():
    """Positrons of one momentum on PKR-CAL, by mode."""

    def branches(mode):
        p = MODES[mode].parameters
        p = replace(p, beam=replace(p.beam, momentum_spread=0.0))
        return simulate("electron", 4000, seed=3, mode=mode, parameters=p).branches

    return {mode: branches(mode) for mode in POKER}


@pytest.mark.parametrize("mode", ENERGIES)
def test_spectra_and_trigger_go_with_the_energy_of_the_beam(mode):
    p, scale = MODES[mode].parameters, ENERGIES[mode] / 100
    electrons = MODES["electrons-2023"].parameters
    assert p.beam.energy == ENERGIES[mode]
    assert p.processes.radiative_loss == pytest.approx(
        [scale * loss for loss in electrons.processes.radiative_loss]
    )
    assert p.processes.late_shower == electrons.processes.late_shower
    assert p.trigger.main_smearing == pytest.approx(scale * electrons.trigger.main_smearing)


@pytest.mark.parametrize("mode", ENERGIES)
def test_the_beam_has_ten_times_the_hadrons_of_electrons(mode):
    ratio = {
        name: share["hadron"] / share["electronuclear"]
        for name in (mode, "electrons-2023")
        for share in [shares(MODES[name], MODES[name].parameters)]
    }
    assert ratio[mode] == pytest.approx(10 * ratio["electrons-2023"])


def test_the_radiation_falls_as_the_fourth_power():
    mean = {
        mode: simulate("electron", 2000, seed=1, mode=mode).branches["SRD_ene"].mean()
        for mode in ("positrons-100", "positrons-70")
    }
    # soft photons do not arrive: a little steeper
    assert 0.93 < mean["positrons-70"] / mean["positrons-100"] / 0.7**4 < 1.05


def test_only_the_new_detector_sees_the_radiation_at_40_gev():
    def tagged(parameters):
        srd = simulate("electron", 2000, seed=1, mode="positrons-40", parameters=parameters)
        return np.mean(np.all(srd.branches["SRD_ene"] > 1e-4, axis=1))

    poker = MODES["positrons-40"].parameters
    present = replace(poker, srd=MODES["positrons-70"].parameters.srd)
    assert tagged(poker) > 0.7
    assert tagged(present) < 0.45


def test_a_positron_behind_a_proton_radiates_late():
    branches = simulate("proton_pileup", 2000, seed=1, mode="positrons-100").branches
    late = np.abs(branches["SRD_t0"] - branches["SRD_tE"]) > 3 * branches["SRD_tSigma"]
    seen = branches["SRD_ene"] > 1e-3
    assert np.mean(late[seen]) > 0.8
    in_time = np.abs(branches["HCAL_t0"] - branches["HCAL_tE"]) < 16.5
    energy = np.where(in_time, branches["HCAL_ene"], 0.0)[:, :27].sum(axis=1)
    assert np.mean(energy > 10) > 0.7  # of the proton


@pytest.mark.parametrize("mode", POKER)
def test_crystals_have_the_resolution_of_the_design(positrons, mode):
    """2.5%/sqrt(E) and 0.5% in quadrature; what noise and leakage add is below the error."""
    energy = crystals(positrons[mode])
    beam = ENERGIES[mode]
    expected = np.hypot(0.025 / np.sqrt(beam), 0.005)
    assert energy.std() / energy.mean() == pytest.approx(expected, rel=5 / np.sqrt(2 * len(energy)))
    assert energy.mean() == pytest.approx(beam, rel=0.002)


def test_the_depth_is_that_of_the_talk():
    c = PkrCal()
    depth = c.layers * c.crystal[0] + c.crystal[1]
    length = LEAD_TUNGSTATE.radiation_length / LEAD_TUNGSTATE.density * 10
    assert depth / length == pytest.approx(33.5, rel=0.01)
    ecal = MODES["positrons-60"].parameters.ecal
    assert ecal.layers * sum(ecal.thickness) == pytest.approx(depth)
    assert ecal.preshower_depth * length == pytest.approx(c.layers * c.crystal[0])


def test_energy_is_kept(positrons):
    branches = simulate("invisible", 4000, seed=3, mode="positrons-60").branches
    total = crystals(branches) + branches["truth_energy"]
    assert total.mean() == pytest.approx(60.0, abs=5 * total.std() / np.sqrt(len(total)) + 0.1)
    hadrons = simulate("hadron", 4000, seed=3, mode="positrons-60").branches
    measured = crystals(hadrons) + hadrons["HCAL_ene"].sum(axis=1)
    assert 0.9 * 60 < measured.mean() < 60.5  # some leaks out


def test_layers_see_x_and_y_in_turn():
    p = positron_parameters(60.0, PokerParameters())
    truth = blank(500)
    truth.em_energy[:] = 60.0
    truth.x[:] = 20.0
    front, matrix = pkrcal_energies(truth, np.random.default_rng(1), p)
    hottest = front.sum(axis=0).argmax(axis=1)
    assert hottest.tolist() == [5, 4, 5, 4]
    assert np.unravel_index(matrix.sum(axis=0).argmax(), (9, 9)) == (5, 4)


def test_muons_ionise_along_their_way():
    p = positron_parameters(60.0, PokerParameters())
    truth = blank(500)
    truth.muon_energy[:] = 10.0
    quiet = replace(p, pkrcal=replace(p.pkrcal, noise=0.0))
    front, matrix = pkrcal_energies(truth, np.random.default_rng(1), quiet)
    # 10.2 MeV/cm (PDG), two muons, 30 cm
    total = front.sum(axis=(1, 2)) + matrix.sum(axis=(1, 2))
    assert total.mean() == pytest.approx(2 * 30 * 10.2e-3, rel=0.01)
    assert front.sum(axis=2).mean() == pytest.approx(2 * 2 * 10.2e-3, rel=0.03)


@pytest.mark.parametrize("mode", POKER)
def test_files_have_the_branches_of_the_layout(positrons, mode):
    branches = {
        branch
        for column in load_layout(MODES[mode].layout).columns.values()
        for branch in column.branches
        if column.absent is None
    }
    assert set(positrons[mode]) == branches
