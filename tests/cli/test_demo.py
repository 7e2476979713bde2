"""``na64ana demo`` of a search: a signal put in, and limits on other models."""

import json
import os

import pytest
from click.testing import CliRunner

from na64ana.cli import main


def call(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_one_command_goes_from_events_to_the_limit_on_another_model(tmp_path, monkeypatch):
    monkeypatch.setattr("na64ana.analysis.signal.MASSES", "0.01:0.02:2")
    call_of = "demo", "na64e-invisible-2021-2022", "--events", 2000, "--out", tmp_path
    result = call(*call_of, "--inject", 5, "--recast", "b-l")
    assert result.exit_code == 0, result.output
    assert "limits on g_BL" in result.output
    limit = json.loads((tmp_path / "results/limit.json").read_text())
    assert limit["signal"]["model"]["name"] == "dark-photon"
    assert "data_signal.root" in (tmp_path / "data.yaml").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("na64e-invisible-2023", "--recast", "b-ll"), "did you mean 'b-l'"),
        (("na64e-invisible-2032",), "did you mean 'na64e-invisible-2023'"),
    ],
)
def test_what_is_not_there_is_told_before_anything_is_simulated(arguments, message, tmp_path):
    result = call("demo", *arguments, "--out", tmp_path)
    assert result.exit_code == 2
    assert message in " ".join(result.output.split())
    assert list(tmp_path.iterdir()) == []


def stop(*_, **__):
    raise KeyboardInterrupt


def test_interrupted_it_says_what_it_has_made_so_far(tmp_path, monkeypatch):
    (tmp_path / "before.root").touch()
    os.utime(tmp_path / "before.root", (1, 1))
    monkeypatch.setattr("na64ana.analysis.simulated._sample", stop)
    result = call("demo", "--events", 2, "--out", tmp_path)
    assert result.exit_code == 130
    made = "analysis.yaml, demo.yaml, demo_run09001.root, demo_run09002.root"
    assert f"Interrupted; complete in {tmp_path}: {made}; the same" in result.stderr


def test_interrupted_behind_the_simulation_it_says_how_to_go_on(tmp_path, monkeypatch):
    monkeypatch.setattr("na64ana.analysis.simulate_inputs", lambda *_, **__: None)
    monkeypatch.setattr("na64ana.analysis.run_analysis", stop)
    result = call("demo", "--out", tmp_path)
    assert result.exit_code == 130
    line = f"go on with: na64ana run {tmp_path}/analysis.yaml --out {tmp_path}/results."
    assert line in result.stderr
