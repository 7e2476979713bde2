"""Axion-like particles: the plateau, the window of the published limit, and laws they obey."""

from __future__ import annotations

import json

import numpy as np
import pytest
from click.testing import CliRunner
from scipy.integrate import quad

from na64ana import signal
from na64ana.cli import main
from na64ana.errors import SignalError
from na64ana.signal import alp
from na64ana.signal.constants import HBARC
from na64ana.signal.curves import curve
from na64ana.signal.primakoff import primakoff_cross_section
from na64ana.signal.showers import track_length
from na64ana.signal.targets import target
from tests.signal.processes import references
from tests.signal.visible import EVENTS, reference

MODEL = signal.model("alp")
RUNS = signal.setups("na64e-alp")
MISSING, VISIBLE = RUNS


def window(masses, runs=RUNS):
    return signal.reach(MODEL, runs, masses, EVENTS).edges()


def published(name, mass):
    """Edges of the excluded couplings at a mass in GeV."""
    (found,) = curve(name).excluded_at(mass)
    return found


def test_the_two_signatures_are_of_the_same_runs():
    assert [run.sees for run in RUNS] == ["missing", "visible"]
    assert [(run.exposure, run.beam_energy, run.stop - run.start) for run in RUNS] == [
        (2.84e11, 100, np.inf), (2.84e11, 100, pytest.approx(4.2)),
    ]  # fmt: skip
    assert MISSING.start == VISIBLE.stop


def test_the_plateau_of_the_reference():
    (entry,) = references("ALP_g90_low_mass")
    mass = entry["inputs"]["m_MeV"] / 1000
    assert (entry["inputs"]["N_EOT"], entry["inputs"]["kmin_GeV"]) == (2.84e11, MISSING.threshold)
    assert window([mass])[0] == pytest.approx([entry["value"]], rel=2e-3)


def test_the_published_plateau():
    entry = reference("alp_plateau_published")
    mass = entry["inputs"]["m_MeV"] / 1000
    low, _ = published("na64-2020-alp-axionlimits", mass)
    assert low == pytest.approx(entry["value"], rel=1e-3)
    assert window([mass])[0] == pytest.approx([low], rel=entry["tolerance"])


def test_the_upper_edge_against_the_published_curve():
    """It deviates as an independent calculation does, most where the window closes."""
    entry = reference("alp_upper_edge_over_published")
    masses = np.array(entry["value"]["mass_MeV"]) / 1000
    edges = [published(entry["inputs"]["curve"], mass)[1] for mass in masses]
    found = np.array(window(masses)[1]) / edges - 1
    assert found == pytest.approx(entry["value"]["deviation"], abs=entry["tolerance"])


def test_the_lower_edge_against_the_published_curve():
    entry = reference("alp_lower_edge_over_published")
    masses = np.array(entry["inputs"]["mass_MeV"]) / 1000
    edges = [published(entry["inputs"]["curve"], mass)[0] for mass in masses]
    found = np.array(window(masses)[0]) / edges - 1
    assert found.min() == pytest.approx(entry["value"]["strongest"], abs=entry["tolerance"])
    assert found.max() == pytest.approx(entry["value"]["weakest"], abs=entry["tolerance"])


def test_a_higher_threshold_of_the_decays_brings_the_lower_edge_to_the_published_one():
    """The upper edge, which the fastest make, stays where it is."""
    runs = [MISSING, signal.setup("na64e-alp-visible", threshold=30.0)]
    masses = [0.019, 0.028, 0.038, 0.046]
    low, high = window(masses, runs)
    edges = [published("na64-2020-alp-axionlimits", mass)[0] for mass in masses]
    assert low == pytest.approx(edges, rel=0.1)
    assert high == pytest.approx(window(masses)[1], rel=5e-3)


