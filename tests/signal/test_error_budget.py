"""The error budget of the theory: each source by itself, and the page that shows it."""

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad

from na64ana import signal
from na64ana.errors import SignalError
from na64ana.signal.constants import ALPHA, M_ELECTRON
from na64ana.signal.error_budget import (
    TRACK_LENGTHS,
    coulomb_function,
    error_budget,
    on_coupling,
    radiation_off_positron,
    yield_by_method,
    yield_in_narrow_width,
)
from na64ana.signal.showers import track_length
from na64ana.signal.targets import target

PAGE = Path(__file__).parents[2] / "docs" / "theory.md"
SETUP = signal.setup("na64e")


def changes(mass, setup=SETUP, **dark):
    return {one.name: one.change for one in error_budget(mass, setup, **dark)}


# -- the sources --------------------------------------------------------------------------------


@pytest.mark.parametrize("element", ["Fe", "W", "Pb"])
def test_the_coulomb_function_gives_the_radiation_length(element):
    """716.408 A / {Z^2 [L - f(Z)] + Z L'} g/cm^2 (PDG), to what its printed values allow."""
    given = target(element)
    charge = given.Z
    nucleus = math.log(184.15 * charge ** (-1 / 3)) - coulomb_function(charge)
    electrons = math.log(1194 * charge ** (-2 / 3))
    found = 716.408 * given.A / (charge**2 * nucleus + charge * electrons)
    assert found == pytest.approx(given.X0, rel=2e-3)


def test_light_masses_lack_what_the_photon_lacks():
    """Born approximation over radiation length at 1 keV: 8.8% (test_bremsstrahlung)."""
    assert changes(1e-6)["Coulomb correction"] == pytest.approx(-0.088, abs=2e-3)


def test_radiation_off_the_positron_is_its_integral():
    energy = 61.15
    power = 2 * ALPHA / np.pi * (np.log(2 * energy / M_ELECTRON) - 1)

    def positrons(z):
        return track_length("e+", energy / (1 - z)) / (1 - z)

    def soft(w):  # b z^(b-1) dz = dw
        return (1 + 3 * power / 4) * positrons(w ** (1 / power))

    highest = 1 - energy / 100 - 1e-9
    found = quad(soft, 0, highest**power, epsrel=1e-9, limit=200)[0]
    found -= quad(lambda z: power * (1 - z / 2) * positrons(z), 0, highest, epsrel=1e-9)[0]
    factor = radiation_off_positron(SETUP)(np.array([energy]))
    assert factor[0] == pytest.approx(found / track_length("e+", energy), rel=2e-3)


def test_a_positron_beam_is_fed_from_its_peak():
    """Positrons of the beam that radiate come down to the resonance: hardly a change."""
    positrons = radiation_off_positron(signal.setup("na64e-positrons"))
    electrons = radiation_off_positron(SETUP)
    energies = np.array([55.0, 75.0, 95.0])
    assert (positrons(energies) > electrons(energies)).all()
    assert (electrons(energies) < 0.97).all()


def test_sources_are_weighted_by_what_they_touch():
    """Above the resonance there is no annihilation, on it hardly anything else."""
    heavy, resonant = changes(0.5), changes(0.25)
    assert heavy["track lengths"] == pytest.approx(TRACK_LENGTHS[0], rel=0.01)
    assert resonant["track lengths"] == pytest.approx(TRACK_LENGTHS[1], rel=0.05)
    assert "motion of the electrons" not in heavy
    assert resonant["form factor of the nucleus"] < 0.1 * heavy["form factor of the nucleus"]


def test_a_narrow_line_feels_the_motion_more():
    at_edge = {kind: changes(0.23, dark_matter=kind) for kind in ("dirac", "scalar")}
    moved = {kind: abs(found["motion of the electrons"]) for kind, found in at_edge.items()}
    assert moved["scalar"] > 1.2 * moved["dirac"] > 0


