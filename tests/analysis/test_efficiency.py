"""Efficiencies in bins of energy: errors, edges, and what is not known."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from na64ana import Selection
from na64ana.analysis.efficiency import EfficiencyCurve, efficiency_curve
from na64ana.errors import AnalysisError, SignalError
from na64ana.evaluate import evaluate
from na64ana.layouts import load_layout

from . import model_toys as toys

BOUND = Selection.from_dict({**toys.SELECTION, "weight": "weight"}).bind(load_layout("na64-tout"))
EDGES = tuple(np.linspace(30, 100, 8).tolist())


def recorded(energies, passes, weights, kind="simulation"):
    """A record of events with these energies of the mediator, in the box or not."""
    from na64ana.cutflow import InputFile

    n = len(energies)
    ecal = np.zeros((n, 2, 5, 6))
    ecal[:, 1, 2, 2] = np.where(passes, 20.0, 80.0)
    columns = {
        "run": np.ones(n, dtype=int), "spill": np.ones(n, dtype=int), "event": np.arange(n),
        "master_time": np.full(n, 100.0), "ecal.energy": ecal,
        "truth.energy": np.asarray(energies, float), "weight": np.asarray(weights, float),
    }  # fmt: skip
    file = InputFile("made up", None, n, ((0, n),), "tout", "na64-tout", "0" * 64, kind, "test")
    return evaluate(columns, BOUND, blind=False, inputs=[file])


events = st.lists(
    st.tuples(st.floats(30, 99.9), st.booleans(), st.sampled_from([0.25, 1.0, 3.0])),
    min_size=1, max_size=40,
)  # fmt: skip


@given(events)
def test_each_bin_is_the_weight_left_over_the_weight_generated(found):
    energies, passes, weights = (np.array(part) for part in zip(*found, strict=True))
    curve = efficiency_curve(recorded(energies, passes, weights), "s", "energy", 35.0)
    assert curve.edges == pytest.approx(EDGES)
    which = np.digitize(energies, curve.edges) - 1
    for i in range(7):
        here = which == i
        generated = weights[here].sum()
        assert curve.generated[i] == pytest.approx(generated)
        if not generated:
            continue
        value = weights[here & passes].sum() / generated
        n = generated**2 / (weights[here] ** 2).sum()  # effective number of events
        k = value * n
        assert curve.values[i] == pytest.approx(value)
        # mean of the square minus square of the mean, for a flat prior (physics/0701199)
        variance = (k + 1) * (k + 2) / ((n + 2) * (n + 3)) - ((k + 1) / (n + 2)) ** 2
        assert curve.errors[i] == pytest.approx(math.sqrt(variance))
        assert curve.errors[i] > 0


@given(events)
def test_a_curve_is_read_back_as_it_was_written(found):
    energies, passes, weights = zip(*found, strict=True)
    curve = efficiency_curve(recorded(energies, passes, weights), "s", "energy", 35.0)
    assert EfficiencyCurve.from_dict(json.loads(json.dumps(curve.as_dict())), 35.0) == curve


CURVE = EfficiencyCurve("s", "h", (30.0, 50.0, 70.0, 100.0), (0.2, 0.4, 0.0), (0.1, 0.1, 0.0),
                        (10.0, 10.0, 0.0), 40.0)  # fmt: skip


def test_bins_are_closed_below_and_the_last_above():
    assert CURVE([[40.0, 49.999], [50.0, 69.999]]).tolist() == [[0.2, 0.2], [0.4, 0.4]]
    ends = EfficiencyCurve("s", "h", (30.0, 50.0), (0.2,), (0.1,), (10.0,))
    assert ends([30.0, 50.0]).tolist() == [0.2, 0.2]


def test_below_the_threshold_nothing_is_asked():
    assert CURVE([0.0, 39.999]).tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("energy", "words"),
    [
        (100.5, "it goes from 30 to 100 GeV, and the model makes mediators of 100.5 GeV"),
        (70.0, "no event was generated from 70 to 100 GeV"),
    ],
)
def test_what_is_not_known_is_an_error(energy, words):
    with pytest.raises(SignalError, match="sample 's', histogram 'h'") as caught:
        CURVE([45.0, energy])
    assert words in str(caught.value)


@pytest.mark.parametrize("kind", ["data", "pseudo-data"])
def test_data_give_no_efficiency(kind):
    with pytest.raises(AnalysisError, match=f"counts as {kind}"):
        efficiency_curve(recorded([50.0], [True], [1.0], kind), "s", "energy", 35.0)
