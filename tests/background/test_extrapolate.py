"""Extrapolations: closed results, invariances, errors, envelopes, what is refused."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

from na64ana.background import (
    Source,
    crystal_ball_tail,
    exponential,
    exponential_polynomial,
    expression_shape,
    extrapolate,
    flat,
    from_values,
    function_shape,
    gaussian_tail,
    power_law,
    sum_of,
    validate,
)
from na64ana.background.sideband import Sideband
from na64ana.errors import BackgroundError

WINDOW, BOX = (50.0, 80.0), (0.0, 50.0)


def energies(n=400, decay=5.0, seed=3):
    return 80 - np.random.default_rng(seed).exponential(decay, n)


def sideband(values=None, **options):
    values = energies() if values is None else values
    return from_values(values, WINDOW, BOX, unit="GeV", observable="E_ECAL", **options)


def binned(values, bins):
    counts, edges = np.histogram(values, bins, WINDOW)
    return Sideband("E_ECAL", "GeV", WINDOW, BOX, "low", edges=edges, counts=counts)


def test_a_power_law_has_a_closed_solution():
    # for x^n on (0, 80), cut at 50, the likelihood equation is solved by the n found here
    values = energies()
    values = values[(values >= 50) & (values < 80)]
    found = extrapolate(sideband(values), power_law(), seed=1, bootstrap=0, toys=1, enough=1)
    n = found.central.parameters["power"]
    m = n + 1
    mean = (
        math.log(80) * 80**m - math.log(50) * 50**m
    ) / (80**m - 50**m) - 1 / m  # fmt: skip
    assert np.log(values).mean() == pytest.approx(mean, abs=1e-4)
    assert found.value == pytest.approx(len(values) * 50**m / (80**m - 50**m), rel=1e-9)


def test_the_error_of_a_known_shape_is_that_of_the_count():
    shape = exponential().fix(slope=6.0)
    found = extrapolate(sideband(), shape, seed=1, bootstrap=2000, toys=1, enough=1)
    assert found.statistical == pytest.approx(found.value / math.sqrt(found.sideband_events))
    # 2000 replicas: the half-width of their central part is known to 2%, so to 8% at 4 sigma
    assert found.bootstrap == pytest.approx(found.statistical, rel=0.08)


def test_propagation_agrees_with_the_bootstrap():
    found = extrapolate(sideband(energies(2000)), seed=1, bootstrap=400, toys=1, enough=1)
    # 4.5% from 400 replicas, at 4 sigma
    assert found.bootstrap == pytest.approx(found.statistical, rel=0.18)
    assert found.failed_replicas == 0


@pytest.mark.parametrize(
    "shape", [exponential(), power_law(), exponential_polynomial(), gaussian_tail()],
    ids=lambda s: s.name,
)  # fmt: skip
def test_units_and_sides_do_not_matter(shape):
    values = energies()
    options: dict[str, Any] = {"seed": 1, "bootstrap": 20, "toys": 20, "enough": 5}
    gev = extrapolate(sideband(values), shape, **options)
    mev = from_values(values * 1000, (50e3, 80e3), (0, 50e3), unit="MeV")
    other = extrapolate(mev, shape, **options)
    for name in ("value", "statistical", "bootstrap"):
        assert getattr(other, name) == pytest.approx(getattr(gev, name), rel=1e-4)
    assert other.central.goodness is not None
    assert gev.central.goodness is not None
    assert other.central.goodness.probability == gev.central.goodness.probability
    if shape.name != "power law":  # which has an origin
        turned = from_values(100 - values, (20 + 1e-9, 50 + 1e-9), (50 + 1e-9, 100))
        mirrored = extrapolate(turned, shape, **options)
        assert mirrored.value == pytest.approx(gev.value, rel=1e-4)


def test_fine_bins_are_as_good_as_values():
    values = energies(1000)
    single = extrapolate(sideband(values), seed=1, bootstrap=0, toys=1, enough=1)
    fine = extrapolate(binned(values, 3000), seed=1, bootstrap=0, toys=1, enough=1)
    assert fine.value == pytest.approx(single.value, rel=2e-3)
    assert fine.statistical == pytest.approx(single.statistical, rel=2e-3)
    coarse = extrapolate(binned(values, 15), seed=1, bootstrap=20, toys=40)
    assert abs(coarse.value - single.value) < single.statistical


def test_the_seed_gives_the_result():
    def run(seed):
        return extrapolate(
            sideband(), shapes=[power_law()], ranges=[(55, 80)], seed=seed, bootstrap=20
        )

    first, again, other = run(5), run(5), run(6)
    assert first.to_dict() == again.to_dict()
    assert first.bootstrap != other.bootstrap
    assert (first.value, first.systematic) == (other.value, other.systematic)
    assert first.seed == 5
    json.dumps(first.to_dict(), allow_nan=False)


def test_envelopes_are_of_the_accepted_fits():
    found = extrapolate(
        sideband(),
        shapes=[power_law(), gaussian_tail(), flat()],
        ranges=[(50, 75), (60, 80)],
        seed=1,
        bootstrap=0,
    )
    fits = {(fit.shape, fit.window): fit for fit in found.fits}
    assert not fits["flat", WINDOW].accepted  # 400 events that fall by a factor 200
    ranges = [found.value, *(fits["exponential", w].value for w in ((50, 75), (60, 80)))]
    shapes = [found.value, *(fits[s, WINDOW].value for s in ("power law", "Gaussian tail"))]
    assert found.range_envelope == (min(ranges), max(ranges))
    assert found.shape_envelope == (min(shapes), max(shapes))
    off = [max(abs(v - found.value) for v in every) for every in (ranges, shapes)]
    assert found.systematic == pytest.approx(math.hypot(*off))
    low, high = found.total_interval
    for fit in found.fits:
        if fit.accepted:
            factor = math.exp(fit.error / fit.value)
            assert low <= fit.value / factor < fit.value * factor <= high


def test_a_variation_that_fails_is_kept_with_its_reason():
    found = extrapolate(sideband(energies(60)), ranges=[(50, 62), (50, 75)], seed=1, bootstrap=0)
    failed = [fit for fit in found.fits if fit.failure]
    assert [(fit.window, fit.events) for fit in failed] == [((50, 62), 2)]
    assert "2 events in the fit range 50 to 62" in failed[0].failure
    assert found.to_dict()["fits"][1]["value"] is None


def test_a_source_needs_a_systematic_error():
    found = extrapolate(sideband(), seed=1, bootstrap=0, toys=1, enough=1)
    assert found.systematic is None
    with pytest.raises(BackgroundError, match="'upstream': no fit range and no shape was varied"):
        found.as_source("upstream")
    varied = extrapolate(sideband(), shapes=[power_law()], seed=1, bootstrap=0)
    source = varied.as_source("upstream", {"record": "abc"})
    assert (source["value"], source["statistical"]) == (varied.value, varied.statistical)
    assert Source(**source).systematic == varied.budget_systematic
    fitted, parts = source["method"].split("; ")
    assert fitted.endswith(f"{varied.sideband_events} events in 50 to 80 GeV")
    assert parts == (
        f"systematic error: {varied.systematic:.2g} is the spread of the accepted fits, "
        f"{varied.budget_systematic:.2g} with the statistical error of each"
    )


def test_the_error_of_the_budget_contains_every_accepted_fit():
    shapes = [power_law(), crystal_ball_tail(), flat()]
    found = extrapolate(sideband(), shapes=shapes, ranges=[(55, 80)], seed=1, bootstrap=0)
    source = Source(**found.as_source("upstream"))
    assert found.systematic is not None
    assert source.systematic >= found.systematic
    for fit in found.fits:
        far = max(fit.value + fit.error - source.value, source.value - fit.value + fit.error)
        assert (far <= source.error * (1 + 1e-9)) is fit.accepted
    assert not found.fits[-1].accepted  # the flat shape is far off, and left out


def test_functions_of_users_are_fitted():
    python = function_shape("mine", lambda x, d: np.exp((x - 80) / d), {"d": (8.0, 0.5, 50.0)})
    text = expression_shape(
        "exp((x - 80*GeV)/d)", {"d": ("8 GeV", "0.5 GeV", "50 GeV")}, unit="GeV"
    )
    wanted = extrapolate(sideband(), seed=1, bootstrap=0, toys=1, enough=1)
    for shape in (python, text):
        found = extrapolate(sideband(), shape, seed=1, bootstrap=0, toys=1, enough=1)
        assert found.value == pytest.approx(wanted.value, rel=1e-3)
        assert found.statistical == pytest.approx(wanted.statistical, rel=1e-2)


def test_validation_predicts_the_rest():
    pulls: list[float] = []
    for seed in range(40):
        found = validate(sideband(energies(1000, 10, seed)), 65)
        assert found.fitted == (65.0, 80.0)
        assert found.fitted_events + found.observed == sideband(energies(1000, 10, seed)).events
        pulls.append(found.pull)
    # 40 normal pulls: mean 0 +- 0.16, and 5 sigma; a root mean square of 1 +- 0.11
    assert abs(np.mean(pulls)) < 0.8
    assert 0.5 < np.sqrt(np.mean(np.square(pulls))) < 1.6


# --------------------------------------------------------------------- what is refused


def refused(words, *arguments, **options):
    with pytest.raises(BackgroundError, match=words):
        extrapolate(*arguments, **{"seed": 1, "bootstrap": 0, **options})


def test_few_events():
    refused("1 event in .* 'exponential' has 1 parameter and needs at least 3", sideband([60.0]))
    refused("needs at least 4", sideband([60.0, 70, 75]), gaussian_tail())


def test_ranges_outside_the_sideband():
    refused("40 to 80 GeV is not inside the sideband", sideband(), window=(40, 80))
    refused("no event in 50 to 51 GeV", sideband(energies(30)), window=(50, 51))


def test_a_shape_that_does_not_describe_the_sideband():
    values = np.random.default_rng(1).normal(65, 2, 300)
    refused("'exponential' does not describe the 300 events", sideband(values))


def test_a_fit_without_a_minimum():
    values = np.full(50, 79.99999)
    refused("'slope' ended at its limit 500", sideband(values))
    undetermined = sum_of(exponential(), exponential()).fix(share=1.0)
    refused("did not converge", sideband(), undetermined)


def test_no_variation_works():
    refused("no variation of the shape gives a value.*fits badly", sideband(), shapes=[flat()])


def test_an_infinite_expectation():
    open_box = from_values(100 - energies(), (20, 50), (50, math.inf))
    assert extrapolate(open_box, seed=1, bootstrap=0, toys=1, enough=1).value > 0
    refused("is not finite", open_box, flat(), required=0)


def test_too_few_replicas():
    refused("5 bootstrap replicas say nothing", sideband(), bootstrap=5)
