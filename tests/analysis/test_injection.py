"""Signals put into toys and into pseudo-data come out again."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import yaml

import na64ana as na
from na64ana.analysis import load_analysis, run_analysis, simulate_inputs
from na64ana.analysis.coupling import Counted
from na64ana.analysis.injection import Population, Process, inject, population
from na64ana.analysis.searches import search_names, search_path
from na64ana.analysis.simulated import mode_of, parameters_of, signal_sample, simulate_file
from na64ana.datasets import figure
from na64ana.errors import AnalysisError
from na64ana.limits import upper_limit

from . import make_injection as study

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
    assert (found.toys, found.refused) == (400, {})
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


@pytest.fixture(scope="module")
def known():
    return json.loads(study.FILE.read_text(encoding="utf-8"))


def test_the_table_of_the_docs_is_that_of_the_study(known):
    page = Path(__file__).parents[2] / "docs/injection.md"
    assert study.table(known) in page.read_text(encoding="utf-8")
    assert list(known) == study.rows()


def test_every_row_is_of_the_search_as_it_is(known):
    """Of its cuts, sources, limit and simulation by the hash, and of the shares of processes."""
    old = [
        name
        for row, found in known.items()
        for name in study.searches(row)
        if study.hash_of(analysis := load_analysis(search_path(name)))
        != found["searches"].get(name)
        or study.present_shares(analysis) != pytest.approx(found["shares"])
    ]
    renew = f"python tests/analysis/make_injection.py {' '.join(old)}"
    assert not old, f"changed since the table was made; renew them: {renew}"


@pytest.mark.parametrize(("name", "first"), study.SAME.items())
def test_searches_of_one_row_are_of_one_population(name, first):
    """But for the model and the masses, which toys of events in the box do not know."""
    pair = [load_analysis(search_path(one)) for one in (name, first)]
    plans = [one.spec.simulation for one in pair]
    assert plans[0] is not None
    assert plans[1] is not None
    assert pair[0].selection.sha256 == pair[1].selection.sha256
    assert pair[0].sources == pair[1].sources
    assert study.present_shares(pair[0]) == study.present_shares(pair[1])
    assert (plans[0].events, plans[0].exposure) == (plans[1].events, plans[1].exposure)
    kinds = [(one.process, one.events) for one in (signal_sample(analysis)[1] for analysis in pair)]
    assert kinds[0] == kinds[1]


@pytest.mark.parametrize(("row", "toys"), [("na64e-visible-2017", study.TOYS), ("na64mu-2022", 40)])
def test_the_toys_of_a_row_come_out_again(row, toys, known):
    """Of the population in the file: what estimates and sets limits is that of the code."""
    drawn = study.drawn_from(row, known[row])
    assert drawn.background == pytest.approx(known[row]["background"])
    assert drawn.background_error == pytest.approx(known[row]["background_error"])
    stored = known[row]["rows"][1]
    found = inject(drawn, stored["signal"], toys, seed=study.seed(row))
    if toys == study.TOYS:
        plain = found._asdict()
        assert plain.pop("refused") == stored["refused"]
        assert plain == pytest.approx({key: stored[key] for key in plain})
    # 4 standard deviations of fewer toys
    assert abs(found.found - stored["found"]) < 4 * found.found_error
    assert sum(found.refused.values()) < 0.3 * toys
    # at least 90% but for the spread of the toys
    assert found.coverage > 0.9 - 3 * math.sqrt(0.09 / toys)


def test_the_population_of_a_row_is_simulated_so(known):
    """The share of the signal in the box, against the larger number in the file."""
    row = "na64e-visible-2017"
    kept = study.drawn_from(row, known[row]).signal
    found = population(load_analysis(search_path(row)), 300, seed=77, progress=False).signal
    error = math.sqrt(kept.box * (1 - kept.box) * (1 / kept.generated + 1 / found.generated))
    assert abs(found.box - kept.box) < 4 * error


def test_a_bound_is_not_subtracted(tmp_path):
    """b = 0.11 and a bound of 0.24: the limit covers at 0.11, where it would not at 0.35."""
    path = changed("demo", tmp_path)
    content = yaml.safe_load(path.read_text())
    content["background"]["sources"] = [
        {**GIVEN, "value": 0.11},
        {"name": "bound", "method": "bound", "upper": 0.24},
    ]
    path.write_text(yaml.safe_dump(content))
    simulate_inputs(path, events=EVENTS)
    done = run_analysis(path, tmp_path / "results", progress=False)
    assert done.budget.total().value == pytest.approx(0.35)
    assert done.limit is not None
    (counted,) = done.limit["bins"]
    assert counted["background"] == {"value": 0.11, "error": 0.0}

    def least(subtracted):
        """The least coverage over all signals: just above the limit of some number of events."""
        return min(1 - poisson_cdf(n, 0.11 + upper_limit(n, subtracted)) for n in range(12))

    assert least(counted["background"]["value"]) == pytest.approx(0.9)
    assert least(0.35) == pytest.approx(0.8828, abs=1e-3)


def poisson_cdf(n, mean):
    return math.exp(-mean) * math.fsum(mean**k / math.factorial(k) for k in range(n + 1))


def test_a_background_of_a_wide_error_has_expected_limits():
    """As a log-normal, 0.15 +- 0.225 has tails of more than a thousand events."""
    wide = Counted(1, 0.15, 0.225)
    assert wide.limits(0.1)["plus2"] < 6
    assert wide.result(0.0).limit == upper_limit(
        1, 0.15, background_error=0.225, background_nuisance="gamma"
    )
    assert Counted(1, 0.15, 0.15).result(0.0).limit == upper_limit(1, 0.15, background_error=0.15)
    # not even the centre is known: as little as there may be is subtracted
    assert 3.88 < Counted(1, 0.001, 0.1).result(0.0).limit < upper_limit(1, 0.0)
    assert Counted(1, 0.0, 0.1).result(0.0).limit == upper_limit(1, 0.0)
