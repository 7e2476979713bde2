"""Muons of 160 GeV: what they lose, what is conserved, and what the detectors of NA64mu see."""

from dataclasses import replace
from typing import cast

import numpy as np
import pytest

import na64ana as na
from na64ana.events.plan import recognise
from na64ana.simulate import MODES, described_numbers, simulate, write_tout
from na64ana.simulate.parameters.muons import MuonParameters
from na64ana.simulate.physics.muon_loss import (
    bremsstrahlung,
    pair_energy,
    photon_probability,
    photon_shares,
    thickness,
)

MODE = MODES["muons-160"]
P = cast("MuonParameters", MODE.parameters)
LEAD = {20: 0.07944, 140: 0.7885, 200: 1.180, 1000: 6.861}
"""Energy loss by bremsstrahlung in lead, MeV cm^2/g, github niess/pumas-materials."""


def truths(process, n=20_000, parameters=P):
    rng = np.random.default_rng(3)
    return MODE.process(process)(n, rng, parameters).prompt


@pytest.mark.parametrize("energy", LEAD)
def test_the_mean_loss_by_photons_is_that_of_a_table(energy):
    v = np.geomspace(1e-6, 1 - 0.22 / energy, 5000)
    density = bremsstrahlung(v, energy, 82.0, 207.2) * v * v
    mean = np.trapezoid(density, np.log(v)) * energy * 1e3
    assert mean == pytest.approx(LEAD[energy], rel=0.01)


def test_photons_are_drawn_from_the_cross_section():
    """Above half of the energy: 0.076% of muons; drawn ones have the mean of the density."""
    assert photon_probability(0.5, 1.0, P) == pytest.approx(7.58e-4, rel=0.01)
    drawn = photon_shares(40_000, np.random.default_rng(1), 0.3, 1.0, P)
    v = np.linspace(0.3, 1 - 0.22 / 160, 4000)
    density = bremsstrahlung(v, 160.0, 82.0, 207.2)
    mean = np.trapezoid(v * density, v) / np.trapezoid(density, v)
    assert drawn.min() >= 0.3
    assert drawn.max() < 1
    assert drawn.mean() == pytest.approx(mean, abs=5 * drawn.std() / 200)


def test_pairs_have_the_mean_of_a_table():
    energy = np.full(200_000, 160.0)
    lost = pair_energy(energy, np.random.default_rng(1), P)
    mean = 1.172e-3 / 140 * thickness(P.ecal) * 160
    assert lost.mean() == pytest.approx(mean, abs=5 * lost.std() / np.sqrt(len(lost)))
    assert thickness(P.ecal) / 6.37 == pytest.approx(40.0, rel=0.01)  # radiation lengths


@pytest.mark.parametrize("process", ["muon", "bremsstrahlung", "decay", "invisible"])
def test_energy_is_conserved(process):
    t = truths(process)
    found = t.outgoing + t.photon + t.pairs + t.ionisation.sum(axis=1) + t.lost + t.mediator_energy
    assert np.allclose(found, t.momentum, rtol=0, atol=1e-9)
    assert t.outgoing.min() >= 0


def test_of_hadrons_no_more_is_seen_than_was_lost():
    t = truths("nuclear")
    hadronic = t.ecal_hadronic.sum(axis=1) + t.hcal_hadronic.sum(axis=1) + t.lost
    given = t.momentum - t.outgoing - t.photon - t.pairs - t.ionisation.sum(axis=1)
    assert np.all(hadronic <= given + 1e-9)
    assert np.median(hadronic / given) > 0.95


def test_only_kaons_make_muons_of_less_than_half():
    """Two bodies at rest: flat from (m_mu/m)^2 = 0.046 and 0.573 on."""
    only = {
        name: replace(P, muon_processes=replace(P.muon_processes, kaons=kaons))
        for name, kaons in (("kaon", 1.0), ("pion", 0.0))
    }
    share = {}
    for name, p in only.items():
        t = truths("decay", parameters=p)
        share[name] = 1 - t.lost / t.momentum
    assert share["pion"].min() == pytest.approx(0.5731, abs=1e-3)
    assert share["kaon"].min() == pytest.approx(0.0458, abs=1e-3)
    below = np.mean(share["kaon"] < 0.5)
    assert below == pytest.approx((0.5 - 0.0458) / (1 - 0.0458), abs=0.02)


