"""The electron modes by period: which detectors there are, and where the beam hits the ECAL."""

import numpy as np
import pytest

from na64ana.layouts import load_layout
from na64ana.simulate import MODES, described_numbers, simulate

PERIODS = ["electrons-2023", "electrons-2021-2022", "electrons-2016-2018"]


@pytest.mark.parametrize("mode", PERIODS)
def test_a_period_fills_its_layout_but_what_it_has_not(mode):
    layout = load_layout(MODES[mode].layout)
    branches = simulate("invisible", 20, seed=1, mode=mode).branches
    named = {b: n for n, column in layout.columns.items() for b in column.branches}
    assert set(branches) <= set(named)
    missing = {named[name] for name in set(named) - set(branches)}
    vhcal = {f"vhcal.{what}" for what in ("energy", "time", "expected_time", "time_sigma")}
    assert missing == {"weight"} | (vhcal if mode == "electrons-2021-2022" else set())
    sums = simulate("invisible", 20, seed=1, mode=mode, cells=False).branches
    assert ("evhcal" in sums) == (mode == "electrons-2023")
    for name, array in branches.items():
        shape = [axis.size or 0 for axis in layout.types()[named[name]].axes]
        if isinstance(array, np.ndarray) and shape:
            assert array.shape == (20, np.prod(shape)), name


@pytest.mark.parametrize("mode", PERIODS)
def test_the_beam_hits_the_central_cell_and_leaves_its_energy(mode):
    cells = MODES[mode].parameters.ecal.cells
    branches = simulate("electron", 500, seed=1, mode=mode).branches
    energy = branches["ECAL66_ene" if cells == (6, 6) else "ECAL_ene"].reshape(500, 2, *cells)
    hottest = np.unravel_index(energy[:, 1].mean(axis=0).argmax(), cells)
    assert hottest == MODES[mode].parameters.ecal.central_cell
    total = energy.sum(axis=(1, 2, 3))
    # resolution 10%/sqrt(E) and 1% of the beam: 1.4 GeV
    assert total.mean() == pytest.approx(100.0, abs=0.3)


def test_the_trigger_of_2016_to_2018_takes_more_energy():
    taken = {}
    for mode in PERIODS[1:]:
        branches = simulate("radiative", 4000, seed=1, mode=mode).branches
        taken[mode] = np.mean(branches["triggerSources"] & 4 > 0)
    # 80 GeV instead of 76 GeV in the main part; losses begin at 21.5 GeV
    assert taken["electrons-2016-2018"] > taken["electrons-2021-2022"] + 0.03


@pytest.mark.parametrize("mode", PERIODS)
def test_every_parameter_has_a_source(mode):
    known = ("[T]", "[C1]", "[C2]", "[C3]", "R-H ", "R-M ", "R-L ", "chosen", "hep-ex", "arXiv")
    for name, _, unit, source in described_numbers(MODES[mode].parameters):
        assert unit, name
        assert source.startswith(known), (name, source)
