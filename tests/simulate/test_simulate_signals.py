"""Mediators: spread evenly, or with the energies of a model."""

from dataclasses import replace

import numpy as np
import pytest

from na64ana.errors import InputError
from na64ana.signal import model, setup
from na64ana.simulate import MODES, mediators, simulate

MODE = MODES["electrons-2023"]
DARK_PHOTON = model("dark-photon")


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
