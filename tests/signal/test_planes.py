"""The planes of y: the events are those of the model, in other coordinates."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from na64ana import signal
from na64ana.errors import SignalError
from na64ana.signal.constants import ELEMENTARY_CHARGE
from na64ana.signal.couplings import convert_coupling
from na64ana.signal.moments import MOMENTS, moment_band
from na64ana.signal.overlays import CURRENTS, moment_overlay, published, thermal_lines
from na64ana.signal.parameters import parameters_of
from na64ana.signal.planes import InPlaneOfY
from na64ana.signal.response import Response
from na64ana.signal.thermal import relic_target

DARK: dict[str, Any] = {"alpha_D": 0.5, "mass_ratio": 3.0}


@dataclass(frozen=True)
class _Stub:
    """A mediator of muons with dark matter: events are (coupling times mass) squared."""

    name: str = "stub"
    alpha_D: float = 0.2
    mass_ratio: float = 4.0

    curves: ClassVar[str] = "l_mu-l_tau"
    coupling: ClassVar[str] = "g_mutau"
    couplings: ClassVar[tuple[float, float]] = (1e-8, 10.0)

    def response(self, mass, setup):
        energies, numbers = np.array([90.0]), np.array([mass**2])
        return Response(signal.Spectrum(energies, numbers))

    def describe(self):
        return self.name

    def as_dict(self):
        return {"name": self.name}


def plane(**changes):
    return signal.in_plane(signal.model("dark-photon", **DARK | changes), "y")


def test_a_limit_on_y_is_that_on_epsilon():
    masses = [0.01, 0.25]
    setup = signal.setup("na64e")
    in_epsilon = signal.reach(signal.model("dark-photon", **DARK), setup, masses, 2.3).limit
    in_y = signal.reach(plane(), setup, [mass / 3 for mass in masses], 2.3).limit
    expected = [convert_coupling(x or 0, "epsilon", "y", **DARK).value for x in in_epsilon]
    assert in_y == pytest.approx(expected, rel=1e-8)


@given(st.floats(1e-18, 1e-6), st.floats(1e-3, 1.0), st.floats(2.1, 10.0))
def test_there_and_back_again(y, alpha_D, mass_ratio):
    """Events at y are those at its epsilon, by the conversion of `couplings`."""
    dark = {"alpha_D": alpha_D, "mass_ratio": mass_ratio}
    there = signal.in_plane(signal.model("dark-photon", **dark), "y")
    assert isinstance(there, InPlaneOfY)
    epsilon = convert_coupling(y, "y", "epsilon", **dark).value
    assert there.per_square * epsilon**2 == pytest.approx(y, rel=1e-12)
    ends = [convert_coupling(x, "y", "epsilon", **dark).value for x in there.couplings]
    assert ends == pytest.approx(there.model.couplings, rel=1e-12)


def test_the_portal_of_muons():
    """y = (g_chi g_mu)^2 (m_chi/M)^4, g_chi^2 = 4 pi alpha_D: of the talk."""
    found = signal.in_plane(_Stub(), "y")
    g_chi, g_mu, mass = math.sqrt(4 * math.pi * 0.2), 1e-3, 0.01
    y = (g_chi * g_mu) ** 2 / 4.0**4
    events = found.response(mass, signal.setup("na64mu"))(np.array([y, 4 * y]))
    assert events == pytest.approx([(4 * mass * g_mu) ** 2, 4 * (4 * mass * g_mu) ** 2])
    assert found.curves == "muon-portal"
    assert published(found) == []


def test_curves_of_another_alpha_are_left_out_and_limits_on_epsilon_moved():
    half = {curve.name for curve in published(plane())}
    tenth = {curve.name: curve for curve in published(plane(alpha_D=0.1))}
    assert {"na64-2019-y", "e137-2018-y", "thermal-scalar-y", "babar-2017-invisible"} <= half
    assert "na64-2019-invisible" not in half  # it is there, in y
    assert "na64-2019-y" not in tenth
    assert {"thermal-scalar-y", "na64-2019-invisible"} <= set(tenth)
    moved = tenth["na64-2019-invisible"]
    assert (moved.spec.coupling.of, moved.spec.coupling.alpha_D) == ("y", 0.1)


def test_published_curves_are_those_of_the_model():
    assert {curve.model for curve in published(signal.model("dark-photon"))} == {"dark-photon"}


def test_thermal_lines_are_those_of_the_relic_density():
    lines = thermal_lines(plane(), [1e-4, 0.01])
    assert [line.dark_matter for line in lines] == list(CURRENTS)
    for line in lines:
        assert (line.masses[0], line.masses[-1]) == pytest.approx((1e-3, 0.01))
        own = relic_target(line.masses[[0, -1]], dark_matter=line.dark_matter, **DARK)
        assert line.y[[0, -1]] == pytest.approx(own)


@pytest.mark.parametrize(
    ("found", "masses"),
    [
        (signal.model("dark-photon"), [0.01, 0.1]),
        (plane(mass_ratio=2.1), [0.01, 0.1]),
        (plane(mediator="scalar"), [0.01, 0.1]),
        (plane(), [1e-5, 1e-4]),
    ],
)
def test_where_there_are_no_thermal_lines(found, masses):
    assert thermal_lines(found, masses) == []


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: signal.in_plane(signal.model("dark-photon"), "z"), r"no plane 'z' \(planes: y\)"),
        (lambda: signal.in_plane(plane(), "y"), "no plane of y for dark-photon"),
        (lambda: signal.model_from_text("dark-photon", ["alpha_D"]), "set by NAME=VALUE"),
        (lambda: signal.model_from_text("dark-photon", ["=3"]), "'=3': a parameter is set by"),
        (lambda: signal.model_from_text("dark-photon", ["alpha_d=3"]), "did you mean 'alpha_D'"),
        (lambda: signal.model_from_text("dark-photon", ["name=x"]), "no parameter 'name'"),
        (lambda: signal.model_from_text("dark-photon", ["alpha_D=x"]), "must be a number"),
        (lambda: signal.model_from_text("dark-photon", ["alpha_D=nan"]), "alpha_D is nan"),
        (lambda: signal.model_from_text("dark-photon", ["alpha_D=1", "alpha_D=2"]), "set twice"),
        (lambda: signal.model_from_text("dark-foton", ["alpha_D=1"]), "did you mean 'dark-photon'"),
    ],
)
def test_what_makes_no_sense_is_refused(call, words):
    with pytest.raises(SignalError, match=words):
        call()


def test_parameters_from_text():
    found = signal.model_from_text("dark-photon", ["alpha_D = 0.5", "dark_matter=scalar"])
    assert found == signal.model("dark-photon", alpha_D=0.5, dark_matter="scalar")
    assert parameters_of(found) == {
        "mediator": "vector", "dark_matter": "scalar", "alpha_D": 0.5, "mass_ratio": 3.0,
    }  # fmt: skip


def test_moments_are_drawn_in_the_plane_of_the_model():
    """The band of epsilon, times e for a gauge coupling, and squared for y."""
    masses = np.array([0.01, 0.1])
    value = MOMENTS["muon-2021"]
    low, high = moment_band(value, "vector", masses, sigmas=2.0)
    plain = moment_overlay(signal.model("dark-photon"), "muon-2021", masses.tolist())
    assert plain.low == pytest.approx(low)
    assert plain.high == pytest.approx(high)
    assert "2021" in plain.label
    assert "superseded" in plain.label
    gauge = moment_overlay(signal.model("lmu-ltau"), "muon-2021", masses.tolist())
    assert gauge.high == pytest.approx(high * ELEMENTARY_CHARGE)
    found = plane()
    in_y = moment_overlay(found, "muon-2021", (masses / 3).tolist())
    assert in_y.masses == pytest.approx(masses / 3)
    assert in_y.high == pytest.approx(
        [convert_coupling(float(x), "epsilon", "y", **DARK).value for x in high]
    )


def test_moments_of_a_scalar_are_those_of_a_scalar():
    found = moment_overlay(signal.model("scalar"), "muon-wp2025", [0.1])
    assert found.low.tolist() == [0.0]
    assert found.high[0] < moment_overlay(signal.model("dark-photon"), "muon-wp2025", [0.1]).high[0]
    assert "superseded" not in found.label


@pytest.mark.parametrize(
    ("name", "moment", "words"),
    [
        ("lmu-ltau", "electron-rb-2023", "not to electrons"),
        ("alp", "muon-2021", "not to muons"),
        ("dark-photon", "muon-2022", "did you mean"),
    ],
)
def test_moments_that_cannot_be_drawn(name, moment, words):
    with pytest.raises(SignalError, match=words):
        moment_overlay(signal.model(name), moment, [0.1])


def test_the_portal_of_muons_has_a_plane():
    found = signal.in_plane(signal.model("lmu-ltau", alpha_D=0.1), "y")
    lines = thermal_lines(found, [0.01, 0.1])
    own = relic_target(0.01, dark_matter="scalar", alpha_D=0.1, portal="lmu-ltau")
    assert lines[0].y[0] == pytest.approx(own)
    with pytest.raises(SignalError, match="needs dark matter: set alpha_D"):
        signal.in_plane(signal.model("lmu-ltau"), "y")
    assert thermal_lines(signal.in_plane(signal.model("inelastic"), "y"), [0.01, 0.1]) == []


@pytest.mark.parametrize("name", ["scalar", "pseudoscalar", "axial"])
def test_curves_of_dark_photons_are_not_those_of_other_bosons(name):
    model = signal.model(name)
    assert signal.published(model) == []
    assert signal.published(signal.in_plane(model, "y")) == []
    assert signal.published(signal.model("dark-photon"))
