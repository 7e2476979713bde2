"""What all modes have in common: files of their layout, signals with their truth, shares."""

import re

import numpy as np
import pytest

from na64ana.errors import InputError
from na64ana.events import open_file, recognise
from na64ana.simulate import MODES, described_numbers, shares, simulate, write_tout

SOURCE = re.compile(
    r"^(\[(T|C1|C2|C3)\]|R-[HML] |chosen|hep-ex/|arXiv:|PDG|github |.*na64ana\.signal\.)"
)


@pytest.mark.parametrize("name", MODES)
def test_files_of_a_mode_have_its_layout(name, tmp_path):
    mode = MODES[name]
    write_tout(tmp_path / "run.root", simulate("run-period", 20, seed=1, mode=name))
    with open_file(str(tmp_path / "run.root")) as file:
        assert recognise(file)[0].name == mode.layout


@pytest.mark.parametrize("name", MODES)
def test_every_process_of_a_mode_is_finite_and_signals_alone_have_a_truth(name):
    mode = MODES[name]
    for process in mode.origins:
        branches = simulate(process, 40, seed=1, mode=name).branches
        assert ("truth_energy" in branches) == (process in mode.signals)
        for branch, array in branches.items():
            assert (
                np.isfinite(np.asarray(array)).all() if isinstance(array, np.ndarray) else True
            ), branch


@pytest.mark.parametrize("name", MODES)
def test_shares_add_up_and_every_number_has_a_source(name):
    mode = MODES[name]
    assert sum(shares(mode, mode.parameters).values()) == pytest.approx(1.0)
    for number, _, unit, source in described_numbers(mode.parameters):
        assert unit, number
        assert SOURCE.search(source), (number, source)


@pytest.mark.parametrize("name", MODES)
def test_a_mode_has_sums_without_cells_or_says_so(name):
    mode = MODES[name]
    process = mode.origins[0]
    if mode.sums is None:
        with pytest.raises(InputError, match=f"mode {name} has no sums"):
            simulate(process, 20, seed=1, mode=name, cells=False)
        return
    sums = simulate(process, 20, seed=1, mode=name, cells=False).branches
    cells = simulate(process, 20, seed=1, mode=name).branches
    ecal = cells["ECAL66_ene" if "ECAL66_ene" in cells else "ECAL_ene"].sum()
    assert (sums["eecal0"] + sums["eecal1"]).sum() == pytest.approx(ecal, rel=0.01)
