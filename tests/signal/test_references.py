"""Limits against numbers that others computed or published: `references_limits.yaml`.

What an entry is compared with is found by its quantity, and every entry is a test. The references
of cross sections, showers, widths and so on stand in the tests of those modules; that each of them
is used is tested here.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
import yaml
from click.testing import CliRunner

from na64ana import signal
from na64ana.cli import main
from na64ana.limits import expected_limits, upper_limit
from na64ana.signal import production
from tests.signal.bremsstrahlung_references import MEDIATORS

HERE = Path(__file__).parent
ENTRIES = yaml.safe_load((HERE / "references_limits.yaml").read_text(encoding="utf-8"))
CHECKS: dict[str, Callable[[dict[str, Any]], Any]] = {}


def name_of(entry: dict[str, Any]) -> str:
    parts = (str(value) for value in entry["inputs"].values() if not isinstance(value, list))
    return " ".join([entry["quantity"], *parts])


@pytest.mark.parametrize("entry", ENTRIES["references"], ids=name_of)
def test_reference(entry):
    tolerance = entry["tolerance"]
    (kind,) = tolerance
    compared = {"relative": "rel", "absolute": "abs"}[kind]
    found = CHECKS[entry["quantity"]](entry["inputs"])
    assert found == pytest.approx(entry["value"], **{compared: tolerance[kind]})


def check(function: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], Any]:
    """Register what is compared with the quantity of the function's name."""
    CHECKS[function.__name__] = function
    return function


@check
def expected_eps90(inputs: dict[str, Any]) -> dict[str, float]:
    """Lead, electrons of 100 GeV; S, P, A and `brems` without annihilation, as the reference."""
    setup = signal.setup("na64e", exposure=inputs["N_EOT"], efficiency=inputs["efficiency"],
                         threshold=inputs["Emiss_min_GeV"])  # fmt: skip
    mass = inputs["m_MeV"] / 1000

    def radiated(mediator: str) -> float:
        made = signal.bremsstrahlung_spectrum(mediator, mass, setup)
        events = setup.exposure * np.sum(made.numbers * setup.missing(made.energies))
        return float(np.sqrt(inputs["N90"] / events))

    found = {"brems": radiated("vector")} | {kind: radiated(MEDIATORS[kind]) for kind in "SPA"}
    assert inputs["r"] == "1/3"
    for dark_matter in ("dirac", "scalar", "majorana"):
        model = signal.model("dark-photon", dark_matter=dark_matter, alpha_D=inputs["alphaD"])
        (limit,) = signal.reach(model, setup, [mass], inputs["N90"]).limit
        assert limit is not None
        found[f"ann_{dark_matter}"] = limit
    return found


@check
def FC_90_upper(inputs: dict[str, Any]) -> Any:
    return upper_limit(inputs["n"], inputs["b"], method="feldman-cousins")


@check
def poisson_UL_90(inputs: dict[str, Any]) -> Any:
    return upper_limit(inputs["n"], inputs["b"], method="classical").tolist()


@check
def CLs_UL_90(inputs: dict[str, Any]) -> Any:
    if "eff_syst" not in inputs:
        return upper_limit(inputs["n"], inputs["b"]).tolist()
    background, error = map(float, inputs["b"].split("+-"))
    return upper_limit(inputs["n"], background, background_error=error,
                       signal_error=inputs["eff_syst"], nuisance=inputs["prior"]).tolist()  # fmt: skip


@check
def expected_mean_CLs_UL_90(inputs: dict[str, Any]) -> Any:
    return expected_limits(inputs["b"]).mean


@check
def published_epsilon90(inputs: dict[str, Any]) -> list[float]:
    """By the command, at a flat efficiency of 0.5, Dirac dark matter, alpha_D = 0.1, m = 3 m_chi.

    The published efficiencies are 0.4 to 0.6 and fall towards the beam energy, which the resonance
    reaches at 319 MeV.
    """
    masses = ",".join(map(str, inputs["m_GeV"]))
    command = ["reach", "dark-photon", "--setup", inputs["setup"], "--efficiency", "0.5",
               "--exposure", str(inputs["exposure"]), "--masses", masses]  # fmt: skip
    with TemporaryDirectory() as folder:
        path = Path(folder) / "reach.json"
        result = CliRunner().invoke(main, [*command, "--json", str(path)])
        assert result.exit_code == 0, result.output
        limits: list[float] = json.loads(path.read_text(encoding="utf-8"))["limit"]
    return limits


def test_every_check_is_asked_for():
    assert set(CHECKS) == {entry["quantity"] for entry in ENTRIES["references"]}


@pytest.mark.parametrize("name", ["references_bremsstrahlung.yaml", "references_processes.yaml"])
def test_every_quantity_is_asked_for(name):
    """By its name in a test; `references` then gives all entries of it."""
    entries = yaml.safe_load((HERE / name).read_text(encoding="utf-8"))["references"]
    tests = "".join(path.read_text(encoding="utf-8") for path in HERE.glob("test_*.py"))
    asked = {entry["quantity"] for entry in entries}
    by_parts = {quantity for quantity in asked if quantity.startswith("muon_brem_total_")}
    assert [q for q in sorted(asked - by_parts) if f'"{q}"' not in tests] == []
    assert 'f"muon_brem_total_{method.upper()}_{whose}"' in tests


# -- laws that limits obey, whatever the numbers are -------------------------------------------


def test_limits_go_as_the_root_of_the_exposure():
    """Of nothing observed, exactly: N(epsilon) = epsilon^2 N(1), whatever the background."""
    model = signal.model("dark-photon")
    for masses in ([0.01, 0.25], [0.5]):
        one, four = (
            signal.reach(model, signal.setup("na64e", exposure=exposure), masses, upper_limit(0, b))
            for exposure, b in ((1e11, 0.0), (4e11, 0.51))
        )
        assert np.array(one.limit) / np.array(four.limit) == pytest.approx(2, rel=1e-8)


def test_both_signs_of_the_beam_radiate_alike():
    setups = [signal.setup("na64e", beam=beam) for beam in ("electron", "positron")]
    one, other = (signal.bremsstrahlung_spectrum("vector", 0.03, setup) for setup in setups)
    assert (one.energies == other.energies).all()
    assert (one.numbers == other.numbers).all()


def test_radiation_takes_the_energy_of_a_photon_from_the_beam():
    """Of a mass far below that of the electron and coupling e, the shower's own radiation.

    Electrons and positrons of all energies radiate (7/9) T_gamma(k) photons of each k: what
    converts has been made. On carbon the Coulomb correction is below 1%; X0 counts electrons too.
    """
    from na64ana.signal.showers import track_length_above
    from na64ana.signal.targets import target

    setup = signal.setup("na64e", target="C")
    made = float(production.bremsstrahlung_spectrum("vector", 1e-6, setup).numbers.sum())
    carbon = target("C")
    logarithms = np.log(1194 * carbon.Z ** (-2 / 3)) / np.log(184.15 * carbon.Z ** (-1 / 3))
    expected = 7 / 9 * track_length_above("gamma", setup.threshold)
    assert made * (1 + logarithms / carbon.Z) == pytest.approx(expected, rel=0.03)
