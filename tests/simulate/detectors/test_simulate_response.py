"""What the detectors measure, against resolutions and sums known beforehand."""

from dataclasses import replace

import numpy as np
import pytest

from na64ana.simulate.detectors.ecal import ecal_energies, shower_chi2
from na64ana.simulate.detectors.hcal import hcal_energies
from na64ana.simulate.detectors.response import digitised, sampled
from na64ana.simulate.detectors.srd import srd_energies
from na64ana.simulate.detectors.timing import cell_times, clocks
from na64ana.simulate.detectors.tracking import fit_tracks, straw_multiplicities, straw_positions
from na64ana.simulate.detectors.trigger import physics_trigger, trigger_sources, window_sums
from na64ana.simulate.detectors.veto import veto_energies
from na64ana.simulate.detectors.vhcal import vhcal_energies
from na64ana.simulate.parameters.common import Parameters
from na64ana.simulate.physics.ionisation import moyal
from na64ana.simulate.truth.event import blank

N = 20_000


@pytest.fixture
def rng():
    return np.random.default_rng(20230701)


@pytest.mark.parametrize("energy", [5.0, 20.0, 100.0])
def test_ecal_resolution_is_ten_percent_over_root_e(rng, energy):
    truth = blank(N)
    truth.em_energy[:] = energy
    p = Parameters()
    total = ecal_energies(truth, rng, p).sum(axis=(1, 2, 3))
    expected = 0.10 / np.sqrt(energy)
    # without noise, and with cells so wide that nothing leaks out sideways
    quiet = replace(p, ecal=replace(p.ecal, noise=0.0, pitch=1e6))
    exact = ecal_energies(truth, rng, quiet).sum(axis=(1, 2, 3))
    error = expected / np.sqrt(2 * N)
    assert exact.std() / energy == pytest.approx(expected, abs=4 * error)
    assert exact.mean() == pytest.approx(energy, abs=4 * expected * energy / np.sqrt(N))
    # Noise, and containment that varies with depth and width, add little.
    assert total.std() / total.mean() == pytest.approx(expected, rel=0.1)
    assert total.mean() == pytest.approx(energy, rel=0.01, abs=0.1)


@pytest.mark.parametrize("energy", [10.0, 50.0])
def test_hcal_resolution_is_sixty_percent_over_root_e(rng, energy):
    truth = blank(N)
    truth.hcal_hadronic[:, :3] = energy * np.array([0.9, 0.08, 0.02])
    total = hcal_energies(truth, rng, replace(Parameters().hcal, noise=0.0)).sum(axis=(1, 2, 3))
    expected = 0.60 / np.sqrt(energy)
    assert total.std() / energy == pytest.approx(expected, abs=5 * expected / np.sqrt(2 * N))
    assert total.mean() == pytest.approx(energy, rel=5 * expected / np.sqrt(N) + 1e-3)


def test_cells_lie_where_the_index_says(rng):
    p = Parameters()
    truth = blank(200)
    truth.em_energy[:] = 100.0
    truth.x[:], truth.y[:] = 38.2, 2 * 38.2  # one cell further in x, two in y
    ecal = ecal_energies(truth, rng, p).mean(axis=0)
    assert np.unravel_index(ecal.argmax(), ecal.shape) == (1, 3, 4)
    assert ecal.reshape(60).argmax() == 1 * 30 + 3 * 6 + 4
    assert np.unravel_index(ecal[0].argmax(), ecal[0].shape) == (3, 4)
    truth = blank(200)
    truth.hcal_hadronic[:, 3] = 30.0
    truth.hcal_x[:] = -194.0
    hcal = hcal_energies(truth, rng, p.hcal).mean(axis=0)
    assert np.unravel_index(hcal.argmax(), hcal.shape) == (3, 0, 1)


