"""Data of a sideband: from regions and histograms, and every range that must not be used."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from na64ana import histograms
from na64ana.background import extrapolate, from_histogram, from_region, from_values
from na64ana.errors import BackgroundError
from na64ana.exact import Weights
from na64ana.histograms import Binning

WINDOW, BOX = (50.0, 80.0), (0.0, 50.0)
VALUES = 80 - np.random.default_rng(3).exponential(5, 400)


def record(values=VALUES, sums=None) -> Any:
    region = SimpleNamespace(kept={"ecal_total": values}, tally=SimpleNamespace(sums=sums))
    return SimpleNamespace(regions={"ecal_sideband": region})


def histogram(edge, *, across=False, weights=None):
    """E_ECAL in bins of 2 GeV, blind below an edge; with hcal_total in bins of 1 GeV."""
    axes: tuple[Binning, ...] = (Binning("E_ECAL [GeV]", (0.0, 100.0), 50),)
    box: tuple[Any, ...] = ((0.0, edge, True, False),)
    coordinates = [VALUES]
    if across:
        axes = (*axes, Binning("E_HCAL [GeV]", (0.0, 10.0), 10))
        box = (*box, (0.0, 1.0, True, False))
        coordinates.append(np.where(np.arange(400) % 4 == 0, 5.5, 0.5))
    made = histograms.empty(
        "ecal", "main", axes, ("last",), (), (((box, True),),), weighted=weights is not None
    )
    return histograms.fill(
        made,
        coordinates,
        np.ones(400, dtype=int),
        {"last": 1},
        None if weights is None else Weights.of(weights),
    )


def in_window(values):
    return int(np.count_nonzero((values >= 50) & (values < 80)))


def test_a_region_gives_its_values():
    found = from_region(record(), "ecal_sideband", "ecal_total", WINDOW, BOX, unit="GeV")
    assert found.direction == "low"
    assert found.events == in_window(VALUES)
    assert found.sample((60, 70)).events == int(np.count_nonzero((VALUES >= 60) & (VALUES < 70)))


def test_a_histogram_gives_its_bins():
    found = from_histogram(histogram(50), "last", WINDOW, BOX, unit="GeV")
    assert found.events == in_window(VALUES)
    assert found.sample((60, 70)).events == int(np.count_nonzero((VALUES >= 60) & (VALUES < 70)))
    fine = from_values(VALUES, WINDOW, BOX)
    one, two = (extrapolate(s, seed=1, bootstrap=0, toys=1, enough=1) for s in (found, fine))
    assert abs(one.value - two.value) < 0.5 * two.statistical  # bins of 2 GeV lose little
    assert one.value != two.value


def test_two_axes_are_summed_across():
    found = from_histogram(histogram(50, across=True), "last", WINDOW, BOX, across=(0, 1))
    assert found.events == in_window(VALUES[np.arange(400) % 4 != 0])
    with pytest.raises(BackgroundError, match="has 2 axes"):
        from_histogram(histogram(50, across=True), "last", WINDOW, BOX)


@pytest.mark.parametrize("across", [None, (0, 2)])
def test_a_masked_bin_is_refused(across):
    shown = histogram(51, across=across is not None)
    with pytest.raises(BackgroundError, match="bins in 50 to 80 GeV are masked"):
        from_histogram(shown, "last", WINDOW, BOX, across=across, unit="GeV")
    assert from_histogram(shown, "last", (52, 80), BOX, across=across).events > 0


@pytest.mark.parametrize(
    ("window", "place", "words"),
    [
        ((51, 80), "last", "51 is not the edge of a bin; the nearest is 5[02]"),
        ((50, 80), "lst", r"has no place 'lst' \(last\)"),
        ((90, 100), "last", "the sideband 90 to 100 is empty"),
    ],
)
def test_what_a_histogram_does_not_have(window, place, words):
    with pytest.raises(BackgroundError, match=words):
        from_histogram(histogram(50), place, window, BOX)


def test_weights_are_refused():
    with pytest.raises(BackgroundError, match="events have weights"):
        from_histogram(histogram(50, weights=np.ones(400)), "last", WINDOW, BOX)
    with pytest.raises(BackgroundError, match="events have weights"):
        from_region(record(sums=1), "ecal_sideband", "ecal_total", WINDOW, BOX)


@pytest.mark.parametrize(
    ("region", "observable", "words"),
    [
        ("ecal_sidebnd", "ecal_total", "did you mean 'ecal_sideband'"),
        ("ecal_sideband", "ecal_totl", "did you mean 'ecal_total'.*write keep:"),
    ],
)
def test_unknown_names(region, observable, words):
    with pytest.raises(BackgroundError, match=words):
        from_region(record(), region, observable, WINDOW, BOX)


@pytest.mark.parametrize(
    ("window", "box", "options", "words"),
    [
        ((45, 80), BOX, {}, "the sideband 45 to 80 GeV reaches into the box 0 to 50 GeV"),
        ((50, 85), BOX, {"threshold": 80}, "passes the trigger threshold at 80 GeV"),
        ((50, 80), BOX, {"direction": "high"}, "on the low side of the sideband"),
        ((80, 50), BOX, {}, "the sideband 80 to 50 GeV is no range"),
        ((50, np.inf), BOX, {}, "is no range|must have two edges"),
        ((50, 80), (50, 0), {}, "the box 50 to 0 GeV is no range"),
        ((50, 80), (np.nan, 50), {}, "the box nan to 50 GeV is no range"),
        ((90, 95), BOX, {}, "the sideband 90 to 95 GeV is empty"),
    ],
)
def test_ranges_that_are_refused(window, box, options, words):
    with pytest.raises(BackgroundError, match=words):
        from_values(VALUES, window, box, unit="GeV", **options)


def test_missing_values_are_refused():
    with pytest.raises(BackgroundError, match="2 of 3 events have no value of 'x'"):
        from_values([60, np.nan, np.inf], WINDOW, BOX)
