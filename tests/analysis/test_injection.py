"""Signals put into toys and into pseudo-data come out again."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import yaml

import na64ana as na
from na64ana.analysis import load_analysis, simulate_inputs
from na64ana.analysis.injection import Population, Process, inject, population
from na64ana.analysis.searches import search_names, search_path
from na64ana.analysis.simulated import mode_of, parameters_of, signal_sample, simulate_file
from na64ana.datasets import figure
from na64ana.errors import AnalysisError

INJECTED = 400
EVENTS = 60
ALONE = 1000  # of a sample that is nothing but signal
GIVEN = {"name": "given", "method": "fixed", "value": 0.5, "exact": True}


def changed(name, folder):
    """Write the analysis of a search, its background a given number, with few simulated events."""
    content = yaml.safe_load(search_path(name).read_text(encoding="utf-8"))
    content["background"] = {"sources": [GIVEN]}
    plan = content["simulation"]
    plan["runs"] = plan["runs"][:1]
    plan["samples"] = {k: v | {"events": 4} for k, v in plan["samples"].items() if "events" in v}
    content["samples"] = {k: content["samples"][k] for k in plan["samples"]}
    for setup in content["signal"].get("setups", []):
        setup["efficiency"].pop("ratio", None)
    path = folder / "analysis.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


@pytest.mark.parametrize("name", [n for n in search_names() if n != "demo"])
def test_an_injected_signal_is_found_in_the_open_box(name, tmp_path):
    """As many as the efficiency of a sample of their own says, within five standard errors."""
    path = changed(name, tmp_path)
    analysis = load_analysis(path)
    simulate_inputs(path, events=EVENTS, inject=INJECTED)
    data = tmp_path / str(analysis.spec.data)
    assert na.run(analysis.selection, data, progress=False).cutflow.rows[-1].sequential is None
    opened = na.run(analysis.selection, data, progress=False, unblind="test")
    assert opened.cutflow.events.n == EVENTS + INJECTED
    assert analysis.spec.simulation is not None
    per_event = figure(analysis.spec.simulation.exposure).count
    assert opened.ledger.totals.processed == pytest.approx(EVENTS * per_event)
    last = opened.cutflow.rows[-1].sequential
    assert last is not None
    _, sample = signal_sample(analysis)
    mode = mode_of(analysis.spec.simulation)
    simulate_file(tmp_path / "alone.root", sample.process, ALONE, mode=mode.name, seed=99,
                  run=sample.run, parameters=parameters_of(sample, mode))  # fmt: skip
    alone = na.run(analysis.selection, tmp_path / "alone.root", progress=False)
    passed = alone.cutflow.rows[-1].sequential
    assert passed is not None
    efficiency = passed.n / ALONE
    variance = efficiency * (1 - efficiency) * (1 / INJECTED + 1 / ALONE)
    assert abs(last.n / INJECTED - efficiency) < 5 * math.sqrt(variance)
    survivors = opened.cutflow.survivors
    assert survivors is not None
    # run, spill, event: none of the background, with which the first spill begins
    (background,) = opened.inputs[0].spills
    assert background.n == EVENTS
    assert survivors[survivors[:, 1] == background.spill, 2].min() >= EVENTS


def flat(box, sideband, generated=100_000):
    """A process with an even sideband."""
    return Process(generated, box, {"s": np.full(400, sideband)}, {}, {"main": box})


def test_toys_without_errors_give_poisson_means(tmp_path):
    path = changed("demo", tmp_path)
    analysis = load_analysis(path)
    drawn = Population(analysis, 1000, {"a": 0.5}, {"a": flat(0.0, 0.0)}, flat(0.5, 0.0))
    assert drawn.background == 0.5
    found = inject(drawn, 3.0, 400, seed=3)
    assert (found.toys, found.failed) == (400, 0)
    assert found.spread == pytest.approx(math.sqrt(3.5), rel=0.1)
    assert abs(found.bias) < 4 * found.found_error
    # no limit lies below 3 but those of no event observed, 2.3: exp(-3.5) is 3%
    assert found.coverage == pytest.approx(1 - math.exp(-3.5), abs=0.03)
    assert inject(drawn, 0.0, 20).coverage == 1.0


def test_a_signal_in_the_sideband_is_part_of_the_toys():
    drawn = Population(None, 1000, {"a": 0.5}, {"a": flat(0.01, 0.002)}, flat(0.5, 0.001))  # type: ignore[arg-type]
    assert drawn.mean(lambda p: p.box) == pytest.approx(5.0)
    assert drawn.mean(lambda p: p.sidebands["s"].sum(), 10.0) == pytest.approx(400 + 10 * 0.4 / 0.5)


def test_a_population_is_what_the_simulation_leaves():
    analysis = load_analysis(search_path("na64e-invisible-2021-2022"))
    drawn = population(analysis, 400, more={"dimuon": 800}, seed=2, progress=False)
    assert sum(drawn.shares.values()) == pytest.approx(1.0)
    assert drawn.processes["dimuon"].generated == 800
    assert drawn.processes["dimuon"].channels["dimuon"] == pytest.approx(0.6, abs=0.1)
    assert drawn.signal.box == pytest.approx(0.5, abs=0.15)
    assert drawn.processes["radiative"].sidebands["energy lost upstream"].sum() > 0.05
    assert drawn.background >= 0.3  # decays in the beam line are given
    assert inject(drawn, 3.0, 3).toys >= 2


def test_what_cannot_be_injected_is_told(tmp_path):
    with pytest.raises(AnalysisError, match="no simulated sample gives the efficiency"):
        population(load_analysis(search_path("demo")), 10)
    path = changed("na64e-invisible-2023", tmp_path)
    content = yaml.safe_load(path.read_text())
    del content["simulation"]
    path.write_text(yaml.safe_dump(content))
    with pytest.raises(AnalysisError, match="no key `simulation`"):
        population(load_analysis(path), 10)


def test_the_table_of_the_docs_is_that_of_the_study():
    from . import make_injection as study

    known = json.loads(study.FILE.read_text(encoding="utf-8"))
    page = Path(__file__).parents[2] / "docs/injection.md"
    assert study.table(known) in page.read_text(encoding="utf-8")
    assert set(known) <= {name for name in search_names() if name != "demo"}
    for name, found in known.items():
        for row in found["rows"]:
            # CLs covers: at least 90% but for the spread of the toys
            assert row["coverage"] > 0.9 - 3 * max(row["coverage_error"], 0.017), name
