"""Input that cannot be used, and sources that cannot be estimated: one clear message each."""

from __future__ import annotations

import json

import pytest
import yaml
from click.testing import CliRunner

from na64ana.analysis import load_analysis, run_analysis
from na64ana.cli import main
from na64ana.errors import AnalysisError

from . import demo_toys as toys


def call(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def given(**keys):
    return {"name": "decays", "method": "fixed", "value": 0.3, **keys}


def written(folder, sources=(), correlations=(), ranges=None):
    """The demo's analysis with more sources, correlations or other fit ranges."""
    content = yaml.safe_load(toys.DEMO.read_text(encoding="utf-8"))
    background = content["background"]
    background["sources"] += sources
    background["correlations"] = list(correlations)
    if ranges is not None:
        background["sources"][0]["ranges"] = ranges
    path = folder / "analysis.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def between(first, second, coefficient):
    return {"between": [first, second], "coefficient": coefficient}


THREE = [given(name=name, statistical=0.1) for name in ("a", "b", "c")]
IMPOSSIBLE = [between("a", "b", 0.9), between("b", "c", 0.9), between("a", "c", -0.9)]
BAD = {
    "negative error": (
        {"sources": [given(statistical=-0.1)]},
        [r"line \d+: background source 'decays': statistical is -0.1", "not negative"],
    ),
    "error that is no number": (
        {"sources": [given(statistical=float("nan"))]}, ["statistical", "decays"],
    ),
    "zero error": (
        {"sources": [given()]}, ["'decays': its error is zero", "say 'exact: true'"],
    ),
    "exact with an error": (
        {"sources": [given(exact=True, systematic=0.1)]}, ["'decays': it is exact and has an err"],
    ),
    "box overlaps the sideband": (
        {"ranges": [["60 GeV", "74 GeV"], ["49 GeV", "74 GeV"]]}, ["this range overlaps the box"],
    ),
    "correlations that cannot be": (
        {"sources": THREE, "correlations": IMPOSSIBLE},
        ["not positive semidefinite", "'a' and 'b' and 'c'"],
    ),
    "correlation given twice": (
        {"sources": THREE, "correlations": [between("a", "b", 0.1), between("b", "a", 0.2)]},
        ["the correlation of 'a' and 'b' is given twice"],
    ),
    "correlation with a bound": (
        {
            "sources": [THREE[0], {"name": "bound", "method": "bound", "upper": 0.1}],
            "correlations": [between("a", "bound", 0.5)],
        },
        ["'bound' is a bound and has no error"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "words"), BAD.values(), ids=BAD)
def test_a_file_that_cannot_be_used(changes, words, tmp_path):
    path = written(tmp_path, **changes)
    with pytest.raises(AnalysisError) as caught:
        load_analysis(path)
    for word in ["analysis.yaml", *words]:
        assert caught.match(word)
    for command in (["run", path, "--out", tmp_path / "results"], ["check", path]):
        result = call(*command)
        assert result.exit_code == 2
        assert result.stderr.count("Error:") == 1
        assert "Traceback" not in result.output
    assert not (tmp_path / "results").exists()


def test_exact_zero_errors_and_possible_correlations_are_taken(tmp_path):
    sources = [given(exact=True), *THREE]
    path = written(tmp_path, sources, [between("a", "b", 0.9), between("b", "c", 0.3)])
    assert len(load_analysis(path).sources) == len(toys.analysis().sources) + 4


# ------------------------------------------------------ what cannot be estimated


def sideband(name, low, high):
    return {
        "name": name, "method": "sideband", "region": "ecal_sideband", "observable": "ecal_total",
        "box": ["0 GeV", "50 GeV"], "ranges": [[low, high]],
        "shapes": ["Crystal-Ball tail", "exponential"],
    }  # fmt: skip


BOUNDS = [
    {"name": "stated", "method": "bound", "upper": 0.01, "cl": 0.95},
    {"name": "not stated", "method": "bound", "upper": 0.02},
]


@pytest.fixture(scope="module")
def incomplete(tmp_path_factory):
    """A demo with an empty sideband, and with one that rises away from the box."""
    folder = tmp_path_factory.mktemp("incomplete")
    assert call("demo", "--events", 2000, "--out", folder).exit_code == 0
    # 76 to 79 GeV: the trigger takes ever fewer events there, and no tail falls away from the box
    sources = [
        *BOUNDS,
        sideband("nothing there", "110 GeV", "120 GeV"),
        sideband("rising", "76 GeV", "79 GeV"),
    ]
    result = call("run", written(folder, sources), "--out", folder / "results")
    return folder / "results", result


REASONS = {
    "nothing there": "the sideband 110 to 120 GeV is empty",
    "rising": "did not converge: 'slope' ended at its limit",
}


def test_a_source_that_cannot_be_estimated_is_missing(incomplete):
    folder, result = incomplete
    assert result.exit_code == 1, result.output
    budget = json.loads((folder / "budget.json").read_text())
    missing = {source["name"]: source["reason"] for source in budget["missing"]}
    assert list(missing) == list(REASONS)
    known = [source.name for source in toys.analysis().sources]
    assert [source["name"] for source in budget["sources"]] == [*known, "stated", "not stated"]
    assert budget["total"] == {"conservative": None, "without_bounds": None}
    for name, reason in REASONS.items():
        assert reason in missing[name]
        assert f"missing: {name}: " in result.output


def test_no_confidence_level_is_invented(incomplete):
    folder, result = incomplete
    sources = json.loads((folder / "budget.json").read_text())["sources"]
    assert [source["upper_cl"] for source in sources[-2:]] == [0.95, None]
    for text in (result.output, (folder / "report.html").read_text().replace("&lt;", "<")):
        words = " ".join(text.split())
        assert "stated (< 0.01 at 95% CL)" in words
        assert "not stated (< 0.02, confidence level not stated)" in words


def test_no_limit_is_invented(incomplete):
    folder, _ = incomplete
    limit = json.loads((folder / "limit.json").read_text())
    assert set(limit) == {"schema", "missing"}
    assert limit["missing"][-1].startswith("the limit: the total background is not known")


def test_the_report_names_what_is_missing(incomplete):
    page = (incomplete[0] / "report.html").read_text()
    for name, reason in REASONS.items():
        assert f"missing: {name}" in page
        assert reason.replace("'", "&#39;") in page


def test_a_correlation_with_what_became_a_bound_is_left_out(tmp_path):
    """2000 events leave no electronuclear event: its source is a bound, whatever the file says."""
    assert call("demo", "--events", 500, "--out", tmp_path).exit_code in (0, 1)
    pair = between("interactions upstream", "electronuclear interactions", 0.5)
    outcome = run_analysis(written(tmp_path, (), [pair]), tmp_path / "results")
    assert outcome.budget["electronuclear interactions"].upper is not None
    assert outcome.budget.correlations == ()
