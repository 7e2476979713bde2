"""Data on simulation: the numbers drawn are those of the records, and what cannot be is refused."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from na64ana.cutflow import poisson_interval
from na64ana.errors import RecordError
from na64ana.plot import data_and_simulation, to_svg
from na64ana.run import run


@pytest.fixture(scope="module")
def records(tmp_path_factory, write_events, small_selection):
    """Twelve events of data and thirty simulated, with energies in two bins."""
    folder, selection = tmp_path_factory.mktemp("both"), small_selection()

    def made(name, events, kind):
        rows = [(1, 1, n, 100.0, 0.05, 75.0 + 20 * (n % 3 == 0)) for n in range(events)]
        file = write_events(folder / f"{name}.root", rows, kind=kind)
        return run(selection, file, progress=False)

    return made("data", 12, None), made("simulation", 30, "simulation")


def drawn(plot):
    """Return centres, values and ends of the points in both parts."""
    found = []
    for axes in plot.figure.axes:
        (container,) = axes.containers
        line, _, (bars,) = container
        ends = np.array([segment[:, 1] for segment in bars.get_segments()])
        found.append((line.get_xdata(), line.get_ydata(), ends))
    return found


def test_points_bars_and_ratio_are_those_of_the_records(records):
    data, simulation = records
    upper, lower = drawn(data_and_simulation(data, simulation, "energies", "time", scale=0.5))
    counts = data.booked["energies"].values[1][1:-1]
    expected = 0.5 * simulation.booked["energies"].values[1][1:-1]
    filled = counts > 0
    assert counts[filled].tolist() == [8, 4]
    np.testing.assert_array_equal(upper[1], counts[filled])
    ends = [poisson_interval(int(n)) for n in counts[filled]]
    np.testing.assert_allclose(upper[2], ends)
    np.testing.assert_allclose(lower[1], (counts / np.where(expected, expected, 1))[filled])
    np.testing.assert_allclose(lower[2], np.array(ends) / expected[filled, None])


def test_words_tell_the_sums_and_each_bin(records):
    data, simulation = records
    plot = data_and_simulation(data, simulation, "energies", "time", scale=0.5, ratio=(0.8, 0.1))
    assert plot.words == "12 events of data, 15 simulated"
    said = [hover.words for hover in plot.hovers if "0 in data, 0 ±" not in hover.words]
    assert [re.findall(r"(\d+) in data, ([\d.]+) ± ([\d.]+) sim", words)[0] for words in said] == [
        ("8", "10", "2.2"), ("4", "5", "1.6"),
    ]  # fmt: skip
    assert to_svg(plot).count("in data") == len(plot.hovers)


def test_what_cannot_be_compared_is_refused(records):
    data, simulation = records
    for message, arguments in (
        ("exposure of the data is not known", (data, simulation, "energies")),
        ("no histogram 'energy'.*did you mean 'energies'", (data, simulation, "energy", "time")),
        ("no place 'tim'.*did you mean 'time'", (data, simulation, "energies", "tim")),
        ("of the same events", (data, replace(simulation, sha256="0" * 64), "energies", "time")),
    ):
        scale = None if "exposure" in message else 1.0
        with pytest.raises(RecordError, match=message):
            data_and_simulation(*arguments, scale=scale)
