"""``na64ana reach`` as users meet it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from na64ana import signal
from na64ana.cli import main
from na64ana.limits import upper_limit
from na64ana.signal.setups import SEARCHES

MASSES = ("--masses", "10 MeV, 0.1 GeV")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["reach", *arguments])


def written(tmp_path, *arguments: str) -> dict[str, Any]:
    path = tmp_path / "reach.json"
    result = run(*arguments, "--json", str(path))
    assert result.exit_code == 0, result.output
    content: dict[str, Any] = json.loads(path.read_text())
    return content


def test_without_a_model_all_are_listed():
    result = run()
    assert result.exit_code == 0
    for name in (*signal.MODELS, *signal.SETUPS, *SEARCHES):
        assert f" {name} " in result.output
    assert "alpha_D=0.1" in result.output
    assert "arXiv:2307.02404" in result.output


def test_parameters_are_set(tmp_path):
    content = written(
        tmp_path, "dark-photon", *MASSES, "--set", "alpha_D=0.5", "--set", "dark_matter=scalar"
    )
    assert content["model"]["alpha_D"] == 0.5
    assert content["model"]["dark_matter"] == "scalar"


def test_one_limit_without_a_background(tmp_path):
    content = written(tmp_path, "dark-photon", *MASSES, "--observed", "1")
    plain = written(tmp_path, "dark-photon", *MASSES)
    ratio = (upper_limit(1, 0.0) / upper_limit(0, 0.0)) ** 0.5
    assert content["limit"] == pytest.approx([ratio * x for x in plain["limit"]])
    assert content["flags"] == ["limit", "limit"]
    assert content["lower"] == content["limit"]
    assert content["upper"] == [None, None]
    assert content["events"] == pytest.approx(3.8897, rel=1e-4)
    assert "curves" not in content


def test_curves_by_name_with_a_background(tmp_path):
    counting = ("--background", "0.51", "--background-error", "0.13", "--efficiency-error", "0.1")
    expected = written(tmp_path, "dark-photon", *MASSES, *counting)
    assert list(expected["curves"]) == ["median", "mean", "minus2", "minus1", "plus1", "plus2"]
    assert expected["limit"] == expected["curves"]["median"]["limit"]
    both = written(tmp_path, "dark-photon", *MASSES, *counting, "--observed", "1")
    assert both["limit"] == both["curves"]["observed"]["limit"]
    assert both["curves"]["median"] == expected["curves"]["median"]
    known: dict[str, Any] = {"background_error": 0.13, "signal_error": 0.1}
    assert both["events"]["observed"] == pytest.approx(upper_limit(1, 0.51, **known))
    assert both["counting"] == {
        "observed": 1, "background": 0.51, "background_error": 0.13, "efficiency_error": 0.1,
        "method": "cls",
    }  # fmt: skip


def test_two_sided_limits_have_both_edges(tmp_path):
    content = written(
        tmp_path, "x17-vector", "--setup", "na64e-visible", "--masses", "0.0167,0.1",
        "--background", "1",
    )  # fmt: skip
    assert content["lower"][0] < content["upper"][0]
    assert "limit" not in content
    assert (content["lower"][1], content["upper"][1]) == (None, None)
    assert content["flags"] == ["band", "none"]
    assert set(content["curves"]["plus1"]) == {"lower", "upper", "flags"}


def test_where_nothing_is_excluded_it_says_what_to_look_at():
    result = run("dark-photon", "--setup", "na64e-visible-2018", "--masses", "0.01,0.02")
    assert result.exit_code == 0
    assert "does na64e-visible-2018 see what dark-photon decays to" in " ".join(
        result.output.split()
    )
    assert "does na64e" not in run("dark-photon", "--masses", "0.1,200").output


def test_open_edges_are_shown_as_such():
    """The couplings looked at end at 10: strong ones are excluded too, as far as that."""
    result = run("inelastic", "--masses", "0.003,1")
    rows = [line.split() for line in result.output.splitlines() if line.strip().startswith("0.003")]
    assert rows[0][2:] == [">", "10"]


def test_the_plane_of_y(tmp_path):
    content = written(tmp_path, "dark-photon", "--plane", "y", "--masses", "0.1")
    epsilon = written(tmp_path, "dark-photon", "--masses", "0.3")["limit"][0]
    assert (content["coupling"], content["mass"]) == ("y", "m_chi")
    assert content["limit"][0] == pytest.approx(epsilon**2 * 0.1 / 81)


@pytest.mark.parametrize(
    "arguments",
    [
        ("dark-photon", "--plane", "y", "--background", "0.5", "--moment", "muon-2021"),
        ("lmu-ltau", "--setup", "na64mu", "--set", "alpha_D=0.1", "--plane", "y"),
        ("b-l",),
        ("alp", "--setup", "na64e-alp", "--masses", "0.02:0.2:5", "--background", "0.5"),
        ("spin-2", "--masses", "0.1"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_each_plane_is_drawn(tmp_path, arguments):
    path = tmp_path / "reach.png"
    masses = () if "--masses" in arguments else ("--masses", "0.005:0.05:3")
    result = run(*arguments, *masses, "--plot", str(path))
    assert result.exit_code == 0, result.output
    assert path.read_bytes().startswith(b"\x89PNG")


def test_a_fraction_is_a_number_or_per_cent(tmp_path):
    of_number = written(tmp_path, "b-l", "--masses", "0.1", "--efficiency", "0.25")
    of_percent = written(tmp_path, "b-l", "--masses", "100 MeV", "--efficiency", "25%")
    assert of_percent == of_number


def test_json_on_standard_output_stands_alone():
    result = run("dark-photon", *MASSES, "--json", "-")
    assert json.loads(result.stdout)["masses_GeV"] == [0.01, 0.1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("dark-foton",), "did you mean 'dark-photon'"),
        (("dark-photon", "--set", "alpha_d=1"), "did you mean 'alpha_D'"),
        (("dark-photon", "--set", "dark_matter=wimp"), "wimp"),
        (("alp", "--set", "alpha_D=1"), "no parameter 'alpha_D': it has none"),
        (("alp", "--plane", "y"), "there is no plane of y for alp"),
        (("dark-photon", "--plane", "x"), "planes: y"),
        (("dark-photon", "--setup", "na64e", "--setup", "na64e"), "'na64e' is there twice"),
        (("alp", "--setup", "na64e-visible", "--setup", "na64e-visible-2018"), "is there twice"),
        (("dark-photon", "--observed", "-1"), "observed"),
        (("dark-photon", "--background-error", "1"), "no background"),
        (("dark-photon", "--method", "best"), "'best' is not one of"),
        (("dark-photon", "--moment", "muon-2021"), "give --plot"),
        (("dark-photon", "--moment", "muon", "--plot", "x.png"), "(g-2)"),
        (("dark-photon", "--masses", "0.1", "--plot", "none/x.png"), "none/x.png"),
        (("dark-photon", "--masses", "0.1", "--plot", "x"), "ends on .png or .pdf"),
        (("dark-photon", "--masses", "0.1", "--plot", ""), "ends on .png or .pdf"),
        (("b-l", "--efficiency", "half"), "write for example 0.5 or 50%"),
        (("b-l", "--exposure", "1e11 EOT"), "write for example 9.37e11"),
        (("b-l", "--masses", "10 Mev"), "did you mean 'MeV'"),
        (("b-l", "--masses", "1e155"), "from 1e-06 to 1000 GeV"),
    ],
    ids=lambda value: None if isinstance(value, str) else " ".join(value),
)
def test_what_makes_no_sense_is_refused_in_words(tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert result.exit_code == 2
    assert words in " ".join(result.output.split())
    assert "Traceback" not in result.output
    assert list(tmp_path.iterdir()) == []
