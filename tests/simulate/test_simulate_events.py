"""Whole events: reproducibility, layout, and the physics of each process."""

import subprocess
import sys
from dataclasses import asdict, replace
from typing import Any

import awkward as ak
import numpy as np
import pytest
from scipy import stats

from na64ana.errors import InputError
from na64ana.simulate import (
    BLOCK,
    DEFAULT_MODE,
    MODES,
    Parameters,
    described_numbers,
    simulate,
    simulate_blocks,
)
from na64ana.simulate.detectors.branches import sum_branches
from na64ana.simulate.mixture import mixed

LAYOUT = {
    "runN": ("uint32", ()),
    "spillN": ("uint32", ()),
    "spilleventtN": ("uint32", ()),
    "triggerSources": ("int32", ()),
    "masterT": ("float64", ()),
    "mom_genfit_upMM": ("float64", ()),
    "pvalue_genfit_upMM": ("float64", ()),
    "inangle_genfit_upMM": ("float64", ()),
    "mpStraw3X": ("int32", ()),
    "mpStraw3Y": ("int32", ()),
    "mpStraw4X": ("int32", ()),
    "mpStraw4Y": ("int32", ()),
    **{
        f"{detector}_{what}": ("float64", (size,))
        for detector, size in {"ECAL": 60, "HCAL": 36, "VHCAL": 16, "SRD": 3}.items()
        for what in ("ene", "t0", "tE", "tSigma")
    },
    "VETO_enePMT": ("float64", (6,)),
    "VETO_t0": ("float64", (6,)),
    "VETO_tE": ("float64", (6,)),
    "VETO_tSigma": ("float64", (3,)),
    "chi2": ("float64", (2,)),
    "ST11x": None,
    "ST12x": None,
}


def same(first, second, rows=slice(None)):
    """Compare all branches byte by byte."""
    for name, array in first.items():
        if isinstance(array, np.ndarray):
            assert array.tobytes() == second[name][rows].tobytes(), name
        else:
            assert array.to_list() == second[name][rows].to_list(), name


@pytest.mark.parametrize("process", MODES[DEFAULT_MODE].processes)
def test_every_process_fills_the_layout_with_finite_numbers(process):
    sample = simulate(process, 300, seed=1)
    truth = ["truth_energy"] * (process in MODES[DEFAULT_MODE].signals)
    assert list(sample.branches) == [*LAYOUT, *truth]
    for name, expected in LAYOUT.items():
        array = sample.branches[name]
        if expected is None:
            assert isinstance(array, ak.Array)
            assert len(array) == 300
            continue
        dtype, shape = expected
        assert (array.dtype, array.shape) == (np.dtype(dtype), (300, *shape)), name
        assert np.isfinite(array).all(), name
    energies = [v for k, v in sample.branches.items() if "_ene" in k]
    assert all(np.all(e >= 0) for e in energies)


def test_the_same_seed_gives_the_same_bytes_and_another_does_not():
    first = simulate("run-period", 500, seed=3)
    simulate("dimuon", 50, seed=9)
    same(first.branches, simulate("run-period", 500, seed=3).branches)
    for seed, run in ((4, 9001), (3, 9002)):
        again = simulate("run-period", 500, seed=seed, run=run)
        assert not np.array_equal(first.branches["ECAL_ene"], again.branches["ECAL_ene"])


def test_the_first_events_do_not_depend_on_the_total():
    whole = simulate("run-period", BLOCK + 700, seed=3)
    same(simulate("run-period", 100, seed=3).branches, whole.branches, slice(100))
    same(simulate("run-period", BLOCK, seed=3).branches, whole.branches, slice(BLOCK))
    middle = simulate("run-period", 800, seed=3, first_event=BLOCK - 400)
    same(middle.branches, whole.branches, slice(BLOCK - 400, BLOCK + 400))
    assert np.array_equal(middle.origin, whole.origin[BLOCK - 400 : BLOCK + 400])


def test_blocks_are_bounded_and_join_to_the_whole():
    blocks = list(simulate_blocks("electron", 2 * BLOCK + 5, seed=3, first_event=10))
    assert [len(b) for b in blocks] == [BLOCK - 10, BLOCK, 15]
    assert [b.first_event for b in blocks] == [10, BLOCK, 2 * BLOCK]
    whole = simulate("electron", 2 * BLOCK + 5, seed=3, first_event=10)
    joined = np.concatenate([b.branches["ECAL_ene"] for b in blocks])
    assert np.array_equal(joined, whole.branches["ECAL_ene"])


