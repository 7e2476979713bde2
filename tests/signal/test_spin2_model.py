"""The reach of a spin-2 boson: its annihilation line, its scaling, and what it is not good for."""

from __future__ import annotations

import numpy as np
import pytest
from click.testing import CliRunner
from scipy.integrate import quad

from na64ana import signal
from na64ana.cli import main
from na64ana.errors import SignalError
from na64ana.signal import production
from na64ana.signal.annihilation import resonance_cross_section
from na64ana.signal.bremsstrahlung import ANGLE_NODES, X_NODES, total_cross_section
from na64ana.signal.constants import M_ELECTRON
from na64ana.signal.decays import spin2_fermion_width
from na64ana.signal.production import line_spectrum
from na64ana.signal.spin2_model import spin2_line_area
from na64ana.signal.targets import target

SETUP = signal.setup("na64e")


def test_the_line_is_the_integral_of_the_resonance():
    """Of sigma = s^3/(1280 pi) (c c_chi/Lambda^2)^2/[...], whatever c_chi and the narrow width."""
    mass, dark = 0.25, 0.3  # c_chi/Lambda in 1/GeV
    total = float(spin2_fermion_width(mass, 0.0, dark))

    def sigma(energy):
        s = 2 * M_ELECTRON * (energy + M_ELECTRON)
        incoming = spin2_fermion_width(np.sqrt(s), 0.0, 1.0)
        outgoing = spin2_fermion_width(np.sqrt(s), 0.0, dark)
        return resonance_cross_section(s, mass, 2, incoming, outgoing, total)

    peak = (mass**2 - 2 * M_ELECTRON**2) / (2 * M_ELECTRON)
    width = mass * total / (2 * M_ELECTRON)
    found, _ = quad(lambda a: sigma(peak + width * np.tan(a)) * width / np.cos(a) ** 2,
                    -1.57, 1.57, epsrel=1e-9)  # fmt: skip
    assert found == pytest.approx(spin2_line_area(mass), rel=1e-3)


def test_the_line_against_that_of_a_vector():
    """2.37e-4 annihilations to a vector at 250 MeV, of 281.9 per GeV; here pi/16 M^2/m_e."""
    expected = 2.37e-4 / 281.9 * np.pi / 16 * 0.25**2 / M_ELECTRON
    found = line_spectrum(0.25, SETUP, spin2_line_area(0.25)).numbers.sum()
    assert found == pytest.approx(expected, rel=0.03)


def test_muons_go_through_the_whole_target(monkeypatch):
    """Their yield is the thickness times the cross section at the beam energy; no annihilation."""
    monkeypatch.setattr(production, "FRACTIONS", X_NODES)  # the nodes of both, to compare them
    monkeypatch.setattr(production, "ANGLES", ANGLE_NODES)
    muons, mass = signal.setup("na64mu", efficiency=1.0), 0.5
    sigma = total_cross_section("spin2", mass, 160, lepton="muon", method="ww", x_min=0.5)
    expected = sigma * 1e-36 * target("Pb").nuclei_per_x0 * muons.thickness
    assert signal.model("spin-2").response(mass, muons)(1.0) == pytest.approx(expected, rel=1e-9)


def test_events_go_as_the_square_of_the_coupling():
    found = signal.model("spin-2").response(0.1, SETUP)(np.array([1e-3, 2e-3, 1e-2]))
    assert found == pytest.approx(found[0] * np.array([1, 4, 100]))
    assert found[0] > 0


def test_it_says_that_it_is_not_verified():
    result = CliRunner().invoke(main, ["reach", "spin-2", "--masses", "0.1"])
    assert result.exit_code == 0, result.output
    assert "UNVERIFIED" in result.output
    assert "c/Lambda [1/GeV]" in result.output
    assert signal.model("spin-2").as_dict() == {"name": "spin-2", "unverified": True}


@pytest.mark.parametrize(
    ("mass", "setup", "words"),
    [
        (0.0004, SETUP, "above the mass of the electron"),
        (0.1, signal.setup("na64mu"), "above the mass of the muon"),
    ],
)
def test_below_the_mass_of_the_lepton_it_is_refused(mass, setup, words):
    with pytest.raises(SignalError, match=words):
        signal.model("spin-2").response(mass, setup)
