"""The visible mode: energies in the dump, thin counters, decays behind."""

import numpy as np
import pytest

from na64ana.events import open_file, recognise
from na64ana.simulate import MODES, simulate, write_tout
from na64ana.simulate.detectors.wcal import dump_shares
from na64ana.simulate.parameters.visible import visible_parameters
from na64ana.simulate.physics.medium import medium
from na64ana.simulate.processes.visible import dump_interacts

MODE = MODES["visible-2017"]
P = visible_parameters(100.0, 46, 3)
SHORT = visible_parameters(100.0, 35, 3)
N = 2000


def test_the_mode_has_these_parameters():
    assert MODE.parameters == P


def total(branches, name, channels=slice(None)):
    return branches[f"{name}_ene"][:, channels].sum(axis=1)


@pytest.fixture(scope="module")
def signal():
    return simulate("visible", N, seed=1, mode=MODE.name).branches


@pytest.fixture(scope="module")
def electrons():
    return simulate("electron", N, seed=1, mode=MODE.name).branches


@pytest.mark.parametrize("process", [*MODE.processes])
def test_every_process_fills_the_same_branches_with_finite_numbers(process, electrons):
    branches = simulate(process, 200, seed=1, mode=MODE.name).branches
    truth = ["truth_energy"] * (process == "visible")
    assert list(branches) == [*electrons, *truth]
    for name, array in branches.items():
        assert len(array) == 200, name
        assert np.isfinite(array).all(), name


@pytest.mark.parametrize("name", ["visible-2017", "visible-2018"])
def test_a_file_is_recognised_as_of_the_visible_mode(tmp_path, name):
    path = tmp_path / "visible.root"
    write_tout(path, simulate("run-period", 20, seed=1, mode=name))
    with open_file(path) as file:
        assert recognise(file)[0].name == MODES[name].layout == "na64-visible"


@pytest.mark.parametrize(("p", "depth", "length"), [(P, 40, 0.29), (SHORT, 30, 0.22)])
def test_the_dump_is_as_deep_and_as_long_as_it_is_said_to_be(p, depth, length):
    m = medium(p.wcal, p.shower)
    assert m.depth / m.radiation_length == pytest.approx(depth, rel=0.03)
    assert m.depth / 1000 == pytest.approx(length, rel=0.03)


def test_a_shower_in_the_dump_is_shared_by_all_parts_and_leaks_less_the_longer_it_is():
    rng = np.random.default_rng(1)
    energy = np.full(N, 100.0)
    long, short = (dump_shares(energy, rng, p) for p in (P, SHORT))
    for shares in (long, short):
        assert shares.sum(axis=1) == pytest.approx(1)
        assert shares.min() >= -1e-12
    assert long[:, 3].mean() < short[:, 3].mean() / 5
    assert 0 < short[:, 3].mean() < 0.01


def test_hadrons_interact_in_the_dump_by_its_length():
    rng = np.random.default_rng(1)
    # 46 layers of 3 mm of tungsten (R-H, PDG: 99.5 mm for nucleons), and scintillator besides
    share = dump_interacts(20_000, rng, P).mean()
    assert 1 - np.exp(-46 * 3.0 / 99.5) < share < 1 - np.exp(-46 * 3.0 / 99.5 - 0.25)


def test_an_electron_gives_all_its_energy_to_the_dump_with_its_resolution(electrons):
    measured = total(electrons, "WCAL", slice(0, 2))
    beam, resolution = 100.0, P.wcal.stochastic / np.sqrt(100.0)
    assert measured.mean() == pytest.approx(beam, abs=0.3)
    expected = beam * np.hypot(resolution, P.beam.momentum_spread)
    assert measured.std() == pytest.approx(expected, rel=0.07)
    assert total(electrons, "ECAL").mean() < 0.5


def test_a_decay_shares_the_beam_energy_with_the_dump(signal):
    energy = signal["truth_energy"]
    assert total(signal, "ECAL").mean() == pytest.approx(energy.mean(), abs=0.3)
    both = total(signal, "WCAL", slice(0, 2)) + total(signal, "ECAL")
    assert both.mean() == pytest.approx(100, abs=0.4)
    assert np.corrcoef(total(signal, "ECAL"), energy)[0, 1] > 0.999


def test_two_electrons_cross_s4_and_nothing_crosses_v2(signal):
    counters = P.counters
    s4, v2 = signal["S4_ene"] / counters.mip_s4, signal["V2_ene"] / counters.mip_v2
    # a Moyal distribution has its mean 1.27 widths above the peak
    one = 1 + 1.27 * counters.mip_width
    behind = counters.albedo * signal["truth_energy"].mean()
    assert s4.mean() == pytest.approx(2 * one + behind, rel=0.02)
    # of photo-electrons, of the Moyal distribution, and of the number of secondaries
    variance = (2 * one + behind) / 10 + 2 * (np.pi * counters.mip_width) ** 2 / 2 + behind
    assert s4.std() == pytest.approx(np.sqrt(variance), rel=0.08)
    assert np.mean(v2 < 0.8) > 0.98
    assert np.mean(s4 > 1.5) > 0.9


def test_muons_cross_all_counters():
    branches = simulate("dimuon", N, seed=1, mode=MODE.name).branches
    counters = P.counters
    v2, s4 = branches["V2_ene"] / counters.mip_v2, branches["S4_ene"] / counters.mip_s4
    catcher = branches["WCAL_ene"][:, 2] / counters.mip_catcher
    for mips in (v2, s4, catcher):
        assert np.median(mips) == pytest.approx(2.2, abs=0.2)


def test_the_trigger_takes_what_leaves_energy_for_behind(signal, electrons):
    fired = (signal["triggerSources"] & 4) > 0
    energy = signal["truth_energy"]
    assert fired[energy > 30].mean() > 0.9
    assert fired[energy < 22].mean() < 0.3
    assert not np.any(electrons["triggerSources"] & 4)


def test_neutral_kaons_leave_no_more_than_the_beam_has():
    branches = simulate("kaon", N, seed=1, mode=MODE.name).branches
    electromagnetic = total(branches, "HCAL") < 1
    both = total(branches, "WCAL", slice(0, 2)) + total(branches, "ECAL")
    # the wide showers of pi0 pi0 have the resolution of hadrons
    assert np.quantile(both[electromagnetic], 0.99) < 115
    charged = P.visible.kaon_charged
    assert np.mean(total(branches, "HCAL") > 3) < charged
    # alone, pi+ pi- are two particles behind V2 and none in it
    silent = branches["V2_ene"] < 0.5 * P.counters.mip_v2
    assert 0.4 < np.mean(branches["S4_ene"][silent] > 0.9e-3) < 0.8


def test_the_unused_channels_of_the_srd_hold_nothing(electrons):
    assert np.all(electrons["SRD_ene"][:, 3] == 0)
    assert np.all(electrons["SRD_ene"][:, :3].mean(axis=0) > 0.005)
    late = simulate("electron", 200, seed=1, mode="visible-2018").branches
    assert late["SRD_ene"].shape == (200, 4)
    assert np.all(late["SRD_ene"][:, 2:] == 0)
    # more light at 150 GeV
    assert late["SRD_ene"][:, 0].mean() > 1.5 * electrons["SRD_ene"][:, 0].mean()