def test_events_are_numbered_within_spills():
    branches = simulate("electron", 900, seed=1, run=8888, first_event=100).branches
    assert set(branches["runN"]) == {8888}
    number = (branches["spillN"].astype(int) - 1) * 400 + branches["spilleventtN"]
    assert np.array_equal(number, np.arange(100, 1000))


@pytest.mark.parametrize("first_event", [0, 5, BLOCK])
def test_no_events_is_an_empty_sample(first_event):
    sample = simulate("run-period", 0, seed=1, first_event=first_event)
    assert list(sample.branches) == list(LAYOUT)
    assert len(sample) == 0
    assert all(len(array) == 0 for array in sample.branches.values())
    assert list(simulate_blocks("run-period", 0, seed=1)) == []


def test_wrong_arguments_are_told_apart():
    with pytest.raises(InputError, match=r"'dimoun'; did you mean 'dimuon'\?.*run-period"):
        simulate("dimoun", 10, seed=1)
    for wrong in ({"events": -1}, {"seed": -1}, {"run": 2**32}, {"first_event": -5}):
        arguments: dict[str, Any] = {"events": 10, "seed": 1} | wrong
        (name,) = wrong
        with pytest.raises(InputError, match=f"^{name} must be at least 0"):
            simulate_blocks("electron", **arguments)
    nothing = dict.fromkeys(asdict(Parameters().mixture), 0.0)
    broken = replace(Parameters(), mixture=replace(Parameters().mixture, **nothing))
    with pytest.raises(InputError, match="shares of a run period"):
        simulate("run-period", 10, seed=1, parameters=broken)


