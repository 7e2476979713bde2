"""Whole events: reproducibility, layout, and the physics of each process."""

import subprocess
import sys
from dataclasses import asdict, replace
from typing import Any

import awkward as ak
import numpy as np
import pytest

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
    known = ("[T]", "[C1]", "[C2]", "[C3]", "R-H ", "R-M ", "R-L ", "chosen")
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
