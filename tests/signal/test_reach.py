"""Yields and limits on couplings against numbers made apart, and laws that they obey."""

import json
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from na64ana import signal
from na64ana.cli import main
from na64ana.errors import LimitError, SignalError
from na64ana.signal import exact, production
from na64ana.signal.annihilation import (
    annihilation_cross_section,
    narrow_width_integral,
    resonance_energy,
    threshold_energy,
)
from na64ana.signal.constants import M_ELECTRON
from na64ana.signal.decays import dark_width
from na64ana.signal.showers import track_length
from na64ana.signal.targets import target


def seen(made, setup):
    return float(np.sum(made.numbers * setup.missing(made.energies)))


def bremsstrahlung(mediator, mass, setup):
    return seen(production.bremsstrahlung_spectrum(mediator, mass, setup), setup)


def annihilation(mass, setup, **dark):
    return seen(production.annihilation_spectrum(mass, setup, **dark), setup)


def signal_yield(model, mass, setup):
    return model.response(mass, setup)(1.0)


@pytest.mark.parametrize(
    ("dark_matter", "expected"),
    [("dirac", 2.161e-4), ("scalar", 2.337e-4), ("majorana", 2.312e-4)],
)
def test_annihilations_of_the_reference(dark_matter, expected):
    """annihilation_yield_per_EOT_eps2 at 250 MeV, of the same source; tolerance there 3%."""
    setup = signal.setup("na64e", efficiency=1.0)
    found = annihilation(0.25, setup, dark_matter=dark_matter)
    assert found == pytest.approx(expected, rel=5e-3)


@pytest.mark.parametrize(
    "made",
    [
        lambda setup: signal.bremsstrahlung_spectrum("vector", 0.03, setup),
        lambda setup: signal.primakoff_spectrum(0.03, setup),
    ],
    ids=["bremsstrahlung", "primakoff"],
)
def test_nuclei_of_a_compound_add_up(made):
    """Each element has w_i X0/X0_i of the nuclei of a radiation length of its own (PDG values)."""
    setup = signal.setup("na64e")
    found = made(replace(setup, target="PbWO4")).numbers.sum()
    parts = {"Pb": (0.455347, 6.37), "W": (0.404011, 6.76), "O": (0.140462, 34.24)}
    expected = sum(
        share * 7.39 / length * made(replace(setup, target=name)).numbers.sum()
        for name, (share, length) in parts.items()
    )
    assert found == pytest.approx(expected, rel=1e-3)


def test_a_narrow_resonance_gives_the_track_length_at_its_energy():
    """Int sigma dE is known in closed form, whatever the width."""
    setup = signal.setup("na64e", efficiency=1.0)
    found = annihilation(0.25, setup, dark_matter="scalar", alpha_D=1e-4)
    length = track_length("e+", resonance_energy(0.25))
    area = narrow_width_integral(0.25) * 1e-36 * target("Pb").electrons_per_x0
    assert found == pytest.approx(length * area, rel=2e-3)


@pytest.mark.parametrize(
    ("module", "nodes", "number", "error"),
    [
        (production, "ENERGIES", 28, 3e-4),
        (production, "FRACTIONS", 64, 1e-4),
        (production, "ANGLES", 32, 1e-4),
        (exact, "T_NODES", 192, 2e-4),
    ],
)
@pytest.mark.parametrize("threshold", [20.0, 50.0])
@pytest.mark.parametrize(
    ("mediator", "mass"),
    [("vector", 5e-4), ("scalar", 1e-3), ("axial", 0.03), ("scalar", 0.1), ("vector", 3.0)],
)
def test_more_nodes_give_the_same(
    monkeypatch, mediator, mass, threshold, module, nodes, number, error
):
    setup = signal.setup("na64e", threshold=threshold)
    found = bremsstrahlung(mediator, mass, setup)
    monkeypatch.setattr(module, nodes, number)
    production._shower.cache_clear()
    try:
        assert bremsstrahlung(mediator, mass, setup) == pytest.approx(found, rel=error)
    finally:
        monkeypatch.undo()
        production._shower.cache_clear()


@pytest.mark.parametrize("mass", [0.1, 0.23, 0.25, 0.3])
@pytest.mark.parametrize("dark_matter", ["dirac", "scalar"])
def test_more_bins_give_the_same_annihilations(monkeypatch, mass, dark_matter):
    setup = signal.setup("na64e", efficiency=1.0)
    found = annihilation(mass, setup, dark_matter=dark_matter)
    monkeypatch.setattr(production, "_BINS", 1600)
    assert annihilation(mass, setup, dark_matter=dark_matter) == pytest.approx(found, rel=1e-3)


