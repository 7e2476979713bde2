"""What `na64ana demo` simulates for an analysis, as the key `simulation` says."""

import pytest
import yaml

from na64ana.analysis import load_analysis, simulate_inputs
from na64ana.analysis.searches import search_names, search_path
from na64ana.errors import AnalysisError, InputError


@pytest.fixture
def demo(tmp_path):
    """Write the demo's analysis, changed by a function."""

    def write(change=lambda content: None):
        content = yaml.safe_load(search_path("demo").read_text(encoding="utf-8"))
        change(content)
        path = tmp_path / "analysis.yaml"
        path.write_text(yaml.safe_dump(content))
        return path

    return write


@pytest.mark.parametrize("name", search_names())
def test_every_search_is_an_analysis_that_says_what_to_simulate(name):
    analysis = load_analysis(search_path(name))
    assert analysis.spec.simulation is not None
    assert set(analysis.spec.simulation.samples) == set(analysis.spec.samples)
    assert analysis.spec.description


def test_what_is_simulated_does_not_change_the_analysis(demo):
    before = load_analysis(search_path("demo")).sha256
    assert load_analysis(demo(lambda c: c["simulation"].update(seed=5))).sha256 == before
    assert load_analysis(demo(lambda c: c.pop("simulation"))).sha256 == before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mode": "electrons-2022x"}, r"line \d+: no mode 'electrons-2022x'"),
        ({"exposure": "1e-5"}, "not a whole number of particles"),
        ({"parameters": {"mixture": {"radiativ": 1}}}, r"line \d+: no parameter .* 'radiative'"),
        ({"exposure": "many"}, "not a count of particles"),
        ({"samples": {"upstrean": {"process": "upstream", "times": 5}}}, "did you mean 'upstream'"),
        ({"samples": {"upstream": {"process": "upstraem", "times": 5}}}, "did you mean 'upstream'"),
        ({"samples": {"upstream": {"process": "upstream"}}}, "events or times"),
        ({"samples": {"upstream": {"process": "invisible", "times": 5}}}, "no process 'invisible'"),
        (
            {"samples": {"upstream": {"process": "invisible", "events": 5, "mass": 0.1}}},
            "needs both: model and mass",
        ),
    ],
)
def test_a_wrong_plan_is_told_with_its_line(demo, change, message):
    with pytest.raises(AnalysisError, match=message):
        load_analysis(demo(lambda content: content["simulation"].update(change)))


def test_nothing_is_simulated_without_a_plan_or_for_half_of_the_samples(demo):
    with pytest.raises(AnalysisError, match="no key `simulation`"):
        simulate_inputs(demo(lambda content: content.pop("simulation")))
    path = demo(lambda content: content["simulation"]["samples"].pop("upstream"))
    with pytest.raises(AnalysisError, match="does not say what sample upstream is"):
        simulate_inputs(path, events=4)


def test_an_unknown_search_is_told():
    with pytest.raises(InputError, match=r"no search 'dmeo'; did you mean 'demo'\?"):
        search_path("dmeo")