def test_light_particles_of_all_photons():
    """sigma is the same for all energies where the mass is small, up to their logarithm."""
    (entry,) = references("ALP_low_mass_sigma_over_g2")
    made = signal.primakoff_spectrum(1e-4, MISSING)
    assert made.energies.min() >= 50
    assert made.energies.max() < 100
    sigma = primakoff_cross_section(1e-4, 70.0) * 1e-36 * target("Pb").nuclei_per_x0
    # Int T_gamma from 50 to 100 GeV
    assert made.numbers.sum() / sigma == pytest.approx(0.4728, rel=2e-3)
    assert sigma == pytest.approx(entry["value"] * 3.893794e-28 * 1.851e22, rel=2e-3)


def test_weak_couplings_are_missing_and_give_the_square():
    found = MODEL.response(0.03, MISSING)
    assert found(1e-7) / found(1e-8) == pytest.approx(100, rel=1e-4)
    made = signal.primakoff_spectrum(0.03, MISSING).numbers.sum()
    assert found(1e-8) == pytest.approx(1e-16 * made * 0.5, rel=1e-6)


def test_a_particle_decays_once():
    """Behind HCAL or before: all that is made, whatever the coupling."""
    before = signal.setup("na64e-alp-visible", threshold=50.0, start=0.0)
    made = signal.primakoff_spectrum(0.03, MISSING).numbers.sum()
    g = np.array([1e-5, 1e-3, 1e-1])
    both = MODEL.response(0.03, MISSING)(g) + MODEL.response(0.03, before)(g)
    assert both == pytest.approx(0.5 * g**2 * made, rel=1e-12)


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.sees)
@pytest.mark.parametrize(("mass", "g"), [(0.01, 2e-4), (0.03, 2e-3), (0.04, 1e-3)])
def test_the_integral_over_the_photons(run, mass, g):
    def rate(k):
        length = (k / mass) * HBARC / (g**2 * mass**3 / (64 * np.pi))
        seen = np.exp(-run.start / length) - np.exp(-run.stop / length)
        return track_length("gamma", k) * g**2 * primakoff_cross_section(mass, k) * seen

    found, _ = quad(rate, run.threshold, run.beam_energy, epsrel=1e-7)
    expected = 0.5 * found * 1e-36 * target("Pb").nuclei_per_x0
    assert MODEL.response(mass, run)(g) == pytest.approx(expected, rel=1e-4)


def test_positrons_make_as_many_as_electrons():
    other = signal.setup("na64e-alp-missing", beam="positron")
    assert MODEL.response(0.01, other)(1e-4) == MODEL.response(0.01, MISSING)(1e-4)


def test_more_nodes_give_the_same(monkeypatch):
    masses = [0.001, 0.011, 0.05]
    found = np.array(window(masses))
    monkeypatch.setattr(alp, "_NODES", 64)
    assert np.array(window(masses)) == pytest.approx(found, rel=1e-4)


def test_a_mass_above_the_threshold_is_made_by_the_photons_above_it():
    made = signal.primakoff_spectrum(60.0, MISSING)
    assert made.energies.min() > 60
    assert (made.numbers > 0).all()
    assert signal.primakoff_spectrum(100.0, MISSING).numbers.size == 0
    assert window([150.0]) == ([None], [None])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: signal.primakoff_spectrum(0.1, signal.setup("na64mu")), "'na64mu': photons of a"),
        (lambda: signal.primakoff_spectrum(-0.1, MISSING), "mass is -0.1"),
        (lambda: signal.primakoff_spectrum(0.1, MISSING, form_factor="point"), "form factor"),
        (lambda: signal.model("alp", mediator="scalar"), "no parameter 'mediator'"),
    ],
)
def test_what_makes_no_sense_is_refused(call, words):
    with pytest.raises(SignalError, match=words):
        call()


def test_the_command(tmp_path):
    path = tmp_path / "alp.json"
    command = ["reach", "alp", "--setup", "na64e-alp", "--masses", "0.001,0.03,0.1",
               "--json", str(path)]  # fmt: skip
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    content = json.loads(path.read_text())
    assert content["coupling"] == "g [1/GeV]"
    assert content["lower"][0] == pytest.approx(2.332e-4, rel=2e-3)
    assert 1e-3 < content["upper"][1] < 4e-3
    assert content["lower"][2] is content["upper"][2] is None
