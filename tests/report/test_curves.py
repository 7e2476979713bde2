"""Curves on the terminal and as JSON."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from na64ana import cli
from na64ana.report.curves import as_json, curve_view, overview
from na64ana.report.terminal import plain
from na64ana.signal.curves import curve, curves

HOSTILE = "a\x1b[31mb\u202e"


def run(*arguments):
    return CliRunner().invoke(cli.main, ["curves", *arguments])


@pytest.mark.parametrize("width", [80, 110, 140])
def test_the_list_looks_as_it_did(golden, width):
    golden(f"curves/list_{width}.txt", plain(overview(curves()), width))


@pytest.mark.parametrize("name", ["a1-bl", "na64-2020-alp-axionlimits", "thermal-scalar-y"])
def test_one_curve_looks_as_it_did(golden, name):
    golden(f"curves/{name}.txt", plain(curve_view(curve(name)), 110))


def test_nothing_is_cut_off_at_any_width():
    for width in (80, 98, 110, 123, 137):
        assert "…" not in plain(overview(curves()), width)


def test_the_list_has_every_curve():
    text = plain(overview(curves()), 80)
    assert all(f" {found.name} " in text for found in curves())


def test_a_curve_has_all_of_its_provenance():
    found = curve("na64-2019-invisible")
    text = plain(curve_view(found), 140)
    for words in (
        found.spec.arxiv, found.spec.exposure, found.spec.path, found.spec.sha256, "MIT",
        found.source.repository, found.source.commit, found.source.digitised_by, found.spec.note,
    ):  # fmt: skip
        assert words in text


def test_json_has_pieces_without_guards():
    content = json.loads(as_json(curves("alp")))
    assert content["schema"] == "na64ana/curves/1"
    entry = next(c for c in content["curves"] if c["name"] == "primex-alp")
    assert entry["guard_rows"] == [1, 13, 14, 29]
    assert len(entry["pieces"]) == 2
    assert max(c for piece in entry["pieces"] for c in piece["coupling"]) < 0.009
    assert entry["source"]["licence"] == "MIT"


def test_the_command():
    assert run().output.startswith(" ━")
    assert "babar-bl" not in run("--model", "alp").output
    assert run("e137-bl").output.startswith("e137-bl\n")
    assert len(json.loads(run("--json").output)["curves"]) == 46
    assert [c["name"] for c in json.loads(run("e137-bl", "--json").output)["curves"]] == ["e137-bl"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["e137-bll"], "unknown curve 'e137-bll'; did you mean 'e137-bl'?"),
        (["--model", "aip"], "unknown model 'aip'; did you mean 'alp'?"),
        (["none.yaml"], "none.yaml: No such file or directory"),
        (["x\x1b[31m"], "unknown curve 'x\\x1b[31m'"),
    ],
)
def test_wrong_input_is_refused(arguments, words):
    result = run(*arguments)
    assert result.exit_code == 2
    assert words in result.output


def test_a_users_file(tmp_path):
    content = {
        "name": "mine", "experiment": HOSTILE, "model": "x17", "kind": "limit", "note": HOSTILE,
        "shape": "upper-limit", "mass": {"of": HOSTILE, "unit": "MeV"},
        "coupling": {"of": "epsilon"}, "points": [[10, 0.0001], [20, 0.001]],
    }  # fmt: skip
    path = tmp_path / "mine.yaml"
    path.write_text(json.dumps({"curves": [content]}))
    result = run(str(path))
    assert "10 to 20 MeV" in result.output
    assert "\x1b" not in result.output
    assert "\u202e" not in result.output
    path.write_text(json.dumps({"curves": [content, dict(content, name="other", note="")]}))
    assert "\n other  " in run(str(path)).output
    assert "no curves" in run(str(path), "--model", "alp").output
    assert run(str(path), "--model", "aip").exit_code == 2
