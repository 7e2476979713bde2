"""The files of the benchmarks hold what they say, and all references count the same on them."""

from importlib.util import find_spec

import pytest

from . import files
from .cases import ours, theirs
from .measure import BenchmarkError, Results, Task, compare, make_in_child, run
from .projection import Costs, project

EVENTS = 2000


@pytest.mark.slow
@pytest.mark.skipif(find_spec("ROOT") is None, reason="ROOT writes the files: root==0.1a12")
@pytest.mark.parametrize(("kind", "form"), [("constant", "ttree"), ("moving", "rntuple")])
def test_all_count_the_same_on_the_files_made(tmp_path, kind, form):
    paths = make_in_child(tmp_path, kind, form, EVENTS, 2)
    steps = (
        ours("na64ana", str(files.selection(tmp_path)), paths, "sequential"),
        theirs("rdataframe", "rdataframe", paths),
        theirs("coffea", "coffea", paths),
        theirs("uproot", "uproot", paths),
    )
    left = {sample["name"]: sample["counts"] for sample in run(Task(steps))}
    assert left.pop("uproot") == EVENTS
    assert left["na64ana"] == left["rdataframe"] == left["coffea"]
    # five standard deviations of a binomial count around what ROOT counted in the reference data
    for (passed, _), n in zip(files.PASSED.values(), left["na64ana"], strict=True):
        share = passed / files.OF
        assert abs(n - EVENTS * share) <= 5 * (EVENTS * share * (1 - share)) ** 0.5 + 1


def test_counts_that_differ_stop_a_benchmark():
    results = Results(events={"a file": 5})
    sample = {"wall": 1.0, "same": "cuts"}
    results.add("a file", {"name": "one", "counts": [3, 2], **sample})
    results.add("a file", {"name": "edited", "counts": [3, 1], **sample, "same": "edited"})
    results.add("a file", {"name": "reading", "counts": 5, **sample})
    compare(results, "a file")
    results.add("a file", {"name": "other", "counts": [3, 1], **sample})
    with pytest.raises(BenchmarkError, match=r"a file: other counts \[3, 1\], one \[3, 2\]"):
        compare(results, "a file")


def test_every_probability_of_the_generator_is_one():
    clean, dirty = files.odds()
    assert len(clean) == len(dirty) == 19
    assert all(0 <= p <= 1 for p in (*clean, *dirty))


def test_a_projection_adds_up_what_events_files_and_tasks_cost():
    costs = Costs(event=2e-6, file=0.5, task=0.25, bytes_per_event=1000)
    got = project(costs, events=10**6, cores=10, events_per_file=10**4, events_per_task=10**5)
    assert got.shares == pytest.approx({"events": 0.2, "files": 5.0, "tasks": 0.25})
    assert got.seconds == pytest.approx(5.45)
    assert got.storage == pytest.approx(1e9 / 5.45)
