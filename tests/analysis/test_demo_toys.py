"""The whole chain against what the generator of the demo leaves in the box.

A toy is drawn at the level of counts (demo_toys.py). The bounds are those that the project asks
for: mean pull within 0.3, 5% beyond 3, 90% of the limits in the 2 sigma band of the expected one.
"""

from __future__ import annotations

import numpy as np
import pytest

import na64ana as na

from . import demo_toys as toys

SEEDS = 200
SOURCES = [source.name for source in toys.analysis().sources]


@pytest.fixture(scope="module")
def experiments():
    return [toys.experiment(seed) for seed in range(SEEDS)]


def test_the_truth_is_of_the_selection_and_large_enough():
    content = toys.content()
    assert content["selection"] == na.Selection.load(toys.analysis().spec.selection).sha256
    simulated = sum(process["simulated"] for process in content["processes"].values())
    assert simulated >= 100 * toys.EVENTS
    named = {toys.process_of(source) for source in toys.analysis().sources}
    # a process without a source of its own leaves nothing in the box
    others = [p for name, p in content["processes"].items() if name not in named]
    assert named == {toys.SIDEBAND_PROCESS, *toys.samples()}
    assert sum(process["in_box"] for process in others) == 0
    assert toys.truth().value == pytest.approx(sum(toys.truth(name).value for name in named))


@pytest.mark.parametrize("name", SOURCES)
def test_pulls_of_a_source(name, experiments):
    pulls = np.array([e.pulls[name] for e in experiments if name in e.pulls])
    assert abs(pulls.mean()) < 0.3
    # an estimate that is refused counts as one that is wrong
    assert np.count_nonzero(np.abs(pulls) > 3) + SEEDS - len(pulls) <= 0.05 * SEEDS


def test_the_observed_limit_lies_in_the_expected_band(experiments):
    inside = 0
    for seed, found in enumerate(experiments):
        if found.budget is not None:
            low, high = toys.band(found.budget)
            limit = toys.limit(found.budget, toys.observed(seed))
            inside += low * (1 - 1e-9) <= limit <= high * (1 + 1e-9)
    assert inside >= 0.9 * SEEDS


def test_a_planted_signal_is_seldom_excluded():
    """With b = 0.51 and s = 5: at most 31 of 200 limits below s (10% and 2.6 sigma)."""
    events = toys.EVENTS * 0.51 / toys.truth().value
    below = done = 0
    for seed in range(SEEDS):
        found = toys.experiment(seed, events)
        if found.budget is not None:
            done += 1
            below += toys.limit(found.budget, toys.observed(seed, 5.0, events)) < 5.0
    assert done >= 0.95 * SEEDS
    assert below <= 31