def test_two_muons_give_four_to_eight_gev_per_module_and_stop(rng):
    truth = blank(4000)
    truth.muon_energy[:2000] = 20.0
    truth.muon_energy[2000:, 0] = 3.0
    hcal = replace(Parameters().hcal, noise=0.0)
    modules = hcal_energies(truth, rng, hcal).sum(axis=(2, 3))
    pair, stopping = modules[:2000, :3], modules[2000:, :3]
    assert np.all((pair.mean(axis=0) > 4.5) & (pair.mean(axis=0) < 5.7))
    assert np.mean((pair > 4) & (pair < 8)) > 0.95
    # what is seen of a loss is on the scale of hadrons
    seen = (hcal.muon_energy + 1.27 * hcal.muon_width) / hcal.muon_loss
    assert stopping.sum(axis=1).mean() == pytest.approx(3.0 * seen, abs=0.3)
    assert stopping[:, 2].mean() < 0.3


def test_veto_sees_one_mip_per_particle(rng):
    truth = blank(6000)
    truth.charged[2000:4000] = 1
    truth.muon_energy[4000:] = 20.0
    pmt = veto_energies(truth, rng, Parameters().veto)
    assert pmt.shape == (6000, 6)
    plane = pmt.reshape(6000, 3, 2).sum(axis=2)
    none, one, two = np.median(plane.reshape(3, 2000, 3), axis=1)
    assert none == pytest.approx(0, abs=5e-4)
    assert one == pytest.approx(0.0105, rel=0.1)
    assert two == pytest.approx(0.021, rel=0.1)


def _radiation(rng, particle, beam):
    """Mean energy in a module of the SRD that electrons leave in magnets set for a beam."""
    truth = blank(2 * N)
    truth.radiating_energy[:] = particle
    p = Parameters()
    srd = replace(p.srd, noise=0.0, knock_on=0.0, least_photon=0.0)
    p = replace(p, beam=replace(p.beam, energy=beam), srd=srd)
    return srd_energies(truth, rng, p).mean()


def test_synchrotron_radiation_falls_as_the_fourth_power(rng):
    full, less, least = (_radiation(rng, e, e) for e in (100.0, 70.0, 40.0))
    assert less / full == pytest.approx(0.7**4, rel=0.03)
    assert least / full == pytest.approx(0.4**4, rel=0.03)


def test_synchrotron_radiation_falls_as_the_square_in_a_fixed_field(rng):
    full, less = _radiation(rng, 100.0, 100.0), _radiation(rng, 70.0, 100.0)
    assert less / full == pytest.approx(0.7**2, rel=0.03)


def test_the_srd_takes_electrons_and_refuses_hadrons(rng):
    """95% of electrons and 1e-5 of hadrons (R-M 1703.05993), with the cut of [C1]."""
    truth = blank(5 * N)
    truth.radiating_energy[:] = 100.0
    truth.radiating_mass[N:] = 0.13957
    energy = srd_energies(truth, rng, Parameters())
    passed = (energy > 0.001) & (energy < 0.080)
    assert 0.94 < passed[:N].all(axis=1).mean() < 0.98
    # modules are independent for hadrons: the third power of one module's chance
    assert 3e-6 < passed[N:].mean() ** 3 < 3e-5


def test_vhcal_shares_its_energy(rng):
    truth = blank(1000)
    truth.vhcal_energy[500:] = 5.0
    total = vhcal_energies(truth, rng, Parameters().vhcal).sum(axis=(1, 2))
    assert total[:500].max() < 0.5
    assert total[500:] == pytest.approx(5.0, abs=0.5)


def test_chi2_is_about_one_for_electrons_and_large_for_wide_showers(rng):
    p = Parameters()
    truth = blank(2000)
    truth.em_energy[:] = 60.0
    electrons = shower_chi2(ecal_energies(truth, rng, p), truth, rng, p)
    assert electrons.shape == (2000, 2)
    assert 0.4 < np.median(electrons) < 1.5
    truth.em_energy[:] = 0.0
    truth.ecal_hadronic[:, 1] = 60.0
    hadrons = shower_chi2(ecal_energies(truth, rng, p), truth, rng, p)
    assert np.median(hadrons) > 5 * np.median(electrons)


