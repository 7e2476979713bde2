"""Mediators: spread evenly, or with the energies of a model."""

from dataclasses import replace

import numpy as np
import pytest

import na64ana as na
from na64ana.errors import InputError
from na64ana.signal import model, setup
from na64ana.simulate import MODES, mediators, simulate, write_tout

MODE = MODES["electrons-2023"]
DARK_PHOTON = model("dark-photon")
SELECTION = "na64e-invisible-2023"


def test_energies_are_spread_evenly_and_kept_as_truth():
    branches = simulate("invisible", 8000, seed=1).branches
    energy = branches["truth_energy"]
    counts, _ = np.histogram(energy, bins=7, range=(26, 96))
    assert np.all(np.abs(counts - counts.mean()) < 5 * np.sqrt(counts.mean()))
    seen = branches["ECAL_ene"].sum(axis=1)
    assert (seen + energy).mean() == pytest.approx(100.0, abs=0.3)


@pytest.mark.parametrize("mass", [0.001, 0.1, 0.25])
def test_energies_of_a_model_follow_its_spectrum(mass):
    signal = mediators(DARK_PHOTON, mass, MODE)
    parameters = replace(MODE.parameters, signal=signal)
    energy = simulate("invisible", 8000, seed=1, parameters=parameters).branches["truth_energy"]
    run = setup("na64e", threshold=25.0, efficiency=1.0)
    spectrum = DARK_PHOTON.response(mass, run).spectrum
    above = spectrum.numbers[spectrum.energies > 50].sum() / spectrum.numbers.sum()
    assert np.mean(energy > 50) == pytest.approx(above, abs=5 * np.sqrt(above * (1 - above) / 8000))
    mean = np.average(spectrum.energies, weights=spectrum.numbers)
    assert energy.mean() == pytest.approx(mean, abs=5 * energy.std() / np.sqrt(8000))


@pytest.mark.parametrize("mass", [0.001, 0.25])
def test_weights_give_evenly_spread_energies_the_spectrum(mass, tmp_path):
    drawn = mediators(DARK_PHOTON, mass, MODE)
    weighted = mediators(DARK_PHOTON, mass, MODE, weighted=True)
    found = {}
    for name, signal in (("drawn", drawn), ("weighted", weighted)):
        parameters = replace(MODE.parameters, signal=signal)
        sample = simulate("invisible", 20_000, seed=1, parameters=parameters)
        write_tout(tmp_path / f"{name}.root", sample)
        flow = na.run(SELECTION, tmp_path / f"{name}.root", progress=False).cutflow
        left = flow.rows[-1].sequential
        assert left is not None
        assert (left.n == left.sumw) is (name == "drawn")
        found[name] = left.sumw / flow.events.sumw, np.sqrt(left.sumw2) / flow.events.sumw
    weight = simulate(
        "invisible", 20_000, seed=2, parameters=replace(MODE.parameters, signal=weighted)
    ).branches["weight"]
    assert weight.mean() == pytest.approx(1.0, abs=5 * weight.std() / np.sqrt(20_000))
    (one, its), (other, error) = found["drawn"], found["weighted"]
    assert one == pytest.approx(other, abs=4 * np.hypot(its, error))


def test_a_spectrum_without_numbers_is_refused():
    for energies, numbers in (
        ((50.0, 60.0), (1.0,)),
        ((60.0, 50.0), (1.0, 1.0)),
        ((50.0,), (0.0,)),
    ):
        signal = replace(MODE.parameters.signal, energies=energies, numbers=numbers)
        with pytest.raises(InputError, match="rising energies"):
            simulate("invisible", 5, seed=1, parameters=replace(MODE.parameters, signal=signal))


def test_an_unknown_mode_is_told():
    with pytest.raises(InputError, match=r"'electron-2023'; did you mean 'electrons-2023'\?"):
        simulate("electron", 5, seed=1, mode="electron-2023")