def test_the_transverse_momentum_of_the_signal_has_the_scale_of_the_cross_section():
    signal = replace(P.signal, least=0.5)
    t = truths("invisible", parameters=replace(P, signal=signal))
    fast = (t.outgoing > 20) & (t.outgoing < 60)
    q = 1e-3 * np.hypot(t.angle_x, t.angle_y)[fast] * t.outgoing[fast]
    x = (t.mediator_energy / t.momentum)[fast]
    scale = np.sqrt(0.05**2 * (1 - x) + 0.10566**2 * x**2)
    scattering = 0.098  # GeV, of 40 X0, adds in quadrature
    assert np.median(q) == pytest.approx(np.hypot(scale.mean(), 1.18 * scattering), rel=0.1)


@pytest.fixture(scope="module")
def passing():
    return simulate("muon", 4000, seed=2, mode=MODE.name)


@pytest.fixture(scope="module")
def radiating():
    return simulate("bremsstrahlung", 4000, seed=2, mode=MODE.name).branches


def test_a_muon_leaves_a_mip_everywhere(passing):
    b = passing.branches
    veto = b["VETO_enePMT"].reshape(-1, 3, 2).sum(axis=2)
    hcal = b["HCAL_ene"].reshape(-1, 4, 18)
    hcal = np.where(hcal > 0.2, hcal, 0).sum(axis=2)
    assert np.median(veto) == pytest.approx(0.0105, rel=0.05)
    assert np.median(hcal[:, :3]) == pytest.approx(2.5, rel=0.05)
    assert np.median(b["ECAL_ene"].sum(axis=1)) == pytest.approx(0.66, rel=0.1)
    found = (b["mom_genfit_MS1"] > 0) & (b["mom_genfit_MS1"] < 9999)
    assert b["mom_genfit_MS1"][found].mean() == pytest.approx(160, abs=0.5)


def test_a_photon_is_seen_behind_the_ecal_if_not_in_it(radiating):
    hcal = radiating["HCAL_ene"].reshape(-1, 72)
    seen = radiating["ECAL_ene"].sum(axis=1) + np.where(hcal > 0.2, hcal, 0).sum(axis=1)
    out = radiating["mom_genfit_MS2"]
    good = (out > 20) & (out < 100) & (radiating["nTracks_MS2"] == 1)
    # the muon itself leaves about 8 GeV more than it loses in these terms
    assert np.median((seen + out)[good]) == pytest.approx(168, abs=4)
    late = radiating["ECAL_ene"].sum(axis=1) < 20
    veto = radiating["VETO_enePMT"].reshape(-1, 3, 2).sum(axis=2).max(axis=1)
    assert np.mean(veto[late] > 0.02) > 0.95


def test_the_trigger_takes_muons_that_the_magnets_turn_into_the_counters():
    t = P.displaced
    slowest, fastest = (t.kick * t.lever / edge for edge in t.window[::-1])
    assert (slowest, fastest) == pytest.approx((40.4, 87.5), abs=0.1)
    quiet = replace(P, displaced=replace(t, accidental=0.0))
    branches = simulate("muon", 2000, seed=1, mode=MODE.name, parameters=quiet).branches
    assert np.mean(branches["triggerSources"] == 4) < 0.01
    even = simulate("invisible", 8000, seed=1, mode=MODE.name).branches
    left = 160 - even["truth_energy"]
    taken = even["triggerSources"] == 4
    assert taken[(left > 55) & (left < 75)].mean() > 0.9
    assert taken[left < 30].mean() < 0.3


def test_a_file_is_recognised_and_holds_the_layout(tmp_path, passing):
    layout = na.load_layout("na64-tout-muon")
    branches = {name for column in layout.columns.values() for name in column.branches}
    assert set(passing.branches) | {"truth_energy", "weight"} == branches
    write_tout(tmp_path / "a.root", passing)
    with na.open_file(tmp_path / "a.root") as opened:
        assert recognise(opened)[0].name == "na64-tout-muon"


def test_every_number_has_a_unit_and_a_source():
    for name, _, unit, source in described_numbers(P):
        assert unit, name
        assert any(tag in source for tag in ("chosen", "[", "R-", "PDG", "pumas", "NIM", "hep-ex",
                                             "GP", "2401.01708")), name  # fmt: skip