def test_sampled_energies_add_up(rng):
    parts = sampled(np.full((N, 30), 0.1), 0.1, rng).sum(axis=1)
    assert parts.mean() == pytest.approx(3.0, abs=0.01)
    assert parts.var() == pytest.approx(0.01 * 3.0, rel=0.05)
    assert np.array_equal(sampled(np.ones(3), 0.0, rng), np.ones(3))


def test_moyal_has_its_known_mean_and_mode(rng):
    loss = moyal((400_000,), 10.0, 0.5, rng)
    euler = 0.5772156649
    assert loss.mean() == pytest.approx(10 + 0.5 * (euler + np.log(2)), abs=0.005)
    counts, edges = np.histogram(loss, bins=200, range=(8, 14))
    assert edges[counts.argmax()] == pytest.approx(10.0, abs=0.15)


def test_digitised_sums_do_not_depend_on_the_order(rng):
    cells = digitised(rng.exponential(1.0, (500, 60)), 2.0**-13)
    assert np.array_equal(cells.sum(axis=1), cells[:, ::-1].cumsum(axis=1)[:, -1])


def test_times_follow_the_larger_deposit(rng):
    timing = Parameters().timing
    clock = clocks(Parameters())["ECAL"]
    delay = np.zeros((N, 60))
    delay[:, 0] = 40.0
    time = cell_times(N, clock, timing, rng, delay)
    in_time = np.abs(time - clock.expected) < 3 * clock.sigma
    assert not in_time[:, 0].any()
    assert in_time[:, 1:].mean() > 0.9999
    assert np.ptp(clock.sigma) > 0.2
    assert (clock.sigma.min(), clock.sigma.max()) >= (1.5, 1.7)


def test_tracks_that_fail_are_marked_as_in_data(rng):
    truth = blank(N)
    truth.momentum[:] = 100.0
    fit = fit_tracks(truth, rng, Parameters().tracker)
    p = fit["mom_genfit_upMM"]
    failed = np.abs(p) == 9999.0
    assert failed.mean() == pytest.approx(0.03, abs=0.005)
    assert 0.4 < np.mean(p[failed] > 0) < 0.6
    assert np.all(fit["pvalue_genfit_upMM"][failed] == 0)
    assert np.std(p[np.abs(p - 100) < 3]) == pytest.approx(1.0, abs=0.1)


def test_straws_count_and_place_their_hits(rng):
    tracker = Parameters().tracker
    quiet, busy = np.zeros(5000), np.full(5000, 4.0)
    assert np.mean(straw_multiplicities(quiet, rng, tracker) == 0) < 0.02
    assert straw_multiplicities(busy, rng, tracker).mean() == pytest.approx(5.335, abs=0.1)
    counts, x = straw_positions(quiet, -150.0, rng, tracker)
    assert counts.sum() == len(x)
    assert np.median(x) == pytest.approx(-150.0, abs=6.0)


def test_trigger_looks_at_its_window_only(rng):
    trigger = Parameters().trigger
    ecal = np.zeros((4, 2, 5, 6))
    ecal[:, 0, 2, 2] = [1.0, 1.0, 0.1, 1.0]
    ecal[:, 1, 2, 2] = [40.0, 99.0, 40.0, 40.0]
    ecal[3, 1, 0, 0] = 90.0
    physics = physics_trigger(window_sums(ecal, trigger), rng, trigger)
    assert physics.tolist() == [True, False, False, True]
    bits = trigger_sources(np.repeat(physics, 1000), rng, trigger)
    assert bits.dtype == np.int32
    assert np.array_equal((bits & 4) != 0, np.repeat(physics, 1000))
    assert set(np.unique(bits[1000:3000])) == {1, 2, 8}
