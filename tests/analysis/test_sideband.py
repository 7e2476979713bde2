"""What lies between a fit range and the box: drawn, counted, and compared with the fit."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from na64ana import Selection
from na64ana.analysis.estimate import extrapolated
from na64ana.analysis.model import SidebandSpec
from na64ana.analysis.sideband import drawn, validated
from na64ana.background import from_region

SPEC = SidebandSpec(
    name="tail", method="sideband", region="beside", observable="track.momentum", box=["0 GeV", "50 GeV"],
    ranges=[["60 GeV", "80 GeV"], ["58 GeV", "80 GeV"], ["62 GeV", "80 GeV"]],
    shapes=["exponential"],
)  # fmt: skip
RANGES = [(60.0, 80.0), (58.0, 80.0), (62.0, 80.0)]
X = {"observable": "track.momentum", "bins": 2, "range": ["0 GeV", "9 GeV"], "label": "E_X"}


def looked(begins):
    """A region that begins at an energy, with an exponential of 10 GeV in it; none in the box."""
    selection = Selection.from_dict({
        "name": "toy", "layout": "na64-tout",
        "cuts": [{"name": "angle", "observable": "track.angle", "below": "1 mrad"}],
        "regions": {"beside": {
            "where": f"track.angle < 1*mrad and track.momentum > {begins}*GeV",
            "keep": ["track.momentum"],
        }},
        "histograms": {"x": {"x": X}},
    })  # fmt: skip
    bound = selection.bind(selection.layout(None))
    (region,) = bound.regions
    unit = region.keep["track.momentum"].type.unit
    values = 80 - np.random.default_rng(2).exponential(10, 600)
    kept = {"track.momentum": values[values > begins]}
    record: Any = SimpleNamespace(
        regions={"beside": SimpleNamespace(kept=kept, tally=SimpleNamespace(sums=None))}
    )
    analysis: Any = SimpleNamespace(bound=bound, unit=lambda _: unit)
    band = from_region(record, "beside", "track.momentum", (58, 80), (0, 50), unit="GeV")
    found = extrapolated(SPEC, band, RANGES, seed=1, bootstrap=0, toys=20)
    beside = validated(analysis, SPEC, record, found)
    return kept["track.momentum"], found, beside, drawn(analysis, SPEC, band, found, beside)


@pytest.mark.parametrize("begins", [50, 55])
def test_the_central_fit_says_what_is_expected_down_to_the_box(begins):
    values, found, (_, seen), fit = looked(begins)
    assert seen.predicted == (begins, 60)
    assert seen.fitted == found.central.window
    assert seen.fitted_events == found.central.events
    assert seen.observed == np.count_nonzero(values < 60)
    assert fit["counts"] == np.histogram(values, fit["edges"])[0].tolist()
    assert sum(fit["counts"]) == len(values)
    assert fit["edges"][0] == pytest.approx(begins)
    # the curve that is drawn holds the same expectation
    x, curve = np.array(fit["curve"]["x"]), np.array(fit["curve"]["central"])
    assert curve[(x > begins) & (x < 60)].sum() == pytest.approx(seen.expected, rel=1e-3)
    assert fit["validation"]["words"].startswith(f"{begins} to 60 GeV, not fitted: ")
    assert fit["validation"]["words"].endswith(f" events expected, {seen.observed} seen")
    assert fit["label"] == "E_X [GeV]"


def test_the_band_holds_what_its_label_says():
    _, found, _, fit = looked(50)
    x, curve, estimate = np.array(fit["curve"]["x"]), fit["curve"], fit["estimate"]
    low, high = (np.array(curve[side])[x < 50].sum() for side in ("low", "high"))
    assert low == pytest.approx(estimate["low"], rel=1e-3)
    assert high == pytest.approx(estimate["high"], rel=1e-3)
    assert estimate["spread"] == found.systematic < estimate["systematic"]
    method = found.as_source("tail")["method"]
    assert f"{found.systematic:.2g} is the spread of the accepted fits" in method
    assert f"{estimate['systematic']:.2g} with the statistical error of each" in method


def test_a_region_that_ends_at_the_fit_range_tells_nothing_more():
    *_, beside, fit = looked(60.5)
    assert beside is None
    assert fit["validation"] is None