def test_importing_needs_numpy_only():
    code = (
        "import sys, na64ana.simulate; "
        "print(*{'uproot', 'awkward', 'scipy', 'hist', 'coffea'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""


def test_every_parameter_has_a_unit_and_a_source():
    known = ("[T]", "[C1]", "[C2]", "[C3]", "hep-ex/0001020", "R-H ", "R-M ", "R-L ", "chosen")
    rows = list(described_numbers(Parameters()))
    assert len(rows) > 100
    for name, _, unit, source in rows:
        assert unit, name
        assert source.startswith(known), name


def test_parameters_change_the_detector():
    parameters = replace(Parameters(), beam=replace(Parameters().beam, energy=70.0))
    branches = simulate("electron", 500, seed=1, parameters=parameters).branches
    assert branches["ECAL_ene"].sum(axis=1).mean() == pytest.approx(70.0, abs=0.5)


def test_electrons_leave_the_beam_energy_and_miss_the_physics_trigger(analysis):
    sample = simulate("electron", 4000, seed=1)
    energy = analysis.measured(sample.branches).ecal_total
    assert energy.mean() == pytest.approx(100.0, abs=0.3)
    assert energy.std() == pytest.approx(np.sqrt(1 + 1), rel=0.1)  # resolution and beam
    assert np.mean(sample.branches["triggerSources"] & 4) == 0


def test_electronuclear_events_lie_on_the_diagonal(analysis):
    sample = simulate("electronuclear", 8000, seed=1)
    m = analysis.measured(sample.branches)
    hcal = m.hcal[:, :3].sum(axis=(1, 2, 3))
    both = m.ecal_total + hcal
    error = both.std() / np.sqrt(len(both))
    # Punch-through, sideways leakage and cells below 0.2 GeV cost about a percent.
    assert 98.0 - 5 * error < both.mean() < 100.0 + 5 * error
    assert np.corrcoef(m.ecal_total, hcal)[0, 1] < -0.95


def test_hadrons_radiate_no_synchrotron_light(analysis):
    cuts = analysis.acceptance_cuts(simulate("hadron", 4000, seed=1).branches)
    assert cuts["SRD"].mean() < 1e-3
    assert analysis.acceptance_cuts(simulate("electron", 4000, seed=1).branches)["SRD"].mean() > 0.9


def test_dimuons_peak_in_each_module_and_each_veto_plane(analysis):
    sample = simulate("dimuon", 4000, seed=1)
    m = analysis.measured(sample.branches)
    module = m.hcal.sum(axis=(2, 3))
    for k in range(3):
        counts, edges = np.histogram(module[:, k], bins=60, range=(0, 12))
        assert 4 < edges[counts.argmax()] < 8
    assert np.mean((module[:, :3] > 4) & (module[:, :3] < 8)) > 0.85
    assert np.all(np.median(m.veto, axis=0) > 0.018)
    assert np.mean((m.veto[:, 1] > 0.015) & np.all(m.veto < 0.032, axis=1)) > 0.9
    assert m.ecal_total.max() < 90


def test_upstream_interactions_are_busy_and_lose_energy(analysis):
    upstream = simulate("upstream", 4000, seed=1)
    electrons = simulate("electron", 4000, seed=1)
    for name, factor in {"mpStraw3X": 2, "mpStraw4Y": 2, "inangle_genfit_upMM": 3}.items():
        assert upstream.branches[name].mean() > factor * electrons.branches[name].mean()
    m = analysis.measured(upstream.branches)
    assert np.mean(m.vhcal > 1.5) > 0.1
    assert m.ecal_total.mean() < 90


def test_pileup_puts_energy_out_of_time(analysis):
    m = analysis.measured(simulate("pileup", 4000, seed=1).branches)
    late = m.ecal_all.sum(axis=(1, 2, 3)) - m.ecal_total
    assert np.mean(late > 30) > 0.2
    quiet = analysis.measured(simulate("radiative", 4000, seed=1).branches)
    assert np.mean(quiet.ecal_all.sum(axis=(1, 2, 3)) - quiet.ecal_total > 1) < 0.01


def test_invisible_events_miss_energy_and_nothing_else(analysis):
    sample = simulate("invisible", 4000, seed=1)
    m = analysis.measured(sample.branches)
    assert np.mean(m.ecal_total < 50) > 0.5
    assert m.hcal.sum(axis=(1, 2, 3)).max() < 1
    passed = np.all(list(analysis.acceptance_cuts(sample.branches).values()), axis=0)
    assert 0.2 < passed.mean() < 0.8


def test_a_run_period_has_the_shares_of_the_mixture(run_period):
    shares = asdict(Parameters().mixture)
    total = sum(shares.values())
    counts = np.bincount(run_period.origin, minlength=len(run_period.origins))
    for name, count in zip(run_period.origins, counts, strict=True):
        mean = len(run_period) * shares.get(name, 0.0) / total
        assert count == pytest.approx(mean, abs=5 * np.sqrt(mean)), name


def test_every_acceptance_cut_removes_events_of_a_run_period(analysis, run_period):
    left = np.ones(len(run_period), dtype=bool)
    for name, passed in analysis.acceptance_cuts(run_period.branches).items():
        before = left.sum()
        left &= passed
        assert left.sum() < before, name
    # About two are expected; the bound leaves room for other streams of other numpy versions.
    assert left.sum() <= 8
    assert 50 <= analysis.dimuon_channel(run_period.branches).sum() <= 150


def test_a_run_period_crowds_below_the_trigger_threshold(analysis, run_period):
    m = analysis.measured(run_period.branches)
    physics = (run_period.branches["triggerSources"] & 4) != 0
    assert 0.7 < physics.mean() < 0.95
    energy = m.ecal_total[physics]
    counts, edges = np.histogram(energy, bins=22, range=(0, 110))
    assert 70 <= edges[counts.argmax()] < 90
    assert np.mean(energy > 90) < 0.02


def test_particles_of_a_pileup_come_at_the_rate_of_the_beam():
    """Poisson's law with 1.25e6/s [T] in the readout window, given one at least; flat in time."""
    p = Parameters()
    low, high = p.timing.pileup_range
    mean = p.beam.rate * (high - low) * 1e-9
    n = 20_000
    crossing = MODES[DEFAULT_MODE].process("pileup")(n, np.random.default_rng(2), p)
    count = np.bincount(crossing.rows, minlength=n)
    expected = mean / -np.expm1(-mean)
    assert count.min() == 1
    assert count.mean() == pytest.approx(expected, abs=5 * np.sqrt(mean / n))
    assert np.histogram(crossing.delay, 4, (low, high))[0] / len(crossing.delay) == pytest.approx(
        0.25, abs=0.02
    )
    seen = np.concatenate([crossing.rows[nth] for nth in crossing.rounds()])
    assert np.array_equal(np.sort(seen), crossing.rows)
    for nth in crossing.rounds():
        assert len(set(crossing.rows[nth])) == len(nth)


def test_another_setup_has_other_cells():
    """6 x 6 cells of the ECAL and 6 x 3 of the HCAL [C2], a beam of 70 GeV, 4 SRD modules."""
    p = Parameters()
    p = replace(
        p,
        beam=replace(p.beam, energy=70.0),
        ecal=replace(p.ecal, cells=(6, 6), central_cell=(3, 3)),
        hcal=replace(p.hcal, cells=(6, 3)),
        srd=replace(p.srd, modules=4),
        trigger=replace(p.trigger, window_x=(2, 5), window_y=(2, 6)),
    )
    branches = simulate("dimuon", 400, seed=1, parameters=p).branches
    shapes = {name: branches[name].shape[1] for name in ("ECAL_ene", "HCAL_t0", "SRD_tSigma")}
    assert shapes == {"ECAL_ene": 72, "HCAL_t0": 72, "SRD_tSigma": 4}
    cells = branches["ECAL_ene"].mean(axis=0).reshape(2, 6, 6)
    assert np.unravel_index(cells[1].argmax(), (6, 6)) == (3, 3)
    hcal = branches["HCAL_ene"].mean(axis=0).reshape(4, 6, 3)[0].sum(axis=1)
    assert set(np.argsort(hcal)[-2:]) == {2, 3}  # the beam runs between two cells
    assert branches["ECAL_ene"].sum(axis=1).max() < 70.0


SUMS = ("eecal0", "eecal1", "ehcal0", "ehcal1", "ehcal2", "ehcal3", "evhcal")


@pytest.mark.parametrize("process", ["electron", "electronuclear", "hadron", "dimuon", "upstream"])
def test_sums_without_cells_are_distributed_as_the_sums_of_cells(process):
    """Two-sample Kolmogorov-Smirnov test of each sum: other numbers, the same distribution."""
    n = 3000
    branches = simulate(process, n, seed=11).branches
    sums = simulate(process, n, seed=12, cells=False).branches
    ecal = branches["ECAL_ene"].reshape(n, 2, 30).sum(axis=2)
    hcal = branches["HCAL_ene"].reshape(n, 4, 9).sum(axis=2)
    cells = [*ecal.T, *hcal.T, branches["VHCAL_ene"].sum(axis=1)]
    pairs = {name: (cells[i], sums[name]) for i, name in enumerate(SUMS)}
    for k in range(3):
        pairs[f"srd {k}"] = branches["SRD_ene"][:, k], sums["esrd"][:, k]
        veto = branches["VETO_enePMT"].reshape(n, 3, 2).sum(axis=2)
        pairs[f"veto {k}"] = veto[:, k], sums["eveto"][:, k]
    physics = [b["triggerSources"] & 4 for b in (branches, sums)]
    assert np.mean(physics[0] > 0) == pytest.approx(np.mean(physics[1] > 0), abs=0.05)
    for name, (first, second) in pairs.items():
        assert stats.ks_2samp(first, second).pvalue > 1e-3, name


def test_sums_without_cells_tell_what_comes_late():
    p = Parameters()
    crossing, _ = mixed(BLOCK, np.random.default_rng(5), MODES[DEFAULT_MODE], p)
    sums = sum_branches(crossing, np.random.default_rng(6), p)
    outside = np.unique(crossing.rows[np.abs(crossing.delay) >= p.trigger.gate])
    quiet = np.setdiff1d(np.arange(BLOCK), outside)
    assert not sums["eecal_late"][quiet].any()
    assert np.mean(sums["eecal_late"][outside] > 30) > 0.5
    assert all(len(array) == BLOCK for array in sums.values())
    for name in SUMS:
        steps = sums[name] * 2**17
        assert np.array_equal(steps, np.rint(steps)), name


def test_sums_are_of_the_same_particles():
    """The same seed gives the same truth: sums with and without cells differ by resolution."""
    cells = simulate("electronuclear", 3000, seed=4).branches
    sums = simulate("electronuclear", 3000, seed=4, cells=False).branches
    assert np.array_equal(cells["spilleventtN"], sums["spilleventtN"])
    difference = cells["ECAL_ene"].sum(axis=1) - sums["eecal0"] - sums["eecal1"]
    assert np.std(difference) < 0.5 * np.std(sums["eecal1"])
    assert "ECAL_ene" not in sums
    assert len(simulate("electron", 0, seed=1, cells=False)) == 0


def test_sums_of_other_periods_have_no_vhcal():
    for mode in ("electrons-2021-2022", "electrons-2016-2018"):
        sums = simulate("electron", 600, seed=2, mode=mode, cells=False).branches
        assert "evhcal" not in sums
        assert (sums["eecal0"] + sums["eecal1"]).mean() == pytest.approx(100.0, abs=0.5)
