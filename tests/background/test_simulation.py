"""Dimuons, decays in flight, punch-through."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import hepunits
import numpy as np
import pytest
from particle import literals

from na64ana.background import (
    PARTICLES,
    BeamParticle,
    Budget,
    Count,
    Measured,
    Share,
    corrected,
    decay_probability,
    decays_in_flight,
    dimuon_ratio,
    dimuon_source,
    leakage,
    punch_through,
    region_count,
    source_from,
)
from na64ana.cutflow import InputFile, Record
from na64ana.cutflow.ledger import Entry, Ledger, LedgerDataset
from na64ana.errors import BackgroundError, RecordError
from na64ana.evaluate import evaluate
from na64ana.selection import Selection

# ----------------------------------------------------------- decays in flight


@pytest.mark.parametrize(
    ("name", "listed"),
    [("pi", literals.pi_plus), ("K", literals.K_plus), ("mu", literals.mu_minus)],
)
def test_masses_and_lifetimes_are_those_of_the_particle_data_group(name, listed):
    assert listed.mass is not None
    assert PARTICLES[name].mass == pytest.approx(listed.mass / 1000, rel=1e-7)
    # of the kaon from its width, given there with four digits
    assert PARTICLES[name].lifetime == pytest.approx(listed.lifetime, rel=1e-4)


def test_the_speed_of_light():
    flight = PARTICLES["mu"].ctau / PARTICLES["mu"].lifetime
    assert flight == pytest.approx(hepunits.c_light / (hepunits.m / hepunits.ns), rel=1e-12)


@pytest.mark.parametrize(
    ("name", "ctau", "half_a_digit"),
    [("pi", 7.8045, 5e-5), ("K", 3.711, 5e-4), ("mu", 658.638, 5e-4)],
)
def test_flight_at_rest_as_printed_in_the_listings(name, ctau, half_a_digit):
    assert PARTICLES[name].ctau == pytest.approx(ctau, abs=half_a_digit)


def test_a_pion_of_100_gev_over_100_m():
    # gamma beta c tau = 100 / 0.13957039 x 7.8045 m = 5591.8 m
    assert decay_probability("pi", 100, 100) == pytest.approx(-math.expm1(-100 / 5591.8), rel=1e-4)


@pytest.mark.parametrize("name", PARTICLES)
def test_two_flights_are_one(name):
    once, again, both = (decay_probability(name, 50, length) for length in (30, 70, 100))
    assert both == pytest.approx(once + (1 - once) * again)
    assert decay_probability(name, 50, 0) == 0
    assert decay_probability(name, 1e-6, 1e6) == 1


def test_expected_decays_are_the_product():
    beam = [BeamParticle("pi", Measured(2e-3, 2e-4), Measured(0.5, 0.05))]
    found = decays_in_flight(
        "decays", beam, [Measured(1e11), Measured(1e-6, 1e-7)], momentum=100, length=Measured(20)
    )
    value = 1e11 * 2e-3 * decay_probability("pi", 100, 20) * 1.230e-4 * 0.5 * 1e-6
    assert found.value == pytest.approx(value)
    relative = math.hypot(0.1, 0.1, 0.1, 0.004 / 1.230)
    assert (found.statistical, found.systematic) == pytest.approx((0, value * relative))


def test_particles_add_and_their_common_factors_move_together():
    pi = BeamParticle("pi", Measured(2e-3), Measured(0.5))
    mu = BeamParticle("mu", Measured(1e-3), Measured(0.2))
    common = [Measured(1e9, 1e8)]
    each = [decays_in_flight("x", [one], common, momentum=100, length=Measured(20, 2))
            for one in (pi, mu)]  # fmt: skip
    both = decays_in_flight("x", [pi, mu], common, momentum=100, length=Measured(20, 2))
    assert both.value == pytest.approx(sum(source.value for source in each))
    # but for the branching fraction of the pion, errors are common: they add up
    assert both.error == pytest.approx(sum(source.error for source in each), rel=0.01)


def test_the_error_of_the_length_is_what_a_longer_flight_does():
    def at(length: Measured) -> Any:
        beam = [BeamParticle("mu", Measured(1e-3), Measured(0.5))]
        return decays_in_flight("x", beam, [Count(10**6)], momentum=100, length=length)

    step = 1e-3
    slope = (at(Measured(20 + step)).value - at(Measured(20 - step)).value) / (2 * step)
    assert at(Measured(20, 3)).systematic == pytest.approx(3 * slope, rel=1e-6)


def test_a_rejection_of_none_gives_a_bound():
    beam = [BeamParticle("K", Measured(1e-4), Measured(1.0))]
    found = decays_in_flight("x", beam, [Measured(1e9), Share(0, 10**6)], momentum=100,
                             length=Measured(20))  # fmt: skip
    share = PARTICLES["K"].to_electron.value * decay_probability("K", 100, 20)
    assert found.upper == pytest.approx(1e5 * share * -math.expm1(math.log(0.1) / 10**6), rel=0.001)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("Pi", 100, 1), "unknown particle 'Pi' .*did you mean 'pi'"),
        (("pi", 0, 1), "momentum 0 GeV"),
        (("pi", 100, -1), "length -1 m"),
        (("pi", math.nan, 1), "momentum nan GeV"),
    ],
)
def test_impossible_flights_are_refused(arguments, words):
    with pytest.raises(BackgroundError, match=words):
        decay_probability(*arguments)


def test_impossible_beams_are_refused():
    good = BeamParticle("pi", Measured(1e-3), Measured(0.5))
    bad = replace(good, acceptance=Measured(0.5, -0.1))
    for beam, length, words in (
        ([], Measured(1), "no particle"),
        ([bad], Measured(1), "negative"),
        ([good], Measured(1, -1), "error of the length"),
    ):
        with pytest.raises(BackgroundError, match=words):
            decays_in_flight("x", beam, [], momentum=100, length=length)


# -------------------------------------------------------------- punch-through


def test_no_leak_seen_is_a_bound_to_the_power():
    # Clopper and Pearson for 0 of N: 1 - (1 - CL)^(1/N)
    found = punch_through("n, K0", Measured(5e6), leakage(0, 1000, 3), cl=0.90)
    assert found.upper == pytest.approx(5e6 * (1 - 0.1 ** (1 / 1000)) ** 3)
    assert found.upper_cl == 0.90
    loose = punch_through("n, K0", Measured(5e6, 1e6), leakage(0, 1000, 3), cl=0.90).upper
    assert loose is not None
    assert found.upper is not None
    assert loose > found.upper


def test_leaks_seen_give_a_value_with_its_error():
    hadrons, leak = Count(10_000), leakage(5000, 100_000, 2)
    found = punch_through("n, K0", hadrons, leak, Measured(0.5, 0.1))
    assert found.value == pytest.approx(10_000 * 0.05**2 * 0.5)
    # to first order: twice the relative error of the share, and that of the count
    relative = math.hypot(2 * math.sqrt(0.05 * 0.95 / 100_000) / 0.05, 0.01)
    assert found.statistical / found.value == pytest.approx(relative, rel=0.03)
    assert found.systematic / found.value == pytest.approx(0.2)


def test_more_modules_leak_less():
    values = [punch_through("x", Count(100), leakage(5, 100, n)).value for n in (1, 2, 3)]
    assert values == pytest.approx([5, 0.25, 0.0125])
    with pytest.raises(BackgroundError, match="0 modules"):
        leakage(5, 100, 0)
    with pytest.raises(BackgroundError, match="more passed"):
        punch_through("x", Count(100), leakage(101, 100, 2))


# ------------------------------------------------------------------- dimuons

SELECTION: dict[str, Any] = {
    "name": "counting",
    "layout": "na64-tout",
    "cuts": [
        {"name": "half", "require": "event % 2 == 0"},
        {"name": "box", "require": "event < 10"},
    ],
    "channels": {"dimuon": {"after": "half", "cuts": [{"name": "pair", "require": "event < 400"}]}},
    "regions": {"signal": {"cuts": ["box"], "blind": True}, "side": {"where": "event >= 900"}},
}


def record(
    kind: str, processed: int, *, weight: str = "", known: bool = True, **more: Any
) -> Record:
    """A thousand events: 500 pass half, 5 the box, 200 the channel of dimuons."""
    selection = Selection.from_dict(SELECTION | ({"weight": weight} if weight else {}) | more)
    columns = {"run": np.ones(1000, int), "spill": np.ones(1000, int), "event": np.arange(1000)}
    file = InputFile("a.root", "u", 1000, ((0, 1000),), kind=kind)
    made = evaluate(
        columns, selection.bind(selection.layout()), inputs=[file], blind=kind == "data"
    )
    ledger = Ledger(
        (Entry("x", 1, 1, ("a.root",), processed, "processed"),),
        (LedgerDataset("x", "0" * 64, "EOT"),),
    )
    return replace(made, sha256="0" * 64, ledger=ledger if known else Ledger())


def test_the_ratio_is_per_exposure():
    # data: 195 pairs in 1000 EOT (5 of the 200 lie in the blind box); simulation: 200 in 800
    found = dimuon_ratio(record("data", 1000), record("simulation", 800), exposure_error=0.05)
    assert found.value == pytest.approx(195 / 1000 / (200 / 800))
    # one sigma of 195 by Garwood is 14.98 above
    statistical = math.hypot(14.98 / 195, 1 / math.sqrt(200))
    assert found.statistical == pytest.approx(found.value * statistical, rel=1e-3)
    assert found.systematic == pytest.approx(found.value * 0.05)


def test_a_bias_of_the_simulation_is_in_its_weights():
    plain = dimuon_ratio(record("data", 1000), record("simulation", 800))
    biased = dimuon_ratio(record("data", 1000), record("simulation", 80000, weight="100 + 0*event"))
    assert biased.value == pytest.approx(plain.value)
    assert biased.statistical == pytest.approx(plain.statistical)


def test_the_ratio_corrects_signal_and_background_together():
    ratio = dimuon_ratio(record("data", 1000), record("simulation", 800), exposure_error=0.05)
    efficiency = corrected(Measured(0.5, 0.05), ratio)
    assert efficiency.value == pytest.approx(0.5 * ratio.value)
    relative = math.hypot(0.1, ratio.error / ratio.value)
    assert efficiency.error == pytest.approx(efficiency.value * relative)
    losses = dimuon_source("losses", record("simulation", 800), ratio, exposure=160)
    decays = dimuon_source("decays", record("simulation", 1600), ratio, exposure=160)
    assert losses.value == pytest.approx(5 * 160 / 800 * ratio.value)
    assert losses.systematic == pytest.approx(losses.value * ratio.error / ratio.value)
    budget = Budget((losses, decays), factors=(ratio.shared("losses", "decays"),))
    assert budget.factors[0].signal
    systematic = losses.systematic + decays.systematic
    statistical = math.hypot(losses.statistical, decays.statistical)
    assert budget.total().error == pytest.approx(math.hypot(systematic, statistical))


def test_weights_that_vary():
    ratio = dimuon_ratio(record("data", 1000), record("simulation", 800))
    simulation = record("simulation", 800, weight="1 + event % 3")
    weights = [1 + event % 3 for event in (0, 2, 4, 6, 8)]
    found = dimuon_source("losses", simulation, ratio, exposure=800)
    assert found.value == pytest.approx(sum(weights) * ratio.value)
    error = math.sqrt(sum(w * w for w in weights))
    assert found.statistical == pytest.approx(error * ratio.value)
    assert found.systematic == pytest.approx(sum(weights) * ratio.error)


NO_EVENT: dict[str, Any] = {"cuts": [{"name": "half", "require": "event < 1000"},
                     {"name": "box", "require": "event < 0"}]}  # fmt: skip


def test_no_simulated_event_left_is_a_bound():
    ratio = dimuon_ratio(record("data", 1000), record("simulation", 800))
    exact = ratio._replace(statistical=0.0, systematic=0.0)
    none = record("simulation", 8000, weight="2 + 0*event", **NO_EVENT)
    found = dimuon_source("losses", none, exact, exposure=1000)
    assert found.upper == pytest.approx(-math.log(0.1) * 2 * 1000 / 8000 * exact.value)
    with pytest.raises(BackgroundError, match="weights vary"):
        dimuon_source("losses", record("simulation", 8000, weight="1 + event % 3", **NO_EVENT), exact,
                      exposure=1000)  # fmt: skip


def test_what_gives_no_ratio_is_refused():
    data, simulation = record("data", 1000), record("simulation", 800)
    with pytest.raises(BackgroundError, match="not of simulation to data"):
        dimuon_ratio(simulation, data)
    with pytest.raises(
        BackgroundError, match="no cut 'pairs' in channel 'dimuon'; did you mean 'pair'"
    ):
        dimuon_ratio(data, simulation, cut="pairs")
    with pytest.raises(RecordError, match="no channel 'dimuons'"):
        dimuon_ratio(data, simulation, channel="dimuons")
    with pytest.raises(RecordError, match="no exposure"):
        dimuon_ratio(data, record("simulation", 800, known=False))
    with pytest.raises(BackgroundError, match="after 'box' is blinded"):
        dimuon_ratio(data, simulation, channel="main")
    with pytest.raises(BackgroundError, match=r"error of the exposure is -0\.1"):
        dimuon_ratio(data, simulation, exposure_error=-0.1)
    nothing: dict[str, Any] = {
        "channels": {
            "dimuon": {"after": "half", "cuts": [{"name": "pair", "require": "event < 0"}]}
        }
    }
    with pytest.raises(BackgroundError, match="0 events of data"):
        dimuon_ratio(record("data", 1000, **nothing), simulation)
    with pytest.raises(BackgroundError, match="0 simulated"):
        dimuon_ratio(data, record("simulation", 800, **nothing))
    with pytest.raises(BackgroundError, match="of data, not simulation"):
        dimuon_source("x", data, dimuon_ratio(data, simulation), exposure=1)


def test_counts_of_regions():
    # of the 100 events there, those that pass the cut 'half'
    assert region_count(record("data", 10), "side") == Count(50)
    with pytest.raises(BackgroundError, match=r"no region 'sides' .*did you mean 'side'"):
        region_count(record("data", 10), "sides")
    with pytest.raises(BackgroundError, match="weighted"):
        region_count(record("simulation", 10, weight="2 + 0*event"), "side")


def test_nothing_known_exactly_is_no_bound():
    with pytest.raises(BackgroundError, match="'x': its error is zero"):
        source_from("x", [Measured(0.0), Measured(3.0, 0.1)])