def test_a_mass_far_above_the_threshold():
    """Showers are followed down to what can make the mass, not to the threshold."""
    low, high = (signal.setup("na64e", threshold=value) for value in (1.0, 3.0))
    found = bremsstrahlung("vector", 3.0, low)
    assert found == pytest.approx(bremsstrahlung("vector", 3.0, high), rel=1e-3)


@settings(max_examples=10, deadline=None)
@given(st.floats(1e-6, 1e-2), st.floats(0, 1e13), st.floats(0, 1))
def test_events_go_as_exposure_efficiency_and_the_square_of_the_coupling(
    epsilon, exposure, efficiency
):
    model = signal.model("dark-photon")
    one = signal.expected_events(model, 0.03, 1.0, signal.setup("na64e", exposure=1.0,
                                                                efficiency=1.0))  # fmt: skip
    setup = signal.setup("na64e", exposure=exposure, efficiency=efficiency)
    found = signal.expected_events(model, 0.03, epsilon, setup)
    assert found == pytest.approx(one * epsilon**2 * exposure * efficiency, rel=1e-9)


def test_an_efficiency_may_go_with_the_missing_energy():
    model = signal.model("dark-photon")

    def step(energies):
        return np.where(energies > 80, 0.5, 0.0)

    later = signal.setup("na64e", efficiency=0.5, threshold=80.0)
    some = signal.setup("na64e", efficiency=step)
    assert signal_yield(model, 0.03, some) == pytest.approx(
        signal_yield(model, 0.03, later), rel=0.05
    )
    assert signal_yield(model, 0.03, some) < signal_yield(
        model, 0.03, signal.setup("na64e", efficiency=0.5)
    )
    wrong = signal.setup("na64e", efficiency=lambda energies: energies)
    with pytest.raises(SignalError, match="between 0 and 1"):
        signal_yield(model, 0.03, wrong)


def test_positrons_of_the_beam_annihilate_more():
    model = signal.model("dark-photon")
    electrons = signal.setup("na64e", exposure=1.0)
    positrons = signal.setup("na64e-positrons", exposure=1.0)
    ratio = [signal_yield(model, mass, positrons) /
             signal_yield(model, mass, electrons) for mass in (0.01, 0.25)]  # fmt: skip
    assert ratio[0] == pytest.approx(1, rel=0.01)
    assert ratio[1] > 5


