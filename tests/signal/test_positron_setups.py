"""Beams of positrons: each covers the masses of its resonance, and together they reach further."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from click.testing import CliRunner

from na64ana import signal
from na64ana.cli import main
from na64ana.signal.annihilation import resonance_energy
from tests.signal.visible import EVENTS, reference

SCAN = signal.setups("poker")
MODEL = signal.model("dark-photon", dark_matter="scalar")
#: GeV
M_ELECTRON = 0.51099895e-3


def covered(run):
    """Masses of the resonance from the threshold to the beam energy."""
    return [np.sqrt(2 * M_ELECTRON * energy) for energy in (run.threshold, run.beam_energy)]


def test_the_scan():
    assert [run.beam_energy for run in SCAN] == [40, 60, 70, 100]
    assert {run.beam for run in SCAN} == {"positron"}
    assert sum(run.exposure for run in SCAN[:2]) == 1e11
    for run in SCAN:
        assert run.threshold == run.beam_energy / 2
        assert "chosen" in run.source


def test_poker_hits_lead_tungstate():
    assert [run.target for run in SCAN] == ["PbWO4", "PbWO4", "Pb", "Pb"]


@pytest.mark.parametrize("name", ["poker-40", "poker-60"])
def test_crystals_have_more_electrons_in_a_radiation_length(name):
    """At resonance by N_A X0 <Z/A>, 7.39 g/cm^2 x 0.41315 over 6.37 g/cm^2 x 82/207.2 (PDG)."""
    masses = [covered(signal.setup(name))[0] * 1.1]
    crystals, lead = (
        np.array(signal.reach(MODEL, signal.setup(name, target=of), masses, EVENTS).limit, float)
        for of in ("PbWO4", "Pb")
    )
    more = (7.39 * 0.41315) / (6.37 * 82 / 207.2)
    assert (lead / crystals) ** 2 == pytest.approx(more, rel=2e-3)


def test_the_scan_covers_the_masses_of_the_talk_without_a_gap():
    entry = reference("positron_scan_masses")
    ranges = [covered(run) for run in SCAN]
    assert ranges[0][0] == pytest.approx(entry["value"]["from_GeV"], rel=entry["tolerance"])
    # 40 and 60 GeV alone cover what is asked for
    assert ranges[1][1] == pytest.approx(entry["value"]["to_GeV"], rel=entry["tolerance"])
    for lower, upper in pairwise(ranges):
        assert upper[0] < lower[1]


@pytest.mark.parametrize("run", SCAN, ids=lambda run: run.name)
def test_a_beam_reaches_further_between_the_masses_of_its_resonance(run):
    low, high = covered(run)
    assert resonance_energy(high) == pytest.approx(run.beam_energy, rel=1e-4)
    masses = [0.93 * low, 1.05 * low, 0.985 * high, 1.1 * high]
    limits = np.array(signal.reach(MODEL, run, masses, EVENTS).limit, dtype=float)
    below, first, last, above = limits
    # 9 and 16 times as many events
    assert first < below / 3
    assert last < above / 4
    # the beam itself, before it has lost energy, makes the most
    assert last < first


def test_together_they_give_the_sum():
    """Events go with the square of the coupling, so inverse squares of limits add up."""
    masses = [0.17, 0.26]
    each = np.array([signal.reach(MODEL, run, masses, EVENTS).limit for run in SCAN])
    together = np.array(signal.reach(MODEL, SCAN, masses, EVENTS).limit)
    assert together**-2 == pytest.approx((each**-2).sum(axis=0), rel=1e-6)


def test_electrons_stay_the_default():
    result = CliRunner().invoke(main, ["reach", "dark-photon", "--masses", "0.1"])
    assert result.exit_code == 0, result.output
    assert "na64e: 9.37e+11 electrons of 100 GeV" in result.output
    result = CliRunner().invoke(
        main, ["reach", "dark-photon", "--setup", "poker", "--masses", "0.19"]
    )
    assert [run.name for run in SCAN if f"{run.name}: " not in result.output] == []