def test_a_narrow_line_is_what_a_small_width_comes_to():
    found = [yield_in_narrow_width(0.25, SETUP, alpha_D=alpha) for alpha in (0.1, 1e-2, 1e-4)]
    assert found[0] > found[1] > found[2]
    assert found[2] == pytest.approx(1, rel=2e-3)
    assert yield_in_narrow_width(0.5, SETUP) == 1.0


def test_other_targets_and_beams():
    on_tungsten = changes(0.25, signal.setup("na64e", target="W"))
    assert "plates of scintillator" not in on_tungsten
    assert "motion of the electrons" in on_tungsten
    muons = changes(0.1, signal.setup("na64mu"))
    assert {"track lengths", "plates of scintillator"}.isdisjoint(muons)
    assert muons["form factor of the nucleus"] > 0


def test_a_setup_that_sees_decays_has_the_budget_of_radiation():
    visible = signal.setup("na64e", sees="visible", start=0.3, stop=3.0)
    found = changes(0.25, visible)
    assert "radiation off the positron" not in found
    assert found["track lengths"] == pytest.approx(TRACK_LENGTHS[0])


def test_half_of_the_root_of_squares():
    budget = error_budget(0.1, SETUP)
    squares = sum(one.change**2 for one in budget)
    assert on_coupling(budget) == pytest.approx(math.sqrt(squares) / 2)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: error_budget(150.0, SETUP), "there is no yield"),
        (lambda: error_budget(0.1, SETUP, mediator="vektor"), "unknown mediator 'vektor'"),
        (lambda: error_budget(0.25, SETUP, dark_matter="dark"), "dark"),
    ],
)
def test_what_makes_no_sense_is_refused(call, words):
    with pytest.raises(SignalError, match=words):
        call()


# -- the page -----------------------------------------------------------------------------------


def tables(text):
    """Rows of numbers below each heading that names a setup: {setup: {row: [numbers]}}."""
    found: dict[str, dict[str, Any]] = {}
    rows: dict[str, Any] = {}
    masses: list[float] = []
    for line in text.splitlines():
        if line.startswith("#"):
            heading = re.match(r"^### `([a-z0-9-]+)`", line)
            rows, masses = found.setdefault(heading[1] if heading else "", {}), []
        elif line.startswith("|"):
            name, *cells = (cell.strip() for cell in line.strip("|").split("|"))
            if name.startswith("M ["):
                masses = [float(cell) / 1000 for cell in cells]
                rows["masses"] = masses
            elif masses and not set(name) <= {"-", ":", " "}:
                rows[name] = cells
    return found


@pytest.mark.parametrize("name", ["na64e", "na64e-positrons", "na64mu"])
def test_the_page_holds_what_is_computed(name):
    """Per cent, with one digit behind the point."""
    rows = dict(tables(PAGE.read_text(encoding="utf-8"))[name])
    setup = signal.setup(name)
    computed: dict[str, dict[int, float]] = {}
    for i, mass in enumerate(rows["masses"]):
        budget = error_budget(mass, setup)
        for one in budget:
            computed.setdefault(one.name, {})[i] = 100 * one.change
        computed.setdefault("**on the coupling**", {})[i] = 100 * on_coupling(budget)
        if setup.beam != "muon":
            ratio = yield_in_narrow_width(mass, setup)
            computed.setdefault("*narrow width instead*", {})[i] = 100 * (ratio - 1)
        for method in ("ww", "iww"):
            ratio = yield_by_method("vector", mass, setup, method)
            computed.setdefault(f"*{method.upper()} instead*", {})[i] = 100 * (ratio - 1)
    assert set(rows) - {"masses"} == set(computed)
    for row, numbers in computed.items():
        shown = {i: float(cell.strip("*±")) for i, cell in enumerate(rows[row]) if cell}
        assert shown == pytest.approx(numbers, abs=0.06), row