def test_a_mass_above_the_beam_has_no_limit():
    setup = signal.setup("na64e")
    assert signal.reach(signal.model("dark-photon"), setup, [0.1, 99.9, 150.0], 2.3).limit[1:] == (
        None, None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: signal.model("dark-foton"), "did you mean 'dark-photon'"),
        (lambda: signal.setup("na64"), "setups: na64e"),
        (lambda: signal.model("scalar", alpha_D=0.0), "alpha_D is 0; it must be above 0"),
        (lambda: signal.model("scalar", mass_ratio=2.0), "mass_ratio is 2; it must be above 2"),
        (lambda: signal.setup("na64e", beam_energy=40.0), "threshold is 50"),
        (lambda: signal.setup("na64e", exposure=-1.0), "exposure is -1"),
        (lambda: signal.setup("na64e", beam="proton"), "beam 'proton'"),
        (lambda: signal.masses_of("1,-2"), "lowest, highest and how many"),
        (lambda: signal.masses_of("1:0.1:5"), "masses '1:0.1:5'"),
        (lambda: signal.masses_of("0.1:1"), "masses '0.1:1'"),
        (lambda: signal.masses_of("1,10,100 MeV"), "each a unit, or none"),
        (lambda: signal.masses_of("1:1000 MeV:4"), "4': give each a unit, or none"),
        (lambda: signal.masses_of("10 Mev"), "masses '10 Mev': unknown unit 'Mev'; did you mean 'MeV'"),
        (lambda: signal.masses_of("1 ns,2 ns"), r"time \[ns\] does not fit energy \[GeV\]"),
        (lambda: signal.expected_events(signal.model("scalar"), 0.1, -1, signal.setup("na64e")),
         "coupling is -1"),
        (lambda: signal.expected_events(signal.model("scalar"), 0.0, 1, signal.setup("na64e")),
         "mass is 0"),
        (lambda: signal.reach(signal.model("scalar"), signal.setup("na64e", exposure=0.0), [0.1],
                              2.3), "no exposure"),
        (lambda: signal.reach(signal.model("scalar"), signal.setup("na64e"), [0.1], 0.0),
         "is 0 events"),
        (lambda: signal.model("scalar", alpha=0.1), "no parameter 'alpha'"),
        (lambda: signal.setup("na64e", sees="light"), "not 'light'"),
        (lambda: signal.setup("na64e", start=2.0, stop=1.0), "start of the decays is 2"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(call, words):
    with pytest.raises((SignalError, LimitError), match=words):
        call()


def test_masses_in_equal_ratios():
    masses = signal.masses_of("0.001:1:4")
    assert masses == signal.masses_of("1 MeV:1 GeV:4")
    assert masses == pytest.approx((0.001, 0.01, 0.1, 1.0), rel=1e-12)
    assert masses[-1] == 1.0


def test_the_command(tmp_path):
    path = tmp_path / "reach.json"
    command = ["reach", "dark-photon", "--exposure", "2.84e11", "--efficiency", "0.5",
               "--masses", "0.1,0.001,200", "--json", str(path)]  # fmt: skip
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    content = json.loads(path.read_text())
    assert content["masses_GeV"] == [0.1, 0.001, 200.0]
    assert content["limit"] == [
        pytest.approx(3.325e-4, rel=5e-3), pytest.approx(9.058e-6, rel=5e-3), None,
    ]  # fmt: skip
    assert content["setups"][0]["exposure"] == 2.84e11
    assert "2.303 events" in result.output
    assert "none" in result.output


def test_the_plot(tmp_path):
    command = ["reach", "dark-photon", "--masses", "0.005:0.5:5", "--plot"]
    path = tmp_path / "reach.png"
    result = CliRunner().invoke(main, [*command, str(path)])
    assert result.exit_code == 0, result.output
    assert path.read_bytes().startswith(b"\x89PNG")
    result = CliRunner().invoke(main, [*command, str(tmp_path / "reach.xyz")])
    assert result.exit_code == 2
    assert "reach.xyz: cannot be drawn" in result.output


def test_the_command_refuses_what_it_does_not_know():
    result = CliRunner().invoke(main, ["reach", "dark-photon", "--setup", "na65"])
    assert result.exit_code == 2
    assert "no setup 'na65'" in result.output


def test_hardly_any_width_is_refused():
    """Bins that are as narrow as that give track lengths of rounding errors, some negative."""
    setup = signal.setup("na64e")
    narrow, least = (signal.model("dark-photon", alpha_D=value) for value in (1e-6, 1e-11))
    assert signal_yield(least, 0.25, setup) == pytest.approx(
        signal_yield(narrow, 0.25, setup), rel=3e-3
    )
    with pytest.raises(SignalError, match=r"width of the mediator .* is 3e-16 of its mass"):
        signal.model("dark-photon", alpha_D=1e-15).response(0.25, setup)


@pytest.mark.parametrize("beam", ["na64e", "na64mu"])
@pytest.mark.parametrize("name", ["dark-photon", "b-l", "lmu-ltau"])
def test_a_width_above_the_mass_is_refused(name, beam):
    with pytest.raises(SignalError, match="is 30 of its mass: that is no particle"):
        signal.model(name, alpha_D=100.0).response(0.25, signal.setup(beam))


def running(mass, energy, width, dark):
    """The factor to a cross section whose total width goes with s."""
    s = 2 * M_ELECTRON * (energy + M_ELECTRON)
    at_s = dark_width(np.sqrt(s), mass / dark["mass_ratio"], alpha_D=dark["alpha_D"])
    away = (s - mass**2) ** 2
    return (away + (mass * width) ** 2) / (away + s * at_s**2)


@pytest.mark.parametrize(
    ("alpha_D", "mass_ratio", "error"),
    [(0.1, 3.0, 0.005), (0.5, 3.0, 0.05), (1.0, 3.0, 0.15), (0.1, 2.001, 0.25), (1.0, 2.1, 0.3)],
)
def test_a_constant_width_is_good_enough_where_it_is_not_refused(alpha_D, mass_ratio, error):
    dark = {"alpha_D": alpha_D, "mass_ratio": mass_ratio}
    width = float(dark_width(0.25, 0.25 / mass_ratio, alpha_D=alpha_D))
    setup = signal.setup("na64e-positrons")

    def moving(energy):
        return annihilation_cross_section(0.25, energy, **dark) * running(0.25, energy, width, dark)

    found = production.resonance_spectrum(
        0.25, setup, moving, width=width,
        lowest=float(threshold_energy(0.25, mass_ratio=mass_ratio)),
    )  # fmt: skip
    constant = production.annihilation_spectrum(0.25, setup, **dark).numbers.sum()
    assert constant == pytest.approx(found.numbers.sum(), rel=error)


@pytest.mark.parametrize(("alpha_D", "mass_ratio"), [(0.1, 2.0001), (1.0, 2.05)])
def test_a_constant_width_is_refused_close_to_the_threshold(alpha_D, mass_ratio):
    model = signal.model("dark-photon", alpha_D=alpha_D, mass_ratio=mass_ratio)
    with pytest.raises(SignalError, match="close to the threshold of what it decays to"):
        model.response(0.25, signal.setup("na64e"))


def test_a_mediator_just_above_two_electrons_is_far_from_its_dark_matter():
    """The threshold is that of e+ e- there, which its width knows nothing of."""
    setup = signal.setup("na64e")
    below, above = (signal_yield(signal.model("dark-photon"), mass, setup)
                    for mass in (0.001021, 0.0010225))  # fmt: skip
    assert above == pytest.approx(below, rel=5e-3)


@pytest.mark.parametrize("name", list(signal.MODELS))
@pytest.mark.parametrize("mass", [1e-300, 9e-7, 1.1e3, 1e300])
def test_masses_far_from_all_formulas(name, mass):
    setup = signal.setup("na64e")
    with pytest.raises(SignalError, match="mass"):
        signal.reach(signal.model(name), setup, [mass], 2.3)


@pytest.mark.parametrize(
    ("mass", "coupling"),
    [("x", 1e-4), (None, 1e-4), ([0.1, 0.2], 1e-4), (0.1, "x"), (0.1, 1e200), (0.1, np.inf),
     (0.1, np.nan), (0.1, -1e-4), (-0.1, 1e-4)],
)  # fmt: skip
def test_expected_events_refuses_what_is_no_number(mass, coupling):
    with pytest.raises(SignalError, match=r"mass|coupling"):
        signal.expected_events(signal.model("b-l"), mass, coupling, signal.setup("na64e"))


@pytest.mark.parametrize("what", ["beam_energy", "exposure", "threshold", "thickness", "start"])
@pytest.mark.parametrize("value", ["x", None, float("nan"), [1.0, 2.0]])
def test_a_setup_refuses_what_is_no_number(what, value):
    with pytest.raises(SignalError, match="setup 'na64e'"):
        signal.setup("na64e", **{what: value})


@pytest.mark.parametrize(
    "efficiency",
    ["x", None, float("nan"), 1.1, pytest.param(lambda e: e[:2] * 0, id="too few"),
     pytest.param(lambda e: e * np.nan, id="none")],
)  # fmt: skip
def test_an_efficiency_is_a_share_for_each_energy(efficiency):
    with pytest.raises(SignalError, match="setup 'na64e': "):
        signal.setup("na64e", efficiency=efficiency).seen(np.array([50.0, 60.0, 70.0]))


@pytest.mark.parametrize(
    "changes", [{"mediator": "spin2"}, {"dark_matter": "x"}, {"mediator": "scalar",
                                                              "dark_matter": "majorana"}]
)  # fmt: skip
def test_a_model_refuses_names_when_it_is_made(changes):
    with pytest.raises(SignalError, match=r"unknown|not defined"):
        signal.model("dark-photon", **changes)


@pytest.mark.parametrize("name", ["dark-photon", "b-l", "inelastic"])
@pytest.mark.parametrize("parameter", ["alpha_D", "mass_ratio"])
@pytest.mark.parametrize("value", ["x", None, [0.1, 0.2], float("inf"), float("nan"), -1.0])
def test_a_model_refuses_what_is_no_number(name, parameter, value):
    with pytest.raises(SignalError, match=f"model '{name}': {parameter}"):
        signal.model(name, **{parameter: value})


def test_no_setup_is_refused():
    with pytest.raises(SignalError, match="no setup was given"):
        signal.reach(signal.model("alp"), [], [0.1], 2.3)


def test_too_many_masses_are_refused_with_their_number():
    with pytest.raises(SignalError, match="10000 at most"):
        signal.masses_of("0.001:1:10001")
