"""One analysis file, blind and opened: what is frozen, what is refused, what is written."""

from __future__ import annotations

import json
import math
import shutil

import pytest
from click.testing import CliRunner

from na64ana.analysis import run_analysis
from na64ana.cli import main
from na64ana.errors import AnalysisError

from . import demo_toys as toys


def call(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The folder of the demo."""
    folder = tmp_path_factory.mktemp("demo")
    result = call("demo", "--out", folder)
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture
def copied(demo, tmp_path):
    """A copy of it, to be changed."""
    return shutil.copytree(demo, tmp_path / "demo")


def read(folder, name):
    return json.loads((folder / "results" / name).read_text())


def test_a_blind_run_freezes_the_budget_and_expects_a_limit(demo):
    limit, budget = read(demo, "limit.json"), read(demo, "budget.json")
    assert (limit["blind"], limit["observed"], limit["bins"][0]["observed"]) == (True, None, None)
    assert limit["scan"]["observed"] is None
    total = budget["total"]["without_bounds"]
    assert limit["bins"][0]["background"] == {"value": total["value"], "error": total["error"]}
    assert limit["expected"]["minus2"] <= limit["expected"]["median"] <= limit["expected"]["plus2"]
    assert limit["bins"][0]["exposure"] == 20_000 * 100_000
    assert read(demo, "frozen.json")["budget"] == budget["sha256"]
    page = (demo / "results/report.html").read_text()
    assert "blind" in page
    assert "://" not in page.replace("http://www.w3.org/", "")


def test_the_coupling_follows_from_the_limit_in_events(demo):
    """At the first mass of the table: events = exposure x efficiency x yield x coupling^2."""
    limit = read(demo, "limit.json")
    one = limit["bins"][0]
    signal = one["exposure"] * one["efficiency"]["value"] * 0.142
    assert limit["scan"]["mass"][0] == 0.001
    assert limit["scan"]["median"][0] ** 2 * signal == pytest.approx(limit["expected"]["median"])


def test_opening_takes_the_frozen_budget_as_it_is(copied):
    before = (copied / "results/budget.json").read_bytes()
    blind = read(copied, "limit.json")
    opened = call(
        "run", copied / "analysis.yaml", "--out", copied / "results", "--unblind", "reviewed"
    )
    assert opened.exit_code == 0, opened.output
    assert (copied / "results/budget.json").read_bytes() == before
    limit, record = read(copied, "limit.json"), read(copied, "record.json")
    assert limit["expected"] == blind["expected"]
    assert limit["unblinded"]["reason"] == record["unblinded"] == "reviewed"
    assert limit["bins"][0]["observed"] == len(record["survivors"]["main"])
    assert limit["observed"] >= limit["expected"]["minus2"]
    assert "reviewed" in (copied / "results/report.html").read_text()
    assert call("run", copied / "analysis.yaml", "--out", copied / "results").exit_code == 0
    assert "had been opened before" in (copied / "results/report.html").read_text()


def test_without_a_frozen_budget_nothing_is_opened(copied):
    with pytest.raises(AnalysisError, match="no frozen budget here; run the analysis blind first"):
        run_analysis(copied / "analysis.yaml", copied / "other", unblind="why not")
    assert not (copied / "other/record.json").exists()


def test_a_changed_analysis_is_not_opened(copied):
    path = copied / "analysis.yaml"
    path.write_text(path.read_text().replace("value: 1,", "value: 0.9,"))
    with pytest.raises(AnalysisError, match=r"the analysis has changed since the budget was froz"):
        run_analysis(path, copied / "results", unblind="why not")


def test_words_for_people_change_nothing(copied):
    path = copied / "analysis.yaml"
    path.write_text(path.read_text().replace("name: na64ana-demo", "name: another"))
    assert run_analysis(path, copied / "results", unblind="reviewed").limit is not None


def test_a_changed_budget_is_not_opened(copied):
    path = copied / "results/budget.json"
    budget = json.loads(path.read_text())
    budget["sources"][0]["value"] = 0.001
    path.write_text(json.dumps(budget))
    opened = call(
        "run", copied / "analysis.yaml", "--out", copied / "results", "--unblind", "reviewed"
    )
    assert opened.exit_code == 2
    assert "budget.json" in opened.output


def test_other_data_are_not_opened(copied):
    path = copied / "demo.yaml"
    lines = path.read_text().replace("9001: 1000000000", "9001: 1000000001")
    path.write_text(lines)
    with pytest.raises(AnalysisError, match="the datasets are not those that the budget was"):
        run_analysis(copied / "analysis.yaml", copied / "results", unblind="reviewed")


def test_other_simulation_is_not_taken(copied):
    path = next(copied.glob("electronuclear.yaml"))
    path.write_text(path.read_text().replace("generated: ", "generated: 1"))
    with pytest.raises(AnalysisError, match="the samples are not those that the budget was"):
        run_analysis(copied / "analysis.yaml", copied / "results", unblind="reviewed")


def test_a_second_run_reads_no_event_again(demo, monkeypatch):
    from na64ana.run import engine

    def never(*_):
        raise AssertionError("an event was read")

    monkeypatch.setattr(engine, "count_range", never)
    again = run_analysis(demo / "analysis.yaml", demo / "results")
    assert again.budget.to_dict() == read(demo, "budget.json")


def test_check_needs_no_data(copied):
    for file in copied.glob("*.root"):
        file.unlink()
    checked = call("check", copied / "analysis.yaml")
    assert checked.exit_code == 0
    assert "sideband" in checked.output


def test_every_source_of_the_demo_is_near_the_truth(demo):
    found = {source["name"]: source for source in read(demo, "budget.json")["sources"]}
    assert list(found) == [spec.name for spec in toys.analysis().sources]
    for spec in toys.analysis().sources:
        source, true = found[spec.name], toys.truth(toys.process_of(spec))
        if source["upper"] is not None:
            assert true.value < source["upper"]
            continue
        errors = source["statistical"], source["systematic"], true.error
        assert abs(source["value"] - true.value) < 3 * math.hypot(*errors), spec.name


def test_a_store_changes_nothing_and_serves_data_and_samples(copied):
    shutil.rmtree(copied / "results")
    blind = run_analysis(copied / "analysis.yaml", copied / "results", store=copied / "store")
    kept = {path.name for path in (copied / "store").glob("*.kept")}
    read_by = [*blind.record.inputs]
    assert len(kept) > len(read_by) > 0  # those of the samples as well
    shutil.rmtree(copied / "results")
    without = run_analysis(copied / "analysis.yaml", copied / "results")
    assert blind.budget.to_dict() == without.budget.to_dict()
    assert blind.limit == without.limit
